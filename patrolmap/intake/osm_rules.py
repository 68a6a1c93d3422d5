"""
What OpenStreetMap's tags mean for a patrol: rules as data, each with its source.

Only the keys listed here are ever read; telephone numbers, contacts and operators
stay in the file.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from patrolmap.model.kinds import kind_from_tags

Tags = dict[str, str]

# Life-cycle prefixes: the thing is gone, or not there yet (wiki.openstreetmap.org/wiki/Lifecycle_prefix).
GONE_PREFIXES: Final = (
    "was", "disused", "abandoned", "closed", "demolished", "removed", "razed", "former",
    "construction", "proposed", "planned",
)  # fmt: skip
GONE_KEYS: Final = frozenset(f"{p}:{key}" for p in GONE_PREFIXES for key in ("amenity", "shop"))

_STREET_KEYS: Final = (
    "highway", "oneway", "junction", "area", "access", "foot", "vehicle", "motor_vehicle",
    "motorcar", "motorroad", "sidewalk", "maxspeed", "layer", "bridge", "tunnel", "covered",
)  # fmt: skip
_PLACE_KEYS: Final = (
    "amenity", "shop", "leisure", "barrier", "entrance", "school", "grades", "isced:level",
    "capacity", "crossing", "crossing:signals", "traffic_calming", "railway", "disused", "abandoned",
    "name", "name:zh", "name:en",
)  # fmt: skip
_BASEMAP_KEYS: Final = ("building", "landuse", "natural", "waterway", "railway", "tunnel")
READ_KEYS: Final = frozenset((*_STREET_KEYS, *_PLACE_KEYS, *_BASEMAP_KEYS, *GONE_KEYS))
# An object with none of these is of no interest.
MAIN_KEYS: Final = (
    "highway", "amenity", "shop", "leisure", "barrier", "entrance", "traffic_calming", "railway",
    "building", "landuse", "natural", "waterway", *sorted(GONE_KEYS),
)  # fmt: skip


# --- streets ---------------------------------------------------------------------------


@dataclass(frozen=True)
class StreetRule:
    """What holds on a street of one type unless its own tags say otherwise."""

    walkable: bool
    drivable: bool
    speed_kph: float


# Access by type: wiki.openstreetmap.org/wiki/OSM_tags_for_routing/Access_restrictions, default
# for all countries; cycleways may be walked (no separate footway is the rule in China).
# Speeds are what a crew makes good in town, below the limits of the Road Traffic Safety
# Law's regulation art. 45 (30 to 70 km/h in towns) [own judgement].
STREET_RULES: Final = {
    "motorway": StreetRule(False, True, 90),
    "motorway_link": StreetRule(False, True, 50),
    "trunk": StreetRule(True, True, 60),
    "trunk_link": StreetRule(True, True, 40),
    "primary": StreetRule(True, True, 50),
    "primary_link": StreetRule(True, True, 40),
    "secondary": StreetRule(True, True, 45),
    "secondary_link": StreetRule(True, True, 40),
    "tertiary": StreetRule(True, True, 40),
    "tertiary_link": StreetRule(True, True, 30),
    "unclassified": StreetRule(True, True, 35),
    "residential": StreetRule(True, True, 30),
    "living_street": StreetRule(True, True, 15),
    "service": StreetRule(True, True, 15),
    "road": StreetRule(True, True, 30),
    "busway": StreetRule(False, False, 30),
    "track": StreetRule(True, False, 15),
    "pedestrian": StreetRule(True, False, 10),
    "footway": StreetRule(True, False, 10),
    "path": StreetRule(True, False, 10),
    "cycleway": StreetRule(True, False, 10),
    "bridleway": StreetRule(True, False, 10),
    "steps": StreetRule(True, False, 5),
}
_ALLOWED: Final = frozenset(
    (
        "yes",
        "permissive",
        "designated",
        "official",
        "destination",
        "public",
        "customers",
        "delivery",
    )
)
_FORBIDDEN: Final = frozenset(
    ("no", "private", "agricultural", "forestry", "agricultural;forestry", "military", "permit",
     "restricted", "use_sidepath")
)  # fmt: skip
_FOOT_KEYS: Final = ("foot", "access")  # the more particular key comes first
_CAR_KEYS: Final = ("motorcar", "motor_vehicle", "vehicle", "access")
_NO_SIDEWALK: Final = frozenset(("no", "none", "separate"))
MPH_IN_KPH: Final = 1.609344


def street_rule(tags: Tags) -> StreetRule | None:
    """
    Decide who may use a street, and how fast; None where nobody can.

    Construction sites, platforms, lifts, race tracks and every type that is not in
    `STREET_RULES` are no streets.

    Examples
    --------
    >>> street_rule({"highway": "residential", "access": "private", "foot": "yes"})
    StreetRule(walkable=True, drivable=False, speed_kph=30)
    >>> street_rule({"highway": "construction"}) is None
    True
    """
    rule = STREET_RULES.get(tags["highway"])
    if rule is None:
        return None
    return StreetRule(
        walkable=_may(tags, _FOOT_KEYS, default=rule.walkable and not _for_cars_alone(tags)),
        # a reversible street changes its direction by the hour, which a map cannot tell
        drivable=_may(tags, _CAR_KEYS, default=rule.drivable)
        and tags.get("oneway") != "reversible",
        speed_kph=_max_speed(tags.get("maxspeed", "")) or rule.speed_kph,
    )


def _may(tags: Tags, keys: tuple[str, ...], *, default: bool) -> bool:
    """Ask the keys in turn: a ban always counts, a general leave never widens the default."""
    for key in keys:
        value = tags.get(key)
        if value in _FORBIDDEN:
            return False
        if value in _ALLOWED:
            return default if key == "access" else True
    return default


def _for_cars_alone(tags: Tags) -> bool:
    """
    Say whether a road is for motor traffic alone.

    `motorroad=yes` says so. A trunk road on stilts (an urban expressway, 快速路) is one
    too unless a pavement is mapped: mappers in China seldom say it [own judgement].
    """
    if tags.get("motorroad") == "yes":
        return True
    raised = tags["highway"] in ("trunk", "trunk_link") and street_level(tags) > 0
    return raised and tags.get("sidewalk", "no") in _NO_SIDEWALK


def _max_speed(text: str) -> float | None:
    """Read `maxspeed`: km/h, or miles an hour where it says so; words are left to the rules."""
    number, _, unit = text.strip().partition(" ")
    if not number.isdecimal() or not number.isascii():
        return None
    speed_kph = int(number[:4]) * (MPH_IN_KPH if unit == "mph" else 1.0)
    return speed_kph if 5 <= speed_kph <= 150 else None


def street_oneway(tags: Tags) -> int:
    """
    Find the direction of traffic: 1 as drawn, -1 against it, 0 both.

    Roundabouts and motorways are oneway unless tagged otherwise
    (wiki.openstreetmap.org/wiki/Key:oneway); on squares (`area=yes`) nothing is.

    Examples
    --------
    >>> street_oneway({"highway": "motorway"}), street_oneway({"highway": "primary", "oneway": "-1"})
    (1, -1)
    """
    if tags.get("area") == "yes":
        return 0
    value = tags.get("oneway", "")
    if value in ("yes", "true", "1"):
        return 1
    if value in ("-1", "reverse"):
        return -1
    implied = tags.get("junction") == "roundabout" or tags["highway"] == "motorway"
    return int(implied and not value)


def street_level(tags: Tags) -> int:
    """
    Find the level of a street: 0 is the ground.

    `layer` says it; a bridge without one is at 1, a tunnel at -1, and a passage through a
    building is on the ground.

    Examples
    --------
    >>> street_level({"bridge": "yes", "layer": "2"}), street_level({"tunnel": "building_passage"})
    (2, 0)
    """
    layer = tags.get("layer", "")
    if layer.removeprefix("-").isdecimal() and layer.isascii():
        return max(-10, min(10, int(layer[:4])))
    if tags.get("bridge", "no") != "no":
        return 1
    return -int(tags.get("tunnel", "no") not in ("no", "building_passage"))


# --- places ----------------------------------------------------------------------------

VACANT_SHOPS: Final = frozenset(("vacant", "no", "disused", "abandoned", "closed"))
_LIGHTS: Final = ("traffic_signals", "pelican", "puffin", "toucan")
_NO_LIGHTS: Final = ("uncontrolled", "unmarked", "marked", "zebra", "unsignalized")
# Ways through a wall or fence: wiki.openstreetmap.org/wiki/Key:barrier.
GATE_BARRIERS: Final = {
    "gate": "main", "entrance": "main", "kissing_gate": "side", "turnstile": "side",
    "wicket_gate": "side", "lift_gate": "vehicle", "swing_gate": "vehicle",
    "sliding_gate": "vehicle",
}  # fmt: skip
_ENTRANCES: Final = {
    "main": "main", "yes": "side", "secondary": "side", "school": "main", "garage": "vehicle",
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
    if tags.get("barrier") in GATE_BARRIERS:
        return GATE_BARRIERS[tags["barrier"]]
    if tags.get("school") == "entrance":
        return "main"
    return _ENTRANCES.get(tags.get("entrance", ""))


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


def _class(tags: Tags, cls: str, table: dict[str, tuple[str, ...]]) -> tuple[str, str] | None:
    return next(((cls, tags[key]) for key in table if tags.get(key) in table[key]), None)
