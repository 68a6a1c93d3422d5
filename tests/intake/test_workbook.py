"""Rows of text out of a workbook: the sheet that is meant, merged cells, errors."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from pathlib import Path

import openpyxl
import pytest

from patrolmap.errors import InputError, LayerError
from patrolmap.intake import raw as bounds
from patrolmap.intake import sheets
from patrolmap.intake.headings import read_words
from patrolmap.intake.workbook import read_xlsx
from patrolmap.model.contracts import contract

WORDS = read_words(contract("bases"), None, places=True)


def _xlsx(tmp_path: Path, *rows: list[object], **others: list[list[object]]):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    for title, more in others.items():
        sheet = book.create_sheet(title)
        for row in more:
            sheet.append(row)
    book.save(tmp_path / "a.xlsx")
    return read_xlsx(tmp_path / "a.xlsx", WORDS)


def _rewritten(path: Path, change) -> Path:
    """Pack a workbook anew with some of its parts changed."""
    packed = io.BytesIO(path.read_bytes())
    with zipfile.ZipFile(packed) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, change(name, old.read(name)))
    return path


def test_a_cell_far_to_the_right_is_refused_before_rows_are_filled_up_to_it(tmp_path):
    """Every such row would take 16,384 cells; a file of 100 kB would fill the memory."""
    _xlsx(tmp_path, ["id"], ["S1"])
    far = b"".join(
        b'<row r="%d"><c r="XFD%d"><v>1</v></c></row>' % (row, row) for row in range(3, 30_000)
    )
    path = _rewritten(
        tmp_path / "a.xlsx",
        lambda name, data: (
            data.replace(b"</sheetData>", far + b"</sheetData>") if "sheet1" in name else data
        ),
    )
    with pytest.raises(InputError, match="has 16384 columns, more than 300"):
        read_xlsx(path, WORDS)


def test_a_sheet_that_is_not_read_may_be_as_wide_as_it_likes(tmp_path):
    raw = _xlsx(tmp_path, ["id"], ["S1"], wide=[[1] * (bounds.MAX_COLUMNS + 1)])
    assert raw.report["sheets_left_out"] == ["wide"]


def test_cells_of_a_workbook_become_text(tmp_path):
    moment = dt.datetime(2026, 9, 1, 7, 40)  # noqa: DTZ001 - a spreadsheet knows no zone
    raw = _xlsx(tmp_path, ["id", "name", "n", "t", "m"], [1, " 三小 ", 2.5, dt.time(7, 40), moment])
    assert [column[0] for column in raw.columns] == [
        "1",
        "三小",
        "2.5",
        "07:40:00",
        "2026-09-01T07:40:00",
    ]


def test_blank_rows_of_a_workbook_keep_the_numbers_of_the_others(tmp_path):
    raw = _xlsx(tmp_path, ["id"], ["a"], [None], ["b"])
    assert (raw.rows, raw.report["blank_rows"]) == ((2, 4), 1)


def test_the_first_sheet_with_anything_in_it_is_read_and_the_others_are_told(tmp_path):
    raw = _xlsx(tmp_path, 学校=[["id"], ["S1"]], 说明=[["text"]], 空=[])
    assert raw.report["sheet"] == "学校"
    assert raw.report["sheets_left_out"] == ["说明"]


def test_an_empty_workbook_is_refused(tmp_path):
    with pytest.raises(InputError, match="nothing in it"):
        _xlsx(tmp_path)


def test_errors_of_a_spreadsheet_are_told_by_their_cell(tmp_path):
    with pytest.raises(LayerError) as caught:
        _xlsx(tmp_path, ["id", "name"], ["S1", "#N/A"])
    assert [(p.row, p.column) for p in caught.value.problems] == [(2, "B")]


def test_formulas_without_results_are_told_and_not_taken_for_empty_cells(tmp_path):
    with pytest.raises(LayerError, match="row 3, column 'B': holds a formula that was never"):
        _xlsx(tmp_path, ["id", "name"], ["S1", "a"], ["S2", "=B2"])


def test_formulas_count_by_their_stored_results(tmp_path):
    """A spreadsheet program stores results; one of them may be an empty text."""
    with pytest.raises(LayerError):
        _xlsx(tmp_path, ["id", "name"], ["S1", "=1"], ["S2", "=2"])

    def store(name: str, data: bytes) -> bytes:
        return data.replace(b"<f>1</f><v />", b"<f>1</f><v>7</v>").replace(
            b"<f>1</f><v></v>", b"<f>1</f><v>7</v>"
        )

    raw = read_xlsx(_rewritten(tmp_path / "a.xlsx", store), WORDS)
    assert raw.columns[1] == ("7", "")


def test_a_workbook_cut_short_is_refused(tmp_path):
    _xlsx(tmp_path, ["id"], ["a"])
    path = tmp_path / "a.xlsx"
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(InputError, match=r"a\.xlsx: is damaged"):
        read_xlsx(path, WORDS)


@pytest.mark.parametrize(
    "part", ["xl/worksheets/sheet1.xml", "xl/workbook.xml", "[Content_Types].xml"]
)
def test_a_workbook_with_a_broken_part_is_refused(tmp_path, part):
    _xlsx(tmp_path, ["id"], ["a"])
    path = _rewritten(tmp_path / "a.xlsx", lambda name, data: data[:-30] if name == part else data)
    with pytest.raises(InputError, match=r"a\.xlsx: is damaged"):
        read_xlsx(path, WORDS)


def test_a_workbook_with_a_document_type_is_refused(tmp_path):
    """Entities that grow without end need a document type; no spreadsheet has one."""
    bomb = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaa"><!ENTITY b "&a;&a;&a;">]>'

    def plant(name: str, data: bytes) -> bytes:
        return bomb + data[data.index(b"<worksheet") :] if "sheet1" in name else data

    _xlsx(tmp_path, ["id"], ["a"])
    with pytest.raises(InputError, match="is damaged, or no spreadsheet"):
        read_xlsx(_rewritten(tmp_path / "a.xlsx", plant), WORDS)


def test_an_archive_that_unpacks_to_too_much_is_refused(tmp_path):
    path = tmp_path / "a.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b" " * (bounds.RATIO_COUNTS_FROM_BYTES + 1))
    with pytest.raises(InputError, match=r"would unpack to 10 MB in 1 parts"):
        read_xlsx(path, WORDS)


def test_a_row_number_out_of_this_world_ends_at_the_last_row(tmp_path, monkeypatch):
    monkeypatch.setattr(sheets, "MAX_ROWS", 1000)
    _xlsx(tmp_path, ["id"], ["a"])

    def move(name: str, data: bytes) -> bytes:
        return data.replace(b'r="2"', b'r="2000000000"') if "sheet1" in name else data

    with pytest.raises(InputError, match="more than 1000 rows"):
        read_xlsx(_rewritten(tmp_path / "a.xlsx", move), WORDS)


def test_a_protected_workbook_is_refused(tmp_path):
    path = tmp_path / "a.xlsx"
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 100)
    with pytest.raises(InputError, match="password"):
        read_xlsx(path, WORDS)


def _saved(book: openpyxl.Workbook, tmp_path: Path) -> Path:
    book.save(tmp_path / "a.xlsx")
    return tmp_path / "a.xlsx"


def test_the_sheet_whose_headings_fit_is_read_wherever_it_stands(tmp_path):
    raw = _xlsx(tmp_path, ["说明"], ["请先读"], 警务点=[["编号", "名称"], ["B1", "一所"]])
    assert (raw.report["sheet"], raw.report["sheets_left_out"]) == ("警务点", ["Sheet"])


def test_of_two_sheets_that_fit_one_must_be_named(tmp_path):
    table = [["编号", "名称"], ["B1", "一所"]]
    with pytest.raises(InputError, match=r"the sheets '东', '西' could all be meant.*--sheet '东'"):
        _xlsx(tmp_path, 东=table, 西=table)
    assert read_xlsx(tmp_path / "a.xlsx", WORDS, "西").report["sheet"] == "西"
    with pytest.raises(InputError, match=r"has no sheet '南' with cells\. It has '东', '西'"):
        read_xlsx(tmp_path / "a.xlsx", WORDS, "南")


def test_of_two_sheets_that_fit_the_one_called_like_the_layer_is_read(tmp_path):
    table = [["编号", "名称"], ["B1", "一所"]]
    assert _xlsx(tmp_path, 警务点=table, 学校=table).report["sheet"] == "警务点"


def test_a_hidden_sheet_is_not_read_and_told(tmp_path):
    book = openpyxl.Workbook()
    book.active.append(["编号", "名称"])
    book.active.append(["B1", "旧"])
    book.active.sheet_state = "hidden"
    shown = book.create_sheet("新")
    shown.append(["编号", "名称"])
    shown.append(["B1", "新"])
    raw = read_xlsx(_saved(book, tmp_path), WORDS)
    assert (raw.report["sheet"], raw.report["sheets_left_out"]) == ("新", ["Sheet"])


def test_hidden_rows_and_columns_are_read_and_told(tmp_path):
    book = openpyxl.Workbook()
    for row in (["编号", "名称"], ["B1", "一所"], ["B2", "二所"]):
        book.active.append(row)
    book.active.row_dimensions[3].hidden = True
    book.active.column_dimensions["B"].hidden = True
    raw = read_xlsx(_saved(book, tmp_path), WORDS)
    assert raw.rows == (2, 3)
    assert (raw.report["hidden_rows"], raw.report["hidden_columns"]) == ((3,), ("B",))


def test_only_merged_cells_are_filled_down_and_told(tmp_path):
    book = openpyxl.Workbook()
    for row in (["编号", "名称"], ["B1", "一所"], ["B2"], ["B3"], ["B4"]):
        book.active.append(row)
    book.active.merge_cells("B2:B3")
    raw = read_xlsx(_saved(book, tmp_path), WORDS)
    assert raw.columns[1] == ("一所", "一所", "", "")
    assert raw.report["filled_down"] == ("B2:B3",)


def test_a_part_heading_merged_over_the_table_is_left_out_and_told(tmp_path):
    book = openpyxl.Workbook()
    for row in (["编号", "名称", "类别"], ["一、派出所"], ["B1", "一所", "派出所"]):
        book.active.append(row)
    book.active.merge_cells("A2:C2")
    raw = read_xlsx(_saved(book, tmp_path), WORDS)
    assert raw.rows == (3,)
    assert [(left.row, left.why) for left in raw.left_out] == [(2, "section")]


def test_a_persons_number_in_a_sheets_name_is_refused_and_not_repeated(tmp_path):
    with pytest.raises(InputError) as caught:
        _xlsx(tmp_path, ["编号", "名称"], ["B1", "一所"], **{"13912345678": [["x"]]})
    assert "1 of its sheets are called by a person's datum" in str(caught.value)
    assert "13912345678" not in str(caught.value)


def test_more_merged_cells_than_any_list_has_are_refused(tmp_path):
    _xlsx(tmp_path, ["编号", "名称"], ["B1", "一所"])
    many = b'<mergeCell ref="A1:B2"/>' * 50_001

    def plant(name: str, data: bytes) -> bytes:
        return data.replace(b"</worksheet>", many + b"</worksheet>") if "sheet1" in name else data

    with pytest.raises(InputError, match="more than 50000 merged cells"):
        read_xlsx(_rewritten(tmp_path / "a.xlsx", plant), WORDS)


def test_a_block_merged_over_a_million_rows_takes_no_time(tmp_path):
    _xlsx(tmp_path, ["编号", "名称"], ["B1", "一所"], ["B2"])
    many = b'<mergeCell ref="B2:B1048576"/>' * 20_000

    def plant(name: str, data: bytes) -> bytes:
        return data.replace(b"</worksheet>", many + b"</worksheet>") if "sheet1" in name else data

    raw = read_xlsx(_rewritten(tmp_path / "a.xlsx", plant), WORDS)
    assert raw.columns[1] == ("一所", "一所")
