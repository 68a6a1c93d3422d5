"""Travel times between places, on foot and by car, and the street paths behind them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Final, get_args

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely import LineString

from patrolmap.errors import InputError
from patrolmap.model.network import Floats, Network, Whole
from patrolmap.model.reasons import make_reason
from patrolmap.model.snapping import SNAP_M, snap
from patrolmap.model.units import Mode
from patrolmap.planning.graph import (
    DM_PER_M,
    TICKS_PER_S,
    Graph,
    arcs_between,
    cut_streets,
    search,
)
from patrolmap.planning.tracing import trace

HARDLY_S: Final = 0.001  # so little above a whole second is rounding, and counts as nothing


@dataclass(frozen=True)
class StreetPath:
    """
    The fastest way between two places.

    Parameters
    ----------
    line
        In EPSG:4326, from place to place.
    times_s
        One per vertex, from 0; the last, rounded up, is the matrix entry.
    metres
        Length of the way, connectors included.
    connector_m
        Length of the first and of the last segment where these lead between place and
        street; 0 where the place lies on its street and there is no such segment.
    street_ids
        The streets along the way in order, one for each piece between two junctions.
    """

    line: LineString
    times_s: tuple[float, ...]
    metres: float
    connector_m: tuple[float, float]
    street_ids: tuple[str, ...]

    @property
    def seconds(self) -> int:
        """The matrix entry: the time the way takes, rounded up."""
        return math.ceil(self.times_s[-1] - HARDLY_S)


@dataclass(frozen=True, eq=False, repr=False)
class Travel:
    """
    Times, lengths and paths between n places in one mode.

    Parameters
    ----------
    mode
        ``walk`` or ``drive``.
    seconds
        Square frame by place id, Int64: the sum along the path, rounded up. NA where no
        way leads; 0 from a place to itself.
    metres
        Likewise, rounded; the length of the fastest way, which may not be the shortest.
    snapped
        By place id: the point on the street, ``street_id``, ``edge``, ``along``,
        ``connector_m``, ``component`` and ``reason`` (empty, ``off_street …`` or
        ``unreachable``).
    places
        The places themselves.
    network, graph
        What the paths are made of.
    """

    mode: Mode
    seconds: pd.DataFrame
    metres: pd.DataFrame
    snapped: gpd.GeoDataFrame
    places: gpd.GeoSeries
    network: Network
    graph: Graph

    def path(self, start_id: str, end_id: str) -> StreetPath:
        """
        Follow the streets from one place to another.

        Raises
        ------
        InputError
            If a place is unknown, or no way leads there.
        """
        start, end = self._row(start_id), self._row(end_id)
        seconds = self.seconds.iloc[start, end]
        if pd.isna(seconds):
            raise InputError(
                f"No way leads from '{start_id}' to '{end_id}' ({self.mode}). "
                "Look at `seconds` before asking for a path."
            )
        if start == end:
            here = self.places.iloc[start]
            return StreetPath(LineString([here, here]), (0.0, 0.0), 0.0, (0.0, 0.0), ())
        return self._trace(start, end, arcs_between(self.graph, start, end))

    def _row(self, place_id: str) -> int:
        if place_id not in self.places.index:
            raise InputError(f"'{place_id}' is none of the {len(self.places)} places.")
        return int(self.places.index.get_loc(place_id))

    def _trace(self, start: int, end: int, arcs: Whole) -> StreetPath:
        ticks, dm, tied, places = self._ends
        lonlat, at_ticks = trace(self.network, self.graph, arcs)
        lonlat = np.vstack([tied[start], lonlat])
        at_ticks = np.append(0, at_ticks) + ticks[start]
        if dm[start] or (len(lonlat) == 1 and not dm[end]):
            lonlat, at_ticks = np.vstack([places[start], lonlat]), np.append(0.0, at_ticks)
        if dm[end]:
            lonlat = np.vstack([lonlat, places[end]])
            at_ticks = np.append(at_ticks, at_ticks[-1] + ticks[end])
        lonlat[[0, -1]] = places[[start, end]]
        length_dm = dm[start] + dm[end] + self.graph.decimetres(arcs).sum()
        return StreetPath(
            line=LineString(lonlat),
            times_s=tuple((at_ticks / TICKS_PER_S).tolist()),
            metres=float(length_dm) / DM_PER_M,
            connector_m=(float(dm[start]) / DM_PER_M, float(dm[end]) / DM_PER_M),
            street_ids=tuple(self.network.street_ids[self.graph.edge[arcs]].tolist()),
        )

    @cached_property
    def _ends(self) -> tuple[Floats, Floats, Floats, Floats]:
        """Give the connectors in ticks and decimetres, where they are tied, and the places."""
        ticks, dm = _connectors(self.snapped, self.network.walk_mps)
        tied, places = (
            np.column_stack([shapely.get_x(points), shapely.get_y(points)])
            for points in (self.snapped.geometry.to_numpy(), self.places.to_numpy())
        )
        return ticks, dm, tied, places


def travel_times(
    network: Network, places: gpd.GeoDataFrame, *, mode: Mode, snap_m: float = SNAP_M
) -> Travel:
    """
    Measure the time and length of the fastest way between all places.

    The streets are cut where the places are tied to them, so that a way begins and ends
    in the middle of a block where a place lies there. The way between place and street is
    walked in either mode.

    Parameters
    ----------
    network
        The streets.
    places
        n points in EPSG:4326, index ``place_id``, unique.
    mode
        ``walk`` or ``drive``.
    snap_m
        The longest way between a place and its street; a place farther off is reached
        by nobody, and ``snapped`` says so.

    Returns
    -------
    travel
        Matrices of shape (n, n), and the paths behind them.

    Raises
    ------
    InputError
        If the mode is unknown, an id stands twice, or a place is no point.

    References
    ----------
    Dijkstra (1959), A note on two problems in connexion with graphs, Numerische
    Mathematik 1:269; with the queue of Dial (1969), see `shortest`.
    """
    _check(places, mode)
    snapped = snap(network, places.geometry, mode, limit_m=snap_m)
    graph = cut_streets(network, snapped, mode)
    street_ticks, street_dm = search(graph)
    ticks, dm = _connectors(snapped, network.walk_mps)
    seconds = (street_ticks + ticks[:, None] + ticks) / TICKS_PER_S
    metres = (street_dm + dm[:, None] + dm) / DM_PER_M
    return Travel(
        mode=mode,
        seconds=_square(np.ceil(seconds - HARDLY_S), places.index),
        metres=_square(np.round(metres), places.index),
        snapped=_with_cut_off(snapped),
        places=places.geometry,
        network=network,
        graph=graph,
    )


def _check(places: gpd.GeoDataFrame, mode: str) -> None:
    if mode not in get_args(Mode):
        raise InputError(f"'{mode}' is no mode. Choose one of {', '.join(get_args(Mode))}.")
    twice = places.index[places.index.duplicated()].unique()
    if len(twice):
        raise InputError(f"places: ids stand twice: {', '.join(map(str, twice))}.")
    wrong = places.index[places.geometry.notna() & (places.geometry.geom_type != "Point")]
    if len(wrong):
        raise InputError(f"places: not points: {', '.join(map(str, wrong))}. Give points.")


def _connectors(snapped: gpd.GeoDataFrame, walk_mps: float) -> tuple[Floats, Floats]:
    """Measure the ways between places and streets in ticks and decimetres."""
    connector_m = snapped["connector_m"].to_numpy()
    dm = np.round(connector_m * DM_PER_M)
    return np.round(dm / DM_PER_M / walk_mps * TICKS_PER_S), dm


def _square(values: Floats, place_ids: pd.Index) -> pd.DataFrame:
    np.fill_diagonal(values, 0)
    return pd.DataFrame(values, index=place_ids, columns=place_ids).astype("Int64")


def _with_cut_off(snapped: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Mark places that most others cannot reach; where they lie, crews do not come."""
    tied = snapped["component"] >= 0
    if not tied.any():
        return snapped
    home = snapped.loc[tied, "component"].mode().iloc[0]
    away = tied & (snapped["component"] != home)
    return snapped.assign(reason=snapped["reason"].mask(away, make_reason("unreachable")))
