"""Degrees as people write them: decimal, in minutes and seconds, in pairs, with directions."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from patrolmap.intake.traditional import simplify
from patrolmap.intake.values import read_numbers
from patrolmap.model.space import CHINA_BOX

Axis = Literal["lon", "lat"]
Order = Literal["lon,lat", "lat,lon"]

# Compatibility forms would turn these into letters and accents.
_MARKS: Final = str.maketrans(
    {
        **dict.fromkeys("º˚度", "°"),
        **dict.fromkeys("′’‘`´＇分", "'"),
        **dict.fromkeys("″”“＂秒", '"'),
    }
)
_DIRECTION: Final = r"[nsew]|北纬|南纬|东经|西经"
_DEGREES: Final = re.compile(
    rf"(?P<before>{_DIRECTION})?[:\s]*(?P<sign>[+-])?(?P<d>[0-9]{{1,3}}(?:\.[0-9]*)?)\s*"
    r"(?:°\s*(?:(?P<m>[0-9]{1,2}(?:\.[0-9]*)?)\s*'(?!')\s*"
    r"(?:(?P<s>[0-9]{1,2}(?:\.[0-9]*)?)\s*(?:\"|'')?)?)?)?"
    rf"\s*(?P<after>{_DIRECTION})?"
)
_AXES: Final[dict[str, tuple[Axis, int]]] = {
    "e": ("lon", 1), "w": ("lon", -1), "n": ("lat", 1), "s": ("lat", -1),
    "东经": ("lon", 1), "西经": ("lon", -1), "北纬": ("lat", 1), "南纬": ("lat", -1),
}  # fmt: skip
_PAIR_MARKS: Final = re.compile(r"\s*[,;、|/]\s*")
_BRACKETS: Final = "()[]{}<>【】「」"
_LONGEST: Final = 80  # characters; no pair of coordinates is longer


def read_degrees(text: str) -> tuple[float, Axis | None] | None:
    r"""
    Read degrees, and the axis where a direction is written.

    Examples
    --------
    >>> read_degrees("119.5"), read_degrees("东经119°30′"), read_degrees("31°45'36\"N")
    ((119.5, None), (119.5, 'lon'), (31.76, 'lat'))
    >>> read_degrees("119°75'"), read_degrees("about 31")
    (None, None)
    """
    found = _DEGREES.fullmatch(_plain(text)) if len(text) <= _LONGEST else None
    if found is None or (found["before"] and found["after"]):
        return None
    degrees, minutes, seconds = (float(found[part] or 0) for part in "dms")
    if minutes >= 60 or seconds >= 60:
        return None
    axis, side = _AXES.get(found["before"] or found["after"] or "", (None, 1))
    size = degrees + minutes / 60 + seconds / 3600
    return round(-size if found["sign"] == "-" else size, 12) * side, axis


def _plain(text: str) -> str:
    if text.isascii():
        return text.strip().casefold()
    return simplify(unicodedata.normalize("NFKC", text.translate(_MARKS))).strip().casefold()


def read_axis(cells: Sequence[str], axis: Axis) -> NDArray[np.float64]:
    """
    Read a column of longitudes or latitudes; NaN where a cell is neither, or the other.

    Examples
    --------
    >>> read_axis(["119.5", "119°30'E", "31.7N", ""], "lon").tolist()
    [119.5, 119.5, nan, nan]
    """
    numbers = read_numbers(cells)
    for at in np.flatnonzero(np.isnan(numbers)).tolist():
        read = read_degrees(cells[at])
        if read is not None and read[1] in (None, axis):
            numbers[at] = read[0]
    return numbers


def split_pair(text: str) -> tuple[str, str] | None:
    """
    Split a text with two coordinates.

    Examples
    --------
    >>> split_pair("（119.97，31.70）"), split_pair("31°42'N 119°58'E"), split_pair("南门")
    (('119.97', '31.70'), ("31°42'n", "119°58'e"), None)
    """
    if len(text) > _LONGEST or not any(letter.isdigit() for letter in text):
        return None
    word = _plain(text).strip(_BRACKETS + " ")
    for parts in (_PAIR_MARKS.split(word), word.split()):
        if len(parts) == 2 and all(read_degrees(part) for part in parts):
            return parts[0], parts[1]
    return None


def read_pairs(
    cells: Sequence[str], order: Order
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """
    Read a column of pairs in an order; where directions are written they decide.

    Returns
    -------
    lon, lat
        NaN in both where a cell is no pair.
    """
    lon, lat = np.full((2, len(cells)), np.nan)
    for at, cell in enumerate(cells):
        if (pair := _read_pair(cell)) is not None:
            first, second = pair
            turned = first[1] == "lat" or second[1] == "lon"
            straight = first[1] == "lon" or second[1] == "lat"
            swap = turned if turned or straight else order == "lat,lon"
            lon[at], lat[at] = (second[0], first[0]) if swap else (first[0], second[0])
    return lon, lat


def _read_pair(
    cell: str,
) -> tuple[tuple[float, Axis | None], tuple[float, Axis | None]] | None:
    parts = split_pair(cell)
    first, second = (read_degrees(part) for part in parts) if parts else (None, None)
    if first is None or second is None or (first[1] is not None and first[1] == second[1]):
        return None
    return first, second


def tell_order(cells: Sequence[str]) -> Order | None:
    """
    Tell which of two coordinates comes first, where their size or a direction shows it.

    Examples
    --------
    >>> tell_order(["119.97,31.70"]), tell_order(["31.70,119.97"]), tell_order(["41.1,8.6"])
    ('lon,lat', 'lat,lon', None)
    """
    pairs = [pair for cell in cells if (pair := _read_pair(cell)) is not None]
    if not pairs:
        return None
    if all(first[1] or second[1] for first, second in pairs):
        return "lat,lon" if pairs[0][0][1] == "lat" or pairs[0][1][1] == "lon" else "lon,lat"
    one, two = np.array([[first[0], second[0]] for first, second in pairs]).T
    if _is_china(one, two) or np.abs(one).max() > 90:
        return "lon,lat"
    return "lat,lon" if _is_china(two, one) or np.abs(two).max() > 90 else None


def have_directions(cells: Sequence[str]) -> bool:
    """Tell whether every pair says which of the two is which: 31.7N 119.9E."""
    pairs = [pair for cell in cells if (pair := _read_pair(cell)) is not None]
    return bool(pairs) and all(first[1] or second[1] for first, second in pairs)


def _is_china(lon: NDArray[np.float64], lat: NDArray[np.float64]) -> bool:
    west, south, east, north = CHINA_BOX
    return bool(((west <= lon) & (lon <= east) & (south <= lat) & (lat <= north)).all())


def holds_pairs(cells: Sequence[str]) -> bool:
    """Tell whether nearly every filled cell is a pair of coordinates."""
    filled = [cell for cell in cells if cell][:200]
    return bool(filled) and sum(_read_pair(c) is not None for c in filled) >= 0.9 * len(filled)
