"""A plan is worded alike in every file, map and page."""

from __future__ import annotations

from dataclasses import replace

import pytest

from patrolmap.delivery.wording import calls, caveats, data_caveats, plan_title, stop_reason
from patrolmap.errors import InputError
from patrolmap.model.plan import Visit


def test_stops_are_counted_from_one_and_breaks_are_none(plan):
    stops = list(calls(plan, plan.route("U1"), "en"))
    assert [(call.number, call.name) for call in stops] == [(1, "九年一贯制学校 南门"), (2, "WN12")]
    assert stops[1].title == "02 WN12 08:10–08:22"


def test_a_route_of_nothing_but_a_break_has_no_stops(plan):
    route = replace(plan.routes[0], visits=(Visit("break-2", 0, 0, 600, "break"),))
    assert list(calls(plan, route, "zh")) == []


def test_stops_without_places_are_refused(plan):
    bare = replace(plan, stops=plan.stops.drop(columns=["lon", "lat"]))
    with pytest.raises(InputError, match="no places"):
        list(calls(bare, plan.routes[0], "zh"))


def test_a_reason_says_that_patrolmap_chose_the_place(plan):
    stop = plan.stops.loc["post:G1"]
    assert stop_reason(stop, "post", "en") == "guard post (proposed by patrolmap)"
    assert stop_reason(stop.drop("provenance"), "post", "en") == "guard post"


def test_an_approved_plan_of_given_data_needs_no_caveats(plan):
    assert caveats(replace(plan, status="approved", settings={}), "zh") == []


def test_the_attribution_comes_last(plan):
    assert caveats(plan, "en")[-1] == "© OpenStreetMap contributors"
    assert data_caveats({"synthetic": True}, "en") == [
        "Synthetic data: an invented precinct, for trying patrolmap out."
    ]


def test_a_title_names_precinct_date_and_crew(plan):
    assert plan_title(plan, "zh", "U1") == "示范辖区 2026-09-01 U1"
    assert plan_title(replace(plan, settings={}), "en") == "Patrol plan 2026-09-01"


def test_crews_with_too_much_street_on_their_beats_are_named():
    told = {
        "beat_street_m": {"U1": 2100, "U2": 2900, "U3": 5200, "U4": 2150},
        "beat_warn_m": 2100.0,
        "beat_most_m": 4800.0,
    }
    much, too_much = data_caveats(told, "en")
    assert much.endswith("where patrols work less: U2 2.9 km, U4 2.1 km")
    assert too_much.endswith("which had no effect: U3 5.2 km")
    assert "超过 4.8 公里" in data_caveats(told, "zh")[1]
