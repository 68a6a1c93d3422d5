"""
From highway ways to streets: cut at every crossing, with who may use them and how fast.

The work is done on flat arrays of vertices, all ways at once, so that a town takes
a fraction of a second.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from pyproj import Geod

from patrolmap.intake.osm_notes import Note
from patrolmap.intake.osm_objects import sources_of
from patrolmap.intake.osm_rules import Tags, street_level, street_oneway, street_rule
from patrolmap.model.layers import CRS, check_layer

_EARTH: Final = Geod(ellps="WGS84")
Whole = npt.NDArray[np.int64]
Number = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Ways:
    """
    Ways as flat arrays: way w holds the vertices ``first[w]`` to ``first[w + 1] - 1``.

    `node` are OpenStreetMap's node ids; `lon` and `lat` [degrees] are NaN where the
    file lacks the node.
    """

    ids: list[str]
    tags: list[Tags]
    first: Whole
    node: Whole
    lon: Number
    lat: Number

    @property
    def missing(self) -> npt.NDArray[np.bool_]:
        """Mark the vertices without a place."""
        return np.isnan(self.lon)

    @property
    def way(self) -> Whole:
        """Number the way of every vertex."""
        return np.repeat(np.arange(len(self.ids)), np.diff(self.first))


@dataclass(frozen=True)
class Pieces:
    """Pieces of ways: piece p runs along the vertices ``start[p]`` to ``end[p]`` of `node`."""

    way: Whole
    number: Whole  # of the piece within its way, from 0
    start: Whole
    end: Whole
    node: Whole
    lonlat: Number

    def lines(self) -> npt.NDArray[Any]:
        """Draw the pieces."""
        sizes = self.end - self.start + 1
        offsets = np.cumsum(sizes) - sizes
        vertex = np.arange(sizes.sum()) + np.repeat(self.start - offsets, sizes)
        owner = np.repeat(np.arange(len(sizes)), sizes)
        return np.asarray(shapely.linestrings(self.lonlat[vertex], indices=owner))

    def lengths_m(self) -> Number:
        """Measure the pieces along the ellipsoid [m]."""
        lon, lat = self.lonlat.T
        _, _, step_m = _EARTH.inv(lon[:-1], lat[:-1], lon[1:], lat[1:])
        along_m = np.concatenate([[0.0], np.cumsum(step_m)])
        return np.asarray(along_m[self.end] - along_m[self.start])


def cut_ways(ways: Ways, *, used: npt.NDArray[np.bool_], at_crossings: bool) -> Pieces:
    """
    Cut ways into pieces: at nodes the file lacks, and where ways meet.

    Parameters
    ----------
    ways
        The ways.
    used
        Shape (ways,), bool; the others are passed over and cut nothing.
    at_crossings
        Whether to cut at every node that stands in two ways, or twice in one.

    Returns
    -------
    pieces
        In the order of the ways and along each; ways with fewer than two known nodes have none.
    """
    way, missing = ways.way, ways.missing
    again = np.zeros(len(way), dtype=bool)  # a node named twice in a row
    again[1:] = (ways.node[1:] == ways.node[:-1]) & (way[1:] == way[:-1])
    kept = np.flatnonzero(used[way] & ~missing & ~again)
    if len(kept) == 0:
        nothing = np.empty(0, dtype=np.int64)
        return Pieces(nothing, nothing, nothing, nothing, nothing, np.empty((0, 2)))
    run = way[kept] + np.cumsum(missing)[kept]  # grows from way to way and over every gap
    opens = np.concatenate([[True], run[1:] != run[:-1]])
    cut = opens | np.roll(opens, -1)
    if at_crossings:
        _, which, count = np.unique(ways.node[kept], return_inverse=True, return_counts=True)
        cut |= count[which] > 1
    cuts = np.flatnonzero(cut)
    joined = ~opens[cuts[1:]]
    start, end = cuts[:-1][joined], cuts[1:][joined]
    of_way = way[kept][start]
    return Pieces(
        way=of_way,
        number=np.arange(len(start)) - np.searchsorted(of_way, of_way),
        start=start,
        end=end,
        node=ways.node[kept],
        lonlat=np.column_stack([ways.lon[kept], ways.lat[kept]]),
    )


def make_streets(ways: Ways) -> tuple[gpd.GeoDataFrame, list[Note]]:
    """
    Make the layer of streets from highway ways.

    Parameters
    ----------
    ways
        Every way with a `highway` tag, and the outer rings of squares.

    Returns
    -------
    streets
        Checked layer. Ids are ``w123-0``, ``w123-1`` … along way 123; `from_node` and
        `to_node` are OpenStreetMap's, such as ``n45``; `length_m` is geodesic.
    notes
        What was left out, by type, and what was cut.
    """
    rules = [street_rule(tags) for tags in ways.tags]
    used = np.array([rule is not None for rule in rules], dtype=bool)
    pieces = cut_ways(ways, used=used, at_crossings=True)
    table = pd.DataFrame(
        [
            (tags.get("name", ""), tags["highway"], rule.walkable, rule.drivable,
             street_oneway(tags), rule.speed_kph, street_level(tags))
            if rule else ("", "", False, False, 0, 30.0, 0)
            for tags, rule in zip(ways.tags, rules, strict=True)
        ],
        columns=["name", "highway", "walkable", "drivable", "oneway", "speed_kph", "level"],
    )  # fmt: skip
    frame = table.iloc[pieces.way].reset_index(drop=True)
    way_ids = pd.Series(ways.ids, dtype="str").iloc[pieces.way].reset_index(drop=True)
    frame.index = pd.Index(way_ids + "-" + pd.Series(pieces.number).astype("str"))
    frame["length_m"] = pieces.lengths_m()
    for column, at in (("from_node", pieces.start), ("to_node", pieces.end)):
        frame[column] = "n" + pd.Series(pieces.node[at], index=frame.index).astype("str")
    frame["source"] = sources_of(way_ids).to_numpy()
    streets = gpd.GeoDataFrame(frame, geometry=pieces.lines(), crs=CRS)
    return check_layer(streets, "streets"), list(_notes(ways, used, pieces))


def _notes(ways: Ways, used: npt.NDArray[np.bool_], pieces: Pieces) -> Iterator[Note]:
    yield Note("streets", "", "osm_read", f"ways={len(ways.ids)} used={int(used.sum())}")
    left_out = Counter(
        tags["highway"] for tags, use in zip(ways.tags, used, strict=True) if not use
    )
    for highway, count in sorted(left_out.items()):
        yield Note("streets", f"highway={highway}", "not_a_street", str(count))
    cut = np.unique(ways.way[ways.missing & used[ways.way]])
    gone = np.setdiff1d(np.flatnonzero(used), pieces.way)
    if len(cut):
        yield Note(
            "streets", "", "cut_at_missing_nodes", f"ways={len(cut)} nothing_left={len(gone)}"
        )
    reversible = sum(tags.get("oneway") == "reversible" for tags in ways.tags)
    if reversible:
        yield Note("streets", "oneway=reversible", "not_drivable", str(reversible))
