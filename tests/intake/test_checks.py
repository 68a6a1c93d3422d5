"""Each law of the tiny precinct is broken once, and exactly that is found."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from patrolmap.intake.checks import check_precinct
from patrolmap.intake.findings import COLUMNS
from patrolmap.intake.sentences import FIXES, SENTENCES
from patrolmap.model.layers import check_layer, empty_layer
from tests import tiny


def _found(**changed: pd.DataFrame) -> list[tuple[str, str, str]]:
    findings = check_precinct(tiny.precinct() | changed, metric_crs=tiny.METRIC_CRS)
    return list(findings[["code", "layer", "row_id"]].itertuples(index=False, name=None))


def _set(layer: str, row: str, **values: object) -> dict[str, pd.DataFrame]:
    frame = tiny.precinct()[layer].copy()
    for column, value in values.items():
        frame.loc[row, column] = value
    return {layer: frame}


def test_a_whole_precinct_has_no_findings():
    findings = check_precinct(tiny.precinct())
    assert findings.empty
    assert tuple(findings.columns) == COLUMNS


def test_of_nothing_at_all_everything_is_missing():
    findings = check_precinct({})
    assert set(findings["code"]) == {"no_schools", "no_streets", "no_bases", "no_units"}


@pytest.mark.parametrize(
    ("layer", "row", "values", "code"),
    [
        ("gates", "G4", {"school_id": "S09"}, "unknown_school"),
        ("helpers", "A3", {"school_id": "S09"}, "unknown_school"),
        ("exceptions", "E1", {"school_id": "S09"}, "unknown_school"),
        ("bells", "L3", {"gate_ids": "G2,G9"}, "unknown_gate"),
        ("bells", "L3", {"gate_ids": "G3"}, "foreign_gate"),
        ("bells", "L3", {"group": "low"}, "bell_twice"),
        ("units", "U1", {"start_id": "B9"}, "unknown_base"),
        ("units", "U4", {"end_id": "B9"}, "unknown_base"),
        ("helpers", "A1", {"window_id": "S01:arrival:low"}, "unknown_window"),
        ("helpers", "A1", {"window_id": "S02:arrival:all"}, "foreign_window"),
        ("schools", "S03", {"pupils": None}, "no_pupils"),
        ("gates", "G2", {"geometry": tiny.point(150, 50)}, "gate_far"),
        ("incidents", "I05", {"geometry": tiny.point(3500, 0)}, "far"),
        ("hazards", "Z1", {"geometry": tiny.point(0, 9000)}, "far"),
        ("incidents", "I05", {"geometry": tiny.point(0, 40_000)}, "outside"),
        ("bases", "B2", {"geometry": tiny.point(-900_000, 0)}, "outside"),
        ("venues", "C8", {"geometry": tiny.point(0, 40_000)}, "stray"),
        ("hazards", "Z2", {"due_on": pd.Timestamp("2026-08-20")}, "due_before_found"),
        ("hazards", "Z3", {"closed_on": pd.Timestamp("2026-05-30")}, "closed_before_found"),
        ("hazards", "Z1", {"status": "closed"}, "closed_without_date"),
        ("incidents", "I12", {"ended_at": pd.Timestamp("2026-06-09T11:00Z")}, "ended_before_began"),
        ("exceptions", "E1", {"until": pd.Timestamp("2026-09-03")}, "until_before_date"),
        ("units", "U1", {"shift_end_s": 0}, "crew_fault"),
        ("units", "U1", {"officers": 13}, "large_crew"),
        ("helpers", "A1", {"count": 101}, "many_helpers"),
        ("schools", "S01", {"pupils": 0}, "odd_pupils"),
        ("schools", "S01", {"pupils": 20_001}, "odd_pupils"),
        ("schools", "S02", {"name": "城中区委党校"}, "not_for_pupils"),
        ("schools", "S02", {"name": "安达驾校"}, "not_for_pupils"),
        ("schools", "S02", {"name": "Ballet School"}, "not_for_pupils"),
        ("bells", "L1", {"time_s": 2 * 3600}, "odd_bell_time"),
        ("bells", "L5", {"time_s": 5 * 3600 + 1800}, "odd_bell_time"),
        ("bells", "L8", {"time_s": 8 * 3600}, "bells_reversed"),
        ("bells", "L2", {"pupils": 1201}, "bell_pupils"),
        ("gates", "G1", {"geometry": tiny.point(50, -60)}, "gate_off_street"),
        ("gates", "G4", {"geometry": tiny.point(500, 250)}, "off_street"),
        ("gates", "G4", {"school_id": "S02"}, "gate_far"),
        ("gates", "G2", {"geometry": tiny.point(220, 150)}, "gate_elsewhere"),
        ("gates", "G4", {"geometry": tiny.point(500, 250)}, "gate_far"),
        (
            "schools",
            "S03",
            {"geometry": tiny.point(250, 150), "name": "High School", "kinds": "high"},
            "same_place",
        ),
        ("venues", "C5", {"name": "TOBACCONIST", "kind": "tobacco"}, "same_place"),
    ],
)
def test_what_is_broken_is_found_and_named(layer, row, values, code):
    assert (code, layer, row) in _found(**_set(layer, row, **values))


def test_a_school_without_gates_or_bells_is_found():
    gates, bells = tiny.gates(), tiny.bells()
    found = _found(
        gates=gates[gates["school_id"] != "S03"], bells=bells[bells["school_id"] != "S03"]
    )
    assert found == [("no_bells", "schools", "S03"), ("no_gates", "schools", "S03")]


def test_a_school_outside_the_precinct_is_an_error_and_drags_its_gate_along():
    changed = _set("schools", "S03", geometry=tiny.point(300_000, 0))
    assert _found(**changed) == [("outside", "schools", "S03"), ("gate_far", "gates", "G4")]


def test_a_gate_may_be_further_from_a_school_known_as_a_point_alone():
    """S03 is a point: its gate may stand half a campus away, those of S01 may not."""
    assert _found(**_set("gates", "G4", geometry=tiny.point(150, 120))) == []
    assert _found(**_set("gates", "G1", geometry=tiny.point(50, -45))) == [
        ("gate_far", "gates", "G1")
    ]


def test_shared_bells_of_different_days_are_no_double():
    """L6 rings on four evenings; on the fifth another one may."""
    bells = tiny.bells()
    friday = bells.loc[["L6"]].assign(weekdays="5").set_axis(["L9"]).rename_axis("bell_id")
    assert _found(bells=pd.concat([bells, friday])) == []


@pytest.mark.parametrize(
    "values",
    [
        {"shift_end_s": 0},
        {"officers": 0},
        {"break_min": None},
        {"break_early_s": 13 * 3600 + 1},
        {"break_early_s": 1, "break_late_s": 2},
    ],
)
def test_every_fault_of_a_crew_is_said_in_both_languages(values):
    findings = check_precinct(tiny.precinct() | _set("units", "U1", **values))
    fault = findings[findings["code"] == "crew_fault"].iloc[0]
    assert fault.what_en.isascii()
    assert not any(letter.isascii() and letter.isalpha() for letter in fault.what_zh)


def test_streets_in_pieces_are_noted_with_the_share_of_the_largest():
    """Without V20, H30 and H00 the ends N30-V20-N20 ... of column 0 still hang on; cut it off."""
    streets = tiny.streets()
    alone = streets.loc[["V20"]].copy()
    rest = streets.drop(["V20", "V10", "H20", "H30"])
    found = check_precinct(tiny.precinct() | {"streets": pd.concat([rest, alone])})
    note = found[found["code"] == "streets_in_pieces"].iloc[0]
    assert note.severity == "note"
    assert "2 pieces" in note.what_en
    assert "95.2 %" in note.what_en  # 20 of 21 blocks


def test_what_patrolmap_assumed_is_counted():
    found = check_precinct(tiny.precinct() | _set("gates", "G1", provenance="proposed"))
    assert found["what_en"].tolist() == ["1 of 4 rows are assumed or proposed by patrolmap"]


def test_errors_come_first_then_warnings_then_notes():
    changed = _set("gates", "G1", provenance="proposed", school_id="S09") | {
        "units": empty_layer("units")
    }
    severities = check_precinct(tiny.precinct() | changed)["severity"].tolist()
    assert severities == sorted(severities, key=["error", "warning", "note"].index)
    assert set(severities) == {"error", "warning", "note"}


def test_every_sentence_is_said_in_both_languages_with_the_same_words():
    for code, said in SENTENCES.items():
        assert all((said.what_zh, said.what_en, said.cure_zh, said.cure_en)), code
        if code not in ("crew_fault", "across"):  # which brings its own words in each language
            assert [f"{{{n}}}" in said.what_zh for n in (0, 1)] == [
                f"{{{n}}}" in said.what_en for n in (0, 1)
            ], code


# ---------------------------------------------------------------- streets


def _without(streets: gpd.GeoDataFrame, *ids: str) -> gpd.GeoDataFrame:
    return streets.drop(list(ids))


def _islands() -> gpd.GeoDataFrame:
    """Leave row 0, and far from it the block H21 that G4 stands at."""
    return tiny.streets().loc[["H00", "H01", "H02", "H21"]]


def test_a_gate_on_an_island_is_found_and_its_school_said_to_be_cut_off():
    found = _found(streets=_islands())
    assert {("school_cut_off", "schools", "S03"), ("on_island", "gates", "G4")} <= set(found)
    assert sum(code in ("school_cut_off", "on_island") for code, _, _ in found) == 2


def test_a_school_with_another_gate_is_not_cut_off():
    gates = tiny.gates()
    more = gates.loc[["G1"]].assign(school_id="S03", name="New").set_axis(["G9"])
    found = _found(streets=_islands(), gates=pd.concat([gates, more.rename_axis("gate_id")]))
    assert "school_cut_off" not in {code for code, _, _ in found}


def test_a_one_way_street_without_a_way_out_is_a_trap():
    """H30 leads from N31 to N30, and nothing leads on: V20 is gone."""
    streets = _without(tiny.streets(), "V20").copy()
    streets.loc["H30", "oneway"] = -1
    found = check_precinct(tiny.precinct() | {"streets": streets})
    note = found[found["code"] == "oneway_traps"].iloc[0]
    assert note.what_en.startswith("1 one-way streets (100 m)")
    assert "Row 3 Road" in note.what_en
    base = tiny.bases().copy()
    base.loc[["B2"], "geometry"] = gpd.GeoSeries([tiny.point(50, 305)], index=["B2"], crs=4326)
    assert ("in_trap", "bases", "B2") in _found(streets=streets, bases=base)


def test_streets_one_may_leave_again_are_no_trap():
    assert "oneway_traps" not in {code for code, _, _ in _found()}


@pytest.mark.parametrize("barrier", ["water", "motorway"])
def test_a_gate_across_water_or_a_motorway_from_its_school_is_found(barrier):
    """S03 and its gate with a canal between them, and no street from one side to the other."""
    streets = _without(tiny.streets(), "V10", "V11", "V12", "V13")
    changed = _set("gates", "G4", geometry=tiny.point(150, 105)) | {"streets": streets}
    assert "across" not in {code for code, _, _ in _found(**changed)}
    banks = tiny.line((-50, 150), (350, 150))
    if barrier == "water":
        basemap = tiny.basemap()
        canal = basemap.loc[["M2"]].set_geometry([banks], crs=4326).set_axis(["M9"])
        changed["basemap"] = pd.concat([basemap, canal.rename_axis("basemap_id")])
    else:
        road = streets.loc[["H00"]].assign(
            highway="motorway", walkable=False, length_m=400.0, from_node="X1", to_node="X2"
        )
        road = road.set_geometry([banks], crs=4326).set_axis(["X"]).rename_axis("street_id")
        changed["streets"] = pd.concat([streets, road])
    assert ("across", "gates", "G4") in _found(**changed)


# ---------------------------------------------------------------- places


def test_swapped_coordinates_are_told_from_wrong_ones():
    lon, lat = tiny.lonlat(100, 100)
    far = tiny.point(40_000, 0)
    for place, code in ((shapely.Point(lat, lon), "swapped"), (far, "outside")):
        assert (code, "incidents", "I05") in _found(**_set("incidents", "I05", geometry=place))


@pytest.mark.parametrize(
    ("one", "other", "twice"),
    [
        ("南京五中", "南京市第五中学", True), ("采菱小学", "常州市武进区采菱小学", True),
        ("第一小学", "第二小学", False), ("东方一小", "一小", False), ("", "", False),
    ],
)  # fmt: skip
def test_a_school_under_two_names_is_found_and_two_schools_are_not(one, other, twice):
    schools = tiny.schools()
    again = schools.loc[["S03"]].assign(name=other, kinds="primary").set_axis(["S04"])
    again = again.set_geometry([tiny.point(170, 255)], crs=4326).rename_axis("school_id")
    schools.loc["S03", ["name", "kinds"]] = [one or "甲", "primary"]
    if not other:
        again["name"] = "乙"
    found = _found(schools=pd.concat([schools, again]))
    assert ("same_place" in {code for code, _, _ in found}) == twice


def test_a_kindergarten_in_a_schools_grounds_is_not_that_school_again():
    schools = tiny.schools()
    inside = schools.loc[["S03"]].set_geometry([tiny.point(50, 50)], crs=4326)
    changed = pd.concat([schools.drop("S03"), inside])
    assert "same_place" not in {code for code, _, _ in _found(schools=changed)}


# ---------------------------------------------------------------- tables


def test_incidents_at_midnight_sharp_are_suspected_of_having_no_time():
    incidents = tiny.incidents()
    moment = pd.Timestamp("2026-03-02T00:00+08:00").tz_convert("UTC")
    incidents.loc[["I01", "I02"], "began_at"] = moment
    assert "no_time_of_day" not in {code for code, _, _ in _found(incidents=incidents)}
    incidents.loc["I03", "began_at"] = moment
    found = check_precinct(tiny.precinct() | {"incidents": incidents})
    assert found["what_en"].str.startswith("3 of 12 began at midnight").any()
    assert check_precinct(tiny.precinct() | {"incidents": incidents}, zone="UTC").empty


def test_a_post_that_needs_more_people_than_there_are_is_an_error():
    """All crews of the tiny precinct are five people, and S01's arrival has five helpers."""
    gate = tiny.gates().loc[["G1"]]
    posts = check_layer(
        gpd.GeoDataFrame(
            {"gate_id": "G1", "school_id": "S01", "window_id": "S01:arrival:all", "people": [10]},
            index=["P1"], geometry=gate.geometry.to_numpy(), crs=4326,
        ),
        "posts",
    )  # fmt: skip
    assert _found(posts=posts) == []
    posts["people"] = 11
    assert _found(posts=posts) == [("post_too_large", "posts", "P1")]


def test_a_post_at_another_schools_gate_is_found():
    row = {"gate_id": "G4", "school_id": "S01", "window_id": "S01:arrival:all"}
    posts = check_layer(tiny.gates()[["geometry"]].loc[["G4"]].assign(**row), "posts")
    assert _found(posts=posts) == [("foreign_gate", "posts", "G4")]


# ---------------------------------------------------------------- the table itself


def test_every_finding_has_an_id_of_its_own_and_names_its_column():
    changed = _set("bells", "L2", gate_ids="G8,G9", pupils=1300)
    found = check_precinct(tiny.precinct() | changed)
    assert found["finding_id"].is_unique
    assert {"unknown_gate:bells:L2", "unknown_gate:bells:L2:2"} <= set(found["finding_id"])
    assert dict(zip(found["code"], found["column"], strict=True)) == {
        "unknown_gate": "gate_ids", "bell_pupils": "pupils",
    }  # fmt: skip


def test_every_fix_is_said_in_both_languages():
    for code, (zh, en) in FIXES.items():
        assert ("{0}" in zh) == ("{0}" in en), code
