"""
Where events gather: counts, kernel density and Getis-Ord Gi* per cell.

A cell on the lattice is measured at the centre of its whole square, even where its reach cuts
it off, so that a border drawn elsewhere changes no density; other cells are measured at their
centroid.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, cast

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import ArrayLike, NDArray

from patrolmap.errors import InputError
from patrolmap.model.space import choose_metric_crs, metric
from patrolmap.risk.kernels import binned_density, disc_sums, mass_inside, pair_sums
from patrolmap.risk.lattice import Floats, Shapes, Whole, lattice_step_m

M2_PER_KM2: Final = 1e6
SHORTEST_M: Final = 1.0
LONGEST_M: Final = 10_000.0
WIDEST_RASTER: Final = 4_000_000  # squares; cells scattered more widely are compared in pairs
SAME_PLACE_M: Final = 1e-3


def count_events(
    points: gpd.GeoDataFrame | gpd.GeoSeries,
    cells: gpd.GeoDataFrame,
    *,
    metric_crs: str | None = None,
) -> pd.Series:
    """
    Count the events in each cell.

    Parameters
    ----------
    points
        Events; those outside every cell, or without a place, count nowhere.
    cells
        Cells by a unique index, in any CRS; they must not overlap.
    metric_crs
        The precinct's metric CRS; by default the one chosen for the cells.

    Returns
    -------
    events
        Whole numbers on the cells' index. An event on the border of two cells counts once.
    """
    place = _measure(cells, metric_crs)
    xy, _known = places_of(points, place.crs)
    at = _find(xy, place)
    counts = np.bincount(at[at >= 0], minlength=len(cells))
    return pd.Series(counts, index=cells.index, name="events", dtype="int64")


def kernel_density(
    points: gpd.GeoDataFrame | gpd.GeoSeries,
    cells: gpd.GeoDataFrame,
    *,
    bandwidth_m: float,
    weights: ArrayLike | None = None,
    edge_corrected: bool = False,
    metric_crs: str | None = None,
) -> pd.Series:
    r"""
    Estimate how densely events lie around each cell, by a Gaussian kernel.

    Parameters
    ----------
    points
        Events, inside the cells or around them; those without a place count nowhere. May be
        empty.
    cells
        Cells by a unique index, in any CRS.
    bandwidth_m
        The standard deviation of the kernel [m], 1 to 10,000. One or two cells is a good
        start (see Notes).
    weights
        One number >= 0 for each event; by default 1. A Series is matched by its index.
    edge_corrected
        For events that are recorded only inside the cells, as in a file that ends at the
        precinct's border: what an event would lose across the border is kept inside.
        Events outside every cell are left out then.
    metric_crs
        The precinct's metric CRS; by default the one chosen for the cells.

    Returns
    -------
    density_per_km2
        Summed weight per km2 on the cells' index, never negative and never missing.

    Raises
    ------
    InputError
        If the bandwidth is out of bounds, or weights are missing, negative or not finite; if
        it is less than half the longest side of a cell and the edge is to be corrected, where
        centres of cells stand too far apart to see a kernel.

    Notes
    -----
    :math:`f(c) = \sum_i w_i \exp(-d_{ci}^2 / 2h^2) / 2 \pi h^2`. Over a lattice that reaches
    five bandwidths beyond the events, density times cell area sums to the weights to within
    1 in 1,000, for bandwidths from 0.7 cells on. Without correction, mass that falls outside
    the cells is lost, and a border cell is too low where events beyond it are not recorded.
    With it, :math:`w_i` is divided by the share of its kernel that falls into the cells
    (:math:`\sum_c A_c K(x_i - c)`), so that mass is conserved whatever the border.

    Cells on a lattice are computed by linear binning on nodes at most a tenth of a bandwidth apart
    (within 0.3 % of the exact peak of a single event), others by the exact sum.

    Chainey 2013 finds that the bandwidth matters and the cell size hardly.

    References
    ----------
    Diggle 1985, Journal of the Royal Statistical Society C 34:138; the weights that conserve
    mass: Jones 1993, Statistics and Computing 3:135.
    """
    check_metres("bandwidth_m", bandwidth_m)
    mass = check_weights(weights, points.index)
    place = _measure(cells, metric_crs)
    if len(points) and len(cells):
        xy, known = places_of(points, place.crs)
        mass = mass[known]
        if edge_corrected:
            xy, mass = _kept_inside(xy, mass, place, bandwidth_m)
        per_m2 = _density(xy, mass, place, bandwidth_m)
    else:
        per_m2 = np.zeros(len(cells))
    return pd.Series(per_m2 * M2_PER_KM2, index=cells.index, name="density_per_km2")


def gi_star(
    counts: pd.Series,
    cells: gpd.GeoDataFrame,
    *,
    distance_m: float,
    metric_crs: str | None = None,
) -> pd.DataFrame:
    r"""
    Find cells whose neighbourhood holds more, or fewer, events than chance would put there.

    Parameters
    ----------
    counts
        A number for every cell, matched by the index.
    cells
        Cells by a unique index, in any CRS; results mean little below 30 cells.
    distance_m
        Cells whose centres lie within this distance are neighbours [m], 1 to 10,000; a cell
        is its own neighbour.
    metric_crs
        The precinct's metric CRS; by default the one chosen for the cells.

    Returns
    -------
    result
        On the cells' index: ``z``, the two-sided ``p`` of a normal distribution, and
        ``p_fdr``, adjusted for the false-discovery rate over all cells. Where nothing can
        stand out (equal counts, one cell, everyone a neighbour of everyone) z is 0 and p 1.

    Raises
    ------
    InputError
        If the distance is out of bounds or a cell has no count.

    Notes
    -----
    With binary weights and :math:`W_i = \sum_j w_{ij}`,

    .. math:: z_i = \frac{\sum_j w_{ij} x_j - \bar x W_i}
              {S \sqrt{(n W_i - W_i^2) / (n - 1)}},

    where S is the standard deviation with divisor n.

    References
    ----------
    Ord and Getis 1995, Geographical Analysis 27:286. Benjamini and Hochberg 1995, Journal of
    the Royal Statistical Society B 57:289.
    """
    from scipy import stats  # noqa: PLC0415 - loading it would cost every start a second

    check_metres("distance_m", distance_m)
    x = _aligned(counts, cells.index)
    near, local = _neighbour_sums(x, _measure(cells, metric_crs), distance_m)
    z = _z_scores(x, near, local)
    p = 2 * stats.norm.sf(np.abs(z))
    p_fdr = stats.false_discovery_control(p) if len(p) else p
    return pd.DataFrame({"z": z, "p": p, "p_fdr": p_fdr}, index=cells.index)


@dataclass(frozen=True)
class _Places:
    """Where cells are measured, in a metric CRS; `row` and `col` are empty off the lattice."""

    crs: str | None
    shapes: Shapes
    step_m: float | None
    row: Whole
    col: Whole
    xy: Floats


def _measure(cells: gpd.GeoDataFrame, metric_crs: str | None) -> _Places:
    crs = metric_crs or (choose_metric_crs([cells]) if len(cells) else None)
    measured = metric(cells, crs)
    shapes = np.asarray(measured.geometry.array)
    step_m = lattice_step_m(measured)
    if step_m is None:
        none = np.empty(0, dtype=np.int64)
        centroids = shapely.get_coordinates(shapely.centroid(shapes))
        return _Places(crs, shapes, None, none, none, centroids)
    row, col = cells[["row", "col"]].to_numpy(dtype=np.int64).T
    centres = (np.column_stack([col, row]) + 0.5) * step_m
    return _Places(crs, shapes, step_m, row, col, centres)


def places_of(
    points: gpd.GeoDataFrame | gpd.GeoSeries, crs: str | None
) -> tuple[Floats, NDArray[np.bool_]]:
    """
    Say where events lie in a metric CRS; what is known as an area lies at its centroid.

    Returns
    -------
    xy, known
        Shapes (m, 2) and (n,): the places of the m of n events that have one. A missing or
        empty geometry is none, nor is one that lies nowhere on the map of the CRS.
    """
    if crs is None or points.empty:
        return np.empty((0, 2)), np.zeros(len(points), dtype=bool)
    shapes = np.asarray(metric(points, crs).geometry.array)
    points_only = (shapely.get_type_id(shapes) == shapely.GeometryType.POINT).all()
    spots = shapes if points_only else shapely.centroid(shapes)
    xy, event = shapely.get_coordinates(spots, return_index=True)  # of none, if it is empty
    finite = np.isfinite(xy).all(axis=1)
    known = np.zeros(len(points), dtype=bool)
    known[event[finite]] = True
    return xy[finite], known


def _find(xy: Floats, place: _Places) -> Whole:
    """Give each point the position of its cell or -1."""
    return _find_on_lattice(xy, place) if place.step_m else _find_in_shapes(xy, place.shapes)


def _find_on_lattice(xy: Floats, place: _Places) -> Whole:
    """Give each point the position of its cell or -1; a point on an edge goes north-east."""
    step_m = cast("float", place.step_m)
    col, row = np.floor(xy / step_m).astype(np.int64).T
    per_row = 2**31  # more columns than any lattice on Earth has
    at = pd.Index(place.row * per_row + place.col).get_indexer(row * per_row + col)
    cut = shapely.area(place.shapes) < step_m**2 - SAME_PLACE_M * step_m
    doubtful = np.flatnonzero((at >= 0) & cut[at])
    inside = shapely.intersects_xy(place.shapes[at[doubtful]], *xy[doubtful].T)
    at[doubtful[~inside]] = -1
    return cast("Whole", at)


def _find_in_shapes(xy: Floats, shapes: Shapes) -> Whole:
    at = np.full(len(xy), len(shapes), dtype=np.int64)
    point, cell = shapely.STRtree(shapes).query(shapely.points(xy), predicate="intersects")
    np.minimum.at(at, point, cell)
    return np.where(at == len(shapes), -1, at)


def _density(xy: Floats, mass: Floats, place: _Places, bandwidth_m: float) -> Floats:
    if place.step_m is None:
        return _gaussian_sums(place.xy, xy, mass, bandwidth_m)
    x_m, y_m, at_row, at_col = _axes(place, place.step_m)
    density = binned_density(xy, mass, x_m, y_m, bandwidth_m=bandwidth_m, step_m=place.step_m)
    return density[at_row, at_col]


def _gaussian_sums(at: Floats, xy: Floats, values: Floats, bandwidth_m: float) -> Floats:
    peak = 2 * np.pi * bandwidth_m**2
    return pair_sums(at, xy, values, lambda d2: np.exp(d2 / (-2 * bandwidth_m**2))) / peak


def _axes(place: _Places, step_m: float) -> tuple[Floats, Floats, Whole, Whole]:
    """List the columns and rows of the lattice that hold cells, and each cell's place in them."""
    rows, at_row = np.unique(place.row, return_inverse=True)
    cols, at_col = np.unique(place.col, return_inverse=True)
    return (cols + 0.5) * step_m, (rows + 0.5) * step_m, at_row, at_col


