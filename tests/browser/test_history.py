"""A change made to a precinct is listed in the app and taken back there."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from patrolmap import workflow
from tests import tiny
from tests.browser.conftest import served
from tests.browser.driving import App
from tests.browsing import DESKTOP, PHONE
from tests.workflow.building import build_tiny

on_both = pytest.mark.parametrize("page", [DESKTOP, PHONE], ids=["desktop", "phone"], indirect=True)
AT = dt.datetime(2026, 9, 1, 7, 30, tzinfo=dt.UTC)


@pytest.fixture
def updated_file(tmp_path: Path) -> Path:
    """The tiny precinct after a newer list of schools."""
    path = build_tiny(tmp_path / "tiny.gpkg")
    file = tmp_path / "schools.csv"
    rows = ["S01,<b>New</b> name,primary,{:.6f},{:.6f}".format(*tiny.lonlat(50, 50))]
    file.write_text("\n".join(["id,name,kinds,lon,lat", *rows]), encoding="utf-8")
    workflow.add_layer(path, "schools", file, datum="wgs84", at=AT)
    return path


@on_both
def test_the_last_change_is_read_and_undone_in_the_app(page, watch, updated_file: Path):
    with served(updated_file) as address:
        app = App(page, address).open()
        changes = app.tab("变更记录")
        line = changes.locator(".pm-todo li").first
        assert "1 · 名单更新" in line.inner_text()
        assert "学校：修改 1" in line.inner_text()
        assert "2026-09-01 15:30" in line.inner_text()
        changes.get_by_role("button", name="撤销第 1 号").click()
        page.get_by_text("撤销第 1 号变更").wait_for()
        app.settle()
        assert changes.get_by_role("button").count() == 0
        assert not app.is_wider_than_screen()
        line.scroll_into_view_if_needed()
    names = workflow.open_precinct(updated_file)["schools"]["name"]
    assert names["S01"] == tiny.schools()["name"]["S01"]
