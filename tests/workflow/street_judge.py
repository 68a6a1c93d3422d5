"""
Follow the lines of a plan along the streets layer itself, not along the planner's network.

A way is lawful where every piece of it lies on a street that is open to the mode in that
direction, streets are changed only where their ends meet, walkers wait where they cross and
nowhere else, nobody takes a way through a campus, and the times add up to what the matrix
says.
"""

from __future__ import annotations

import math
from collections import Counter
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
SIGNALS_M: Final = 15.0  # a corner this near to signals has lights …
CROSSING_M: Final = 5.0  # … and one this near to a crossing is crossed
ONE_JUNCTION_M: Final = 40.0  # of corners with lights so near together each costs half


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


class Crossings(NamedTuple):
    """The layer of traffic points, and the seconds walkers wait with and without lights."""

    points: gpd.GeoDataFrame
    signal_wait_s: float
    crossing_wait_s: float


class StreetJudge:
    """Knows one streets layer and its rules."""

    def __init__(
        self,
        streets: gpd.GeoDataFrame,
        *,
        metric_crs: str,
        walk_mps: float,
        crossings: Crossings | None = None,
        schools: gpd.GeoDataFrame | None = None,
    ) -> None:
        self._rows = pd.DataFrame(streets.drop(columns="geometry")).reset_index(drop=True)
        self._lines = streets.geometry.to_crs(metric_crs).to_numpy()
        self._drawn_m = shapely.length(self._lines)
        self._tree = shapely.STRtree(self._lines)
        self._crs = metric_crs
        self._to_metric = Transformer.from_crs(CRS, metric_crs, always_xy=True)
        self._walk_mps = walk_mps
        drive_mps = streets["speed_kph"].to_numpy() / KPH_PER_MPS * TOWN_SPEED_SHARE
        self._mps = {"walk": np.full(len(streets), walk_mps), "drive": drive_mps}
        self._waits_s = self._corners_to_wait_at(crossings) if crossings else {}
        self._closed = self._on_campus(schools)

    def _corners_to_wait_at(self, crossings: Crossings) -> dict[tuple[float, float], float]:
        """Find the corners of three walkable streets that signals and crossings belong to."""
        walkable = self._rows["walkable"].to_numpy(dtype=bool)
        ends = [
            (name or end, end)
            for line, *names in zip(
                self._lines[walkable],
                self._rows.loc[walkable, "from_node"],
                self._rows.loc[walkable, "to_node"],
                strict=True,
            )
            for name, end in zip(names, (line.coords[0], line.coords[-1]), strict=True)
        ]
        meeting = Counter(name for name, _ in ends)
        corners = sorted({end for name, end in ends if meeting[name] > 2})
        points = crossings.points.to_crs(self._crs)
        known = np.array([value is not pd.NA and bool(value) for value in points["controlled"]])
        lit = (points["kind"] == "signals") | ((points["kind"] == "crossing") & known)
        plain = (points["kind"] == "crossing") & ~lit
        crossed = _nearest(corners, points.geometry[plain], CROSSING_M)
        waits = dict.fromkeys(crossed, crossings.crossing_wait_s)
        lights = _nearest(corners, points.geometry[lit], SIGNALS_M)
        for end in lights:
            others = [other for other in lights if math.dist(end, other) <= ONE_JUNCTION_M]
            waits[end] = crossings.signal_wait_s / (2 if len(others) > 1 else 1)
        return waits

    def _on_campus(self, schools: gpd.GeoDataFrame | None) -> NDArray[np.bool_]:
        """Mark the streets that lie mostly on the grounds of a school."""
        if schools is None:
            return np.zeros(len(self._lines), dtype=bool)
        areas = [area for area in schools.to_crs(self._crs).geometry if area.area > 0]
        inside_m = sum(
            (shapely.length(shapely.intersection(self._lines, area)) for area in areas),
            np.zeros(len(self._lines)),
        )
        public = self._rows["highway"].str.match("(trunk|primary|secondary|tertiary)(_link)?$")
        ground = (self._rows["level"] == 0).to_numpy()
        return (inside_m > self._drawn_m / 2) & ~public.to_numpy(dtype=bool) & ground

    def way_faults(self, leg: Leg, mode: str, *, takes_s: int, longest_m: float) -> Iterator[str]:
        """List what is wrong with a way that takes so many seconds by the matrix."""
        xy = self._metric(leg.line)
        first, last = (metres > 0 for metres in leg.connector_m)
        for marked_m, ends in zip(leg.connector_m, (xy[:2], xy[-2:]), strict=True):
            if marked_m and abs(math.dist(*ends) - marked_m) > CONNECTOR_TOLERANCE_M:
                yield f"a connector of {marked_m} m is {math.dist(*ends):.1f} m long"
            if marked_m > longest_m:
                yield f"a connector of {marked_m} m is longer than {longest_m} m"
        walked = xy[first : len(xy) - last]
        on_street_s = self._follow(walked, mode)
        if on_street_s is None:
            yield "it leaves the streets"
            return
        if self._goes_through_a_campus(walked, mode):
            yield "it goes through a campus"
        if mode == "walk":
            told_s = np.array(leg.times_s)[first : len(xy) - last]
            waits_s, faults = self._waits(walked, told_s)
            on_street_s = on_street_s + np.cumsum(waits_s)
            yield from faults
        begin_s, end_s = (metres / self._walk_mps for metres in leg.connector_m)
        clock_s = np.concatenate([[0.0] * first, on_street_s + begin_s])
        clock_s = np.concatenate([clock_s, [clock_s[-1] + end_s] * last])
        yield from _clock_faults(leg, clock_s, takes_s)

    def _waits(self, xy: Floats, told_s: Floats) -> tuple[Floats, list[str]]:
        """Tell how long one waits before leaving each vertex, which then stands twice."""
        waits_s, faults = np.zeros(len(xy)), []
        again = np.append(~_moved(xy), False)[1:]
        for at, spot in enumerate(xy):
            wait_s = self._wait_at(spot)
            stands = again[at] or (at > 0 and again[at - 1])
            begins_or_ends = at in (0, len(xy) - 1) or (at == len(xy) - 2 and again[at])
            if wait_s and not stands and len(xy) > 1:
                faults.append(f"it passes a crossing without a wait, vertex {at}")
            if again[at] and not wait_s and told_s[at + 1] - told_s[at] > TIME_TOLERANCE_S:
                faults.append(f"it waits where nobody crosses, vertex {at}")
            if again[at]:
                waits_s[at + 1] = wait_s / 2 if begins_or_ends else wait_s
        return waits_s, faults

    def _wait_at(self, spot: Floats) -> float:
        near = [s for end, s in self._waits_s.items() if math.dist(end, spot) < SAME_SPOT_M]
        return max(near, default=0.0)

    def _goes_through_a_campus(self, xy: Floats, mode: str) -> bool:
        """Say whether a way enters a campus from outside and leaves it again."""
        steps = self._steps(xy[_moved(xy)], mode)
        if steps.empty or not self._closed.any():
            return False
        closed = pd.Series(self._closed[steps["street"]]).groupby(steps["piece"].to_numpy()).all()
        kinds = closed.to_numpy()[np.append(True, np.diff(closed.to_numpy()))]
        return bool(kinds[1:-1].any())

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


def _nearest(
    corners: list[tuple[float, float]], points: gpd.GeoSeries, within_m: float
) -> set[tuple[float, float]]:
    """Find the corner nearest to each point, where there is one within reach."""
    found = set()
    for point in points:
        end = min(corners, key=lambda c: math.dist(c, (point.x, point.y)), default=None)
        if end is not None and math.dist(end, (point.x, point.y)) <= within_m:
            found.add(end)
    return found


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
