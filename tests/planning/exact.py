"""
The best plan of a tiny task, by trying everything.

Of gaps between visits to a place it knows the least, within the visits of one crew; so a task
with gaps has one crew.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import combinations, pairwise, permutations, product

import pandas as pd

from patrolmap.model.units import Break, Unit
from tests.planning.cases import Case

Aims = tuple[float, float, float]  # prize of required stops, prize of all, less travel


def best_aims(case: Case) -> Aims:
    """Give the best that any plan can reach."""
    ways = [_cheapest_ways(case, unit) for unit in case.units]
    found = (_aims(case, chosen, ways) for chosen in product(*ways))
    return max(aims for aims in found if aims is not None)


def _aims(
    case: Case, chosen: tuple[frozenset[str], ...], ways: list[dict[frozenset[str], int]]
) -> Aims | None:
    served = frozenset().union(*chosen)
    for stop_id in served:
        crews = [u for u, stops in zip(case.units, chosen, strict=True) if stop_id in stops]
        if not _is_manned(case.stops.loc[stop_id], crews):
            return None
    rows = case.stops.loc[sorted(served)]
    groups = [group for group in rows["alternative"] if group]
    if len(groups) > len(set(groups)):
        return None
    travel_s = sum(way[stops] for way, stops in zip(ways, chosen, strict=True))
    return float(rows["prize"][rows["required"]].sum()), float(rows["prize"].sum()), -travel_s


def _is_manned(stop: pd.Series, crews: list[Unit]) -> bool:
    if stop.people <= 1 and len(crews) > 1:
        return False
    if stop.role_needed and not any(unit.people.get(stop.role_needed, 0) for unit in crews):
        return False
    return sum(unit.headcount for unit in crews) >= stop.people


def _cheapest_ways(case: Case, unit: Unit) -> dict[frozenset[str], int]:
    """Find the travel of the shortest lawful order of each set of stops one crew can serve."""
    own = [
        i for i, stop in case.stops.iterrows() if unit.unit_id in (stop.unit_ids or unit.unit_id)
    ]
    cheapest = {frozenset[str](): 0}
    for count in range(1, len(own) + 1):
        for stops in combinations(own, count):
            travel_s = [t for order in permutations(stops) if (t := _travel_s(case, unit, order))]
            if travel_s:
                cheapest[frozenset(stops)] = min(travel_s)
    return cheapest


def _travel_s(case: Case, unit: Unit, order: tuple[str, ...]) -> int | None:
    places = [unit.start_id, *case.stops["place_id"].loc[list(order)], unit.end_id]
    pairs = list(pairwise(places))
    times = [case.times[unit.mode].loc[a, b] for a, b in pairs]
    metres = [case.distances[unit.mode].loc[a, b] for a, b in pairs]
    if any(pd.isna(t) for t in times):
        return None
    if sum(metres) > (math.inf if unit.max_distance_m is None else unit.max_distance_m):
        return None
    plans = _with_breaks(order, unit.breaks)
    return int(sum(times)) if any(_is_in_time(case, unit, plan, times) for plan in plans) else None


def _with_breaks(
    order: tuple[str, ...], breaks: tuple[Break, ...]
) -> Iterator[tuple[str | Break, ...]]:
    if not breaks:
        yield order
    for rest in breaks[:1]:
        for k in range(len(order) + 1):
            yield (*order[:k], rest, *order[k:])


def _is_in_time(case: Case, unit: Unit, plan: tuple[str | Break, ...], times: list[int]) -> bool:
    now_s, ways = unit.shift_start_s, iter(times)
    left: dict[str, tuple[float, float]] = {}  # by place: when it was left, and the gap asked
    for part in plan:
        if isinstance(part, Break):
            now_s, late_s, stay_s = max(now_s, part.early_s), part.late_s, part.duration_s
        else:
            stop = case.stops.loc[part]
            late_s, stay_s = stop.tw_late_s, stop.service_s
            gap_s = 0.0 if pd.isna(stop.min_gap_s) else stop.min_gap_s
            left_s, asked_s = left.get(stop.place_id, (-math.inf, 0.0))
            gone_s = left_s + max(gap_s, asked_s)
            now_s = max(now_s + next(ways), stop.tw_early_s, gone_s)
            left[stop.place_id] = (now_s + stay_s, gap_s)
        if now_s > late_s:
            return False
        now_s += stay_s
    return now_s + next(ways) <= unit.shift_end_s
