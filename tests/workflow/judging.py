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
from patrolmap.model.plan import Leg, Plan
from patrolmap.model.units import Mode, Unit, units_from_table
from patrolmap.planning.posts import make_posts, staff_posts
from patrolmap.planning.travel import Travel, travel_times
from patrolmap.workflow.streets import street_network
from tests.plan_checker import faults
from tests.workflow.street_judge import Crossings, StreetJudge


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
        network = street_network(self.precinct)
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
            self.precinct["streets"],
            metric_crs=known.metric_crs,
            walk_mps=known.walk_mps,
            crossings=Crossings(
                self.precinct["traffic_points"], known.signal_wait_s, known.crossing_wait_s
            ),
            schools=self.precinct["schools"],
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

        At every time as many are there as the windows open then ask for, or a row of the
        unserved says how many are missing; whoever is needed there by role is there.
        """
        return [
            fault
            for gate_id, posts in self._posts().groupby("gate_id")
            for span in pairwise(sorted({*posts["start_s"], *posts["end_s"]}))
            for fault in self._gate_faults(str(gate_id), _open(posts, *span), *span)
        ]

    def _posts(self) -> pd.DataFrame:
        """List the posts that helpers leave open, with the hours of their windows."""
        frames, known = self.precinct.frames, self.precinct.settings
        windows = peak_windows(
            self.plan.date, frames["schools"], frames["gates"], frames["bells"],
            frames["exceptions"], known,
        )  # fmt: skip
        posts = make_posts(windows, frames["gates"], posts=frames["posts"])
        staffed = staff_posts(posts, frames["helpers"], self.units)
        hours = {window.window_id: window for window in windows}
        asked = staffed[staffed["left"] > 0]
        return asked.assign(
            start_s=[hours[window_id].start_s for window_id in asked["window_id"]],
            end_s=[hours[window_id].end_s for window_id in asked["window_id"]],
        )

    def _gate_faults(
        self, gate_id: str, posts: pd.DataFrame, start_s: int, end_s: int
    ) -> Iterator[str]:
        """Judge one gate while the same windows are open."""
        wanted = int(posts.groupby("window_id")["left"].sum().max()) if len(posts) else 0
        needs = (posts["role_left"] == "officer").groupby(posts["window_id"]).sum()
        stops = self.plan.stops
        at_gate = stops[(stops["place_id"] == f"gate:{gate_id}") & (stops["kind"] == "post")]
        until_s = at_gate["tw_early_s"] + at_gate["service_s"]
        there = at_gate[(at_gate["tw_early_s"] <= start_s) & (end_s <= until_s)]
        where = f"{gate_id} at {start_s}"
        if int(there["people"].sum()) != wanted:
            yield f"{where}: stands in {len(there)} stops, {wanted} people are asked for"
            return
        missing = int(self.plan.unserved["people_missing"].reindex(there.index).fillna(0).sum())
        crews = [unit for stop_id in there.index for unit in self._throughout(stop_id)]
        heads = sum(unit.headcount for unit in crews)
        if heads < wanted - missing:
            yield f"{where}: {heads} of {wanted} stand there, {missing} are said to be missing"
        enough = sum("officer" in unit.people for unit in crews) >= needs.max() if wanted else True
        if not missing and not enough:
            yield f"{where}: nobody there is officer"
        if missing and enough and heads >= wanted and len(there) == 1:
            yield f"{where}: {missing} are said to be missing, but nobody is"

    def _throughout(self, stop_id: str) -> list[Unit]:
        """List the crews that man a post from its first second to its last."""
        stop = self.plan.stops.loc[stop_id]
        until_s = stop.tw_early_s + stop.service_s
        return [
            unit
            for unit, route in zip(self.units, self.plan.routes, strict=True)
            for visit in route.visits
            if visit.stop_id == stop_id
            and visit.start_s <= stop.tw_early_s
            and visit.end_s >= until_s
        ]


def _open(posts: pd.DataFrame, start_s: int, end_s: int) -> pd.DataFrame:
    return posts[(posts["start_s"] <= start_s) & (end_s <= posts["end_s"])]
