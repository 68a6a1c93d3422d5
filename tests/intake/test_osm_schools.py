"""Schools and gates from a map: what is one, of which kind, merged with what, left out why."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.osm_maps import OsmMap, coded, counts


def test_schools_come_from_nodes_ways_and_multipolygon_relations(tmp_path: Path) -> None:
    town = OsmMap()
    town.node(1, 0, 0, "amenity=school name=甲小学")
    town.box(2, 300, 0, 50, "amenity=school name=乙中学")
    town.relation(3, [town.box(4, 600, 0, 50)], "amenity=kindergarten name=丙幼儿园")
    schools = town.read(tmp_path).schools
    assert schools.geom_type.to_dict() == {"n1": "Point", "w2": "Polygon", "r3": "Polygon"}
    assert schools["kinds"].to_dict() == {
        "n1": "primary",
        "w2": "middle,high",
        "r3": "kindergarten",
    }
    assert (schools["provenance"] == "given").all()


def test_the_ring_of_a_relation_is_no_school_of_its_own(tmp_path: Path) -> None:
    town = OsmMap()
    town.relation(3, [town.box(4, 0, 0, 50, "barrier=wall")], "amenity=school name=甲小学")
    assert town.read(tmp_path).schools.index.tolist() == ["r3"]


def test_a_relation_whose_members_are_not_in_the_file_is_noted(tmp_path: Path) -> None:
    town = OsmMap()
    town.street(1, (0, 0), (100, 0))
    town.relation(3, [99], "amenity=school name=甲小学")
    extract = town.read(tmp_path)
    assert extract.schools.empty
    assert coded(extract, "no_place_in_file") == {"r3 甲小学": "amenity=school"}


@pytest.mark.parametrize(
    ("tags", "kinds"),
    [
        ("name=甲小学 isced:level=1;2", "primary,middle"),
        ("name=甲中学 isced:level=2", "middle"),
        ("name=甲学校 grades=10-12", "high"),
        ("name=五老村幼儿园", "kindergarten"),
        ("name=甲职业学校", "vocational"),
        ("name=甲特殊教育学校", "special"),
        ("name=东南大学附属中学", "middle,high"),
        ("name=No.+1 name:en=No.+1+Primary+School", "primary"),
    ],
)
def test_kinds_come_from_levels_first_and_then_from_the_name(
    tmp_path: Path, tags: str, kinds: str
) -> None:
    town = OsmMap()
    town.node(1, 0, 0, f"amenity=school {tags}")
    assert town.read(tmp_path).schools["kinds"].tolist() == [kinds]


def test_kinds_nobody_tells_are_assumed_and_noted(tmp_path: Path) -> None:
    town = OsmMap()
    town.node(1, 0, 0, "amenity=school name=育才学校")
    extract = town.read(tmp_path)
    assert extract.schools["kinds"].tolist() == ["primary,middle"]
    assert coded(extract, "kinds_assumed") == {"n1 育才学校": "primary,middle"}


def test_a_kindergarten_in_a_campus_of_untold_kinds_stays_itself(tmp_path: Path) -> None:
    town = OsmMap()
    town.box(1, 0, 0, 100, "amenity=school name=东方学校")
    town.node(50, 20, 20, "amenity=kindergarten name=东方幼儿园")
    schools = town.read(tmp_path).schools
    assert dict(zip(schools["name"], schools["kinds"], strict=True)) == {
        "东方学校": "primary,middle",
        "东方幼儿园": "kindergarten",
    }


def test_a_campus_without_a_name_does_not_join_the_two_schools_on_it(tmp_path: Path) -> None:
    town = OsmMap()
    town.box(1, 0, 0, 100, "amenity=school")
    town.node(50, 20, 20, "amenity=kindergarten name=东方幼儿园")
    town.node(51, 60, 20, "amenity=school name=东方小学")
    schools = town.read(tmp_path).schools
    assert sorted(schools["kinds"]) == ["kindergarten", "primary"]


def test_a_kindergarten_tagged_as_school_becomes_one_and_is_noted(tmp_path: Path) -> None:
    town = OsmMap()
    town.node(1, 0, 0, "amenity=school name=五老村幼儿园")
    extract = town.read(tmp_path)
    assert extract.schools["kinds"].tolist() == ["kindergarten"]
    assert coded(extract, "kind_by_name") == {"n1 五老村幼儿园": "kindergarten"}


@pytest.mark.parametrize(
    ("tags", "code", "why"),
    [
        ("name=区委党校", "not_for_pupils", "党校"),
        ("name=教师进修学校", "not_for_pupils", "教师进修"),
        ("name=幼儿高等师范学校", "not_for_pupils", "师范学校"),
        ("name=平安驾校", "not_for_pupils", "驾校"),
        ("name=Escola+de+Condução", "not_for_pupils", "Condução"),
        ("name=Seminário+Maior", "not_for_pupils", "Seminário"),
        ("name=Holy+Cross+Primary+School+(historical)", "not_for_pupils", "(historical)"),
        ("name=X school=driving", "not_for_pupils", "school=driving"),
        ("name=甲小学 disused=yes", "closed_down", "disused"),
    ],
)
def test_what_has_no_pupils_is_left_out_with_the_reason(
    tmp_path: Path, tags: str, code: str, why: str
) -> None:
    town = OsmMap()
    town.node(1, 0, 0, f"amenity=school {tags}")
    extract = town.read(tmp_path)
    assert extract.schools.empty
    assert list(coded(extract, code).values()) == [why]
    assert counts(extract, "amenity=school") == {
        "objects": 1, "kept": 0, "left_out": 1, "merged": 0,
    }  # fmt: skip


def test_a_school_that_was_is_noted_and_not_counted(tmp_path: Path) -> None:
    town = OsmMap()
    town.node(1, 0, 0, "was:amenity=school name=老小学")
    extract = town.read(tmp_path)
    assert extract.schools.empty
    assert coded(extract, "closed_down") == {"n1 老小学": "was:amenity=school"}
    assert counts(extract, "amenity=school")["objects"] == 0


def test_a_point_inside_a_campus_is_the_same_school(tmp_path: Path) -> None:
    town = OsmMap()
    town.box(1, 0, 0, 100, "amenity=school name=南京市第五中学")
    town.node(2, 50, 50, "amenity=school name=南京五中")
    extract = town.read(tmp_path)
    assert extract.schools["name"].to_dict() == {"w1": "南京市第五中学"}
    assert coded(extract, "merged") == {"n2 南京五中": "w1 南京市第五中学"}


def test_a_kindergarten_inside_a_school_campus_stays_its_own(tmp_path: Path) -> None:
    town = OsmMap()
    town.box(1, 0, 0, 100, "amenity=school name=甲小学")
    town.node(2, 50, 50, "amenity=kindergarten name=甲小学幼儿园")
    assert town.read(tmp_path).schools.index.tolist() == ["n2", "w1"]


def test_adjoining_unnamed_areas_join_the_named_one_with_their_ground(tmp_path: Path) -> None:
    town = OsmMap()
    town.box(1, 0, 0, 50, "amenity=school")
    town.box(2, 50, 0, 50, "amenity=school name=甲小学")
    town.box(3, 105, 0, 50, "amenity=school")
    town.box(4, 400, 0, 50, "amenity=school")
    extract = town.read(tmp_path)
    assert extract.schools.index.tolist() == ["w2", "w4"]
    west, _, east, _ = extract.schools.to_crs("EPSG:4549").geometry["w2"].bounds
    assert east - west == pytest.approx(155, abs=0.1)
    assert counts(extract, "amenity=school") == {
        "objects": 4, "kept": 2, "left_out": 0, "merged": 2,
    }  # fmt: skip


def test_neighbours_with_names_of_their_own_stay_apart(tmp_path: Path) -> None:
    town = OsmMap()
    town.box(1, 0, 0, 50, "amenity=school name=甲小学")
    town.box(2, 50, 0, 50, "amenity=school name=乙小学")
    assert len(town.read(tmp_path).schools) == 2


def test_one_name_on_both_sides_of_a_lane_is_one_school(tmp_path: Path) -> None:
    town = OsmMap()
    town.box(1, 0, 0, 60, "amenity=school name=甲小学")
    town.box(2, 80, 0, 50, "amenity=school name=甲小学")
    town.box(3, 900, 0, 50, "amenity=school name=甲小学")
    schools = town.read(tmp_path).schools
    assert schools.geom_type.to_dict() == {"w1": "MultiPolygon", "w3": "Polygon"}


def test_a_nameless_school_is_named_by_kind_and_id(tmp_path: Path) -> None:
    town = OsmMap()
    town.node(1, 0, 0, "amenity=kindergarten")
    extract = town.read(tmp_path)
    assert extract.schools["name"].tolist() == ["幼儿园 n1"]
    assert coded(extract, "no_name") == {"n1": ""}


def test_a_latin_name_gives_way_to_the_chinese_one_in_china(tmp_path: Path) -> None:
    town = OsmMap()
    town.node(1, 0, 0, "amenity=school name=Changjiang+Road+School name:zh=长江路小学")
    town.node(2, 500, 0, "amenity=school name=東海國小 name:zh=东海国小")
    assert town.read(tmp_path).schools["name"].tolist() == ["长江路小学", "東海國小"]


def test_capacity_is_the_number_of_pupils(tmp_path: Path) -> None:
    town = OsmMap()
    town.node(1, 0, 0, "amenity=school name=甲小学 capacity=900")
    town.node(2, 500, 0, "amenity=school name=乙小学 capacity=many")
    pupils = town.read(tmp_path).schools["pupils"]
    assert pupils["n1"] == 900
    assert pupils.isna().tolist() == [False, True]


def test_a_campus_cut_at_the_edge_keeps_the_ground_it_has(tmp_path: Path) -> None:
    """Of four corners one is not in the file: a triangle is left, and a note."""
    town = OsmMap()
    corners = [town.node(1, 0, 0), town.node(2, 50, 0), town.node(3, 50, 50)]
    town.way(9, [*corners, 4, 1], "amenity=school name=甲小学")
    extract = town.read(tmp_path)
    assert extract.schools.to_crs("EPSG:4549").area.tolist() == pytest.approx([1250], abs=1)
    assert coded(extract, "drawn_in_part") == {"w9 甲小学": "amenity=school"}


# --- gates -----------------------------------------------------------------------------


def test_gates_near_the_boundary_belong_to_the_school_and_others_are_counted(
    tmp_path: Path,
) -> None:
    """The campus is 100 m wide: on its edge, 14 m off, in the middle, and 16 m off."""
    town = OsmMap()
    town.box(1, 0, 0, 100, "amenity=school name=甲小学")
    town.node(2, 50, 0, "barrier=gate")
    town.node(3, 114, 50, "barrier=lift_gate")
    town.node(4, 50, 50, "barrier=gate")
    town.node(5, 50, -16, "barrier=gate")
    extract = town.read(tmp_path)
    assert extract.gates["kind"].to_dict() == {"n2": "main", "n3": "vehicle"}
    assert counts(extract, "barrier=* entrance=*") == {
        "objects": 4, "kept": 2, "at_no_school": 2,
    }  # fmt: skip


def test_a_door_just_outside_the_campus_is_the_neighbours(tmp_path: Path) -> None:
    town = OsmMap()
    town.box(1, 0, 0, 100, "amenity=school name=甲小学")
    town.node(2, 50, 12, "entrance=main")
    town.node(3, 50, -12, "entrance=yes")
    assert town.read(tmp_path).gates.index.tolist() == ["n2"]


def test_a_gate_goes_to_the_nearer_of_two_schools(tmp_path: Path) -> None:
    town = OsmMap()
    town.box(1, 0, 0, 100, "amenity=school name=甲小学")
    town.box(2, 110, 0, 100, "amenity=school name=乙小学")
    town.node(3, 107, 50, "barrier=gate")
    assert town.read(tmp_path).gates["school_id"].to_dict() == {"n3": "w2"}


def test_a_school_that_is_a_point_has_the_gates_within_forty_metres(tmp_path: Path) -> None:
    town = OsmMap()
    town.node(1, 0, 0, "amenity=school name=甲小学")
    town.node(2, 39, 0, "barrier=gate")
    town.node(3, 0, 41, "barrier=gate")
    assert town.read(tmp_path).gates.index.tolist() == ["n2"]


def test_a_gate_drawn_as_a_line_stands_at_its_middle(tmp_path: Path) -> None:
    town = OsmMap()
    town.box(1, 0, 0, 100, "amenity=school name=甲小学")
    town.street(2, (40, 0), (44, 0), tags="barrier=gate name=南门")
    extract = town.read(tmp_path)
    gate = extract.gates.to_crs("EPSG:4549").geometry["w2"]
    campus = extract.schools.to_crs("EPSG:4549").geometry["w1"]
    assert gate.x - campus.bounds[0] == pytest.approx(42, abs=0.1)
    assert coded(extract, "drawn_in_part") == {}
