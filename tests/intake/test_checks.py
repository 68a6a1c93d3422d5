"""Each law of the tiny precinct is broken once, and exactly that is found."""

from __future__ import annotations

import pandas as pd
import pytest

from patrolmap.intake.checks import check_precinct
from patrolmap.intake.findings import COLUMNS, SENTENCES
from patrolmap.model.layers import empty_layer
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
    assert _found(**_set("gates", "G1", geometry=tiny.point(50, -60))) == [
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
        if code != "crew_fault":  # which brings its own words in each language
            assert [f"{{{n}}}" in said.what_zh for n in (0, 1)] == [
                f"{{{n}}}" in said.what_en for n in (0, 1)
            ], code
