"""Real extracts: everything counted is kept, or its absence explained; every known trap."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

import pandas as pd
import pytest
import shapely
from pandas.testing import assert_frame_equal

from patrolmap.intake.osm import OsmExtract, read_osm
from tests.osm_maps import coded, counts

LAYERS = ("streets", "schools", "gates", "venues", "traffic_points", "bases", "basemap")
FILES = (
    "changzhou-wujin.osm.pbf", "nanjing-centre.osm.pbf", "tiny.osm.gz", "shanghai-streets.osm.pbf",
    "porto-centre.osm.pbf", "heidelberg.osm.pbf", "multicity.osm.pbf",
)  # fmt: skip
Read = Callable[[str], OsmExtract]


@pytest.fixture(scope="module")
def read(shared_data: Path) -> Read:
    """Read an extract by name, each but once."""
    return cache(lambda name: read_osm(shared_data / "osm" / name))


@pytest.fixture
def expected(shared_data: Path) -> pd.DataFrame:
    """Give the raw counts of every extract."""
    return pd.read_csv(shared_data / "osm" / "expected_counts.csv", index_col="file")


def _without_place(extract: OsmExtract, tag: str) -> int:
    lost = coded(extract, "no_place_in_file")
    return sum(f" {tag}" in f" {detail}" for detail in lost.values())


@pytest.mark.parametrize("file", FILES)
def test_every_counted_object_is_kept_or_explained(
    read: Read, expected: pd.DataFrame, file: str
) -> None:
    extract, raw = read(file), expected.loc[file]
    for value in ("school", "kindergarten"):
        told = counts(extract, f"amenity={value}")
        assert told["objects"] + _without_place(extract, f"amenity={value}") == raw[value]
        assert told["kept"] + told["left_out"] + told["merged"] == told["objects"]
    shops = counts(extract, "shop=*")
    assert shops["objects"] + _without_place(extract, "shop=") == raw["shop"]
    police = counts(extract, "amenity=police")
    assert police["objects"] == raw["police"]
    assert police["kept"] == len(extract.bases)
    points = extract.traffic_points["kind"].value_counts()
    for kind in ("crossing", "signals", "bus_stop"):
        assert points.get(kind, 0) == raw[kind]
    assert (extract.venues["kind"] == "internet_cafe").sum() == raw["internet_cafe"]
    ways = counts(extract, "highway=*")
    left_out = sum(int(count) for count in coded(extract, "not_a_street").values())
    assert ways["ways"] == raw["highway_ways"]
    assert ways["used"] == ways["ways"] + ways["squares"] - left_out


def test_streets_keep_every_segment(read: Read, expected: pd.DataFrame) -> None:
    """In Shanghai no way is left out or cut, so that the count must come out exactly."""
    streets = read("shanghai-streets.osm.pbf").streets
    steps = shapely.get_num_coordinates(streets.geometry.array) - 1
    assert steps.sum() == expected.loc["shanghai-streets.osm.pbf", "segments"]


# --- Changzhou -------------------------------------------------------------------------


def test_changzhou_reads_the_same_from_pbf_and_bz2(read: Read) -> None:
    pbf, bz2 = read("changzhou-wujin.osm.pbf"), read("changzhou-wujin.osm.bz2")
    for name in (*LAYERS, "notes"):
        assert_frame_equal(pd.DataFrame(getattr(pbf, name)), pd.DataFrame(getattr(bz2, name)))


def test_changzhou_has_one_primary_school_and_no_gate(read: Read) -> None:
    extract = read("changzhou-wujin.osm.pbf")
    assert extract.schools[["name", "kinds"]].to_numpy().tolist() == [
        ["常州市武进区采菱小学", "primary"]
    ]
    assert extract.schools.geom_type.tolist() == ["Polygon"]
    assert extract.gates.empty
    assert coded(extract, "not_a_street") == {"highway=construction": "6"}


def test_nobody_walks_on_changzhous_elevated_road(read: Read) -> None:
    streets = read("changzhou-wujin.osm.pbf").streets
    raised = streets[streets["highway"].isin(["trunk", "trunk_link"]) & (streets["level"] > 0)]
    assert len(raised)
    assert not raised["walkable"].any()
    assert raised["drivable"].all()
    assert (raised["oneway"] == 1).all()


# --- Nanjing ---------------------------------------------------------------------------


def test_nanjings_eighteen_schools_are_fourteen(read: Read) -> None:
    extract = read("nanjing-centre.osm.pbf")
    assert len(extract.schools) == 14
    assert coded(extract, "not_for_pupils") == {
        "w442891977 秦淮区教师进修学校": "教师进修",
        "w442891978 秦淮区委党校": "党校",
        "w445000811 南京幼儿高等师范学校": "师范学校",
    }
    merged = {s: into for s, into in coded(extract, "merged").items() if "五中" in s}
    assert merged == {"n1494967465 南京五中": "w445000100 南京市第五中学"}


def test_nanjings_schools_have_their_kinds_and_chinese_names(read: Read) -> None:
    schools = read("nanjing-centre.osm.pbf").schools
    kinds = dict(zip(schools["name"], schools["kinds"], strict=True))
    assert kinds["五老村幼儿园"] == "kindergarten"
    assert kinds["长江路小学"] == "primary"
    assert kinds["南京市第九初级中学"] == "middle"
    assert kinds["南京市第三高级中学文昌初中"] == "middle"
    assert kinds["南京三中金銮校区"] == "middle,high"


def test_nanjings_places_that_closed_are_left_out(read: Read) -> None:
    extract = read("nanjing-centre.osm.pbf")
    assert set(coded(extract, "closed_down").values()) == {
        "was:shop=department_store", "was:amenity=restaurant",
    }  # fmt: skip
    assert counts(extract, "shop=*") == {
        "objects": 78, "kept": 78, "left_out": 0, "other_shop": 46,
    }  # fmt: skip
    assert "r2598338" in extract.venues.index  # the one shop that is a relation


# --- Taichung --------------------------------------------------------------------------


def test_the_cut_ways_of_tiny_keep_their_known_part(read: Read, expected: pd.DataFrame) -> None:
    extract = read("tiny.osm.gz")
    assert coded(extract, "cut_at_missing_nodes") == {"": "ways=83 nothing_left=30"}
    assert expected.loc["tiny.osm.gz", "ways_with_missing_nodes"] == 256
    assert extract.streets.geometry.is_valid.all()


def test_the_internet_cafe_of_tiny_is_kept_though_its_outline_is_cut(read: Read) -> None:
    extract = read("tiny.osm.gz")
    cafe = extract.venues[extract.venues["kind"] == "internet_cafe"]
    assert cafe["name"].to_dict() == {"w368079952": "巨象網路科技館"}
    assert "w368079952 巨象網路科技館" in coded(extract, "drawn_in_part")


def test_three_institutions_on_one_campus_stay_three(read: Read) -> None:
    schools = read("tiny.osm.gz").schools
    campus = schools[schools["name"].str.contains("附[屬設]")]
    assert sorted(campus["kinds"]) == ["high", "kindergarten", "primary"]


# --- Porto, Heidelberg, Shanghai, six places at once -----------------------------------


def test_portos_duplicates_are_merged_and_its_other_schools_left_out(read: Read) -> None:
    extract = read("porto-centre.osm.pbf")
    merged = coded(extract, "merged")
    assert merged["n4183611243 Escola EB1 das Pedras"] == "w488851365 Escola Basica das Pedras"
    assert merged["w217547832"] == merged["w217547835"] == "w217547834 Escola da Bandeirinha"
    assert set(coded(extract, "not_for_pupils").values()) >= {
        "Yoga", "Ballet", "Condução", "school=driving", "British Council", "Línguas", "Seminário",
        "Conservatório",
    }  # fmt: skip
    assert "r2880759 Seminário Maior de Nossa Senhora da Conceição do Porto" in coded(
        extract, "not_for_pupils"
    )
    left_out = counts(extract, "shop=*")["left_out"]
    assert left_out == 5  # vacant
    closed = coded(extract, "closed_down").values()
    assert sum(detail.startswith("disused:shop") for detail in closed) == 17


def test_heidelbergs_schools_are_areas_and_one_has_no_name(read: Read) -> None:
    extract = read("heidelberg.osm.pbf")
    schools = extract.schools
    own = schools[schools["kinds"] != "kindergarten"]
    assert set(own.geom_type) <= {"Polygon", "MultiPolygon"}
    assert "w427003607" in coded(extract, "no_name")


def test_shanghai_has_streets_and_nothing_else(read: Read) -> None:
    extract = read("shanghai-streets.osm.pbf")
    assert [len(getattr(extract, name)) for name in ("schools", "gates", "venues", "bases")] == [
        0
    ] * 4
    reversible = coded(extract, "not_drivable").get("oneway=reversible", "0")
    assert (
        int(reversible)
        + (extract.streets["oneway"] == -1).groupby(extract.streets["source"]).any().sum()
        == 3
    )


def test_six_places_at_once_read_as_one(read: Read) -> None:
    extract = read("multicity.osm.pbf")
    left_out = coded(extract, "not_for_pupils")
    assert {"(historical)", "Tae Kwon Do", "Apartments"} <= set(left_out.values())
    assert sum(why == "(historical)" for why in left_out.values()) == 3
    merged = coded(extract, "merged")
    assert sum(into.startswith("w125436511") for into in merged.values()) == 2
