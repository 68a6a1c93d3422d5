"""A week on its page, on a desk and on a phone; a plan set beside others."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.browser.driving import App
from tests.browsing import DESKTOP, PHONE, sync_api

on_both = pytest.mark.parametrize("page", [DESKTOP, PHONE], ids=["desktop", "phone"], indirect=True)


def plan_two_days(app: App) -> None:
    """Plan two days with the shortest search."""
    app.turn_to("一周")
    count = app.page.get_by_role("spinbutton", name="上学天数")
    count.fill("2")
    count.press("Tab")  # Enter would begin at once
    app.page.get_by_role("button", name="规划设置").click()
    app.page.get_by_role("slider").press("Home")
    app.page.keyboard.press("Escape")
    app.page.get_by_role("button", name="编排这几天").click()


@on_both
def test_a_week_is_planned_shown_and_opened(app: App):
    plan_two_days(app)
    app.page.get_by_role("progressbar").wait_for()
    guessed = app.page.get_by_text("看过上周巡逻的人能猜中")
    sync_api.expect(guessed).to_be_visible(timeout=180_000)
    app.settle()
    app.page.get_by_test_id("stVegaLiteChart").wait_for()
    assert not app.is_wider_than_screen()
    app.page.get_by_role("button", name="11-").last.click()
    app.page.get_by_role("heading", name="勤务方案").wait_for(timeout=120_000)


def test_planning_a_week_can_be_cancelled(app: App):
    plan_two_days(app)
    app.page.get_by_role("progressbar").wait_for()
    app.page.get_by_role("button", name="取消").click()
    app.page.get_by_role("progressbar").wait_for(state="detached")
    app.settle()


@on_both
def test_a_plan_is_set_beside_others_and_one_made_by_hand(app: App, tmp_path: Path):
    hand = tmp_path / "hand.csv"
    hand.write_text("班组,地点,开始,结束\n澄01,G031,07:10,08:10\n", encoding="utf-8")
    app.turn_to("勤务方案")
    shown = app.tab("方案对比")
    app.page.locator("input[type=file]").set_input_files(hand)
    app.page.get_by_text("hand.csv").wait_for()
    app.page.get_by_role("button", name="对比", exact=True).click()
    sync_api.expect(shown.get_by_text("本方案更好")).to_be_visible(timeout=120_000)
    app.settle()
    assert shown.get_by_test_id("stDataFrame").count() == 2  # figures, and what the hand did wrong
    assert not app.is_wider_than_screen()
