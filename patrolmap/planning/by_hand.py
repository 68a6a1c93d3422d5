"""A plan made by hand, judged by the rules that ours keep; nothing in it is put right."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

import pandas as pd

from patrolmap.model.plan import UNSERVED_COLUMNS, Plan, Route, Visit
from patrolmap.model.reasons import make_reason
from patrolmap.model.settings import Settings
from patrolmap.model.units import Unit
from patrolmap.planning.request import Matrices
from patrolmap.planning.timing import Stop, Timing

# What may be wrong with a row.
FAULTS: Final = (
    "overlap", "too_far", "no_way", "off_shift", "home_late", "post_in_part", "too_short",
    "not_asked",
)  # fmt: skip


class _Stay(NamedTuple):
    """A row of the table."""

    row: int
    place_id: str
    place: str
    from_s: int
    until_s: int


def plan_by_hand(
    stays: pd.DataFrame,
    stops: pd.DataFrame,
    units: Sequence[Unit],
    times: Matrices,
    *,
    distances: Matrices | None = None,
    date: dt.date,
    settings: Settings | None = None,
) -> tuple[Plan, pd.DataFrame]:
    """
    Turn a plan made by hand into one that can be measured beside ours.

    A stay at a gate serves the posts whose whole time it covers, one in a cell a patrol
    that is asked for then, if it lasts as long as a short dwell. Any other stay is in the
    plan too, but serves nothing.

    Parameters
    ----------
    stays
        Index ``row``; columns ``unit_id``, ``place_id``, ``place``, ``from_s``, ``until_s``.
        The matrices hold the places.
    stops, units, times, distances
        As `plan_patrol` takes them.
    date
        The day.
    settings
        Gives the shortest dwell.

    Returns
    -------
    plan
        It need not be lawful.
    faults
        What it does that no crew can, or that serves nothing: columns ``row``,
        ``unit_id``, ``place``, ``fault`` (one of `FAULTS`), ``at_s`` and ``minutes`` (how
        late, early or short, 0 where there is nothing to count).
    """
    known = settings or Settings()
    timing = Timing(stops, units, times, distances)
    hand = _Hand(timing, stops, known.dwell_min_s)
    routes = [hand.route(unit, stays[stays["unit_id"] == unit.unit_id]) for unit in units]
    plan = Plan(
        date=date,
        zone=known.zone,
        stops=hand.all_stops(),
        routes=tuple(routes),
        unserved=hand.unserved(routes, units),
        seed=0,
        settings={"stopped_by": "hand", "iterations": 0},
    )
    columns = ["row", "unit_id", "place", "fault", "at_s", "minutes"]
    return plan, pd.DataFrame(hand.faults, columns=columns)


class _Hand:
    """What the table does, row by row: the stops it serves, those it adds, and its faults."""

    def __init__(self, timing: Timing, stops: pd.DataFrame, dwell_min_s: int) -> None:
        self.timing, self.stops, self.dwell_min_s = timing, stops, dwell_min_s
        self.patrolled: set[str] = set()
        self.added: dict[str, dict[str, Any]] = {}
        self.faults: list[tuple[int, str, str, str, int, int]] = []

    def route(self, unit: Unit, rows: pd.DataFrame) -> Route:
        """Follow one crew through its rows, in order of time."""
        ordered = rows.sort_values(["from_s", "until_s"]).itertuples()
        stays = [
            _Stay(int(r.Index), str(r.place_id), str(r.place), int(r.from_s), int(r.until_s))
            for r in ordered
        ]
        place, free_s = unit.start_id, None
        visits: list[Visit] = []
        travel_s, metres = 0.0, 0.0
        for stay in stays:
            way_s = self.timing.way_s(unit, place, stay.place_id)
            self._judge(unit, stay, way_s, free_s)
            visits += self._visits(unit, stay)
            travel_s += way_s if math.isfinite(way_s) else 0.0
            metres += self._metres(unit, place, stay.place_id)
            place, free_s = stay.place_id, stay.until_s
        if free_s is None:
            return Route(unit.unit_id, (), 0.0, 0)
        home_s = self.timing.way_s(unit, place, unit.end_id)
        self._note(unit, stays[-1], "home_late", free_s + home_s - unit.shift_end_s)
        metres += self._metres(unit, place, unit.end_id)
        travel_s += home_s if math.isfinite(home_s) else 0.0
        return Route(unit.unit_id, tuple(visits), metres, int(travel_s))

    def _metres(self, unit: Unit, start: str, end: str) -> float:
        metres = self.timing.way_m(unit, start, end)
        return metres if math.isfinite(metres) else 0.0

    def _judge(self, unit: Unit, stay: _Stay, way_s: float, free_s: int | None) -> None:
        """Say where the crew cannot be there in time, or is not on shift."""
        if not math.isfinite(way_s):
            self._note(unit, stay, "no_way", 1)
        elif free_s is not None:
            self._note(unit, stay, "overlap", free_s - stay.from_s)
            if free_s <= stay.from_s:
                self._note(unit, stay, "too_far", free_s + way_s - stay.from_s)
        else:
            self._note(unit, stay, "too_far", unit.shift_start_s + way_s - stay.from_s)
        early_s, late_s = unit.shift_start_s - stay.from_s, stay.until_s - unit.shift_end_s
        self._note(unit, stay, "off_shift", max(early_s, late_s))

    def _note(self, unit: Unit, stay: _Stay, fault: str, by_s: float) -> None:
        """Keep a fault, if it is one: by any time at all."""
        if by_s > 0 and math.isfinite(by_s):
            minutes = 0 if fault in ("no_way", "not_asked") else math.ceil(by_s / 60)
            self.faults.append((stay.row, unit.unit_id, stay.place, fault, stay.from_s, minutes))

    def _visits(self, unit: Unit, stay: _Stay) -> Iterator[Visit]:
        """Serve what is asked for at the place, or stand there for nothing."""
        here = [stop for stop in self.timing.stops.values() if stop.place_id == stay.place_id]
        posts = [stop for stop in here if not stop.free and self._overlaps(stop, stay)]
        patrols = [stop for stop in here if stop.free and stop.stop_id not in self.patrolled]
        whole = [stop for stop in posts if self._covers(stop, stay)]
        for stop in sorted(whole, key=lambda stop: stop.early_s):
            end_s = stop.early_s + stop.service_s
            yield Visit(stop.stop_id, stop.early_s, stop.early_s, end_s, stop.reason)
        if whole:
            return
        for stop in posts[:1]:
            missed_s = stop.service_s - self._shared_s(stop, stay)
            self._note(unit, stay, "post_in_part", missed_s)
        asked = [stop for stop in patrols if stop.early_s <= stay.from_s <= stop.late_s]
        long_enough = stay.until_s - stay.from_s >= self.dwell_min_s
        if asked and long_enough:
            chosen = max(asked, key=lambda stop: (stop.prize, stop.stop_id))
            self.patrolled.add(chosen.stop_id)
            yield Visit(chosen.stop_id, stay.from_s, stay.from_s, stay.until_s, chosen.reason)
            return
        if asked:
            self._note(unit, stay, "too_short", self.dwell_min_s - stay.until_s + stay.from_s)
        elif not posts:
            self._note(unit, stay, "not_asked", 1)
        yield self._for_nothing(stay)

    def _overlaps(self, stop: Stop, stay: _Stay) -> bool:
        return self._shared_s(stop, stay) > 0

    def _shared_s(self, stop: Stop, stay: _Stay) -> int:
        until_s = min(stay.until_s, stop.early_s + stop.service_s)
        return until_s - max(stay.from_s, stop.early_s)

    def _covers(self, stop: Stop, stay: _Stay) -> bool:
        return stop.early_s >= stay.from_s and stop.early_s + stop.service_s <= stay.until_s

    def _for_nothing(self, stay: _Stay) -> Visit:
        stop_id, kind = f"hand:{stay.row}", "patrol"  # a post would be asked for and manned
        self.added[stop_id] = {
            "place_id": stay.place_id, "kind": kind, "window_id": "", "tw_early_s": stay.from_s,
            "tw_late_s": stay.from_s, "service_s": stay.until_s - stay.from_s, "required": False,
            "prize": 0.0, "reason": make_reason(kind), "name": stay.place, "people": 1,
        }  # fmt: skip
        return Visit(stop_id, stay.from_s, stay.from_s, stay.until_s, make_reason(kind))

    def all_stops(self) -> pd.DataFrame:
        """Give the stops of the day, and those the table added."""
        if not self.added:
            return self.stops
        rows = pd.DataFrame.from_dict(self.added, orient="index")
        sites = self.stops.drop_duplicates("place_id").set_index("place_id")
        for column in {"lon", "lat", "provenance"} & set(sites.columns):
            rows[column] = rows["place_id"].map(sites[column]).to_numpy()
        extra = rows.reindex(columns=self.stops.columns)
        for column in self.stops.columns[self.stops.dtypes.astype(str) == "bool"]:
            extra[column] = extra[column].eq(True)
        return pd.concat([self.stops, extra]).astype(self.stops.dtypes).rename_axis("stop_id")

    def unserved(self, routes: Sequence[Route], units: Sequence[Unit]) -> pd.DataFrame:
        """List what the table leaves out."""
        heads: Mapping[str, int] = {unit.unit_id: unit.headcount for unit in units}
        there: dict[str, int] = {}
        for route in routes:
            for visit in route.visits:
                there[visit.stop_id] = there.get(visit.stop_id, 0) + heads[route.unit_id]
        rows = {
            stop.stop_id: (
                max(0, stop.people - there.get(stop.stop_id, 0)) if not stop.free else 0,
                make_reason("no_crew_free" if not stop.free else "lower_priority"),
                "",
            )
            for stop in self.timing.stops.values()
            if there.get(stop.stop_id, 0) < max(1, stop.people)
        }
        frame = pd.DataFrame.from_dict(rows, orient="index", columns=list(UNSERVED_COLUMNS))
        types = {"people_missing": "int64", "reason": "str", "detail": "str"}
        return frame.rename_axis("stop_id").astype(types)
