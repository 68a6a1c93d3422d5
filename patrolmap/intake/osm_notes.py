"""What reading a map leaves out, merges or guesses, row by row, for people to read."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import pandas as pd

from patrolmap.model.layers import check_layer


class Note(NamedTuple):
    """One note: the layer and object it is about, a code, and numbers or words."""

    layer: str
    subject: str
    code: str
    detail: str = ""


def make_notes(notes: Iterable[Note]) -> pd.DataFrame:
    """
    Make the table of notes; ids are numbered in order.

    Examples
    --------
    >>> make_notes([Note("streets", "highway=platform", "not_a_street", "3")]).index.tolist()
    ['osm-1']
    """
    rows = list(notes)
    ids = [f"osm-{number}" for number in range(1, len(rows) + 1)]
    return check_layer(pd.DataFrame(rows, columns=Note._fields, index=ids, dtype="str"), "notes")
