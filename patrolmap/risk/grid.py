"""
Square cells on one lattice per metric CRS, named so that a radio can carry the name.

A cell is the square ``row, col`` of the lattice that starts at the origin of the metric CRS:
its id, label and corners depend on the place and the cell size alone. Adding a school or
moving a border therefore never moves or renames a cell; it only adds cells or widens clipped
ones.
"""

from __future__ import annotations

from typing import Final, cast

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from patrolmap.errors import InputError
from patrolmap.model.contracts import CRS
from patrolmap.model.layers import check_layer, empty_layer
from patrolmap.model.space import choose_metric_crs, metric
from patrolmap.risk.lattice import (
    Shapes,
    Whole,
    clip_squares,
    make_labels,
    make_squares,
    squares_over,
)

SMALLEST_CELL_M: Final = 20.0
LARGEST_CELL_M: Final = 1000.0
LONGEST_REACH_M: Final = 3000.0


def make_grid(
    area: BaseGeometry | gpd.GeoSeries | gpd.GeoDataFrame,
    *,
    cell_size_m: float = 100,
    metric_crs: str | None = None,
) -> gpd.GeoDataFrame:
    """
    Cover an area with square cells, clipped to it.

    Parameters
    ----------
    area
        One or several polygons; a bare geometry is taken to be in EPSG:4326.
    cell_size_m
        The side of a cell [m], 20 to 1000.
    metric_crs
        The precinct's metric CRS; by default the one chosen for the area.

    Returns
    -------
    cells
        Index ``cell_id``; columns ``row, col, area_m2`` and the geometry in EPSG:4326, from
        north to south and west to east. Pieces below 1 % of a square are dropped. An empty
        area has no cells.

    Raises
    ------
    InputError
        If the size is out of bounds, the CRS is missing or unknown, the area has no surface
        or would need more than a million cells.
    """
    _check_length("cell_size_m", cell_size_m, SMALLEST_CELL_M, LARGEST_CELL_M)
    outline = _outline(area)
    if outline.empty:
        return _frame(*_no_cells(), crs=CRS)
    crs = metric_crs or choose_metric_crs([outline])
    shape = shapely.union_all(_shapes(outline, crs))
    if shape.area == 0:
        raise InputError("The area to cover has no surface. Give one or more polygons.")
    row, col, _ = squares_over(np.array([shape.bounds]), cell_size_m)
    kept, pieces = clip_squares(make_squares(row, col, cell_size_m), shape, cell_size_m)
    return _frame(row[kept], col[kept], pieces, crs=crs)


def make_school_grid(
    schools: gpd.GeoDataFrame,
    *,
    cell_size_m: float = 100,
    reach_m: float = 300,
    metric_crs: str | None = None,
) -> gpd.GeoDataFrame:
    """
    Lay square cells around the campuses, clipped to their reach.

    Parameters
    ----------
    schools
        Checked layer; a campus is its polygon, or its point where no outline is known.
    cell_size_m
        The side of a cell [m], 20 to 1000.
    reach_m
        How far from the campus boundary the patrol looks [m], 0 to 3000.
    metric_crs
        The precinct's metric CRS. Cells are stable only as long as it is, so pass the one
        in the precinct's settings; by default the one chosen for the schools.

    Returns
    -------
    cells
        Checked layer ``cells``, from north to south and west to east. ``school_id`` is the
        school nearest to the square (ties: to its centre, then by id), ``shared_by`` all
        schools whose reach meets it, ``ring`` 0 on the campus or its edge and then one more
        per `cell_size_m` of distance between square and campus, ``label`` what a radio
        operator says (see Notes). Pieces below 1 % of a square are dropped.

    Raises
    ------
    InputError
        If a size is out of bounds, the CRS is unknown, a school keeps no cell (a point with
        no reach), or more than a million cells would be needed.

    Notes
    -----
    The label names the place as MGRS does, eastwards before northwards: one letter each for
    the block of ten cells, one digit each for the cell within it. "KM 47" lies three cells
    east of "KM 17". Labels repeat after 24 blocks; in a precinct
    wider than that (24 km at 100 m), cells of one label get the number of their lap behind
    it, and only then can a new school lengthen, but never change, a label.
    """
    _check_length("cell_size_m", cell_size_m, SMALLEST_CELL_M, LARGEST_CELL_M)
    _check_length("reach_m", reach_m, 0.0, LONGEST_REACH_M)
    if schools.empty:
        return empty_layer("cells")
    ordered = schools.sort_index()
    crs = metric_crs or choose_metric_crs([ordered])
    campuses = _shapes(ordered, crs)
    reaches = shapely.buffer(campuses, reach_m)
    row, col, pairs = squares_over(shapely.bounds(_not_empty(reaches, campuses)), cell_size_m)
    squares = make_squares(row, col, cell_size_m)
    kept, pieces = clip_squares(squares, shapely.union_all(reaches), cell_size_m)
    near = _nearness(squares, campuses, pairs, reach_m)
    near = near[kept[near["square"].to_numpy()]]
    _check_all_have_cells(near, ordered.index, reach_m, cell_size_m)
    cells = _frame(row[kept], col[kept], pieces, crs=crs)
    facts = _schools_of(near, ordered.index, cell_size_m)
    label = make_labels(row[kept], col[kept], cell_size_m)
    return check_layer(
        cells.assign(**{n: facts[n].to_numpy() for n in facts}, label=label), "cells"
    )


