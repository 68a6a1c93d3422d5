"""Tying places to the streets they are reached from."""

from __future__ import annotations

from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from patrolmap.model.contracts import CRS
from patrolmap.model.network import Floats, Network, Whole
from patrolmap.model.reasons import make_reason
from patrolmap.model.units import Mode

SNAP_M: Final = 150.0
NEIGHBOURHOOD_M: Final = 1000.0  # how far around a place its main component is judged
AT_CORNER_M: Final = 1.0  # a place tied this near to the end of a street is tied to the end
BLOCK_M: Final = 250.0  # places this near to one another are judged by one of them


def snap(
    network: Network, points: gpd.GeoSeries, mode: Mode, *, limit_m: float = SNAP_M
) -> gpd.GeoDataFrame:
    """
    Tie places to the streets they are reached from.

    A place goes to the nearest point of a street, not to the nearest corner (unless that
    is all but there). Of the
    streets within `limit_m`, those on the ground where one may walk come first (a crew
    leaves its car on foot), and among them those of the component with the most street
    length within about 1 km, so that no place is lost on a courtyard path which the map
    does not join to the town.

    Parameters
    ----------
    network
        The streets.
    points
        n places in EPSG:4326; a missing geometry is reported, not refused.
    mode
        ``walk`` or ``drive``.
    limit_m
        The longest way between a place and its street.

    Returns
    -------
    snapped
        Index of `points`, EPSG:4326. ``geometry`` on the street (None where there is
        none); ``street_id``; ``edge`` (or -1); ``along``; ``connector_m``, straight from
        place to street; ``component`` (or -1); ``reason``: empty, or ``off_street`` with
        the metres to the nearest street, or ``unreachable`` where no street is known.
    """
    spots = _Spots(network, points)
    best = _nearest(network, spots, mode, limit_m)
    snapped = _on_edges(network, best, points.index)
    lost = np.setdiff1d(np.arange(len(points)), best["place"])
    snapped["reason"] = _why_lost(network, spots, mode, lost)
    return snapped


class _Spots:
    """Places in the CRS of a network, with its scale there."""

    def __init__(self, network: Network, points: gpd.GeoSeries) -> None:
        self.points: NDArray[np.object_] = points.to_crs(network.crs).to_numpy()
        self.known: Whole = np.flatnonzero((~points.isna() & ~points.is_empty).to_numpy())
        self.scale: Floats = np.ones(len(points))
        lonlat = shapely.get_coordinates(points.to_numpy()[self.known])
        self.scale[self.known] = network.scale_at(lonlat)

    def edges_within(
        self, network: Network, mode: Mode, rows: Whole, reach_m: float
    ) -> pd.DataFrame:
        """List pairs of a place and an edge that comes within reach."""
        place, edge = network.trees[mode].query(
            self.points[rows], predicate="dwithin", distance=reach_m * self.scale[rows]
        )
        edge = network.usable[mode][edge]
        component = network.component[mode][edge]
        return pd.DataFrame({"place": rows[place], "edge": edge, "component": component})


def _nearest(network: Network, spots: _Spots, mode: Mode, limit_m: float) -> pd.DataFrame:
    """Choose the edge of each place: at hand, of the main component, nearest."""
    pairs = spots.edges_within(network, mode, spots.known, limit_m)
    at_hand = pd.Series(network.at_hand[pairs["edge"]], index=pairs.index)
    pairs = pairs[at_hand == at_hand.groupby(pairs["place"]).transform("max")]
    pairs = _of_main_component(network, spots, mode, pairs)
    points, lines = spots.points[pairs["place"]], network.lines[pairs["edge"]]
    pairs = pairs.assign(distance=shapely.distance(points, lines))
    best = pairs.sort_values(["place", "distance", "edge"]).drop_duplicates("place")
    return _tie(network, spots, best)


