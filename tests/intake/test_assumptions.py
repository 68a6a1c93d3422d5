"""What no map holds: proposed and assumed in the open, and never over what is given."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from patrolmap.intake.assumptions import (
    assume_bases,
    assume_bells,
    assume_pupils,
    assume_units,
    propose_gates,
)
from patrolmap.intake.osm import OsmExtract, read_osm
from patrolmap.model.contracts import CRS
from patrolmap.model.layers import check_layer, empty_layer
from patrolmap.model.network import build_network
from patrolmap.model.snapping import snap
from patrolmap.model.space import choose_metric_crs
from patrolmap.model.units import units_from_table
from tests import tiny as tiny_precinct
from tests.tiny import METRIC_CRS, box, clock_s, line, point

Precinct = dict[str, pd.DataFrame]


def _streets(*rows: tuple[object, ...]) -> gpd.GeoDataFrame:
    """Lay streets: id, highway, level and line."""
    frame = gpd.GeoDataFrame(
        {
            "highway": [row[1] for row in rows],
            "walkable": [row[1] != "motorway" for row in rows],
            "drivable": [row[1] != "footway" for row in rows],
            "level": [row[2] for row in rows],
            "length_m": [
                gpd.GeoSeries([row[3]], crs=CRS).to_crs(METRIC_CRS).length.iloc[0] for row in rows
            ],
        },
        index=[str(row[0]) for row in rows],
        geometry=[row[3] for row in rows],
        crs=CRS,
    )
    return check_layer(frame, "streets")


def _school(geometry: object, kinds: str = "primary", **columns: object) -> gpd.GeoDataFrame:
    frame = gpd.GeoDataFrame(
        {"name": ["school"], "kinds": [kinds], **{k: [v] for k, v in columns.items()}},
        index=["S01"],
        geometry=[geometry],
        crs=CRS,
    )
    return check_layer(frame, "schools")


def _gate(schools: gpd.GeoDataFrame, streets: gpd.GeoDataFrame) -> tuple[float, float, str]:
    """Propose the gate of the only school: its place in local metres, and how."""
    gates = propose_gates(schools, empty_layer("gates"), streets, metric_crs=METRIC_CRS)
    assert gates["provenance"].tolist() == ["proposed"]
    assert gates["school_id"].tolist() == ["S01"]
    place = gates.to_crs(METRIC_CRS).geometry.iloc[0]
    x_m, y_m = tiny_precinct.ORIGIN_M
    return place.x - x_m, place.y - y_m, gates["source"].iloc[0]


# --- gates -----------------------------------------------------------------------------


def test_schools_with_a_gate_keep_theirs_alone(tiny: Precinct) -> None:
    gates = propose_gates(tiny["schools"], tiny["gates"], tiny["streets"], metric_crs=METRIC_CRS)
    assert gates is tiny["gates"]


def test_only_the_school_without_a_gate_gets_one(tiny: Precinct) -> None:
    given = tiny["gates"].drop("G3")
    gates = propose_gates(tiny["schools"], given, tiny["streets"], metric_crs=METRIC_CRS)
    assert gates.index.tolist() == ["G1", "G2", "G4", "S02-gate"]
    assert gates["provenance"].tolist() == ["given"] * 3 + ["proposed"]


def test_the_gate_is_where_a_path_meets_the_campus() -> None:
    """A path runs from the street, 20 m south of the campus, through its south side at x = 70."""
    streets = _streets(
        ("street", "residential", 0, line((-50, -20), (70, -20))),
        ("more", "residential", 0, line((70, -20), (150, -20))),
        ("path", "footway", 0, line((70, -20), (70, 50))),
    )
    x_m, y_m, how = _gate(_school(box(0, 0, 100, 100)), streets)
    assert (x_m, y_m) == pytest.approx((70, 0), abs=0.1)
    assert how == "proposed: footway path meets the campus boundary here"


def test_of_two_ways_in_the_one_nearer_to_a_public_street_is_taken() -> None:
    streets = _streets(
        ("street", "residential", 0, line((-50, -20), (30, -20))),
        ("back", "footway", 0, line((30, -20), (30, 50))),
        ("on", "footway", 0, line((30, 50), (30, 130))),
    )
    x_m, y_m, _ = _gate(_school(box(0, 0, 100, 100)), streets)
    assert (x_m, y_m) == pytest.approx((30, 0), abs=0.1)


def test_a_path_is_a_way_in_before_a_road_that_clips_the_outline() -> None:
    streets = _streets(
        ("road", "tertiary", 0, line((-50, 1), (70, -20))),
        ("path", "footway", 0, line((70, -20), (70, 30))),
    )
    _, _, how = _gate(_school(box(0, 0, 100, 100)), streets)
    assert how == "proposed: footway path meets the campus boundary here"


def test_without_a_way_in_the_gate_faces_the_nearest_street() -> None:
    streets = _streets(("street", "residential", 0, line((40, -12), (60, -12))))
    x_m, y_m, how = _gate(_school(box(0, 0, 100, 100)), streets)
    assert y_m == pytest.approx(0, abs=0.1)
    assert 40 <= x_m <= 60
    assert how == "proposed: on the boundary, 12 m from residential street"


def test_a_school_that_is_a_point_has_its_gate_on_the_street() -> None:
    streets = _streets(("street", "residential", 0, line((-50, -30), (50, -30))))
    x_m, y_m, how = _gate(_school(point(10, 0)), streets)
    assert (x_m, y_m) == pytest.approx((10, -30), abs=0.1)
    assert how == "proposed: on residential street, 30 m from the school's point"


def test_an_elevated_road_or_a_motorway_is_no_place_for_a_gate() -> None:
    streets = _streets(
        ("above", "primary", 1, line((-50, -2), (150, -2))),
        ("fast", "motorway", 0, line((-50, -4), (150, -4))),
        ("below", "residential", 0, line((-50, 140), (150, 140))),
    )
    _, y_m, how = _gate(_school(box(0, 0, 100, 100)), streets)
    assert y_m == pytest.approx(100, abs=0.1)
    assert how == "proposed: on the boundary, 40 m from residential below"


def test_a_footway_that_hangs_apart_is_no_way_in() -> None:
    streets = _streets(
        ("island", "footway", 0, line((50, 50), (50, 110))),
        ("a", "residential", 0, line((-200, -30), (50, -30))),
        ("b", "residential", 0, line((50, -30), (300, -30))),
    )
    _, y_m, how = _gate(_school(box(0, 0, 100, 100)), streets)
    assert y_m == pytest.approx(0, abs=0.1)
    assert "30 m from residential" in how


@pytest.mark.parametrize("ground", [box(0, 0, 100, 100), point(0, 0)])
def test_a_school_far_from_every_street_still_has_a_gate_and_says_so(ground: object) -> None:
    streets = _streets(("far", "residential", 0, line((5000, 0), (5100, 0))))
    x_m, y_m, how = _gate(_school(ground), streets)
    assert -0.1 <= min(x_m, y_m) <= max(x_m, y_m) <= 100.1
    assert how == "proposed: no street to walk on in 1000 m"


def test_no_streets_at_all_still_give_every_school_a_gate(tiny: Precinct) -> None:
    gates = propose_gates(
        tiny["schools"], empty_layer("gates"), empty_layer("streets"), metric_crs=METRIC_CRS
    )
    assert gates["school_id"].tolist() == ["S01", "S02", "S03"]


# --- pupils and bells ------------------------------------------------------------------


def test_missing_pupils_are_the_usual_of_each_kind_and_the_row_says_so() -> None:
    schools = assume_pupils(_school(point(0, 0), "primary,middle", source="list"))
    assert schools["pupils"].tolist() == [24 * 45 + 18 * 50]
    assert schools["provenance"].tolist() == ["assumed"]
    assert schools["source"].tolist() == [
        "list; pupils assumed: primary 24 classes of 45 + middle 18 classes of 50"
    ]


def test_given_pupils_stay_as_given(tiny: Precinct) -> None:
    assert assume_pupils(tiny["schools"]) is tiny["schools"]


def test_schools_with_bells_keep_theirs(tiny: Precinct) -> None:
    assert assume_bells(tiny["schools"], tiny["bells"]) is tiny["bells"]


def test_only_silent_schools_are_given_bells(tiny: Precinct) -> None:
    given = tiny["bells"][tiny["bells"]["school_id"] != "S02"]
    bells = assume_bells(tiny["schools"], given)
    added = bells[bells["provenance"] == "assumed"]
    assert set(added["school_id"]) == {"S02"}
    assert added["kind"].tolist() == ["arrive", "dismiss", "evening_end"]
    assert len(bells) == len(given) + 3


def test_first_lessons_keep_the_legal_earliest_times() -> None:
    """Primary not before 08:20, secondary not before 08:00 (教基厅函〔2021〕11号)."""
    schools = assume_pupils(_school(point(0, 0), "primary,middle"))
    bells = assume_bells(schools, empty_layer("bells"))
    arrivals = bells[bells["kind"] == "arrive"].set_index("group")["time_s"].to_dict()
    assert arrivals == {"1-6": clock_s("08:20"), "7-9": clock_s("08:00")}
    assert bells["source"].str.startswith("assumed for ").all()


def test_the_lower_grades_of_a_primary_school_leave_first() -> None:
    schools = assume_pupils(_school(point(0, 0), "primary"))
    bells = assume_bells(schools, empty_layer("bells"))
    leave = bells[bells["kind"] == "dismiss"].set_index("group")
    assert leave["time_s"].to_dict() == {"1-2": clock_s("16:30"), "3-6": clock_s("17:40")}
    assert leave["pupils"].to_dict() == {"1-2": 360, "3-6": 720}


def test_kinds_that_ring_at_one_time_ring_together() -> None:
    schools = assume_pupils(_school(point(0, 0), "middle,high"))
    bells = assume_bells(schools, empty_layer("bells"))
    assert bells[["kind", "group", "pupils"]].to_numpy().tolist() == [
        ["arrive", "7-9+10-12", 900 + 1200],
        ["dismiss", "7-9+10-12", 900 + 600],
        ["evening_end", "10-12", 600],
    ]


def test_given_pupils_are_split_among_the_kinds() -> None:
    bells = assume_bells(_school(point(0, 0), "primary,middle", pupils=1980), empty_layer("bells"))
    arrivals = bells[bells["kind"] == "arrive"].set_index("group")["pupils"].to_dict()
    assert arrivals == {"1-6": 1080, "7-9": 900}


def test_no_schools_need_no_bells() -> None:
    assert assume_bells(empty_layer("schools"), empty_layer("bells")).empty


# --- bases and crews -------------------------------------------------------------------


def test_a_base_within_reach_is_enough(tiny: Precinct) -> None:
    bases = assume_bases(tiny["schools"], tiny["bases"], tiny["streets"], metric_crs=METRIC_CRS)
    assert bases is tiny["bases"]


def test_without_a_base_one_is_put_on_the_street_amid_the_schools(tiny: Precinct) -> None:
    """The schools' median is (150, 150), 50 m from four blocks; column 1 is no drive."""
    bases = assume_bases(
        tiny["schools"], empty_layer("bases"), tiny["streets"], metric_crs=METRIC_CRS
    )
    assert bases["provenance"].tolist() == ["assumed"]
    assert bases["name"].tolist() == ["派出所 (系统假设)"]
    place = bases.to_crs(METRIC_CRS).geometry.iloc[0]
    middle = shapely.Point(tiny_precinct.ORIGIN_M[0] + 150, tiny_precinct.ORIGIN_M[1] + 150)
    assert place.distance(middle) == pytest.approx(50, abs=1)


