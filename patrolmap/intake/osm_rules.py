"""
What OpenStreetMap's tags mean for a patrol: rules as data, each with its source.

Only the keys listed here are ever read; telephone numbers, contacts and operators
stay in the file.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from patrolmap.model.kinds import kind_from_tags

Tags = dict[str, str]

# The thing is gone, or not there yet: wiki.openstreetmap.org/wiki/Lifecycle_prefix.
GONE_PREFIXES: Final = (
    "was", "disused", "abandoned", "closed", "demolished", "removed", "razed", "former",
    "construction", "proposed", "planned",
)  # fmt: skip
GONE_KEYS: Final = frozenset(f"{p}:{key}" for p in GONE_PREFIXES for key in ("amenity", "shop"))

_STREET_KEYS: Final = (
    "highway", "oneway", "junction", "area", "access", "foot", "vehicle", "motor_vehicle",
    "motorcar", "motorroad", "sidewalk", "maxspeed", "layer", "bridge", "tunnel", "covered",
)  # fmt: skip
NAME_KEYS: Final = ("name", "name:zh", "name:en")
_PLACE_KEYS: Final = (
    "amenity", "shop", "leisure", "barrier", "entrance", "school", "grades", "isced:level",
    "capacity", "crossing", "crossing:signals", "traffic_calming", "railway", "disused",
    "abandoned", *NAME_KEYS,
)  # fmt: skip
_BASEMAP_KEYS: Final = ("building", "landuse", "natural", "waterway", "railway", "tunnel")
READ_KEYS: Final = frozenset((*_STREET_KEYS, *_PLACE_KEYS, *_BASEMAP_KEYS, *GONE_KEYS))
# Keys that may lead to a person: counted, never read.
PERSONAL_KEY: Final = re.compile(
    r"(contact|phone|mobile|fax|email|operator|owner|brand:owner|addr|website|url|facebook|user)\b"
)
# An object with none of these is of no interest.
MAIN_KEYS: Final = (
    "highway", "amenity", "shop", "leisure", "barrier", "entrance", "school", "traffic_calming",
    "railway", "building", "landuse", "natural", "waterway", *sorted(GONE_KEYS),
)  # fmt: skip


VACANT_SHOPS: Final = frozenset(("vacant", "no", "disused", "abandoned", "closed"))
_LIGHTS: Final = ("traffic_signals", "pelican", "puffin", "toucan")
_NO_LIGHTS: Final = ("uncontrolled", "unmarked", "marked", "zebra", "unsignalized")
# Ways through a wall or fence: wiki.openstreetmap.org/wiki/Key:barrier.
_GATE_BARRIERS: Final = {
    "gate": "main", "entrance": "main", "kissing_gate": "side", "turnstile": "side",
    "wicket_gate": "side", "lift_gate": "vehicle", "swing_gate": "vehicle",
    "sliding_gate": "vehicle",
}  # fmt: skip
_ENTRANCES: Final = {
    "main": "main", "yes": "side", "secondary": "side", "school": "main", "garage": "vehicle",
}  # fmt: skip
# A gate's own name knows better than its barrier.
_GATE_WORDS: Final = {
    "侧门": "side", "側門": "side", "后门": "side", "後門": "side", "边门": "side",
    "车行": "vehicle", "车辆": "vehicle",
}  # fmt: skip
# What a police room is called, as against a station.
POLICE_ROOM_WORDS: Final = ("警务室", "警務室", "警务站", "岗亭", "police post", "police box")


def venue_kind(tags: Tags) -> str | None:
    """
    Find what kind of venue an object is; any other shop is `other_shop`.

    Examples
    --------
    >>> venue_kind({"amenity": "internet_cafe"}), venue_kind({"shop": "yes"}), venue_kind({})
    ('internet_cafe', 'other_shop', None)
    """
    return kind_from_tags("venue", tags) or ("other_shop" if "shop" in tags else None)


def traffic_kind(tags: Tags) -> tuple[str, bool | None] | None:
    """
    Find what kind of traffic point a node is, and whether lights control it.

    Signals that are a crossing too are one point, of the kind `signals`. A bus stop's
    platform beside it is not read, so that no stop counts twice.

    Examples
    --------
    >>> traffic_kind({"highway": "traffic_signals", "crossing": "zebra"})
    ('signals', True)
    >>> traffic_kind({"highway": "crossing", "crossing": "uncontrolled"})
    ('crossing', False)
    """
    kind = kind_from_tags("traffic", tags)
    if kind is None:
        return None
    return kind, _lights(tags) if kind == "crossing" else (True if kind == "signals" else None)


def _lights(tags: Tags) -> bool | None:
    values = {
        *tags.get("crossing", "").split(";"),
        "crossing:signals=" + tags.get("crossing:signals", ""),
    }
    if values & {*_LIGHTS, "crossing:signals=yes"}:
        return True
    return False if values & {*_NO_LIGHTS, "crossing:signals=no"} else None


def gate_kind(tags: Tags) -> str | None:
    """
    Find what kind of gate an object is, if it is one.

    Examples
    --------
    >>> gate_kind({"barrier": "lift_gate"}), gate_kind({"entrance": "main"}), gate_kind({})
    ('vehicle', 'main', None)
    """
    kind = _GATE_BARRIERS.get(tags.get("barrier", "")) or _ENTRANCES.get(tags.get("entrance", ""))
    if kind is None and tags.get("school") != "entrance":
        return None
    name = tags.get("name", "")
    return next((_GATE_WORDS[word] for word in _GATE_WORDS if word in name), kind or "main")


def is_gone(tags: Tags) -> bool:
    """Say whether an object is tagged as closed down."""
    return any(tags.get(key, "no") not in ("no", "") for key in ("disused", "abandoned"))


# --- base map --------------------------------------------------------------------------

# Classes of the base map: the first rule that fits decides.
_GREEN: Final = {
    "landuse": ("forest", "grass", "meadow", "recreation_ground", "village_green", "farmland",
                "cemetery", "orchard", "allotments", "vineyard", "flowerbed"),
    "leisure": ("park", "garden", "pitch", "golf_course", "common", "nature_reserve"),
    "natural": ("wood", "scrub", "grassland", "heath", "wetland"),
}  # fmt: skip
_WATER: Final = {
    "natural": ("water",),
    "waterway": ("riverbank", "dock"),
    "landuse": ("reservoir", "basin"),
}
_WATERLINES: Final = {"waterway": ("river", "canal", "stream", "drain", "ditch")}
_RAILS: Final = {"railway": ("rail", "light_rail", "subway", "tram", "monorail", "narrow_gauge")}


def area_class(tags: Tags) -> tuple[str, str] | None:
    """Find the base map's class and kind of an area: water, green or building."""
    found = _class(tags, "water", _WATER) or _class(tags, "green", _GREEN)
    if found is None and tags.get("building", "no") != "no":
        return "building", tags["building"]
    return found


def line_class(tags: Tags) -> tuple[str, str] | None:
    """Find the base map's class and kind of a line; what runs underground is not drawn."""
    if tags.get("tunnel", "no") != "no":
        return None
    return _class(tags, "waterline", _WATERLINES) or _class(tags, "rail", _RAILS)


def _class(tags: Tags, cls: str, table: Mapping[str, tuple[str, ...]]) -> tuple[str, str] | None:
    return next(((cls, tags[key]) for key in table if tags.get(key) in table[key]), None)
