"""Where a patrol of a cell begins, and the lines a crew moves along: travel and beats."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from patrolmap.errors import InputError
from patrolmap.model.contracts import CRS
from patrolmap.model.network import Network
from patrolmap.model.plan import Leg, Plan, Route
from patrolmap.model.reasons import make_reason
from patrolmap.model.settings import Settings
from patrolmap.model.snapping import SNAP_M, snap
from patrolmap.model.units import Mode, Unit
from patrolmap.planning.beat_walks import Beats, check_lengths, walk_beats
from patrolmap.planning.cell_streets import cell_pieces
from patrolmap.planning.travel import StreetPath, Travel, travel_times
from patrolmap.planning.underway import Underway


def cell_places(cells: gpd.GeoDataFrame, network: Network) -> gpd.GeoDataFrame:
    """
    Find where a patrol of each cell begins.

    It is the point nearest to the cell's centroid on a walkable street on the ground
    inside the cell; the street hangs together with the town (`snap` says how).

    Parameters
    ----------
    cells
        Layer of n cells.
    network
        The streets.

    Returns
    -------
    places
        Index ``cell_id``. ``geometry`` (None where no such street enters the cell),
        ``reason`` (``unreachable`` there, else empty), ``street_m``: the length of all
        walkable streets on the ground inside the cell.
    """
    pieces = cell_pieces(network, cells.geometry)
    street_m = pieces.groupby("cell")["length_m"].sum().reindex(range(len(cells)), fill_value=0.0)
    best = _nearest_to_centre(cells, network, pieces)
    spots = [network.stretch(e, a, a)[0][0] for e, a in zip(best["edge"], best["at"], strict=True)]
    geometry = np.full(len(cells), None, dtype=object)
    geometry[best["cell"]] = shapely.points(np.reshape(spots, (-1, 2)))
    found = np.isin(np.arange(len(cells)), best["cell"])
    reason = np.where(found, "", make_reason("unreachable"))
    table = {"reason": pd.array(reason, dtype="str"), "street_m": street_m.to_numpy()}
    return gpd.GeoDataFrame(table, geometry=geometry, crs=CRS, index=cells.index.rename("cell_id"))


def _nearest_to_centre(
    cells: gpd.GeoDataFrame, network: Network, pieces: pd.DataFrame
) -> pd.DataFrame:
    """Choose a position (`at`) on an edge for each cell that has streets of the town in it."""
    areas = cells.geometry.to_crs(network.crs)
    centres = areas.centroid
    # a large cell may have its streets farther from its middle than a place may
    limit_m = max([SNAP_M, *shapely.minimum_bounding_radius(areas.to_numpy())])
    town = snap(network, centres.to_crs(CRS), "walk", limit_m=limit_m)["component"].to_numpy()
    of_town = network.component["walk"][pieces["edge"]] == town[pieces["cell"]]
    pieces = pieces[of_town]
    lines, centre = pieces["line"].to_numpy(), centres.to_numpy()[pieces["cell"]]
    share = shapely.line_locate_point(lines, centre, normalized=True)
    at = pieces["start"] + share * (pieces["stop"] - pieces["start"])
    pieces = pieces.assign(at=at, off=shapely.distance(lines, centre))
    return pieces.sort_values(["cell", "off", "edge", "at"]).drop_duplicates("cell")


def lay_routes(  # noqa: PLR0913
    plan: Plan,
    network: Network,
    *,
    units: Sequence[Unit],
    places: gpd.GeoDataFrame,
    cells: gpd.GeoDataFrame | None = None,
    travel: Mapping[Mode, Travel] | None = None,
    attention: gpd.GeoDataFrame | None = None,
    settings: Settings | None = None,
    underway: Mapping[str, Underway] | None = None,
    at_s: int = 0,
) -> Plan:
    """
    Lay a plan on the streets: every way between stops, and a beat inside every patrol.

    A crew sets out from its base just in time for its first stop, and from every stop as
    soon as it is done. A beat is a closed walk along the streets of the cell that matter
    most, from and to the stop's place, as long as the dwell allows (`walk_beats`); a crew
    that is through early stays at the place and watches. Crews with a car park it and walk.

    Parameters
    ----------
    plan
        Any plan; legs it has are replaced.
    network
        The streets.
    units
        Its crews.
    places
        Points, index ``place_id``, of all stops and bases.
    cells
        The layer, for stops with a place ``cell:<cell_id>``; without it nobody walks beats.
    travel
        By mode, as the plan was made with; measured anew where not given.
    attention
        Points of what patrols should walk by, with a column ``weight``.
    settings
        Say which beats are too long; by default those of `Settings`.
    underway, at_s
        By call-sign, the crews that go on from somewhere since that time: their ways are
        laid from there, and what they did before is not.

    Returns
    -------
    plan
        The same plan with the legs of each route in order of time. Times are seconds from
        midnight; a leg takes exactly its matrix entry. Its settings say how much street is
        on the day's beats of each crew on foot (``beat_street_m``), and how much is too
        much (``beat_warn_m``, ``beat_most_m``).

    Raises
    ------
    InputError
        If a crew or place is unknown, a way does not exist, or a beat of a crew on foot
        would be longer than the settings allow.
    """
    modes = {unit.mode for unit in units}
    given = dict(travel or {})
    given |= {m: travel_times(network, places, mode=m) for m in sorted(modes - set(given))}
    crews = {unit.unit_id: unit for unit in units}
    unknown = [route.unit_id for route in plan.routes if route.unit_id not in crews]
    if unknown:
        raise InputError(f"The plan has routes of unknown crews: {', '.join(unknown)}.")
    beats = Beats() if cells is None else walk_beats(plan, network, places, cells, attention)
    routes = []
    for route in plan.routes:
        unit = crews[route.unit_id]
        going_on = (underway or {}).get(unit.unit_id)
        start = (
            _Start(unit.start_id)
            if going_on is None
            else _Start(going_on.place_id, at_s, going_on.free_s)
        )
        legs = _legs(route, start, unit, given[unit.mode], plan.stops["place_id"], beats)
        routes.append(replace(route, legs=tuple(legs)))
    on_foot = [unit_id for unit_id, unit in crews.items() if unit.mode == "walk"]
    told = check_lengths(beats, on_foot, settings or Settings())
    return replace(plan, routes=tuple(routes), settings={**plan.settings, **told})


class _Start(NamedTuple):
    """From where a crew is laid ways, for visits since when, and when it is free there."""

    place_id: str
    since_s: int = 0
    free_s: int | None = None


def _legs(
    route: Route, start: _Start, unit: Unit, travel: Travel, place_of: pd.Series, beats: Beats
) -> Iterator[Leg]:
    fresh = [visit for visit in route.visits if visit.start_s >= start.since_s]
    stays = [visit for visit in fresh if not visit.is_break]
    here = start.place_id
    for visit in stays:
        there = str(place_of[visit.stop_id])
        way = travel.path(here, there)
        yield from _leg(way, visit.stop_id, arrive_s=visit.arrive_s)
        if beat := beats.legs.get((unit.unit_id, visit.stop_id)):
            yield beat
        here = there
    is_away = start.free_s is not None and pd.notna(travel.seconds.loc[here, unit.end_id])
    if stays or is_away:
        home = travel.path(here, unit.end_id)
        left_s = fresh[-1].end_s if fresh else start.free_s or 0
        yield from _leg(home, "", arrive_s=left_s + home.seconds)


def _leg(way: StreetPath, stop_id: str, *, arrive_s: int) -> Iterator[Leg]:
    """Make the leg of a movement; a place that is reached in no time needs none."""
    if not way.seconds:
        return
    # the matrix entry is rounded up: the fraction of a second is spread over the way
    times_s = arrive_s - way.seconds + np.array(way.times_s) * (way.seconds / way.times_s[-1])
    times_s[-1] = arrive_s
    yield Leg(way.line, tuple(times_s.tolist()), "travel", stop_id, way.connector_m)
