"""Where a table's headings stand, and which rows are rows of the list; none is lost in silence."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise, zip_longest
from typing import Any, Final

from patrolmap.errors import InputError, LayerError, Problem
from patrolmap.intake.heading_words import take_datum
from patrolmap.intake.headings import PLACES, Words
from patrolmap.intake.persons import find_person, refuse_cells, shown
from patrolmap.intake.raw import LeftOut, RawTable, Rows, check_columns

LOOK_FOR_HEADINGS: Final = 20  # filled rows from the top
_ENOUGH: Final = 2  # known words make a row of headings
_LONGEST_NAME: Final = 12  # characters of a heading; a title is longer
_TOTAL: Final = re.compile(
    "(?:[合总總小共][计計]|[总總]和|[汇匯][总總]|合[计計][数數]|[总總][数數]|total|subtotal|grandtotal"
    "|sum)[:：]?",
    re.IGNORECASE,
)
# How totals and notes begin.
_MAYBE_ODD: Final = re.compile(
    "[合总總小共汇匯注註备備说說附填制製审審单單日联聯数數资資来來盖蓋签簽※*TSGNRtsgnr]"
)
_NOTE: Final = re.compile(
    r"(?:[备備附]?[注註]|[说說]明|填表|[制製]表|填[报報]|[审審][核批]|[单單]位|日期|[联聯][系繫絡络]|"
    r"(?:[数數][据據]|[资資]料)?[来來]源|[盖蓋]章|[签簽]字|note|source|remark)[^:：]{0,8}[:：].*|[※*].*",
    re.IGNORECASE | re.DOTALL,
)


def table_from_rows(
    subject: str,
    rows: Rows,
    words: Words,
    report: dict[str, Any],
    *,
    wide: frozenset[int] = frozenset(),
) -> RawTable:
    """
    Take headings and cells apart.

    Parameters
    ----------
    subject
        The file's name.
    rows
        Row numbers and cells; blank rows are left out and counted.
    words
        What the headings of the layer may be called.
    report
        What is known of the file; ``blank_rows`` and ``header_rows`` are added.
    wide
        Rows with cells that reach over several columns, as headings of a part do.

    Raises
    ------
    InputError
        If there are no headings, none beneath, or a second table begins.
    LayerError
        If rows have cells where there is no heading, a person's datum stands in a row that is
        left out, or all rows are.
    """
    filled = [(number, cells) for number, cells in rows if any(cells)]
    if not filled:
        raise InputError(f"{subject}: there is nothing in it. Export it again.")
    first, count = _chosen_row(subject, filled, words.header_row) or find_headings(
        [cells for _, cells in filled[:LOOK_FOR_HEADINGS]], words
    )
    above, below = filled[:first], filled[first + count :]
    headings = _join([cells for _, cells in filled[first : first + count]], words, subject)
    if not below:
        raise InputError(f"{subject}: has headings but no rows beneath them. Add the rows.")
    body, beside = _sort_out(below, headings, wide)
    left_out = [*(LeftOut(number, "title") for number, _ in above), *beside]
    _refuse_persons(subject, filled, left_out)
    if not body:
        what = "is no row of the list but a note, a total or a heading, and there is no other row"
        raise LayerError(subject, [Problem(what, "Add the rows.", left.row) for left in beside])
    _refuse_second_table(subject, body, words)
    _check_widths(subject, headings, body)
    columns = zip(*(_fit(cells, len(headings)) for _, cells in body), strict=True)
    return RawTable(
        subject,
        tuple(headings),
        tuple(columns),
        tuple(number for number, _ in body),
        report={
            **report,
            "blank_rows": filled[-1][0] - filled[0][0] + 1 - len(filled),
            "header_rows": tuple(number for number, _ in filled[first : first + count]),
        },
        left_out=tuple(left_out),
    )


def _chosen_row(subject: str, filled: Rows, row: int | None) -> tuple[int, int] | None:
    if row is None:
        return None
    found = [at for at, (number, _) in enumerate(filled) if number == row]
    if not found:
        raise InputError(f"{subject}: row {row} is empty, so no headings stand there.")
    return found[0], 1


def find_headings(top_rows: Sequence[Sequence[str]], words: Words) -> tuple[int, int]:
    """
    Find the rows of headings among the first filled rows: the first of them, and how many.

    The row with most known words is one; the row above or beneath joins it where it fills its
    gaps, or says the same in another language.
    """
    counts = [words.count(cells) for cells in top_rows]
    best = max(range(len(top_rows)), key=lambda at: (counts[at], -at))
    if counts[best] == 0:
        return 0, 1
    if best + 1 < len(top_rows) and _continues(top_rows[best], top_rows[best + 1], words):
        return best, 2
    if best > 0 and _opens(top_rows[best - 1], top_rows[best], words):
        return best - 1, 2
    return best, 1


def _continues(upper: Sequence[str], lower: Sequence[str], words: Words) -> bool:
    """Tell whether a row beneath the headings is a second row of them."""
    known = [at for at, cell in enumerate(lower) if cell and words.read(cell)]
    fills = any(not cell for cell in upper) or len(known) >= words.count(upper)
    return len(known) >= _ENOUGH and fills and not any(_is_number(cell) for cell in lower)


def _opens(upper: Sequence[str], lower: Sequence[str], words: Words) -> bool:
    """Tell whether a row above the headings names columns that the headings leave empty."""
    return any(
        cell
        and (
            _names_datum(cell, below, words)
            if below
            else words.read(cell) or (len(cell) <= _LONGEST_NAME and ":" not in cell)
        )
        for cell, below in zip_longest(upper, lower, fillvalue="")
    )


def _names_datum(above: str, below: str, words: Words) -> bool:
    """Tell whether a heading says in which datum the coordinates beneath it are."""
    return (
        words.read(below) in PLACES
        and take_datum(above)[1] is not None
        and take_datum(below)[1] is None
    )


def _is_number(cell: str) -> bool:
    return re.fullmatch(r"[0-9.,]+", cell) is not None


def _join(rows: Sequence[Sequence[str]], words: Words, subject: str) -> Sequence[str]:
    """Make one row of headings of one or two."""
    if len(rows) == 1:
        return _trim(rows[0])
    upper, lower = rows
    pairs = list(zip_longest(_spread(upper, lower), lower, fillvalue=""))
    for above, below in pairs:
        known = {words.read(cell) for cell in (above, below) if cell} - {None}
        if len(known) > 1 and above in upper and _stands_alone(above, upper, lower):
            raise InputError(
                f"{subject}: two rows hold headings, and '{shown(above)}' and '{shown(below)}' "
                "stand above one another. Keep one row of headings, with one name above each "
                "column, and delete the other."
            )
    return _trim([_joined(above, below, words) for above, below in pairs])


def _joined(above: str, below: str, words: Words) -> str:
    if _names_datum(above, below, words):
        return f"{below}({take_datum(above)[1]})"
    meant = words.read(above) if above else None
    return (
        above
        if meant and (words.read(below) if below else None) in (None, meant)
        else below or above
    )


def _stands_alone(above: str, upper: Sequence[str], lower: Sequence[str]) -> bool:
    """Tell whether a heading has one column beneath it: one over several names their group."""
    at = list(upper).index(above)
    return at + 1 >= len(lower) or (at + 1 < len(upper) and bool(upper[at + 1]))


def _spread(upper: Sequence[str], lower: Sequence[str]) -> list[str]:
    """Let a heading of the upper row reach over the empty cells right of it."""
    spread: list[str] = []
    for at in range(max(len(upper), len(lower))):
        cell = upper[at] if at < len(upper) else ""
        beneath = lower[at] if at < len(lower) else ""
        spread.append(cell or (spread[-1] if spread and beneath else ""))
    return spread


def _sort_out(
    rows: Rows, headings: Sequence[str], wide: frozenset[int]
) -> tuple[Rows, list[LeftOut]]:
    """Part the rows of the list from totals, notes and headings said again."""
    body: Rows = []
    left_out = []
    again = {heading for heading in headings if heading}
    for number, cells in rows:
        why = _why_not(cells, again, is_wide=number in wide)
        if why:
            left_out.append(LeftOut(number, why))
        else:
            body.append((number, cells))
    return body, left_out


def _why_not(cells: Sequence[str], headings: set[str], *, is_wide: bool) -> str:
    first = cells[0] or next(cell for cell in cells if cell)
    if not is_wide and first not in headings and _MAYBE_ODD.match(first) is None:
        return ""  # as nearly every row
    filled = [cell for cell in cells if cell]
    if first in headings and all(cell in headings for cell in filled):
        return "headings_again"
    if len(first) <= _LONGEST_NAME and _TOTAL.fullmatch(re.sub(r"\s", "", first)):
        return "total"
    if all(_NOTE.fullmatch(cell) for cell in filled):
        return "note"
    return "section" if is_wide and len(filled) == 1 else ""


def _refuse_persons(subject: str, filled: Rows, left_out: Iterable[LeftOut]) -> None:
    """Look into titles and notes too: they stay in the file that lies about."""
    by_row = dict(filled)
    problems = [
        replaced
        for left in left_out
        if any(find_person(cell) for cell in by_row[left.row])
        for replaced in refuse_cells({"": by_row[left.row]}, [left.row] * len(by_row[left.row]))
    ]
    if problems:
        raise LayerError(subject, problems)


def _refuse_second_table(subject: str, body: Rows, words: Words) -> None:
    """After a gap a second table may begin, whose columns are others."""
    for (before, _), (number, cells) in pairwise(body):
        if number > before + 1 and words.count(cells) > _ENOUGH:
            raise InputError(
                f"{subject}: row {number} holds headings again, of other columns: a second table "
                "begins. Put each table on a sheet, or in a file, of its own."
            )


def _trim(cells: Sequence[str]) -> Sequence[str]:
    last = max(at for at, cell in enumerate(cells) if cell)
    return cells[: last + 1]


def _fit(cells: Sequence[str], width: int) -> Sequence[str]:
    """Cut off empty cells beyond the headings; cells missing at the end of a row are empty."""
    return cells if len(cells) == width else [*cells[:width], *[""] * (width - len(cells))]


def _check_widths(subject: str, headings: Sequence[str], body: Rows) -> None:
    check_columns(subject, len(headings))
    width, gaps = len(headings), [at for at, heading in enumerate(headings) if not heading]
    problems = [
        Problem(
            f"has a cell in column {at + 1}, which has no heading",
            "Put text that holds a comma in quotes, or give every column a heading.",
            number,
        )
        for number, cells in body
        if (at := _find_headless(cells, width, gaps)) is not None
    ]
    if problems:
        raise LayerError(subject, problems)


def _find_headless(cells: Sequence[str], width: int, gaps: Sequence[int]) -> int | None:
    """Find a cell beyond the last heading, or beneath a gap between them."""
    beyond = range(width, len(cells)) if len(cells) > width else ()
    return next((at for at in (*gaps, *beyond) if at < len(cells) and cells[at]), None)
