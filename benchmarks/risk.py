"""
Time the risk room on synthetic, seeded workloads, beside the tools people would use instead.

    python benchmarks/risk.py [--repeat 5]

Peers are no dependencies of patrolmap: where scikit-learn, KDEpy, esda and libpysal are not
installed, their lines say so. Ratios compare medians of one run on one machine.
"""

from __future__ import annotations

import argparse
import importlib.util
import statistics
import time
from collections.abc import Callable
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from patrolmap.model.layers import check_layer
from patrolmap.risk.grid import make_grid, make_school_grid
from patrolmap.risk.hotspots import count_events, gi_star, kernel_density
from patrolmap.risk.kernels import binned_density, disc_sums, pair_sums

CRS = "EPSG:4549"
CELL_M = 100.0
WIDE, HIGH = 250, 200  # 50,000 cells
EVENTS = 100_000
CORNER_M = np.array([490_000.0, 3_500_000.0])
SEED = 20260901


def main() -> None:
    """Run every workload and print one line each."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--repeat", type=int, default=5, help="runs a workload; the median counts")
    repeat = parser.parse_args().repeat
    time_grid(repeat)
    xy, cells = make_city()
    for bandwidth_m in (100.0, 300.0):
        time_density(xy, cells, bandwidth_m, repeat)
    time_gi_star(xy, cells, repeat)


def time_grid(repeat: int) -> None:
    """Lay cells around 60 campuses of 19 corners each, many reaches overlapping."""
    schools = make_district()
    seconds, cells = median_s(lambda: make_school_grid(schools, metric_crs=CRS), repeat)
    print(f"\ndistrict_60: school grid of {len(cells)} cells")
    report("patrolmap", seconds)


def time_density(xy: np.ndarray, cells: gpd.GeoDataFrame, bandwidth_m: float, repeat: int) -> None:
    """Compare density on projected arrays and from layers with two peers, and with the truth."""
    x_m, y_m = centres_m()
    ones = np.ones(len(xy))
    print(f"\ncity: kernel density, {EVENTS:,} events, {len(cells):,} cells, {bandwidth_m:g} m")
    own_s, own = median_s(
        lambda: binned_density(xy, ones, x_m, y_m, bandwidth_m=bandwidth_m, step_m=CELL_M), repeat
    )
    points = gpd.GeoSeries(shapely.points(xy), crs=CRS).to_crs("EPSG:4326")
    layers_s, _ = median_s(
        lambda: kernel_density(points, cells, bandwidth_m=bandwidth_m, metric_crs=CRS), repeat
    )
    some = np.random.default_rng(SEED).choice(WIDE * HIGH, 1000, replace=False)
    at = grid_points(x_m, y_m)[some]
    exact = pair_sums(at, xy, ones, lambda d2: np.exp(d2 / (-2 * bandwidth_m**2)))
    exact /= 2 * np.pi * bandwidth_m**2
    report("patrolmap, projected arrays", own_s, error=own.ravel()[some] - exact, peak=own.max())
    report("patrolmap, from layers", layers_s)
    peer_sklearn(xy, at, exact, bandwidth_m, own_s, own.max())
    peer_kdepy(xy, some, exact, bandwidth_m, own_s, own.max(), repeat)


def time_gi_star(xy: np.ndarray, cells: gpd.GeoDataFrame, repeat: int) -> None:
    """Compare Gi* with esda, queen neighbours and self."""
    points = gpd.GeoSeries(shapely.points(xy), crs=CRS).to_crs("EPSG:4326")
    print(f"\ncity: Gi*, {len(cells):,} cells, queen neighbours and self")
    count_s, counts = median_s(lambda: count_events(points, cells, metric_crs=CRS), repeat)
    report(f"patrolmap, counting {EVENTS:,} events from layers", count_s)
    raster = np.stack([np.ones((HIGH, WIDE)), on_raster(counts, cells)], axis=-1)
    own_s, _ = median_s(lambda: disc_sums(raster, 1.5), repeat)
    report("patrolmap, neighbour sums on arrays", own_s)
    layers_s, result = median_s(
        lambda: gi_star(counts, cells, distance_m=150, metric_crs=CRS), repeat
    )
    report("patrolmap, from layers", layers_s)
    peer_esda(raster[..., 1], on_raster(result["z"], cells), layers_s)


def peer_sklearn(
    xy: np.ndarray, at: np.ndarray, exact: np.ndarray, bandwidth_m: float, own_s: float, peak: float
) -> None:
    """Run scikit-learn's KernelDensity at its defaults, on 1,000 cells, scaled to all of them."""
    if missing("scikit-learn", "sklearn"):
        return
    from sklearn.neighbors import KernelDensity  # noqa: PLC0415 - a peer, if it is there

    fitted = KernelDensity(bandwidth=bandwidth_m).fit(xy)
    seconds, log_density = median_s(lambda: fitted.score_samples(at[:200]), 1)
    error = len(xy) * np.exp(log_density) - exact[:200]
    scaled_s = seconds * WIDE * HIGH / 200
    report("scikit-learn (scaled from 200 cells)", scaled_s, own_s=own_s, error=error, peak=peak)


