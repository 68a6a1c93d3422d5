"""What it takes to plan a day: crews, streets, stops and the ways between them, worked out once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import geopandas as gpd
import pandas as pd

from patrolmap.errors import LayerError, Problem
from patrolmap.model.network import Network
from patrolmap.model.plan import Plan
from patrolmap.model.units import Mode, Unit, units_from_table
from patrolmap.planning.beats import cell_places, lay_routes
from patrolmap.planning.bounds import patrol_prize_bound
from patrolmap.planning.posts import make_posts, staff_posts
from patrolmap.planning.response import response_times
from patrolmap.planning.scorecard import summarize
from patrolmap.planning.shortage import crews_needed, missing_posts, shortage_record
from patrolmap.planning.stops import make_stops
from patrolmap.planning.travel import Travel, travel_times
from patrolmap.workflow.precinct import Precinct, count_assumed
from patrolmap.workflow.schoolday import Day
from patrolmap.workflow.streets import sights, street_network


@dataclass(frozen=True)
class Ground:
    """What does not change from day to day: the precinct, its crews and its streets."""

    precinct: Precinct
    units: list[Unit]
    network: Network
    spots: gpd.GeoDataFrame


@dataclass(frozen=True)
class Task:
    """
    All that a plan of one day is made from.

    `places` are the stops and bases under the ids of the travel matrices.
    """

    ground: Ground
    day: Day
    posts: gpd.GeoDataFrame
    stops: pd.DataFrame
    places: gpd.GeoDataFrame
    travel: dict[Mode, Travel]

    @property
    def times(self) -> dict[str, pd.DataFrame]:
        """Give the seconds between places by mode."""
        return {mode: known.seconds for mode, known in self.travel.items()}

    @property
    def distances(self) -> dict[str, pd.DataFrame]:
        """Give the metres between places by mode."""
        return {mode: known.metres for mode, known in self.travel.items()}


def survey(precinct: Precinct) -> Ground:
    """
    Work out what all days of a precinct share.

    Raises
    ------
    LayerError
        If a crew starts or ends at no known base.
    """
    network = street_network(precinct)
    units = at_bases(units_from_table(precinct["units"]), precinct["bases"].index)
    return Ground(precinct, units, network, cell_places(precinct["cells"], network))


def set_task(ground: Ground, day: Day) -> Task:
    """Work out the stops of a day and the ways between them."""
    return set_tasks(ground, [day])[0]


def set_tasks(ground: Ground, days: Sequence[Day]) -> list[Task]:
    """Work out the stops of several days; the ways between all their places are the same."""
    posts = [_posts(ground, day) for day in days]
    stops = [_stops(ground, day, at) for day, at in zip(days, posts, strict=True)]
    places = places_of(ground.precinct, pd.concat(stops))
    travel = travel_between(ground.network, places, ground.units, ground.precinct.settings.snap_m)
    return [
        Task(ground, *of_day, places, travel) for of_day in zip(days, posts, stops, strict=True)
    ]


def _posts(ground: Ground, day: Day) -> gpd.GeoDataFrame:
    precinct = ground.precinct
    return make_posts(day.windows, precinct["gates"], posts=precinct["posts"])


def _stops(ground: Ground, day: Day, posts: gpd.GeoDataFrame) -> pd.DataFrame:
    precinct, units = ground.precinct, ground.units
    return make_stops(
        staff_posts(posts, precinct["helpers"], units),
        day.windows,
        precinct["gates"],
        precinct["cells"],
        ground.spots,
        day.priority,
        precinct.settings,
        units=units,
    )


def finish(task: Task, plan: Plan) -> Plan:
    """Lay a plan's routes along the streets, measure it, and say what must be said of it."""
    ground = task.ground
    laid = lay_routes(
        plan,
        ground.network,
        units=ground.units,
        places=task.places,
        cells=ground.precinct["cells"],
        travel=task.travel,
        attention=sights(ground.precinct),
        settings=ground.precinct.settings,
    )
    laid = with_distances(laid, task.travel)
    told = _sayings(task) | {
        "scorecard": _figures(task, laid),
        "shortage": shortage_of(ground, task.places, task.travel, laid),
    }
    return replace(laid, settings={**laid.settings, **told})


def crews_record(units: Sequence[Unit]) -> list[dict[str, Any]]:
    """Keep the crews with a plan, which may have been made for crews of its own."""
    return [{**asdict(unit), "breaks": [asdict(rest) for rest in unit.breaks]} for unit in units]


