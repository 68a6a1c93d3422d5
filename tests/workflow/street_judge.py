"""
Follow the lines of a plan along the streets layer itself, not along the planner's network.

A way is lawful where every piece of it lies on a street that is open to the mode in that
direction, streets are changed only where their ends meet, and the times of the streets add
up to what the matrix says.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import Transformer

from patrolmap.model.contracts import CRS
from patrolmap.model.network import TOWN_SPEED_SHARE
from patrolmap.model.plan import Leg

Floats = NDArray[np.float64]

BESIDE_M: Final = 0.1  # how far a vertex may lie beside its street: ties are exact to a decimetre
SAME_SPOT_M: Final = 0.06  # a place this near to its street needs no connector
CONNECTOR_TOLERANCE_M: Final = 0.2
TIME_TOLERANCE_S: Final = 0.1  # both ends of a way are tied to the decimetre
CELL_TOLERANCE_M: Final = 1.5  # a walk that begins at a corner is tied to it from within a metre
KPH_PER_MPS: Final = 3.6


class _Step(NamedTuple):
    """A piece of one street: from where to where along it, and how long that takes."""

    street: int
    start_m: float
    end_m: float
    seconds: float


class _Trail(NamedTuple):
    """A way so far: its last step, and the seconds at every vertex."""

    step: _Step
    clock_s: tuple[float, ...]


class StreetJudge:
    """Knows one streets layer and its rules."""

    def __init__(self, streets: gpd.GeoDataFrame, *, metric_crs: str, walk_mps: float) -> None:
        self._rows = pd.DataFrame(streets.drop(columns="geometry")).reset_index(drop=True)
        self._lines = streets.geometry.to_crs(metric_crs).to_numpy()
        self._drawn_m = shapely.length(self._lines)
        self._tree = shapely.STRtree(self._lines)
        self._to_metric = Transformer.from_crs(CRS, metric_crs, always_xy=True)
        self._walk_mps = walk_mps
        drive_mps = streets["speed_kph"].to_numpy() / KPH_PER_MPS * TOWN_SPEED_SHARE
        self._mps = {"walk": np.full(len(streets), walk_mps), "drive": drive_mps}

    def way_faults(self, leg: Leg, mode: str, *, takes_s: int, longest_m: float) -> Iterator[str]:
        """List what is wrong with a way that takes so many seconds by the matrix."""
        xy = self._metric(leg.line)
        first, last = (metres > 0 for metres in leg.connector_m)
        for marked_m, ends in zip(leg.connector_m, (xy[:2], xy[-2:]), strict=True):
            if marked_m and abs(math.dist(*ends) - marked_m) > CONNECTOR_TOLERANCE_M:
                yield f"a connector of {marked_m} m is {math.dist(*ends):.1f} m long"
            if marked_m > longest_m:
                yield f"a connector of {marked_m} m is longer than {longest_m} m"
        on_street_s = self._follow(xy[first : len(xy) - last], mode)
        if on_street_s is None:
            yield "it leaves the streets"
            return
        begin_s, end_s = (metres / self._walk_mps for metres in leg.connector_m)
        clock_s = np.concatenate([[0.0] * first, on_street_s + begin_s])
        clock_s = np.concatenate([clock_s, [clock_s[-1] + end_s] * last])
        yield from _clock_faults(leg, clock_s, takes_s)

    def beat_faults(self, leg: Leg, cell: shapely.Polygon) -> Iterator[str]:
        """List what is wrong with a walk inside a cell."""
        xy = self._metric(leg.line)
        first, last = (metres > 0 for metres in leg.connector_m)
        walked = xy[first : len(xy) - last]
        if not np.array_equal(xy[0], xy[-1]):
            yield "it does not come back to where it began"
        area = shapely.transform(cell, self._project)
        if not area.buffer(CELL_TOLERANCE_M).covers(shapely.LineString(walked)):
            yield "it leaves its cell"
        walked = walked[_moved(walked)]
        steps = self._steps(walked, "walk")
        on_ground = self._rows["level"].to_numpy()[steps["street"]] == 0
        if steps.loc[on_ground, "piece"].nunique() < len(walked) - 1:
            yield "it leaves the streets on the ground"

    def _metric(self, line: shapely.LineString) -> Floats:
        return self._project(shapely.get_coordinates(line))

    def _project(self, lonlat: Floats) -> Floats:
        return np.column_stack(self._to_metric.transform(*lonlat.T))

    def _follow(self, xy: Floats, mode: str) -> Floats | None:
        """Go along a line from street to street; give its clock, or None where it cannot be."""
        moved = _moved(xy)
        steps = dict(tuple(self._steps(xy[moved], mode).groupby("piece")))
        trails: list[_Trail] = []
        for at in range(int(moved.sum()) - 1):
            if at not in steps:
                return None
            choice = [_Step(*row) for row in steps[at][list(_Step._fields)].to_numpy()]
            trails = list(self._grown(trails, choice)) if at else _begun(choice)
            if not trails:
                return None
        best = min(trails, key=lambda trail: trail.clock_s[-1]).clock_s if trails else (0.0,)
        return np.array(best)[np.cumsum(moved) - 1]

    def _grown(self, trails: list[_Trail], choice: list[_Step]) -> Iterator[_Trail]:
        """Take one more step wherever a trail may; of those that end alike keep the fastest."""
        for step in choice:
            leading = [trail for trail in trails if self._leads_on(trail.step, step)]
            if leading:
                fastest = min(leading, key=lambda trail: trail.clock_s[-1])
                yield _Trail(step, (*fastest.clock_s, fastest.clock_s[-1] + step.seconds))

    def _leads_on(self, step: _Step, onto: _Step) -> bool:
        """Say whether one may go on from a step: along the same street, or at a junction."""
        if step.street == onto.street and abs(step.end_m - onto.start_m) < BESIDE_M:
            return (step.end_m > step.start_m) == (onto.end_m > onto.start_m)
        node = self._node(step.street, step.end_m)
        return node is not None and node == self._node(onto.street, onto.start_m)

    def _node(self, street: int, at_m: float) -> Any:
        """Name the end of a street, by its node or else its place; None in the middle of it."""
        number = int(street)
        if min(at_m, self._drawn_m[number] - at_m) > BESIDE_M:
            return None
        at_begin = at_m <= BESIDE_M
        name = self._rows["from_node" if at_begin else "to_node"][number]
        corner = self._lines[number].coords[0 if at_begin else -1]
        return name or tuple(np.round(corner, 1))

    def _steps(self, xy: Floats, mode: str) -> pd.DataFrame:
        """List the streets that each piece of a line may lie on, in a direction that is open."""
        if len(xy) < 2:
            return pd.DataFrame(columns=["piece", *_Step._fields])
        middle = shapely.points((xy[:-1] + xy[1:]) / 2)
        piece, street = self._tree.query(middle, predicate="dwithin", distance=BESIDE_M)
        begin, end = shapely.points(xy[:-1])[piece], shapely.points(xy[1:])[piece]
        lines, whole = self._lines[street], self._drawn_m[street]
        beside = np.maximum(shapely.distance(lines, begin), shapely.distance(lines, end))
        start_m, end_m = (shapely.line_locate_point(lines, spot) for spot in (begin, end))
        long_m = np.hypot(*np.diff(xy, axis=0).T)[piece]
        start_m, end_m = _around(start_m, end_m, whole, long_m)
        along_m = np.abs(end_m - start_m)
        steps = pd.DataFrame({"piece": piece, "street": street, "start_m": start_m, "end_m": end_m})
        metres = along_m / whole * self._rows["length_m"].to_numpy()[street]
        steps["seconds"] = metres / self._mps[mode][street]
        fits = (beside <= BESIDE_M) & (np.abs(along_m - long_m) <= 2 * BESIDE_M)
        return steps[fits & self._open(street, end_m > start_m, mode)]

    def _open(self, street: NDArray[np.int64], onwards: Any, mode: str) -> Any:
        if mode == "walk":
            return self._rows["walkable"].to_numpy(dtype=bool)[street]
        oneway = self._rows["oneway"].to_numpy(dtype=int)[street]
        allowed = np.where(onwards, oneway >= 0, oneway <= 0)
        return self._rows["drivable"].to_numpy(dtype=bool)[street] & allowed


def _clock_faults(leg: Leg, clock_s: Floats, takes_s: int) -> Iterator[str]:
    """Compare the times of a leg with those of its streets, which the matrix rounds up."""
    whole_s = float(clock_s[-1])
    if not -TIME_TOLERANCE_S < takes_s - whole_s < 1 + TIME_TOLERANCE_S:
        yield f"its streets take {whole_s:.2f} s, the matrix says {takes_s}"
    told_s = np.array(leg.times_s) - leg.times_s[0]
    if np.abs(told_s - clock_s * (takes_s / (whole_s or 1.0))).max() > TIME_TOLERANCE_S:
        yield "its times are not those of its streets"


def _begun(choice: list[_Step]) -> list[_Trail]:
    return [_Trail(step, (0.0, step.seconds)) for step in choice]


def _moved(xy: Floats) -> NDArray[np.bool_]:
    """Mark the vertices that do not repeat the one before."""
    far = np.hypot(*np.diff(xy, axis=0).T) > SAME_SPOT_M if len(xy) > 1 else np.empty(0, bool)
    return np.concatenate([[True], far])


def _around(start_m: Floats, end_m: Floats, whole: Floats, long_m: Floats) -> tuple[Floats, Floats]:
    """Where a street is a ring, its one end lies at both 0 and its length: take what fits."""
    for begin, finish in ((whole, end_m), (start_m, whole)):
        at_end = np.isclose(np.abs(finish - begin), long_m, atol=BESIDE_M)
        wrong = ~np.isclose(np.abs(end_m - start_m), long_m, atol=2 * BESIDE_M)
        start_m, end_m = (
            np.where(wrong & at_end, begin, start_m),
            np.where(wrong & at_end, finish, end_m),
        )
    return start_m, end_m
