"""
Plans as they are made without a planner, to measure ours by: the same posts, simple patrols.

Each keeps the posts, the breaks and the crews of a plan, and fills the time between with
patrols by a rule that any sergeant could follow without a computer.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, Literal, get_args

import numpy as np

from patrolmap.model.plan import Plan
from patrolmap.model.settings import MINUTE_S
from patrolmap.model.units import Unit
from patrolmap.planning.filling import Choice, Crew, Option, fill
from patrolmap.planning.request import Matrices
from patrolmap.planning.timing import NO_WAY, Timing

Rule = Literal["random", "nearest", "cycle"]
RULES: Final[tuple[Rule, ...]] = get_args(Rule)
# A crew takes what can begin about as soon as anything can; nobody waits an hour for a place.
PATIENCE_S: Final = 15 * MINUTE_S
ROUNDS_MOST: Final = 50  # of taking crossings out of the cycle; a few are enough


def make_baseline(
    plan: Plan,
    units: Sequence[Unit],
    times: Matrices,
    rule: Rule,
    *,
    distances: Matrices | None = None,
    seed: int = 0,
) -> Plan:
    """
    Make a plan with the same posts and patrols by a simple rule.

    Parameters
    ----------
    plan
        Whose posts, breaks and crews are kept.
    units, times, distances
        As the plan was made for.
    rule
        ``random``: any patrol that can begin soon; ``nearest``: the one with the shortest
        way; ``cycle``: the next on one round through all cells that all crews follow, begun
        at places spread along it.
    seed
        Of the random order.

    Returns
    -------
    baseline
        Lawful, without legs.

    References
    ----------
    Cyclic strategy: Chevaleyre (2004), Theoretical analysis of the multi-agent patrolling
    problem, IAT 2004; the tour by 2-opt: Croes (1958), Operations Research 6:791.
    """
    timing = Timing(plan.stops, units, times, distances)
    choices: dict[Rule, Callable[[], Choice]] = {
        "random": lambda: _at_random(seed),
        "nearest": lambda: _nearest,
        "cycle": lambda: _along_cycle(timing, len(units)),
    }
    return fill(plan, timing, choices[rule](), patience_s=PATIENCE_S)


def repeat_plan(
    plan: Plan,
    earlier: Plan,
    units: Sequence[Unit],
    times: Matrices,
    *,
    distances: Matrices | None = None,
) -> Plan:
    """
    Take an earlier plan's patrols again, in its order, as far as they fit between the posts.

    Parameters
    ----------
    plan
        Whose posts, breaks and crews are kept, and whose stops are asked for.
    earlier
        Of the same crews and cells; stops that no longer exist are left out.
    units, times, distances
        As the plan was made for.
    """
    timing = Timing(plan.stops, units, times, distances)
    order = {
        (route.unit_id, visit.stop_id): place
        for route in earlier.routes
        for place, visit in enumerate(route.visits)
    }

    def follow(crew: Crew, options: Sequence[Option]) -> Option | None:
        own = [o for o in options if (crew.unit.unit_id, o.stop.stop_id) in order]
        key = crew.unit.unit_id
        return min(own, key=lambda o: order[key, o.stop.stop_id], default=None)

    return fill(plan, timing, follow, patience_s=NO_WAY)


# ---------------------------------------------------------------- the rules


def _at_random(seed: int) -> Choice:
    rng = np.random.default_rng(seed)
    return lambda _crew, options: options[int(rng.integers(len(options)))]


def _nearest(_crew: Crew, options: Sequence[Option]) -> Option:
    return min(options, key=lambda option: (option.way_s, option.start_s, option.stop.stop_id))


def _along_cycle(timing: Timing, crews: int) -> Choice:
    tour = _cycle(timing)
    place_of = {place: at for at, place in enumerate(tour)}
    reached = {number: number * len(tour) // max(1, crews) for number in range(crews)}

    def follow(crew: Crew, options: Sequence[Option]) -> Option:
        def ahead(option: Option) -> int:
            return (place_of[option.stop.place_id] - reached[crew.number]) % len(tour)

        chosen = min(options, key=lambda option: (ahead(option), option.stop.stop_id))
        reached[crew.number] = place_of[chosen.stop.place_id] + 1
        return chosen

    return follow


def _cycle(timing: Timing) -> list[str]:
    """Go through all cells on one round: the nearest next, then crossings are taken out."""
    places = sorted({stop.place_id for stop in timing.stops.values() if stop.free})
    ways = next(iter(timing.seconds.values()), {})
    far = 10.0 * max((way for row in ways.values() for way in row.values()), default=1.0) + 1.0
    apart = np.array([[ways.get(a, {}).get(b, far) for b in places] for a in places])
    tour = [0] if places else []
    left = set(range(1, len(places)))
    while left:
        tour.append(min(left, key=lambda place: (apart[tour[-1], place], place)))
        left.remove(tour[-1])
    return [places[at] for at in _without_crossings(np.array(tour, dtype=int), apart)]


def _without_crossings(
    tour: np.ndarray[tuple[int], np.dtype[np.int_]],
    apart: np.ndarray[tuple[int, int], np.dtype[np.float64]],
) -> list[int]:
    """Turn parts of the round about while that makes it shorter (2-opt)."""
    for _ in range(ROUNDS_MOST):
        turned = False
        for i in range(1, len(tour) - 1):
            a, b = tour[i - 1], tour[i]
            c, d = tour[i:], np.roll(tour, -1)[i:]
            gain = apart[a, b] + apart[c, d] - apart[a, c] - apart[b, d]
            best = int(np.argmax(gain))
            if gain[best] > 1e-9:
                tour[i : i + best + 1] = tour[i : i + best + 1][::-1].copy()
                turned = True
        if not turned:
            break
    return [int(at) for at in tour]
