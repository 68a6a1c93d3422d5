"""What a user does with the app, in the words of its Chinese pages."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

from tests.browsing import COLOURS, sync_api

MARK = "window.mark"
OPEN_AGAIN = 10


@dataclass
class App:
    """The app in a browser's page."""

    page: sync_api.Page
    address: str

    def open(self) -> App:
        """Open the first page and wait for its map."""
        self.page.goto(self.address)
        self.map()
        self.settle()
        return self

    def turn_to(self, title: str) -> None:
        """Go to a page by its name in the bar."""
        self.page.get_by_role("link", name=title).click()
        self.page.get_by_role("heading", name=title).wait_for()
        self.settle()

    def settle(self) -> None:
        """Wait until the app has done what was asked."""
        self.page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for()

    def tab(self, name: str) -> sync_api.Locator:
        """Turn to a tab and give what it shows."""
        self.page.get_by_role("tab", name=name).click()
        return self.page.get_by_role("tabpanel").filter(visible=True)

    def choose(self, field: str, option: str) -> None:
        """Choose from a list; one that the page drew anew meanwhile is opened again."""
        box = self.page.get_by_role("combobox", name=field)
        wanted = self.page.get_by_role("option", name=option)
        for _attempt in range(OPEN_AGAIN):
            box.press("ArrowDown")
            with suppress(sync_api.TimeoutError):
                wanted.click(timeout=3000)
                break
        self.page.keyboard.press("Escape")
        self.settle()

    def map(self) -> sync_api.Frame:
        """Wait until the map has drawn its ground and names, and give its frame."""
        frame = self.page.locator("iframe.stIFrame").element_handle().content_frame()
        for pane in ("tile", "names"):
            frame.wait_for_function(
                f"document.querySelectorAll('.leaflet-{pane}-pane .leaflet-tile-loaded').length > 3"
            )
        return frame

    def mark_map(self) -> None:
        """Leave a mark on the map's window; a map that is loaded again has lost it."""
        self.map().evaluate(f"{MARK} = 1")

    def map_is_marked(self) -> bool:
        """Say whether it is still the map that was marked."""
        return self.map().evaluate(f"{MARK} === 1")

    def colours(self, pane: str) -> int:
        """Count the colours drawn in a pane of the map."""
        return self.map().evaluate(COLOURS, f".leaflet-{pane}-pane canvas")

    def legend(self) -> dict[str, str]:
        """Give the rows of the map's legend with what stands behind them, such as a count."""
        rows = self.map().evaluate(
            """[...document.querySelectorAll(".pm-row")].map((row) => [
              row.querySelector(".pm-name").textContent,
              row.querySelector(".pm-detail")?.textContent ?? "",
            ])"""
        )
        return dict(rows)

    def is_wider_than_screen(self) -> bool:
        """Say whether a user would have to push the page sideways."""
        return self.page.evaluate(
            "document.querySelector('[data-testid=stMain]').scrollWidth > window.innerWidth"
        )
