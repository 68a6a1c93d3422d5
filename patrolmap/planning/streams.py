"""
The streams of a search: how long each runs, under which aims, and how they exchange routes.

There is a fixed number of them, so that a plan depends on the seed and the iterations alone
and not on how many cores there are.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from itertools import chain, cycle, pairwise, repeat
from operator import itemgetter
from typing import Final, NamedTuple

import numpy as np

from patrolmap.planning.request import Request
from patrolmap.planning.search.annealing import anneal, resume
from patrolmap.planning.search.arrays import Aim, Routes, Task, copy_routes, make_work, overwrite
from patrolmap.planning.search.tours import Labels, lay_tour, make_labels, suits

STREAMS: Final = 2  # searches side by side, whatever the number of cores
EXCHANGES: Final = (0.5, 0.8, 1.0)  # shares of the search after which all go on from the best
FIRST_AIM_SHARE: Final = 0.25  # of the search, at most, for required stops alone
FIRST_CHANGES_SHARE: Final = 0.2  # of it, where they are the crews' already but for a few
# Shares of the search at which a crew alone begins from tours, but for the last of them, and
# how far the temperature is down then, and at last; all found by trial on published instances.
TOURS_AT: Final = (0.5, 0.6, 0.7, 0.8)
TOUR_COOLED: Final = 0.3
LAST_COOLED: Final = 0.4
CHUNK: Final = 50  # iterations between two looks at the clock
PROGRESS_S: Final = 0.1


@dataclass(frozen=True)
class Progress:
    """How far planning has come: share of the search, prize served, required stops not served."""

    share: float
    prize: float
    required_unserved: int


OnProgress = Callable[[Progress], bool | None]


# ── the budget ──


class Budget:
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


class Stage(NamedTuple):
    """
    A part of the search under one aim.

    `begin` and `exchanges` are shares of the schedule; after each exchange all streams go
    on from the best, and the last ends the stage. The temperature falls from where a share
    of `cooled` of its way is gone. Where `anew`, each stream begins from a tour of its own
    instead of from the best routes.
    """

    aim: Aim
    begin: float
    exchanges: tuple[float, ...]
    cooled: float = 0.0
    anew: bool = False

    def heat(self, share: float) -> float:
        """Give the share of its way that the temperature is down at a share of the schedule."""
        gone = (share - self.begin) / (self.exchanges[-1] - self.begin)
        return self.cooled + (1.0 - self.cooled) * gone


def free_stages(aim: Aim, task: Task, first: Routes) -> list[Stage]:
    """Search for the best routes of all, from different tours too where they may be one tour."""
    if not suits(task, first):
        return [Stage(aim, 0.0, EXCHANGES)]
    return [
        Stage(aim, 0.0, TOURS_AT[:1]),
        *(Stage(aim, at, (until,), TOUR_COOLED, anew=True) for at, until in pairwise(TOURS_AT)),
        Stage(aim, TOURS_AT[-1], (1.0,), LAST_COOLED),
    ]


class Stream:
    """One annealing search with its own random numbers."""

    def __init__(self, task: Task, first: Routes, seed: Sequence[int]) -> None:
        self.task = task
        self.routes, self.best = copy_routes(first), copy_routes(first)
        self.work = make_work(task, first.used.size, seed)
        self.total = np.zeros(2)  # score and travel of the best routes
        self.done = 0
        self.labels: Labels | None = None

    def begin(self, aim: Aim) -> None:
        """Go on from the best routes, under an aim."""
        resume(self.task, aim, self.routes, self.best, self.work, self.total)

    def merit(self) -> tuple[float, float]:
        """Rate the best routes: by score, then by less travel."""
        return float(self.total[0]), -float(self.total[1])

    def run(self, stage: Stage, budget: Budget, until: float) -> None:
        """Search until a share of the schedule is done."""
        if stage.anew:
            self.labels = self.labels or make_labels(self.task.opens.size)
            lay_tour(self.task, stage.aim, self.best, self.work, self.labels)
        self.begin(stage.aim)
        for first in chain([True], repeat(False)):
            chunk = budget.chunk(self.done, until, first=first)
            if chunk <= 0 or self.total[0] >= stage.aim.enough:
                return
            share = budget.share(self.done)
            heat = stage.heat(share)
            self.done += anneal(
                self.task, stage.aim, self.routes, self.best, self.work, self.total,
                heat, stage.heat(share + budget.step()) - heat, chunk,
            )  # fmt: skip


_Scored = tuple[tuple[float, float], Routes]


class Streams:
    """All streams of one search, from the first routes on."""

    def __init__(self, task: Task, first: Routes, seed: int, budget: Budget, watch: Watch) -> None:
        self._streams = [Stream(task, first, (seed, number)) for number in range(STREAMS)]
        self._budget, self._watch = budget, watch

    @property
    def done(self) -> int:
        """Count the iterations of a stream."""
        return self._streams[0].done

    def run(self, stage: Stage) -> None:
        """Search for a stage; a stage without time left still does its first chunk."""
        with ThreadPoolExecutor(STREAMS) as pool:
            for until in stage.exchanges:
                before = self._best() if stage.anew else None
                running = [pool.submit(s.run, stage, self._budget, until) for s in self._streams]
                self._watch.wait(running, self._streams)
                self._pass_on(max(filter(None, (self._best(), before)), key=itemgetter(0)))

    def _best(self) -> _Scored:
        """Copy the best routes, with their score and travel."""
        best = max(self._streams, key=Stream.merit)
        return best.merit(), copy_routes(best.best)

    def _pass_on(self, best: _Scored) -> None:
        for stream in self._streams:
            overwrite(stream.best, best[1])
            stream.total[:] = best[0][0], -best[0][1]

    def go_on_from(self, starts: Sequence[Routes]) -> None:
        """Let each stream take other routes for its best, in turn."""
        for stream, routes in zip(self._streams, cycle(starts), strict=False):
            overwrite(stream.best, routes)

    def routes(self, aim: Aim) -> Routes:
        """Give the best routes, timed."""
        self._streams[0].begin(aim)
        return self._streams[0].routes


class Watch:
    """Tells how far planning has come, and cancels it when asked to."""

    def __init__(self, request: Request, budget: Budget, on_progress: OnProgress | None) -> None:
        self.budget = budget
        self.on_progress = on_progress
        self.prize = request.stops["prize"].to_numpy(np.float64)
        self.required = request.stops["required"].to_numpy()

    def wait(self, running: Sequence[Future[None]], streams: Sequence[Stream]) -> None:
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

    def tell(self, stream: Stream, share: float | None = None) -> None:
        """Report the best routes of one stream."""
        if self.on_progress is None:
            return
        served = stream.best.lead[: self.prize.size] >= 0  # behind them stand parts of stops
        so_far = Progress(
            share=self.budget.share(stream.done) if share is None else share,
            prize=float(self.prize[served].sum()),
            required_unserved=int((self.required & ~served).sum()),
        )
        if self.on_progress(so_far) is False:
            self.budget.cancelled = True
