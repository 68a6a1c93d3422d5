"""Faults that patrolmap can mend, on the Precinct page: a button each, and it is done."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from patrolmap.store import geopackage as store
from tests import tiny
from tests.browser.conftest import served
from tests.browser.driving import App
from tests.browsing import DESKTOP, PHONE
from tests.workflow.building import build_tiny

on_both = pytest.mark.parametrize("page", [DESKTOP, PHONE], ids=["desktop", "phone"], indirect=True)


@pytest.fixture
def faulty(tmp_path: Path) -> Path:
    """The tiny precinct with 0 pupils at S01, a shop twice, and a gate off every street."""
    frames = tiny.precinct()
    frames["schools"].loc["S01", "pupils"] = 0
    frames["venues"].loc["C5", ["name", "kind"]] = ["Tobacconist", "tobacco"]
    frames["gates"].loc["G1", "geometry"] = tiny.point(50, -60)
    return build_tiny(tmp_path / "faulty.gpkg", frames)


@pytest.fixture
def faulty_app(page, watch, faulty: Path) -> Iterator[App]:
    with served(faulty) as address:
        yield App(page, address).open()


@on_both
def test_a_fix_is_taken_with_one_click_and_its_finding_is_gone(faulty_app: App, faulty: Path):
    checks = faulty_app.tab("数据检查")
    buttons = checks.get_by_role("button")
    assert buttons.count() == 3
    assert not faulty_app.is_wider_than_screen()
    checks.get_by_role("button", name="并入“C4”").click()
    checks.get_by_role("button", name="并入“C4”").wait_for(state="detached")
    faulty_app.settle()
    assert "C5" not in store.read_frame(faulty, "venues").index
    assert buttons.count() == 2
