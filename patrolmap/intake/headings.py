"""Headings as people write them, matched to the columns of a contract; no match is silent."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from patrolmap.errors import InputError, Problem
from patrolmap.intake.datum import Datum
from patrolmap.intake.heading_words import (
    ADDRESS_WORDS,
    ID_WORDS,
    LAT_LON_WORDS,
    LAT_WORDS,
    LON_LAT_WORDS,
    LON_WORDS,
    OWN_ID_WORDS,
    SPARE_WORDS,
    WKT_WORDS,
    WORDS,
    key,
    take_datum,
)
from patrolmap.intake.persons import shown
from patrolmap.model.contracts import Column, Contract

ID: Final = "id"
LON: Final = "lon"
LAT: Final = "lat"
LON_LAT: Final = "lon,lat"  # one column with both
LAT_LON: Final = "lat,lon"
WKT: Final = "wkt"
PLACES: Final = (LON, LAT, LON_LAT, LAT_LON, WKT)
How = Literal["exact", "synonym", "content", "chosen", "remembered"]


@dataclass(frozen=True)
class Match:
    """
    Which heading holds which column.

    `found` maps a column (or ``id``, ``lon``, ``lat``, ``lon,lat``, ``lat,lon``, ``wkt``) to
    the number of its heading, from 0; `how` says how each was found. `datums` are those that
    headings of coordinates name.
    """

    found: dict[str, int]
    how: dict[str, How]
    problems: tuple[Problem, ...] = ()
    datums: frozenset[Datum] = frozenset()

    def left_out(self, headings: Sequence[str]) -> tuple[str, ...]:
        """List the headings that hold nothing the contract knows."""
        taken = set(self.found.values())
        return tuple(h for at, h in enumerate(headings) if h and at not in taken)


@dataclass(frozen=True)
class Words:
    """What the headings of one layer may be called: `chosen` by the user, or known."""

    shape: Contract
    known: Mapping[str, str]
    chosen: Mapping[str, str]
    places: bool
    header_row: int | None = None  # where the headings stand, if a person said so

    def read(self, heading: str) -> str | None:
        """Give the column a heading holds."""
        if heading in self.chosen:
            return self.chosen[heading]
        if found := self.known.get(key(heading)):
            return found
        rest, datum = take_datum(heading) if self.places else ("", None)
        found = self.known.get(rest) if datum else None
        return found if found in PLACES else None

    def count(self, cells: Iterable[str]) -> int:
        """Count the different columns that the cells of a row are headings of."""
        return len({column for cell in cells if cell and (column := self.read(cell))})

    def suffices(self, cells: Iterable[str]) -> bool:
        """Tell whether a row names every column that a file must bring, as far as words tell."""
        columns = {column for cell in cells if cell and (column := self.read(cell))}
        return all(c.name in columns for c in self.shape.columns if c.required)


def match_headings(
    headings: Sequence[str], shape: Contract, columns: Mapping[str, str] | None, *, places: bool
) -> Match:
    """
    Match the headings of a file to a contract.

    Parameters
    ----------
    headings
        As the file has them; empty ones hold nothing.
    shape
        The contract.
    columns
        ``{"heading in the file": "column of the layer"}``; comes before every guess.
        The ids and coordinates are called ``id``, ``lon`` and ``lat``, one column of both
        ``lon,lat`` or ``lat,lon``; one that is to be left out, ``""``.
    places
        Whether coordinates are looked for, as in tables.

    Raises
    ------
    InputError
        If `columns` names a heading or a column that does not exist.
    """
    words = read_words(shape, columns, places=places)
    _check_chosen(headings, words)
    wanted = [words.read(heading) if heading else None for heading in headings]
    by_column: dict[str, list[int]] = {}
    for at, column in enumerate(wanted):
        # a heading that is only guessed gives way to one that was chosen
        if column and (headings[at] in words.chosen or column not in words.chosen.values()):
            by_column.setdefault(column, []).append(at)
    exact = _exact_names(shape)
    _drop_spares(by_column, headings, words, exact)
    found = {column: at[0] for column, at in by_column.items()}
    how = {column: _how(headings[at], column, words, exact) for column, at in found.items()}
    named = (take_datum(headings[at])[1] for column, at in found.items() if column in PLACES)
    datums = frozenset(datum for datum in named if datum)
    return Match(found, how, tuple(_doubles(by_column, headings)), datums)


def _how(heading: str, column: str, words: Words, exact: Mapping[str, str]) -> How:
    if heading in words.chosen:
        return "chosen"
    return "exact" if exact.get(key(heading)) == column else "synonym"


def _drop_spares(
    by_column: dict[str, list[int]], headings: Sequence[str], words: Words, exact: Mapping[str, str]
) -> None:
    """Let a column's own name win over other words for it, and two columns over a text of both."""
    for column, places in by_column.items():
        own = [at for at in places if exact.get(key(headings[at])) == column]
        if len(own) == 1 and not any(headings[at] in words.chosen for at in places):
            by_column[column] = own
            continue
        for spare in SPARE_WORDS:
            rest = [at for at in by_column[column] if key(headings[at]) != spare]
            by_column[column] = rest or by_column[column]
    if LON in by_column and LAT in by_column:
        for spare in (LON_LAT, LAT_LON):
            by_column.pop(spare, None)


