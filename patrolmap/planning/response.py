"""How soon the nearest crew could be at each gate, at any time of the day."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from patrolmap.model.contracts import CRS
from patrolmap.model.network import Network
from patrolmap.model.plan import Plan, Route
from patrolmap.model.settings import MINUTE_S
from patrolmap.model.snapping import snap
from patrolmap.model.units import Mode, Unit
from patrolmap.planning.graph import ONE_TICK, TICKS_PER_S, cut_streets
from patrolmap.planning.shortest import FAR, all_ways

Floats = NDArray[np.float64]

EVERY_S: Final = 5 * MINUTE_S
SAME_SPOT_DIGITS: Final = 4  # decimals of a degree: crews within about 10 m are at one place
SOON_MIN: Final = 5.0


def response_times(
    plan: Plan, units: Sequence[Unit], network: Network, gates: gpd.GeoSeries, bases: gpd.GeoSeries
) -> pd.DataFrame:
    """
    Measure how soon the nearest crew could be at each gate.

    A crew is where its legs lead it, or at the stop they led to, or at its base; without
    legs it moves straight from stop to stop. It goes by the streets, in its own mode,
    however busy it is: posts are left for an emergency, and breaks are interrupted.

    Parameters
    ----------
    plan
        Of g gates and any crews.
    units
        Its crews.
    network
        The streets.
    gates
        Points in EPSG:4326, index ``gate_id``.
    bases
        Points in EPSG:4326 by the place ids that the crews start and end at.

    Returns
    -------
    minutes
        Shape (k, g): one row every five minutes from the first shift's start to the last
        one's end, index ``at_s``; one column a gate. Infinite where no crew on duty finds
        a way.

    References
    ----------
    Response time as the least travel time of any crew: Larson (1972), Urban police patrol
    analysis, MIT Press.
    """
    moments = _moments(units)
    nearest = np.full((len(moments), len(gates)), np.inf)
    routes = {route.unit_id: route for route in plan.routes}
    for mode in sorted({unit.mode for unit in units}):
        crews = [unit for unit in units if unit.mode == mode]
        spots = [_spots(plan, routes[u.unit_id], u, bases, moments) for u in crews]
        seconds = _seconds_to(network, np.concatenate(spots), gates, mode)
        for unit, taken in zip(crews, np.split(seconds, len(crews)), strict=True):
            on_duty = (moments >= unit.shift_start_s) & (moments <= unit.shift_end_s)
            nearest = np.minimum(nearest, np.where(on_duty[:, None], taken, np.inf))
    return pd.DataFrame(
        nearest / MINUTE_S, index=pd.Index(moments, name="at_s"), columns=gates.index
    )


def response_figures(minutes: pd.DataFrame) -> dict[str, float]:
    """
    Sum response times up.

    Parameters
    ----------
    minutes
        From `response_times`.

    Returns
    -------
    figures
        ``response_p50_min`` and ``response_p90_min`` over all gates and times at which any
        crew finds a way, ``response_soon_share``: answers within five minutes, of all.
        Empty where there is no gate or no crew.
    """
    times = minutes.to_numpy().ravel()
    known = times[np.isfinite(times)]
    if not known.size:
        return {}
    half, most = np.quantile(known, [0.5, 0.9])
    soon = float((times <= SOON_MIN).mean())
    return {
        "response_p50_min": float(half),
        "response_p90_min": float(most),
        "response_soon_share": soon,
    }


def _moments(units: Sequence[Unit]) -> NDArray[np.int64]:
    first = min((unit.shift_start_s for unit in units), default=0)
    last = max((unit.shift_end_s for unit in units), default=-1)
    return np.arange(first, last + 1, EVERY_S)


# ---------------------------------------------------------------- where the crews are


def _spots(
    plan: Plan, route: Route, unit: Unit, bases: gpd.GeoSeries, moments: NDArray[np.int64]
) -> Floats:
    """Say where a crew is at each moment: shape (k, 2), degrees."""
    times, lonlat = _way(route) if route.legs else _straight_way(plan, route, unit, bases)
    return np.column_stack([np.interp(moments, times, lonlat[:, axis]) for axis in (0, 1)])


def _way(route: Route) -> tuple[Floats, Floats]:
    times = np.concatenate([leg.times_s for leg in route.legs])
    lonlat = np.concatenate([shapely.get_coordinates(leg.line) for leg in route.legs])
    return np.maximum.accumulate(times), lonlat


def _straight_way(
    plan: Plan, route: Route, unit: Unit, bases: gpd.GeoSeries
) -> tuple[Floats, Floats]:
    start, end = (shapely.get_coordinates(bases[base])[0] for base in (unit.start_id, unit.end_id))
    served = [visit for visit in route.visits if not visit.is_break]
    times: list[float] = [unit.shift_start_s]
    lonlat = [start]
    for visit in served:
        place = plan.stops.loc[visit.stop_id, ["lon", "lat"]].to_numpy(dtype=float)
        times += [visit.arrive_s, visit.end_s]
        lonlat += [place, place]
    last = end if served else start
    return np.array([*times, unit.shift_end_s], dtype=float), np.array([*lonlat, last])


# ---------------------------------------------------------------- the ways from there


def _seconds_to(network: Network, spots: Floats, gates: gpd.GeoSeries, mode: Mode) -> Floats:
    """
    Measure the fastest ways from n spots to all gates: shape (n, g), infinite without a way.

    On foot a way takes as long in either direction, so there one search a gate will do.
    """
    rounded = spots.round(SAME_SPOT_DIGITS)
    apart, which = np.unique(rounded, axis=0, return_inverse=True)
    points = np.concatenate([shapely.points(apart), gates.to_numpy()])
    snapped = snap(network, gpd.GeoSeries(points, crs=CRS), mode)
    graph = cut_streets(network, snapped, mode)
    tied = (graph.leave >= 0).nonzero()[0]
    starts, ends = tied[tied < len(apart)], tied[tied >= len(apart)]
    number = graph.junctions.number
    arcs, leave, reach = graph.junctions.arcs, number[graph.leave], number[graph.reach]
    if mode == "walk":
        total = all_ways(arcs, leave[ends], reach[starts]).T
    else:
        total = all_ways(arcs, leave[starts], reach[ends])
    known = np.where(total < FAR, total, 0)
    walked_s = snapped["connector_m"].to_numpy() / network.walk_mps
    seconds = np.full((len(apart), len(gates)), np.inf)
    found = np.where(total < FAR, known // ONE_TICK / TICKS_PER_S, np.inf)
    found = np.where(leave[starts][:, None] == leave[ends], 0.0, found)
    seconds[np.ix_(starts, ends - len(apart))] = found + walked_s[starts][:, None] + walked_s[ends]
    return seconds[which]