def test_bases_too_far_away_are_kept_and_one_is_assumed(tiny: Precinct) -> None:
    far = tiny["bases"].iloc[:1].set_geometry([point(20_000, 0)], crs=CRS)
    bases = assume_bases(tiny["schools"], far, tiny["streets"], metric_crs=METRIC_CRS)
    assert bases["provenance"].tolist() == ["given", "assumed"]


def test_crews_are_plausible_and_pass_their_own_checks(tiny: Precinct) -> None:
    table = assume_units(tiny["bases"], tiny["gates"])
    units = units_from_table(table)
    assert [unit.unit_id for unit in units] == ["D01", "D02", "D03", "D04", "L01"]
    assert [unit.mode for unit in units] == ["walk", "walk", "walk", "drive", "drive"]
    assert {unit.headcount for unit in units} == {2}
    assert all(unit.breaks for unit in units)
    assert (table["provenance"] == "assumed").all()


def test_crews_start_at_the_base_nearest_to_their_gate(tiny: Precinct) -> None:
    """G1 and G2 are nearer to B1; G3 is 199 m from B1 south-west and 187 m from B2."""
    table = assume_units(tiny["bases"], tiny["gates"])
    assert table["start_id"].tolist()[:4] == ["B1", "B1", "B2", "B2"]


