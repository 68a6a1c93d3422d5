"""
What stands on the map, as plain data: overlays of areas, dots, pins, lines and labels.

The page's own script draws them and sets every text as text, never as HTML.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from patrolmap.model.kinds import kind_name
from patrolmap.model.language import Language, translator

Item = dict[str, Any]
Swatch = dict[str, str]
_DIGITS: Final = 6  # a decimetre


@dataclass(frozen=True)
class Overlay:
    """
    One line of the map's layer switch, and everything that comes and goes with it.

    `swatch` shows how it looks on the map; `detail` says how many there are; `steps` are
    the colours of a graded layer with their meaning.
    """

    name: str
    group: str
    items: list[Item]
    swatch: Swatch
    shown: bool = True
    detail: str = ""
    steps: list[tuple[str, str]] = field(default_factory=list)


def area(geometry: BaseGeometry, style: str, **more: object) -> Item:
    """Draw a polygon or multipolygon."""
    rings = [
        [_latlon(ring.coords) for ring in (polygon.exterior, *polygon.interiors)]
        for polygon in getattr(geometry, "geoms", [geometry])
    ]
    return {"shape": "area", "rings": rings, "style": style, **more}


def dot(geometry: BaseGeometry, style: str, **more: object) -> Item:
    """Draw a small circle; of an area, inside it."""
    return {"shape": "dot", "at": spot(geometry), "style": style, **more}


def pin(at: list[float], look: str, *, icon: str = "", text: str = "", **more: object) -> Item:
    """Put up a sign with an icon or a short text."""
    return {"shape": "pin", "at": at, "look": look, "icon": icon, "text": text, **more}


def line(coords: Iterable[Any], style: str, **more: object) -> Item:
    """Draw a line along (lon, lat) pairs."""
    return {"shape": "line", "path": _latlon(coords), "style": style, **more}


def way(coords: Iterable[Any], style: str, **more: object) -> Item:
    """Draw a line along (lon, lat) pairs that can be asked about, and no crew walks."""
    return {"shape": "way", "path": _latlon(coords), "style": style, **more}


def label(at: list[float], text: str) -> Item:
    """Write a name on the map."""
    return {"shape": "label", "at": at, "text": text}


def spot(geometry: BaseGeometry) -> list[float]:
    """Find the latitude and longitude of a point, or of a point inside an area."""
    point = geometry if geometry.geom_type == "Point" else shapely.point_on_surface(geometry)
    return [round(point.y, _DIGITS), round(point.x, _DIGITS)]


def _latlon(coords: Iterable[Any]) -> list[list[float]]:
    return [[round(xy[1], _DIGITS), round(xy[0], _DIGITS)] for xy in coords]


def card(title: str, rows: Iterable[tuple[str, object]], mark: str = "") -> Item:
    """
    Write what a click on a thing tells; rows without a value are left out.

    Examples
    --------
    >>> card("Gate", [("kind", "main"), ("width", None)])
    {'title': 'Gate', 'mark': '', 'rows': [['kind', 'main']]}
    """
    said = [[key, str(value)] for key, value in rows if is_said(value)]
    return {"title": title, "mark": mark, "rows": said}


def is_said(value: object) -> bool:
    """Tell a value from a gap."""
    return value is not None and value is not pd.NA and value == value and value != ""  # noqa: PLR0124 - NaN


def mark_of(row: pd.Series, language: Language) -> str:
    """Say that patrolmap put a row there by itself, and how; nothing where it was given."""
    provenance = str(row.get("provenance", "given"))
    if provenance == "given":
        return ""
    source = row.get("source", "")
    words = kind_name("provenance", provenance, language)
    return f"{words}: {source}" if is_said(source) else words


def yes_no(value: object, language: Language) -> str | None:
    """Word a yes, a no, or nothing where it is not known."""
    _ = translator(language)
    if not is_said(value):
        return None
    return _("yes") if value else _("no")
