"""Stops made of posts and of the cells that matter, worked out on two cells and three windows."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from patrolmap.model.calendar import PeakWindow
from patrolmap.model.kinds import PRIORITY_PARTS
from patrolmap.model.layers import check_layer
from patrolmap.model.plan import PLACE_COLUMNS, STOP_COLUMNS
from patrolmap.model.units import Unit
from patrolmap.planning import stops as stops_module
from patrolmap.planning.engine import plan_patrol
from patrolmap.planning.posts import make_posts, staff_posts
from patrolmap.planning.stops import RETURN_SHARE, make_stops
from tests import tiny
from tests.plan_checker import faults

MINUTE_S = 60
LOW = PeakWindow("low", "S", "S01", "low", 1000, 4000, 700, ("G1",), "dismissal")
HIGH = PeakWindow("high", "S", "S01", "high", 3000, 6000, 500, ("G1",), "dismissal")
LATER = PeakWindow("late", "S", "S01", "all", 8000, 9000, 600, ("G1",), "evening_study")
CALM = PeakWindow("between:1", "", "", "all", 10_000, 30_000, 0, (), "between")
WINDOWS = [LOW, HIGH, LATER, CALM]


def cells() -> gpd.GeoDataFrame:
    """Draw two cells of S01 and one of S02."""
    rows = {
        "C1": (0, 0, 1.0, "S01", 1, "a1"), "C2": (0, 1, 1.0, "S01", 1, "a2"),
        "C3": (0, 2, 1.0, "S02", 1, "b1"),
    }  # fmt: skip
    columns = ["row", "col", "area_m2", "school_id", "ring", "label"]
    frame = pd.DataFrame.from_dict(rows, orient="index", columns=columns)
    boxes = [tiny.box(100 * k, 0, 100 * k + 100, 100) for k in range(3)]
    return check_layer(gpd.GeoDataFrame(frame, geometry=boxes, crs="EPSG:4326"), "cells")


def places(**reasons: str) -> gpd.GeoDataFrame:
    """Put a place into each cell; a reason says why one cannot be walked."""
    points = [tiny.point(100 * k + 50, 0) for k in range(3)]
    told = [reasons.get(cell, "") for cell in ("C1", "C2", "C3")]
    return gpd.GeoDataFrame({"reason": told}, ["C1", "C2", "C3"], geometry=points, crs="EPSG:4326")


def priority(**totals: float) -> pd.DataFrame:
    """Score the cells alike in every window: three quarters incidents, the rest venues."""
    columns = {}
    for kind in ("dismissal", "evening_study", "between"):
        for part, share in {"incidents": 0.75, "venues": 0.25, "total": 1.0}.items():
            columns[kind, part] = pd.Series(totals) * share
        for part in set(PRIORITY_PARTS) - {"incidents", "venues"}:
            columns[kind, part] = pd.Series(totals) * 0.0
    return pd.DataFrame(columns)


def made(*, windows: list[PeakWindow] | None = None, **more: object) -> pd.DataFrame:
    """Make the stops of the day; C1 matters fully, C2 half as much, C3 not at all."""
    windows = WINDOWS if windows is None else windows
    posts = staff_posts(make_posts(windows, tiny.gates()), tiny.helpers().iloc[:0], [])
    asked = {
        "cell_places": places(), "priority": priority(C1=1.0, C2=0.5, C3=0.0),
        "settings": tiny.SETTINGS,
    } | more  # fmt: skip
    return make_stops(posts, windows, tiny.gates(), cells(), **asked)


def test_stops_have_the_columns_of_the_contract():
    stops = made()
    assert {*STOP_COLUMNS, *PLACE_COLUMNS} <= set(stops.columns)
    assert stops.index.is_unique
    assert stops.index.is_monotonic_increasing


# ── posts ──


def test_a_post_is_required_on_the_dot_and_for_its_whole_window():
    post = made(windows=[LATER]).loc["post:G1:late"]
    assert (post.place_id, post.tw_early_s, post.tw_late_s, post.service_s) == (
        "gate:G1", 8000, 8000, 1000,
    )  # fmt: skip
    assert post.required
    assert (post.people, post.role_needed, post.in_part) == (2, "officer", True)


def test_any_crew_will_do_where_an_auxiliary_is_asked_for():
    stops = made(windows=[_by("G2")])
    assert stops.loc["post:G2:late", "role_needed"] == ""


def _by(gate_id: str) -> PeakWindow:
    return PeakWindow("late", "S", "S01", "all", 8000, 9000, 600, (gate_id,), "evening_study")


# ── patrols ──


def test_patrols_of_a_peak_lie_within_the_windows_of_the_cells_school():
    stops = made()
    patrol = stops.loc["patrol:C1:S01:dismissal:1"]
    assert patrol.place_id == "cell:C1"
    assert patrol.tw_early_s == 1000
    assert patrol.tw_late_s + patrol.service_s == 6000  # LOW and HIGH together
    assert not patrol.required


def test_dwell_grows_with_priority_within_the_settings():
    stops = made()
    assert stops.loc["patrol:C1:S01:dismissal:1", "service_s"] == tiny.SETTINGS.dwell_max_s
    assert stops.loc["patrol:C2:S01:dismissal:1", "service_s"] == 13 * MINUTE_S
    patrols = stops[stops["kind"] == "patrol"]
    assert patrols["service_s"].between(10 * MINUTE_S, 16 * MINUTE_S).all()


def test_cells_that_do_not_matter_or_cannot_be_walked_have_no_stop():
    assert not made()["place_id"].eq("cell:C3").any()
    assert not made(cell_places=places(C1="no_street"))["place_id"].eq("cell:C1").any()


def test_long_hours_are_visited_again_for_less_and_not_too_soon():
    stops = made()
    calm = stops[(stops["window_id"] == "between:1") & (stops["place_id"] == "cell:C1")]
    assert len(calm) == 3  # 20000 s hold three visits at most 7200 s apart
    first, second, third = calm["prize"]
    assert second == first * RETURN_SHARE
    assert third == second * RETURN_SHARE
    assert (calm["min_gap_s"] == 45 * MINUTE_S).all()
    assert calm["max_gap_s"].isna().tolist() == [True, False, False]
    assert set(calm["max_gap_s"].dropna()) == {tiny.SETTINGS.return_gap_s}
    assert set(calm["tw_early_s"]) == {CALM.start_s}  # a first visit may come at any time


@pytest.mark.parametrize("return_gap_s", [0, 60, 600])
def test_no_return_gap_is_so_short_that_a_visit_has_no_room(return_gap_s: int):
    stops = made(settings=replace(tiny.SETTINGS, return_gap_s=return_gap_s))
    assert (stops["kind"] == "patrol").any()
    assert (stops["tw_early_s"] <= stops["tw_late_s"]).all()


def test_a_reason_tells_the_shares_of_the_priority():
    assert made().loc["patrol:C1:S01:dismissal:1", "reason"] == "patrol incidents=75 venues=25"


def test_a_window_too_short_for_a_dwell_has_no_patrol():
    short = PeakWindow("late", "S", "S01", "all", 8000, 8500, 600, ("G1",), "evening_study")
    assert (made(windows=[short])["kind"] == "post").all()


def test_of_too_many_patrols_those_worth_most_are_kept(monkeypatch: pytest.MonkeyPatch):
    everything = made()
    everything = everything[everything["kind"] == "patrol"]
    monkeypatch.setattr(stops_module, "PATROLS_LEAST", 3)
    stops = made()
    patrols = stops[stops["kind"] == "patrol"]
    assert len(patrols) == 3
    assert stops.attrs["patrols_not_offered"] == len(everything) - 3
    for window_id, offered in patrols.groupby("window_id"):
        others = everything[everything["window_id"] == window_id].drop(offered.index)
        assert offered["prize"].min() >= others["prize"].max()


def test_more_crews_are_offered_more(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(stops_module, "PATROLS_LEAST", 1)
    monkeypatch.setattr(stops_module, "PATROLS_PER_CREW", 2)
    crews = [Unit(f"P{k}", "walk", "B1", "B1", 0, 86_400) for k in range(3)]
    assert [(made(units=crews[:k])["kind"] == "patrol").sum() for k in (1, 2, 3)] == [2, 4, 6]


def test_the_hours_between_peaks_are_offered_their_share(monkeypatch: pytest.MonkeyPatch):
    """Peaks matter ten times as much, but last 6000 s of 26000 s."""
    monkeypatch.setattr(stops_module, "PATROLS_LEAST", 4)
    scores = priority(C1=1.0, C2=0.5, C3=0.0)
    scores["between"] = scores["between"] * 0.1
    stops = made(priority=scores)
    kinds = stops[stops["kind"] == "patrol"]["window_id"].value_counts()
    assert kinds["between:1"] == 3


def test_cells_beyond_the_best_of_a_school_are_counted(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(stops_module, "CELLS_PER_SCHOOL", 1)
    stops = made(windows=[LATER])
    assert stops["place_id"].tolist() == ["cell:C1", "gate:G1"]
    assert stops.attrs["patrols_not_offered"] == 1


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6), st.integers(1800, 7200))
def test_repeats_in_a_span_come_neither_too_soon_nor_too_late(seed: int, return_gap_s: int):
    """Two crews around three cells, whatever the return gap; checked on the plan's own times."""
    known = replace(tiny.SETTINGS, return_gap_s=return_gap_s)
    stops = made(windows=[CALM], priority=priority(C1=1.0, C2=0.5, C3=0.3), settings=known)
    ids = ["B1", *stops["place_id"].unique()]
    times = {"walk": pd.DataFrame(300, ids, ids).where(~np.eye(len(ids), dtype=bool), 0)}
    crews = [Unit(f"P{k}", "walk", "B1", "B1", 9000, 31_000) for k in range(2)]
    plan = plan_patrol(stops, crews, times, iterations=100, time_limit_s=None, seed=seed)
    assert faults(plan, crews, times) == []
    visits = pd.DataFrame(
        [
            (stops["place_id"][visit.stop_id], visit.start_s, visit.end_s)
            for route in plan.routes
            for visit in route.visits
        ],
        columns=["place_id", "start_s", "end_s"],
    ).sort_values("start_s")
    gaps_s = (visits["start_s"] - visits.groupby("place_id")["end_s"].shift()).dropna()
    assert len(gaps_s)
    assert gaps_s.between(min(45 * MINUTE_S, return_gap_s), return_gap_s).all()


def test_a_day_without_windows_has_no_stops():
    stops = made(windows=[])
    assert stops.empty
    assert {*STOP_COLUMNS, *PLACE_COLUMNS} <= set(stops.columns)


def test_a_stop_lies_where_its_place_is():
    stops = made()
    patrol = stops.loc["patrol:C2:S01:dismissal:1"]
    assert shapely.Point(patrol.lon, patrol.lat).equals(places().geometry["C2"])
    assert patrol["name"] == "a2"