def read_words(shape: Contract, columns: Mapping[str, str] | None, *, places: bool) -> Words:
    """
    Put together what headings of a layer may be called.

    Raises
    ------
    InputError
        If `columns` names a column that does not exist.
    """
    targets = [c.name for c in shape.columns] + [ID, *(PLACES if places else ())]
    chosen = {h: ID if column == shape.index else column for h, column in (columns or {}).items()}
    for column in chosen.values():
        if column and column not in targets:
            raise InputError(
                f"{shape.layer} have no column '{column}'. Choose one of {', '.join(targets)}."
            )
    return Words(shape, known_names(shape, places=places), chosen, places)


def _exact_names(shape: Contract) -> dict[str, str]:
    own = {key(name): c.name for c in shape.columns for name in (c.name, c.zh, c.en)}
    ids = (ID, shape.index, f"{shape.zh}编号")
    return own | {key(name): ID for name in ids} | {LON: LON, LAT: LAT, "经度": LON, "纬度": LAT}


def known_names(shape: Contract, *, places: bool) -> dict[str, str]:
    """Map every spelling a contract understands to its column; the contract's own names win."""
    names: dict[str, str] = {}
    for column in shape.columns:
        _learn(names, column.name, (column.name, column.zh, column.en))
    own_id = (
        *ID_WORDS,
        shape.index,
        f"{shape.zh}编号",
        f"{shape.zh}代码",
        *OWN_ID_WORDS.get(shape.layer, ()),
    )
    _learn(names, ID, own_id)
    if places:
        for column_of_place, words in (
            (LON, LON_WORDS), (LAT, LAT_WORDS), (LON_LAT, LON_LAT_WORDS), (LAT_LON, LAT_LON_WORDS),
            (WKT, WKT_WORDS),
        ):  # fmt: skip
            _learn(names, column_of_place, words)
    for column in shape.columns:
        own = (f"{shape.zh}{column.zh}", f"{_singular(shape)} {column.en}")
        _learn(names, column.name, (*own, *WORDS.get(column.name, ())))
    return names


def _singular(shape: Contract) -> str:
    return shape.index.removesuffix("_id")


def _learn(names: dict[str, str], column: str, spellings: Sequence[str]) -> None:
    for spelling in spellings:
        names.setdefault(key(spelling), column)


def _check_chosen(headings: Sequence[str], words: Words) -> None:
    for heading in words.chosen:
        if heading not in headings:
            raise InputError(
                f"There is no column '{shown(heading)}'. The file has {_listed(headings)}."
            )


def _listed(headings: Sequence[str]) -> str:
    return ", ".join(f"'{shown(h)}'" for h in headings if h) or "no headings"


def _doubles(by_column: Mapping[str, Sequence[int]], headings: Sequence[str]) -> list[Problem]:
    return [
        Problem(
            f"{_listed([headings[at] for at in places])} would all be '{column}'",
            f"Say which one is meant: --columns '{headings[places[0]]}={column}', "
            "or rename the others.",
            column=headings[places[0]],
        )
        for column, places in by_column.items()
        if len(places) > 1
    ]


def find_missing(
    match: Match, headings: Sequence[str], shape: Contract, *, places: bool
) -> list[Problem]:
    """Report every column that a file must bring and does not."""
    if not match.found:
        return [_no_headings(shape)]
    lacking = [
        (c.name, _also(c)) for c in shape.columns if c.required and c.name not in match.found
    ]
    problems = [
        Problem(
            f"the column is missing ({also}); the file has {_listed(headings)}",
            f"Add it, or say which one holds it: --columns 'HEADING={name}'.",
            column=name,
        )
        for name, also in lacking
    ]
    return problems + (_missing_places(match, headings) if places else [])


def _no_headings(shape: Contract) -> Problem:
    """Say that there are none, without repeating what stands there instead."""
    names = "、".join(column.zh for column in shape.columns if column.required)
    return Problem(
        "no row has headings that are understood: the column is missing, whichever is looked for",
        f"Write {names or shape.zh} above the columns, or say where they stand: --header-row, "
        "--columns.",
    )


def _missing_places(match: Match, headings: Sequence[str]) -> list[Problem]:
    if {LON_LAT, LAT_LON, WKT} & match.found.keys() or {LON, LAT} <= match.found.keys():
        return []
    if any(key(heading) in ADDRESS_WORDS for heading in headings) and not (
        {LON, LAT} & match.found.keys()
    ):
        return [
            Problem(
                "the file has addresses and no coordinates, and patrolmap cannot look addresses up",
                "Add the columns lon and lat (经度, 纬度), for example from the map the addresses "
                "were found on, and say which datum that map uses.",
                column=next(h for h in headings if key(h) in ADDRESS_WORDS),
            )
        ]
    hint = "; x and y do not say which is east" if _has_xy(headings) else ""
    return [
        Problem(
            f"the column is missing ({zh}); the file has {_listed(headings)}{hint}",
            f"Add it, or say which one holds it: --columns 'HEADING={name}'; one column with "
            "both is 'lon,lat'.",
            column=name,
        )
        for name, zh in ((LON, "经度"), (LAT, "纬度"))
        if name not in match.found
    ]


def shape_key(headings: Sequence[str], layer: str) -> str:
    """Give a key that files with the same headings share, in whatever order they stand."""
    words = sorted(key(heading) for heading in headings if heading)
    return hashlib.sha256("\n".join([layer, *words]).encode()).hexdigest()[:32]


def _also(column: Column) -> str:
    return column.zh if column.en == column.name else f"{column.zh}, {column.en}"


def _has_xy(headings: Sequence[str]) -> bool:
    return {"x", "y"} <= {key(heading) for heading in headings}
