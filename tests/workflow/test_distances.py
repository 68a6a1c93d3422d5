"""Findings of a precinct file, and the cases they open."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from patrolmap import workflow
from patrolmap.cli import app
from patrolmap.errors import InputError
from patrolmap.store import geopackage as store
from tests import tiny
from tests.workflow.building import build_tiny


@pytest.fixture
def precinct(tmp_path: Path) -> Path:
    """Café C1 is 20 m from the wall of S01 and 134 m from that of S02, C2 200.2 m from S01's."""
    return build_tiny(tmp_path / "tiny.gpkg")


def found(path: Path, **how: str) -> dict[tuple[str, str], str]:
    opened = workflow.open_precinct(path)
    findings = workflow.find_distances(opened, tiny.DAY, **how)
    keys = zip(findings["rule_id"], findings["venue_id"], strict=True)
    return dict(zip(keys, findings["verdict"], strict=True))


def test_the_tiny_precincts_cafes_are_judged_by_the_country(precinct: Path):
    verdicts = found(precinct)
    assert verdicts[("D01", "C1")] == "breach"
    assert verdicts[("D01", "C2")] == "near"
    assert {rule for (rule, _), verdict in verdicts.items() if verdict == "unknown"} == {
        "", "D06", "D13", "D15",
    }  # fmt: skip


def test_a_regions_rules_join_the_countrys_once_it_is_set(precinct: Path):
    workflow.set_region(precinct, "321302")
    verdicts = found(precinct)
    assert verdicts[("D07", "C4")] == "breach"  # the tobacconist, 15 m from a gate
    assert ("", "") not in verdicts
    assert found(precinct, region="440100")[("D04", "C3")] == "breach"


def test_abroad_no_rule_is_known(tmp_path: Path):
    path = build_tiny(tmp_path / "tiny.gpkg")
    store.write_settings(path, replace(store.read_settings(path), country="PT"))
    assert found(path) == {("", ""): "unknown"}


def test_a_region_that_is_none_is_refused_and_nothing_changes(precinct: Path):
    with pytest.raises(InputError, match="region 'Suqian' is no code"):
        workflow.set_region(precinct, "Suqian")
    assert store.read_settings(precinct).region == ""


def test_a_breach_opens_a_case_once_and_can_be_undone(precinct: Path):
    first = workflow.open_cases(precinct, tiny.DAY)
    assert first.details["cases_opened"] == 2
    hazards = store.read_frames(precinct, ["hazards"])["hazards"]
    case = hazards.loc["near:D01:C1:S01"]
    assert (case["kind"], case["status"]) == ("near_venue", "found")
    assert case["name"] == "Café One – Nine-Year School: 20 m < 200 m (D01)"
    again = workflow.open_cases(precinct, tiny.DAY)
    assert (again.details["cases_opened"], again.details["cases_open_before"]) == (0, 2)
    workflow.undo_change(precinct)
    assert len(store.read_frames(precinct, ["hazards"])["hazards"]) == len(tiny.hazards())


def test_a_closed_case_is_not_opened_again_in_silence(precinct: Path):
    workflow.open_cases(precinct, tiny.DAY)
    with store.changing_frames(precinct, ("hazards",)) as (before, changed):
        closed = before["hazards"].copy()
        closed.loc["near:D01:C1:S01", "status"] = "closed"
        changed["hazards"] = closed
    told = workflow.open_cases(precinct, tiny.DAY)
    assert told.details["cases_opened"] == 0
    assert told.details["cases_closed_before"] == 1
    assert "此前已销号、未重开的案件：1" in told.text("zh")


def test_without_a_breach_there_is_no_case_to_open(tmp_path: Path):
    frames = tiny.precinct()
    frames["venues"] = frames["venues"].drop(index="C1")
    path = build_tiny(tmp_path / "tiny.gpkg", frames)
    with pytest.raises(InputError, match="no case to open"):
        workflow.open_cases(path, tiny.DAY)


@pytest.mark.parametrize(("language", "word"), [("zh", "违规"), ("en", "breach")])
def test_the_command_line_lists_findings_with_their_texts(precinct: Path, language, word):
    words = ["findings", str(precinct), "--date", str(tiny.DAY), "--language", language]
    told = CliRunner().invoke(app, words, env={"COLUMNS": "200"})
    assert told.exit_code == 0, told.output
    assert f"{word} 2" in told.output
    assert "第363号" in told.output


def test_the_command_line_speaks_to_programs_sets_a_region_and_opens_cases(precinct: Path):
    words = ["findings", str(precinct), "--date", str(tiny.DAY)]
    region = ["--region", "321302", "--set-region"]
    told = json.loads(CliRunner().invoke(app, [*words, *region, "--json"]).output)
    assert store.read_settings(precinct).region == "321302"
    first = told[0]
    assert (first["verdict"], first["distance_m"] < first["within_m"]) == ("breach", True)
    assert {row["distance_m"] for row in told if row["verdict"] == "unknown"} == {None}
    opened = CliRunner().invoke(app, [*words, "--open-cases", "--json"])
    assert json.loads(opened.output)["cases_opened"] >= 2
    alone = CliRunner().invoke(app, [*words, "--set-region"])
    assert alone.exit_code == 2


def test_the_map_draws_what_was_measured(precinct: Path):
    opened = workflow.open_precinct(precinct)
    page = workflow.distance_map(opened, workflow.find_distances(opened, tiny.DAY), language="en")
    assert '"style":"finding-breach"' in page
    assert "Café One – Nine-Year School" in page
