"""Days alike for all crews, as far as a stated share of the prize pays for it."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from patrolmap.model.settings import MINUTE_S
from patrolmap.model.units import Unit
from patrolmap.planning.request import Request
from patrolmap.planning.search.arrays import Aim, Doubles, Routes, Task

EVEN_FROM: Final = 0.8  # of the schedule is for prize, then balance begins
TIDY_FROM: Final = 0.95
# What travel costs while routes are tidied, beside the search before: on the synthetic
# precinct this took 4 to 5 % off the way at no prize.
TIDY_TRAVEL: Final = 30.0
# Whatever takes a tenth off the spread is worth all of the prize that may be given up for it;
# found by trial: at a half little is given up and little gained, beyond this no more is gained.
WORTH_OF_EVEN_DAYS: Final = 10.0


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
    fair = _fair(request)
    uneven_s = _uneven_s(task, routes, fair)
    return aim._replace(
        fair=fair,
        even_price=max(WORTH_OF_EVEN_DAYS * may_go, 1e-3 * aim.unit) / max(1.0, uneven_s),
        least=aim.score[served].sum() * (1 - 1e-12) - may_go,
        widest=_hardly_more(uneven_s),
    )


def make_tidy_aim(aim: Aim, task: Task, routes: Routes) -> Aim:
    """Say what counts in the end: no way gone for nothing, no prize and no balance lost."""
    score = aim.score[routes.lead >= 0].sum()
    return aim._replace(
        travel_price=TIDY_TRAVEL * aim.travel_price,
        least=score * (1 - 1e-12),
        widest=_hardly_more(_uneven_s(task, routes, aim.fair)),
    )


def _uneven_s(task: Task, routes: Routes, fair: Doubles) -> float:
    """Measure how unlike the crews' days are, as the search does."""
    return float(sum((days * fair).std() for days in _days_s(task, routes)))


def _hardly_more(uneven_s: float) -> float:
    return uneven_s + 1e-3  # the search and numpy may round differently


def _fair(request: Request) -> Doubles:
    """Weigh the minutes of a crew by how short its time on duty is, beside a mean one."""
    on_duty_s = np.array([_on_duty_s(unit) for unit in request.units], np.float64)
    weights: Doubles = on_duty_s.mean() / on_duty_s
    return weights


def _on_duty_s(unit: Unit) -> int:
    breaks_s = sum(rest.duration_s for rest in unit.breaks)
    return max(1, unit.shift_end_s - unit.shift_start_s - breaks_s)


def optional_prize(request: Request, routes: Routes) -> float:
    """Add up the prizes served that are not required."""
    free = ~request.stops["required"].to_numpy() & ~request.stops.index.isin(request.locked)
    return float(request.stops["prize"].to_numpy()[free & (routes.lead >= 0)].sum())


def tell_balance(
    request: Request, task: Task, before: Routes, after: Routes, *, loss: float
) -> dict[str, Any]:
    """
    Say what balance cost, and what it brought.

    ``balance_cost_share`` is the share of the optional prize given up; ``uneven_min`` what
    was to become less: the standard deviation of the crews' busy minutes and that of their
    minutes on the way, added up, each for a mean time on duty; ``busy_share`` the
    crews' time at stops and on the way as a share of their time on duty, ``travel_share``
    that on the way; least, mean and most of all crews, before and after.
    """
    had, has = (optional_prize(request, routes) for routes in (before, after))
    told: dict[str, Any] = {
        "balance_loss": loss,
        "balance_cost_share": round(1 - has / had, 6) if had else 0.0,
    }
    on_duty_s = np.array([_on_duty_s(unit) for unit in request.units], np.float64)
    fair = _fair(request)
    for when, routes in (("before", before), ("after", after)):
        busy_s, travel_s = _days_s(task, routes)
        told[f"uneven_min_{when}"] = round(_uneven_s(task, routes, fair) / MINUTE_S, 2)
        told[f"busy_share_{when}"] = _range(busy_s / on_duty_s)
        told[f"travel_share_{when}"] = _range(travel_s / on_duty_s)
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


def _range(shares: Doubles) -> list[float]:
    return [round(float(share), 3) for share in (shares.min(), shares.mean(), shares.max())]
