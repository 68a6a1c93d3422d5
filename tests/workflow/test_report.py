"""A report tells a person and a program the same."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pandas as pd

from patrolmap.intake.updates import WHAT
from patrolmap.model.layers import check_layer
from patrolmap.workflow import preview_words, report_words
from patrolmap.workflow.report import Report, silent

NOTES = check_layer(
    pd.DataFrame(
        {"layer": "schools", "subject": ["a", "b"], "code": "campus_adopted", "detail": "x"},
        index=["n1", "n2"],
    ),
    "notes",
)
REPORT = Report(
    Path("p.gpkg"),
    {"schools": 2},
    {"file": "s.csv", "columns": {"名称": "name"}, "left_out": ["备注"], "crs": None, "blank": 0},
    NOTES,
)


def test_the_record_holds_counts_details_and_every_note() -> None:
    record = REPORT.record()
    assert record["rows"] == {"schools": 2}
    assert record["file"] == "s.csv"
    assert [note["subject"] for note in record["notes"]] == ["a", "b"]
    assert json.loads(json.dumps(record))["precinct"] == "p.gpkg"


def test_the_text_counts_notes_and_leaves_out_what_is_nothing() -> None:
    assert REPORT.text().splitlines() == [
        "p.gpkg",
        "  schools: 2",
        "  file: s.csv",
        "  columns: 名称 → name",
        "  left_out: 备注",
        "  note: schools: campus_adopted: 2",
    ]


def test_the_text_speaks_chinese_when_asked() -> None:
    details = {
        "datum_on_map": "fits",
        "rows_left_out": [(1, "title"), (9, "wrong")],
        "problems": ["row 9, column '时间': is empty. Correct the value."],
    }
    assert Report(Path("p.gpkg"), {"schools": 2}, details, NOTES).text("zh").splitlines() == [
        "p.gpkg",
        "  学校：2",
        "  坐标系与地图比对：相符",
        "  未采用的行：1 (标题); 9 (有错误)",
        "  未采用：row 9, column '时间': is empty. Correct the value.",
        "  说明：学校：采用地图上的校园范围：2",
    ]


def test_every_word_of_a_preview_and_a_report_has_its_chinese() -> None:
    tables = (preview_words._HOW, preview_words._WHY, preview_words._FORMS)
    said = {word for table in (*tables, preview_words._DATUM_FROM) for word in table.values()}
    source = Path(preview_words.__file__).read_text(encoding="utf-8")
    said |= set(re.findall(r"""say\(["']([^"']+)["']\)""", source))
    assert said <= set(preview_words._ZH)
    assert set(report_words._WHAT) == set(WHAT)


def test_whoever_does_not_ask_for_progress_hears_nothing() -> None:
    silent("Reading", 0.5)
