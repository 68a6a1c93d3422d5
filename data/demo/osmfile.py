"""Writes the district as OpenStreetMap XML; things at one place share one node."""

from __future__ import annotations

import bz2
from collections.abc import Mapping
from pathlib import Path
from xml.sax.saxutils import quoteattr

import plan
import shapely
from shapely import MultiPolygon, Polygon
from ways import Way

Place = tuple[float, float]
FIRST_NODE, FIRST_WAY, FIRST_RELATION = 10_500_000_001, 1_180_000_001, 16_000_001


class OsmFile:
    """Collects nodes, ways and relations, then writes them in order of their ids."""

    def __init__(self) -> None:
        self._nodes: dict[Place, int] = {}
        self._node_tags: dict[int, dict[str, str]] = {}
        self._ways: list[tuple[list[int], Mapping[str, str]]] = []
        self._relations: list[tuple[list[tuple[int, str]], Mapping[str, str]]] = []

    def add_point(self, place: Place, tags: Mapping[str, str]) -> None:
        """Add a node, or give tags to the one that is there."""
        self._node_tags.setdefault(self._node(place), {}).update(tags)

    def add_way(self, way: Way) -> None:
        """Add a line."""
        self._add([self._node(c) for c in way.line.coords], way.tags)

    def add_area(self, shape: Polygon | MultiPolygon, tags: Mapping[str, str], *, relation: bool = False) -> None:
        """Add an area: a closed way, or a multipolygon where it has parts or holes, or if asked."""
        parts = [p for p in shapely.get_parts(shape) if not p.is_empty]
        if len(parts) == 1 and not parts[0].interiors and not relation:
            self._add(self._ring(parts[0].exterior), tags)
            return
        rings = [(r, role) for p in parts for r, role in [(p.exterior, "outer"), *((i, "inner") for i in p.interiors)]]
        members = [(self._add(self._ring(ring), {}), role) for ring, role in rings]
        self._relations.append((members, {"type": "multipolygon", **tags}))

    def _node(self, place: Place) -> int:
        key = (round(place[0], 2) + 0.0, round(place[1], 2) + 0.0)
        return self._nodes.setdefault(key, FIRST_NODE + len(self._nodes))

    def _add(self, nodes: list[int], tags: Mapping[str, str]) -> int:
        distinct = [n for at, n in enumerate(nodes) if at == 0 or n != nodes[at - 1]]
        self._ways.append((distinct, tags))
        return FIRST_WAY + len(self._ways) - 1

    def _ring(self, ring: shapely.LinearRing) -> list[int]:
        return [self._node(c) for c in ring.coords]

    def write(self, path: Path) -> None:
        """Write the file, compressed by bzip2, the same bytes for the same content."""
        path.write_bytes(bz2.compress(self._xml().encode(), 9))

    def _xml(self) -> str:
        lon_lat = plan.to_lon_lat(list(self._nodes))
        west, south, east, north = *lon_lat.min(axis=0), *lon_lat.max(axis=0)
        lines = [
            '<?xml version="1.0" encoding="UTF-8"?>',
            '<osm version="0.6" generator="make_demo.py, synthetic data, 合成数据">',
            f'<bounds minlat="{south:.7f}" minlon="{west:.7f}" maxlat="{north:.7f}" maxlon="{east:.7f}"/>',
        ]
        for number, (lon, lat) in zip(self._nodes.values(), lon_lat, strict=True):
            tags = _tags(self._node_tags.get(number, {}))
            lines.append(f'<node id="{number}" version="1" lat="{lat:.7f}" lon="{lon:.7f}"' + (f">{tags}</node>" if tags else "/>"))
        for number, (nodes, tags) in enumerate(self._ways, FIRST_WAY):
            refs = "".join(f'<nd ref="{n}"/>' for n in nodes)
            lines.append(f'<way id="{number}" version="1">{refs}{_tags(tags)}</way>')
        for number, (members, tags) in enumerate(self._relations, FIRST_RELATION):
            refs = "".join(f'<member type="way" ref="{ref}" role="{role}"/>' for ref, role in members)
            lines.append(f'<relation id="{number}" version="1">{refs}{_tags(tags)}</relation>')
        return "\n".join([*lines, "</osm>", ""])


def _tags(tags: Mapping[str, str]) -> str:
    return "".join(f"<tag k={quoteattr(k)} v={quoteattr(v)}/>" for k, v in sorted(tags.items()))
