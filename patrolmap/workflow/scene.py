"""The scene of a change: who is where, what is open, who goes where at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import geopandas as gpd
import pandas as pd

from patrolmap.model.contracts import CRS
from patrolmap.model.plan import Plan, Route
from patrolmap.model.reasons import make_reason
from patrolmap.model.units import Mode, Unit
from patrolmap.planning.beats import lay_routes
from patrolmap.planning.changes import list_changes
from patrolmap.planning.engine import plan_patrol
from patrolmap.planning.scorecard import summarize
from patrolmap.planning.travel import Travel
from patrolmap.planning.underway import Underway
from patrolmap.workflow.beat_changes import told_of_beats, with_beats
from patrolmap.workflow.calls import (
    Answer,
    Need,
    Option,
    call_stops,
    incident_need,
    nearest_crews,
    posts_ahead,
)
from patrolmap.workflow.changes import Changes, crews_now, crews_of, find_cells, find_stops
from patrolmap.workflow.cutting import break_off, left_alone, visit_at
from patrolmap.workflow.precinct import Precinct
from patrolmap.workflow.streets import street_network
from patrolmap.workflow.task import (
    Ground,
    crews_record,
    places_of,
    shortage_of,
    travel_between,
    with_distances,
)
from patrolmap.workflow.whereabouts import Whereabouts, find_crew, lines_of_day, with_arrival

KEPT_SETTINGS: Final = (
    "precinct", "synthetic", "attribution", "snap_m", "holidays_announced", "assumed",
)  # fmt: skip
KEPT_FIGURES: Final = ("patrols_not_offered", "cells_without_street")


@dataclass(frozen=True)
class Scene:
    """All that a change is worked out from."""

    ground: Ground
    previous: Plan  # as it was
    past: Plan  # visits broken off shortened
    at_s: int
    locked: tuple[str, ...]
    stops: pd.DataFrame  # those the search is asked to serve, and those done
    aside: pd.DataFrame  # over, or taken out
    crews: dict[str, Whereabouts]
    places: gpd.GeoDataFrame
    travel: dict[Mode, Travel]
    times: dict[str, pd.DataFrame]
    answers: dict[str, list[Answer]]

    @classmethod
    def set(cls, precinct: Precinct, previous: Plan, at_s: int, changes: Changes) -> Scene:
        """Find out who is where, what is open, and who goes where at once."""
        before = crews_of(previous, precinct)
        units = crews_now(before, previous, precinct, changes, at_s)
        network = street_network(precinct).without(changes.banned_streets)
        ground = Ground(precinct, units, network, gpd.GeoDataFrame())
        lost = {unit.unit_id: unit.headcount for unit in units if _is_lost(unit, changes, at_s)}
        posts = left_alone(previous, lost, at_s)
        past = break_off(previous, lost, at_s)
        needs = [*_incidents(changes, past, at_s), *_reliefs(previous, posts, lost, at_s)]
        crews, callable_crews = _find_crews(past, units, lost, at_s, calls=bool(needs))
        open_stops, aside = _sort_stops(past, precinct, changes, at_s)
        places = _places(precinct, past.stops, needs, [*crews.values(), *callable_crews.values()])
        travel = travel_between(network, places, units, precinct.settings.snap_m)
        times = _times(travel, units, past, crews, at_s, banned=bool(changes.banned_streets))
        answers = _answer(needs, units, lost, past, crews, callable_crews, times, at_s)
        called = {a.unit_id for answer in answers.values() for a in answer if a.breaks_off}
        heads = {unit.unit_id: unit.headcount for unit in units if unit.unit_id in called}
        past = break_off(past, heads, at_s)
        rows = [row for need in needs for row in call_stops(need, answers[need.stop_id], at_s)]
        stops = _with_calls(past.stops.loc[open_stops.index], rows)
        return cls(
            ground, previous, past, at_s, find_stops(previous, changes.locked, at_s),
            stops, aside, {**crews, **{u: callable_crews[u] for u in called}},
            places, travel, times, answers,
        )  # fmt: skip

    def plan(
        self,
        *,
        change_price: float,
        seed: int,
        iterations: int | None,
        time_limit_s: float | None,
    ) -> Plan:
        """Search for the plan from now on."""
        return plan_patrol(
            self.stops,
            self.ground.units,
            self.times,
            distances={mode: known.metres for mode, known in self.travel.items()},
            zone=self.previous.zone,
            previous=self.past,
            at_s=self.at_s,
            locked=self.locked,
            underway={unit_id: known.underway for unit_id, known in self.crews.items()},
            change_price=change_price,
            seed=seed,
            iterations=iterations,
            time_limit_s=time_limit_s,
        )

    def finish(self, plan: Plan, parent_id: str, changes: Changes) -> Plan:
        """Lay the lines, put back what was set aside, measure, and tell what was changed."""
        ground, banned = self.ground, bool(changes.banned_streets)
        laid = lay_routes(
            plan, ground.network, units=ground.units, places=self.places, travel=self.travel,
            underway={unit_id: known.underway for unit_id, known in self.crews.items()},
            at_s=self.at_s,
        )  # fmt: skip
        laid = with_beats(laid, self.past, self.at_s, ground, self.places, anew=banned)
        routes = tuple(self._whole_day(route) for route in laid.routes)
        laid = with_distances(replace(laid, routes=routes), self.travel)
        whole = self._with_aside(laid)
        told = {
            **self._kept_settings(),
            **told_of_beats(whole, ground),
            "crews": crews_record(ground.units),
            "scorecard": self._figures(whole),
            "shortage": shortage_of(ground, self.places, self.travel, whole),
            "changes": list_changes(self.previous, whole, self.at_s),
            "replanned": self._record(parent_id, changes),
        }
        return replace(whole, settings={**whole.settings, **told})

    def _kept_settings(self) -> dict[str, Any]:
        known = self.previous.settings
        return {name: known[name] for name in KEPT_SETTINGS if name in known}

    def _figures(self, plan: Plan) -> dict[str, float]:
        """Measure the plan; what depends on the day alone is as it was."""
        ground, had = self.ground, self.previous.settings.get("scorecard", {})
        figures = summarize(plan, units=ground.units, settings=ground.precinct.settings)
        measured = {str(name): float(value) for name, value in figures.items()}
        return measured | {name: had[name] for name in KEPT_FIGURES if name in had}

    def _whole_day(self, route: Route) -> Route:
        known = self.crews.get(route.unit_id)
        if known is None:
            return route
        route = with_arrival(route, known, self.at_s)
        before = self.past.route(route.unit_id)
        return replace(route, legs=lines_of_day(before, route, self.at_s, known))

    def _with_aside(self, plan: Plan) -> Plan:
        """Put the stops back that are over, or taken out, with the reason why."""
        told = self.previous.unserved.reindex(self.aside.index)
        told = told.assign(
            people_missing=told["people_missing"].fillna(0).astype("int64"),
            reason=told["reason"].where(self.aside["over"], make_reason("taken_out")),
            detail=told["detail"].fillna(""),
        )
        told = told.assign(reason=told["reason"].fillna(make_reason("taken_out")))
        stops = pd.concat([plan.stops, self.aside.drop(columns="over")]).sort_index()
        unserved = pd.concat([plan.unserved, told.astype(plan.unserved.dtypes)]).sort_index()
        return replace(
            plan,
            stops=stops.rename_axis("stop_id"),
            unserved=unserved.rename_axis("stop_id"),
        )

    def _record(self, parent_id: str, changes: Changes) -> dict[str, Any]:
        """Tell what was asked, in plain values."""
        return {
            "of": parent_id,
            "at_s": self.at_s,
            "locked": list(self.locked),
            "excluded": list(find_stops(self.previous, changes.excluded, self.at_s)),
            "banned_streets": list(changes.banned_streets),
            "banned_cells": list(changes.banned_cells),
            "lost": {unit: from_s or self.at_s for unit, from_s in changes.lost.items()},
            "joined": [
                unit.unit_id
                for unit in self.ground.units
                if unit.unit_id not in {route.unit_id for route in self.previous.routes}
            ],
            "calls": {
                need: [{"unit_id": a.unit_id, "arrive_s": a.arrive_s} for a in answer]
                for need, answer in self.answers.items()
            },
            "broken_off": [
                {"unit_id": unit_id, "stop_id": known.ends.stop_id}
                for unit_id, known in self.crews.items()
                if known.ends is not None
            ],
            "crews": {unit_id: vars(known.underway) for unit_id, known in self.crews.items()},
        }


def _is_lost(unit: Unit, changes: Changes, at_s: int) -> bool:
    return unit.unit_id in changes.lost and unit.shift_end_s <= at_s


def _incidents(changes: Changes, plan: Plan, at_s: int) -> Iterator[Need]:
    taken = sum(str(stop_id).startswith(f"incident:{at_s}:") for stop_id in plan.stops.index)
    for number, incident in enumerate(changes.incidents, start=1 + taken):
        yield incident_need(number, incident, plan.stops, at_s)


def _reliefs(
    plan: Plan, posts: Sequence[tuple[str, str]], lost: Mapping[str, int], at_s: int
) -> Iterator[Need]:
    """Ask for people in the place of those lost from a post."""
    for stop_id, unit_id in posts:
        stop = plan.stops.loc[stop_id]
        until_s = int(stop["tw_early_s"] + stop["service_s"])
        heads = min(lost[unit_id], int(stop["people"]))
        share = (until_s - at_s) / int(stop["service_s"]) * heads / int(stop["people"])
        row = {
            **stop.to_dict(),
            "prize": float(stop["prize"]) * share,
            "reason": make_reason("relief"),
        }
        need_id = f"{stop_id}:relief:{unit_id}"
        role = str(stop["role_needed"])
        yield Need(need_id, str(stop["place_id"]), heads, role, until_s, 0, until_s, row)


def _find_crews(
    plan: Plan, units: Sequence[Unit], lost: Mapping[str, int], at_s: int, *, calls: bool
) -> tuple[dict[str, Whereabouts], dict[str, Whereabouts]]:
    """Find the crews that have left their base; and where those at a patrol are if called away."""
    place_of = plan.stops["place_id"].astype(str).to_dict()
    routes = {route.unit_id: route for route in plan.routes}
    crews, called = {}, {}
    for unit in units:
        if unit.unit_id not in routes:
            continue
        route = routes[unit.unit_id]
        known = find_crew(route, unit, place_of, at_s)
        if known is not None and unit.unit_id in lost:
            home = replace(known.underway, place_id=unit.end_id, free_s=at_s)
            known = Whereabouts(home)
        if known is not None:
            crews[unit.unit_id] = known
        visit = visit_at(route, at_s)
        is_optional = visit is not None and not plan.stops["required"][visit.stop_id]
        if calls and is_optional and unit.unit_id not in lost:
            away = find_crew(route, unit, place_of, at_s, breaks_off=True)
            if away is not None:
                called[unit.unit_id] = away
    return crews, called


def _sort_stops(
    plan: Plan, precinct: Precinct, changes: Changes, at_s: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Part the stops that are done or open from those that are over or taken out."""
    excluded = set(find_stops(plan, changes.excluded, at_s))
    banned = {f"cell:{cell}" for cell in find_cells(precinct, changes.banned_cells)}
    stops = plan.stops
    done = stops.index.isin(
        [v.stop_id for route in plan.routes for v in route.visits if v.start_s < at_s]
    )
    over = ~done & (stops["tw_late_s"] < at_s).to_numpy()
    out = ~done & (stops.index.isin(excluded) | stops["place_id"].isin(banned).to_numpy())
    aside = stops[over | out].assign(over=over[over | out] & ~out[over | out])
    return stops[~(over | out)], aside


