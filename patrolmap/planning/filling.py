"""The time between the posts, filled with one patrol after another that someone chooses."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

import pandas as pd

from patrolmap.model.plan import BREAK_ID, UNSERVED_COLUMNS, Plan, Visit
from patrolmap.model.reasons import make_reason
from patrolmap.model.units import Unit
from patrolmap.planning.timing import NO_WAY, Stop, Timing, keeps_gaps


@dataclass(frozen=True)
class Option:
    """A patrol a crew could go to now: when it would begin, and the way there."""

    stop: Stop
    start_s: float
    way_s: float


@dataclass
class Crew:
    """Where a crew has come to, and the posts and breaks still ahead."""

    unit: Unit
    number: int
    place: str
    free_s: float
    ahead: list[Visit]
    done: list[Visit] = field(default_factory=list)
    metres: float = 0.0
    is_home: bool = False


Choice = Callable[[Crew, Sequence[Option]], Option | None]


def fill(plan: Plan, timing: Timing, choose: Choice, *, patience_s: float) -> Plan:
    """
    Fill the time between the posts of a plan with patrols.

    The crew that is free first chooses, until nobody can go anywhere.

    Parameters
    ----------
    plan
        Whose posts, breaks and crews are kept; its own patrols are left out.
    timing
        Of the same stops, crews and matrices.
    choose
        Chooses among what a crew can do in time; None: it goes on to its next post.
    patience_s
        A crew is offered what begins at most so much later than what begins first.

    Returns
    -------
    filled
        Lawful, without legs.
    """
    filling = _Filling(plan, timing)
    while (crew := filling.next_crew()) is not None:
        options = list(filling.options(crew))
        soonest = min((option.start_s for option in options), default=0.0)
        soon = [option for option in options if option.start_s <= soonest + patience_s]
        chosen = choose(crew, soon) if soon else None
        if chosen is None:
            filling.go_on(crew)
        else:
            filling.visit(crew, chosen)
    return filling.plan()


class _Filling:
    """A plan being filled: what is taken, what is free, and where the crews are."""

    def __init__(self, plan: Plan, timing: Timing) -> None:
        self.base, self.timing = plan, timing
        kept = _skeleton(plan, timing)
        self.crews = [
            Crew(unit, number, unit.start_id, unit.shift_start_s, kept[unit.unit_id])
            for number, unit in enumerate(timing.units.values())
        ]
        stays = [v for visits in kept.values() for v in visits if not v.is_break]
        held = {visit.stop_id for visit in stays}
        self.open = {i: s for i, s in timing.stops.items() if s.free and i not in held}
        self.groups = {timing.stops[stop_id].alternative for stop_id in held} - {""}
        self.at_place: dict[str, dict[str, tuple[Stop, Visit]]] = {}
        for visit in stays:
            self._note(visit)

    def next_crew(self) -> Crew | None:
        """Find the crew that is free first."""
        underway = [crew for crew in self.crews if not crew.is_home]
        return min(underway, key=lambda crew: (crew.free_s, crew.number), default=None)

    def options(self, crew: Crew) -> Iterator[Option]:
        """List the patrols that a crew can do before its next post, and be in time for that."""
        ways = self.timing.seconds[crew.unit.mode].get(crew.place, {})
        for stop in self.open.values():
            arrive_s = crew.free_s + ways.get(stop.place_id, NO_WAY)
            start_s = max(arrive_s, stop.early_s, self._after_others(stop, arrive_s))
            if start_s > stop.late_s or not self.timing.may_serve(crew.unit, stop):
                continue
            if self._is_back_in_time(crew, stop, start_s + stop.service_s) and self._fits(
                stop, start_s
            ):
                yield Option(stop, start_s, ways[stop.place_id])

    def _is_back_in_time(self, crew: Crew, stop: Stop, end_s: float) -> bool:
        """Follow the crew to its next post, or home."""
        place, metres = stop.place_id, self.timing.way_m(crew.unit, crew.place, stop.place_id)
        for fixed in crew.ahead:
            if fixed.is_break:
                if end_s > fixed.start_s:
                    return False
                end_s = fixed.end_s
                continue
            there = self.timing.stops[fixed.stop_id].place_id
            if end_s + self.timing.way_s(crew.unit, place, there) > fixed.start_s:
                return False
            return self._is_near_enough(crew, place, metres)
        home_s = end_s + self.timing.way_s(crew.unit, place, crew.unit.end_id)
        return home_s <= crew.unit.shift_end_s and self._is_near_enough(crew, place, metres)

    def _is_near_enough(self, crew: Crew, place: str, metres: float) -> bool:
        most_m = crew.unit.max_distance_m
        if most_m is None:
            return True
        stays = [v.stop_id for v in crew.ahead if not v.is_break]
        places = [place, *(self.timing.stops[i].place_id for i in stays), crew.unit.end_id]
        rest_m = sum(self.timing.way_m(crew.unit, a, b) for a, b in pairwise(places))
        return crew.metres + metres + rest_m <= most_m

    def _after_others(self, stop: Stop, arrive_s: float) -> float:
        """Wait until the gap after the visits that came before is over."""
        others = self.at_place.get(stop.place_id, {}).values()
        before = [(other, visit) for other, visit in others if visit.start_s <= arrive_s]
        return max((v.end_s + max(s.min_gap_s, stop.min_gap_s) for s, v in before), default=0.0)

    def _fits(self, stop: Stop, start_s: float) -> bool:
        """Look at the other visits to the place, and at the stop's alternatives."""
        if stop.alternative and stop.alternative in self.groups:
            return False
        others = self.at_place.get(stop.place_id, {}).values()
        return not others or keeps_gaps([*others, (stop, _visit(stop, start_s))])

    def visit(self, crew: Crew, option: Option) -> None:
        """Send a crew to a patrol."""
        stop = option.stop
        crew.metres += self.timing.way_m(crew.unit, crew.place, stop.place_id)
        visit = _visit(stop, option.start_s)
        crew.done.append(visit)
        crew.place, crew.free_s = stop.place_id, visit.end_s
        del self.open[stop.stop_id]
        self.groups |= {stop.alternative} - {""}
        self._note(visit)

    def _note(self, visit: Visit) -> None:
        stop = self.timing.stops[visit.stop_id]
        self.at_place.setdefault(stop.place_id, {})[visit.stop_id] = (stop, visit)

    def go_on(self, crew: Crew) -> None:
        """Let a crew go to its next post or break, or home."""
        if not crew.ahead:
            crew.is_home = True
            return
        fixed = crew.ahead.pop(0)
        crew.done.append(fixed)
        crew.free_s = fixed.end_s
        if not fixed.is_break:
            there = self.timing.stops[fixed.stop_id].place_id
            crew.metres += self.timing.way_m(crew.unit, crew.place, there)
            crew.place = there

    def plan(self) -> Plan:
        """Time all routes, and say what nobody serves."""
        made = [self.timing.make_route(crew.unit, crew.done) for crew in self.crews]
        kept = self.base.unserved[[i not in self.open for i in self.base.unserved.index]]
        served = {visit.stop_id for route in made for visit in route.visits}
        kept = kept[[not self.timing.stops[str(i)].free or i not in served for i in kept.index]]
        missed = [(0, make_reason("lower_priority"), "") for _ in self.open]
        rows = pd.DataFrame(missed, index=list(self.open), columns=list(UNSERVED_COLUMNS))
        unserved = pd.concat([kept, rows]).astype(self.base.unserved.dtypes).sort_index()
        told = {"iterations": 0, "stopped_by": "rule"}
        return replace(
            self.base,
            routes=tuple(made),
            unserved=unserved.rename_axis("stop_id"),
            settings={**self.base.settings, **told},
        )


