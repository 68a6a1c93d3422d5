"""The beats of a plan: which streets of its cell a crew walks at each visit, and their length."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely import LineString

from patrolmap.errors import InputError
from patrolmap.model.network import Floats, Network
from patrolmap.model.plan import Leg, Plan, Visit
from patrolmap.model.settings import Settings
from patrolmap.model.snapping import snap
from patrolmap.planning.beat_lines import Walk, walk_beat
from patrolmap.planning.cell_streets import CellStreets, cell_pieces, join_pieces

CELL_PREFIX: Final = "cell:"  # of the place id of a cell
# Assumption: a crew on its beat looks, talks and stops, and so is slower than a walker
# with somewhere to go (1.3 m/s). No source gives the pace of a school patrol.
BEAT_MPS: Final = 1.0
HARDLY_M: Final = 0.05  # a place this near to its street lies on it
# Assumptions: what draws attention does so up to this far, ever less; a metre of the street
# that draws most is worth five of one that draws none, which is walked too when time is left.
NEAR_M: Final = 60.0
MOST_EXTRA: Final = 4.0


@dataclass(frozen=True)
class Beats:
    """
    The beats of a day.

    Parameters
    ----------
    legs
        By crew and stop; a visit without streets to walk has none.
    street_m
        By crew: the length of all different streets on its beats, each counted once.
    """

    legs: dict[tuple[str, str], Leg] = field(default_factory=dict)
    street_m: dict[str, float] = field(default_factory=dict)


def walk_beats(
    plan: Plan,
    network: Network,
    places: gpd.GeoDataFrame,
    cells: gpd.GeoDataFrame,
    attention: gpd.GeoDataFrame | None = None,
) -> Beats:
    """
    Choose the streets of every patrol visit, in order of time.

    Parameters
    ----------
    plan
        With its visits.
    network
        The streets.
    places
        Points, index ``place_id``.
    cells
        The layer, for stops with a place ``cell:<cell_id>``.
    attention
        Points of what a patrol should walk by, with a column ``weight``; streets near them
        are worth more. Without them a beat covers as much street as it can.

    Returns
    -------
    beats
        A street that any crew walked before on the day is worth less the next time.
    """
    visits = _patrol_visits(plan)
    spots = places.geometry.reindex(visits["place_id"].unique())
    areas = cells.geometry.set_axis(CELL_PREFIX + cells.index.astype("str"))
    tied = snap(network, spots, "walk")
    tied = tied[(tied["edge"] >= 0) & tied.index.isin(areas.index)]
    streets = _streets_of(network, areas, tied, attention)
    seen = {place: np.zeros(len(s.edge)) for place, s in streets.items()}
    walked: dict[tuple[str, str], Floats] = {}
    beats = Beats(street_m=dict.fromkeys((route.unit_id for route in plan.routes), 0.0))
    for unit_id, place, visit in visits[["unit_id", "place_id", "visit"]].itertuples(index=False):
        if place not in streets:
            continue
        off_m = float(tied["connector_m"][place])
        off_m = off_m if off_m > HARDLY_M else 0.0
        longest_m = (visit.end_s - visit.start_s) * BEAT_MPS - 2 * off_m
        walk = walk_beat(streets[place], longest_m, seen[place])
        if walk is not None:
            seen[place] += walk.covered
            walked[unit_id, place] = walked.get((unit_id, place), 0.0) + walk.covered
            beats.legs[unit_id, visit.stop_id] = _leg(walk, visit, spots[place], off_m)
    for (unit_id, place), covered in walked.items():
        beats.street_m[unit_id] += float(np.minimum(covered, 1) @ streets[place].graph.length_m)
    return beats


def check_lengths(beats: Beats, on_foot: Sequence[str], settings: Settings) -> dict[str, Any]:
    """
    Hold the beats of crews on foot against the lengths that worked.

    Two lengths are looked at. The line of one visit must not be longer than the setting
    ``beat_most_m``. The beat of a crew in the sense of the experiments behind that figure,
    all streets it is given to walk in a shift, is told, so that whoever shows the plan can
    warn of one that is too long.

    Returns
    -------
    told
        For the plan's settings: ``beat_street_m`` by crew, ``beat_warn_m``, ``beat_most_m``.

    Raises
    ------
    InputError
        If a visit's line is too long; the message says what to do.

    References
    ----------
    Ratcliffe et al. (2011), Criminology 49:795; see `Settings`.
    """
    for (unit_id, stop_id), leg in beats.legs.items():
        walked_m = (leg.times_s[-1] - leg.times_s[0]) * BEAT_MPS
        if unit_id in on_foot and walked_m > settings.beat_most_m:
            raise InputError(
                f"Crew {unit_id} would walk {walked_m:.0f} m at stop '{stop_id}', more than "
                f"{settings.beat_most_m:.0f} m. Foot beats that long had no effect "
                "(Philadelphia 2010): shorten the dwell, or raise the setting beat_most_m."
            )
    return {
        "beat_street_m": {unit_id: round(beats.street_m.get(unit_id, 0.0)) for unit_id in on_foot},
        "beat_warn_m": settings.beat_warn_m,
        "beat_most_m": settings.beat_most_m,
    }


def _patrol_visits(plan: Plan) -> pd.DataFrame:
    """List the visits to cells of all crews, earliest first."""
    rows = [
        (visit.start_s, route.unit_id, str(plan.stops["place_id"][visit.stop_id]), visit)
        for route in plan.routes
        for visit in route.visits
        if not visit.is_break and plan.stops["kind"][visit.stop_id] == "patrol"
    ]
    table = pd.DataFrame(rows, columns=["start_s", "unit_id", "place_id", "visit"])
    return table.sort_values("start_s", kind="stable")


def _streets_of(
    network: Network,
    areas: gpd.GeoSeries,
    tied: gpd.GeoDataFrame,
    attention: gpd.GeoDataFrame | None,
) -> dict[str, CellStreets]:
    """Join the streets of each cell from where its place is tied."""
    pieces = cell_pieces(network, areas[tied.index])
    pieces = pieces.assign(worth=_worth(network, pieces["line"].to_numpy(), attention))
    found = {}
    for cell, rows in pieces.groupby("cell"):
        edge, along = int(tied["edge"].iloc[cell]), float(tied["along"].iloc[cell])
        streets = join_pieces(network, rows, edge=edge, along=along)
        if streets is not None:
            found[str(tied.index[cell])] = streets
    return found


def _worth(network: Network, lines: Floats, attention: gpd.GeoDataFrame | None) -> Floats:
    """Say how much a metre of each line is worth; what is near it adds to that."""
    worth = np.ones(len(lines))
    if attention is None or attention.empty or not len(lines):
        return worth
    points = attention.geometry.to_crs(network.crs).to_numpy()
    line, point = shapely.STRtree(points).query(lines, predicate="dwithin", distance=NEAR_M)
    near = 1 - shapely.distance(lines[line], points[point]) / NEAR_M
    weight = attention["weight"].to_numpy(dtype=np.float64)[point]
    extra = np.bincount(line, near * weight, minlength=len(lines))
    most = extra.max(initial=0.0)
    return worth + MOST_EXTRA * extra / most if most > 0 else worth


def _leg(walk: Walk, visit: Visit, spot: shapely.Point, off_m: float) -> Leg:
    """Make the leg of a beat, from and to the place beside the street."""
    lonlat, metres = walk.lonlat, walk.metres
    place = shapely.get_coordinates(spot)
    if off_m:
        lonlat = np.vstack([place, lonlat, place])
        metres = np.concatenate([[0], metres + off_m, [metres[-1] + 2 * off_m]])
    lonlat[[0, -1]] = place
    times_s = visit.start_s + metres / BEAT_MPS
    return Leg(LineString(lonlat), tuple(times_s.tolist()), "beat", visit.stop_id, (off_m, off_m))