def peer_kdepy(
    xy: np.ndarray, some: np.ndarray, exact: np.ndarray, bandwidth_m: float, own_s: float,
    peak: float, repeat: int,
) -> None:  # fmt: skip
    """Run KDEpy's FFTKDE on the grid of cell centres."""
    if missing("KDEpy", "KDEpy"):
        return
    from KDEpy import FFTKDE  # noqa: PLC0415 - a peer, if it is there

    x_m, y_m = centres_m()
    grid = np.stack(np.meshgrid(x_m, y_m, indexing="ij"), axis=-1).reshape(-1, 2)
    seconds, density = median_s(lambda: FFTKDE(bw=bandwidth_m).fit(xy).evaluate(grid), repeat)
    by_cell = len(xy) * density.reshape(WIDE, HIGH).T.ravel()
    report("KDEpy FFTKDE", seconds, own_s=own_s, error=by_cell[some] - exact, peak=peak)


def peer_esda(x: np.ndarray, z: np.ndarray, own_s: float) -> None:
    """Run G_Local of esda, analytic, with and without building the weights."""
    if missing("esda", "esda", "libpysal"):
        return
    from esda.getisord import G_Local  # noqa: PLC0415 - a peer, if it is there
    from libpysal.weights import lat2W  # noqa: PLC0415

    weights_s, weights = median_s(lambda: lat2W(HIGH, WIDE, rook=False), 1)
    seconds, result = median_s(
        lambda: G_Local(x.ravel(), weights, transform="B", star=True, permutations=0), 1
    )
    report("esda, weights", weights_s)
    report("esda, weights and Gi*", weights_s + seconds, own_s=own_s)
    print(f"  {'largest difference of z':<44}{np.abs(result.Zs - z.ravel()).max():>10.1e}")


def make_city() -> tuple[np.ndarray, gpd.GeoDataFrame]:
    """Scatter events in five clusters over 25 km x 20 km of cells."""
    random = np.random.default_rng(SEED)
    size_m = CELL_M * np.array([WIDE, HIGH])
    middles = random.uniform(0.2, 0.8, (5, 2)) * size_m
    away = random.normal(0, 1500, (EVENTS, 2))
    # inside the outermost centres, which is all that FFTKDE takes
    xy = np.clip(middles[random.integers(0, 5, EVENTS)] + away, 51, size_m - 51) + CORNER_M
    area = shapely.box(*CORNER_M, *(CORNER_M + size_m))
    outline = gpd.GeoSeries([area.segmentize(1000)], crs=CRS).to_crs("EPSG:4326")
    return xy, make_grid(outline, cell_size_m=CELL_M, metric_crs=CRS)


def make_district() -> gpd.GeoDataFrame:
    """Build 60 campuses within 3 km x 3 km."""
    random = np.random.default_rng(SEED)
    angle = np.linspace(0, 2 * np.pi, 20)[:-1]
    circle = np.column_stack([np.cos(angle), np.sin(angle)])
    corners = [
        CORNER_M + random.uniform(0, 3000, 2) + random.uniform(60, 120) * circle for _ in range(60)
    ]
    ids = [f"S{i:02d}" for i in range(60)]
    frame = gpd.GeoDataFrame(
        {"name": ids, "kinds": "primary"}, geometry=shapely.polygons(corners), index=ids, crs=CRS
    )
    return check_layer(frame, "schools")


def centres_m() -> tuple[np.ndarray, np.ndarray]:
    """Give the columns and rows of the cells' centres."""
    x_m, y_m = (
        start + CELL_M * (np.arange(n) + 0.5)
        for start, n in zip(CORNER_M, (WIDE, HIGH), strict=True)
    )
    return x_m, y_m


def grid_points(x_m: np.ndarray, y_m: np.ndarray) -> np.ndarray:
    """List the centres row by row, as `binned_density` lays them out."""
    return np.stack(np.meshgrid(x_m, y_m), axis=-1).reshape(-1, 2)


def on_raster(measure: pd.Series, cells: gpd.GeoDataFrame) -> np.ndarray:
    """Lay a measure out by row and column."""
    raster = np.zeros((HIGH, WIDE))
    raster[cells["row"] - cells["row"].min(), cells["col"] - cells["col"].min()] = measure
    return raster


def median_s(work: Callable[[], Any], repeat: int) -> tuple[float, Any]:
    """Run work several times; give the median of its seconds and its last result."""
    seconds = []
    for _ in range(repeat):
        start = time.perf_counter()
        result = work()
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds), result


def missing(name: str, *modules: str) -> bool:
    """Say so where a peer is not installed."""
    absent = any(importlib.util.find_spec(module) is None for module in modules)
    if absent:
        print(f"  {name:<44}not installed")
    return absent


def report(
    what: str,
    seconds: float,
    *,
    own_s: float | None = None,
    error: np.ndarray | None = None,
    peak: float = 1.0,
) -> None:
    """Print one line: seconds, how many times ours, and the error in percent of the peak."""
    line = f"  {what:<44}{seconds * 1000:>10.1f} ms"
    if own_s:
        line += f"{seconds / own_s:>10.1f} x"
    if error is not None:
        line += f"   error {100 * np.abs(error).max() / peak:.3f} % of the peak"
    print(line)


if __name__ == "__main__":
    main()
