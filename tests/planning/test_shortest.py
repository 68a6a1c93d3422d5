"""The compiled search against scipy, on graphs with one-ways, dead ends and parallel arcs."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra

from patrolmap.planning.junctions import keep_junctions, unfold
from patrolmap.planning.shortest import FAR, Arcs, all_ways, one_way


def arcs_of(count, rows):
    rows = np.array(sorted(rows), dtype=np.int64).reshape(-1, 3)
    first = np.searchsorted(rows[:, 0], np.arange(count + 1))
    return Arcs(first, rows[:, 1].astype(np.int32), rows[:, 2].copy())


def by_scipy(count, rows):
    least = {}
    for tail, head, weight in rows:
        least[tail, head] = min(weight, least.get((tail, head), FAR))
    pairs = np.array(list(least), dtype=np.int64).reshape(-1, 2)
    graph = coo_array((list(least.values()), tuple(pairs.T)), shape=(count, count), dtype=float)
    far = dijkstra(graph.tocsr())
    return np.where(np.isfinite(far), far, FAR).astype(np.int64)


def total_of(arcs, way):
    return int(arcs.weight[way].sum())


def leads(arcs, way, source, target):
    tails = np.searchsorted(arcs.first, way, side="right") - 1
    stops = [source, *arcs.head[way]]
    return list(tails) == stops[:-1] and stops[-1] == target


NODES = 9
node = st.integers(0, NODES - 1)
some_arcs = st.lists(
    st.tuples(node, node, st.integers(1, 2**40)).filter(lambda arc: arc[0] != arc[1]), max_size=24
)


@settings(max_examples=150, deadline=None)
@given(rows=some_arcs, both_ways=st.booleans(), places=st.lists(node, min_size=1, max_size=3))
def test_the_search_finds_what_scipy_finds_with_all_nodes_and_with_junctions_alone(
    rows, both_ways, places
):
    rows = rows + [(b, a, weight) for a, b, weight in rows] if both_ways else rows
    arcs, far = arcs_of(NODES, rows), by_scipy(NODES, rows)
    everywhere = np.arange(NODES)
    assert (all_ways(arcs, everywhere, everywhere) == far).all()
    places = np.unique(places)
    junctions = keep_junctions(arcs, places)
    number = junctions.number[places]
    assert (all_ways(junctions.arcs, number, number) == far[np.ix_(places, places)]).all()
    for a in places:
        for b in places[far[a, places] < FAR]:
            ends = int(junctions.number[a]), int(junctions.number[b])
            way = unfold(arcs, junctions, one_way(junctions.arcs, *ends))
            assert total_of(arcs, way) == far[a, b]
            assert leads(arcs, way, a, b)


def test_dead_ends_and_bends_are_left_out_and_crossings_kept():
    """0 - 1 - 2 - 3 with a dead end at 4 and a crossing at 2: 2 - 5, 2 - 6 are places."""
    pairs = [(0, 1), (1, 2), (2, 3), (3, 4), (2, 5), (2, 6)]
    arcs = arcs_of(7, [(a, b, 10) for a, b in pairs] + [(b, a, 10) for a, b in pairs])
    junctions = keep_junctions(arcs, np.array([0, 5, 6]))
    assert np.flatnonzero(junctions.number >= 0).tolist() == [0, 2, 5, 6]
    assert len(junctions.arcs.head) == 6


def test_a_large_graph_of_one_ways_keeps_every_way():
    """Numbers of node pairs pass what 32 bits hold."""
    count = 60_000
    ring = [(k, (k + 1) % count, 3) for k in range(count)]
    arcs = arcs_of(count, [*ring, (100, 50_000, 7)])
    places = np.array([99, 59_000])
    junctions = keep_junctions(arcs, places)
    number = junctions.number[places]
    assert all_ways(junctions.arcs, number, number)[0, 1] == 3 + 7 + 3 * 9000


def test_no_nodes_and_no_arcs_have_no_ways():
    nothing = np.empty(0, dtype=np.int64)
    assert all_ways(arcs_of(0, []), nothing, nothing).shape == (0, 0)
    alone = arcs_of(2, [])
    assert all_ways(alone, np.array([0]), np.array([1])).tolist() == [[FAR]]