def _check_length(name: str, value_m: float, least_m: float, most_m: float) -> None:
    if not least_m <= value_m <= most_m:
        raise InputError(
            f"{name} is {value_m:g}, not within {least_m:g} to {most_m:g}. Give it in metres."
        )


def _outline(area: BaseGeometry | gpd.GeoSeries | gpd.GeoDataFrame) -> gpd.GeoSeries:
    if isinstance(area, BaseGeometry):
        area = gpd.GeoSeries([area], crs=CRS)
    if area.crs is None:
        raise InputError("The area to cover has no CRS. Set it, for example to EPSG:4326.")
    shapes = area.geometry
    return shapes[~(shapes.is_empty | shapes.isna())].to_crs(CRS)


def _shapes(layer: gpd.GeoSeries | gpd.GeoDataFrame, crs: str) -> Shapes:
    """Project outlines to metres and mend those that cross themselves."""
    shapes = shapely.make_valid(metric(layer, crs).geometry.array)
    if not np.isfinite(shapely.bounds(shapes)).all():
        raise InputError(f"Some places cannot be measured in {crs}. Check where they lie.")
    return cast("Shapes", shapes)


def _not_empty(reaches: Shapes, campuses: Shapes) -> Shapes:
    """Give a point without reach its own place, so that it is found, and then refused by name."""
    return np.where(shapely.is_empty(reaches), campuses, reaches)


def _nearness(
    squares: Shapes, campuses: Shapes, pairs: tuple[Whole, Whole], reach_m: float
) -> pd.DataFrame:
    """Measure squares against the campuses whose reach they meet; the nearest first."""
    square, school = pairs
    away_m = shapely.distance(squares[square], campuses[school])
    centre_m = shapely.distance(shapely.centroid(squares[square]), campuses[school])
    near = pd.DataFrame(
        {
            "square": square,
            "school": school,
            "away_m": away_m.round(3),
            "centre_m": centre_m.round(3),
        }
    )
    met = (away_m < reach_m) | (away_m == 0)
    return near[met].sort_values(["square", "away_m", "centre_m", "school"])


def _check_all_have_cells(near: pd.DataFrame, ids: pd.Index, reach_m: float, size_m: float) -> None:
    without = ids.delete(near["school"].unique())
    if len(without):
        raise InputError(
            f"A reach of {reach_m:g} m leaves no cell of {size_m:g} m to {', '.join(without)}. "
            "Give a longer reach, smaller cells, or the outline of the campus."
        )


def _schools_of(near: pd.DataFrame, ids: pd.Index, size_m: float) -> pd.DataFrame:
    """Say for every square which school is nearest, which share it, and in which ring it lies."""
    by_square = near.groupby("square")
    first = by_square.first()
    everyone = near.sort_values(["square", "school"]).assign(school_id=lambda n: ids[n["school"]])
    return pd.DataFrame(
        {
            "school_id": ids[first["school"]],
            "shared_by": everyone.groupby("square")["school_id"].agg(",".join),
            "ring": np.ceil(first["away_m"] / size_m).astype(int),
        },
        index=first.index,
    )


def _no_cells() -> tuple[Whole, Whole, Shapes]:
    none = np.array([], dtype=np.int64)
    return none, none, np.array([], dtype=object)


def _frame(row: Whole, col: Whole, shapes: Shapes, *, crs: str) -> gpd.GeoDataFrame:
    ids = [f"R{r}C{c}" for r, c in zip(row, col, strict=True)]
    return gpd.GeoDataFrame(
        {"row": row, "col": col, "area_m2": shapely.area(shapes)},
        geometry=shapes,
        index=pd.Index(ids, dtype="str", name="cell_id"),
        crs=crs,
    ).to_crs(CRS)
