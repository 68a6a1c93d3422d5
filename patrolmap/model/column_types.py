"""The types columns can have, and how values of files become them; what cannot is a gap."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any, Final, Literal

import numpy as np
import pandas as pd

ColumnType = Literal["text", "whole", "number", "yes_no", "moment", "date", "time_s"]
DTYPES: Final[dict[ColumnType, str]] = {
    "text": "str",
    "whole": "Int64",
    "number": "Float64",
    "yes_no": "boolean",
    "moment": "datetime64[us, UTC]",
    "date": "datetime64[us]",
    "time_s": "Int64",
}
TYPE_WORDS: Final[dict[ColumnType, str]] = {
    "text": "text",
    "whole": "whole number",
    "number": "number",
    "yes_no": "yes or no",
    "moment": "date and time with a zone",
    "date": "date",
    "time_s": "time of day",
}
_LARGEST_WHOLE: Final = 2**53  # beyond it not every whole number is a float, as files hold them
_UNPAIRED: Final = re.compile("[\ud800-\udfff]")  # halves of characters: UTF-8 has none such
_ZONE: Final = re.compile(r"[T ]\d\d.*(?:Z|[+-]\d\d(?::?\d\d)?)\s*$")


def to_type(values: pd.Series, kind: ColumnType) -> pd.Series:
    """
    Convert values to a type; those that are none of it become gaps.

    A moment must say its zone, a date must have none: a zone that is guessed is wrong by
    hours, and a date shifted to another zone is wrong by a day.

    Examples
    --------
    >>> to_type(pd.Series(["3", "3.5", "x", None]), "whole").tolist()
    [3, <NA>, <NA>, <NA>]
    """
    if values.dtype == object:
        values = values.map(_single)
    if kind == "text":
        return values.astype("str").where(values.notna(), None).astype("str")
    if kind in ("whole", "time_s"):
        numbers = pd.to_numeric(values, errors="coerce").astype("Float64")
        whole = (numbers == numbers.round()) & (numbers.abs() <= _LARGEST_WHOLE)
        return numbers.where(whole).astype("Int64")
    if kind == "number":
        numbers = pd.to_numeric(values, errors="coerce").astype("Float64")
        return numbers.where(np.isfinite(numbers.to_numpy(dtype=float, na_value=np.nan)))
    if kind == "yes_no":
        known = {True: True, False: False}  # 1 and 0 are the same keys
        return values.map(lambda value: known.get(value) if pd.notna(value) else None).astype(
            DTYPES[kind]
        )
    times = _to_times(_of_zone(values, zoned=kind == "moment"), zoned=kind == "moment")
    return (times if kind == "moment" else times.dt.normalize()).astype(DTYPES[kind])


def _single(value: Any) -> Any:  # noqa: ANN401 - a cell of a file may hold anything
    """Keep single values; lists, bytes and text no file can hold become gaps, to be reported."""
    if isinstance(value, str):
        return value if value.isascii() or _UNPAIRED.search(value) is None else None
    several = isinstance(value, bytes) or pd.api.types.is_list_like(value)
    return None if several else value


def _of_zone(values: pd.Series, *, zoned: bool) -> pd.Series:
    if isinstance(values.dtype, pd.DatetimeTZDtype):
        return values if zoned else pd.Series(pd.NaT, values.index, dtype=DTYPES["date"])
    if pd.api.types.is_datetime64_any_dtype(values.dtype):
        return values.where(np.full(len(values), not zoned))
    return values.where(np.array([_is_zoned(value) is zoned for value in values], dtype=bool))


def _is_zoned(value: object) -> bool | None:
    if isinstance(value, str):
        return _ZONE.search(value) is not None
    if isinstance(value, dt.date):
        return getattr(value, "tzinfo", None) is not None
    return None


def _to_times(values: pd.Series, *, zoned: bool) -> pd.Series:
    texts = values.dtype == object or isinstance(values.dtype, pd.StringDtype)
    form = {"format": "ISO8601"} if texts else {}
    return pd.to_datetime(values, errors="coerce", utc=zoned, **form)
