"""The layers of a precinct as overlays of the map: schools, gates, cells, venues and the rest."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any, Final

import geopandas as gpd
import pandas as pd

from patrolmap.delivery.map_items import (
    Item,
    Overlay,
    area,
    card,
    dot,
    is_said,
    label,
    mark_of,
    pin,
    spot,
    yes_no,
)
from patrolmap.delivery.map_style import STEPS, classify, step_words, venue_groups
from patrolmap.model.contracts import CONTRACTS
from patrolmap.model.kinds import PRIORITY_PARTS, kind_name
from patrolmap.model.language import Language, translator
from patrolmap.model.layers import split_codes

CLOSED: Final = "closed"


def cells_overlay(
    cells: gpd.GeoDataFrame,
    priority: pd.Series | pd.DataFrame | None,
    language: Language,
    *,
    schools: gpd.GeoDataFrame | None = None,
) -> Overlay:
    """
    Colour the cells by their priority in five steps; without one they are outlines.

    Parameters
    ----------
    cells
        The layer.
    priority
        For one window: the total per cell, or a frame with ``total`` and its parts.
    schools
        Names the nearest school of each cell.
    """
    _ = translator(language)
    names = {} if schools is None else dict(schools["name"])
    parts = priority.to_frame("total") if isinstance(priority, pd.Series) else priority
    parts = (pd.DataFrame() if parts is None else parts).reindex(cells.index)
    step, bounds = classify(parts["total"]) if "total" in parts else (None, [])
    looks = ["cell"] * len(cells) if step is None else [_cell_style(s) for s in step]
    rows = cells.drop(columns=cells.geometry.name).to_dict("records")
    items = [
        area(shape, look, card=_cell_card(row, part, names, language), tip=row["label"])
        for shape, look, row, part in zip(
            cells.geometry, looks, rows, parts.to_dict("records"), strict=True
        )
    ]
    name = _("Priority of patrol cells") if bounds else _title("cells", language)
    return Overlay(
        name, _("Places"), items, {"look": "cell" if bounds else "grid"},
        detail=str(len(cells)), steps=_steps(bounds, language),
    )  # fmt: skip


def _steps(bounds: list[float], language: Language) -> list[tuple[str, str]]:
    """Name the steps there are, highest first."""
    steps = list(pairwise(bounds))
    none = len(STEPS) - len(steps)
    rows = zip(STEPS[none:], steps, step_words(language)[none:], strict=True) if steps else ()
    return [(colour, f"{low:.2f}–{high:.2f} {words}") for colour, (low, high), words in rows][::-1]


def _cell_style(step: int) -> str:
    return "cell" if step < 0 else f"cell-{step}"


def _cell_card(
    cell: dict[str, Any], parts: dict[str, Any], names: dict[str, str], language: Language
) -> Item:
    _ = translator(language)
    shares = [
        (kind_name("part", part, language), f"{parts[part]:.2f}")
        for part in ("total", *PRIORITY_PARTS)
        if is_said(parts.get(part))
    ]
    nearest = (_("nearest school"), names.get(cell["school_id"], cell["school_id"]))
    ring = (CONTRACTS["cells"].column("ring").title(language), cell["ring"])
    return card(cell["label"], [*shares, nearest, ring])


def schools_overlay(schools: gpd.GeoDataFrame, language: Language) -> Overlay:
    """Draw each campus with its name; a school known as a point gets a sign."""
    items = [item for _id, school in schools.iterrows() for item in _school(school, language)]
    return _places("schools", items, len(schools), language, {"look": "school"})


def _school(school: pd.Series, language: Language) -> Iterator[Item]:
    shape = CONTRACTS["schools"]
    kinds = "、".join(kind_name("school", code, language) for code in split_codes(school.kinds))
    mark = mark_of(school, language)
    rows = [
        (shape.column("kinds").title(language), kinds),
        (shape.column("pupils").title(language), school.pupils),
        (shape.column("boarding").title(language), yes_no(school.boarding, language)),
    ]
    told = card(str(school["name"]), rows, mark)
    at = spot(school.geometry)
    if school.geometry.geom_type == "Point":
        yield pin(at, "school", icon="school", card=told, guessed=bool(mark))
    else:
        yield area(school.geometry, "school", card=told, guessed=bool(mark))
    _west, _south, _east, north = school.geometry.bounds
    yield label([north, at[1]], str(school["name"]))


def gates_overlay(
    gates: gpd.GeoDataFrame, language: Language, *, schools: gpd.GeoDataFrame | None = None
) -> Overlay:
    """Mark each gate; one that patrolmap proposed has a dashed outline."""
    shape = CONTRACTS["gates"]
    names = {} if schools is None else dict(schools["name"])
    items = []
    for _id, gate in gates.iterrows():
        mark = mark_of(gate, language)
        kind = kind_name("gate", gate["kind"], language)
        school = names.get(gate.school_id, gate.school_id)
        protected = [
            (shape.column(c).title(language), yes_no(gate[c], language))
            for c in ("isolation_zone", "bollards", "speed_bumps")
        ]
        title = str(gate["name"]) or f"{school} {kind}"
        rows = [(CONTRACTS["schools"].title(language), school), (_kind_title(language), kind)]
        told = card(title, [*rows, *protected], mark)
        items.append(
            pin(spot(gate.geometry), "gate", icon="door-open", card=told, guessed=bool(mark))
        )
    return _places("gates", items, len(gates), language, {"look": "gate", "icon": "door-open"})


def posts_overlay(
    posts: gpd.GeoDataFrame, language: Language, *, gates: gpd.GeoDataFrame | None = None
) -> Overlay:
    """Put one sign up at each gate that has guard posts; a click lists its windows."""
    _ = translator(language)
    names = {} if gates is None else dict(gates["name"])
    items = []
    for gate_id, rows in posts.groupby("gate_id", sort=True):
        first = rows.iloc[0]
        said = [(_window_words(row.window_id, language), _people(row, language))
                for _id, row in rows.iterrows()]  # fmt: skip
        title = str(first["name"]) or names.get(gate_id, "") or str(gate_id)
        mark = mark_of(first, language)
        told = card(title, said, mark)
        items.append(
            pin(spot(first.geometry), "post", icon="shield-halved", card=told, guessed=bool(mark))
        )
    swatch = {"look": "post", "icon": "shield-halved"}
    return _places("posts", items, len(items), language, swatch)


def _people(post: pd.Series, language: Language) -> str:
    role = kind_name("role", post.role_needed, language)
    return f"{post.people} × {role}"


def _window_words(window_id: str, language: Language) -> str:
    """``S01:dismissal:low`` is a dismissal of the low grades."""
    _school_id, _colon, rest = window_id.partition(":")
    kind, _colon, group = rest.partition(":")
    words = kind_name("window", kind, language) if kind else window_id
    return words if group in ("", "all") else f"{words} {group}"


def venues_overlays(venues: gpd.GeoDataFrame, language: Language) -> list[Overlay]:
    """Show the venues in their groups, one overlay each; a group nobody is in is left out."""
    _ = translator(language)
    overlays = []
    for number, (name, _colour, kinds) in enumerate(venue_groups(language)):
        rows = venues[venues["kind"].isin(kinds)]
        items = [
            dot(venue.geometry, f"venue-{number}", **_told(venue, "venues", "venue", language))
            for _id, venue in rows.iterrows()
        ]
        swatch = {"look": "dot", "style": f"venue-{number}"}
        overlays.append(
            Overlay(
                name, _("Surroundings"), items, swatch, shown=number == 0, detail=str(len(rows))
            )
        )
    return [overlay for overlay in overlays if overlay.items]


def traffic_overlay(traffic_points: gpd.GeoDataFrame, language: Language) -> Overlay:
    """Show crossings, signals, stops and the like as small dots."""
    _ = translator(language)
    items = [
        dot(point.geometry, "traffic", **_told(point, "traffic_points", "traffic", language))
        for _id, point in traffic_points.iterrows()
    ]
    return Overlay(
        _title("traffic_points", language), _("Surroundings"), items,
        {"look": "dot", "style": "traffic"}, shown=False, detail=str(len(items)),
    )  # fmt: skip


def hazards_overlay(hazards: gpd.GeoDataFrame, language: Language) -> Overlay:
    """Warn of the hazards that are still open; closed ones are history."""
    _ = translator(language)
    still_open = hazards[(hazards["status"] != CLOSED) & hazards["closed_on"].isna()]
    items = [
        pin(
            spot(hazard.geometry), "hazard", icon="triangle-exclamation",
            **_told(hazard, "hazards", "hazard", language),
        )
        for _id, hazard in still_open.iterrows()
    ]  # fmt: skip
    return Overlay(
        _("Open hazards"), _("Surroundings"), items,
        {"look": "hazard", "icon": "triangle-exclamation"}, detail=str(len(items)),
    )  # fmt: skip


def bases_overlay(bases: gpd.GeoDataFrame, language: Language) -> Overlay:
    """Mark the station and the police rooms."""
    items = [
        pin(
            spot(base.geometry), "base", icon="building-shield",
            **_told(base, "bases", "base", language),
        )
        for _id, base in bases.iterrows()
    ]  # fmt: skip
    swatch = {"look": "base", "icon": "building-shield"}
    return _places("bases", items, len(items), language, swatch)


# What a card tells of a row beside its kind: column, and the vocabulary of its codes.
_TOLD: Final[dict[str, tuple[tuple[str, str], ...]]] = {
    "venues": (("licence", "licence"),),
    "traffic_points": (("controlled", "yes_no"), ("vehicles_per_h", ""), ("pupils_per_h", "")),
    "hazards": (("status", "hazard_status"), ("found_on", ""), ("due_on", ""), ("agency", "")),
    "bases": (),
}


def _told(row: pd.Series, layer: str, subject: str, language: Language) -> dict[str, Any]:
    kind = kind_name(subject, row["kind"], language)
    rows = [
        (CONTRACTS[layer].column(name).title(language), _value(row[name], words, language))
        for name, words in _TOLD[layer]
    ]
    name = str(row["name"])
    mark = mark_of(row, language)
    told = card(name or kind, [(_kind_title(language), kind if name else None), *rows], mark)
    return {"card": told, "tip": name or kind, "guessed": bool(mark)}


def _value(value: object, words: str, language: Language) -> str | None:
    if not is_said(value):
        return None
    if words == "yes_no":
        return yes_no(value, language)
    if isinstance(value, pd.Timestamp):
        return str(value.date())
    return kind_name(words, str(value), language) if words else str(value)


def _kind_title(language: Language) -> str:
    return CONTRACTS["venues"].column("kind").title(language)


def _places(
    layer: str, items: list[Item], count: int, language: Language, swatch: dict[str, str]
) -> Overlay:
    _ = translator(language)
    return Overlay(_title(layer, language), _("Places"), items, swatch, detail=str(count))


def _title(layer: str, language: Language) -> str:
    title = CONTRACTS[layer].title(language)
    return title[:1].upper() + title[1:]
