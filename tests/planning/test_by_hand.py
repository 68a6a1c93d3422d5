"""A plan made by hand: what it serves, and what is wrong with it, row by row."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd

from patrolmap.model.plan import Plan
from patrolmap.model.units import Unit
from patrolmap.planning.by_hand import plan_by_hand
from patrolmap.planning.pool import patrol_prize
from patrolmap.planning.scorecard import summarize

PLACES = ["base", "gate:g", "cell:a", "cell:b", "cell:far"]
AT_S = np.array([0, 300, 600, 900, 1_200])
WAYS = pd.DataFrame(np.abs(AT_S[:, None] - AT_S), PLACES, PLACES)
WAYS = WAYS.astype("Int64").assign(**{"cell:far": pd.array([pd.NA] * 5, dtype="Int64")})
TIMES = {"walk": WAYS}
UNITS = [
    Unit("U1", "walk", "base", "base", 3_600, 18_000),
    Unit("U2", "walk", "base", "base", 0, 9),
]


def minutes(clock: float) -> int:
    return int(clock * 60)


def stops() -> pd.DataFrame:
    """A post from 70 to 100 min; patrols of three cells from 100 to 200 min, of one twice."""
    patrol = {"kind": "patrol", "window_id": "w", "tw_early_s": minutes(100),
              "tw_late_s": minutes(200), "service_s": 720, "required": False, "prize": 10.0,
              "reason": "patrol", "people": 1, "lon": 120.0, "lat": 31.0}  # fmt: skip
    rows = {
        "A1": {**patrol, "place_id": "cell:a"},
        "A2": {**patrol, "place_id": "cell:a", "prize": 5.0},
        "B1": {**patrol, "place_id": "cell:b"},
        "F1": {**patrol, "place_id": "cell:far"},
        "P": {**patrol, "kind": "post", "place_id": "gate:g", "tw_early_s": minutes(70),
              "tw_late_s": minutes(70), "service_s": 1_800, "required": True},
    }  # fmt: skip
    return pd.DataFrame.from_dict(rows, orient="index")


def judged(*rows: tuple[str, float, float], crew: str = "U1") -> tuple[Plan, list[tuple]]:
    stays = pd.DataFrame(
        [(crew, place, place, minutes(start), minutes(end)) for place, start, end in rows],
        columns=["unit_id", "place_id", "place", "from_s", "until_s"],
        index=range(2, 2 + len(rows)),
    )
    day = dt.date(2026, 9, 1)
    plan, faults = plan_by_hand(stays, stops(), UNITS, TIMES, date=day)
    told = list(faults[["row", "fault", "minutes"]].itertuples(index=False, name=None))
    return plan, told


def served(plan: Plan) -> list[str]:
    return [visit.stop_id for visit in plan.routes[0].visits]


def test_a_sound_plan_serves_what_it_says_and_has_no_fault():
    plan, told = judged(("gate:g", 65, 100), ("cell:a", 105, 120), ("cell:b", 125, 140))
    assert told == []
    assert served(plan) == ["P", "A1", "B1"]
    assert set(plan.unserved.index) == {"A2", "F1"}
    assert (plan.routes[0].travel_s, plan.routes[0].distance_m) == (1_800, 1_800)
    assert patrol_prize(plan) == 20


def test_a_second_stay_in_a_cell_is_its_return():
    plan, _ = judged(("cell:a", 105, 120), ("cell:a", 170, 182))
    assert served(plan) == ["A1", "A2"]


def test_a_post_that_is_left_before_its_end_is_not_served():
    plan, told = judged(("gate:g", 70, 90))
    assert told == [(2, "post_in_part", 10)]
    assert served(plan) == ["hand:2"]
    assert plan.unserved.loc["P", "people_missing"] == 1
    assert summarize(plan, units=UNITS)["post_cover_share"] == 0


def test_a_short_stay_and_one_nobody_asked_for_serve_nothing():
    plan, told = judged(("cell:a", 105, 110), ("cell:b", 201, 215))
    assert told == [(2, "too_short", 5), (3, "not_asked", 0)]
    assert patrol_prize(plan) == 0


def test_rows_that_overlap_or_leave_no_time_for_the_way_are_told():
    _, told = judged(("cell:a", 105, 120), ("cell:b", 118, 130), ("gate:g", 132, 140))
    assert (3, "overlap", 2) in told
    assert (4, "too_far", 8) in told


def test_times_outside_the_shift_and_the_way_to_and_from_the_base_are_told():
    """The shift is from 60 to 300 min; the gate is 5 min from the base, a cell 10."""
    _, told = judged(("gate:g", 55, 62), ("cell:a", 285, 295))
    assert (2, "off_shift", 5) in told
    assert (2, "too_far", 10) in told
    assert (3, "home_late", 5) in told


def test_a_place_no_street_leads_to_is_told():
    _, told = judged(("cell:far", 105, 120))
    assert (2, "no_way", 0) in told


def test_an_empty_plan_leaves_everything_out():
    plan, told = judged()
    assert told == []
    assert set(plan.unserved.index) == set(stops().index)
    assert summarize(plan, units=UNITS)["crews_idle"] == 2
