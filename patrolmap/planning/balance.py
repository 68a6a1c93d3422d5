"""Days alike for all crews, as far as a stated share of the prize pays for it."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from patrolmap.planning.request import Request
from patrolmap.planning.search.arrays import Aim, Doubles, Routes, Task

SEARCH_SHARE: Final = 0.2  # of the schedule, for balance
# Whatever halves the spread is worth all of the prize that may be given up for it.
WORTH_OF_EVEN_DAYS: Final = 2.0
MINUTE_S: Final = 60


def make_even_aim(request: Request, task: Task, aim: Aim, routes: Routes, *, loss: float) -> Aim:
    """
    Say what counts once the best routes are known: days alike, at little loss.

    Parameters
    ----------
    request, task
        What is asked.
    aim
        Under which the routes were found.
    routes
        The best, timed.
    loss
        The share of the optional prize served that may be given up.

    Returns
    -------
    aim
        Under it no required stop is lost, and no more prize than `loss` says.
    """
    served = routes.lead >= 0
    may_go = loss * optional_prize(request, routes)
    spread_s = sum(days.std() for days in _days_s(task, routes))
    return aim._replace(
        even_price=max(WORTH_OF_EVEN_DAYS * may_go, 1e-3 * aim.unit) / max(1.0, spread_s),
        least=aim.score[served].sum() * (1 - 1e-12) - may_go,
    )


def optional_prize(request: Request, routes: Routes) -> float:
    """Add up the prizes served that are not required."""
    free = ~request.stops["required"].to_numpy() & ~request.stops.index.isin(request.locked)
    return float(request.stops["prize"].to_numpy()[free & (routes.lead >= 0)].sum())


def tell_balance(
    request: Request, task: Task, before: Routes, after: Routes, *, loss: float
) -> dict[str, Any]:
    """
    Say what balance cost, and what it brought: least, mean and most minutes of the crews.

    ``balance_cost_share`` is the share of the optional prize given up, ``busy_min`` the
    minutes at stops and on the way, ``travel_min`` those on the way; each before and after.
    """
    had, has = (optional_prize(request, routes) for routes in (before, after))
    told: dict[str, Any] = {
        "balance_loss": loss,
        "balance_cost_share": round(1 - has / had, 6) if had else 0.0,
    }
    for when, routes in (("before", before), ("after", after)):
        busy_s, travel_s = _days_s(task, routes)
        told[f"busy_min_{when}"] = _range_min(busy_s)
        told[f"travel_min_{when}"] = _range_min(travel_s)
    return told


def _days_s(task: Task, routes: Routes) -> tuple[Doubles, Doubles]:
    """Give the busy time and the travel of each crew."""
    crews, count = task.closes.shape
    travel_s = routes.travel[:crews].astype(np.float64)
    served = [
        [int(node) for node in routes.node[v, 1 : routes.size[v] - 1] if 0 <= node < count]
        for v in range(crews)
    ]
    service_s = np.array([task.service[row].sum() for row in served], np.float64)
    return service_s + travel_s, travel_s


def _range_min(days_s: Doubles) -> list[float]:
    minutes = days_s / MINUTE_S
    return [round(float(value), 1) for value in (minutes.min(), minutes.mean(), minutes.max())]
