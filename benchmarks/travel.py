"""
Travel times of 200 places on 50,000 corners, side by side with scipy and networkx.

    .venv/bin/python -m benchmarks.travel

The streets are a synthetic grid with a tenth of its blocks missing and a third of the
rest one-way, made from a seed. Each line says how long the processors were busy and how
long one waited. scipy keeps a tree of paths for every place, as we can name any path after
the search. networkx is run from a few sources and scaled up, since all of them take
minutes; its times are compared with ours, place by place.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import compress, pairwise, product

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import shapely
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from patrolmap.model.contracts import CRS
from patrolmap.model.network import Network, build_network
from patrolmap.model.units import Mode
from patrolmap.planning.travel import Travel, travel_times

SEED = 20260901
SIDE = 224  # corners along each side: 50,176 in all
BLOCK_DEG = 0.0008
PLACES = 200
PEER_SOURCES = 4
LEGS = 400  # the ways of a day: 40 crews with ten stops each


def main() -> None:
    """Run the workload and print a table."""
    rng = np.random.default_rng(SEED)
    streets = grid_streets(rng)
    with clock("build the network"):
        network = build_network(streets)
    places = some_places(rng)
    warm_up()
    for mode in ("walk", "drive"):
        _ = network.trees[mode]
    for mode in ("walk", "drive"):
        with clock(f"{mode}: {PLACES} x {PLACES} places"):
            travel = travel_times(network, places, mode=mode)
        pairs = reachable_pairs(travel, rng)
        with clock(f"{mode}: {LEGS} paths"):
            for start, end in pairs:
                travel.path(start, end)
        with clock(f"{mode}: scipy, matrix and trees of paths"):
            scipy_trees(travel)
        compare(network, travel, mode)


def warm_up() -> None:
    """Load the compiled search, which takes seconds once on a machine."""
    rng = np.random.default_rng(0)
    network, places = build_network(grid_streets(rng).iloc[:600]), some_places(rng)
    travel = travel_times(network, places, mode="walk", snap_m=1e6)
    travel.path(*reachable_pairs(travel, rng)[0])


def scipy_trees(travel: Travel) -> None:
    """Search the same arcs with scipy, from every place, sixteen at a time."""
    arcs = travel.graph.arcs
    count = len(arcs.first) - 1
    graph = csr_array((arcs.weight.astype(float), arcs.head, arcs.first), shape=(count, count))
    for first in range(0, len(travel.graph.leave), 16):
        sources = travel.graph.leave[first : first + 16]
        dijkstra(graph, indices=sources[sources >= 0], return_predecessors=True)


@contextmanager
def clock(what: str) -> Iterator[None]:
    """Print how long a block kept processors busy, and how long one waited for it."""
    busy, began = time.process_time(), time.perf_counter()
    yield
    busy, waited = time.process_time() - busy, time.perf_counter() - began
    print(f"{what:<44}{busy:8.2f} s busy{waited:8.2f} s")


def grid_streets(rng: np.random.Generator) -> gpd.GeoDataFrame:
    """Lay the grid; blocks are about 80 m long, and streets bend a little."""
    shift = rng.normal(0, BLOCK_DEG / 8, (SIDE, SIDE, 2))
    corner = np.stack(np.meshgrid(range(SIDE), range(SIDE), indexing="ij"), -1) * BLOCK_DEG
    lonlat = corner + shift + [119.9, 31.6]
    east = [((r, c), (r, c + 1)) for r, c in product(range(SIDE), range(SIDE - 1))]
    north = [((r, c), (r + 1, c)) for r, c in product(range(SIDE - 1), range(SIDE))]
    kept = rng.random(len(east) + len(north)) > 0.1
    blocks = list(compress(east + north, kept))
    ends = np.array([[lonlat[start], lonlat[end]] for start, end in blocks])
    frame = pd.DataFrame(
        {
            "walkable": True,
            "drivable": True,
            "oneway": rng.choice([0, 0, 0, 0, 1, -1], len(blocks)),
            "length_m": 0.0,  # to be measured
            "speed_kph": 30.0,
            "from_node": [f"{r},{c}" for (r, c), _ in blocks],
            "to_node": [f"{r},{c}" for _, (r, c) in blocks],
            "level": 0,
        },
        index=[f"b{i}" for i in range(len(blocks))],
    )
    return gpd.GeoDataFrame(frame, geometry=shapely.linestrings(ends), crs=CRS)


def some_places(rng: np.random.Generator) -> gpd.GeoDataFrame:
    """Put places anywhere on the grid."""
    lon = rng.uniform(119.9, 119.9 + SIDE * BLOCK_DEG, PLACES)
    lat = rng.uniform(31.6, 31.6 + SIDE * BLOCK_DEG, PLACES)
    index = [f"p{i}" for i in range(PLACES)]
    return gpd.GeoDataFrame(geometry=gpd.points_from_xy(lon, lat), crs=CRS, index=index)


def reachable_pairs(travel: Travel, rng: np.random.Generator) -> list[tuple[str, str]]:
    """Draw ways between places that have one."""
    start, end = np.nonzero(travel.seconds.notna().to_numpy())
    chosen = rng.integers(0, len(start), LEGS)
    ids = travel.seconds.index
    return [(ids[a], ids[b]) for a, b in zip(start[chosen], end[chosen], strict=True)]


def compare(network: Network, travel: Travel, mode: Mode) -> None:
    """Ask networkx from a few sources, and hold its answers against ours."""
    graph, tied = peer_graph(network, travel, mode)
    ids = [place_id for place_id in travel.seconds.index if place_id in tied]
    began = time.process_time()
    found = {i: nx.single_source_dijkstra(graph, i) for i in ids[:PEER_SOURCES]}
    took_s = (time.process_time() - began) / PEER_SOURCES * PLACES
    print(f"{mode}: networkx with paths, from {PEER_SOURCES} sources, scaled{took_s:9.1f} s")
    apart = [
        abs(times[end] + tied[start] + tied[end] - travel.seconds.loc[start, end])
        for start, (times, _) in found.items()
        for end in ids
        if end in times and end != start
    ]
    print(f"{mode}: largest difference over {len(apart):,} ways{max(apart):13.3f} s (rounding up)")


def peer_graph(network: Network, travel: Travel, mode: Mode) -> tuple[nx.DiGraph, dict[str, float]]:
    """Build the same streets anew, each place a node on its street, for networkx."""
    graph = nx.DiGraph()
    cuts = travel.snapped[travel.snapped["edge"] >= 0].sort_values(["edge", "along"])
    on_edge = {edge: list(rows["along"].items()) for edge, rows in cuts.groupby("edge")}
    ends = zip(network.tails, network.heads, network.seconds[mode], strict=True)
    for edge, (tail, head, (along_s, against_s)) in enumerate(ends):
        stops = [(tail, 0.0), *on_edge.get(edge, []), (head, 1.0)]
        for (a, start), (b, stop) in pairwise(stops):
            if np.isfinite(along_s):
                graph.add_edge(a, b, weight=(stop - start) * along_s)
            if np.isfinite(against_s):
                graph.add_edge(b, a, weight=(stop - start) * against_s)
    return graph, (cuts["connector_m"] / network.walk_mps).to_dict()


if __name__ == "__main__":
    main()
