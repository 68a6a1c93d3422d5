"""A plan made by hand, as people write it: Chinese headings, times, names of gates and cells."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from patrolmap.errors import InputError, LayerError
from patrolmap.intake.hand_plan import read_hand_plan

CREWS = ["甲1", "P2"]
PLACES = {
    "示范小学正门": ["gate:G1"],
    "正门": ["gate:G1", "gate:G2"],
    "A1": ["cell:c1"],
    "G1": ["gate:G1"],
}
HEADINGS = "班组,地点,开始,结束"


def write(folder: Path, *lines: str, encoding: str = "utf-8") -> Path:
    path = folder / "hand.csv"
    path.write_text("\n".join(lines) + "\n", encoding=encoding)
    return path


def read(path: Path) -> pd.DataFrame:
    return read_hand_plan(path, unit_ids=CREWS, places=PLACES)


def test_rows_become_stays_with_the_row_of_the_file(tmp_path: Path):
    stays = read(write(tmp_path, HEADINGS, "甲1,示范小学正门,7:10,08:00", "P2,A1,9点半,10:00"))
    assert stays.to_dict("index") == {
        2: {"unit_id": "甲1", "place_id": "gate:G1", "place": "示范小学正门",
            "from_s": 25_800, "until_s": 28_800},
        3: {"unit_id": "P2", "place_id": "cell:c1", "place": "A1",
            "from_s": 34_200, "until_s": 36_000},
    }  # fmt: skip


@pytest.mark.parametrize(
    "headings", ["巡组,岗位,到岗时间,离岗时间", "crew,place,from,until", "呼号,网格,起,止"]
)
def test_headings_have_other_names(tmp_path: Path, headings: str):
    assert len(read(write(tmp_path, headings, "甲1,G1,07:10,08:00"))) == 1


def test_names_differ_by_case_blanks_and_width(tmp_path: Path):
    stays = read(write(tmp_path, HEADINGS, "ｐ2, 示范 小学正门 ,07:10,08:00"))
    assert stays.loc[2, ["unit_id", "place_id"]].tolist() == ["P2", "gate:G1"]


def test_a_spreadsheet_in_gb18030_or_excel_will_do(tmp_path: Path):
    table = pd.DataFrame([["甲1", "A1", "07:10", "08:00"]], columns=HEADINGS.split(","))
    table.to_excel(tmp_path / "hand.xlsx", index=False)
    assert len(read(tmp_path / "hand.xlsx")) == 1
    lines = (HEADINGS, "甲1,A1,07:10,08:00")
    assert len(read(write(tmp_path, *lines, encoding="gb18030"))) == 1


def test_all_that_is_wrong_is_told_by_row_and_column(tmp_path: Path):
    path = write(
        tmp_path, HEADINGS,
        "丙9,A1,07:10,08:00", "甲1,火星,07:10,08:00", "甲1,正门,07:10,08:00",
        "甲1,A1,早些,08:00", "甲1,A1,08:00,07:10", ",A1,07:10,08:00",
    )  # fmt: skip
    with pytest.raises(LayerError) as caught:
        read(path)
    told = {(problem.row, problem.column): problem.what for problem in caught.value.problems}
    assert told == {
        (2, "班组"): "no crew is called so",
        (3, "地点"): "no gate or cell is called so",
        (4, "地点"): "several are called so",
        (5, "开始"): "is not a time of day",
        (6, "结束"): "it ends before it begins",
        (7, "班组"): "is empty",
    }


def test_a_missing_column_is_named(tmp_path: Path):
    with pytest.raises(LayerError, match=r"'结束': the column is missing \(结束, until\)"):
        read(write(tmp_path, "班组,地点,开始", "甲1,A1,07:10"))


def test_people_are_refused_and_not_repeated(tmp_path: Path):
    with pytest.raises(LayerError, match="means a person"):
        read(write(tmp_path, f"{HEADINGS},姓名", "甲1,A1,07:10,08:00,某某"))
    with pytest.raises(LayerError, match="mobile number") as caught:
        read(write(tmp_path, f"{HEADINGS},备注", "甲1,A1,07:10,08:00,13912345678"))
    assert "13912345678" not in str(caught.value)


def test_a_map_is_no_table(tmp_path: Path):
    (tmp_path / "hand.geojson").write_text("{}")
    with pytest.raises(InputError, match="is a table"):
        read(tmp_path / "hand.geojson")
