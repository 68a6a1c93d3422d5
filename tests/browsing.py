"""A real browser that reaches this machine only, and notes everything that goes wrong."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pytest

sync_api = pytest.importorskip("playwright.sync_api")

FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
DESKTOP = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 844}
NAMES = ("chromium", "chromium-browser", "google-chrome")
# How many colours the canvases of a selector hold; one means that nothing was drawn.
COLOURS = """selector => {
  const seen = new Set();
  for (const canvas of document.querySelectorAll(selector)) {
    const { width, height } = canvas;
    if (!width) continue;
    const { data } = canvas.getContext("2d").getImageData(0, 0, width, height);
    for (let at = 0; at < data.length; at += 4 * 7) seen.add(data.slice(at, at + 4).join());
  }
  return seen.size;
}"""


@contextmanager
def launched() -> Iterator[sync_api.Browser]:
    """Start Chromium; without one the test is skipped."""
    path = next((path for name in NAMES if (path := shutil.which(name))), None)
    if path is None:
        pytest.skip(f"no browser on this machine: none of {', '.join(NAMES)}")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@dataclass
class Watch:
    """What went wrong in a page: faults of scripts, refused answers, calls to the outside."""

    faults: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    outside: list[str] = field(default_factory=list)

    def follow(self, page: sync_api.Page) -> None:
        """Note what the page does from now on, and let it reach nothing but this machine."""
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("response", self._judge)
        page.on("websocket", lambda socket: self._note(socket.url))
        page.context.on("request", lambda request: self._note(request.url))
        page.route("**/*", self._guard)

    def _hear(self, said: sync_api.ConsoleMessage) -> None:
        if said.type == "error":
            self.faults.append(f"{said.text} {said.location.get('url', '')}")

    def _judge(self, response: sync_api.Response) -> None:
        if response.status >= 400:
            self.refused.append(f"{response.status} {response.url}")

    def _note(self, address: str) -> None:
        if not is_local(address):
            self.outside.append(address)

    def _guard(self, route: sync_api.Route) -> None:
        if is_local(route.request.url):
            route.continue_()
        else:
            route.abort()


def is_local(address: str) -> bool:
    """Say whether an address stays on this machine."""
    parts = urlsplit(address)
    return parts.scheme in ("data", "blob", "about") or parts.hostname in ("localhost", "127.0.0.1")
