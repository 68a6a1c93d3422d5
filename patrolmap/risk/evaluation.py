"""
How well a map of scores foresaw later events: hit rate, PAI, PEI and RRI.

All of them flag the share of the map that scores highest. Cells with equal scores are flagged
together; where only some of them fit, each is flagged in part, which is what drawing lots among
them gives on the average. So a map that scores all cells alike hits as often as chance does.
"""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd

from patrolmap.errors import InputError
from patrolmap.model.space import metric
from patrolmap.risk.hotspots import count_events
from patrolmap.risk.lattice import Floats


def hit_rate(
    score: pd.Series,
    events: gpd.GeoDataFrame | gpd.GeoSeries,
    cells: gpd.GeoDataFrame,
    *,
    coverage: float,
    size: pd.Series | None = None,
) -> float:
    """
    Give the share of later events that lie where the map scores highest.

    Parameters
    ----------
    score
        A number for every cell, matched by the index; made from what was known before.
    events
        What happened afterwards; events outside every cell are left out.
    cells
        Cells by a unique index; they must not overlap.
    coverage
        The share of the size to flag, above 0 and up to 1.
    size
        Of each cell, such as the length of its streets; by default its area.

    Returns
    -------
    share
        0 to 1.

    Raises
    ------
    InputError
        If `coverage` is out of bounds, a cell has no score or size, or no event lies in the
        cells, so that nothing can be measured.
    """
    hits = _counts(events, cells)
    return _flagged(_matched(score, cells, "score"), hits, _sizes(cells, size), coverage)


def pai(
    score: pd.Series,
    events: gpd.GeoDataFrame | gpd.GeoSeries,
    cells: gpd.GeoDataFrame,
    *,
    coverage: float,
    size: pd.Series | None = None,
) -> float:
    r"""
    Predictive accuracy index: the hit rate, divided by the share of the map that was flagged.

    Parameters, errors as in `hit_rate`.

    Returns
    -------
    index
        1 is what chance gives, and what any map gives at a coverage of 1.

    Notes
    -----
    :math:`(n / N) / (a / A)`, with n of N events in a of A. It favours small cells and small
    coverages: report it with both, and with `pei`.

    References
    ----------
    Chainey, Tompson and Uhlig 2008, Security Journal 21:4. By street length: Drawve and
    Wooditch 2019, Journal of Criminal Justice 61:23.

    Examples
    --------
    Three of four events lie in the one cell of four that scored highest: 0.75 / 0.25.

    >>> import shapely
    >>> boxes = [shapely.box(0.001 * i, 0, 0.001 * i + 0.001, 0.001) for i in range(4)]
    >>> cells = gpd.GeoDataFrame(index=list("abcd"), geometry=boxes, crs="EPSG:4326")
    >>> lon = [0.0001, 0.0002, 0.0003, 0.0015]
    >>> points = gpd.GeoSeries(gpd.points_from_xy(lon, [0.0005] * 4), crs=cells.crs)
    >>> round(pai(pd.Series([9, 1, 1, 0], cells.index), points, cells, coverage=0.25), 3)
    3.0
    """
    return hit_rate(score, events, cells, coverage=coverage, size=size) / coverage


def pei(
    score: pd.Series,
    events: gpd.GeoDataFrame | gpd.GeoSeries,
    cells: gpd.GeoDataFrame,
    *,
    coverage: float,
    size: pd.Series | None = None,
) -> float:
    """
    Predictive efficiency index: the PAI as a share of the best any map of these cells has.

    Parameters, errors as in `hit_rate`. The best map flags the cells with most events for
    their size.

    Returns
    -------
    index
        0 to 1.

    References
    ----------
    Hunt 2016, Do crime hot spots move? (dissertation, American University).
    """
    hits, sizes = _counts(events, cells), _sizes(cells, size)
    own = _flagged(_matched(score, cells, "score"), hits, sizes, coverage)
    dense = np.divide(hits, sizes, out=np.where(hits > 0, np.inf, 0.0), where=sizes > 0)
    return own / _flagged(dense, hits, sizes, coverage)


def rri(
    score: pd.Series,
    before: gpd.GeoDataFrame | gpd.GeoSeries,
    after: gpd.GeoDataFrame | gpd.GeoSeries,
    cells: gpd.GeoDataFrame,
    *,
    coverage: float,
    size: pd.Series | None = None,
) -> float:
    r"""
    Recapture rate index: whether hotspots held as large a share of events later as before.

    Parameters, errors as in `hit_rate`; `before` are the events the map was made from.

    Returns
    -------
    index
        1: they held as much; below 1: events have moved away. NaN where none were there before.

    Notes
    -----
    :math:`(n_2 / n_1) / (N_2 / N_1)`.

    References
    ----------
    Levine 2008, Security Journal 21:295.
    """
    was, became = (
        hit_rate(score, events, cells, coverage=coverage, size=size) for events in (before, after)
    )
    return became / was if was else float("nan")


def _flagged(score: Floats, hits: Floats, size: Floats, coverage: float) -> float:
    """Give the share of hits in the highest scores that make up a share of the size."""
    if not 0 < coverage <= 1:
        raise InputError(f"coverage is {coverage}; give a share above 0 and up to 1, such as 0.03.")
    _, group = np.unique(-score, return_inverse=True)
    size_of, hits_of = (np.bincount(group, weights=w) for w in (size, hits))
    room = coverage * size.sum() - (np.cumsum(size_of) - size_of)
    is_flat = size_of == 0  # a cell without a street takes no room
    taken = np.clip(room / np.where(is_flat, 1.0, size_of), 0.0, 1.0)
    taken = np.where(is_flat, room > 0, taken)
    return float(taken @ hits_of / hits.sum())


def _counts(events: gpd.GeoDataFrame | gpd.GeoSeries, cells: gpd.GeoDataFrame) -> Floats:
    hits: Floats = count_events(events, cells).to_numpy(dtype=np.float64)
    if not hits.sum():
        raise InputError("No event lies in the cells: nothing can be measured.")
    return hits


def _matched(values: pd.Series, cells: gpd.GeoDataFrame, name: str) -> Floats:
    known: Floats = values.reindex(cells.index).to_numpy(dtype=np.float64, na_value=np.nan)
    if not np.isfinite(known).all():
        lacking = cells.index[~np.isfinite(known)]
        raise InputError(f"{len(lacking)} cells have no {name}, {lacking[0]} among them.")
    return known


def _sizes(cells: gpd.GeoDataFrame, size: pd.Series | None) -> Floats:
    area = pd.Series(metric(cells).area, cells.index) if size is None else size
    sizes = _matched(area, cells, "size")
    if not (sizes >= 0).all() or not sizes.sum():
        raise InputError("Sizes must be 0 or more, and some of them more.")
    return sizes
