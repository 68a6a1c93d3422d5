"""Places in: two columns of degrees in a declared datum, or geometry in the file's own CRS."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray

from patrolmap.errors import DatumError, Problem
from patrolmap.intake.datum import Coordinates, Datum, is_shifted, outside_china, to_wgs84
from patrolmap.intake.degrees import Order, read_axis, read_pairs
from patrolmap.intake.persons import shown
from patrolmap.intake.raw import RawTable
from patrolmap.model.contracts import CRS
from patrolmap.model.space import CHINA_BOX

Mask = NDArray[np.bool_]
Suspicion = tuple[Mask, str, str]  # where, what is wrong, the cure

_EWKT: Final = re.compile(
    r"(?:SRID\s*=\s*([0-9]{4,5})\s*;)?\s*"
    r"((?:MULTI)?(?:POINT|LINESTRING|POLYGON)\s*(?:Z|M|ZM)?\s*\(.*\))",
    re.IGNORECASE | re.DOTALL,
)
_SWAP_HEADINGS: Final = (
    "Swap the two numbers; if they are swapped in every row, swap the two headings, or name them: "
    "--columns."
)
_SWAP_ORDER: Final = (
    "Swap the two numbers; if latitude stands first in every row, say so: --columns "
    "'HEADING=lat,lon'."
)
_MOST_BRACKETS: Final = 10_000
_NO_DEGREES: Final = 1000
_LONGEST_CRS_NAME: Final = 40  # longer ones are definitions, not names
# Datums that are WGS-84 to within a metre, as the names in PROJ's registry begin.
_CHINA_2000: Final = "China 2000"
_LIKE_WGS84: Final = ("World Geodetic System 1984", "European Terrestrial Reference System 1989")


@dataclass(frozen=True)
class Degrees:
    """Coordinates read from the columns `at` of a table: NaN where a cell is not understood."""

    at: tuple[int, ...]
    lon: Coordinates
    lat: Coordinates


def read_two_columns(raw: RawTable, lon_at: int, lat_at: int) -> Degrees:
    """Read longitudes and latitudes from a column each."""
    lon, lat = read_axis(raw.columns[lon_at], "lon"), read_axis(raw.columns[lat_at], "lat")
    return Degrees((lon_at, lat_at), lon, lat)


def read_one_column(raw: RawTable, at: int, order: Order) -> Degrees:
    """Read both from one column of texts such as ``119.97,31.70``."""
    return Degrees((at,), *read_pairs(raw.columns[at], order))


def make_points(
    raw: RawTable, degrees: Degrees, datum: Datum
) -> tuple[gpd.GeoSeries, list[Problem]]:
    """
    Make points of degrees in a datum.

    Returns
    -------
    points, problems
        In EPSG:4326; stand-ins where there is a problem.
    """
    lon, lat = degrees.lon, degrees.lat
    problems = _unreadable(raw, degrees)
    fine = ~np.isnan(lon) & ~np.isnan(lat)
    several = len(degrees.at) > 1
    for mask, what, cure in _suspicions(lon, lat, datum, several=several):
        problems += _point_problems(raw, degrees.at, mask & fine, what, cure)
        fine &= ~mask
    places = stand_ins(len(lon))
    places[fine] = shapely.points(*to_wgs84(lon[fine], lat[fine], datum))
    return places, problems


def read_wkt(raw: RawTable, at: int) -> tuple[gpd.GeoSeries, list[Problem]]:
    """
    Read a column of well-known text, with an SRID before it or without.

    Returns
    -------
    geometry, problems
        In the CRS the SRID names, without one where there is none.
    """
    cells = raw.columns[at]
    found = [_EWKT.fullmatch(cell) for cell in cells]
    srids = {match[1] for match in found if match}
    texts = [
        match[2] if match and cell.count("(") <= _MOST_BRACKETS else None
        for match, cell in zip(found, cells, strict=True)
    ]
    shapes = shapely.from_wkt(texts, on_invalid="ignore")
    srid = next(iter(srids)) if len(srids) == 1 else None
    crs = f"EPSG:{srid}" if srid else None
    problems = [
        Problem(
            "is no geometry in well-known text" if cells[row] else "is empty",
            "Write it as POINT (119.9712 31.7001).",
            raw.rows[row],
            raw.headings[at],
        )
        for row in np.flatnonzero(shapely.is_missing(shapes)).tolist()
    ]
    if len(srids) > 1:
        cure = "Bring all rows into one CRS, such as SRID 4326."
        problems.append(Problem("names several SRIDs", cure, column=raw.headings[at]))
    shapes[shapely.is_missing(shapes)] = shapely.Point(0, 0)
    return _in_crs(shapes, crs, raw.subject), problems


def _in_crs(shapes: NDArray[np.object_], crs: str | None, subject: str) -> gpd.GeoSeries:
    try:
        return gpd.GeoSeries(shapes, crs=crs)
    except pyproj.exceptions.CRSError as error:
        raise DatumError(f"{subject}: names a CRS nobody knows. Use SRID 4326.") from error


def stand_ins(count: int) -> gpd.GeoSeries:
    """
    Make points for rows whose place is told to be wrong.

    They keep the contract from telling it twice, and go nowhere: such a file is refused.
    """
    return gpd.GeoSeries(np.full(count, shapely.Point(0, 0)), crs=CRS)


def _unreadable(raw: RawTable, degrees: Degrees) -> list[Problem]:
    several = len(degrees.at) > 1
    by_column = zip(degrees.at, (degrees.lon, degrees.lat), strict=False)
    return [
        Problem(
            ("is no number of degrees" if several else "is no pair of coordinates")
            if cell
            else "is empty",
            "Write degrees, such as 119.9712." if several else "Write it as 119.9712,31.7001.",
            raw.rows[row],
            raw.headings[at],
            shown(cell) if cell else None,
        )
        for at, values in by_column
        for row in np.flatnonzero(np.isnan(values)).tolist()
        for cell in (raw.columns[at][row],)
    ]


def _point_problems(
    raw: RawTable, columns: tuple[int, ...], mask: Mask, what: str, cure: str
) -> list[Problem]:
    headings = ", ".join(raw.headings[at] for at in columns)
    return [
        Problem(
            what,
            cure,
            raw.rows[row],
            headings,
            ", ".join(shown(raw.columns[at][row]) for at in columns),
        )
        for row in np.flatnonzero(mask).tolist()
    ]


def _suspicions(
    lon: Coordinates, lat: Coordinates, datum: Datum, *, several: bool
) -> list[Suspicion]:
    """List what can be wrong with coordinates of one or several columns; the first counts."""
    west, south, east, north = CHINA_BOX
    swapped = (west <= lat) & (lat <= east) & (south <= lon) & (lon <= north)
    return [
        (
            (lon == 0) & (lat == 0),
            "the coordinates are 0, 0",
            "Give the real ones.",
        ),
        (
            swapped,
            "longitude and latitude look swapped: the other way round the place lies in China",
            _SWAP_HEADINGS if several else _SWAP_ORDER,
        ),
        (
            (np.abs(lon) > _NO_DEGREES) & (np.abs(lat) > _NO_DEGREES),
            "holds metres of a projection (such as CGCS2000 Gauss-Krüger), not degrees",
            "Export the places in degrees, or as GeoPackage or Shapefile with their CRS.",
        ),
        (
            (np.abs(lon) > 180) | (np.abs(lat) > 90),
            "is no place on earth",
            "Write degrees, such as 119.9712 and 31.7001.",
        ),
        (
            outside_china(lon, lat) & is_shifted(datum),
            f"lies outside China, where {datum} is not defined",
            "Correct the coordinates, or declare another datum.",
        ),
    ]


def place_geometry(
    geometry: gpd.GeoSeries, raw: RawTable, datum: Datum | None
) -> tuple[gpd.GeoSeries, str, str | None, list[Problem]]:
    """
    Bring the geometry of a file to EPSG:4326.

    Parameters
    ----------
    geometry
        Of the file, one per row.
    raw
        The file's rows, for messages.
    datum
        As declared, or None. Only a file without a CRS needs one.

    Returns
    -------
    geometry, datum, crs, problems
        In EPSG:4326 and flat; the datum it came in; the file's CRS, None where it
        has none; and the features that lie nowhere or cross themselves.

    Raises
    ------
    DatumError
        If the file has no CRS and no datum was declared, or if the two contradict.

    Notes
    -----
    GeoJSON is WGS-84 by RFC 7946, so one declared as GCJ-02 is refused: it would be
    wrong in every other program too. WGS-84 and CGCS2000 do not contradict.
    """
    flat = gpd.GeoSeries(shapely.force_2d(geometry.array), crs=geometry.crs)
    if flat.crs is None:
        return _from_declared(flat, raw, datum)
    name = _short_name(flat.crs)
    own = _own_datum(flat.crs)
    if datum is not None and (is_shifted(datum) or own is None):
        raise DatumError(
            f"{raw.subject}: is declared {datum}, but says itself that it is in {name}. "
            "Leave --datum out; if its coordinates are shifted all the same, save them as CSV "
            "with lon and lat and declare the datum there."
        )
    placed = _project(flat, raw.subject)
    return placed, own or flat.crs.datum.name, name, _problems(_faults(placed), raw)


def _project(flat: gpd.GeoSeries, subject: str) -> gpd.GeoSeries:
    try:
        return flat.to_crs(CRS)
    except pyproj.exceptions.ProjError as error:
        raise DatumError(
            f"{subject}: no way leads from its CRS to WGS-84. Export it in EPSG:4326."
        ) from error


def _short_name(crs: pyproj.CRS) -> str:
    text = crs.to_string()
    return str(text if len(text) <= _LONGEST_CRS_NAME else crs.name)


def _own_datum(crs: pyproj.CRS) -> Datum | None:
    name = crs.datum.name if crs.datum else ""
    if name.startswith(_CHINA_2000):
        return "cgcs2000"
    return "wgs84" if name.startswith(_LIKE_WGS84) else None


def _from_declared(
    flat: gpd.GeoSeries, raw: RawTable, datum: Datum | None
) -> tuple[gpd.GeoSeries, str, None, list[Problem]]:
    if datum is None:
        raise DatumError(
            f"{raw.subject}: does not say in which datum its coordinates are (a Shapefile says "
            "it in its .prj). Declare it: --datum wgs84, cgcs2000, gcj02 or bd09."
        )
    west, south, east, north = flat.bounds.to_numpy().T
    outside = (outside_china(west, south) | outside_china(east, north)) & is_shifted(datum)
    outside &= ~np.isnan(west)
    what = f"lies outside China, where {datum} is not defined"
    problems = _problems([(outside, what, "Declare another datum.")], raw)
    placed = gpd.GeoSeries(flat.array, crs=CRS)
    placed[~outside] = shapely.transform(
        placed.array[~outside], lambda x, y: to_wgs84(x, y, datum), interleaved=False
    )
    return placed, datum, None, problems + _problems(_faults(placed), raw)


def _faults(placed: gpd.GeoSeries) -> list[Suspicion]:
    bounds = placed.bounds.to_numpy()
    there = ~np.isnan(bounds).any(axis=1)
    west, south, east, north = bounds.T
    on_earth = (west >= -180) & (south >= -90) & (east <= 180) & (north <= 90)
    zero = (bounds == 0).all(axis=1)
    crossed = there & on_earth & ~placed.is_valid.to_numpy()
    return [
        (
            there & ~on_earth,
            "is no place on earth",
            "Check the file's CRS, and whether longitude and latitude are swapped.",
        ),
        (zero, "the coordinates are 0, 0", "Give the real ones."),
        (crossed, "the outline crosses itself", "Draw it again."),
    ]


def _problems(faults: Sequence[Suspicion], raw: RawTable) -> list[Problem]:
    return [
        Problem(what, cure, raw.rows[row], "geometry")
        for mask, what, cure in faults
        for row in np.flatnonzero(mask).tolist()
    ]