def _tie(network: Network, spots: _Spots, best: pd.DataFrame) -> pd.DataFrame:
    """Find where on its edge each place is tied, to the decimetre, and how far that is."""
    place, edge = best["place"].to_numpy(), best["edge"].to_numpy()
    points, lines = spots.points[place], network.lines[edge]
    length_m = network.length_m[edge]
    at_m = np.round(shapely.line_locate_point(lines, points, normalized=True) * length_m, 1)
    along = at_m / np.where(length_m > 0, length_m, 1)
    along = np.select([at_m < AT_CORNER_M, at_m > length_m - AT_CORNER_M], [0.0, 1.0], along)
    tied = shapely.line_interpolate_point(lines, along, normalized=True)
    return best.assign(along=along, connector_m=shapely.distance(points, tied) / spots.scale[place])


def _of_main_component(
    network: Network, spots: _Spots, mode: Mode, pairs: pd.DataFrame
) -> pd.DataFrame:
    """Keep, for each place, the edges of the component with the most street around it."""
    torn = pairs.groupby("place")["component"].transform("nunique") > 1
    if not torn.any():
        return pairs
    street_m = _street_around(network, spots, mode, pairs.loc[torn, "place"].unique())
    pairs = pairs.join(street_m, on=["place", "component"])
    most_m = pairs.groupby("place")["street_m"].transform("max")
    return pairs[~torn | (pairs["street_m"] == most_m)]


def _street_around(network: Network, spots: _Spots, mode: Mode, places: Whole) -> pd.Series:
    """Measure the streets of each component around places; near neighbours share a judgement."""
    xy = shapely.get_coordinates(spots.points[places])
    _, first, block = np.unique(
        np.round(xy / BLOCK_M), axis=0, return_index=True, return_inverse=True
    )
    around = spots.edges_within(network, mode, places[first], NEIGHBOURHOOD_M)
    around["street_m"] = network.length_m[around["edge"]]
    judged = around.groupby(["place", "component"], as_index=False)["street_m"].sum()
    shared = pd.DataFrame({"place": places, "judged": places[first][block]})
    shared = shared.merge(judged, left_on="judged", right_on="place", suffixes=("", "_judged"))
    return shared.set_index(["place", "component"])["street_m"]


def _on_edges(network: Network, best: pd.DataFrame, index: pd.Index) -> gpd.GeoDataFrame:
    pairs = zip(best["edge"], best["along"], strict=True)
    lonlat = [network.stretch(edge, along, along)[0][0] for edge, along in pairs]
    rows = best.set_index("place").reindex(range(len(index)))
    geometry = np.full(len(index), None, dtype=object)
    geometry[best["place"]] = shapely.points(np.reshape(lonlat, (-1, 2)))
    street_ids = np.full(len(index), "", dtype=object)
    street_ids[best["place"]] = network.street_ids[best["edge"]]
    frame = pd.DataFrame(
        {
            "street_id": pd.array(street_ids, dtype="str"),
            "edge": rows["edge"].fillna(-1).astype(np.int64).to_numpy(),
            "along": rows["along"].to_numpy(dtype=np.float64),
            "connector_m": rows["connector_m"].to_numpy(dtype=np.float64),
            "component": rows["component"].fillna(-1).astype(np.int64).to_numpy(),
        },
        index=index,
    )
    return gpd.GeoDataFrame(frame, geometry=geometry, crs=CRS)


def _why_lost(network: Network, spots: _Spots, mode: Mode, lost: Whole) -> list[str]:
    reasons = [""] * len(spots.points)
    for row in lost:
        reasons[row] = make_reason("unreachable")
    rows = np.intersect1d(lost, spots.known)
    if len(rows) and len(network.usable[mode]):
        (place, _), far = network.trees[mode].query_nearest(
            spots.points[rows], all_matches=False, return_distance=True
        )
        metres = np.ceil(far / spots.scale[rows[place]])
        for row, off_m in zip(rows[place], metres, strict=True):
            reasons[row] = make_reason("off_street", f"{off_m:.0f}")
    return reasons
