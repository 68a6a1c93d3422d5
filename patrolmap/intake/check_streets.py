"""Streets in pieces, and what stands where nobody can come: islands, traps, far banks."""

from __future__ import annotations

from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import breadth_first_order, dijkstra

from patrolmap.intake.findings import Finding, Findings, Fix, Layers
from patrolmap.intake.proposed_gates import propose_gates
from patrolmap.model.network import Network, build_network
from patrolmap.model.snapping import NEIGHBOURHOOD_M, SNAP_M, snap

OFF_STREET_M: Final = 50.0  # a gate is set back by a forecourt, not by more
NEXT_PIECES: Final = 3  # named in the note
NAMED_TRAPS: Final = 3
# Across water or a motorway: so much farther on foot than straight.
DETOUR_TIMES: Final = 3.0
DETOUR_M: Final = 300.0
APART_M: Final = 15.0  # nearer than this there is no room for a river
_WATER: Final = ("water", "waterline")
_FAST: Final = ("motorway", "motorway_link", "trunk", "trunk_link")
Whole = NDArray[np.int64]


def check_streets(layers: Layers, crs: str) -> Findings:
    """
    Find what the streets cut off, for walkers and for cars.

    Parameters
    ----------
    layers
        All layers by name.
    crs
        The precinct's metric CRS.
    """
    streets = layers["streets"]
    if streets.empty:
        return
    network = build_network(streets, metric_crs=crs)
    doors = _doors(layers, crs)
    tied = snap(network, doors.geometry, "walk")
    main = _main_piece(network, tied)
    yield from _pieces(network)
    yield from _cut_off(network, layers, doors, tied, main)
    yield from _traps(network, layers)
    yield from _across(network, layers, crs)


def _doors(layers: Layers, crs: str) -> gpd.GeoDataFrame:
    """Give every gate, and for a school without any the one that plans would take."""
    schools, gates = layers["schools"], layers["gates"]
    given = gates[gates["school_id"].isin(schools.index)]
    return propose_gates(schools, given, layers["streets"], metric_crs=crs)


def _piece_lengths(network: Network) -> pd.Series:
    piece = network.component["walk"]
    inside = piece >= 0
    return pd.Series(network.length_m[inside]).groupby(piece[inside]).sum()


def _main_piece(network: Network, tied: gpd.GeoDataFrame) -> int:
    """Take the piece most gates are reached from; without gates, the longest."""
    found = tied.loc[tied["component"] >= 0, "component"]
    lengths = _piece_lengths(network)
    if len(found):
        counts = found.value_counts()
        most = counts[counts == counts.max()].index
        return int(lengths.reindex(most).idxmax())
    return int(lengths.idxmax()) if len(lengths) else -1


def _pieces(network: Network) -> Findings:
    lengths = _piece_lengths(network).sort_values(ascending=False)
    if len(lengths) > 1:
        following = " / ".join(f"{m / 1000:.2g} km" for m in lengths.iloc[1 : 1 + NEXT_PIECES])
        words = (str(len(lengths)), f"{100 * lengths.iloc[0] / lengths.sum():.1f}", following)
        yield Finding("streets_in_pieces", "streets", "", words)


def _cut_off(
    network: Network, layers: Layers, doors: gpd.GeoDataFrame, tied: gpd.GeoDataFrame, main: int
) -> Findings:
    lengths = _piece_lengths(network)
    given = doors.index.isin(layers["gates"].index)
    lost = given & (tied["component"] < 0).to_numpy()
    street = snap(network, doors.geometry[lost], "walk", limit_m=NEIGHBOURHOOD_M)
    for gate_id, row in tied[given].iterrows():
        if row.component < 0:
            fix = _to_street(street.loc[gate_id])
            yield Finding("off_street", "gates", str(gate_id), (f"{SNAP_M:.0f}",), "geometry", fix)
        elif row.component != main:
            words = (f"{lengths[row.component]:.0f}",)
            yield Finding("on_island", "gates", str(gate_id), words, "geometry")
        elif row.connector_m > OFF_STREET_M:
            words, fix = (f"{row.connector_m:.0f}",), _to_street(row)
            yield Finding("gate_off_street", "gates", str(gate_id), words, "geometry", fix)
    reached = set(doors.loc[(tied["component"] == main).to_numpy(), "school_id"])
    for school_id in layers["schools"].index[~layers["schools"].index.isin(reached)]:
        yield Finding("school_cut_off", "schools", str(school_id), (), "geometry")


def _to_street(tied: Any) -> Fix | None:  # noqa: ANN401 - a row of what is tied to streets
    if tied.geometry is None:
        return None
    return Fix("move", f"{tied.geometry.x:.7f} {tied.geometry.y:.7f}")


def _traps(network: Network, layers: Layers) -> Findings:
    """Find streets a car gets into from the main streets, and does not get out of again."""
    trapped = _trapped(network)
    if not trapped.any():
        return
    names = layers["streets"]["name"].reindex(network.street_ids[trapped])
    told = [name for name in dict.fromkeys(names) if name] or list(network.street_ids[trapped])
    words = (
        str(int(trapped.sum())),
        f"{network.length_m[trapped].sum():.0f}",
        " / ".join(map(str, told[:NAMED_TRAPS])),
    )
    yield Finding("oneway_traps", "streets", "", words, "oneway")
    drivable = np.flatnonzero(np.isfinite(network.seconds["drive"]).any(axis=1))
    tree = shapely.STRtree(network.lines[drivable])
    for layer in ("gates", "bases"):
        places = layers[layer].to_crs(network.crs)
        at, street = tree.query_nearest(
            np.asarray(places.geometry.array), max_distance=SNAP_M, all_matches=False
        )
        for row, edge in zip(at, drivable[street], strict=True):
            if trapped[edge]:
                street_id = str(network.street_ids[edge])
                name = layers["streets"]["name"][street_id] or street_id
                yield Finding("in_trap", layer, str(places.index[row]), (name,), "geometry")


