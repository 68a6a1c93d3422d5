"""
OpenStreetMap files by hand: nodes at local metres, ways and relations over them.

The metres are those of the tiny precinct, so a corner at (0, 0) is its south-west node.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from xml.sax.saxutils import quoteattr

from patrolmap.intake.osm import OsmExtract, read_osm
from tests.tiny import lonlat


@dataclass
class OsmMap:
    """A map while it is drawn; every method returns the id it was given."""

    _nodes: list[str] = field(default_factory=list)
    _ways: list[str] = field(default_factory=list)
    _relations: list[str] = field(default_factory=list)

    def node(self, osm_id: int, x_m: float, y_m: float, tags: str = "") -> int:
        """Draw a node; tags as ``"amenity=school name=一小"``."""
        lon, lat = lonlat(x_m, y_m)
        self._nodes.append(
            f'<node id="{osm_id}" lat="{lat:.7f}" lon="{lon:.7f}">{_tags(tags)}</node>'
        )
        return osm_id

    def way(self, osm_id: int, nodes: list[int], tags: str = "") -> int:
        """Draw a way over nodes."""
        refs = "".join(f'<nd ref="{node}"/>' for node in nodes)
        self._ways.append(f'<way id="{osm_id}">{refs}{_tags(tags)}</way>')
        return osm_id

    def box(self, osm_id: int, x_m: float, y_m: float, size_m: float, tags: str = "") -> int:
        """Draw a square as a closed way over four nodes of its own, from its south-west corner."""
        corners = [(0.0, 0.0), (size_m, 0.0), (size_m, size_m), (0.0, size_m)]
        nodes = [
            self.node(osm_id * 10 + at, x_m + dx, y_m + dy) for at, (dx, dy) in enumerate(corners)
        ]
        return self.way(osm_id, [*nodes, nodes[0]], tags)

    def street(
        self, osm_id: int, *xy_m: tuple[float, float], tags: str = "highway=residential"
    ) -> int:
        """Draw a street over nodes of its own, numbered ``osm_id * 10 + 0, 1, 2 …``."""
        nodes = [self.node(osm_id * 10 + at, *place) for at, place in enumerate(xy_m)]
        return self.way(osm_id, nodes, tags)

    def relation(self, osm_id: int, outer: list[int], tags: str) -> int:
        """Draw a multipolygon relation over ways."""
        members = "".join(f'<member type="way" ref="{way}" role="outer"/>' for way in outer)
        self._relations.append(
            f'<relation id="{osm_id}">{members}{_tags("type=multipolygon " + tags)}</relation>'
        )
        return osm_id

    def text(self) -> str:
        """Write the file."""
        body = "\n".join([*self._nodes, *self._ways, *self._relations])
        return f'<?xml version="1.0" encoding="UTF-8"?>\n<osm version="0.6">\n{body}\n</osm>\n'

    def read(self, folder: Path) -> OsmExtract:
        """Write the file into a folder and read it."""
        file = folder / "map.osm"
        file.write_text(self.text(), encoding="utf-8")
        return read_osm(file)


def _tags(text: str) -> str:
    """Make tags of words; a plus in a value stands for a space."""
    pairs = (word.split("=", 1) for word in text.split())
    return "".join(
        f"<tag k={quoteattr(key)} v={quoteattr(value.replace('+', ' '))}/>" for key, value in pairs
    )


def coded(extract: OsmExtract, code: str) -> dict[str, str]:
    """Give the notes of one code, subject → detail."""
    notes = extract.notes[extract.notes["code"] == code]
    return dict(zip(notes["subject"], notes["detail"], strict=True))


def counts(extract: OsmExtract, subject: str) -> dict[str, int]:
    """Give the numbers of a note that counts, such as that of ``shop=*``."""
    notes = extract.notes[extract.notes["code"] == "osm_read"]
    detail = notes.loc[notes["subject"] == subject, "detail"]
    return {key: int(value) for key, value in (part.split("=") for part in detail.iloc[0].split())}
