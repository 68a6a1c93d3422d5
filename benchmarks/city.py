"""
Plan a city: 60 schools and 40 crews, beside PyVRP given ten times as long.

    python -m benchmarks.city [--time-limit-s 60] [--seeds 1] [--iterations N] [--peer-s 0]

The streets, bases, venues and schools are those of the Porto extract in the shared data;
kindergartens are added at corners drawn from a seed until there are 60 schools, and each
school's bells are moved by a drawn number of minutes. From there on the product's own
functions make cells, priorities, posts, patrols and travel times. Each of the 40 crews is
one officer without a break, so that PyVRP can be asked the same: a post for two is two
clients at one time, each worth half. Unlike us, PyVRP need not keep visits to one cell
apart, and weighs posts twenty times as much where we put them first.
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

from patrolmap.model.layers import check_layer
from patrolmap.model.network import build_network
from patrolmap.model.plan import Plan
from patrolmap.model.units import Unit
from patrolmap.planning.beats import cell_places
from patrolmap.planning.engine import plan_patrol, warm_up
from patrolmap.planning.posts import make_posts, staff_posts
from patrolmap.planning.stops import make_stops
from patrolmap.planning.travel import travel_times
from patrolmap.store import geopackage as store
from patrolmap.workflow import Precinct, make_cells, new_precinct, open_precinct, read_day

SHARED = Path(__file__).parents[2] / "shared" / "data"
EXTRACT = Path(os.environ.get("PATROLMAP_SHARED_DATA", SHARED)) / "osm" / "porto-centre.osm.pbf"
DATE = dt.date(2026, 11, 24)
SEED = 60
SCHOOLS = 60
CREWS = 40
DRIVING = 8  # of the crews
LATE = 6  # of the crews, for the evening
HOUR_S = 3600
DAY_S = 24 * HOUR_S
PRIZE_COST = 100  # what a point of prize is worth to PyVRP in minutes of travel
POST_WEIGHT = 20


@dataclass(frozen=True)
class City:
    """What `plan_patrol` is asked."""

    stops: pd.DataFrame
    units: list[Unit]
    times: dict[str, pd.DataFrame]
    distances: dict[str, pd.DataFrame]


def main() -> None:
    """Print one line a plan."""
    asked = _arguments()
    city = make_city()
    posts = city.stops["required"]
    print(
        f"{SCHOOLS} schools, {len(city.units)} crews, {posts.sum()} posts for "
        f"{city.stops.loc[posts, 'people'].sum()} people, {(~posts).sum()} patrols"
    )
    warm_up()
    for seed in range(asked.seeds):
        began = time.process_time()
        plan = plan_patrol(
            city.stops, city.units, city.times, distances=city.distances, seed=seed,
            iterations=asked.iterations,
            time_limit_s=None if asked.iterations else asked.time_limit_s,
        )  # fmt: skip
        spent_s = time.process_time() - began
        tell(f"patrolmap, seed {seed}", city, people_of(plan), spent_s, plan.settings["iterations"])
    if asked.peer_s:
        tell("PyVRP", city, ask_pyvrp(city, asked.peer_s), asked.peer_s, 0)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--time-limit-s", type=float, default=60.0)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--iterations", type=int, help="instead of the time limit")
    parser.add_argument("--peer-s", type=float, default=0.0, help="processor seconds for PyVRP")
    return parser.parse_args()


def people_of(plan: Plan) -> pd.Series:
    """Count the people at each stop."""
    missing = plan.unserved["people_missing"].where(plan.unserved["people_missing"] > 0)
    people = plan.stops["people"]
    return people - missing.fillna(people).reindex(people.index).fillna(0)


def tell(name: str, city: City, people: pd.Series, spent_s: float, iterations: int) -> None:
    """Print what a plan is worth: that of each stop by the share of its people."""
    share, posts = people / city.stops["people"], city.stops["required"]
    worth = share * city.stops["prize"]
    print(
        f"{name:<20} posts {worth[posts].sum():8.1f} ({people[posts].sum():.0f} people)  "
        f"patrols {worth[~posts].sum():8.1f} ({share[~posts].sum():.0f})  "
        f"{iterations} iterations, {spent_s:.0f} processor seconds",
        flush=True,
    )


# ── the peer ──


def ask_pyvrp(city: City, limit_s: float) -> pd.Series:
    """Let PyVRP search for so many processor seconds; count the people at each stop."""
    from pyvrp import Model  # noqa: PLC0415 - the rest runs without it

    model = Model()
    names = list(city.times["walk"].index)
    places = {name: model.add_location(0, 0) for name in names}
    depots = {name: model.add_depot(places[name]) for name in {u.start_id for u in city.units}}
    profiles = {mode: model.add_profile() for mode in city.times}
    for unit in city.units:
        base, mode = depots[unit.start_id], profiles[unit.mode]
        model.add_vehicle_type(
            1, start_depot=base, end_depot=base, tw_early=unit.shift_start_s,
            tw_late=unit.shift_end_s, profile=mode,
        )  # fmt: skip
    clients = []
    for stop_id, stop in city.stops.iterrows():
        weight = PRIZE_COST * (POST_WEIGHT if stop["required"] else 1) / stop["people"]
        for _ in range(stop["people"]):
            clients.append(stop_id)
            model.add_client(
                places[stop["place_id"]], service_duration=stop["service_s"],
                tw_early=stop["tw_early_s"], tw_late=stop["tw_late_s"],
                prize=round(stop["prize"] * weight), required=False,
            )  # fmt: skip
    for mode, profile in profiles.items():
        for here, there, way_s in _ways(city.times[mode]):
            model.add_edge(places[here], places[there], way_s // 60, way_s, profile=profile)
    began_s = time.process_time()
    best = model.solve(lambda _cost: time.process_time() - began_s > limit_s, display=False).best
    people = pd.Series(0, city.stops.index)
    if best.is_feasible():
        for route in best.routes():
            for visit in route.schedule():
                if visit.is_client():
                    people[clients[visit.idx]] += 1
    return people


def _ways(times: pd.DataFrame) -> Iterator[tuple[str, str, int]]:
    """List every way; where none leads it takes longer than a day."""
    values = times.to_numpy(float, na_value=DAY_S)
    for i, here in enumerate(times.index):
        for j, there in enumerate(times.columns):
            yield here, there, int(values[i, j])


# ── the case ──


def make_city() -> City:
    """Make the case; the same every time."""
    rng = np.random.default_rng(SEED)
    with tempfile.TemporaryDirectory() as folder:
        precinct = _make_precinct(Path(folder) / "city.gpkg", rng)
    units = _draw_units(precinct["bases"].index, rng)
    settings = precinct.settings
    network = build_network(precinct["streets"], metric_crs=settings.metric_crs)
    day = read_day(precinct, DATE)
    posts = make_posts(day.windows, precinct["gates"])
    stops = make_stops(
        staff_posts(posts, precinct["helpers"], units), day.windows, precinct["gates"],
        precinct["cells"], cell_places(precinct["cells"], network), day.priority, settings,
    )  # fmt: skip
    places = _places(stops, precinct["bases"])
    travel = {mode: travel_times(network, places, mode=mode) for mode in ("walk", "drive")}
    return City(
        stops, units,
        {mode: known.seconds for mode, known in travel.items()},
        {mode: known.metres for mode, known in travel.items()},
    )  # fmt: skip


def _make_precinct(path: Path, rng: np.random.Generator) -> Precinct:
    new_precinct(path, osm=EXTRACT, zone="Europe/Lisbon")
    schools, streets = store.read_frame(path, "schools"), store.read_frame(path, "streets")
    store.write_frames(path, {"schools": _with_kindergartens(schools, streets, rng)})
    make_cells(path)
    store.write_frames(path, {"bells": _moved(open_precinct(path)["bells"], rng)})
    return open_precinct(path)


def _with_kindergartens(
    schools: gpd.GeoDataFrame, streets: gpd.GeoDataFrame, rng: np.random.Generator
) -> gpd.GeoDataFrame:
    walkable = streets[streets["walkable"]].sort_index()
    drawn = rng.choice(len(walkable), SCHOOLS - len(schools), replace=False)
    corners = walkable.geometry.iloc[drawn].map(lambda line: line.interpolate(0.5, normalized=True))
    ids = pd.Index([f"k{number:02d}" for number in range(len(drawn))], name="school_id")
    added = gpd.GeoDataFrame(
        {"name": ids, "kinds": "kindergarten", "provenance": "assumed", "source": "drawn"},
        geometry=corners.to_numpy(), index=ids, crs=schools.crs,
    )  # fmt: skip
    return check_layer(pd.concat([schools, check_layer(added, "schools")]), "schools")


def _moved(bells: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Move the bells of each school by up to half an hour, all alike."""
    school_ids = sorted(bells["school_id"].unique())
    moves = dict(zip(school_ids, 300 * rng.integers(-6, 7, len(school_ids)), strict=True))
    return bells.assign(time_s=bells["time_s"] + bells["school_id"].map(moves))


def _draw_units(bases: pd.Index, rng: np.random.Generator) -> list[Unit]:
    day = Unit("", "walk", "", "", 0, DAY_S)
    units = []
    for number in range(CREWS):
        base = f"base:{rng.choice(bases)}"
        from_h, until_h = (7, 19) if number >= LATE else (13, 23)
        mode = "drive" if number % (CREWS // DRIVING) == 0 else "walk"
        units.append(
            replace(
                day,
                unit_id=f"P{number:02d}",
                mode=mode,
                start_id=base,
                end_id=base,
                shift_start_s=from_h * HOUR_S,
                shift_end_s=until_h * HOUR_S,
            )
        )
    return units


def _places(stops: pd.DataFrame, bases: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    sites = stops.drop_duplicates("place_id").set_index("place_id")
    points = gpd.GeoSeries.from_xy(sites["lon"], sites["lat"], index=sites.index, crs=bases.crs)
    spots = bases["geometry"].rename(lambda base: f"base:{base}")
    return gpd.GeoDataFrame(geometry=pd.concat([spots, points])).rename_axis("place_id")


if __name__ == "__main__":
    main()
