"""
The planner: who goes where and when, on any matrix of travel times.

Frames go in, a `Plan` comes out. In between works the compiled search of
`planning.search`, in a fixed number of streams, so that a plan depends on the seed and
the iterations alone and not on how many cores there are.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any, Final, NamedTuple

import numpy as np
import pandas as pd

from patrolmap.errors import InputError
from patrolmap.model.plan import OPTIONAL_STOP_COLUMNS, Plan, Route
from patrolmap.model.units import Unit
from patrolmap.planning import balance
from patrolmap.planning.answer import all_unserved, make_route, make_unserved
from patrolmap.planning.changes import list_changes
from patrolmap.planning.keeping import (
    CHANGE_PRICE,
    kept_worth,
    no_earlier,
    read_kept,
    restore_musts,
    restore_others,
)
from patrolmap.planning.parts import Parted, with_parts
from patrolmap.planning.request import Matrices, Request, read_request
from patrolmap.planning.search.annealing import man, seat
from patrolmap.planning.search.arrays import Routes, Task, copy_routes, make_work
from patrolmap.planning.streams import (
    EXCHANGES,
    FIRST_AIM_SHARE,
    FIRST_CHANGES_SHARE,
    STREAMS,
    Budget,
    OnProgress,
    Progress,
    Stage,
    Streams,
    Watch,
    free_stages,
)
from patrolmap.planning.task import first_routes, make_aims, make_change_aims, make_task
from patrolmap.planning.underway import Underway

__all__ = ["Progress", "plan_patrol", "warm_up"]

NO_DATE: Final = dt.date(1970, 1, 1)  # of a plan on a bare matrix
# Shares of its way that the temperature is down where routes are good to begin with, and
# where little is left to be done.
COOL: Final = 0.7
COLD: Final = 0.9


def plan_patrol(  # noqa: PLR0913
    stops: pd.DataFrame,
    units: Sequence[Unit],
    times: Matrices,
    *,
    distances: Matrices | None = None,
    date: dt.date | None = None,
    previous: Plan | None = None,
    at_s: int | None = None,
    locked: Collection[str] = (),
    underway: Mapping[str, Underway] | None = None,
    change_price: float = CHANGE_PRICE,
    balance_loss: float = 0.0,
    seed: int = 0,
    iterations: int | None = None,
    time_limit_s: float | None = 5.0,
    on_progress: OnProgress | None = None,
    zone: str = "Asia/Shanghai",
    settings: Mapping[str, Any] | None = None,
) -> Plan:
    """
    Plan who serves which stop when: required stops first, then prizes, then travel.

    Of required stops that cannot all be had, those with most prize together are served.
    A crew leaves its base just in time for its first stop, goes on as soon as it is
    done, and waits at the next stop. A stop that asks for several people is served when
    crews with so many stand there together; one that falls short is manned as far as
    crews are free, and reported with the people missing. Where its ``in_part`` is True it
    is worth the share of its prize that the share of its people is; the place of the role
    it needs can only be filled by that role.

    Parameters
    ----------
    stops
        Index ``stop_id``; columns as `model.plan` lists them. The order of rows does
        not matter.
    units
        The crews.
    times
        By mode of the crews, a square frame of whole seconds whose index and columns
        hold every place of the stops, and every base of its crews. NA: no way leads.
    distances
        The same in metres, for `Unit.max_distance_m`; by default the seconds.
    date, zone
        The day, and its time zone; they are written into the plan.
    previous, at_s
        Replan from `previous` at that time: what began before stays as it was, and each
        crew goes on from there. New visits begin at `at_s` or later. As few visits as
        possible change.
    locked
        Stops of `previous` that stay with their crews and come before all others.
    underway
        By call-sign, where crews that have left their base can be sent elsewhere; all
        others are at their base. By default a crew ends the way it is on.
    change_price
        What a change must bring, in mean prizes of the optional visits of `previous`: a
        visit is dropped, given to another crew, or moved by more than five minutes only for
        more. So a replan gives up at most that much for each change it avoids. 0: all that
        is to come is planned anew.
    balance_loss
        The share of the optional prize that may be given up for crews with days alike, in
        busy minutes and in travel for their time on duty; at last ways are shortened at no
        loss. 0: nothing of all that, and no time is spent on it.
    seed
        Of the search.
    iterations
        How many to do; the same seed and iterations give the same plan anywhere, unless
        the clock stops them. None: as many as the time allows.
    time_limit_s
        How long to search. None: until the iterations are done.
    on_progress
        Called several times a second; returning False ends the search with the best
        plan so far.
    settings
        Written into the plan's settings, beside ``iterations`` and ``stopped_by``
        (``iterations``, ``clock`` or ``cancelled``), after a replan ``changes`` (see
        `list_changes`), and what balance cost and brought (see `tell_balance`).

    Returns
    -------
    plan
        One route for each crew; what is not served stands in ``unserved`` with a reason.

    Raises
    ------
    InputError
        If stops, crews or matrices cannot be used.

    Examples
    --------
    >>> stops = pd.DataFrame(
    ...     {"place_id": "gate", "kind": "post", "window_id": "w", "tw_early_s": 100,
    ...      "tw_late_s": 100, "service_s": 50, "required": True, "prize": 1.0,
    ...      "reason": "post"}, index=["A"])
    >>> times = pd.DataFrame([[0, 30], [30, 0]], index=["base", "gate"], columns=["base", "gate"])
    >>> crew = Unit("P1", "walk", "base", "base", 0, 1000)
    >>> plan = plan_patrol(stops, [crew], {"walk": times}, iterations=10)
    >>> plan.route("P1").visits[0].start_s, plan.route("P1").travel_s, len(plan.unserved)
    (100, 60, 0)
    """
    _check_budget(seed, iterations, time_limit_s)
    _check_prices(change_price, balance_loss)
    warm_up()
    budget = Budget(iterations, time_limit_s)
    request = read_request(
        stops, units, times, distances,
        previous=previous, at_s=at_s, locked=locked, underway=underway,
    )  # fmt: skip
    wish = _Wish(seed, previous, change_price, balance_loss)
    found = _solve(request, wish, budget, Watch(request, budget, on_progress))
    ended = {"iterations": found.done * STREAMS, "stopped_by": budget.stopped_by(found.done)}
    plan = Plan(
        date=date or (previous.date if previous is not None else NO_DATE),
        zone=zone,
        stops=_without_idle_columns(request.stops, stops),
        routes=tuple(found.routes),
        unserved=found.unserved,
        seed=seed,
        settings={**(settings or {}), **ended, **found.told},
    )
    if previous is None:
        return plan
    changes = list_changes(previous, plan, request.at_s)
    return replace(plan, settings={**plan.settings, "changes": changes})


class _Wish(NamedTuple):
    """How to search."""

    seed: int
    previous: Plan | None = None
    change_price: float = 0.0
    balance_loss: float = 0.0


class _Solved(NamedTuple):
    """What the search gave: `done` iterations of a stream, and what else is `told`."""

    routes: list[Route]
    unserved: pd.DataFrame
    done: int
    told: dict[str, Any]


def _solve(request: Request, wish: _Wish, budget: Budget, watch: Watch) -> _Solved:
    """Search for the best routes, and say what they leave out."""
    if not request.units or request.stops.empty:
        idle = [Route(unit.unit_id, (), 0.0, 0) for unit in request.units]
        return _Solved(idle, all_unserved(request), 0, {})
    parted = with_parts(request)
    task = make_task(parted.request)
    routes, done, told = _search(parted, task, wish, budget, watch)
    _man_in_part(parted.request, task, routes)
    made = [parted.told(make_route(parted.request, routes, v)) for v in range(len(request.units))]
    task = make_task(request) if parted.whole_of else task
    unserved = make_unserved(request, task, made, cancelled=budget.cancelled)
    return _Solved(made, unserved, done, told)


def _search(
    parted: Parted, task: Task, wish: _Wish, budget: Budget, watch: Watch
) -> tuple[Routes, int, dict[str, Any]]:
    """Search under one aim after another; give the best routes, timed."""
    request = parted.request
    if wish.previous is None or not wish.change_price:
        streams, stages = _begin(parted, task, wish, budget, watch)
    else:
        streams, stages = _begin_changes(parted, task, wish, wish.previous, budget, watch)
    evens = wish.balance_loss > 0 and len(request.units) > 1
    for stage in stages:
        streams.run(_shortened(stage, balance.EVEN_FROM) if evens else stage)
    aim = stages[-1].aim
    best = streams.routes(aim)
    if not evens:
        return best, streams.done, {}
    before = copy_routes(best)
    even = balance.make_even_aim(request, task, aim, before, loss=wish.balance_loss)
    streams.run(Stage(even, balance.EVEN_FROM, (balance.TIDY_FROM,), COOL))
    tidy = balance.make_tidy_aim(even, task, streams.routes(even))
    streams.run(Stage(tidy, balance.TIDY_FROM, (1.0,), COLD))
    after = streams.routes(tidy)
    told = balance.tell_balance(request, task, before, after, loss=wish.balance_loss)
    return after, streams.done, told


def _begin(
    parted: Parted, task: Task, wish: _Wish, budget: Budget, watch: Watch
) -> tuple[Streams, list[Stage]]:
    """Choose what to look for where all is planned anew."""
    first = first_routes(parted.request, task)
    aims = make_aims(parted.request, task)
    must = [Stage(aim, 0.0, (FIRST_AIM_SHARE,)) for aim in aims[:-1]]
    last = [Stage(aims[-1], 0.0, EXCHANGES)] if must else free_stages(aims[-1], task, first)
    streams = Streams(task, first, wish.seed, budget, watch)
    budget.begin()
    return streams, [*must, *last]


def _begin_changes(
    parted: Parted, task: Task, wish: _Wish, previous: Plan, budget: Budget, watch: Watch
) -> tuple[Streams, list[Stage]]:
    """
    Choose where to begin, and what to look for, where little is to change.

    One stream begins with all the visits there were. Another first looks for who can serve
    the required stops, which among all those visits a search that lets none of them go
    hardly ever finds out, and takes what else still fits from there.
    """
    request = parted.request
    kept = read_kept(request, previous, parted.whole_of, change_price=wish.change_price)
    must, aim = make_change_aims(request, task, *kept_worth(request, kept, parted.whole_of))
    task = no_earlier(request, task, kept)
    first = first_routes(request, task)
    restore_musts(request, task, must, first, kept)
    streams = Streams(task, first, wish.seed, budget, watch)
    budget.begin()
    streams.run(Stage(must, 0.0, (FIRST_CHANGES_SHARE,), COOL))
    starts = [first, streams.routes(must)]
    for routes in starts:
        restore_others(request, task, aim, routes, kept)
    streams.go_on_from(starts)
    return streams, [Stage(aim, 0.0, EXCHANGES, COOL)]


def _shortened(stage: Stage, share: float) -> Stage:
    exchanges = tuple(share * until for until in stage.exchanges)
    return stage._replace(begin=share * stage.begin, exchanges=exchanges)


def _without_idle_columns(ordered: pd.DataFrame, given: pd.DataFrame) -> pd.DataFrame:
    """Give the stops as they came, in the order of their ids and with the types they had."""
    idle = [name for name in OPTIONAL_STOP_COLUMNS if name not in given.columns]
    named = ordered.drop(columns=idle)
    if "unit_ids" in named:
        named["unit_ids"] = named["unit_ids"].map(",".join)
    return named.astype(given.dtypes[named.columns])


def _check_budget(seed: int, iterations: int | None, time_limit_s: float | None) -> None:
    if seed < 0:
        raise InputError(f"seed is {seed}; give a whole number from 0 up.")
    if iterations is None and time_limit_s is None:
        raise InputError("Nothing would end the search. Give iterations or time_limit_s.")
    if iterations is not None and iterations < 0:
        raise InputError(f"iterations is {iterations}; give a whole number from 0 up.")
    if time_limit_s is not None and not 0 < time_limit_s < math.inf:
        raise InputError(f"time_limit_s is {time_limit_s}; give a positive number of seconds.")


def _check_prices(change_price: float, balance_loss: float) -> None:
    if not 0 <= change_price < math.inf:
        raise InputError(f"change_price is {change_price}; give mean prizes from 0 up, such as 1.")
    if not 0 <= balance_loss < 1:
        raise InputError(f"balance_loss is {balance_loss}; give a share such as 0.01.")


def _man_in_part(request: Request, task: Task, routes: Routes) -> None:
    """Send crews that are free to required stops that lack people, the greatest prize first."""
    stops = request.stops
    short = (routes.lead < 0) & stops["required"].to_numpy() & (task.people > 1)
    short &= (stops["alternative"] == "").to_numpy() & (task.mates[:, 0] < 0)
    order = np.argsort(-stops["prize"].to_numpy(), kind="stable")
    for i in order[short[order]]:
        missing = int(task.people[i])
        for v in np.argsort(~task.able[:, i], kind="stable"):
            if task.heads[v] < missing and man(task, routes, int(v), int(i)):
                missing -= int(task.heads[v])


@cache
def warm_up() -> None:
    """
    Compile the search, or load it from disk, so that no plan has to wait for it.

    About 20 s the first time on a machine, below a second after that.
    """
    stops = pd.DataFrame(
        {
            "place_id": "A", "kind": "patrol", "window_id": "", "tw_early_s": 0, "tw_late_s": 9,
            "service_s": 1, "required": False, "prize": 1.0, "reason": "patrol",
        },
        index=["A1"],
    )  # fmt: skip
    times = {"walk": pd.DataFrame([[0]], index=["A"], columns=["A"])}
    request = read_request(stops, [Unit("A", "walk", "A", "A", 0, 9)], times, None)
    task, budget = make_task(request), Budget(STREAMS, None)
    parted, watch = Parted(request, {}), Watch(request, budget, None)
    routes, _, _ = _search(parted, task, _Wish(0), budget, watch)
    seat(task, routes, make_work(task, routes.used.size, (0,)), 0, 0, 0.0)
    man(task, routes, 0, 0)