def _skeleton(plan: Plan, timing: Timing) -> dict[str, list[Visit]]:
    """
    Keep the posts and breaks of each crew, and patrols that these cannot do without.

    A patrol may lie on the only way from post to post, or between visits that would be
    too far apart.
    """
    held = _visits_at_places(plan, timing, lambda visit: not timing.is_free(visit))
    tied = {place for place, visits in held.items() if not keeps_gaps(visits)}
    kept = {}
    for route in plan.routes:
        unit = timing.units[route.unit_id]
        fixed = [
            visit
            for visit in route.visits
            if not timing.is_free(visit) or timing.stops[visit.stop_id].place_id in tied
        ]
        whole = fixed if timing.is_timely(unit, fixed) else list(route.visits)
        kept[route.unit_id] = whole if route.visits else list(_rests(unit))
    return kept


def _visits_at_places(
    plan: Plan, timing: Timing, wanted: Callable[[Visit], bool]
) -> dict[str, list[tuple[Stop, Visit]]]:
    at_place: dict[str, list[tuple[Stop, Visit]]] = {}
    for route in plan.routes:
        for visit in route.visits:
            if not visit.is_break and wanted(visit):
                stop = timing.stops[visit.stop_id]
                at_place.setdefault(stop.place_id, []).append((stop, visit))
    return at_place


def _rests(unit: Unit) -> Iterator[Visit]:
    """Place the breaks of a crew that had nothing to do, each as early as can be."""
    free_s = unit.shift_start_s
    for number, rest in enumerate(sorted(unit.breaks, key=lambda b: (b.early_s, b.late_s)), 1):
        start_s = max(free_s, rest.early_s)
        free_s = start_s + rest.duration_s
        name = BREAK_ID if number == 1 else f"{BREAK_ID}-{number}"
        yield Visit(name, start_s, start_s, free_s, make_reason("break"))


def _visit(stop: Stop, start_s: float) -> Visit:
    begins_s = int(start_s)
    return Visit(stop.stop_id, begins_s, begins_s, begins_s + stop.service_s, stop.reason)
