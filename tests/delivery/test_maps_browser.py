"""The page of a map in a real browser that reaches nothing but what the page carries."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from patrolmap.delivery.basemap import keep_basemap
from patrolmap.delivery.maps import map_html
from tests.delivery.conftest import HOSTILE
from tests.delivery.pages import draw_tiny, make_hostile, write_page

sync_api = pytest.importorskip("playwright.sync_api")

pytestmark = pytest.mark.browser

FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
APP = "http://localhost"
MAP = "map_0000"
ROUTES = ".leaflet-routes-pane canvas"
# How many colours a canvas holds; one means that nothing was drawn.
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


@dataclass
class Watch:
    """What went wrong in a page, and what it asked for."""

    faults: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def chromium() -> Iterator[sync_api.Browser]:
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        pytest.skip("no Chromium on this machine")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def page(chromium, vendor) -> Iterator[sync_api.Page]:
    page = chromium.new_page(viewport={"width": 1280, "height": 800})
    yield page
    page.close()


@pytest.fixture
def watch(page) -> Watch:
    """Refuse every request but those for files on disk, and note every fault."""
    seen = Watch()
    page.on("console", lambda said: seen.faults.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: seen.faults.append(str(error)))

    def guard(route: sync_api.Route) -> None:
        address = route.request.url
        if address.startswith(("file:", "data:", "blob:")):
            route.continue_()
        else:
            seen.asked.append(address)
            route.abort()

    page.route("**/*", guard)
    return seen


@pytest.fixture
def basemap(tiny, tmp_path) -> Path:
    return keep_basemap(tiny["streets"], tiny["basemap"], tmp_path / "static" / "basemaps")


def _wait_for_tiles(frame) -> None:
    """Wait until both tile layers have drawn: the ground, and the names above the cells."""
    for pane in ("tile", "names"):
        frame.wait_for_function(
            f"document.querySelectorAll('.leaflet-{pane}-pane .leaflet-tile-loaded').length > 3"
        )


def _open(page, map_, folder: Path) -> None:
    page.goto(write_page(map_html(map_, assets="inline"), folder))
    _wait_for_tiles(page)


def test_the_whole_page_draws_everything_and_asks_for_nothing(
    page, watch, tiny, plan, basemap, tmp_path
):
    _open(page, draw_tiny(tiny, plan=plan, basemap=basemap), tmp_path)
    assert page.evaluate("L.version") == "1.9.3"
    assert page.evaluate(COLOURS, ".leaflet-tile-pane canvas") > 10  # streets, water, park
    assert page.evaluate(COLOURS, ".leaflet-names-pane canvas") > 10  # names of streets
    assert page.evaluate(COLOURS, ".leaflet-overlay-pane canvas") > 5  # steps of cells
    assert page.evaluate(COLOURS, ROUTES) > 5
    assert page.locator(".leaflet-marker-pane .pm-stop").all_inner_texts() == ["U1\n1", "U1\n2"]
    assert page.locator(".leaflet-marker-pane .pm-post:not(.pm-stop)").count() == 2
    assert page.locator(".pm-caveats").inner_text().endswith("© OpenStreetMap contributors")
    assert watch == Watch()


def test_a_click_on_a_stop_tells_when_and_why(page, watch, tiny, plan, basemap, tmp_path):
    _open(page, draw_tiny(tiny, plan=plan, basemap=basemap), tmp_path)
    page.locator(".pm-stop", has_text="2").click()
    card = page.locator(".pm-card")
    card.wait_for()
    assert card.locator("h3").inner_text() == "U1 · WN12"
    assert card.locator("dt").inner_text() == "08:10–08:22"
    assert card.locator("dd").inner_text() == "2. patrol: incidents 41 %, venues 33 %"
    assert watch == Watch()


def test_a_click_on_a_cell_tells_its_priority(page, watch, tiny, basemap, tmp_path):
    _open(page, draw_tiny(tiny, basemap=basemap), tmp_path)
    at = page.evaluate(
        f"(([lat, lon]) => {MAP}.latLngToContainerPoint([lat, lon]))([31.7024, 119.9700])"
    )
    page.mouse.click(at["x"], at["y"])
    page.locator(".pm-card dt", has_text="priority").wait_for()
    assert watch == Watch()


def test_switches_add_and_remove_their_layers(page, watch, tiny, plan, basemap, tmp_path):
    _open(page, draw_tiny(tiny, plan=plan, basemap=basemap), tmp_path)
    stops = page.locator(".leaflet-marker-pane .pm-stop")
    hazards = page.locator(".leaflet-marker-pane .pm-hazard")
    page.get_by_label("U1").uncheck()
    assert stops.count() == 0
    page.wait_for_function(f"({COLOURS})('{ROUTES}') === 1")
    page.get_by_label("U1").check()
    assert stops.count() == 2
    assert hazards.count() == 0
    page.get_by_label("Open hazards").check()
    assert hazards.count() == 2
    assert watch == Watch()


def test_one_switch_turns_all_crews_off_and_on(page, watch, tiny, plan, basemap, tmp_path):
    pair = replace(plan, routes=(plan.routes[0], replace(plan.routes[0], unit_id="U2")))
    _open(page, draw_tiny(tiny, plan=pair, basemap=basemap), tmp_path)
    stops = page.locator(".leaflet-marker-pane .pm-stop")
    assert stops.count() == 4
    page.get_by_label("all", exact=True).uncheck()
    assert stops.count() == 0
    page.get_by_label("all", exact=True).check()
    assert stops.count() == 4
    assert watch == Watch()


def test_a_map_drawn_anew_opens_as_the_last_was_left(page, watch, tiny, basemap, tmp_path):
    _open(page, draw_tiny(tiny, basemap=basemap), tmp_path)
    page.get_by_label("Open hazards").uncheck()
    page.evaluate(f"{MAP}.setView([31.7, 119.97], 18, {{animate: false}}), 0")
    _open(page, draw_tiny(tiny, basemap=basemap, priority=None, title="another window"), tmp_path)
    assert page.evaluate(f"{MAP}.getZoom()") == 18
    assert not page.get_by_label("Open hazards").is_checked()
    assert page.locator(".leaflet-marker-pane .pm-hazard").count() == 0
    assert watch == Watch()


def test_hostile_names_are_shown_as_they_are_written(
    page, watch, tiny, hostile_plan, basemap, tmp_path
):
    layers = make_hostile(tiny, HOSTILE)
    map_ = draw_tiny(layers, plan=hostile_plan, basemap=basemap, title=HOSTILE, caveats=[HOSTILE])
    _open(page, map_, tmp_path)
    page.locator(".leaflet-marker-pane .pm-base").first.click()
    page.locator(".pm-card").wait_for()
    shown = (
        page.locator(".pm-card h3"),
        page.locator(".pm-panel summary strong"),
        page.locator(".pm-caveats span"),
        page.locator(".pm-label span").first,
        page.locator(".pm-route-row .pm-name"),
    )
    assert [text.text_content() for text in shown] == [HOSTILE] * len(shown)
    assert page.evaluate("typeof hacked") == "undefined"
    assert page.title() == HOSTILE
    assert watch == Watch()


def test_a_narrow_screen_opens_with_the_legend_closed_and_nothing_cut_off(
    page, watch, tiny, plan, basemap, tmp_path
):
    page.set_viewport_size({"width": 390, "height": 844})
    _open(page, draw_tiny(tiny, plan=plan, basemap=basemap), tmp_path)
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    assert not page.locator(".pm-row").first.is_visible()
    page.locator(".pm-panel summary").click()
    row = page.locator(".pm-row").first.bounding_box()
    assert row["x"] >= 0
    assert row["x"] + row["width"] <= 390
    assert page.locator(".pm-caveats").is_visible()
    assert watch == Watch()


def test_the_page_of_the_app_draws_in_a_frame_from_its_static_files(
    page, watch, tiny, plan, basemap, vendor, tmp_path
):
    """As the app embeds it: the page is the text of a frame, and all files are the host's own."""
    frame_text = json.dumps(map_html(draw_tiny(tiny, plan=plan, basemap=basemap)))
    frame_text = frame_text.replace("</", "<\\/")
    host = (
        "<body style='margin:0'><script>const frame = document.createElement('iframe');"
        f"frame.style = 'width:100%;height:700px'; frame.srcdoc = {frame_text};"
        "document.body.append(frame)</script>"
    )
    page.route(f"{APP}/", lambda route: route.fulfill(body=host, content_type="text/html"))
    roots = {"vendor": vendor.parent, "basemaps": tmp_path / "static"}
    page.route(f"{APP}/app/static/**", lambda route: _serve(route, roots))
    page.goto(f"{APP}/")
    frame = page.frames[1]
    _wait_for_tiles(frame)
    assert frame.evaluate(COLOURS, ".leaflet-tile-pane canvas") > 10
    assert frame.locator(".leaflet-marker-pane .pm-stop").count() == 2
    assert watch == Watch()


def _serve(route: sync_api.Route, roots: dict[str, Path]) -> None:
    """Answer as the app does, byte ranges included."""
    name = route.request.url.removeprefix(f"{APP}/app/static/")
    path = roots[name.split("/")[0]] / name
    wanted = route.request.headers.get("range")
    if wanted is None:
        route.fulfill(path=path)
        return
    data = path.read_bytes()
    first, last = (int(part) for part in wanted.removeprefix("bytes=").split("-"))
    part = data[first : last + 1]
    headers = {"Content-Range": f"bytes {first}-{first + len(part) - 1}/{len(data)}"}
    route.fulfill(status=206, body=part, headers=headers)