def at_bases(units: list[Unit], bases: pd.Index) -> list[Unit]:
    """Name the crews' bases as places of the travel matrix, where gates and cells live too."""
    problems = [
        Problem(
            "no base has this id", f"Choose one of {', '.join(bases)}.", unit.unit_id, column, base
        )
        for unit in units
        for column, base in (("start_id", unit.start_id), ("end_id", unit.end_id))
        if base not in bases
    ]
    if problems:
        raise LayerError("units", problems)
    return [
        replace(unit, start_id=f"base:{unit.start_id}", end_id=f"base:{unit.end_id}")
        for unit in units
    ]


def places_of(precinct: Precinct, stops: pd.DataFrame) -> gpd.GeoDataFrame:
    """Gather the points of all stops and bases under the ids the travel matrix uses."""
    bases = precinct["bases"]["geometry"].rename(lambda base: f"base:{base}")
    sites = stops.drop_duplicates("place_id").set_index("place_id")
    points = gpd.GeoSeries.from_xy(sites["lon"], sites["lat"], index=sites.index, crs=bases.crs)
    return gpd.GeoDataFrame(geometry=pd.concat([bases, points])).rename_axis("place_id")


def travel_between(
    network: Network, places: gpd.GeoDataFrame, units: list[Unit], snap_m: float
) -> dict[Mode, Travel]:
    """Measure the ways between places for every mode that crews have."""
    modes = sorted({unit.mode for unit in units})
    return {mode: travel_times(network, places, mode=mode, snap_m=snap_m) for mode in modes}


def with_distances(plan: Plan, travel: Mapping[Mode, Travel]) -> Plan:
    """Tell the distance to the nearest street where that is why nobody reaches a stop."""
    why = pd.concat([known.snapped["reason"] for known in travel.values()], axis=1)
    why = why[why.apply(lambda reasons: reasons.str.startswith("off_street")).all(axis=1)]
    place = plan.stops["place_id"].reindex(plan.unserved.index)
    off_street = place.map(why.iloc[:, -1])
    reason = plan.unserved["reason"].mask(
        off_street.notna() & (plan.unserved["reason"] == "unreachable"), off_street
    )
    return replace(plan, unserved=plan.unserved.assign(reason=reason.astype("str")))


def _sayings(task: Task) -> dict[str, Any]:
    """Keep with the plan what must be said wherever it is shown."""
    precinct = task.ground.precinct
    assumed = [*precinct.assumed, *count_assumed({"posts": task.posts})]
    return {
        "precinct": precinct.settings.name,
        "synthetic": precinct.settings.synthetic,
        "attribution": precinct.settings.attribution,
        "snap_m": precinct.settings.snap_m,
        "holidays_announced": task.day.announced,
        "crews": crews_record(task.ground.units),
        "assumed": [list(row) for row in assumed],
    }


def responses_of(ground: Ground, places: gpd.GeoDataFrame, plan: Plan) -> pd.DataFrame:
    """Measure how soon the nearest crew could be at each gate of the precinct."""
    gates = ground.precinct["gates"].geometry
    return response_times(plan, ground.units, ground.network, gates, places.geometry)


def shortage_of(
    ground: Ground, places: gpd.GeoDataFrame, travel: Mapping[Mode, Travel], plan: Plan
) -> dict[str, Any]:
    """Work out what is missing at the gates, and the crews on foot that would close it."""
    missing = missing_posts(plan, ground.units)
    names = ground.precinct["bases"]["name"].rename(lambda base: f"base:{base}")
    if "walk" in travel:
        ways = travel["walk"].seconds
    else:  # nobody walks yet, so nobody measured the ways on foot
        places = places.loc[[*names.index, *missing["place_id"].unique()]]
        snap_m = ground.precinct.settings.snap_m
        ways = travel_times(ground.network, places, mode="walk", snap_m=snap_m).seconds
    crews = crews_needed(missing, ways, list(names.index))
    return shortage_record(missing, crews.assign(base=crews["base_id"].map(names)))


def _figures(task: Task, plan: Plan) -> dict[str, float]:
    """Measure the plan, and count what no patrol was asked for: too many cells, or no street."""
    ground = task.ground
    figures = summarize(
        plan,
        units=ground.units,
        settings=ground.precinct.settings,
        responses=responses_of(ground, task.places, plan),
        bound=patrol_prize_bound(plan, ground.units, task.times),
    )
    figures["patrols_not_offered"] = task.stops.attrs.get("patrols_not_offered", 0)
    figures["cells_without_street"] = (ground.spots["reason"] != "").sum()
    return {str(name): float(value) for name, value in figures.items()}
