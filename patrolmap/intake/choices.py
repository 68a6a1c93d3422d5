"""How a person wants a list to be read; what is not chosen is guessed and shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Choices:
    """
    What is decided about reading a list.

    Parameters
    ----------
    datum
        Of the coordinates in a table: ``wgs84 cgcs2000 gcj02 bd09``.
    encoding
        Of a text file; by default UTF-8, GB18030 or Big5 is recognised.
    sheet
        Of a workbook; by default the one whose headings fit.
    header_row
        The row in which the headings stand, from 1; by default it is found.
    columns
        ``{"heading in the file": "column of the layer"}``; ids and coordinates are called
        ``id``, ``lon``, ``lat``, one column of both ``lon,lat`` or ``lat,lon``, and one that
        is to be left out ``""``.
    kinds
        ``{"word in the file": "code of a kind"}``.
    leave_out_wrong
        Take the other rows where some are wrong.
    use_memory
        Use what was chosen before for lists with the same headings.
    """

    datum: str | None = None
    encoding: str | None = None
    sheet: str | None = None
    header_row: int | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    kinds: Mapping[str, str] = field(default_factory=dict)
    leave_out_wrong: bool = False
    use_memory: bool = True
