"""
OpenStreetMap in: one file, read twice, becomes every layer it can feed.

The first pass finds the relations that are areas, the second reads everything with
node locations at hand. Filters drop what no layer needs before Python sees it.
"""

from __future__ import annotations

import bz2
import gzip
from array import array
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Final

import geopandas as gpd
import numpy as np
import osmium
import pandas as pd
import shapely
from osmium.osm import Area, Node, Relation, Way
from osmium.osm.types import OSMEntity
from shapely.geometry.base import BaseGeometry

from patrolmap.errors import InputError
from patrolmap.intake.osm_basemap import make_basemap
from patrolmap.intake.osm_notes import Note, make_notes
from patrolmap.intake.osm_places import make_bases, make_traffic_points, make_venues
from patrolmap.intake.osm_objects import Shapes, label
from patrolmap.intake.osm_rules import (
    GONE_KEYS,
    MAIN_KEYS,
    READ_KEYS,
    Tags,
    area_class,
    gate_kind,
    line_class,
    traffic_kind,
    venue_kind,
)
from patrolmap.intake.osm_schools import SCHOOL_VALUES, make_gates, make_schools
from patrolmap.intake.osm_streets import Number, Ways, make_streets
from patrolmap.model.layers import CRS

SUFFIXES: Final = (".osm", ".osm.gz", ".osm.bz2", ".osm.pbf")
LARGEST_FILE_MB: Final = 500  # a province; a precinct has a few
LARGEST_UNPACKED_MB: Final = 8_000  # what a compressed file may hold
_MB: Final = 1_000_000
_ADVICE: Final = "Cut the precinct out of it: osmium extract --bbox WEST,SOUTH,EAST,NORTH."
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
        A file ending in .osm, .osm.gz, .osm.bz2 or .osm.pbf, at most 500 MB.

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
    _check_file(file)
    reader = _read(file)
    objects, lost = reader.objects()
    streets, street_notes = make_streets(reader.highways.ways())
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
        notes=make_notes([
            *lost, *street_notes, *school_notes, *gate_notes, *venue_notes, *traffic_notes, *base_notes
        ]),
    )  # fmt: skip


# --- the file --------------------------------------------------------------------------


def _check_file(file: Path) -> None:
    """Refuse what cannot be an OpenStreetMap file before anything is parsed."""
    if not file.is_file():
        raise InputError(f"{file.name}: there is no such file. Check the name and folder.")
    if not file.name.lower().endswith(SUFFIXES):
        raise InputError(
            f"{file.name} is not named as an OpenStreetMap file ({', '.join(SUFFIXES)}). "
            "Export the area as OSM XML or PBF."
        )
    size_mb = file.stat().st_size / _MB
    if size_mb > LARGEST_FILE_MB:
        raise InputError(
            f"{file.name} has {size_mb:.0f} MB; at most {LARGEST_FILE_MB} MB are read. {_ADVICE}"
        )
    if size_mb == 0:
        raise InputError(f"{file.name} is empty. Download or export it again.")
    opener = {".gz": gzip.open, ".bz2": bz2.open}.get(file.suffix.lower())
    if opener:
        _check_unpacked(file, opener)


def _check_unpacked(file: Path, opener: Callable[[Path], IO[bytes]]) -> None:
    """Unpack once without keeping anything: a small file may hold an endless one."""
    unpacked = 0
    try:
        with opener(file) as stream:
            while block := stream.read(4 * _MB):
                unpacked += len(block)
                if unpacked > LARGEST_UNPACKED_MB * _MB:
                    raise InputError(
                        f"{file.name} unpacks to more than {LARGEST_UNPACKED_MB} MB. {_ADVICE}"
                    )
    except (OSError, EOFError) as error:
        raise InputError(_damaged(file, error)) from error


def _damaged(file: Path, error: Exception) -> str:
    return (
        f"{file.name} cannot be read: {error}. It is cut off, damaged or no OpenStreetMap file. "
        "Download or export it again."
    )


def _read(file: Path) -> _Reader:
    reader = _Reader()
    processor = osmium.FileProcessor(str(file)).with_areas(osmium.filter.KeyFilter(*MAIN_KEYS))
    try:
        for entity in processor.with_filter(osmium.filter.KeyFilter(*MAIN_KEYS)):
            reader.take(entity)
    except (RuntimeError, ValueError) as error:  # all that osmium raises on bad files
        raise InputError(_damaged(file, error)) from error
    if reader.is_empty:
        raise InputError(
            f"{file.name} holds no streets and no places. Export an area with OpenStreetMap data."
        )
    if reader.highways.lacks_every_node:
        raise InputError(
            f"{file.name}: no street has its nodes before it. Sort the file (osmium sort), and "
            "upload or renumber new objects with negative ids (osmium renumber)."
        )
    return reader


# --- what is read ----------------------------------------------------------------------


@dataclass
class _WayList:
    """Ways while they are being read."""

    ids: list[str] = field(default_factory=list)
    tags: list[Tags] = field(default_factory=list)
    first: array[int] = field(default_factory=lambda: array("q", [0]))
    node: array[int] = field(default_factory=lambda: array("q"))
    x: array[int] = field(default_factory=lambda: array("q"))
    y: array[int] = field(default_factory=lambda: array("q"))

    def add(self, osm_id: str, tags: Tags, nodes: Iterable[Any]) -> None:
        self.ids.append(osm_id)
        self.tags.append(tags)
        for node in nodes:
            self.node.append(node.ref)
            self.x.append(node.x)
            self.y.append(node.y)
        self.first.append(len(self.node))

    @property
    def lacks_every_node(self) -> bool:
        return bool(self.ids) and bool(self.ways().missing.all())

    def ways(self) -> Ways:
        x, y = (np.array(values, dtype=np.int64) for values in (self.x, self.y))
        lon, lat = (np.where(x == _UNKNOWN, np.nan, values / _PER_DEGREE) for values in (x, y))
        first, node = (np.array(values, dtype=np.int64) for values in (self.first, self.node))
        return Ways(self.ids, self.tags, first, node, lon, lat)


