"""Sums over neighbours in plain arrays: fast for places on a lattice, exact for all others."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, cast

import numpy as np
from scipy import sparse
from scipy.spatial.distance import cdist

from patrolmap.risk.lattice import Floats, Whole

# Binning an event between two nodes widens its kernel's variance by at most (pitch / 2)^2 an
# axis; with ten or more nodes per bandwidth that lowers its peak by 0.25 % at the most.
NODES_PER_BANDWIDTH: Final = 10
CUT_BANDWIDTHS: Final = 5.0  # a kernel holds all but 4e-6 of its mass within five bandwidths
PAIRS_AT_ONCE: Final = 4_000_000  # 32 MB of distances


def binned_density(
    xy: Floats, mass: Floats, x_m: Floats, y_m: Floats, *, bandwidth_m: float, step_m: float
) -> Floats:
    """
    Sum Gaussian kernels where columns and rows cross, in time that hardly grows with events.

    Parameters
    ----------
    xy, mass
        Shapes (n, 2) and (n,): places [m] and weights.
    x_m, y_m
        The columns and rows [m].
    bandwidth_m
        The standard deviation of the kernel [m].
    step_m
        The step of the lattice that columns and rows stand on [m]. Nodes divide it evenly, so
        that events and lattice moved together, or more columns, change no density.

    Returns
    -------
    density
        Shape (rows, columns), weight per m2.

    Notes
    -----
    The kernel is a product of one in x and one in y, so the sum is ``Ky @ H @ Kx.T``, where H
    holds the weights, spread over the four nodes around each event, and all are sparse.
    """
    pitch_m = step_m / np.ceil(step_m / bandwidth_m * NODES_PER_BANDWIDTH)
    cut = CUT_BANDWIDTHS * bandwidth_m / pitch_m
    first = np.floor(np.array([x_m.min(), y_m.min()]) / pitch_m - cut)
    many = np.ceil(np.array([x_m.max(), y_m.max()]) / pitch_m + cut) - first + 1
    place = xy / pitch_m - first
    seen = ((place >= 0) & (place < many - 1)).all(axis=1)
    held = _spread_over_nodes(place[seen], mass[seen], many.astype(np.int64))
    across, along = (
        _kernel_rows(at_m / pitch_m - start, int(size), bandwidth_m / pitch_m)
        for at_m, start, size in zip((x_m, y_m), first, many, strict=True)
    )
    return cast("Floats", (along @ held @ across.T).toarray() / bandwidth_m**2)


def _spread_over_nodes(place: Floats, mass: Floats, many: Whole) -> sparse.csr_array:
    """Share each weight among the four nodes around its place, the nearer the more."""
    node = place.astype(np.int32)
    right, up = (place - node).T
    shares = [(1 - up) * (1 - right), (1 - up) * right, up * (1 - right), up * right]
    cols = np.concatenate([node[:, 0] + dx for dx in (0, 1, 0, 1)])
    rows = np.concatenate([node[:, 1] + dy for dy in (0, 0, 1, 1)])
    values = np.concatenate([mass * share for share in shares])
    held = sparse.coo_array((values, (rows, cols)), shape=(many[1], many[0]))
    # a product adds up what stands twice, so the costly sorting that sums it before is spared
    held.has_canonical_format = True
    return held.tocsr()


def _kernel_rows(at: Floats, many: int, bandwidth: float) -> sparse.csr_array:
    """Weigh the nodes around each place by a one-dimensional Gaussian; units are nodes."""
    half = int(CUT_BANDWIDTHS * bandwidth)
    # centres of lattice squares lie on a node or halfway: a quarter keeps rounding noise out
    nodes = np.floor(at + 0.25).astype(np.int64)[:, None] + np.arange(-half, half + 1)
    away = (nodes - at[:, None]) / bandwidth
    values = np.exp(-0.5 * away**2) / np.sqrt(2 * np.pi)
    inside = (nodes >= 0) & (nodes < many)
    rows = np.broadcast_to(np.arange(len(at))[:, None], nodes.shape)
    kernel = sparse.coo_array(
        (values[inside], (rows[inside], nodes[inside])), shape=(len(at), many)
    )
    return kernel.tocsr()


def mass_inside(
    xy: Floats, x_m: Floats, y_m: Floats, area_m2: Floats, *, bandwidth_m: float
) -> Floats:
    """
    Say how much of each event's Gaussian kernel falls into cells, summed over their centres.

    Parameters
    ----------
    xy
        Shape (n, 2), places of events [m].
    x_m, y_m
        The columns and rows [m].
    area_m2
        Shape (rows, columns); 0 where there is no cell.
    bandwidth_m
        The standard deviation of the kernel [m].

    Returns
    -------
    share
        Shape (n,), about 1 far from every border and half of it on a straight one.
    """
    share = np.empty(len(xy))
    step = max(1, PAIRS_AT_ONCE // (len(x_m) + len(y_m)))
    for first in range(0, len(xy), step):
        some = slice(first, first + step)
        across, along = (
            np.exp(-0.5 * ((xy[some, axis, None] - at_m) / bandwidth_m) ** 2)
            for axis, at_m in enumerate((x_m, y_m))
        )
        share[some] = ((along @ area_m2) * across).sum(axis=1) / (2 * np.pi * bandwidth_m**2)
    return share


def pair_sums(at: Floats, xy: Floats, values: Floats, kernel: Callable[[Floats], Floats]) -> Floats:
    """
    Sum values over all pairs of places, weighed by a kernel of the squared distance [m2].

    Exact, in time proportional to the number of pairs and in bounded memory.
    """
    total = np.zeros((len(at), *values.shape[1:]))
    step = max(1, PAIRS_AT_ONCE // max(1, len(at)))
    for first in range(0, len(xy), step):
        some = slice(first, first + step)
        total += kernel(cdist(at, xy[some], "sqeuclidean")) @ values[some]
    return total


def disc_sums(raster: Floats, radius: float) -> Floats:
    """
    Sum a raster over a disc around each of its squares.

    The disc holds the squares whose centre is at most `radius` squares away. It is summed row
    by row as differences of running totals, so that wide discs cost little more than narrow
    ones. `raster` has shape (rows, columns, layers).
    """
    high, wide, _ = raster.shape
    summed = np.zeros((high, wide + 1, raster.shape[2]))
    np.cumsum(raster, axis=1, out=summed[:, 1:])
    total = np.zeros_like(raster)
    up = min(int(radius), high - 1)
    col = np.arange(wide)
    for dy in range(-up, up + 1):
        half = int(np.sqrt(radius**2 - dy**2))
        east, west = np.minimum(col + half + 1, wide), np.maximum(col - half, 0)
        to, source = slice(max(0, -dy), high - max(0, dy)), slice(max(0, dy), high + min(0, dy))
        total[to] += summed[source][:, east] - summed[source][:, west]
    return total
