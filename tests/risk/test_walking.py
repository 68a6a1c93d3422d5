"""The shortest way on foot, beside the planner's own measure on real streets."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely

from patrolmap.intake.osm import read_osm
from patrolmap.model.contracts import CRS
from patrolmap.model.network import build_network
from patrolmap.planning.travel import travel_times
from patrolmap.risk.walking import open_footways, shortest_walks

LOOK_M = 3000.0
TIE_M = 150.0
CORNERS_M = 3.0  # the planner ties what is within a metre of a corner to it, and rounds to 0.1 m


@pytest.mark.parametrize("extract", ["nanjing-centre.osm.pbf", "changzhou-wujin.osm.pbf"])
def test_it_is_as_long_as_the_planner_says(shared_data: Path, extract: str):
    streets = read_osm(shared_data / "osm" / extract).streets
    network = build_network(streets)
    random = np.random.default_rng(1)
    walkable = streets[streets["walkable"]].geometry
    along = walkable.iloc[random.integers(0, len(walkable), 30)].to_crs(network.crs)
    spots = shapely.get_coordinates(along.interpolate(random.random(30), normalized=True))
    spots += random.normal(0, 15, spots.shape)
    places = gpd.GeoSeries(shapely.points(spots), crs=network.crs).to_crs(CRS)
    places.index = [f"P{number}" for number in range(30)]
    metres = travel_times(network, gpd.GeoDataFrame(geometry=places), mode="walk").metres
    starts, ends = places.iloc[:5], places.iloc[5:]
    walks = shortest_walks(open_footways(network), starts, ends, limit_m=LOOK_M, tie_m=TIE_M)
    known = metres.loc[starts.index, ends.index].astype("float64").min()
    near = known[known < LOOK_M - CORNERS_M]
    walked = {end: walk for end, walk in zip(ends.index, walks, strict=True) if end in near.index}
    assert len(near) > 10
    assert [w.metres for w in walked.values()] == pytest.approx(near.tolist(), abs=CORNERS_M)
    for walk in walked.values():
        length_m = gpd.GeoSeries([walk.line], crs=CRS).to_crs(network.crs).length.iloc[0]
        assert length_m == pytest.approx(walk.metres, rel=0.01, abs=0.5)


def test_what_no_street_leads_to_and_what_is_too_far_are_told_apart(shared_data: Path):
    streets = read_osm(shared_data / "osm" / "changzhou-wujin.osm.pbf").streets
    network = build_network(streets)
    corner = streets.geometry[streets["walkable"]].iloc[0]
    start = gpd.GeoSeries([shapely.Point(corner.coords[0])], crs=CRS)
    lon, lat = corner.coords[0]
    away = gpd.GeoSeries([shapely.Point(lon + 0.2, lat), shapely.Point(corner.coords[-1])], crs=CRS)
    lost, far = shortest_walks(network, start, away, limit_m=0.001, tie_m=TIE_M)
    assert np.isnan(lost.metres)
    assert np.isinf(far.metres)
