"""The places of a list: from degrees in columns, from text, or from the file's own geometry."""

from __future__ import annotations

from typing import Any

import geopandas as gpd

from patrolmap.errors import DatumError, InputError, Problem
from patrolmap.intake.datum import Datum
from patrolmap.intake.degrees import Order
from patrolmap.intake.headings import LAT, LON, WKT, Match
from patrolmap.intake.places import (
    Degrees,
    make_points,
    place_geometry,
    read_one_column,
    read_two_columns,
    read_wkt,
    stand_ins,
)
from patrolmap.intake.raw import RawTable
from patrolmap.model.contracts import POINT, Contract


def read_places(
    raw: RawTable, shape: Contract, match: Match, datum: Datum | None
) -> tuple[gpd.GeoSeries | None, dict[str, Any], list[Problem]]:
    """Place the rows of a layer; None for a table. What is said of it goes into the report."""
    if not shape.geometry:
        return None, {"datum": None, "crs": None, "geometry_left_out": raw.geometry is not None}, []
    if raw.geometry is not None:
        places, own, crs, problems = place_geometry(raw.geometry, raw, datum)
        told = "declared" if crs is None else "file"
        return places, {"datum": own, "crs": crs, "datum_from": told}, problems
    datum, told = _agree(raw.subject, match.datums, datum)
    if WKT in match.found:
        return _read_shapes(raw, match.found[WKT], datum, told)
    _check_points_serve(raw, shape)
    degrees = _read_degrees(raw, match)
    if degrees is None:  # told already
        return stand_ins(len(raw.rows)), {"datum_from": told}, []
    # what is wrong with the numbers is wrong in every datum
    places, problems = make_points(raw, degrees, datum or "wgs84")
    return places, {"datum": datum, "crs": None, "datum_from": told}, problems


def _read_degrees(raw: RawTable, match: Match) -> Degrees | None:
    if LON in match.found and LAT in match.found:
        return read_two_columns(raw, match.found[LON], match.found[LAT])
    order: Order
    for order in ("lon,lat", "lat,lon"):
        if order in match.found:
            return read_one_column(raw, match.found[order], order)
    return None


def _read_shapes(
    raw: RawTable, at: int, datum: Datum | None, told: str
) -> tuple[gpd.GeoSeries, dict[str, Any], list[Problem]]:
    geometry, problems = read_wkt(raw, at)
    if geometry.crs is None and datum is None:
        return stand_ins(len(geometry)), {"datum": None, "crs": None, "datum_from": told}, problems
    places, own, crs, faults = place_geometry(geometry, raw, datum)
    known = {(problem.row, problem.what) for problem in problems}
    rows = {row for row, _ in known}
    return (
        places,
        {"datum": own, "crs": crs, "datum_from": told if crs is None else "file"},
        [*problems, *(fault for fault in faults if fault.row not in rows)],
    )


def _agree(
    subject: str, named: frozenset[Datum], declared: Datum | None
) -> tuple[Datum | None, str]:
    """Bring together the datum that was declared and the one that headings name."""
    if len(named) > 1:
        raise DatumError(
            f"{subject}: its headings name several datums ({', '.join(sorted(named))}). "
            "Say which columns hold the coordinates: --columns."
        )
    own = next(iter(named), None)
    if declared and own and declared != own and {declared, own} != {"wgs84", "cgcs2000"}:
        raise DatumError(
            f"{subject}: is declared {declared}, but its headings say {own}. Leave --datum out, "
            "or correct the headings."
        )
    if declared or own:
        return declared or own, "declared" if declared else "headings"
    return None, "missing"


def _check_points_serve(raw: RawTable, shape: Contract) -> None:
    if POINT[0] not in shape.geometry:
        raise InputError(
            f"{raw.subject}: {shape.layer} are {' or '.join(shape.geometry)}, which a table cannot "
            "hold. Bring them as GeoJSON, GeoPackage or Shapefile."
        )
