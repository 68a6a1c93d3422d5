"""
The planner: who goes where and when, on any matrix of travel times.

Frames go in, a `Plan` comes out. In between works the compiled search of
`planning.search`, in a fixed number of streams, so that a plan depends on the seed and
the iterations alone and not on how many cores there are.
"""

from __future__ import annotations

import datetime as dt
import math
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from functools import cache
from itertools import chain, repeat
from typing import Any, Final

import numpy as np
import pandas as pd

from patrolmap.errors import InputError
from patrolmap.model.plan import OPTIONAL_STOP_COLUMNS, Plan, Route
from patrolmap.model.units import Unit
from patrolmap.planning.answer import all_unserved, make_route, make_unserved
from patrolmap.planning.request import Matrices, Request, read_request
from patrolmap.planning.search.annealing import anneal, man, resume
from patrolmap.planning.search.arrays import Aim, Routes, Task, copy_routes, make_work, overwrite
from patrolmap.planning.task import first_routes, make_aims, make_task

STREAMS: Final = 2  # searches side by side, whatever the number of cores
EXCHANGES: Final = (0.5, 0.8, 1.0)  # shares of the search after which all go on from the best
FIRST_AIM_SHARE: Final = 0.25  # of the search, at most, for required stops alone
CHUNK: Final = 50  # iterations between two looks at the clock
PROGRESS_S: Final = 0.1
NO_DATE: Final = dt.date(1970, 1, 1)  # of a plan on a bare matrix


@dataclass(frozen=True)
class Progress:
    """How far planning has come: share of the search, prize served, required stops not served."""

    share: float
    prize: float
    required_unserved: int


OnProgress = Callable[[Progress], bool | None]


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
    crews are free, and reported with the people missing.

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
        crew goes on from there. New visits begin at `at_s` or later.
    locked
        Stops of `previous` that stay with their crews and come before all others.
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
        (``iterations``, ``clock`` or ``cancelled``).

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
    warm_up()
    budget = _Budget(iterations, time_limit_s)
    request = read_request(
        stops, units, times, distances, previous=previous, at_s=at_s, locked=locked
    )
    watch = _Watch(request, budget, on_progress)
    made, unserved, done = _solve(request, seed, budget, watch)
    ended = {"iterations": done * STREAMS, "stopped_by": budget.stopped_by(done)}
    return Plan(
        date=date or (previous.date if previous is not None else NO_DATE),
        zone=zone,
        stops=_without_idle_columns(request.stops, stops),
        routes=tuple(made),
        unserved=unserved,
        seed=seed,
        settings={**(settings or {}), **ended},
    )


def _solve(
    request: Request, seed: int, budget: _Budget, watch: _Watch
) -> tuple[list[Route], pd.DataFrame, int]:
    """Give the routes, what they leave out, and the iterations a stream did."""
    if not request.units or request.stops.empty:
        idle = [Route(unit.unit_id, (), 0.0, 0) for unit in request.units]
        return idle, all_unserved(request), 0
    task = make_task(request)
    best = _search(request, task, seed, budget, watch)
    _man_in_part(request, task, best.routes)
    made = [make_route(request, best.routes, v) for v in range(len(request.units))]
    unserved = make_unserved(request, task, made, cancelled=budget.cancelled)
    return made, unserved, best.done


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
    if time_limit_s is not None and not time_limit_s > 0:
        raise InputError(f"time_limit_s is {time_limit_s}; give a positive number of seconds.")


# ── the budget ──


class _Budget:
    """How much searching is allowed, how much is left, and what ended it."""

    def __init__(self, iterations: int | None, time_limit_s: float | None) -> None:
        self.each = None if iterations is None else math.ceil(iterations / STREAMS)
        self.time_limit_s = math.inf if time_limit_s is None else time_limit_s
        self.started_s = time.monotonic()
        self.cancelled = False

    def begin(self) -> None:
        """
        Share the time that is left between the search and the reading of its answer.

        Reading takes about as long as laying the task out did.
        """
        now_s = time.monotonic()
        self.time_limit_s = max(1e-3, self.time_limit_s - 2 * (now_s - self.started_s))
        self.started_s = now_s

    def elapsed(self) -> float:
        """Give the share of the time that is gone."""
        return (time.monotonic() - self.started_s) / self.time_limit_s

    def share(self, done: int) -> float:
        """Give the share of the schedule a stream has behind it: by iterations, or by time."""
        if self.each is None:
            return min(1.0, self.elapsed())
        return done / self.each if self.each else 1.0

    def step(self) -> float:
        """Give the share that one iteration adds within a chunk."""
        return 1.0 / self.each if self.each else 0.0

    def chunk(self, done: int, until: float, *, first: bool) -> int:
        """
        Give the iterations to do before the next look at the clock; 0: the share is done.

        The first chunk is done whatever the clock says, so that there always is a plan.
        """
        late = self.cancelled or self.elapsed() >= (1.0 if self.each is not None else until)
        if late and not first:
            return 0
        return CHUNK if self.each is None else min(CHUNK, math.floor(until * self.each) - done)

    def stopped_by(self, done: int) -> str:
        """Say what ended the search."""
        if self.cancelled:
            return "cancelled"
        return "iterations" if self.each is not None and done >= self.each else "clock"


