"""Calls that cannot wait, incidents and posts left alone, and the crews nearest to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import pandas as pd

from patrolmap.model.plan import Plan
from patrolmap.model.reasons import make_reason
from patrolmap.model.units import Unit
from patrolmap.planning.underway import Underway


@dataclass(frozen=True)
class Incident:
    """
    Something that needs a crew at once.

    Parameters
    ----------
    lon, lat
        Where, in EPSG:4326.
    minutes
        How long each crew stays there.
    people, role
        How many people it needs, and the role that one of them must have, if any.
    within_min
        How soon they are wanted there.
    name
        What crews call the place.
    """

    lon: float
    lat: float
    minutes: int = 15
    people: int = 1
    role: str = ""
    within_min: int = 10
    name: str = ""


@dataclass(frozen=True)
class Need:
    """A place where people are wanted at once; `until_s`: they stay till then, if it is a post."""

    stop_id: str
    place_id: str
    people: int
    role: str
    late_s: int
    service_s: int
    until_s: int | None
    row: Mapping[str, Any]


class Option(NamedTuple):
    """A crew that could come: from where and when, and the posts it has still to stand at."""

    unit: Unit
    start: Underway
    breaks_off: bool
    posts: Sequence[tuple[int, str]]


class Answer(NamedTuple):
    """A crew that is sent, when it arrives, and whether it breaks off a patrol."""

    unit_id: str
    heads: int
    arrive_s: int
    breaks_off: bool


def nearest_crews(
    need: Need, options: Sequence[Option], times: Mapping[str, pd.DataFrame]
) -> list[Answer]:
    """
    Choose the crews for a need: in time, without leaving a post alone, and the nearest.

    They are fewer people than wanted where nobody else can come.
    """
    ranked = []
    for option in options:
        way_s = times[option.unit.mode].loc[option.start.place_id, need.place_id]
        if pd.isna(way_s):
            continue
        arrive_s = option.start.free_s + int(way_s)
        done_s = need.until_s or arrive_s + need.service_s
        if done_s <= arrive_s:
            continue
        home_s = times[option.unit.mode].loc[need.place_id, option.unit.end_id]
        if pd.isna(home_s) or done_s + int(home_s) > option.unit.shift_end_s:
            continue
        misses = _misses_post(need, option, done_s, times)
        rank = (arrive_s > need.late_s, misses, arrive_s, option.unit.unit_id)
        ranked.append((rank, option, arrive_s))
    ranked.sort(key=lambda one: one[0])
    return _enough(need, [(option, arrive_s) for _, option, arrive_s in ranked])


def _misses_post(
    need: Need, option: Option, done_s: int, times: Mapping[str, pd.DataFrame]
) -> bool:
    ways = times[option.unit.mode].loc[need.place_id]
    return any(pd.isna(ways[place]) or done_s + ways[place] > s for s, place in option.posts)


def _enough(need: Need, ranked: Sequence[tuple[Option, int]]) -> list[Answer]:
    """Take crews until their people reach the need; whoever holds the role comes first."""
    held = [one for one in ranked if need.role and one[0].unit.people.get(need.role, 0)]
    if need.role and not held:
        return []
    order = [*held[:1], *(one for one in ranked if one not in held[:1])]
    chosen: list[Answer] = []
    for option, arrive_s in order:
        if sum(answer.heads for answer in chosen) >= need.people:
            break
        unit = option.unit
        chosen.append(Answer(unit.unit_id, unit.headcount, arrive_s, option.breaks_off))
    return chosen


def call_stops(need: Need, chosen: Sequence[Answer], at_s: int) -> list[dict[str, Any]]:
    """
    Make the stops of a need: one for each crew, which begins when it arrives.

    People whom nobody can send are asked for by a stop of their own, so that it is told.
    """
    rows, missing = [], need.people
    for number, answer in enumerate(chosen, start=1):
        heads = min(answer.heads, missing)
        until_s = need.until_s or answer.arrive_s + need.service_s
        rows.append(
            {
                **need.row,
                "stop_id": need.stop_id if number == 1 else f"{need.stop_id}:{number}",
                "place_id": need.place_id,
                "tw_early_s": answer.arrive_s,
                "tw_late_s": answer.arrive_s,
                "service_s": until_s - answer.arrive_s,
                "people": heads,
                "role_needed": need.role if number == 1 else "",
                "unit_ids": answer.unit_id,
            }
        )
        missing -= heads
    if missing > 0:
        rows.append(
            {
                **need.row,
                "stop_id": f"{need.stop_id}:missing",
                "place_id": need.place_id,
                "tw_early_s": at_s,
                "tw_late_s": at_s,
                "service_s": (need.until_s - at_s) if need.until_s else need.service_s,
                "people": missing,
                "role_needed": "" if chosen else need.role,
                "unit_ids": "",
            }
        )
    return rows


def incident_need(number: int, incident: Incident, stops: pd.DataFrame, at_s: int) -> Need:
    """Ask for people at an incident: it outweighs every stop of the plan."""
    name = incident.name or f"{incident.lat:.5f}, {incident.lon:.5f}"
    row = {
        "kind": "incident",
        "window_id": "",
        "required": True,
        "prize": float(stops["prize"].sum()) + 1.0,
        "reason": make_reason("incident"),
        "name": name,
        "lon": incident.lon,
        "lat": incident.lat,
        "provenance": "given",
    }
    stop_id = f"incident:{at_s}:{number}"
    late_s = at_s + 60 * incident.within_min
    service_s = 60 * incident.minutes
    people, role = incident.people, incident.role
    return Need(stop_id, stop_id, people, role, late_s, service_s, None, row)


def posts_ahead(plan: Plan, unit_id: str, at_s: int) -> list[tuple[int, str]]:
    """List the posts that a crew has still to stand at: when they begin, and where."""
    stops = plan.stops
    ahead = [
        visit
        for visit in plan.route(unit_id).visits
        if not visit.is_break and visit.start_s >= at_s and stops["required"][visit.stop_id]
    ]
    return [(int(stops["tw_late_s"][v.stop_id]), str(stops["place_id"][v.stop_id])) for v in ahead]
