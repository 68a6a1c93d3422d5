"""Visits that end before their time: a crew is lost, or called away from a patrol."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

import pandas as pd

from patrolmap.model.plan import Plan, Route, Visit
from patrolmap.workflow.whereabouts import clip


def visit_at(route: Route, at_s: int) -> Visit | None:
    """Find the stop that a crew is serving at a time; a break is none."""
    for visit in route.visits:
        if visit.start_s < at_s < visit.end_s and not visit.is_break:
            return visit
    return None


def break_off(plan: Plan, heads: dict[str, int], at_s: int) -> Plan:
    """
    End the visits that some crews are at, as if no more had been asked of them.

    Parameters
    ----------
    plan
        The plan.
    heads
        By the call-signs of these crews, how many people each has.
    at_s
        When they go. A stop where others stay is split: theirs goes on for fewer people,
        and what the crew did there is a stop of its own, ``<stop_id>:<call-sign>``.
    """
    stops, routes = plan.stops, list(plan.routes)
    for number, route in enumerate(routes):
        visit = visit_at(route, at_s) if route.unit_id in heads else None
        if visit is None:
            continue
        shortened = {"service_s": at_s - visit.start_s}
        stop_id = visit.stop_id
        if any(other not in heads for other in _crews_at(plan, stop_id)):
            stop_id = f"{visit.stop_id}:{route.unit_id}"
            own = min(heads[route.unit_id], int(stops["people"][visit.stop_id]))
            left = max(1, int(stops["people"][visit.stop_id]) - own)
            part = stops.loc[[visit.stop_id]].rename(index={visit.stop_id: stop_id})
            stops = pd.concat([_with(stops, visit.stop_id, {"people": left}), part])
            shortened["people"] = own
        stops = _with(stops, stop_id, shortened)
        done = replace(visit, stop_id=stop_id, end_s=at_s)
        visits = tuple(done if v is visit else v for v in route.visits)
        legs = tuple(
            replace(clip(leg, at_s), stop_id=stop_id) if leg.stop_id == visit.stop_id else leg
            for leg in route.legs
        )
        routes[number] = replace(route, visits=visits, legs=legs)
    return replace(plan, stops=stops, routes=tuple(routes))


def _crews_at(plan: Plan, stop_id: str) -> Iterator[str]:
    for route in plan.routes:
        if any(visit.stop_id == stop_id for visit in route.visits):
            yield route.unit_id


def _with(stops: pd.DataFrame, stop_id: str, values: dict[str, int]) -> pd.DataFrame:
    changed = stops.copy()
    for name, value in values.items():
        changed.loc[stop_id, name] = value
    return changed.astype(stops.dtypes)


def left_alone(plan: Plan, lost: Iterable[str], at_s: int) -> list[tuple[str, str]]:
    """List the posts that lost crews were standing at: stop and crew."""
    found = []
    for route in plan.routes:
        visit = visit_at(route, at_s) if route.unit_id in set(lost) else None
        if visit is not None and plan.stops["required"][visit.stop_id]:
            found.append((visit.stop_id, route.unit_id))
    return found
