"""The scorecard of a plan made by hand: two crews, two posts, three patrols."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pandas as pd
import pytest
from shapely import LineString

from patrolmap.model.plan import UNSERVED_COLUMNS, Leg, Plan, Route, Visit
from patrolmap.model.units import Unit
from patrolmap.planning.scorecard import summarize

MINUTE_S = 60
UNITS = [
    Unit("U1", "walk", "B", "B", 0, 30_000, {"officer": 1}),
    Unit("U2", "walk", "B", "B", 0, 30_000, {"officer": 1, "auxiliary": 1}),
]


def visit(stop_id: str, start_min: int, long_min: int) -> Visit:
    return Visit(stop_id, *(m * MINUTE_S for m in (start_min, start_min, start_min + long_min)), "")


def stops() -> pd.DataFrame:
    """Ask for 3 people 40 min at P1 and 1 person 50 min at P2; patrols of one place and another."""
    rows = {
        "P1": ("post", "gate:1", 40, True, 500.0, 3), "P2": ("post", "gate:2", 50, True, 100.0, 1),
        "A1": ("patrol", "cell:a", 12, False, 40.0, 1),
        "A2": ("patrol", "cell:a", 12, False, 20.0, 1),
        "B1": ("patrol", "cell:b", 20, False, 40.0, 1),
    }  # fmt: skip
    columns = ["kind", "place_id", "service_s", "required", "prize", "people"]
    frame = pd.DataFrame.from_dict(rows, orient="index", columns=columns)
    hours = {"window_id": "w", "tw_early_s": 0, "tw_late_s": 208 * MINUTE_S}
    return frame.assign(service_s=frame["service_s"] * MINUTE_S, **hours)


def plan() -> Plan:
    """Send both crews to P1 (3 people), nobody to P2; U1 to A1, A2 and B1 afterwards."""
    first = (visit("P1", 0, 40), visit("break", 40, 30), visit("A1", 80, 12), visit("A2", 182, 12))
    beat = Leg(LineString([(120.0, 31.0), (120.0, 31.01)]), (0.0, 9.0), "beat", "A1")
    unserved = pd.DataFrame([[1, "no_crew_free", ""]], ["P2"], list(UNSERVED_COLUMNS))
    routes = (
        Route("U1", (*first, visit("B1", 200, 20)), 3000.0, 6 * MINUTE_S, (beat,)),
        Route("U2", (visit("P1", 0, 40),), 1000.0, 10 * MINUTE_S),
    )
    return Plan(dt.date(2026, 9, 1), "Asia/Shanghai", stops(), routes, unserved, 0)


def test_posts_are_counted_in_people_minutes():
    card = summarize(plan(), units=UNITS)
    assert card["post_people_min_required"] == 3 * 40 + 50
    assert card["post_people_min_manned"] == 3 * 40
    assert card["post_cover_share"] == pytest.approx(120 / 170)
    assert (card["posts_short"], card["required_unserved"]) == (1, 1)


def test_more_people_than_asked_for_count_no_more():
    asked_less = replace(plan(), stops=stops().assign(people=1))
    assert summarize(asked_less, units=UNITS)["post_people_min_manned"] == 40


def test_patrols_are_counted_by_worth_and_dwell():
    card = summarize(plan(), units=UNITS)
    assert card["patrol_visits"] == 3
    assert card["priority_cover_share"] == 1.0
    assert card["dwell_right_share"] == pytest.approx(2 / 3)  # 20 minutes are too long


def test_return_gaps_run_from_leaving_to_coming_back():
    card = summarize(plan(), units=UNITS)
    assert card["return_gap_worst_min"] == 182 - 92
    assert card["return_gap_mean_min"] == 90


def test_a_visit_in_another_window_is_no_return():
    other = stops()
    other.loc["A2", "window_id"] = "later"
    assert summarize(replace(plan(), stops=other), units=UNITS)["return_gap_worst_min"] == 0


def test_the_place_of_a_role_counts_when_that_role_stands_there():
    asked = stops().assign(role_needed=["auxiliary", "", "", "", ""], people=2)
    assert summarize(replace(plan(), stops=asked), units=UNITS)["post_people_min_manned"] == 80
    nobody = stops().assign(role_needed=["dog", "", "", "", ""], people=2)
    assert summarize(replace(plan(), stops=nobody), units=UNITS)["post_people_min_manned"] == 40


def test_the_time_without_a_visit_counts_from_the_first_hour_to_the_last():
    """a: 80, 90 and 26 min alone of 220, b: 200 and 8 of 228, served 80-92, 182-194, 200-220."""
    card = summarize(plan(), units=UNITS)
    assert card["idleness_worst_min"] == 200
    a, b = (80**2 + 90**2 + 26**2) / (2 * 220), (200**2 + 8**2) / (2 * 228)
    assert card["idleness_mean_min"] == pytest.approx((a + b) / 2)


def test_tiers_and_cells_are_counted():
    card = summarize(plan(), units=UNITS)
    assert card["priority_high_cover_share"] == 1
    assert card["cells_visited_share"] == 1


def test_figures_that_rest_on_more_than_the_plan_come_with_it_alone():
    card = summarize(plan(), units=UNITS)
    more = {"response_p50_min", "gap_to_bound_share", "guessed_right_share"}
    assert not more & set(card.index)
    known = summarize(
        plan(), units=UNITS, responses=pd.DataFrame({"G": [2.0, 4.0]}), bound=125.0, seen=[plan()]
    )
    assert known["response_p50_min"] == 3
    assert known["gap_to_bound_share"] == pytest.approx(1 - 100 / 125)
    assert known["guessed_right_share"] == 1


def test_effort_is_shared_and_walked():
    card = summarize(plan(), units=UNITS)
    busy = [6 + 40 + 12 + 12 + 20, 10 + 40]  # the break is no work
    assert card["walking_share"] == pytest.approx(16 / sum(busy))
    assert card["duty_balance_cv"] == pytest.approx(20 / 70)  # 90 and 50: 20 from their mean
    assert (card["distance_sum_m"], card["crew_distance_max_m"]) == (4000, 3000)
    assert card["beat_length_max_m"] == pytest.approx(1109, abs=2)  # 0.01 degrees of latitude
    assert card["crews_idle"] == 0


def test_an_empty_plan_lacks_nothing():
    empty = replace(plan(), stops=stops().iloc[:0], routes=(), unserved=plan().unserved.iloc[:0])
    card = summarize(empty, units=[])
    assert (card["post_cover_share"], card["priority_cover_share"]) == (1.0, 1.0)
    assert card.notna().all()
