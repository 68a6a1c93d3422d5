"""A school day: where and when it matters, who goes where, and how good the plan is."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import pandas as pd

from patrolmap.errors import InputError, LayerError, Problem
from patrolmap.model.calendar import PeakWindow, peak_windows, school_dates, school_day
from patrolmap.model.kinds import PRIORITY_PARTS
from patrolmap.model.network import Network, build_network
from patrolmap.model.plan import Plan
from patrolmap.model.units import Mode, Unit, units_from_table
from patrolmap.planning.beats import cell_places, lay_routes
from patrolmap.planning.engine import plan_patrol
from patrolmap.planning.posts import make_posts, staff_posts
from patrolmap.planning.scorecard import summarize
from patrolmap.planning.stops import make_stops
from patrolmap.planning.travel import Travel, travel_times
from patrolmap.risk.priority import score_priority
from patrolmap.store import geopackage as store
from patrolmap.workflow.precinct import Precinct, count_assumed, open_precinct
from patrolmap.workflow.report import OnStep, silent

SEARCH_S: Final = 5.0
# Shares of the work done when each step begins, for the progress bar.
_PLANNING_FROM: Final = 0.3
_PLANNING_SHARE: Final = 0.6


@dataclass(frozen=True)
class Day:
    """
    One school day of a precinct: its windows, and the priority of every cell in each.

    `announced` is False where the year's public holidays are not known yet.
    """

    date: dt.date
    windows: list[PeakWindow]
    priority: pd.DataFrame
    announced: bool


def read_day(precinct: Precinct, date: dt.date) -> Day:
    """
    Work out the windows of a date and where attention is needed in each.

    Raises
    ------
    InputError
        If no school is open that day; the message names the next day with school.
    """
    frames, settings = precinct.frames, precinct.settings
    windows = peak_windows(
        date, frames["schools"], frames["gates"], frames["bells"], frames["exceptions"], settings
    )
    if not windows:
        raise InputError(f"{date} is no school day. {_advice(precinct, date)}")
    priority = score_priority(
        frames["cells"],
        windows=windows,
        schools=frames["schools"],
        gates=frames["gates"],
        incidents=frames["incidents"],
        venues=frames["venues"],
        traffic_points=frames["traffic_points"],
        hazards=frames["hazards"],
        settings=settings,
        on_date=date,
    )
    days = [
        school_day(date, str(school), frames["exceptions"], country=settings.country)
        for school in frames["schools"].index
    ]
    return Day(date, windows, priority, all(day.announced for day in days))


def _advice(precinct: Precinct, date: dt.date) -> str:
    coming = next_school_day(precinct, date)
    return "Add schools and bells." if coming == date else f"The next school day is {coming}."


def next_school_day(precinct: Precinct, date: dt.date) -> dt.date:
    """Find the first school day from `date` on; `date` itself where a year has none."""
    schools, exceptions = precinct["schools"].index, precinct["exceptions"]
    found = school_dates(date, 1, schools, exceptions, country=precinct.settings.country)
    return found[0] if found else date


def rank_cells(precinct: Precinct, day: Day, window: str, *, top: int = 10) -> pd.DataFrame:
    """
    Rank the cells of one window by priority.

    Returns
    -------
    ranking
        Columns window, rank, cell, school, total and one a part; parts add up to the total.

    Raises
    ------
    InputError
        If the day has no such window.
    """
    if window not in day.priority.columns.unique("window"):
        raise InputError(f"{day.date} has no window '{window}'.")
    cells, names = precinct["cells"], precinct["schools"]["name"]
    best = day.priority[window].nlargest(top, "total")
    ranking = best.assign(
        window=window,
        rank=range(1, len(best) + 1),
        cell=cells["label"].reindex(best.index),
        school=cells["school_id"].reindex(best.index).map(names),
    )
    columns = ["window", "rank", "cell", "school", "total", *PRIORITY_PARTS]
    return ranking[columns].reset_index(drop=True)


def plan_day(
    path: Path,
    date: dt.date,
    *,
    units_file: Path | None = None,
    seed: int = 0,
    iterations: int | None = None,
    time_limit_s: float | None = None,
    on_step: OnStep = silent,
) -> tuple[str, Plan]:
    """
    Plan a school day, lay its routes along the streets and keep it in the precinct file.

    Parameters
    ----------
    path, date
        The precinct file and the day.
    units_file
        A table of crews for this plan only.
    seed, iterations, time_limit_s
        Of the search; with iterations given, the same seed gives the same plan. The clock
        ends it after `SEARCH_S`, or not at all where iterations are given and no limit is.
    on_step
        Called with what is being done and the share done, 0 to 1.

    Returns
    -------
    plan_id, plan
        Under which the plan is stored, and the plan.
    """
    if iterations is None and time_limit_s is None:
        time_limit_s = SEARCH_S
    on_step("Reading the precinct", 0.02)
    precinct = open_precinct(path, units_file=units_file)
    day = read_day(precinct, date)
    units = _at_bases(units_from_table(precinct["units"]), precinct["bases"].index)
    on_step("Measuring the streets", 0.1)
    network = build_network(
        precinct["streets"],
        metric_crs=precinct.settings.metric_crs,
        walk_mps=precinct.settings.walk_mps,
    )
    spots = cell_places(precinct["cells"], network)
    posts = make_posts(day.windows, precinct["gates"], posts=precinct["posts"])
    stops = _stops(precinct, day, posts, spots, units)
    places = _places(precinct, stops)
    travel = _travel(network, places, units, precinct.settings.snap_m)
    plan = plan_patrol(
        stops,
        units,
        {mode: known.seconds for mode, known in travel.items()},
        distances={mode: known.metres for mode, known in travel.items()},
        date=date,
        zone=precinct.settings.zone,
        seed=seed,
        iterations=iterations,
        time_limit_s=time_limit_s,
        on_progress=lambda done: _pass_on(on_step, done.share),
    )
    on_step("Laying the routes", _PLANNING_FROM + _PLANNING_SHARE)
    plan = lay_routes(
        plan, network, units=units, places=places, cells=precinct["cells"], travel=travel
    )
    plan = _with_distances(plan, travel)
    told = _sayings(precinct, day, posts) | {"scorecard": _figures(precinct, plan, units, spots)}
    plan = replace(plan, settings={**plan.settings, **told})
    plan_id = store.write_plan_record(path, plan)
    on_step("Done", 1.0)
    return plan_id, plan


def _pass_on(on_step: OnStep, share: float) -> bool:
    on_step("Planning", _PLANNING_FROM + _PLANNING_SHARE * share)
    return True


def _at_bases(units: list[Unit], bases: pd.Index) -> list[Unit]:
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


def _stops(
    precinct: Precinct,
    day: Day,
    posts: gpd.GeoDataFrame,
    spots: gpd.GeoDataFrame,
    units: list[Unit],
) -> pd.DataFrame:
    return make_stops(
        staff_posts(posts, precinct["helpers"], units),
        day.windows,
        precinct["gates"],
        precinct["cells"],
        spots,
        day.priority,
        precinct.settings,
    )


def _places(precinct: Precinct, stops: pd.DataFrame) -> gpd.GeoDataFrame:
    """Gather the points of all stops and bases under the ids the travel matrix uses."""
    bases = precinct["bases"]["geometry"].rename(lambda base: f"base:{base}")
    sites = stops.drop_duplicates("place_id").set_index("place_id")
    points = gpd.GeoSeries.from_xy(sites["lon"], sites["lat"], index=sites.index, crs=bases.crs)
    return gpd.GeoDataFrame(geometry=pd.concat([bases, points])).rename_axis("place_id")


def _travel(
    network: Network, places: gpd.GeoDataFrame, units: list[Unit], snap_m: float
) -> dict[Mode, Travel]:
    modes = sorted({unit.mode for unit in units})
    return {mode: travel_times(network, places, mode=mode, snap_m=snap_m) for mode in modes}


def _with_distances(plan: Plan, travel: Mapping[Mode, Travel]) -> Plan:
    """Tell the distance to the nearest street where that is why nobody reaches a stop."""
    why = pd.concat([known.snapped["reason"] for known in travel.values()], axis=1)
    why = why[why.apply(lambda reasons: reasons.str.startswith("off_street")).all(axis=1)]
    place = plan.stops["place_id"].reindex(plan.unserved.index)
    off_street = place.map(why.iloc[:, -1])
    reason = plan.unserved["reason"].mask(
        off_street.notna() & (plan.unserved["reason"] == "unreachable"), off_street
    )
    return replace(plan, unserved=plan.unserved.assign(reason=reason.astype("str")))


def _sayings(precinct: Precinct, day: Day, posts: gpd.GeoDataFrame) -> dict[str, Any]:
    """Keep with the plan what must be said wherever it is shown."""
    assumed = [*precinct.assumed, *count_assumed({"posts": posts})]
    return {
        "precinct": precinct.settings.name,
        "synthetic": precinct.settings.synthetic,
        "attribution": precinct.settings.attribution,
        "snap_m": precinct.settings.snap_m,
        "holidays_announced": day.announced,
        "assumed": [list(row) for row in assumed],
    }


def _figures(
    precinct: Precinct, plan: Plan, units: list[Unit], spots: gpd.GeoDataFrame
) -> dict[str, float]:
    """Measure the plan, and count the cells that no patrol was asked for, for want of a street."""
    figures = summarize(plan, units=units, settings=precinct.settings)
    figures["cells_without_street"] = (spots["reason"] != "").sum()
    return {str(name): float(value) for name, value in figures.items()}
