"""What else routes are worth: that they stay as an earlier plan had them, and are alike."""

from __future__ import annotations

import math

from patrolmap.planning.search.arrays import Aim, Routes, Task
from patrolmap.planning.search.compiling import compiled

NOTICED_S = 300.0  # whoever comes so much earlier or later than planned has been moved
MOVED_SHARE = 0.25  # of what a kept visit is worth, for one that was moved


@compiled
def worth_kept(t: Task, aim: Aim, r: Routes) -> float:
    """Add up what the visits are worth that are as they were in the earlier plan, or nearly."""
    worth = 0.0
    for v in range(t.heads.size):
        for k in range(r.head[v] + 1, r.size[v] - 1):
            i = r.node[v, k]
            if i < 0:
                continue
            share = 1.0 if abs(r.start[v, k] - aim.hold[i]) <= NOTICED_S else MOVED_SHARE
            worth += share * aim.keep[v, i]
    return worth


@compiled
def spread(t: Task, aim: Aim, r: Routes) -> float:
    """
    Measure how unlike the crews' days are, in seconds of a mean shift.

    It is the standard deviation of their busy time, which is service and travel, plus
    that of their travel.
    """
    crews = t.heads.size
    busy, busy_squared, travel, travel_squared = 0.0, 0.0, 0.0, 0.0
    for v in range(crews):
        at_work = r.travel[v] + 0.0
        for k in range(1, r.size[v] - 1):
            if r.node[v, k] >= 0:
                at_work += t.service[r.node[v, k]]
        at_work *= aim.fair[v]
        on_way = aim.fair[v] * r.travel[v]
        busy += at_work
        busy_squared += at_work * at_work
        travel += on_way
        travel_squared += on_way * on_way
    return _deviation(busy, busy_squared, crews) + _deviation(travel, travel_squared, crews)


@compiled
def _deviation(total: float, squared: float, count: int) -> float:
    mean = total / count
    return math.sqrt(max(0.0, squared / count - mean * mean))