def _places(
    precinct: Precinct,
    stops: pd.DataFrame,
    needs: Sequence[Need],
    crews: Sequence[Whereabouts],
) -> gpd.GeoDataFrame:
    """Gather the places of stops, bases, incidents and crews between places."""
    known = places_of(precinct, stops)
    points = {crew.underway.place_id: crew.point for crew in crews if crew.point is not None}
    spots = {need.place_id: (need.row["lon"], need.row["lat"]) for need in needs}
    more = gpd.GeoSeries(points, crs=CRS) if points else gpd.GeoSeries([], crs=CRS)
    called = gpd.GeoSeries.from_xy(
        [lon for lon, _ in spots.values()],
        [lat for _, lat in spots.values()],
        index=list(spots), crs=CRS,
    )  # fmt: skip
    gathered = pd.concat([known.geometry, more, called[~called.index.isin(known.index)]])
    return gpd.GeoDataFrame(geometry=gathered, crs=CRS).rename_axis("place_id")


def _times(
    travel: Mapping[Mode, Travel],
    units: Sequence[Unit],
    plan: Plan,
    crews: Mapping[str, Whereabouts],
    at_s: int,
    *,
    banned: bool,
) -> dict[str, pd.DataFrame]:
    """
    Give the seconds between places; a crew that just goes on arrives when it was to.

    The position of a crew on its street is rounded, and so is the rest of its way.
    """
    times: dict[str, pd.DataFrame] = {mode: known.seconds.copy() for mode, known in travel.items()}
    for unit in units:
        known = crews.get(unit.unit_id)
        if known is None or known.heading is None or known.point is None or banned:
            continue
        to = known.heading.stop_id
        place = str(plan.stops["place_id"][to]) if to else unit.end_id
        if place in times[unit.mode].columns:
            left_s = round(known.heading.times_s[-1]) - at_s
            times[unit.mode].loc[known.underway.place_id, place] = left_s
    return times


