"""What the cells of a table tell where its headings do not; every guess is said, none forced."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from patrolmap.errors import Problem
from patrolmap.intake.degrees import Order, have_directions, holds_pairs, read_axis, tell_order
from patrolmap.intake.heading_words import PLACE_WORDS, take_datum
from patrolmap.intake.headings import LAT, LAT_LON, LON, LON_LAT, WKT, How, Match
from patrolmap.intake.raw import RawTable
from patrolmap.intake.values import choose_reader
from patrolmap.model.contracts import Column, Contract
from patrolmap.model.space import CHINA_BOX

_WKT: Final = re.compile(
    r"\s*(?:SRID=[0-9]+;)?\s*(?:MULTI)?(?:POINT|LINESTRING|POLYGON)\s*[ZM(]", re.IGNORECASE
)
_MOST: Final = 0.8  # of the cells; those that are none are told
_SAMPLE: Final = 500  # cells of a column; a guess needs no more


def guess_columns(raw: RawTable, shape: Contract, match: Match, *, places: bool) -> Match:
    """
    Find by their cells the columns that a file must bring and no heading names.

    Coordinates are taken where their size leaves no doubt: in China a longitude is beyond 73
    and a latitude below 54. Kinds are taken where nearly every cell is one.

    Parameters
    ----------
    raw
        The table.
    shape
        The contract.
    match
        What the headings told.
    places
        Whether coordinates are looked for.
    """
    if not match.found:  # perhaps there are no headings, and their row is one of the list
        return match
    if places:
        match = _guess_places(raw, _settle_order(raw, match))
    for column in shape.columns:
        if column.required and column.kinds and column.name not in match.found:
            match = _guess_kinds(raw, column, match)
    return match


def _found(raw: RawTable, match: Match, column: str, at: int, how: How = "content") -> Match:
    kept = {name: where for name, where in match.found.items() if where != at}
    named = {take_datum(raw.headings[at])[1]}
    return replace(
        match,
        found={**kept, column: at},
        how={**match.how, column: how},
        datums=match.datums | frozenset(datum for datum in named if datum),
    )


def _guess_places(raw: RawTable, match: Match) -> Match:
    if {LON_LAT, LAT_LON, WKT} & match.found.keys() or {LON, LAT} <= match.found.keys():
        return match
    free = [at for at in range(len(raw.headings)) if at not in match.found.values()]
    for at in free:
        cells = _sample(raw.columns[at])
        if cells and all(_WKT.match(cell) for cell in cells):
            return _found(raw, match, WKT, at)
    for at in free:
        if holds_pairs(_sample(raw.columns[at])):
            return _guess_order(raw, match, at)
    return _guess_axes(raw, match, free)


def _guess_order(raw: RawTable, match: Match, at: int) -> Match:
    order = tell_order(_sample(raw.columns[at]))
    if order == LON_LAT or have_directions(_sample(raw.columns[at])):
        how: How = "synonym" if take_datum(raw.headings[at])[0] in PLACE_WORDS else "content"
        return _found(raw, match, LON_LAT, at, how)
    return _ask(raw, _found(raw, match, LON_LAT, at), at, order)


def _settle_order(raw: RawTable, match: Match) -> Match:
    """Ask where a heading says one order and the cells another, unless the order was chosen."""
    for column, at in match.found.items():
        if column in (LON_LAT, LAT_LON) and match.how[column] not in ("chosen", "remembered"):
            told = tell_order(_sample(raw.columns[at]))
            if told not in (None, column) and not have_directions(_sample(raw.columns[at])):
                return _ask(raw, match, at, told)
    return match


def _ask(raw: RawTable, match: Match, at: int, order: Order | None) -> Match:
    heading = raw.headings[at]
    what = (
        "latitude seems to stand first" if order == LAT_LON
        else "longitude seems to stand first" if order == LON_LAT
        else "which of the two is longitude cannot be told"
    )  # fmt: skip
    cure = f"Say which stands first: --columns '{heading}=lat,lon' or '{heading}=lon,lat'."
    problem = Problem(f"holds two coordinates, and {what}", cure, column=heading)
    return replace(match, problems=(*match.problems, problem))


def _guess_axes(raw: RawTable, match: Match, free: Sequence[int]) -> Match:
    """Find the one column that can only be longitudes in China, and the one of latitudes."""
    west, south, east, north = CHINA_BOX
    lons = [at for at in free if _all_within(raw.columns[at], max(west, 90), east)]
    lats = [at for at in free if _all_within(raw.columns[at], south, north)]
    if LON not in match.found and len(lons) == 1 and (LAT in match.found or len(lats) == 1):
        match = _found(raw, match, LON, lons[0])
    if LAT not in match.found and len(lats) == 1 and LON in match.found:
        match = _found(raw, match, LAT, lats[0])
    return match


def _all_within(cells: Sequence[str], low: float, high: float) -> bool:
    """Tell whether all cells are degrees within bounds, written as finely as places are."""
    sample = _sample(cells)
    fine = sum("." in cell or "°" in cell for cell in sample) >= 0.9 * len(sample)
    values = read_axis(sample, "lon" if low >= 90 else "lat") if sample and fine else np.array([])
    return len(values) > 0 and bool(((low <= values) & (values <= high)).all())


def _guess_kinds(raw: RawTable, column: Column, match: Match) -> Match:
    """Take the column whose cells are kinds, else the schools' names, which mostly tell them."""
    reader = choose_reader(column, "")
    free = [at for at in range(len(raw.headings)) if at not in match.found.values()]
    name = [match.found["name"]] if column.many and "name" in match.found else []
    for at in (*free, *name):
        sample = set(_sample(raw.columns[at]))
        known = sum(reader(cell) is not None for cell in sample)
        if sample and known >= _MOST * len(sample):
            found = {**match.found, column.name: at}
            return replace(match, found=found, how={**match.how, column.name: "content"})
    return match


def _sample(cells: Sequence[str]) -> list[str]:
    return [cell for cell in cells if cell][:_SAMPLE]
