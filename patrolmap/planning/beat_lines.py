"""The line a crew walks inside a visit: the streets that matter most, and back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple

import networkx as nx
import numpy as np

from patrolmap.model.network import Floats
from patrolmap.planning.cell_streets import CellStreets
from patrolmap.planning.orienteering import Walked, best_walk

# Assumption: a street walked once that day is worth half as much the next time.
AGAIN: Final = 0.5
TURN: Final = -1
SHORTEST_M: Final = 1.0  # nobody goes a shorter way into a street to turn


@dataclass(frozen=True, eq=False)
class Walk:
    """
    A closed walk.

    Parameters
    ----------
    lonlat, metres
        Shapes (k, 2) and (k,): degrees, and the metres walked at each vertex.
    covered
        By piece of the cell, the share of it that is walked.
    """

    lonlat: Floats
    metres: Floats
    covered: Floats


def walk_beat(cell: CellStreets, longest_m: float, seen: Floats | None = None) -> Walk | None:
    """
    Choose the streets of a beat and go along them, from the spot and back to it.

    Parameters
    ----------
    cell
        Pieces of street with their values.
    longest_m
        Of the whole walk.
    seen
        How often each piece was walked before on the day; its value falls by `AGAIN`
        each time.

    Returns
    -------
    walk
        None where there is no time to walk.

    References
    ----------
    The order of the pieces is an Euler circuit: Hierholzer (1873), Mathematische Annalen
    6:30, as implemented in networkx.
    """
    graph = cell.graph
    if seen is not None:
        graph = graph._replace(value=graph.value * AGAIN**seen)
    walked = best_walk(graph, longest_m)
    lonlat, metres = _along(cell, walked)
    if len(metres) < 2:
        return None
    covered = (walked.times > 0).astype(np.float64)
    if walked.part_m > SHORTEST_M:
        covered[walked.part] = walked.part_m / graph.length_m[walked.part]
    return Walk(lonlat, metres, covered)


def _along(cell: CellStreets, walked: Walked) -> tuple[Floats, Floats]:
    """Go along all that is walked, in one round."""
    network, (edge, at) = cell.network, cell.spot
    lonlat, metres = [network.stretch(edge, at, at)[0][:1]], [np.zeros(1)]
    ways = list(_ways(cell, walked))
    corners = nx.MultiGraph()
    corners.add_node(0)
    corners.add_edges_from((way.begin, way.end, number) for number, way in enumerate(ways))
    for begin, _, number in nx.eulerian_circuit(corners, source=0, keys=True):
        way = ways[number] if ways[number].begin == begin else ways[number].turned()
        points, along = network.stretch(way.edge, way.start, way.stop)
        lonlat.append(points[1:])
        far = np.abs(along[1:] - way.start) * network.length_m[way.edge]
        metres.append(metres[-1][-1] + far)
    return np.concatenate(lonlat), np.concatenate(metres)


class _Way(NamedTuple):
    """A piece of street from corner to corner; the corner is -1 where one turns midway."""

    begin: int
    end: int
    edge: int
    start: float
    stop: float

    def turned(self) -> _Way:
        """Give the same the other way round."""
        return _Way(self.end, self.begin, self.edge, self.stop, self.start)


def _ways(cell: CellStreets, walked: Walked) -> Iterator[_Way]:
    """List what is walked, as often as it is."""
    s = cell.graph
    pieces = zip(s.tail, s.head, cell.edge, cell.start, cell.stop, strict=True)
    every = [_Way(*piece) for piece in pieces]
    for way, times in zip(every, walked.times, strict=True):
        yield from [way] * times
    if walked.part_m > SHORTEST_M:
        whole = every[walked.part] if walked.from_tail else every[walked.part].turned()
        share = walked.part_m / s.length_m[walked.part]
        turn = whole.start + share * (whole.stop - whole.start)
        yield from [whole._replace(end=TURN, stop=turn)] * 2
