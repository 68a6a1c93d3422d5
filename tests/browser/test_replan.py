"""A plan changed during the day on its page: the form, and what changes for each crew."""

from __future__ import annotations

import re

import pytest

from tests.browser.driving import App
from tests.browsing import DESKTOP, PHONE, sync_api

on_both = pytest.mark.parametrize("page", [DESKTOP, PHONE], ids=["desktop", "phone"], indirect=True)


@on_both
def test_an_incident_becomes_a_new_plan_that_says_who_goes_and_what_changes(app: App):
    app.turn_to("勤务方案")
    app.page.get_by_text("当日调整方案").click()
    for field, value in (("hour, 自何时起", "07"), ("minute, 自何时起", "50")):
        app.page.get_by_role("spinbutton", name=field).press_sequentially(value)
    for field, words in (("警情地点", "柳塘学校侧门"), ("缺勤巡组", "澄01")):
        choice = app.page.get_by_role("combobox", name=field)
        choice.press_sequentially(words)
        app.page.get_by_role("option", name=words).first.click()
    app.page.keyboard.press("Escape")
    app.page.get_by_role("button", name="调整方案").click()
    told = app.page.get_by_test_id("stAlert")
    sync_api.expect(told).to_contain_text("07:50", timeout=60_000)
    sync_api.expect(told).to_contain_text(re.compile("到达|无人可派"))
    app.settle()
    app.page.get_by_text("各巡组的调整").wait_for()
    app.page.get_by_test_id("stDataFrame").first.wait_for()
    assert app.colours("routes") > 5
    assert not app.is_wider_than_screen()
