"""
One institution mapped several times becomes one: which objects belong together.

A school may be a point inside its own campus, a campus in two adjoining areas, or the
same name on both sides of a lane.
"""

from __future__ import annotations

import unicodedata
from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely

from patrolmap.intake.osm_notes import Note
from patrolmap.intake.osm_objects import label, to_mercator
from patrolmap.model.contracts import AREA, CRS

ADJOINING_M: Final = 10.0  # a path between two halves of a campus
SAME_NAME_M: Final = 150.0  # a street between them, or a point set beside the building

KINDERGARTEN: Final = frozenset({"kindergarten"})


def merge_duplicates(objects: gpd.GeoDataFrame, layer: str) -> tuple[gpd.GeoDataFrame, list[Note]]:
    """
    Make one row of each institution: the largest named area stands for it.

    Parameters
    ----------
    objects
        OpenStreetMap objects with the columns `name` (may be empty) and `told`, the set
        of kinds that tags or name tell (may be empty). Objects whose told kinds have
        nothing in common stay apart: a kindergarten on a school's campus is another
        institution.
    layer
        The layer the notes are about.

    Returns
    -------
    merged
        One row an institution, in the order of `objects`, with the ground and the told
        kinds of all its parts.
    notes
        One for every object that went into another.
    """
    if objects.empty:
        return objects, []
    frame = objects.assign(
        group=_group(objects),
        order=np.arange(len(objects)),
        is_area=objects.geom_type.isin(AREA),
        named=objects["name"] != "",
        size=shapely.area(np.asarray(objects.geometry.array)),
    ).sort_values(["is_area", "named", "size"], ascending=False, kind="stable")
    rows, notes = [], []
    for _, parts in frame.groupby("group", sort=False):
        first = parts.iloc[0].copy()
        first["told"] = frozenset().union(*parts["told"])
        first["name"] = next((name for name in parts["name"] if name), "")
        if parts["is_area"].sum() > 1:
            first["geometry"] = shapely.union_all(parts.geometry.array[parts["is_area"]])
        rows.append(first)
        into = label(first.name, first["name"])
        notes += [
            Note(layer, label(i, n), "merged", into) for i, n in parts["name"].iloc[1:].items()
        ]
    merged = gpd.GeoDataFrame(rows, crs=CRS).sort_values("order")
    return merged[[*objects.columns]], notes


def _group(objects: gpd.GeoDataFrame) -> npt.NDArray[np.int64]:
    """Give the objects of one institution the same number."""
    flat, unit = to_mercator(objects.geometry)
    a, b = shapely.STRtree(flat).query(flat, predicate="dwithin", distance=SAME_NAME_M * unit)
    a, b = a[a < b], b[a < b]
    apart_m = shapely.distance(flat[a], flat[b]) / unit[a]
    order = np.lexsort((b, a, apart_m))
    same = [i for i in order if _same(objects, a[i], b[i], apart_m[i])]
    group, told = np.arange(len(objects)), list(objects["told"])
    for kept, joined in zip(a[same], b[same], strict=True):
        one, other = group[kept], group[joined]
        if one != other and _agree(told[one], told[other]):  # a third may stand between them
            group[group == other] = one
            told[one] |= told[other]
    return group


def _agree(told: frozenset[str], other: frozenset[str]) -> bool:
    return not told or not other or bool(told & other)


def _same(objects: gpd.GeoDataFrame, a: int, b: int, apart_m: float) -> bool:
    told = [objects["told"].iloc[i] for i in (a, b)]
    if not _agree(*told):
        return False
    names = [plain_name(objects["name"].iloc[i]) for i in (a, b)]
    if names[0] and names[0] == names[1]:
        return True
    areas = [objects.geometry.iloc[i].geom_type in AREA for i in (a, b)]
    if areas[0] != areas[1] and apart_m == 0:
        # a point in its campus, however it is spelt; but a kindergarten with a name of its own
        # is not the school around it, though nothing tells that school's kinds
        return not all(names) or (told[0] == KINDERGARTEN) == (told[1] == KINDERGARTEN)
    return any(areas) and not all(names) and apart_m <= ADJOINING_M


def plain_name(name: str) -> str:
    """
    Strip a name to its letters and digits, so that spellings can be compared.

    Examples
    --------
    >>> plain_name("Escola  Básica n.º 1"), plain_name("南京市（第五）中学")
    ('escolabasicano1', '南京市第五中学')
    """
    letters = unicodedata.normalize("NFKD", name).casefold()
    return "".join(letter for letter in letters if letter.isalnum())
