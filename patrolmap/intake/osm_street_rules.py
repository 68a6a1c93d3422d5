"""Who may use a street, which way and how fast: OpenStreetMap's tags and their defaults."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from patrolmap.intake.osm_rules import Tags


@dataclass(frozen=True)
class StreetRule:
    """What holds on a street of one type unless its own tags say otherwise."""

    walkable: bool
    drivable: bool
    speed_kph: float


# Access by type: wiki.openstreetmap.org/wiki/OSM_tags_for_routing/Access_restrictions, default
# for all countries; cycleways may be walked, as where they are the pavement [own judgement].
# Speeds are usual limits in Chinese towns, within the Road Traffic Safety Law's regulation
# art. 45 (30 km/h on roads without a centre line, else 50) and art. 78 (motorways)
# [textbook, verify]; what traffic leaves of them is the network's business.
STREET_RULES: Final = {
    "motorway": StreetRule(walkable=False, drivable=True, speed_kph=100),
    "motorway_link": StreetRule(walkable=False, drivable=True, speed_kph=60),
    "trunk": StreetRule(walkable=True, drivable=True, speed_kph=70),
    "trunk_link": StreetRule(walkable=True, drivable=True, speed_kph=50),
    "primary": StreetRule(walkable=True, drivable=True, speed_kph=60),
    "primary_link": StreetRule(walkable=True, drivable=True, speed_kph=40),
    "secondary": StreetRule(walkable=True, drivable=True, speed_kph=50),
    "secondary_link": StreetRule(walkable=True, drivable=True, speed_kph=40),
    "tertiary": StreetRule(walkable=True, drivable=True, speed_kph=50),
    "tertiary_link": StreetRule(walkable=True, drivable=True, speed_kph=40),
    "unclassified": StreetRule(walkable=True, drivable=True, speed_kph=40),
    "residential": StreetRule(walkable=True, drivable=True, speed_kph=30),
    "living_street": StreetRule(walkable=True, drivable=True, speed_kph=20),
    "service": StreetRule(walkable=True, drivable=True, speed_kph=20),
    "road": StreetRule(walkable=True, drivable=True, speed_kph=30),
    "busway": StreetRule(walkable=False, drivable=False, speed_kph=30),
    "track": StreetRule(walkable=True, drivable=False, speed_kph=20),
    "pedestrian": StreetRule(walkable=True, drivable=False, speed_kph=10),
    "footway": StreetRule(walkable=True, drivable=False, speed_kph=10),
    "path": StreetRule(walkable=True, drivable=False, speed_kph=10),
    "cycleway": StreetRule(walkable=True, drivable=False, speed_kph=10),
    "bridleway": StreetRule(walkable=True, drivable=False, speed_kph=10),
    "steps": StreetRule(walkable=True, drivable=False, speed_kph=10),
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
    >>> street_oneway({"highway": "motorway"}), street_oneway({"highway": "road", "oneway": "-1"})
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
