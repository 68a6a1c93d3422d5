"""Names written to do harm are shown as they are written, and do none."""

from __future__ import annotations

from tests.browser.conftest import HOSTILE
from tests.browser.driving import App


def _unharmed(app: App) -> bool:
    frames = [app.page.main_frame, app.map()]
    return all(frame.evaluate("typeof hacked") == "undefined" for frame in frames)


def test_the_precincts_name_and_its_schools_are_text_on_page_and_map(hostile_app: App):
    app = hostile_app
    assert app.page.get_by_role("heading").first.inner_text() == HOSTILE
    labels = app.map().locator(".pm-label").all_inner_texts()
    assert labels
    assert {label.replace("\n", "") for label in labels} == {HOSTILE}
    assert _unharmed(app)


def test_places_are_text_in_the_officers_list(hostile_app: App):
    app = hostile_app
    app.turn_to("巡逻路线")
    assert HOSTILE in app.page.locator(".pm-stops").inner_text()
    assert _unharmed(app)


def test_places_are_text_among_what_is_left_out_and_on_the_timeline(hostile_app: App):
    app = hostile_app
    app.turn_to("勤务方案")
    app.tab("未安排")
    app.tab("时间轴")
    assert _unharmed(app)


def test_venues_and_schools_are_text_among_the_findings_and_their_cases(hostile_app: App):
    app = hostile_app
    app.turn_to("距离检查")
    assert HOSTILE in app.page.locator(".pm-todo").inner_text()
    app.page.get_by_role("button", name="对全部违规立案").click()
    app.page.get_by_text("新立案").wait_for()
    app.settle()
    assert _unharmed(app)