# ── the search ──


class _Stream:
    """One annealing search with its own random numbers."""

    def __init__(self, task: Task, first: Routes, seed: Sequence[int]) -> None:
        self.task = task
        self.routes, self.best = copy_routes(first), copy_routes(first)
        self.work = make_work(task, first.used.size, seed)
        self.total = np.zeros(2)  # score and travel of the best routes
        self.done = 0

    def begin(self, aim: Aim) -> None:
        """Go on from the best routes, under an aim."""
        resume(self.task, aim, self.routes, self.best, self.work, self.total)

    def run(self, aim: Aim, budget: _Budget, until: float, whole: float) -> None:
        """Search until a share of the schedule is done; the temperature falls over `whole`."""
        for first in chain([True], repeat(False)):
            chunk = budget.chunk(self.done, until, first=first)
            if chunk <= 0 or self.total[0] >= aim.enough:
                return
            self.done += anneal(
                self.task, aim, self.routes, self.best, self.work, self.total,
                budget.share(self.done) / whole, budget.step() / whole, chunk,
            )  # fmt: skip


def _search(request: Request, task: Task, seed: int, budget: _Budget, watch: _Watch) -> _Stream:
    """Run all streams through the aims; give the one with the best routes."""
    first = first_routes(request, task)
    streams = [_Stream(task, first, (seed, number)) for number in range(STREAMS)]
    aims = make_aims(request, task)
    budget.begin()
    with ThreadPoolExecutor(STREAMS) as pool:
        for aim in aims:
            last = aim is aims[-1]
            for until in EXCHANGES if last else (FIRST_AIM_SHARE,):
                for stream in streams:
                    stream.begin(aim)
                whole = 1.0 if last else FIRST_AIM_SHARE
                running = [pool.submit(s.run, aim, budget, until, whole) for s in streams]
                watch.wait(running, streams)
                _pass_on_best(streams)
    streams[0].begin(aims[-1])
    return streams[0]


def _pass_on_best(streams: Sequence[_Stream]) -> None:
    best = max(streams, key=lambda s: (s.total[0], -s.total[1]))
    for stream in streams:
        overwrite(stream.best, best.best)


class _Watch:
    """Tells how far planning has come, and cancels it when asked to."""

    def __init__(self, request: Request, budget: _Budget, on_progress: OnProgress | None) -> None:
        self.budget = budget
        self.on_progress = on_progress
        self.prize = request.stops["prize"].to_numpy(np.float64)
        self.required = request.stops["required"].to_numpy()

    def wait(self, running: Sequence[Future[None]], streams: Sequence[_Stream]) -> None:
        """Wait for the streams; whatever goes wrong meanwhile ends them too."""
        try:
            self.tell(streams[0])
            while wait(running, timeout=PROGRESS_S).not_done:
                self.tell(streams[0])
        except BaseException:
            self.budget.cancelled = True
            raise
        for stream in running:
            stream.result()

    def tell(self, stream: _Stream, share: float | None = None) -> None:
        """Report the best routes of one stream."""
        if self.on_progress is None:
            return
        served = stream.best.lead >= 0
        so_far = Progress(
            share=self.budget.share(stream.done) if share is None else share,
            prize=float(self.prize[served].sum()),
            required_unserved=int((self.required & ~served).sum()),
        )
        if self.on_progress(so_far) is False:
            self.budget.cancelled = True


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
    task, budget = make_task(request), _Budget(STREAMS, None)
    routes = _search(request, task, 0, budget, _Watch(request, budget, None)).routes
    man(task, routes, 0, 0)
