"""
The lattice of a metric CRS: its squares, their names, and the pieces a shape leaves of them.

The square ``row, col`` begins `row` steps north and `col` steps east of the origin of the
CRS, so that its place, and all that is derived from it, depends on nothing else.
"""

from __future__ import annotations

from typing import Any, Final, cast

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from patrolmap.errors import InputError

Whole = NDArray[np.int64]
Floats = NDArray[np.floating[Any]]
Shapes = NDArray[np.object_]

# A piece of a square below this share of it is dropped: nobody patrols 100 m2 as a cell.
SLIVER_SHARE: Final = 0.01
MOST_SQUARES: Final = 1_000_000  # a city of 100 km x 100 km at 100 m
# Without I and O, which are taken for 1 and 0; MGRS leaves out the same two.
LETTERS: Final = "ABCDEFGHJKLMNPQRSTUVWXYZ"
# From this size on, ten cells to a lettered block: labels of four characters, repeating after
# 24 blocks = 240 cells, that is after 12 km at 50 m and 24 km at 100 m. Smaller cells take a
# hundred to a block and six characters.
SHORT_LABEL_CELL_M: Final = 50.0


def make_labels(row: Whole, col: Whole, cell_size_m: float) -> list[str]:
    """
    Name lattice squares by their place, as short as a radio likes it.

    Parameters
    ----------
    row, col
        The squares on the lattice.
    cell_size_m
        The side of a square [m]; from 50 m on the label has four characters, below six.

    Examples
    --------
    Square 35101 north, 4974 east: block 497 is letter 17 (497 = 20 x 24 + 17) and block 3510
    letter 6 (3510 = 146 x 24 + 6), counted from A = 0; cell 4 eastwards, cell 1 northwards.

    >>> make_labels(np.array([35101, 35102]), np.array([4974, 4974]), 100)
    ['TG41', 'TG42']
    """
    digits = 1 if cell_size_m >= SHORT_LABEL_CELL_M else 2
    block = 10**digits
    east, north = np.divmod(col, block), np.divmod(row, block)
    short = [
        f"{LETTERS[e % 24]}{LETTERS[n % 24]}{x:0{digits}d}{y:0{digits}d}"
        for e, x, n, y in zip(*east, *north, strict=True)
    ]
    twice = pd.Series(short, dtype="str").duplicated(keep=False)
    laps = zip(east[0] // 24, north[0] // 24, strict=True)
    return [
        f"{label}-{e % 10}{n % 10}" if again else label
        for label, again, (e, n) in zip(short, twice, laps, strict=True)
    ]


def lattice_step_m(cells: gpd.GeoDataFrame) -> float | None:
    """
    Find the step of the lattice that cells in a metric CRS stand on.

    Parameters
    ----------
    cells
        Cells with ``row`` and ``col``, projected to metres.

    Returns
    -------
    step_m
        None where they stand on no lattice of this CRS: made elsewhere, or all clipped.
    """
    if cells.empty or not {"row", "col"} <= set(cells.columns):
        return None
    bounds = shapely.bounds(cells.geometry.array)
    step_m = float((bounds[:, 2:] - bounds[:, :2]).max())
    place = cells[["col", "row"]].to_numpy(dtype=float)
    slack_m = 0.01  # what EPSG:4326 there and back, times the number of squares, can add up to
    inside = (bounds[:, :2] >= place * step_m - slack_m) & (
        bounds[:, 2:] <= (place + 1) * step_m + slack_m
    )
    return step_m if step_m > 0 and inside.all() else None


def squares_over(boxes: Floats, size_m: float) -> tuple[Whole, Whole, tuple[Whole, Whole]]:
    """
    List the lattice squares that boxes touch, each once, and the pairs (square, box).

    North comes before south and west before east, as Chinese grid codes are numbered.
    """
    west, south, east, north = np.floor(boxes / size_m).astype(np.int64).T
    wide, high = east - west + 1, north - south + 1
    total = float((wide.astype(float) * high).sum())
    if total > MOST_SQUARES:
        raise InputError(
            f"The grid would have {total:,.0f} squares of {size_m:g} m, more than "
            f"{MOST_SQUARES:,}. Choose larger cells or a smaller area."
        )
    many = wide * high
    box = np.repeat(np.arange(len(boxes)), many)
    within = np.arange(many.sum()) - np.repeat(np.cumsum(many) - many, many)
    row = south[box] + within // wide[box]
    col = west[box] + within % wide[box]
    places, square = np.unique(np.column_stack([-row, col]), axis=0, return_inverse=True)
    return -places[:, 0], places[:, 1], (square.ravel(), box)


def make_squares(row: Whole, col: Whole, size_m: float) -> Shapes:
    """Draw lattice squares in the metric CRS."""
    west, south = col * size_m, row * size_m
    east, north = (col + 1) * size_m, (row + 1) * size_m
    return cast("Shapes", shapely.box(west, south, east, north))


def clip_squares(
    squares: Shapes, shape: BaseGeometry, size_m: float
) -> tuple[NDArray[np.bool_], Shapes]:
    """Cut squares to a shape; say which are kept, and give the surface left of those."""
    shapely.prepare(shape)
    kept = shapely.intersects(shape, squares)
    cut = kept & ~shapely.covers(shape, squares)
    pieces = squares.copy()
    pieces[cut] = _surface(shapely.intersection(squares[cut], shape))
    kept &= shapely.area(pieces) >= SLIVER_SHARE * size_m**2
    return kept, pieces[kept]


def _surface(shapes: Shapes) -> Shapes:
    """Leave out the points and lines in which a square merely touches the shape."""
    mixed = np.flatnonzero(shapely.get_type_id(shapes) == shapely.GeometryType.GEOMETRYCOLLECTION)
    for at in mixed:
        parts = shapely.get_parts(shapes[at])
        shapes[at] = shapely.union_all(parts[shapely.get_dimensions(parts) == 2])
    return shapes