_PER_DEGREE: Final = 10_000_000  # osmium keeps whole 1e-7 degrees
_UNKNOWN: Final = 2**31 - 1  # and this for a node the file lacks


class _Reader:
    """Sorts what comes out of the file: streets, lines, and objects with a place."""

    def __init__(self) -> None:
        self.highways, self.lines, self._outlines = _WayList(), _WayList(), _WayList()
        self._placed: dict[str, tuple[Tags, str]] = {}  # WKB in hexadecimal
        self._unplaced: dict[str, Tags] = {}
        self._seen: set[str] = set()
        self._repeated = 0
        self._draw = osmium.geom.WKBFactory()

    @property
    def is_empty(self) -> bool:
        return not (self.highways.ids or self.lines.ids or self._placed or self._unplaced)

    def take(self, entity: OSMEntity) -> None:
        if not isinstance(entity, Node | Way | Relation | Area) or not entity.visible:
            return
        tags = {key: value for key, value in dict(entity.tags).items() if key in READ_KEYS}
        if isinstance(entity, Area):
            self._take_area(entity, tags)
        elif self._is_new(osm_id := f"{entity.type_str()}{entity.id}"):
            if isinstance(entity, Node):
                self._placed[osm_id] = tags, self._draw.create_point(entity)
            elif isinstance(entity, Way):
                self._take_way(osm_id, entity, tags)
            elif _is_place(tags) and osm_id not in self._placed:
                self._unplaced[osm_id] = tags

    def _is_new(self, osm_id: str) -> bool:
        """Say whether an object comes for the first time; merged files may repeat some."""
        known = osm_id in self._seen
        self._repeated += known
        self._seen.add(osm_id)
        return not known

    def _take_way(self, osm_id: str, way: Way, tags: Tags) -> None:
        if "highway" in tags:
            self.highways.add(osm_id, tags, way.nodes)
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

    def objects(self) -> tuple[gpd.GeoDataFrame, list[Note]]:
        """Gather the objects with a place; say which have none and which were cut."""
        notes = []
        if self._repeated:
            notes.append(Note("", "", "repeated_in_file", str(self._repeated)))
        shapes = shapely.from_wkb([wkb for _, wkb in self._placed.values()])
        sketched = _sketch(self._outlines.ways(), self._unplaced)
        for osm_id, tags in self._unplaced.items():
            code = "outline_incomplete" if osm_id in sketched else "no_place_in_file"
            notes.append(Note("", label(osm_id, tags.get("name", "")), code, _main_tag(tags)))
        ids = [*self._placed, *sketched]
        tags = [
            *(tags for tags, _ in self._placed.values()),
            *(self._unplaced[i] for i in sketched),
        ]
        frame = {"tags": pd.Series(tags, index=ids, dtype=object)}
        shapes = np.concatenate([_unwrapped(shapes), np.array([*sketched.values()], dtype=object)])
        return gpd.GeoDataFrame(frame, geometry=shapes, crs=CRS), notes


def _is_place(tags: Tags) -> bool:
    """Say whether an object may become a row of a layer, or a note about one that is gone."""
    return (
        tags.get("amenity") in (*SCHOOL_VALUES, "police")
        or any(kind(tags) for kind in (venue_kind, traffic_kind, gate_kind))
        or not GONE_KEYS.isdisjoint(tags)
    )


def _main_tag(tags: Tags) -> str:
    return next(f"{key}={tags[key]}" for key in (*MAIN_KEYS, *tags) if key in tags)


def _unwrapped(shapes: Shapes) -> Shapes:
    """Make a polygon of every multipolygon that has one part only."""
    single = (shapely.get_type_id(shapes) == _MULTIPOLYGON) & (
        shapely.get_num_geometries(shapes) == 1
    )
    shapes[single] = shapely.get_geometry(shapes[single], 0)
    return shapes


def _sketch(ways: Ways, wanted: Collection[str]) -> dict[str, BaseGeometry]:
    """Draw the wanted ways from the nodes the file has; those without any are missing."""
    known = ~ways.missing
    sketches = {}
    for way, osm_id in enumerate(ways.ids):
        part = slice(ways.first[way], ways.first[way + 1])
        nodes = ways.node[part]
        lonlat = np.column_stack([ways.lon[part], ways.lat[part]])[known[part]]
        if osm_id in wanted and len(lonlat):
            sketches[osm_id] = _outline(lonlat, closed=bool(nodes[0] == nodes[-1]))
    return sketches


def _outline(lonlat: Number, *, closed: bool) -> BaseGeometry:
    """
    Draw a way that is no whole area: a line, or what is left of a ring.

    A campus at the edge of an extract keeps the ground between the nodes it has; with
    fewer than three it is a point.
    """
    corners = len(np.unique(lonlat, axis=0))
    if corners > 1 and not closed:
        return shapely.LineString(lonlat)
    rest = shapely.MultiPoint(lonlat)
    ring = shapely.Polygon(lonlat) if corners > 2 else rest
    drawn = ring if ring.is_valid else rest.convex_hull
    return drawn if drawn.geom_type == "Polygon" else rest.centroid
