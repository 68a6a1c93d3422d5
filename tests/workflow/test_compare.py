"""A plan beside those made without a planner: the demo, the messy precinct and Nanjing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from patrolmap import workflow
from patrolmap.cli import app
from patrolmap.errors import InputError, LayerError
from patrolmap.planning.baselines import RULES
from patrolmap.workflow.demo import DEMO_DATE
from tests.plan_checker import faults
from tests.workflow.building import MESSY_DAY, build_messy, plan_few
from tests.workflow.judging import Judged

SHARE = "priority_cover_share"


@pytest.fixture(scope="module")
def compared(demo_file: Path) -> workflow.Comparison:
    """The demo's plan beside its baselines."""
    return workflow.compare_plan(demo_file)


def test_ours_covers_more_priority_than_each_baseline(compared: workflow.Comparison) -> None:
    shares = compared.cards.loc[SHARE]
    assert list(shares.index[: 1 + len(RULES)]) == ["plan", *RULES]
    assert (shares["plan"] > shares[list(RULES)]).all()
    assert "This plan is better." in compared.text("en")


def test_baselines_are_lawful_and_keep_the_posts(
    compared: workflow.Comparison, demo: Judged
) -> None:
    times = {mode: travel.seconds for mode, travel in demo.travel.items()}
    metres = {mode: travel.metres for mode, travel in demo.travel.items()}
    for rule in RULES:
        assert faults(compared.plans[rule], demo.units, times, metres) == []
    posts = compared.cards.loc["post_people_min_manned"]
    assert (posts == posts["plan"]).all()


def test_what_is_stored_with_the_plan_is_what_is_measured_again(
    compared: workflow.Comparison,
) -> None:
    kept = compared.plans["plan"].settings["scorecard"]
    measured = compared.cards["plan"].dropna().to_dict()
    assert {name: kept[name] for name in measured} == pytest.approx(measured)


def test_the_bound_is_passed_by_none(compared: workflow.Comparison) -> None:
    assert (compared.cards.loc["gap_to_bound_share"] >= 0).all()


def test_the_messy_precinct_is_planned_better_than_by_any_rule(tmp_path: Path) -> None:
    path = tmp_path / "messy.gpkg"
    build_messy(path)
    plan_few(path, MESSY_DAY, iterations=2_000)
    shares = workflow.compare_plan(path).cards.loc[SHARE]
    assert (shares["plan"] > shares[list(RULES)]).all()


def test_nanjing_is_planned_better_than_by_any_rule(tmp_path: Path, shared_data: Path) -> None:
    path = tmp_path / "nanjing.gpkg"
    workflow.new_precinct(path, osm=shared_data / "osm" / "nanjing-centre.osm.pbf")
    workflow.make_cells(path)
    plan_few(path, DEMO_DATE, iterations=2_000)
    shares = workflow.compare_plan(path).cards.loc[SHARE]
    assert (shares["plan"] > shares[list(RULES)]).all()


# ---------------------------------------------------------------- beside other plans


def test_the_plan_of_the_day_before_is_repeated_and_another_measured(tiny_file: Path) -> None:
    first = workflow.list_plans(tiny_file).index[0]
    date = workflow.read_plan(tiny_file, first).date
    coming = workflow.next_school_day(
        workflow.open_precinct(tiny_file), date.replace(day=date.day + 1)
    )
    newest = plan_few(tiny_file, coming)
    found = workflow.compare_plan(tiny_file, other_id=first)
    assert found.plan_id == newest
    assert {"before", "other"} <= set(found.cards)
    kept = workflow.read_plan(tiny_file, first).settings["scorecard"]
    assert found.cards.loc[SHARE, "other"] == pytest.approx(kept[SHARE])


def test_a_plan_made_by_hand_stands_beside_ours_with_its_faults(
    tiny_file: Path, tmp_path: Path
) -> None:
    opened = workflow.open_precinct(tiny_file)
    crew = opened["units"].index[0]
    gate, label = opened["gates"].index[0], opened["cells"]["label"].iloc[0]
    hand = tmp_path / "hand.csv"
    hand.write_text(
        f"班组,地点,开始,结束\n{crew},{gate},03:00,03:10\n{crew},{label},10:00,10:12\n",
        encoding="utf-8",
    )
    found = workflow.compare_plan(tiny_file, hand=hand)
    assert found.plans["hand"].routes[0].unit_id == crew
    table = found.fault_table("en")
    assert table["Row"].tolist().count(2) >= 1
    assert "outside the crew's shift" in " ".join(table["What is wrong"])
    assert found.cards.loc["priority_cover_share", "hand"] <= found.cards.loc[SHARE, "plan"]


def test_a_hand_made_plan_with_unknown_places_is_refused(tiny_file: Path, tmp_path: Path) -> None:
    hand = tmp_path / "hand.csv"
    hand.write_text("班组,地点,开始,结束\nX,火星,03:00,03:10\n", encoding="utf-8")
    with pytest.raises(LayerError, match=r"hand\.csv: 2 problems"):
        workflow.compare_plan(tiny_file, hand=hand)


def test_without_a_plan_there_is_nothing_to_compare(tmp_path: Path) -> None:
    path = tmp_path / "messy.gpkg"
    build_messy(path)
    with pytest.raises(InputError, match="has no plan yet"):
        workflow.compare_plan(path)


def test_the_command_line_compares(tiny_file: Path) -> None:
    words = ["compare", str(tiny_file), "--language", "en"]
    plain = CliRunner().invoke(app, words, env={"COLUMNS": "200"})
    assert plain.exit_code == 0, plain.output
    assert "Priority covered" in plain.output
    answer = CliRunner().invoke(app, ["compare", str(tiny_file), "--json"])
    told = json.loads(answer.output)
    assert set(told["cards"]) >= {"plan", *RULES}
    assert told["faults"] == []
