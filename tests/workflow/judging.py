"""
Judge the plans that `plan_day` stores, from the precinct file alone.

The matrices are measured again, every way is followed along the streets layer, and the
people at each gate are counted anew, minute by minute of their windows.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from pathlib import Path

import geopandas as gpd
import pandas as pd

from patrolmap import workflow
from patrolmap.model.calendar import peak_windows
from patrolmap.model.contracts import CRS
from patrolmap.model.network import build_network
from patrolmap.model.plan import Leg, Plan
from patrolmap.model.units import Mode, Unit, units_from_table
from patrolmap.planning.posts import make_posts, staff_posts
from patrolmap.planning.travel import Travel, travel_times
from tests.plan_checker import faults
from tests.workflow.street_judge import StreetJudge


@dataclass(frozen=True)
class Judged:
    """A stored plan with all that is needed to judge it."""

    precinct: workflow.Precinct
    plan: Plan

    @classmethod
    def newest(cls, path: Path) -> Judged:
        """Read the newest plan of a precinct file."""
        return cls(workflow.open_precinct(path), workflow.read_plan(path))

    @cached_property
    def units(self) -> list[Unit]:
        """The crews, at the places the planner knows them by."""
        return [
            replace(unit, start_id=f"base:{unit.start_id}", end_id=f"base:{unit.end_id}")
            for unit in units_from_table(self.precinct["units"])
        ]

    @cached_property
    def places(self) -> gpd.GeoDataFrame:
        """The places of stops and bases, from the plan and the layers."""
        stops = self.plan.stops.drop_duplicates("place_id").set_index("place_id")
        spots = gpd.GeoSeries.from_xy(stops["lon"], stops["lat"], index=stops.index, crs=CRS)
        bases = self.precinct["bases"].geometry.rename(lambda base_id: f"base:{base_id}")
        return gpd.GeoDataFrame(geometry=pd.concat([spots, bases]))

    @cached_property
    def travel(self) -> dict[Mode, Travel]:
        """The matrices, measured again."""
        known = self.precinct.settings
        network = build_network(
            self.precinct["streets"], metric_crs=known.metric_crs, walk_mps=known.walk_mps
        )
        modes = sorted({unit.mode for unit in self.units})
        return {m: travel_times(network, self.places, mode=m, snap_m=known.snap_m) for m in modes}

    def plan_faults(self) -> list[str]:
        """List the laws of plans that are broken."""
        times = {mode: travel.seconds for mode, travel in self.travel.items()}
        distances = {mode: travel.metres for mode, travel in self.travel.items()}
        return faults(self.plan, self.units, times, distances)

    def street_faults(self) -> list[str]:
        """List the ways and beats that leave the streets, or take another time than they."""
        known = self.precinct.settings
        judge = StreetJudge(
            self.precinct["streets"], metric_crs=known.metric_crs, walk_mps=known.walk_mps
        )
        found = []
        for unit, leg, start, end in self._ways():
            takes_s = int(self.travel[unit.mode].seconds.loc[start, end])
            wrong = judge.way_faults(leg, unit.mode, takes_s=takes_s, longest_m=known.snap_m)
            found += [f"{unit.unit_id}: {start} to {end}: {fault}" for fault in wrong]
        for unit_id, leg in self._beats():
            cell = str(self.plan.stops["place_id"][leg.stop_id]).removeprefix("cell:")
            wrong = judge.beat_faults(leg, self.precinct["cells"].geometry[cell])
            found += [f"{unit_id}: beat {leg.stop_id}: {fault}" for fault in wrong]
        return found

    def _ways(self) -> Iterator[tuple[Unit, Leg, str, str]]:
        """List the legs between stops, with the places they lead from and to."""
        for unit, route in zip(self.units, self.plan.routes, strict=True):
            legs = {leg.stop_id: leg for leg in route.legs if leg.kind == "travel"}
            stops = [visit.stop_id for visit in route.visits if not visit.is_break]
            places = [unit.start_id, *self.plan.stops["place_id"].loc[stops], unit.end_id]
            for (start, end), stop_id in zip(pairwise(places), [*stops, ""], strict=True):
                if stop_id in legs:
                    yield unit, legs[stop_id], start, end

    def _beats(self) -> Iterator[tuple[str, Leg]]:
        for route in self.plan.routes:
            yield from ((route.unit_id, leg) for leg in route.legs if leg.kind == "beat")

    def patrols_without_a_beat(self) -> set[str]:
        """List the patrol stops that are visited, but stood at instead of walked."""
        stops = [visit.stop_id for route in self.plan.routes for visit in route.visits]
        patrols = self.plan.stops.index[self.plan.stops["kind"] == "patrol"]
        return set(patrols.intersection(stops)) - {leg.stop_id for _, leg in self._beats()}

    def post_faults(self) -> list[str]:
        """
        Count the people at every gate anew, from the bells on.

        A post that asks for people is manned for its whole window by as many, or a row of
        the unserved says how many are missing; whoever is needed there by role is there.
        """
        return [fault for post in self._posts() for fault in self._post_faults(post)]

    def _posts(self) -> Iterator[pd.Series]:
        """List the posts that helpers leave open, with the hours of their windows."""
        frames, known = self.precinct.frames, self.precinct.settings
        windows = peak_windows(
            self.plan.date, frames["schools"], frames["gates"], frames["bells"],
            frames["exceptions"], known,
        )  # fmt: skip
        posts = make_posts(windows, frames["gates"], posts=frames["posts"])
        staffed = staff_posts(posts, frames["helpers"], self.units)
        hours = {window.window_id: (window.start_s, window.end_s) for window in windows}
        for _, post in staffed[staffed["left"] > 0].iterrows():
            yield pd.concat([post, pd.Series(hours[post.window_id], ["start_s", "end_s"])])

    def _post_faults(self, post: pd.Series) -> Iterator[str]:
        stops = self.plan.stops
        at_gate = stops[stops["place_id"] == f"gate:{post.gate_id}"]
        meant = f"+{post.window_id}+"
        covering = [i for i, told in at_gate["window_id"].items() if meant in f"+{told}+"]
        if len(covering) != 1:
            yield f"{post.gate_id} {post.window_id}: stands in {len(covering)} stops"
            return
        there = self._crews_throughout(covering[0], post.start_s, post.end_s)
        heads = sum(unit.headcount for unit in there)
        asked = int(stops["people"][covering[0]])
        missing = self.plan.unserved["people_missing"].get(covering[0], 0)
        where = f"{post.gate_id} {post.window_id}"
        if asked < post.left or missing != max(0, asked - heads):
            yield f"{where}: {heads} of {post.left} stand there, {missing} are said to be missing"
        enough = {post.role_needed, "officer"}  # an officer can do an auxiliary's part
        if not missing and not any(enough & set(unit.people) for unit in there):
            yield f"{where}: nobody there is {post.role_needed}"

    def _crews_throughout(self, stop_id: str, start_s: int, end_s: int) -> list[Unit]:
        return [
            unit
            for unit, route in zip(self.units, self.plan.routes, strict=True)
            for visit in route.visits
            if visit.stop_id == stop_id and visit.start_s <= start_s and visit.end_s >= end_s
        ]
