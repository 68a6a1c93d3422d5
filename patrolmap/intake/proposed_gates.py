"""Where a school's gate must be when no map has it: proposals, marked as such."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from patrolmap.model.contracts import AREA, CRS
from patrolmap.model.layers import check_layer
from patrolmap.model.network import Network, Whole, build_network
from patrolmap.model.snapping import NEIGHBOURHOOD_M, snap

# A way in is a path or drive; a through road that clips the outline is sloppy drawing.
_WAYS_IN: Final = ("footway", "path", "pedestrian", "steps", "service", "living_street")
# Parents come by the streets one may drive on; drives of houses are none.
_PRIVATE: Final = ("service", "track")


def propose_gates(
    schools: gpd.GeoDataFrame,
    gates: gpd.GeoDataFrame,
    streets: gpd.GeoDataFrame,
    *,
    metric_crs: str,
) -> gpd.GeoDataFrame:
    """
    Propose one gate for every school that has none.

    Only streets count that are on the ground, may be walked and belong to the main
    walkable component within about 1 km. Where such a street meets the boundary of the
    campus, the gate is there, at the way in nearest to a public street, the quieter one of
    two; else it is on the boundary opposite the nearest street. A school that is a point has
    its gate on the nearest street.

    Parameters
    ----------
    schools, gates, streets
        Checked layers.
    metric_crs
        The precinct's.

    Returns
    -------
    gates
        Checked layer: those given, and the proposed, whose `source` says how.
    """
    bare = schools[~schools.index.isin(gates["school_id"])]
    if bare.empty:
        return gates
    surroundings = _Surroundings(build_network(streets, metric_crs=metric_crs), streets, bare)
    proposals = [surroundings.propose(number) for number in range(len(bare))]
    places = gpd.GeoSeries([proposal.place for proposal in proposals], crs=surroundings.crs)
    proposed = gpd.GeoDataFrame(
        {
            "school_id": bare.index,
            "provenance": "proposed",
            "source": [f"proposed: {proposal.how}" for proposal in proposals],
        },
        index=_new_ids(bare.index, gates.index),
        geometry=places.to_crs(CRS).array,
    )
    proposed = check_layer(proposed, "gates")
    return check_layer(pd.concat([gates, proposed]), "gates") if len(gates) else proposed


def _new_ids(school_ids: pd.Index, taken: pd.Index) -> list[str]:
    ids = []
    for school_id in school_ids:
        gate_id = f"{school_id}-gate"
        while gate_id in taken:
            gate_id += "-proposed"
        ids.append(gate_id)
    return ids


@dataclass(frozen=True)
class _Proposal:
    """A place in the CRS of the network, and how it was found."""

    place: BaseGeometry
    how: str


class _Surroundings:
    """The schools without a gate, and the streets pupils may come by."""

    def __init__(
        self, network: Network, streets: gpd.GeoDataFrame, schools: gpd.GeoDataFrame
    ) -> None:
        self.crs = network.crs
        self._network = network
        self._grounds = schools.geometry.to_crs(network.crs).to_numpy()
        centres = schools.geometry.representative_point()
        home = snap(network, centres, "walk", limit_m=NEIGHBOURHOOD_M)
        self._component = home["component"].to_numpy()
        of_edge = streets.loc[network.street_ids]
        self._highway = of_edge["highway"].to_numpy(dtype=object)
        self._speed_kph = of_edge["speed_kph"].to_numpy(dtype=float)
        drivable = of_edge["drivable"].to_numpy(dtype=bool)
        self._public = network.at_hand & drivable & ~of_edge["highway"].isin(_PRIVATE).to_numpy()
        self._label = [
            name or f"{highway} {street_id}"
            for name, highway, street_id in zip(
                of_edge["name"], self._highway, of_edge.index, strict=True
            )
        ]

    def propose(self, number: int) -> _Proposal:
        """Propose a gate for one of the schools, by its position."""
        ground = self._grounds[number]
        edges = self._edges_near(ground, self._component[number])
        if len(edges) == 0:
            return _Proposal(_corner(ground), f"no street to walk on in {NEIGHBOURHOOD_M:.0f} m")
        way_in = self._way_in(ground, edges) if ground.geom_type in AREA else None
        return way_in or self._nearest(ground, edges)

    def _edges_near(self, ground: BaseGeometry, component: int) -> Whole:
        """List the edges of a component around a school that lie on the ground."""
        if component < 0:
            return np.empty(0, dtype=np.int64)
        tree, usable = self._network.trees["walk"], self._network.usable["walk"]
        edges = usable[tree.query(ground, predicate="dwithin", distance=NEIGHBOURHOOD_M)]
        of_component = self._network.component["walk"][edges] == component
        return np.sort(edges[of_component & self._network.at_hand[edges]])

    def _way_in(self, ground: BaseGeometry, edges: Whole) -> _Proposal | None:
        """Choose among the places where streets meet the boundary."""
        boundary = shapely.boundary(ground)
        lines = self._network.lines
        meeting = edges[shapely.intersects(lines[edges], boundary)]
        if len(meeting) == 0:
            return None
        shared, owner = shapely.get_parts(
            shapely.intersection(lines[meeting], boundary), return_index=True
        )
        spots, edge = shapely.centroid(shared), meeting[owner]
        public = shapely.union_all(lines[edges[self._public[edges]]])
        away_m = np.nan_to_num(shapely.distance(spots, public))  # NaN: no public street at all
        through = ~np.isin(self._highway[edge], _WAYS_IN)
        best = np.lexsort((edge, self._speed_kph[edge], np.round(away_m, 1), through))[0]
        at = shapely.line_locate_point(boundary, spots[best])
        place = shapely.line_interpolate_point(boundary, at)
        return _Proposal(place, f"{self._label[edge[best]]} meets the campus boundary here")

    def _nearest(self, ground: BaseGeometry, edges: Whole) -> _Proposal:
        """Go to the nearest street: a campus keeps its gate on the boundary, a point moves."""
        is_area = ground.geom_type in AREA
        start = shapely.boundary(ground) if is_area else ground
        apart_m = shapely.distance(self._network.lines[edges], start)
        best = edges[np.argmin(apart_m)]
        link = shapely.shortest_line(start, self._network.lines[best])
        if is_area:
            how = f"on the boundary, {apart_m.min():.0f} m from {self._label[best]}"
            return _Proposal(shapely.get_point(link, 0), how)
        how = f"on {self._label[best]}, {apart_m.min():.0f} m from the school's point"
        return _Proposal(shapely.get_point(link, -1), how)


def _corner(ground: BaseGeometry) -> BaseGeometry:
    return shapely.Point(shapely.get_coordinates(ground)[0])
