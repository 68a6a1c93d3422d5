"""Which layer a list is, by its name and headings."""

from __future__ import annotations

from os import PathLike
from pathlib import Path
from typing import Final

from patrolmap.errors import InputError
from patrolmap.intake.choices import Choices
from patrolmap.intake.guesses import guess_columns
from patrolmap.intake.headings import PLACES, Words, match_headings, read_words
from patrolmap.intake.lists import read_list
from patrolmap.intake.raw import RawTable
from patrolmap.model.contracts import FILE_LAYERS, contract

# What a station brings as a list; streets come from the map.
GUESSED_LAYERS: Final = tuple(name for name in FILE_LAYERS if name not in ("streets", "posts"))


def guess_layer(path: str | PathLike[str], choices: Choices | None = None) -> str | None:
    """
    Guess from a file's name and headings which layer it is: that most of whose columns they name.

    Returns
    -------
    layer
        None where the headings name no layer's needed columns, or the file cannot be read yet.
    """
    known: dict[str, str] = {}
    for layer in GUESSED_LAYERS:
        known |= read_words(contract(layer), None, places=True).known
    try:
        raw = read_list(
            Path(path), Words(contract("schools"), known, {}, places=True), choices or Choices()
        )
    except InputError:
        return None
    best = max((_likeness(raw, layer), layer) for layer in GUESSED_LAYERS)
    return best[1] if best[0][0] >= 1 else None


def _likeness(raw: RawTable, layer: str) -> tuple[float, int]:
    """Tell which share of a layer's needed columns a file names, and how many of all."""
    shape = contract(layer)
    places = bool(shape.geometry) and raw.geometry is None
    match = match_headings(raw.headings, shape, None, places=places)
    match = guess_columns(raw, shape, match, places=places)
    needed = [column.name for column in shape.columns if column.required]
    share = sum(name in match.found for name in needed) / max(1, len(needed))
    own = sum(name not in PLACES for name in match.found)
    called = shape.zh in raw.subject or shape.layer in raw.subject.casefold()
    return share + called, own
