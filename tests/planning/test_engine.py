"""The engine keeps every rule, finds the best of small tasks, and says why it leaves things out."""

from __future__ import annotations

import os
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.toptw import as_stops, as_times, as_units, read_instance
from patrolmap.errors import InputError
from patrolmap.model.plan import Plan
from patrolmap.model.units import Break, Unit
from patrolmap.planning.engine import Progress, plan_patrol
from tests.plan_checker import faults
from tests.planning.cases import FLAT, Case, crew, draw_case, post, square, stops_of
from tests.planning.exact import best_aims


def plan_of(stops: pd.DataFrame, *units: Unit, iterations: int = 200, **more: object) -> Plan:
    """Plan on the flat matrix, and have the plan judged."""
    more = {"times": FLAT, "time_limit_s": None} | more
    plan = plan_patrol(stops, units, iterations=iterations, **more)
    assert faults(plan, units, more["times"]) == []
    return plan


def served(plan: Plan) -> set[str]:
    return {v.stop_id for route in plan.routes for v in route.visits if not v.is_break}


def starts(plan: Plan) -> dict[str, int]:
    return {v.stop_id: v.start_s for route in plan.routes for v in route.visits}


def aims_of(plan: Plan) -> tuple[float, float, float]:
    rows = plan.stops.drop(plan.unserved.index)
    travel_s = sum(route.travel_s for route in plan.routes)
    return float(rows["prize"][rows["required"]].sum()), float(rows["prize"].sum()), -travel_s


# ── all rules ──


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 10**9))
def test_every_rule_is_kept_in_tasks_where_all_of_them_meet(number: int):
    case = draw_case(number)
    plan = plan_patrol(
        case.stops, case.units, case.times,
        distances=case.distances, iterations=60, time_limit_s=None, seed=number % 7,
    )  # fmt: skip
    assert faults(plan, case.units, case.times, case.distances) == []


@pytest.mark.parametrize("number", range(25))
def test_small_tasks_are_solved_to_the_best_there_is(number: int):
    assert _reaches_the_best(_within_reach_of_trial(draw_case(number, stops=6, units=2)))


@pytest.mark.parametrize("number", range(25))
def test_so_are_tasks_with_gaps_between_visits(number: int):
    """One crew, two places, so that most visits are repeats."""
    drawn = draw_case(number, stops=6, units=1)
    case = _within_reach_of_trial(drawn)
    near = drawn.stops["place_id"].map({"A": "A", "B": "B", "C": "A", "D": "B", "E": "A"})
    gaps = np.random.default_rng(number).integers(0, 80, len(near)).astype(float)
    stops = case.stops.assign(place_id=near, min_gap_s=gaps)
    assert _reaches_the_best(replace(case, stops=stops))


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="this system pins no cores")
def test_the_number_of_cores_changes_nothing():
    case, cores = draw_case(5, stops=40, units=4), os.sched_getaffinity(0)

    def planned() -> Plan:
        return plan_patrol(
            case.stops, case.units, case.times, distances=case.distances, seed=3,
            iterations=2000, time_limit_s=None,
        )  # fmt: skip

    with_all = planned()
    os.sched_setaffinity(0, {min(cores)})
    try:
        with_one = planned()
    finally:
        os.sched_setaffinity(0, cores)
    assert with_one.routes == with_all.routes
    assert with_one.unserved.equals(with_all.unserved)


def _reaches_the_best(case: Case) -> bool:
    plan = plan_patrol(
        case.stops, case.units, case.times,
        distances=case.distances, iterations=600, time_limit_s=None,
    )  # fmt: skip
    assert faults(plan, case.units, case.times, case.distances) == []
    return aims_of(plan)[:2] == best_aims(case)[:2]


def _within_reach_of_trial(case: Case) -> Case:
    """Leave out gaps, close the matrices, and pin what several crews must serve together."""
    stops = case.stops.assign(min_gap_s=np.nan, max_gap_s=np.nan, prize=case.stops["prize"] + 1)
    together = stops["people"] > 1
    stops.loc[together, "tw_late_s"] = stops.loc[together, "tw_early_s"]
    times = {mode: _closed(matrix) for mode, matrix in case.times.items()}
    metres = {mode: 2 * matrix for mode, matrix in times.items()}
    return Case(stops, case.units, times, metres)


