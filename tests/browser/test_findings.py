"""Venues too near to a school on their page: verdicts, citations, region, cases."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.conftest import served
from tests.browser.driving import App
from tests.browsing import DESKTOP, PHONE, sync_api
from tests.workflow.building import build_demo_lists

on_both = pytest.mark.parametrize("page", [DESKTOP, PHONE], ids=["desktop", "phone"], indirect=True)


@pytest.fixture(scope="module")
def own_address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The app on a demo precinct that these tests change."""
    path: Path = tmp_path_factory.mktemp("findings") / "demo.gpkg"
    build_demo_lists(path)
    with served(path) as address:
        yield address


@on_both
def test_findings_are_listed_with_what_they_rest_on(app: App):
    app.turn_to("距离检查")
    first = app.page.locator(".pm-todo li").first
    sync_api.expect(first).to_contain_text("违规：星河网吧 – 澄湾书院路小学")
    sync_api.expect(first).to_contain_text("规定不小于 200.0 m")
    sync_api.expect(first).to_contain_text("国务院令第363号")
    assert app.legend()["违规"] == "3"
    app.mark_map()
    app.choose("学校", "澄湾南陌小学")
    sync_api.expect(app.page.locator(".pm-todo li")).to_have_count(1)
    assert app.map_is_marked()
    assert not app.is_wider_than_screen()


def test_a_region_brings_its_rules_and_breaches_become_cases(page, watch, own_address):
    app = App(page, own_address).open()
    app.turn_to("距离检查")
    region = app.page.get_by_role("textbox", name="地区")
    region.fill("xyz")
    region.press("Enter")
    app.page.get_by_text("region 'xyz' is no code").wait_for()
    region.fill("440100")
    region.press("Enter")
    app.page.get_by_text("粤文旅规").first.wait_for()
    app.settle()
    app.page.get_by_role("button", name="对全部违规立案").click()
    app.page.get_by_text("新立案：5").wait_for()
