"""What the map is drawn on, from OpenStreetMap: water, green, buildings, rails."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd

from patrolmap.intake.osm_objects import marked
from patrolmap.intake.osm_rules import area_class, line_class
from patrolmap.intake.osm_ways import Ways, cut_ways
from patrolmap.model.contracts import AREA, CRS
from patrolmap.model.layers import check_layer


def make_basemap(objects: gpd.GeoDataFrame, lines: Ways) -> gpd.GeoDataFrame:
    """
    Make the base map: areas, and lines cut where the file lacks nodes.

    Parameters
    ----------
    objects
        OpenStreetMap objects; only areas count.
    lines
        Waterways and railways.

    Returns
    -------
    basemap
        Checked layer, areas first; `cls` is water, green, building, waterline or rail.
        Streets have a layer of their own.
    """
    areas = objects[objects.geom_type.isin(AREA)]
    areas = areas[marked(areas, lambda tags: area_class(tags) is not None)]
    found = [area_class(tags) for tags in areas["tags"]]
    drawn = [line_class(tags) for tags in lines.tags]
    pieces = cut_ways(
        lines, used=np.array([c is not None for c in drawn], dtype=bool), at_crossings=False
    )
    way_ids = pd.Series(lines.ids, dtype="str").iloc[pieces.way].reset_index(drop=True)
    tags = [*areas["tags"], *(lines.tags[w] for w in pieces.way)]
    frame = pd.DataFrame(
        [*found, *(drawn[w] for w in pieces.way)],
        columns=["cls", "kind"],
        index=pd.Index(
            [*areas.index, *(way_ids + "-" + pd.Series(pieces.number).astype("str"))], dtype="str"
        ),
    )
    frame["name"] = [t.get("name", "") for t in tags]
    shapes = np.concatenate([np.asarray(areas.geometry.array), pieces.lines()])
    return check_layer(gpd.GeoDataFrame(frame, geometry=shapes, crs=CRS), "basemap")
