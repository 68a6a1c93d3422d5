"""The people-minutes at posts are the most that any staffing reaches, and then the pupils."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse.csgraph import floyd_warshall

from patrolmap.model.units import Unit
from patrolmap.planning.engine import plan_patrol
from tests.plan_checker import faults
from tests.planning.cases import Case, draw_case
from tests.planning.staffing import best_staffing, filled_places, person_seconds

BASE, GATE = "base", "gate"


def post(start_s: int, *, people: int = 1, role: str = "", place: str = GATE) -> dict[str, object]:
    """Ask for people at a gate for 60 s; a post is worth its people."""
    return {
        "place_id": place, "kind": "post", "window_id": "w", "tw_early_s": start_s,
        "tw_late_s": start_s, "service_s": 60, "required": True, "prize": float(people),
        "reason": "post", "people": people, "role_needed": role, "in_part": True,
    }  # fmt: skip


def crew(name: str, **people: int) -> Unit:
    return Unit(name, "walk", BASE, BASE, 0, 10_000, people)


def planned(stops: pd.DataFrame, units: list[Unit]) -> pd.DataFrame:
    """Plan posts at two gates 100 s apart; give what is missing."""
    places = [BASE, GATE, "far"]
    times = pd.DataFrame(100, places, places).where(~np.eye(3, dtype=bool), 0)
    plan = plan_patrol(stops, units, {"walk": times}, iterations=200, time_limit_s=None)
    assert faults(plan, units, {"walk": times}) == []
    return plan.unserved


def test_a_post_for_two_is_manned_by_one_where_no_more_can_come():
    missing = planned(pd.DataFrame([post(500, people=2)], ["A"]), [crew("P1", officer=1)])
    assert missing["people_missing"].to_dict() == {"A": 1}


def test_one_at_each_of_two_posts_is_worth_as_much_as_two_at_one():
    """A post of one and one of two at the same time: two crews fill two places, not one."""
    stops = pd.DataFrame([post(500, people=2), post(500, place="far")], ["A", "B"])
    stops.loc["A", "prize"] = 3.0
    missing = planned(stops, [crew("P1", officer=1), crew("P2", officer=1)])
    # A alone is worth 3; half of A and B are worth 2.5
    assert missing["people_missing"].to_dict() == {"B": 1}
    stops.loc["A", "prize"] = 1.5
    missing = planned(stops, [crew("P1", officer=1), crew("P2", officer=1)])
    assert missing["people_missing"].to_dict() == {"A": 1}


def test_two_auxiliaries_leave_the_officers_place_empty():
    asked = pd.DataFrame([post(500, people=2, role="officer")], ["A"])
    missing = planned(asked, [crew("P1", auxiliary=2)])
    assert missing["people_missing"].to_dict() == {"A": 1}
    both = planned(asked, [crew("P1", auxiliary=2), crew("P2", officer=1)])
    assert both.empty


def test_parts_are_not_told_of_as_stops():
    stops = pd.DataFrame([post(500, people=3), post(700, people=2)], ["A", "B"])
    units = [crew("P1", officer=1)]
    missing = planned(stops, units)
    assert missing["people_missing"].to_dict() == {"A": 2, "B": 1}
    assert set(missing["detail"]) == {"P1"}


# ── the bound ──


def posts_alone(case: Case) -> Case:
    """
    Keep only posts, asked for by everyone, and crews that never rest and may go anywhere.

    Ways are the shortest: a search that puts one stop in after the other would miss routes
    that lead to a gate only by way of another.
    """
    stops = case.stops.assign(
        kind="post", required=True, in_part=True, unit_ids="", alternative="", reason="post",
        tw_late_s=case.stops["tw_early_s"], min_gap_s=np.nan, max_gap_s=np.nan,
        prize=case.stops["service_s"] * case.stops["people"] * 1.0,
    )  # fmt: skip
    units = [replace(unit, breaks=(), max_distance_m=None) for unit in case.units]
    times = {
        mode: pd.DataFrame(
            floyd_warshall(np.ascontiguousarray(way.to_numpy(float, na_value=np.inf))),
            way.index,
            way.columns,
        ).replace(np.inf, np.nan)
        for mode, way in case.times.items()
    }
    return replace(case, stops=stops, units=units, times=times)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6))
def test_small_cases_reach_the_exact_bound(number: int):
    case = posts_alone(draw_case(number, stops=8, units=4))
    plan = plan_patrol(
        case.stops, case.units, case.times, iterations=1500, time_limit_s=None, seed=1
    )
    assert faults(plan, case.units, case.times) == []
    worth = person_seconds(case.stops)
    reached = float((filled_places(case.stops, plan.unserved) * worth).sum())
    bound = best_staffing(case.stops, case.units, case.times, worth)
    assert reached == pytest.approx(bound)


def test_the_bound_of_two_posts_that_clash():
    """A crew of two can man the post for two, or that for one, not both."""
    stops = pd.DataFrame([post(500, people=2), post(510, place="far")], ["A", "B"])
    places = [BASE, GATE, "far"]
    times = {"walk": pd.DataFrame(100, places, places)}
    pair = [crew("P1", officer=1, auxiliary=1)]
    assert best_staffing(stops, pair, times, person_seconds(stops)) == 120.0
    worth_more = pd.Series({"A": 1.0, "B": 5.0})
    assert best_staffing(stops, pair, times, worth_more) == 5.0
    kept = (person_seconds(stops), 120.0)
    assert best_staffing(stops, pair, times, worth_more, at_least=kept) == 2.0
