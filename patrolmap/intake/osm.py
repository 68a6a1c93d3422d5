"""
OpenStreetMap in: one file, read twice, becomes every layer it can feed.

The first pass finds the relations that are areas, the second reads everything with
node locations at hand. Filters drop what no layer needs before Python sees it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import geopandas as gpd
import numpy as np
import osmium
import pandas as pd
import shapely
from osmium.osm import Area, Node, Relation, Way
from osmium.osm.types import OSMEntity

from patrolmap.errors import InputError
from patrolmap.intake.osm_basemap import make_basemap
from patrolmap.intake.osm_file import check_osm_file, damaged
from patrolmap.intake.osm_notes import Note, make_notes
from patrolmap.intake.osm_objects import Shapes, label
from patrolmap.intake.osm_places import make_bases, make_traffic_points, make_venues
from patrolmap.intake.osm_rules import (
    GONE_KEYS,
    MAIN_KEYS,
    NAME_KEYS,
    PERSONAL_KEY,
    READ_KEYS,
    Tags,
    area_class,
    gate_kind,
    line_class,
    traffic_kind,
    venue_kind,
)
from patrolmap.intake.osm_schools import SCHOOL_VALUES, make_gates, make_schools
from patrolmap.intake.osm_street_rules import STREET_RULES
from patrolmap.intake.osm_streets import make_streets
from patrolmap.intake.osm_ways import Sketch, WayList, Ways, sketch_ways
from patrolmap.intake.persons import find_person, find_person_somewhere
from patrolmap.model.contracts import CRS

_LARGEST_TO_SORT: Final = 50_000_000  # bytes; sorting holds all objects in memory
_DAMAGE: Final = (RuntimeError, ValueError, osmium.InvalidLocationError)  # what osmium raises
_NAMES: Final = frozenset(NAME_KEYS)
_OBJECTS: Final = (Node, Way, Relation, Area)
_BESIDE_STREETS: Final = frozenset(MAIN_KEYS) - {"highway"}
_OF_PLACES: Final = frozenset(MAIN_KEYS) - {"building", "landuse", "natural", "waterway"}
_MULTIPOLYGON: Final = 6  # shapely's number of the type


@dataclass(frozen=True)
class OsmExtract:
    """
    Every layer an OpenStreetMap file feeds, each checked against its contract.

    `notes` says what was left out, merged or guessed, object by object.
    """

    streets: gpd.GeoDataFrame
    schools: gpd.GeoDataFrame
    gates: gpd.GeoDataFrame
    venues: gpd.GeoDataFrame
    traffic_points: gpd.GeoDataFrame
    bases: gpd.GeoDataFrame
    basemap: gpd.GeoDataFrame
    notes: pd.DataFrame


def read_osm(path: str | Path) -> OsmExtract:
    """
    Read an OpenStreetMap file: streets, schools, gates, venues, traffic points, bases.

    Parameters
    ----------
    path
        A file ending in .osm, .osm.gz, .osm.bz2 or .osm.pbf, at most 100 MB as PBF.

    Returns
    -------
    extract
        All layers in EPSG:4326; a layer the file has nothing for is empty.

    Raises
    ------
    InputError
        If the file is missing, too large, of another format, cut off, damaged or empty.
    """
    file = Path(path)
    check_osm_file(file)
    reader = _read(file)
    highways = reader.highways.ways()
    _check_holdings(file, reader, highways)
    hidden = reader.hide_persons()
    objects, lost = reader.objects()
    streets, street_notes = make_streets(highways)
    schools, school_notes = make_schools(objects)
    gates, gate_notes = make_gates(objects, schools)
    venues, venue_notes = make_venues(objects)
    traffic_points, traffic_notes = make_traffic_points(objects)
    bases, base_notes = make_bases(objects)
    return OsmExtract(
        streets=streets,
        schools=schools,
        gates=gates,
        venues=venues,
        traffic_points=traffic_points,
        bases=bases,
        basemap=make_basemap(objects, reader.lines.ways()),
        notes=make_notes(
            hidden
            + reader.tags_left_out()
            + lost
            + street_notes
            + school_notes
            + gate_notes
            + venue_notes
            + traffic_notes
            + base_notes
        ),
    )


def _check_holdings(file: Path, reader: _Reader, highways: Ways) -> None:
    if reader.is_empty:
        raise InputError(
            f"{file.name} holds no streets and no places. Export an area with OpenStreetMap data."
        )
    if len(highways.ids) and highways.missing.all():
        raise InputError(
            f"{file.name}: no street finds its nodes. Export the nodes with the ways, and give new "
            "objects with negative ids proper ones (osmium renumber)."
        )


def _read(file: Path) -> _Reader:
    try:
        return _read_in_order(file)
    except _DAMAGE as error:
        raise damaged(file, error) from error


def _read_in_order(file: Path) -> _Reader:
    """Read a file, or a sorted copy of it where its order may have cost ways their nodes."""
    sortable = file.stat().st_size <= _LARGEST_TO_SORT
    try:
        reader = _pass_through(file)
        if not (reader.highways.lack_nodes and sortable):
            return reader
    except RuntimeError as error:
        if "out of order" not in str(error) or not sortable:
            raise
    with TemporaryDirectory() as folder:
        copy = Path(folder) / "sorted.osm.pbf"
        objects = osmium.MergeInputReader()
        objects.add_file(str(file))
        with osmium.SimpleWriter(str(copy)) as writer:
            objects.apply(writer)
        return _pass_through(copy)


def _pass_through(file: Path) -> _Reader:
    reader = _Reader()
    processor = osmium.FileProcessor(str(file)).with_areas(osmium.filter.KeyFilter(*MAIN_KEYS))
    for entity in processor.with_filter(osmium.filter.KeyFilter(*MAIN_KEYS)):
        reader.take(entity)
    return reader


class _Reader:
    """Sorts what comes out of the file: streets, lines, and objects with a place."""

    def __init__(self) -> None:
        self.highways, self.lines, self._outlines = WayList(), WayList(), WayList()
        self._placed: dict[str, tuple[Tags, str]] = {}  # WKB in hexadecimal
        self._unplaced: dict[str, Tags] = {}
        self._left_out: Counter[str] = Counter()  # tags that are never read, by key
        self._draw = osmium.geom.WKBFactory()

    @property
    def is_empty(self) -> bool:
        return not (self.highways.ids or self.lines.ids or self._placed or self._unplaced)

    def take(self, entity: OSMEntity) -> None:
        if not isinstance(entity, _OBJECTS) or not entity.visible:
            return
        tags = {}
        for key, value in entity.tags:
            if key in READ_KEYS:
                tags[key] = value
            elif not isinstance(entity, Area):  # an area comes a second time
                self._left_out[key] += 1
        if isinstance(entity, Area):
            self._take_area(entity, tags)
            return
        osm_id = f"{entity.type_str()}{entity.id}"
        if isinstance(entity, Node) and entity.location.valid():
            self._placed[osm_id] = tags, self._draw.create_point(entity)
        elif isinstance(entity, Way):
            self._take_way(osm_id, entity, tags)
        elif _is_place(tags) and osm_id not in self._placed:
            self._unplaced[osm_id] = tags

    def _take_way(self, osm_id: str, way: Way, tags: Tags) -> None:
        if "highway" in tags:
            self.highways.add(osm_id, tags, way.nodes)
            if tags["highway"] in STREET_RULES and _BESIDE_STREETS.isdisjoint(tags):
                return  # nine ways in ten
        if line_class(tags):
            self.lines.add(osm_id, tags, way.nodes)
        if _is_place(tags):  # until it comes again as an area
            self._unplaced[osm_id] = tags
            self._outlines.add(osm_id, tags, way.nodes)

    def _take_area(self, area: Area, tags: Tags) -> None:
        osm_id = f"{'w' if area.from_way() else 'r'}{area.orig_id()}"
        if area.num_rings()[0] == 0 or osm_id in self._placed:
            return
        if "highway" in tags and not area.from_way():  # a square: one may walk round it
            for number, ring in enumerate(area.outer_rings()):
                self.highways.add(f"{osm_id}.{number}" if number else osm_id, tags, ring)
        if _is_place(tags) or area_class(tags):
            self._unplaced.pop(osm_id, None)
            self._placed[osm_id] = tags, self._draw.create_multipolygon(area)

    def tags_left_out(self) -> list[Note]:
        """Count what was not read, and how much of it may be about persons."""
        total = self._left_out.total()
        personal = sum(n for key, n in self._left_out.items() if PERSONAL_KEY.match(key))
        detail = f"tags={total} keys={len(self._left_out)} of_persons={personal}"
        return [Note("", "tags", "tags_left_out", detail)] if total else []

    def hide_persons(self) -> list[Note]:
        """Take away names that look like a person's number; places stay, people never."""
        everything = chain(
            ((osm_id, tags) for osm_id, (tags, _) in self._placed.items()),
            self._unplaced.items(),
            zip(self.highways.ids, self.highways.tags, strict=True),
            zip(self.lines.ids, self.lines.tags, strict=True),
        )
        named = [(osm_id, tags) for osm_id, tags in everything if not _NAMES.isdisjoint(tags)]
        names = ["\n".join(tags.get(key, "") for key in NAME_KEYS) for _, tags in named]
        if not find_person_somewhere(names):
            return []
        notes = []
        for (osm_id, tags), name in zip(named, names, strict=True):
            if what := find_person(name):
                for key in NAME_KEYS:
                    tags.pop(key, None)
                notes.append(Note("", osm_id, "name_hidden", what))
        return notes

    def objects(self) -> tuple[gpd.GeoDataFrame, list[Note]]:
        """Gather the objects with a place; say which have none and which are drawn in part."""
        sketches = sketch_ways(self._outlines.ways(), self._unplaced)
        whole = shapely.from_wkb([wkb for _, wkb in self._placed.values()])
        parts = np.empty(len(sketches), dtype=object)
        parts[:] = [sketch.shape for sketch in sketches.values()]
        tags = {i: tags for i, (tags, _) in self._placed.items()}
        tags |= {i: self._unplaced[i] for i in sketches}
        objects = gpd.GeoDataFrame(
            {"tags": pd.Series(list(tags.values()), index=list(tags), dtype=object)},
            geometry=np.concatenate([_unwrapped(whole), parts]),
            crs=CRS,
        )
        return objects, list(self._lost(sketches))

    def _lost(self, sketches: Mapping[str, Sketch]) -> Iterator[Note]:
        for osm_id, tags in self._unplaced.items():
            if osm_id not in sketches or not sketches[osm_id].whole:
                code = "drawn_in_part" if osm_id in sketches else "no_place_in_file"
                yield Note("", label(osm_id, tags.get("name", "")), code, _main_tags(tags))


def _is_place(tags: Tags) -> bool:
    """Say whether an object may become a row of a layer, or a note about one that is gone."""
    if _OF_PLACES.isdisjoint(tags):
        return False  # a building, a meadow
    return (
        tags.get("amenity") in (*SCHOOL_VALUES, "police")
        or any(kind(tags) for kind in (venue_kind, traffic_kind, gate_kind))
        or not GONE_KEYS.isdisjoint(tags)
    )


def _main_tags(tags: Tags) -> str:
    return " ".join(f"{key}={tags[key]}" for key in MAIN_KEYS if key in tags)


def _unwrapped(shapes: Shapes) -> Shapes:
    """Make a polygon of every multipolygon that has one part only."""
    single = (shapely.get_type_id(shapes) == _MULTIPOLYGON) & (
        shapely.get_num_geometries(shapes) == 1
    )
    shapes[single] = shapely.get_geometry(shapes[single], 0)
    return shapes