@pytest.mark.parametrize(("gates", "by_day", "late"), [(1, 2, 1), (7, 7, 2), (40, 12, 3)])
def test_crews_grow_with_the_gates_up_to_a_station(
    tiny: Precinct, gates: int, by_day: int, late: int
) -> None:
    many = pd.concat([tiny["gates"].iloc[:1]] * gates)
    many.index = [f"G{number}" for number in range(gates)]
    crews = assume_units(tiny["bases"], many).index.str[0].value_counts()
    assert crews.to_dict() == {"D": by_day, "L": late}
    modes = assume_units(tiny["bases"], many)["mode"]
    assert "drive" in modes[modes.index.str.startswith("D")].tolist()


def test_without_a_base_there_are_no_crews(tiny: Precinct) -> None:
    assert assume_units(empty_layer("bases"), tiny["gates"]).empty


# --- real extracts ---------------------------------------------------------------------


@pytest.fixture(scope="module")
def read(shared_data: Path) -> Callable[[str], OsmExtract]:
    """Read an extract by name, each but once."""
    return cache(lambda name: read_osm(shared_data / "osm" / name))


@pytest.mark.parametrize(
    "file", ["changzhou-wujin.osm.pbf", "nanjing-centre.osm.pbf", "tiny.osm.gz"]
)
def test_every_school_has_a_gate_reached_on_foot_from_the_ground(
    read: Callable[[str], OsmExtract], file: str
) -> None:
    extract = read(file)
    crs = choose_metric_crs([extract.schools])
    gates = propose_gates(extract.schools, extract.gates, extract.streets, metric_crs=crs)
    assert set(gates["school_id"]) == set(extract.schools.index)
    proposed = gates[gates["provenance"] == "proposed"]
    network = build_network(extract.streets, metric_crs=crs)
    tied = snap(network, proposed.geometry, "walk")
    assert (tied["reason"] == "").all()
    assert (network.level[tied["edge"]] == 0).all()
    assert len(set(tied["component"])) == 1
    areas = extract.schools[extract.schools.geom_type != "Point"].to_crs(crs)
    for school_id, place in proposed.to_crs(crs).set_index("school_id").geometry.items():
        if school_id in areas.index:
            assert areas.geometry[school_id].boundary.distance(place) < 0.01
