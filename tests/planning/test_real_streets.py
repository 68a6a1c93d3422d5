"""The real extracts: streets in pieces, elevated roads, ways cut at the border."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from patrolmap.intake.osm import read_osm
from patrolmap.model.contracts import CRS
from patrolmap.model.network import build_network
from patrolmap.model.snapping import snap
from patrolmap.planning.beat_lines import walk_beat
from patrolmap.planning.beats import cell_places
from patrolmap.planning.cell_streets import cell_pieces, join_pieces
from patrolmap.planning.travel import travel_times
from patrolmap.risk.grid import make_school_grid

FILES = {"nanjing": "nanjing-centre.osm.pbf", "changzhou": "changzhou-wujin.osm.pbf"}


@pytest.fixture(scope="module", params=FILES.values(), ids=FILES)
def extract(request, shared_data):
    return read_osm(shared_data / "osm" / request.param)


@pytest.fixture(scope="module")
def network(extract):
    return build_network(extract.streets)


@pytest.fixture(scope="module")
def cells(extract):
    return make_school_grid(extract.schools)


@pytest.fixture(scope="module")
def school_places(extract):
    """A place at the edge of every school, where its gate may be."""
    corners = [shapely.get_coordinates(area)[0] for area in extract.schools.geometry]
    return gpd.GeoDataFrame(
        geometry=shapely.points(np.array(corners)), crs=CRS, index=extract.schools.index
    )


@pytest.mark.parametrize("mode", ["walk", "drive"])
def test_every_school_is_reached_from_every_other_or_it_is_said_why(network, school_places, mode):
    travel = travel_times(network, school_places, mode=mode)
    explained = travel.snapped["reason"] != ""
    reached = travel.seconds.notna()
    assert reached.loc[~explained, ~explained].to_numpy().all()
    assert not explained.any()  # all 14 of Nanjing, the one of Changzhou
    assert travel.snapped["connector_m"].dropna().max() <= 150


@pytest.mark.parametrize("mode", ["walk", "drive"])
def test_every_way_runs_along_streets_and_adds_up(extract, network, school_places, mode):
    places = pd.concat([school_places, cell_like_places(extract)])
    travel = travel_times(network, places, mode=mode)
    streets = extract.streets.to_crs(network.crs).geometry
    start = places.index[0]
    for end in travel.seconds.columns[travel.seconds.loc[start].notna()][1:]:
        path = travel.path(start, end)
        assert path.seconds == travel.seconds.loc[start, end]
        assert abs(path.metres - travel.metres.loc[start, end]) <= 0.51
        first, last = (m > 0 for m in path.connector_m)
        on_street = path.line.coords[first : len(path.line.coords) - last]
        way = gpd.GeoSeries([shapely.LineString(on_street)], crs=CRS).to_crs(network.crs).iloc[0]
        assert streets[list(path.street_ids)].union_all().buffer(0.2).covers(way)
        assert way.length + sum(path.connector_m) == pytest.approx(path.metres, rel=1e-3, abs=1)


def cell_like_places(extract):
    """Twenty places anywhere in the data."""
    west, south, east, north = extract.schools.total_bounds
    rng = np.random.default_rng(3)
    lon, lat = rng.uniform(west, east, 20), rng.uniform(south, north, 20)
    index = [f"any{i}" for i in range(20)]
    return gpd.GeoDataFrame(geometry=gpd.points_from_xy(lon, lat), crs=CRS, index=index)


@pytest.mark.parametrize("mode", ["walk", "drive"])
def test_places_under_a_deck_go_to_the_ground_wherever_a_ground_street_is_near(network, mode):
    decks = np.flatnonzero((network.level > 0) & (network.length_m > 30))
    middles = shapely.line_interpolate_point(network.lines[decks], 0.5, normalized=True)
    under = gpd.GeoSeries(middles, crs=network.crs).to_crs(CRS)
    tied = snap(network, under, mode)
    found = tied[tied["edge"] >= 0]
    ground = network.usable[mode][network.at_hand[network.usable[mode]]]
    near_m = shapely.STRtree(network.lines[ground]).query_nearest(
        under.to_crs(network.crs)[found.index].to_numpy(), return_distance=True, all_matches=False
    )[1]
    on_ground = network.level[found["edge"]] == 0
    assert on_ground.any()
    assert on_ground[near_m < 149].all()


def test_a_patrol_of_every_cell_begins_in_it_and_walks_its_streets(network, cells):
    places = cell_places(cells, network)
    served = places.geometry.notna()
    areas = cells.geometry.to_crs(network.crs)
    spots = places.geometry[served].to_crs(network.crs)
    assert (spots.distance(areas[served]) < 0.01).all()
    assert set(places.loc[~served, "reason"]) <= {"unreachable"}
    assert (places.loc[served, "street_m"] > 0).all()
    tied = snap(network, places.geometry[served], "walk")
    pieces = dict(tuple(cell_pieces(network, cells.geometry[served]).groupby("cell")))
    for row, (cell_id, spot) in enumerate(tied.iterrows()):
        streets = join_pieces(network, pieces[row], edge=spot["edge"], along=spot["along"])
        walk = walk_beat(streets, 960)
        assert walk is not None, cell_id
        assert 0 < walk.metres[-1] <= 960.001
        line = gpd.GeoSeries([shapely.LineString(walk.lonlat)], crs=CRS).to_crs(network.crs)
        assert areas[cell_id].buffer(1.5).covers(line.iloc[0])
