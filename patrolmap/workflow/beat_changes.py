"""The beats of a changed plan: visits that stay are walked as before, others anew."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, Final

import geopandas as gpd
import shapely
from pyproj import Geod

from patrolmap.model.plan import Leg, Plan, Route
from patrolmap.planning.beat_walks import Beats, check_lengths, walk_beats
from patrolmap.workflow.streets import sights
from patrolmap.workflow.task import Ground

_EARTH: Final = Geod(ellps="WGS84")
_Legs = dict[tuple[str, str], Leg]


def with_beats(
    plan: Plan, before: Plan, at_s: int, ground: Ground, places: gpd.GeoDataFrame, *, anew: bool
) -> Plan:
    """
    Add the beats of all visits from a time on to a plan whose ways are laid.

    Parameters
    ----------
    plan, before
        The changed plan and the earlier one.
    at_s
        Since when.
    ground, places
        The precinct, and the places of the stops.
    anew
        Lay all of them anew, because streets were closed.
    """
    kept: _Legs = {} if anew else _kept(plan, before, at_s)
    fresh = replace(
        plan,
        routes=tuple(
            replace(
                route,
                visits=tuple(
                    visit
                    for visit in route.visits
                    if visit.start_s >= at_s and (route.unit_id, visit.stop_id) not in kept
                ),
            )
            for route in plan.routes
        ),
    )
    walked = walk_beats(
        fresh, ground.network, places, ground.precinct["cells"], sights(ground.precinct)
    )
    legs = kept | walked.legs
    return replace(plan, routes=tuple(_with_legs(route, legs) for route in plan.routes))


def _kept(plan: Plan, before: Plan, at_s: int) -> _Legs:
    """Take over the beats of visits whose crew and times are as they were."""
    old = {
        (route.unit_id, leg.stop_id, visit.start_s, visit.end_s): leg
        for route in before.routes
        for visit in route.visits
        for leg in route.legs
        if leg.kind == "beat" and leg.stop_id == visit.stop_id
    }
    found = {}
    for route in plan.routes:
        for visit in route.visits:
            leg = old.get((route.unit_id, visit.stop_id, visit.start_s, visit.end_s))
            if leg is not None and visit.start_s >= at_s:
                found[route.unit_id, visit.stop_id] = leg
    return found


def _with_legs(route: Route, beats: _Legs) -> Route:
    own = [leg for (unit_id, _), leg in beats.items() if unit_id == route.unit_id]
    legs = sorted([*route.legs, *own], key=lambda leg: (leg.times_s[0], leg.times_s[-1]))
    return replace(route, legs=tuple(legs))


def told_of_beats(plan: Plan, ground: Ground) -> dict[str, Any]:
    """Say how much street each crew on foot has to walk that day, as `check_lengths` does."""
    on_foot = [unit.unit_id for unit in ground.units if unit.mode == "walk"]
    beats = Beats(
        street_m={route.unit_id: _street_m(route.legs) for route in plan.routes},
    )
    return check_lengths(beats, on_foot, ground.precinct.settings)


def _street_m(legs: Iterable[Leg]) -> float:
    """Measure the street under all beats of a crew; what is walked twice counts once."""
    lines = [leg.line for leg in legs if leg.kind == "beat"]
    return float(_EARTH.geometry_length(shapely.union_all(lines))) if lines else 0.0