def _trapped(network: Network) -> NDArray[np.bool_]:
    """Mark the edges a car can reach from the largest driving component, but not leave for it."""
    piece, length_m = network.component["drive"], network.length_m
    none = np.zeros(len(piece), dtype=bool)
    if not (piece >= 0).any():
        return none
    main = int(np.bincount(piece[piece >= 0], length_m[piece >= 0]).argmax())
    go, back = np.isfinite(network.seconds["drive"]).T
    sources = np.concatenate([network.tails[go], network.heads[back]])
    targets = np.concatenate([network.heads[go], network.tails[back]])
    start = int(network.tails[np.flatnonzero(piece == main)[0]])
    reached, leaving = (
        _reach(one, other, network.node_count, start)
        for one, other in ((sources, targets), (targets, sources))
    )
    enters = (go & reached[network.tails]) | (back & reached[network.heads])
    leaves = (go & leaving[network.heads]) | (back & leaving[network.tails])
    return np.asarray(enters & ~leaves)


def _reach(sources: Whole, targets: Whole, node_count: int, start: int) -> NDArray[np.bool_]:
    arcs = coo_array((np.ones(len(sources)), (sources, targets)), shape=(node_count, node_count))
    nodes = breadth_first_order(arcs.tocsr(), start, return_predecessors=False)
    found = np.zeros(node_count, dtype=bool)
    found[nodes] = True
    return found


def _across(network: Network, layers: Layers, crs: str) -> Findings:
    """Find gates and posts that water or a fast road parts from their school."""
    schools = layers["schools"].geometry.to_crs(crs)
    barriers = _barriers(layers, crs)
    for layer in ("gates", "posts"):
        places = layers[layer][layers[layer]["school_id"].isin(schools.index)]
        own = schools.loc[places["school_id"]]
        spots = places.geometry.to_crs(crs)
        links = shapely.shortest_line(spots.to_numpy(), own.to_numpy())
        straight_m = shapely.length(links)
        for row in np.flatnonzero(straight_m > APART_M):
            kind = _crossed(barriers, links[row])
            if kind is None:
                continue
            ends = [shapely.get_point(links[row], at) for at in (0, -1)]
            walk_m = _walk_m(network, gpd.GeoSeries(ends, crs=crs).to_crs(layers["schools"].crs))
            if walk_m > max(DETOUR_TIMES * straight_m[row], straight_m[row] + DETOUR_M):
                far = f"{walk_m:.0f}" if np.isfinite(walk_m) else "∞"
                words = (*kind, f"{straight_m[row]:.0f}", far)
                yield Finding("across", layer, str(places.index[row]), words, "geometry")


def _barriers(layers: Layers, crs: str) -> list[tuple[tuple[str, str], shapely.STRtree]]:
    basemap, streets = layers["basemap"], layers["streets"]
    water = basemap[basemap["cls"].isin(_WATER)].to_crs(crs)
    fast = streets[streets["highway"].isin(_FAST) & ~streets["walkable"].astype(bool)].to_crs(crs)
    return [
        (("水面", "water"), shapely.STRtree(np.asarray(water.geometry.array))),
        (("快速道路", "a fast road"), shapely.STRtree(np.asarray(fast.geometry.array))),
    ]


def _crossed(
    barriers: list[tuple[tuple[str, str], shapely.STRtree]],
    link: Any,  # noqa: ANN401
) -> tuple[str, str] | None:
    return next(
        (kind for kind, tree in barriers if len(tree.query(link, predicate="intersects"))), None
    )


def _walk_m(network: Network, ends: gpd.GeoSeries) -> float:
    """Measure the walk between two places; inf where there is none."""
    tied = snap(network, ends, "walk", limit_m=NEIGHBOURHOOD_M)
    if (tied["edge"] < 0).any():
        return float("inf")
    one, other = tied["edge"].to_numpy()
    along, off_m = tied["along"].to_numpy(), float(tied["connector_m"].sum())
    if one == other:
        return off_m + float(abs(along[0] - along[1]) * network.length_m[one])
    walk = np.isfinite(network.seconds["walk"][:, 0])
    tails, heads, length_m = (a[walk] for a in (network.tails, network.heads, network.length_m))
    # of parallel streets the shortest counts; a street of no length is still a street
    arcs = pd.DataFrame({"a": tails, "b": heads, "m": np.maximum(length_m, 1e-3)})
    arcs = arcs.groupby(["a", "b"], as_index=False)["m"].min()
    shape = (network.node_count, network.node_count)
    graph = coo_array((arcs["m"], (arcs["a"], arcs["b"])), shape=shape).tocsr()
    starts, ends_at = (np.array([network.tails[e], network.heads[e]]) for e in (one, other))
    between = dijkstra(graph, directed=False, indices=starts)[:, ends_at]
    out, into = (
        np.array([share, 1 - share]) * network.length_m[edge]
        for share, edge in zip(along, (one, other), strict=True)
    )
    return off_m + float((out[:, None] + between + into[None]).min())