def _kept_inside(
    xy: Floats, mass: Floats, place: _Places, bandwidth_m: float
) -> tuple[Floats, Floats]:
    """Leave out events outside the cells, and make up for what the others lose over the border."""
    inside = _find(xy, place) >= 0
    xy, mass = xy[inside], mass[inside]
    bounds = shapely.bounds(place.shapes)
    longest_m = (bounds[:, 2:] - bounds[:, :2]).max()
    if bandwidth_m < 0.499 * longest_m:  # squares drawn in degrees are a few mm too wide
        raise InputError(
            f"bandwidth_m is {bandwidth_m:g}, less than half a cell of {longest_m:g} m. "
            "Take a wider one, or smaller cells, to correct the edge."
        )
    area_m2 = shapely.area(place.shapes)
    if place.step_m is None:
        return xy, mass / _gaussian_sums(xy, place.xy, area_m2, bandwidth_m)
    x_m, y_m, at_row, at_col = _axes(place, place.step_m)
    raster = np.zeros((len(y_m), len(x_m)))
    raster[at_row, at_col] = area_m2
    return xy, mass / mass_inside(xy, x_m, y_m, raster, bandwidth_m=bandwidth_m)


def _neighbour_sums(x: Floats, place: _Places, distance_m: float) -> tuple[Floats, Floats]:
    """Count each cell's neighbours, itself among them, and sum their values."""
    values = np.column_stack([np.ones(len(x)), x])
    if place.step_m is None or np.ptp(place.row) * np.ptp(place.col) > WIDEST_RASTER:
        reach_m2 = (distance_m + SAME_PLACE_M) ** 2
        near, local = pair_sums(place.xy, place.xy, values, lambda d2: (d2 <= reach_m2) * 1.0).T
        return near, local
    row, col = place.row - place.row.min(), place.col - place.col.min()
    raster = np.zeros((row.max() + 1, col.max() + 1, 2))
    raster[row, col] = values
    near, local = disc_sums(raster, (distance_m + SAME_PLACE_M) / place.step_m)[row, col].T
    return near, local


