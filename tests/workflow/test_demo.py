"""The demo ends in a folder with everything a user takes away."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from patrolmap import workflow
from patrolmap.errors import StoreError
from patrolmap.workflow import demo
from tests.workflow.building import FEW


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> workflow.Demo:
    out = tmp_path_factory.mktemp("out")
    (out / "mine.txt").write_text("mine", encoding="utf-8")
    (out / "demo.gpkg").write_text("an older demo", encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(demo, "DEMO_ITERATIONS", FEW)
        return workflow.build_demo(out, language="en")


def test_the_folder_holds_precinct_map_routes_and_scorecard(built: workflow.Demo) -> None:
    kinds = sorted(file.suffix for file in built.files)
    crews = len(workflow.read_plan(built.precinct).routes)
    assert kinds == sorted([".gpkg", ".html", ".geojson", ".csv", *[".gpx"] * crews])
    assert all(file.stat().st_size > 100 for file in built.files)


def test_an_older_demo_gives_way_and_other_files_stay(built: workflow.Demo) -> None:
    assert (built.precinct.parent / "mine.txt").read_text(encoding="utf-8") == "mine"
    assert workflow.open_precinct(built.precinct).settings.synthetic


def test_the_scorecard_opens_in_excel(built: workflow.Demo) -> None:
    file = next(file for file in built.files if file.suffix == ".csv")
    assert file.read_bytes().startswith(b"\xef\xbb\xbf")
    with file.open(encoding="utf-8-sig", newline="") as lines:
        rows = list(csv.reader(lines))
    plan = workflow.read_plan(built.precinct)
    table = workflow.figures_table(plan, "en")
    assert rows[: len(table) + 1] == [list(table.columns), *table.values.tolist()]
    assert any("Synthetic data" in row[1] for row in rows[len(table) + 1 :])


def test_the_files_speak_the_language_asked_for(built: workflow.Demo) -> None:
    file = next(file for file in built.files if file.suffix == ".geojson")
    caveats = json.loads(file.read_text(encoding="utf-8"))["patrolmap"]["caveats"]
    assert any("Synthetic data" in caveat for caveat in caveats)
    assert "guard post" in built.summary


def test_a_file_in_the_place_of_the_folder_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("mine", encoding="utf-8")
    with pytest.raises(StoreError, match="out"):
        workflow.build_demo(tmp_path / "out")