def _closed(times: pd.DataFrame) -> pd.DataFrame:
    """Shorten every way by the ways round it, as on real streets (Floyd and Warshall)."""
    best = times.to_numpy(float, na_value=np.inf)
    for k in range(len(best)):
        best = np.minimum(best, best[:, [k]] + best[[k], :])
    return square(np.where(np.isinf(best), np.nan, best))


# ── single rules ──


def test_a_crew_leaves_just_in_time_and_waits_at_the_next_stop():
    stops = stops_of(P=post(100), Q=post(300, place_id="B"))
    first, second = plan_of(stops, crew()).routes[0].visits
    assert (first.arrive_s, first.start_s, first.end_s) == (100, 100, 150)
    assert (second.arrive_s, second.start_s) == (160, 300)


def test_a_required_stop_outweighs_any_optional_prizes():
    stops = stops_of(P=post(100, prize=1.0), Q={"tw_late_s": 120, "place_id": "B", "prize": 9999.0})
    plan = plan_of(stops, crew(shift_start_s=95, shift_end_s=165, start_id="A", end_id="A"))
    assert served(plan) == {"P"}


def test_of_required_stops_that_cannot_all_be_had_the_best_prizes_are_served():
    stops = stops_of(
        P=post(100, prize=60.0), Q=post(140, prize=50.0, place_id="B"), R=post(180, prize=55.0)
    )
    plan = plan_of(stops, crew())
    assert served(plan) == {"P", "R"}
    assert plan.unserved.loc["Q"].tolist() == [1, "no_crew_free", ""]


def test_two_crews_stand_together_where_two_people_are_needed():
    plan = plan_of(stops_of(P=post(100, people=2)), crew("U1"), crew("U2"))
    assert [route.visits[0].stop_id for route in plan.routes] == ["P", "P"]
    assert plan.unserved.empty


def test_a_post_short_of_people_is_manned_by_those_who_are_free():
    plan = plan_of(stops_of(P=post(100, people=3)), crew("U1", people={"officer": 2}))
    assert served(plan) == {"P"}
    assert plan.unserved.loc["P", ["people_missing", "reason"]].tolist() == [1, "people_missing 1"]


def test_somebody_of_the_role_is_among_those_who_serve():
    stops = stops_of(P=post(100, people=2, role_needed="officer"))
    helpers = [crew(f"U{k}", people={"auxiliary": 1}) for k in range(3)]
    plan = plan_of(stops, *helpers, crew("U9"))
    assert plan.route("U9").visits
    plan = plan_of(stops, *helpers)
    assert plan.unserved.loc["P", "reason"] == "role_missing officer"


def test_a_break_is_taken_within_its_hours_between_stops():
    stops = stops_of(P=post(100), Q=post(300, place_id="B"))
    rest = Break(150, 260, 40)
    plan = plan_of(stops, crew(breaks=(rest,)))
    assert [visit.stop_id for visit in plan.routes[0].visits] == ["P", "break", "Q"]


def test_a_crew_without_stops_takes_no_break_and_stays():
    plan = plan_of(stops_of(P=post(100)), crew("U1"), crew("U2", breaks=(Break(0, 500, 30),)))
    assert plan.route("U2").visits == ()


def test_only_named_crews_serve_a_stop():
    for named in ("U2", "U3,U2", ["U2"]):
        stops = stops_of(P=post(100)).assign(unit_ids=[named])
        assert plan_of(stops, crew("U1"), crew("U2")).route("U2").visits


def test_one_of_several_alternatives_is_served():
    stops = stops_of(P={"alternative": "x"}, Q={"alternative": "x", "prize": 2.0, "place_id": "B"})
    plan = plan_of(stops, crew())
    assert served(plan) == {"Q"}
    assert plan.unserved.loc["P", ["reason", "detail"]].tolist() == ["lower_priority", "Q"]


