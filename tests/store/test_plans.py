"""A plan comes back from JSON exactly as it was."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal
from shapely import LineString

from patrolmap.errors import InputError, StoreError
from patrolmap.model.plan import PLACE_COLUMNS, Leg, Plan, Route
from patrolmap.store.plans import plan_from_json, plan_to_json
from tests.test_plan_checker import lawful

coordinates = st.tuples(st.floats(-180, 180), st.floats(-90, 90))


def assert_same_plan(found: Plan, expected: Plan) -> None:
    assert_frame_equal(found.stops, expected.stops)
    assert_frame_equal(found.unserved, expected.unserved)
    frames = {"stops": None, "unserved": None}
    assert replace(found, **frames) == replace(expected, **frames)


def turned(plan: Plan) -> Plan:
    return plan_from_json(plan_to_json(plan))


def test_every_part_of_a_plan_comes_back():
    """With legs, breaks, optional rules with gaps, and the columns of places."""
    plan = lawful().plan
    place = dict(zip(PLACE_COLUMNS, ("东门 “一”", 119.97000000000001, 31.7, "given"), strict=True))
    plan = replace(
        plan,
        stops=plan.stops.assign(**place),
        settings={
            "iterations": 100,
            "assumed": ["bells"],
            "precinct": "示例 🏫",
            "synthetic": True,
        },
        status="issued",
        seed=42,
    )
    assert_same_plan(turned(plan), plan)


def test_a_plan_with_nothing_in_it_comes_back():
    plan = lawful().plan
    plan = replace(plan, routes=(), stops=plan.stops.iloc[:0], unserved=plan.unserved.iloc[:0])
    assert_same_plan(turned(plan), plan)


@pytest.mark.parametrize(
    ("dtype", "values"),
    [
        ("int64", [1, -2]),
        ("Int64", [1, None]),
        ("float64", [0.1, float("nan")]),
        ("Float64", [0.1, None]),
        ("bool", [True, False]),
        ("boolean", [True, None]),
        ("str", ["东门", None]),
        ("object", [("U1", "U2"), None]),
    ],
)
def test_columns_keep_their_type_and_gaps(dtype: str, values: list[Any]):
    plan = lawful().plan
    stops = plan.stops.iloc[:2].assign(extra=pd.Series(values, plan.stops.index[:2], dtype=dtype))
    plan = replace(plan, stops=stops)
    assert_same_plan(turned(plan), plan)


@given(
    st.lists(coordinates, min_size=2, max_size=5),
    st.floats(0, 1e6),
    st.text(st.characters(codec="utf-8")),
)
def test_lines_times_and_reasons_come_back_to_the_last_digit(
    line: list[tuple[float, float]], distance_m: float, reason: str
):
    times_s = tuple(distance_m + at / 3 for at in range(len(line)))
    leg = Leg(LineString(line), times_s, "beat", "Q-1", (distance_m, 0.0))
    plan = lawful().plan
    visit = replace(plan.routes[0].visits[0], reason=reason)
    route = Route("W1", (visit,), distance_m, 600, (leg,))
    plan = replace(plan, routes=(route,))
    assert_same_plan(turned(plan), plan)


def test_numbers_of_numpy_become_plain_numbers():
    plan = lawful().plan
    route = replace(plan.routes[1], travel_s=np.int64(700), distance_m=np.float32(875.0))
    found = turned(replace(plan, routes=(route,))).routes[0]
    assert (type(found.travel_s), found.travel_s) == (int, 700)
    assert (type(found.distance_m), found.distance_m) == (float, 875.0)


def test_what_json_cannot_hold_is_refused():
    plan = lawful().plan
    with pytest.raises(InputError, match="cannot be kept: set is no JSON value"):
        plan_to_json(replace(plan, settings={"assumed": {"bells"}}))
    dated = plan.stops.assign(on=pd.Timestamp("2026-09-01"))
    with pytest.raises(InputError, match="'on' is of type datetime64"):
        plan_to_json(replace(plan, stops=dated))


def routes_with_line(record: dict[str, Any], line: list[list[float]]) -> dict[str, Any]:
    leg = {"line": line, "times_s": [0.0], "kind": "travel", "stop_id": "", "connector_m": [0, 0]}
    return record["routes"][0] | {"legs": [leg]}


def _broken_records() -> list[str]:
    record = json.loads(plan_to_json(lawful().plan))
    return [
        "",
        "[]",
        "null",
        json.dumps(record | {"date": "yesterday"}),
        json.dumps(record | {"routes": [{"unit_id": "W1"}]}),
        json.dumps(record | {"stops": {"columns": []}}),
        json.dumps(record | {"routes": [routes_with_line(record, [[119.97, 31.7]])]}),
        json.dumps({key: value for key, value in record.items() if key != "seed"}),
    ]


@pytest.mark.parametrize("text", _broken_records())
def test_a_damaged_plan_is_said_to_be_damaged(text: str):
    with pytest.raises(StoreError, match="a plan in the precinct file is damaged"):
        plan_from_json(text)
