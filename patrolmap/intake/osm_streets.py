"""From highway ways to streets: cut at every crossing, with who may use them and how fast."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from patrolmap.intake.osm_notes import Note
from patrolmap.intake.osm_objects import sources_of
from patrolmap.intake.osm_street_rules import street_level, street_oneway, street_rule
from patrolmap.intake.osm_ways import Pieces, Ways, cut_ways
from patrolmap.model.contracts import CRS
from patrolmap.model.layers import check_layer


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
    squares = sum(osm_id[0] == "r" for osm_id in ways.ids)
    detail = f"ways={len(ways.ids) - squares} squares={squares} used={used.sum()}"
    yield Note("streets", "highway=*", "osm_read", detail)
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