def _z_scores(x: Floats, near: Floats, local: Floats) -> Floats:
    n = len(x)
    if n < 2:
        return np.zeros(n)
    spread = x.std() * np.sqrt((n * near - near**2) / (n - 1))
    differs = spread > 1e-9 * np.abs(x).max()  # what rounding leaves of equal counts is less
    z: Floats = np.divide(local - x.mean() * near, spread, out=np.zeros(n), where=differs)
    return z


def check_metres(name: str, value_m: float) -> None:
    """Refuse a bandwidth or distance that is no length in metres."""
    if not SHORTEST_M <= value_m <= LONGEST_M:
        raise InputError(
            f"{name} is {value_m:g}, not within {SHORTEST_M:g} to {LONGEST_M:g}. "
            "Give it in metres, such as 200."
        )


def check_weights(weights: ArrayLike | None, index: pd.Index) -> Floats:
    """Give one number for each event, 1 where none are given; refuse what is no weight."""
    if weights is None:
        return np.ones(len(index))
    if isinstance(weights, pd.Series):
        weights = weights.reindex(index).to_numpy(dtype=float, na_value=np.nan)
    mass = np.asarray(weights, dtype=float)
    if mass.shape != (len(index),):
        raise InputError(
            f"weights hold {mass.size} numbers for {len(index)} events. Give one each."
        )
    bad = ~(np.isfinite(mass) & (mass >= 0))
    if bad.any():
        raise InputError(
            f"weights must be 0 or more; {bad.sum()} are not, first that of {index[bad][0]}."
        )
    return mass


def _aligned(counts: pd.Series, index: pd.Index) -> Floats:
    x: Floats = counts.reindex(index).to_numpy(dtype=float, na_value=np.nan)
    bad = ~np.isfinite(x)
    if bad.any():
        raise InputError(
            f"{bad.sum()} of {len(index)} cells have no count, first {index[bad][0]}. "
            "Count events on these cells."
        )
    return x
