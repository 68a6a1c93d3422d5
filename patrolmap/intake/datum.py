"""
The four coordinate datums a list can arrive in, and the way to WGS-84, the only one inside.

CGCS2000 and WGS-84 differ by less than a metre and are taken as equal. GCJ-02 is
the shifted datum that published maps of China must use (Amap, Tencent); BD-09 is
Baidu's further shift of it. Both follow the formula in public use since 2013, whose
agreement with the official transform nobody can prove; there and back it is exact
to far below a millimetre.

The formula knows a box, not a border: it shifts Hong Kong, Macau, Taiwan and what lies
abroad within the box too. Maps made there are not shifted, so their lists are declared
wgs84; Amap's and Baidu's own coordinates of these places follow the formula or do not,
by their makers' choice, and `patrolmap.intake.shift` asks the map.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from typing import Final, Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from patrolmap.errors import DatumError

Datum = Literal["wgs84", "cgcs2000", "gcj02", "bd09"]
DATUMS: Final[tuple[Datum, ...]] = get_args(Datum)
Coordinates = NDArray[np.float64]
_Shift = Callable[[Coordinates, Coordinates], tuple[Coordinates, Coordinates]]

# Spellings people use, without case, spaces and marks.
_SPELLINGS: Final[dict[str, Datum]] = {
    "gps": "wgs84", "4326": "wgs84", "epsg4326": "wgs84", "地球坐标": "wgs84",
    "4490": "cgcs2000", "epsg4490": "cgcs2000", "国家2000": "cgcs2000", "大地2000": "cgcs2000",
    "天地图": "cgcs2000", "gcj": "gcj02", "amap": "gcj02", "火星": "gcj02", "火星坐标": "gcj02",
    "火星坐标系": "gcj02", "国测局": "gcj02", "高德": "gcj02", "高德坐标": "gcj02",
    "高德地图": "gcj02", "腾讯": "gcj02", "腾讯地图": "gcj02", "bd": "bd09", "bd09ll": "bd09",
    "baidu": "bd09", "百度": "bd09", "百度坐标": "bd09", "百度地图": "bd09",
}  # fmt: skip

# Where the public formula shifts at all: lon_min, lat_min, lon_max, lat_max, degrees.
SHIFTED_BOX: Final = (72.004, 0.8293, 137.8347, 55.8271)
_AXIS_M: Final = 6378245.0  # Krasovsky 1940, as in the public formula
_ECCENTRICITY2: Final = 0.00669342162296594323
_BAIDU: Final = np.pi * 3000.0 / 180.0
_ROUNDS: Final = 10  # each round gains more than a digit; 3 suffice for GCJ-02 alone


def read_datum(text: str) -> Datum:
    """
    Read a datum as people spell it.

    Raises
    ------
    DatumError
        If it is none of the four.

    Examples
    --------
    >>> read_datum("WGS-84"), read_datum("火星坐标"), read_datum("百度")
    ('wgs84', 'gcj02', 'bd09')
    """
    word = unicodedata.normalize("NFKC", text).casefold()
    word = "".join(letter for letter in word if letter.isalnum())
    known = word if word in DATUMS else _SPELLINGS.get(word)
    if known is None:
        raise DatumError(
            f"'{text}' is no datum. Choose wgs84 (GPS), cgcs2000 (国家2000), "
            "gcj02 (高德, 腾讯) or bd09 (百度)."
        )
    return known


def is_shifted(datum: Datum) -> bool:
    """Say whether a datum is defined within China only."""
    return datum in ("gcj02", "bd09")


def outside_china(lon: ArrayLike, lat: ArrayLike) -> NDArray[np.bool_]:
    """Tell which points lie where GCJ-02 and BD-09 are not defined; NaN does."""
    west, south, east, north = SHIFTED_BOX
    x, y = np.asarray(lon, dtype=float), np.asarray(lat, dtype=float)
    return ~((west <= x) & (x <= east) & (south <= y) & (y <= north))


def to_wgs84(lon: ArrayLike, lat: ArrayLike, datum: str) -> tuple[Coordinates, Coordinates]:
    """
    Convert coordinates of a datum to WGS-84.

    Parameters
    ----------
    lon, lat
        Degrees, any equal shape.
    datum
        As `read_datum` takes it.

    Returns
    -------
    lon, lat
        Degrees, of the same shape; better than 1 mm against `from_wgs84`.

    Raises
    ------
    DatumError
        If the datum is unknown, or is GCJ-02 or BD-09 and points lie outside China.

    Notes
    -----
    The shift has no closed inverse. The fixed-point iteration ``w ← w + (p - f(w))``
    converges because the shift changes slowly: by less than 1 part in 30.

    Examples
    --------
    >>> lon, lat = to_wgs84([119.954700], [31.767907], "gcj02")
    >>> float(lon[0].round(5)), float(lat[0].round(5))
    (119.95, 31.77)
    """
    known, x, y = _prepare(lon, lat, datum)
    return _undo(_SHIFTS[known], x, y) if is_shifted(known) else (x, y)


def from_wgs84(lon: ArrayLike, lat: ArrayLike, datum: str) -> tuple[Coordinates, Coordinates]:
    """Convert WGS-84 coordinates to a datum; the inverse of `to_wgs84`, with the same errors."""
    known, x, y = _prepare(lon, lat, datum)
    return _SHIFTS[known](x, y) if is_shifted(known) else (x, y)


def _prepare(lon: ArrayLike, lat: ArrayLike, datum: str) -> tuple[Datum, Coordinates, Coordinates]:
    known = read_datum(datum)
    x, y = np.array(lon, dtype=float), np.array(lat, dtype=float)
    if is_shifted(known) and (bad := np.flatnonzero(outside_china(x, y))).size:
        rows = ", ".join(str(at + 1) for at in bad[:10]) + (" …" if bad.size > 10 else "")
        raise DatumError(
            f'datum="{known}", but {bad.size} of {x.size} points lie outside China (rows {rows}). '
            "Check for swapped longitude and latitude, or give another datum."
        )
    return known, x, y


def _wgs84_to_gcj02(lon: Coordinates, lat: Coordinates) -> tuple[Coordinates, Coordinates]:
    # The public formula, as in github.com/googollee/eviltransform (WGSToGCJ).
    x, y, pi = lon - 105.0, lat - 35.0, np.pi
    ripple = 20.0 * np.sin(6.0 * x * pi) + 20.0 * np.sin(2.0 * x * pi)
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * np.sqrt(np.abs(x))
    north += (ripple + 20.0 * np.sin(y * pi) + 40.0 * np.sin(y / 3.0 * pi)) * 2.0 / 3.0
    north += (160.0 * np.sin(y / 12.0 * pi) + 320.0 * np.sin(y * pi / 30.0)) * 2.0 / 3.0
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * np.sqrt(np.abs(x))
    east += (ripple + 20.0 * np.sin(x * pi) + 40.0 * np.sin(x / 3.0 * pi)) * 2.0 / 3.0
    east += (150.0 * np.sin(x / 12.0 * pi) + 300.0 * np.sin(x / 30.0 * pi)) * 2.0 / 3.0
    latitude = np.radians(lat)
    w2 = 1.0 - _ECCENTRICITY2 * np.sin(latitude) ** 2
    meridian_m = _AXIS_M * (1.0 - _ECCENTRICITY2) / w2**1.5
    parallel_m = _AXIS_M / np.sqrt(w2) * np.cos(latitude)
    return lon + np.degrees(east / parallel_m), lat + np.degrees(north / meridian_m)


def _gcj02_to_bd09(lon: Coordinates, lat: Coordinates) -> tuple[Coordinates, Coordinates]:
    radius = np.hypot(lon, lat) + 0.00002 * np.sin(lat * _BAIDU)
    angle = np.arctan2(lat, lon) + 0.000003 * np.cos(lon * _BAIDU)
    return radius * np.cos(angle) + 0.0065, radius * np.sin(angle) + 0.006


def _wgs84_to_bd09(lon: Coordinates, lat: Coordinates) -> tuple[Coordinates, Coordinates]:
    return _gcj02_to_bd09(*_wgs84_to_gcj02(lon, lat))


_SHIFTS: Final[dict[Datum, _Shift]] = {"gcj02": _wgs84_to_gcj02, "bd09": _wgs84_to_bd09}


def _undo(shift: _Shift, lon: Coordinates, lat: Coordinates) -> tuple[Coordinates, Coordinates]:
    x, y = lon.copy(), lat.copy()
    for _ in range(_ROUNDS):
        shifted_x, shifted_y = shift(x, y)
        x, y = x + (lon - shifted_x), y + (lat - shifted_y)
    return x, y
