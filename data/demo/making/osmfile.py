"""Writes OpenStreetMap XML; things at one place share one node."""

from __future__ import annotations

import bz2
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final
from xml.sax.saxutils import quoteattr

import shapely
from making.plan import Place, to_lon_lat
from shapely import LineString, MultiPolygon, Polygon

FIRST_NODE: Final = 10_500_000_001
FIRST_WAY: Final = 1_180_000_001
FIRST_RELATION: Final = 16_000_001
Tags = Mapping[str, str]


class OsmFile:
    """Collects nodes, ways and relations, then writes them in order of their ids."""

    def __init__(self) -> None:
        self._nodes: dict[Place, int] = {}
        self._node_tags: dict[int, dict[str, str]] = {}
        self._ways: list[tuple[list[int], Tags]] = []
        self._relations: list[tuple[list[tuple[int, str]], Tags]] = []

    def add_point(self, place: Place, tags: Tags) -> None:
        """Add a node, or give tags to the one that is there."""
        self._node_tags.setdefault(self._node(place), {}).update(tags)

    def add_line(self, line: LineString, tags: Tags) -> int:
        """Add a way; its number is returned."""
        nodes = [self._node(place) for place in line.coords]
        self._ways.append(([n for at, n in enumerate(nodes) if not at or n != nodes[at - 1]], tags))
        return FIRST_WAY + len(self._ways) - 1

    def add_area(
        self, shape: Polygon | MultiPolygon, tags: Tags, *, as_relation: bool = False
    ) -> None:
        """Add an area: a closed way, or a multipolygon where it has parts or holes, or if asked."""
        parts = shapely.get_parts(shape)
        if len(parts) == 1 and not parts[0].interiors and not as_relation:
            self.add_line(parts[0].exterior, tags)
            return
        members = [(self.add_line(part.exterior, {}), "outer") for part in parts]
        members += [(self.add_line(hole, {}), "inner") for p in parts for hole in p.interiors]
        self._relations.append((members, {"type": "multipolygon", **tags}))

    def _node(self, place: Place) -> int:
        key = (round(place[0], 2) + 0.0, round(place[1], 2) + 0.0)
        return self._nodes.setdefault(key, FIRST_NODE + len(self._nodes))

    def write(self, path: Path) -> None:
        """Write the file, compressed by bzip2; the same bytes for the same content."""
        lines = [
            '<?xml version="1.0" encoding="UTF-8"?>',
            '<osm version="0.6" generator="make_demo.py; synthetic data, 合成数据">',
            *self._node_lines(),
            *(
                _element("way", number, [f'<nd ref="{node}"/>' for node in nodes], tags)
                for number, (nodes, tags) in enumerate(self._ways, FIRST_WAY)
            ),
            *(
                _element("relation", number, [_member(*member) for member in members], tags)
                for number, (members, tags) in enumerate(self._relations, FIRST_RELATION)
            ),
            "</osm>\n",
        ]
        path.write_bytes(bz2.compress("\n".join(lines).encode(), 9))

    def _node_lines(self) -> Iterable[str]:
        lon_lat = to_lon_lat(list(self._nodes))
        (west, south), (east, north) = lon_lat.min(axis=0), lon_lat.max(axis=0)
        yield (
            f'<bounds minlat="{south:.7f}" minlon="{west:.7f}" '
            f'maxlat="{north:.7f}" maxlon="{east:.7f}"/>'
        )
        for number, (lon, lat) in zip(self._nodes.values(), lon_lat, strict=True):
            place = f'lat="{lat:.7f}" lon="{lon:.7f}"'
            yield _element("node", number, [], self._node_tags.get(number, {}), place)


def _member(number: int, role: str) -> str:
    return f'<member type="way" ref="{number}" role="{role}"/>'


def _element(kind: str, number: int, inside: list[str], tags: Tags, place: str = "") -> str:
    parts = [*inside, *(f"<tag k={quoteattr(k)} v={quoteattr(tags[k])}/>" for k in sorted(tags))]
    head = " ".join(filter(None, (f'<{kind} id="{number}" version="1"', place)))
    return f"{head}>{''.join(parts)}</{kind}>" if parts else f"{head}/>"
