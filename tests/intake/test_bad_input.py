"""Every bad file ends in one clear error that says what, where and what to do."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from patrolmap.errors import DatumError, InputError, LayerError
from patrolmap.intake import raw
from patrolmap.intake.checks import check_precinct
from patrolmap.intake.tables import read_layer
from tests import tiny

GOOD = (
    "编号,名称,类别,学生人数,经度,纬度\n"
    "S1,一小,小学,1200,119.97,31.70\n"
    "S2,二小,小学,,119.98,31.71\n"
)


def _csv(tmp_path: Path, text: str | bytes, name: str = "学校.csv") -> Path:
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def _refused(path: Path, error: type[InputError] = InputError, **options: object) -> str:
    with pytest.raises(error) as caught:
        read_layer(path, "schools", **({"datum": "wgs84"} | options))
    return str(caught.value)


def test_the_good_list_is_good(tmp_path):
    assert len(read_layer(_csv(tmp_path, GOOD), "schools", datum="wgs84")) == 2


def test_a_missing_column_is_named_in_both_languages_with_what_there_is(tmp_path):
    said = _refused(_csv(tmp_path, GOOD.replace("类别", "样子").replace("小学", "美")), LayerError)
    assert "column 'kinds': the column is missing (学校类别)" in said
    assert "'编号', '名称', '样子', '学生人数', '经度', '纬度'" in said
    assert "--columns 'HEADING=kinds'" in said


def test_an_unknown_datum_is_refused_before_the_file_is_opened(tmp_path):
    said = _refused(tmp_path / "none.csv", DatumError, datum="beijing54")
    assert said.startswith("'beijing54' is no datum. Choose wgs84")


def test_a_table_without_a_datum_is_refused(tmp_path):
    assert "--datum wgs84" in _refused(_csv(tmp_path, GOOD), DatumError, datum=None)


def test_a_wrong_encoding_is_refused_with_byte_and_row(tmp_path):
    path = _csv(tmp_path, GOOD.encode("gbk"))
    assert "学校.csv: row 1: byte 0xb1 (number 1) is not utf-8" in _refused(path, encoding="utf-8")
    assert "its bytes are UTF-8" in _refused(_csv(tmp_path, GOOD * 2), encoding="gbk")


def test_a_script_in_a_name_is_text_and_stays_text(tmp_path):
    name = "<script>alert(1)</script>"
    read = read_layer(_csv(tmp_path, GOOD.replace("一小", name)), "schools", datum="wgs84")
    assert read["name"].iloc[0] == name


def test_a_coordinate_outside_the_precinct_is_found_by_the_checks(tmp_path):
    """A slip of one digit, 119 to 129, puts the school in Korea."""
    text = GOOD.replace("119.98", "129.98").replace("S2", "S9")
    listed = read_layer(_csv(tmp_path, text), "schools", datum="wgs84")
    findings = check_precinct(tiny.precinct() | {"schools": listed})
    outside = findings[findings["code"] == "outside"]
    assert outside[["severity", "row_id"]].to_numpy().tolist() == [["error", "S9"]]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "119.97,31.70",
            "31.70,119.97",
            "row 2, column '经度, 纬度': longitude and latitude look swapped",
        ),
        ("119.97,31.70", "0,0", "row 2, column '经度, 纬度': the coordinates are 0, 0"),
        ("119.97,", ",", "row 2, column '经度': is empty"),
        ("119.97", "东边119", "row 2, column '经度': is no number of degrees (found '东边119')"),
        ("31.71", "131.71", "row 3, column '经度, 纬度': is no place on earth"),
        ("1200", "很多", "row 2, column '学生人数': is not a whole number (found '很多')"),
        ("1200", "31000", "row 2, column '学生人数': must be at most 30000"),
        ("S2", "S1", "row 3, column '编号': the id stands twice (found 'S1')"),
        ("S2", "", "row 3, column '编号': has no id"),
        ("二小", "", "row 3, column '名称': is empty"),
        (
            "一小,小学",
            "一小,大学",
            "row 2, column '类别': 'kinds' knows no such kind (found '大学')",
        ),
        ("二小", "二小13912345678", "row 3, column '名称': looks like a mobile number"),
        ("二小", "11010519491231002X", "row 3, column '名称': looks like an identity number"),
        ("学生人数", "联系电话", "column '联系电话': means a person"),
    ],
)
def test_a_bad_cell_is_told_with_its_row_and_its_column_as_in_the_file(tmp_path, old, new, said):
    message = _refused(_csv(tmp_path, GOOD.replace(old, new, 1)), LayerError)
    assert message.startswith("学校.csv: 1 problem\n")
    assert said in message
    assert "13912345678" not in message
    assert "11010519491231002X" not in message


def test_a_phone_number_in_a_column_that_would_be_left_out_is_refused_too(tmp_path):
    text = GOOD.replace("学生人数", "备注").replace("1200", "找王老师13912345678")
    assert "row 2, column '备注': looks like a mobile number" in _refused(
        _csv(tmp_path, text), LayerError
    )


def test_all_problems_are_told_together_in_the_order_of_the_rows(tmp_path):
    text = "编号,名称,经度,纬度,学生人数\nS1,一小,31.7,119.97,many\nS1,,119.97,,\n"
    with pytest.raises(LayerError) as caught:
        read_layer(_csv(tmp_path, text), "schools", datum="wgs84")
    assert [(p.row, p.column) for p in caught.value.problems] == [
        (None, "kinds"), (2, "学生人数"), (2, "经度, 纬度"), (3, "纬度"), (3, "编号"), (3, "名称"),
    ]  # fmt: skip


def test_a_missing_file_a_folder_and_an_unknown_format_are_refused(tmp_path):
    assert "there is no such file" in _refused(tmp_path / "a.csv")
    (tmp_path / "b.csv").mkdir()
    assert "is a folder" in _refused(tmp_path / "b.csv")
    assert "is none of .csv" in _refused(_csv(tmp_path, GOOD, "a.bmp"))
    assert "save it as .xlsx" in _refused(_csv(tmp_path, GOOD, "a.xls"))


@pytest.mark.parametrize("name", ["a.csv", "a.xlsx", "a.geojson", "a.gpkg", "a.shp", "a.zip"])
def test_an_empty_file_of_any_format_is_refused(tmp_path, name):
    assert f"{name}: the file is empty" in _refused(_csv(tmp_path, b"", name))


@pytest.mark.parametrize("name", ["a.xlsx", "a.geojson", "a.gpkg", "a.shp", "a.zip"])
def test_a_list_under_the_name_of_another_format_is_refused(tmp_path, name):
    said = _refused(_csv(tmp_path, GOOD, name))
    assert said.startswith(f"{name}: ")
    assert said.endswith(".")


def test_a_spreadsheet_called_csv_is_refused(tmp_path):
    openpyxl.Workbook().save(tmp_path / "a.xlsx")
    (tmp_path / "a.xlsx").rename(tmp_path / "a.csv")
    assert "Name it .xlsx" in _refused(tmp_path / "a.csv")


def test_a_file_larger_than_any_list_is_refused_unread(tmp_path, monkeypatch):
    monkeypatch.setattr(raw, "MAX_BYTES", 10)
    assert "more than" in _refused(_csv(tmp_path, GOOD))


def test_streets_do_not_fit_into_a_table(tmp_path):
    path = _csv(
        tmp_path, "highway,walkable,drivable,length_m,lon,lat\nresidential,1,1,5,119.97,31.7\n"
    )
    with pytest.raises(InputError, match="which a table cannot hold"):
        read_layer(path, "streets", datum="wgs84")