def test_visits_to_one_place_are_as_far_apart_as_asked_even_by_different_crews():
    gap = {"min_gap_s": 300, "max_gap_s": 400}
    stops = stops_of(P=gap, Q=gap, R=gap)
    plan = plan_of(stops, crew("U1"), crew("U2"))
    assert len(served(plan)) == 3
    first, second, third = sorted(starts(plan).values())
    assert 320 <= second - first <= 420
    assert 320 <= third - second <= 420


def test_a_crew_goes_no_farther_than_it_may():
    stops = stops_of(A={}, B={"place_id": "B"}, C={"place_id": "C"})
    metres = {"walk": FLAT["walk"] * 10}
    plan = plan_of(stops, crew(max_distance_m=350.0), distances=metres)
    assert len(served(plan)) == 2
    assert plan.routes[0].distance_m == 300.0


def test_crews_move_by_their_own_mode_and_may_end_elsewhere():
    walk = FLAT["walk"] * 50
    plan = plan_of(
        stops_of(P=post(100)), crew("U1"), crew("U2", mode="drive", end_id="room"),
        times=FLAT | {"walk": walk},
    )  # fmt: skip
    assert plan.route("U2").travel_s == 20


# ── what is left out, and why ──


def test_an_island_is_unreachable():
    times = FLAT["walk"].copy()
    times.loc["E", times.columns != "E"] = pd.NA
    times.loc[times.index != "E", "E"] = pd.NA
    plan = plan_of(stops_of(P={}, Q={"place_id": "E"}), crew(), times={"walk": times})
    assert plan.unserved["reason"].to_dict() == {"Q": "unreachable"}


def test_a_stop_outside_every_shift_says_so():
    plan = plan_of(stops_of(P={"tw_early_s": 990, "tw_late_s": 995}), crew())
    assert plan.unserved["reason"].to_dict() == {"P": "outside_shifts"}


def test_too_few_people_on_duty_are_counted():
    plan = plan_of(stops_of(P=post(100, people=4)), crew("U1"), crew("U2"))
    assert plan.unserved.loc["P", ["people_missing", "reason"]].tolist() == [2, "people_missing 2"]


def test_what_matters_less_is_left_out_for_want_of_time():
    stops = stops_of(P={"service_s": 400, "prize": 3.0}, Q={"service_s": 600})
    plan = plan_of(stops, crew())
    assert plan.unserved["reason"].to_dict() == {"Q": "lower_priority"}


def test_without_crews_everything_is_unserved():
    plan = plan_of(stops_of(P=post(100), Q={}))
    assert plan.unserved["people_missing"].to_dict() == {"P": 1, "Q": 0}
    assert set(plan.unserved["reason"]) == {"no_crew_free"}


def test_without_stops_everybody_stays():
    plan = plan_of(stops_of(P={}).iloc[:0], crew())
    assert plan.routes[0].visits == ()
    assert plan.unserved.empty


# ── the search ──


def test_the_same_seed_gives_the_same_plan_however_the_rows_lie():
    case = draw_case(5, stops=30, units=5)
    given_order, shuffled = (
        plan_patrol(rows, case.units, case.times, iterations=400, time_limit_s=None, seed=3)
        for rows in (case.stops, case.stops.sample(frac=1, random_state=1))
    )
    assert given_order.routes == shuffled.routes
    pd.testing.assert_frame_equal(given_order.stops, shuffled.stops)
    assert given_order.settings["stopped_by"] == "iterations"
    assert given_order.settings["iterations"] == 400


def test_another_seed_may_give_another_plan_but_keeps_the_input():
    case = draw_case(5, stops=30, units=5)
    before = case.stops.copy(deep=True)
    plan_patrol(case.stops, case.units, case.times, iterations=20, time_limit_s=None)
    pd.testing.assert_frame_equal(case.stops, before)


def test_progress_is_told_and_may_cancel():
    told: list[Progress] = []

    def stop_at_once(progress: Progress) -> bool:
        told.append(progress)
        return False

    stops = stops_of(P={"service_s": 400, "prize": 3.0}, Q={"service_s": 600})
    plan = plan_patrol(stops, [crew()], FLAT, time_limit_s=60.0, on_progress=stop_at_once)
    assert plan.settings["stopped_by"] == "cancelled"
    assert told[0].share < 0.1
    assert served(plan) == {"P"}
    assert plan.unserved["reason"].to_dict() == {"Q": "stopped_early"}
    assert faults(plan, [crew()], FLAT) == []


