"""Schools, kindergartens and their gates from OpenStreetMap objects."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from patrolmap.intake.osm_merge import KINDERGARTEN, merge_duplicates
from patrolmap.intake.osm_notes import Note
from patrolmap.intake.osm_objects import (
    inner_points,
    label,
    local_names,
    make_layer,
    marked,
    points_for_lines,
    stand_in_names,
    to_mercator,
)
from patrolmap.intake.osm_rules import GONE_KEYS, Tags, gate_kind, is_gone
from patrolmap.intake.school_names import kinds_from_levels, read_school_name
from patrolmap.model.contracts import AREA
from patrolmap.model.kinds import codes

SCHOOL_VALUES: Final = ("school", "kindergarten")
# Where neither tags nor name tell: the nine years of compulsory education.
UNTOLD_KINDS: Final = ("primary", "middle")
LARGEST_SCHOOL: Final = 30_000  # pupils; the contract's bound
GATE_TO_AREA_M: Final = 15.0
DOOR_TO_AREA_M: Final = 5.0  # a building's entrance farther off is the neighbour's
GATE_TO_POINT_M: Final = 40.0


def make_schools(objects: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, list[Note]]:
    """
    Make the layer of schools: duplicates merged, what has no pupils left out.

    Parameters
    ----------
    objects
        OpenStreetMap objects.

    Returns
    -------
    schools
        Checked layer.
    notes
        One for every object left out, merged, without a name or with assumed kinds.
    """
    raw = objects[marked(objects, lambda tags: tags.get("amenity") in SCHOOL_VALUES)].copy()
    raw["geometry"] = points_for_lines(raw)
    raw["name"] = local_names(raw)
    raw["told"] = [_told(*row) for row in zip(raw["tags"], raw["name"], strict=True)]
    why_not = pd.Series(
        [_why_not(*row) for row in zip(raw["tags"], raw["name"], strict=True)],
        raw.index,
        dtype="str",
    )
    schools, merged = merge_duplicates(raw[why_not == ""], "schools")
    notes = [
        *_counts(raw, why_not, schools),
        *_left_out(raw, why_not),
        *_gone(objects),
        *merged,
        *_remarks(schools),
    ]
    kinds = [
        [kind for kind in codes("school") if kind in (told or UNTOLD_KINDS)]
        for told in schools["told"]
    ]
    layer = make_layer(
        schools,
        "schools",
        np.asarray(schools.geometry.array),
        name=stand_in_names(schools, "school", [several[0] for several in kinds]),
        kinds=[",".join(several) for several in kinds],
        pupils=pd.array([_capacity(tags) for tags in schools["tags"]], dtype="Int64"),
    )
    return layer, notes


def _told(tags: Tags, name: str) -> frozenset[str]:
    """Collect the kinds an object tells: the levels it is tagged with before its name."""
    if tags["amenity"] == "kindergarten":
        return KINDERGARTEN
    levels = kinds_from_levels(tags.get("isced:level", ""), tags.get("grades", ""))
    named = read_school_name(name).kinds or read_school_name(tags.get("name:en", "")).kinds
    return frozenset(levels or named)


def _why_not(tags: Tags, name: str) -> str:
    """Say why an object is no school for pupils; empty where it is one."""
    if is_gone(tags):
        return "disused"
    if tags.get("school") in ("driving", "language", "music", "dance"):
        return f"school={tags['school']}"
    if tags["amenity"] == "kindergarten" or "isced:level" in tags:
        return ""
    return read_school_name(name).not_for_pupils


def _capacity(tags: Tags) -> int | None:
    """Read `capacity`: for a school its pupils (wiki.openstreetmap.org/wiki/Key:capacity)."""
    text = tags.get("capacity", "")
    known = text.isascii() and text.isdecimal() and 0 < int(text[:9]) <= LARGEST_SCHOOL
    return int(text) if known else None


def _counts(raw: gpd.GeoDataFrame, why_not: pd.Series, schools: gpd.GeoDataFrame) -> Iterator[Note]:
    for value in SCHOOL_VALUES:
        read, left_out, kept = (
            sum(tags["amenity"] == value for tags in frame["tags"])
            for frame in (raw, raw[why_not != ""], schools)
        )
        merged = read - left_out - kept
        detail = f"objects={read} kept={kept} left_out={left_out} merged={merged}"
        yield Note("schools", f"amenity={value}", "osm_read", detail)


def _left_out(raw: gpd.GeoDataFrame, why_not: pd.Series) -> Iterator[Note]:
    for osm_id, why in why_not[why_not != ""].items():
        code = "closed_down" if why == "disused" else "not_for_pupils"
        yield Note("schools", label(osm_id, raw["name"][osm_id]), code, why)


def _gone(objects: gpd.GeoDataFrame) -> Iterator[Note]:
    for osm_id, tags in objects["tags"].items():
        for key in sorted(tags.keys() & GONE_KEYS):
            if tags[key] in SCHOOL_VALUES:
                subject = label(osm_id, tags.get("name", ""))
                yield Note("schools", subject, "closed_down", f"{key}={tags[key]}")


def _remarks(schools: gpd.GeoDataFrame) -> Iterator[Note]:
    for osm_id, name, told, tags in zip(
        schools.index, schools["name"], schools["told"], schools["tags"], strict=True
    ):
        if not name:
            yield Note("schools", osm_id, "no_name")
        if not told:
            yield Note("schools", label(osm_id, name), "kinds_assumed", ",".join(UNTOLD_KINDS))
        if tags["amenity"] == "school" and told == KINDERGARTEN:
            yield Note("schools", label(osm_id, name), "kind_by_name", "kindergarten")


def make_gates(
    objects: gpd.GeoDataFrame, schools: gpd.GeoDataFrame
) -> tuple[gpd.GeoDataFrame, list[Note]]:
    """
    Make the layer of gates: those on or near a school's boundary, tied to that school.

    Parameters
    ----------
    objects
        OpenStreetMap objects.
    schools
        The layer made from the same file.

    Returns
    -------
    gates
        Checked layer.
    notes
        How many gates and entrances the file has, and how many belong to no school.
    """
    found = objects[marked(objects, lambda tags: gate_kind(tags) is not None)]
    found = found.set_geometry(inner_points(found), crs=found.crs)
    owner = _owners(found, schools) if len(found) and len(schools) else np.full(len(found), -1)
    own = owner >= 0
    gates = found[own]
    layer = make_layer(
        gates,
        "gates",
        np.asarray(gates.geometry.array),
        name=local_names(gates),
        school_id=schools.index[owner[own]],
        kind=[gate_kind(tags) for tags in gates["tags"]],
    )
    detail = f"objects={len(found)} kept={len(gates)} at_no_school={len(found) - len(gates)}"
    return layer, [Note("gates", "barrier=* entrance=*", "osm_read", detail)]


def _owners(found: gpd.GeoDataFrame, schools: gpd.GeoDataFrame) -> npt.NDArray[np.intp]:
    """Find the number of every gate's school, whose boundary is the nearest; -1 for none."""
    grounds, unit = to_mercator(schools.geometry)
    is_area = schools.geom_type.isin(AREA).to_numpy()
    edges = np.where(is_area, shapely.boundary(grounds), grounds)
    points, _ = to_mercator(found.geometry)
    reach_m = np.where(is_area, GATE_TO_AREA_M, GATE_TO_POINT_M)
    school, gate = shapely.STRtree(points).query(
        edges, predicate="dwithin", distance=reach_m * unit
    )
    # a door may be set back inside the campus, but not stand outside it
    door = np.array(["barrier" not in tags for tags in found["tags"]], dtype=bool)[gate]
    outside_m = shapely.distance(grounds[school], points[gate]) / unit[school]
    fits = ~(door & is_area[school] & (outside_m > DOOR_TO_AREA_M))
    school, gate = school[fits], gate[fits]
    apart_m = shapely.distance(edges[school], points[gate]) / unit[school]
    order = np.lexsort((school, apart_m))[::-1]  # the nearest is written last
    owner = np.full(len(found), -1, dtype=np.intp)
    owner[gate[order]] = school[order]
    return owner