def _answer(
    needs: Sequence[Need],
    units: Sequence[Unit],
    lost: Mapping[str, int],
    plan: Plan,
    crews: Mapping[str, Whereabouts],
    called: Mapping[str, Whereabouts],
    times: Mapping[str, pd.DataFrame],
    at_s: int,
) -> dict[str, list[Answer]]:
    """Send crews to each need in turn; a crew goes to one."""
    answers: dict[str, list[Answer]] = {}
    busy: set[str] = set()
    known = {route.unit_id for route in plan.routes}
    for need in needs:
        options = []
        for unit in units:
            if unit.unit_id in busy or unit.unit_id in lost:
                continue
            away, here = called.get(unit.unit_id), crews.get(unit.unit_id)
            start = away or here
            begin = start.underway if start else _at_base(unit, at_s)
            posts = posts_ahead(plan, unit.unit_id, at_s) if unit.unit_id in known else []
            options.append(Option(unit, begin, away is not None, posts))
        answers[need.stop_id] = nearest_crews(need, options, times)
        busy |= {answer.unit_id for answer in answers[need.stop_id]}
    return answers


def _at_base(unit: Unit, at_s: int) -> Underway:
    return Underway(unit.start_id, max(unit.shift_start_s, at_s))


def _with_calls(stops: pd.DataFrame, rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Add the stops of calls, with the columns that the others have."""
    if not rows:
        return stops
    stops = stops if "unit_ids" in stops else stops.assign(unit_ids="")
    usual = {
        "people": 1, "role_needed": "", "unit_ids": "", "alternative": "", "in_part": False,
        "pupils": 0.0, "min_gap_s": pd.NA, "max_gap_s": pd.NA,
    }  # fmt: skip
    calls = pd.DataFrame([{**usual, **row} for row in rows]).set_index("stop_id")
    calls = calls.reindex(columns=stops.columns).astype(stops.dtypes)
    return pd.concat([stops, calls]).rename_axis("stop_id")