def test_an_error_in_the_callback_comes_through():
    def fail(_: Progress) -> bool:
        raise RuntimeError("the page is gone")

    with pytest.raises(RuntimeError, match="the page is gone"):
        plan_patrol(stops_of(P={}), [crew()], FLAT, time_limit_s=60.0, on_progress=fail)


def test_the_clock_stops_a_search_and_is_named():
    plan = plan_patrol(stops_of(P={}), [crew()], FLAT, time_limit_s=0.05)
    assert plan.settings["stopped_by"] == "clock"
    assert served(plan) == {"P"}


@pytest.mark.parametrize(("name", "routes"), [("pr01", 1), ("pr01", 4), ("c101", 1), ("pr07", 1)])
def test_published_optima_are_reached_and_never_exceeded(shared_data, name: str, routes: int):
    instance = read_instance(shared_data / "toptw" / f"{name}.txt")
    known = pd.read_csv(shared_data / "toptw" / "best_known.csv", index_col=["instance", "m"])
    stops, units, times = as_stops(instance), as_units(instance, routes), as_times(instance)
    plan = plan_patrol(stops, units, times, iterations=8000, time_limit_s=None)
    assert faults(plan, units, times) == []
    assert known.loc[(name, routes), "proven"] == "yes"
    assert aims_of(plan)[1] == known.loc[(name, routes), "best_known"]


# ── bad input ──


def _without(column: str) -> pd.DataFrame:
    return stops_of(P={}).drop(columns=column)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"stops": _without("tw_late_s")}, "lack the column tw_late_s"),
        ({"stops": pd.concat([stops_of(P={}), stops_of(P={})])}, "stands twice"),
        ({"stops": stops_of(**{"break-1": {}})}, "kept for breaks"),
        ({"stops": stops_of(P={"tw_early_s": -5})}, "no whole number"),
        ({"stops": stops_of(P={"service_s": 1.5})}, "no whole number"),
        ({"stops": stops_of(P={"tw_early_s": 9, "tw_late_s": 8})}, "ends before it starts"),
        ({"stops": stops_of(P={"prize": np.nan})}, "no number from 0 up"),
        ({"stops": stops_of(P={"place_id": "Z"})}, "knows no place Z"),
        ({"units": [crew(start_id="Y")]}, "knows no place Y"),
        ({"units": [crew(), crew()]}, "stands twice"),
        ({"units": [crew(shift_end_s=-1)]}, "shift ends before it starts"),
        ({"units": [crew(people={})]}, "nobody is in the crew"),
        ({"units": [crew(breaks=(Break(990, 999, 60),))]}, "does not fit into the shift"),
        ({"units": [crew(mode="drive")], "times": {"walk": FLAT["walk"]}}, "no matrix"),
        ({"times": {"walk": FLAT["walk"].iloc[:-1]}}, "not square"),
        ({"times": {"walk": FLAT["walk"] * -1}}, "holds -10 from A to B"),
        ({"seed": -1}, "seed is -1"),
        ({"iterations": None, "time_limit_s": None}, "Nothing would end the search"),
        ({"iterations": -3}, "iterations is -3"),
        ({"time_limit_s": 0.0}, "time_limit_s is 0.0"),
        ({"time_limit_s": np.inf}, "time_limit_s is inf"),
        ({"time_limit_s": np.nan}, "time_limit_s is nan"),
        ({"change_price": -1.0}, "change_price is -1"),
        ({"balance_loss": 1.0}, "balance_loss is 1"),
        ({"locked": ["P"]}, "cannot be locked"),
    ],
)
def test_bad_input_is_refused_with_what_where_and_cure(change: dict[str, object], words: str):
    usual = {"stops": stops_of(P={}), "units": [crew()], "times": FLAT, "iterations": 5}
    with pytest.raises(InputError, match=words):
        plan_patrol(**(usual | change))
