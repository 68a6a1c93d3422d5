"""The four pages on a desk and on a phone: what they show, and what a click leaves alone."""

from __future__ import annotations

import re

import gpxpy
import pytest
from lxml import etree

from tests.browser.driving import App
from tests.browsing import DESKTOP, PHONE, sync_api

on_both = pytest.mark.parametrize("page", [DESKTOP, PHONE], ids=["desktop", "phone"], indirect=True)
on_a_phone = pytest.mark.parametrize("page", [PHONE], ids=["phone"], indirect=True)


@on_both
def test_precinct_shows_its_places_on_a_map_with_streets_schools_and_cells(app: App):
    frame = app.map()
    app.page.get_by_role("heading", name="示范").wait_for()
    assert app.colours("tile") > 10  # streets, water, green
    assert app.colours("overlay") > 3  # campuses, cells, venues
    assert frame.locator(".pm-label").count() == 7
    legend = app.legend()
    assert (legend["学校"], legend["校门"], legend["小网格"]) == ("7", "14", "328")
    assert not app.is_wider_than_screen()


def test_a_click_in_a_tab_or_a_list_leaves_the_precincts_map_alone(app: App):
    app.mark_map()
    app.tab("图层")
    chosen = app.page.get_by_role("combobox", name="图层")
    chosen.fill("警情")
    chosen.press("Enter")
    app.settle()
    app.tab("未采用与改动")
    app.tab("数据检查")
    assert app.page.locator(".pm-todo li").count() >= 1
    assert app.map_is_marked()


@on_both
def test_hotspots_change_with_the_window_and_a_cell_explains_itself(app: App):
    app.turn_to("重点网格")
    assert app.map().locator(".pm-panel strong").first.inner_text().endswith("上学")
    arrival = app.legend()
    app.page.get_by_role("radio", name="晚自习放学").click()
    app.settle()
    app.map().get_by_text("晚自习放学").wait_for(state="attached")
    assert "网格优先级" in arrival
    assert app.colours("overlay") > 5  # the steps of priority
    app.mark_map()
    table = app.page.get_by_test_id("stDataFrame").first
    table.click(position={"x": 20, "y": 55})  # the box before the first row
    app.page.get_by_test_id("stDataFrame").nth(1).wait_for()
    assert app.map_is_marked()
    assert not app.is_wider_than_screen()


def test_a_plan_shows_progress_then_map_timeline_scorecard_and_what_is_left_out(app: App):
    app.turn_to("勤务方案")
    app.page.get_by_role("button", name="规划设置").click()
    app.page.get_by_role("slider").press("Home")
    app.page.keyboard.press("Escape")
    app.page.get_by_role("button", name="生成方案").click()
    app.page.get_by_role("progressbar").wait_for()
    stored = app.page.get_by_role("combobox")
    sync_api.expect(stored).to_have_value(re.compile("#2"), timeout=120_000)
    app.settle()
    assert app.colours("routes") > 5
    assert app.map().locator(".leaflet-marker-pane .pm-stop").count() > 20
    assert any("km" in detail for detail in app.legend().values())
    app.mark_map()
    app.tab("时间轴").get_by_test_id("stVegaLiteChart").wait_for()
    for name in ("成效指标", "未安排", "点位", "巡组"):
        app.tab(name).get_by_test_id("stDataFrame").first.wait_for()
    assert app.map_is_marked()


@on_both
def test_an_officer_picks_a_crew_reads_the_stops_and_takes_the_file(app: App, tmp_path):
    app.turn_to("巡逻路线")
    app.page.get_by_role("radio", name="澄03").click()
    app.settle()
    app.map().get_by_text("澄03").first.wait_for(state="attached")
    app.page.locator(".pm-next").wait_for()
    assert not app.is_wider_than_screen()
    with app.page.expect_download() as download:
        app.page.get_by_role("button", name="下载 GPX").click()
    assert re.fullmatch(r"2026-11-24-\d-澄03\.gpx", download.value.suggested_filename)
    file = tmp_path / "crew.gpx"
    download.value.save_as(file)
    etree.parse(file)
    with file.open(encoding="utf-8") as text:
        gpx = gpxpy.parse(text)
    app.settle()  # the list stands below the button, and may still be of the crew before
    numbers = [number for number in app.page.locator(".pm-no").all_inner_texts() if number]
    assert numbers == [str(n) for n in range(1, len(numbers) + 1)]
    assert len(gpx.waypoints) == len(numbers)
    assert gpx.tracks[0].segments[0].points


@on_a_phone
def test_on_a_phone_next_stop_button_and_map_come_before_the_list(app: App):
    app.turn_to("巡逻路线")
    places = [
        app.page.locator(selector).bounding_box()["y"]
        for selector in (".pm-next", "[data-testid=stDownloadButton]", ".stIFrame", ".pm-stops")
    ]
    assert places == sorted(places)


def test_another_language_keeps_the_page_and_outlives_a_reload(app: App, watch):
    app.turn_to("巡逻路线")
    app.page.get_by_role("radio", name="English").click()
    app.page.get_by_role("heading", name="Routes").wait_for()
    app.map().get_by_text("Layers and legend").wait_for(state="attached")
    app.page.reload()
    app.page.get_by_role("heading", name="Routes").wait_for()
    app.map()
    forgive_the_search_for_the_server(watch)


def forgive_the_search_for_the_server(watch) -> None:
    """Streamlit looks for its server below the page's own path first, where it is not."""
    asked = ("/routes/_stcore/health", "/routes/_stcore/host-config")
    watch.refused = [line for line in watch.refused if not line.split("?")[0].endswith(asked)]
    watch.faults = [line for line in watch.faults if not line.split("?")[0].endswith(asked)]
