"""Venues, traffic points and bases from OpenStreetMap objects."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import geopandas as gpd
import pandas as pd

from patrolmap.intake.osm_merge import merge_duplicates
from patrolmap.intake.osm_notes import Note
from patrolmap.intake.osm_objects import (
    inner_points,
    label,
    local_names,
    make_layer,
    marked,
    points_for_lines,
    stand_in_names,
)
from patrolmap.intake.osm_rules import (
    GONE_KEYS,
    POLICE_ROOM_WORDS,
    VACANT_SHOPS,
    Tags,
    is_gone,
    traffic_kind,
    venue_kind,
)


def make_venues(objects: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, list[Note]]:
    """
    Make the layer of venues: every kind the vocabulary has tags for, and all other shops.

    Parameters
    ----------
    objects
        OpenStreetMap objects.

    Returns
    -------
    venues
        Checked layer; areas stay areas.
    notes
        How many shops were read and kept; one note for each that is vacant or gone.
    """
    open_now = marked(objects, _is_open_venue)
    venues, others = objects[open_now], objects[~open_now]
    kinds = [venue_kind(tags) for tags in venues["tags"]]
    layer = make_layer(
        venues, "venues", points_for_lines(venues), name=local_names(venues), kind=kinds
    )
    read, kept = (sum("shop" in tags for tags in frame["tags"]) for frame in (objects, venues))
    other_shops = kinds.count("other_shop")
    detail = f"objects={read} kept={kept} left_out={read - kept} other_shop={other_shops}"
    return layer, [Note("venues", "shop=*", "osm_read", detail), *_gone_venues(others)]


def _is_open_venue(tags: Tags) -> bool:
    kind = venue_kind(tags)
    vacant = kind == "other_shop" and tags["shop"] in VACANT_SHOPS
    return kind is not None and not vacant and not is_gone(tags)


def _gone_venues(others: gpd.GeoDataFrame) -> Iterator[Note]:
    for osm_id, tags in others["tags"].items():
        subject = label(osm_id, tags.get("name", ""))
        if venue_kind(tags):
            yield Note("venues", subject, "closed_down", f"shop={tags.get('shop', 'disused')}")
            continue
        for key in sorted(tags.keys() & GONE_KEYS):
            if venue_kind({key.partition(":")[2]: tags[key]}):
                yield Note("venues", subject, "closed_down", f"{key}={tags[key]}")


def make_traffic_points(objects: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, list[Note]]:
    """
    Make the layer of traffic points: one point an object, even where it is two things.

    Parameters
    ----------
    objects
        OpenStreetMap objects.

    Returns
    -------
    traffic_points
        Checked layer.
    notes
        How many of each kind were read; all are kept.
    """
    points = objects[marked(objects, lambda tags: traffic_kind(tags) is not None)]
    kinds = [kind for tags in points["tags"] if (kind := traffic_kind(tags))]
    layer = make_layer(
        points,
        "traffic_points",
        inner_points(points),
        name=local_names(points),
        kind=[kind for kind, _ in kinds],
        controlled=pd.array([lights for _, lights in kinds], dtype="boolean"),
    )
    counts = Counter(kind for kind, _ in kinds)
    return layer, [
        Note("traffic_points", kind, "osm_read", f"objects={count} kept={count}")
        for kind, count in sorted(counts.items())
    ]


def make_bases(objects: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, list[Note]]:
    """
    Make the layer of bases from `amenity=police`; adjoining buildings are one base.

    Parameters
    ----------
    objects
        OpenStreetMap objects.

    Returns
    -------
    bases
        Checked layer of points.
    notes
        What was merged, left out or has no name.
    """
    police = objects[marked(objects, lambda tags: tags.get("amenity") == "police")].copy()
    police["name"] = local_names(police)
    police["told"] = [frozenset()] * len(police)
    gone = marked(police, is_gone)
    notes = [
        Note("bases", label(i, name), "closed_down") for i, name in police["name"][gone].items()
    ]
    bases, merged = merge_duplicates(police[~gone], "bases")
    notes += merged
    notes += [Note("bases", str(i), "no_name") for i in bases.index[bases["name"] == ""]]
    kinds = [_base_kind(name) for name in bases["name"]]
    names = stand_in_names(bases, "base", kinds)
    detail = f"objects={len(police)} kept={len(bases)} left_out={gone.sum()} merged={len(merged)}"
    notes.append(Note("bases", "amenity=police", "osm_read", detail))
    return make_layer(bases, "bases", inner_points(bases), name=names, kind=kinds), notes


def _base_kind(name: str) -> str:
    room = any(word in name.casefold() for word in POLICE_ROOM_WORDS)
    return "police_room" if room else "station"
