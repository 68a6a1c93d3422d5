"""Rows of text out of CSV and XLSX, or a word on why not."""

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
from patrolmap.intake.sheets import read_csv, read_xlsx


def _known(cells):
    return sum(cell in ("编号", "名称", "id", "name") for cell in cells)


def _csv(tmp_path: Path, text: str | bytes, encoding: str | None = None):
    path = tmp_path / "a.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_csv(path, encoding, _known)


def _xlsx(tmp_path: Path, *rows: list[object], **others: list[list[object]]):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    for title, more in others.items():
        sheet = book.create_sheet(title)
        for row in more:
            sheet.append(row)
    book.save(tmp_path / "a.xlsx")
    return read_xlsx(tmp_path / "a.xlsx", _known)


def _rewritten(path: Path, change) -> Path:
    """Pack a workbook anew with some of its parts changed."""
    packed = io.BytesIO(path.read_bytes())
    with zipfile.ZipFile(packed) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, change(name, old.read(name)))
    return path


@pytest.mark.parametrize("mark", [",", "\t", ";"])
def test_cells_may_stand_between_commas_tabs_or_semicolons(tmp_path, mark):
    raw = _csv(tmp_path, f"id{mark}name\nS1{mark}三小\n")
    assert (raw.headings, raw.columns) == (("id", "name"), (("S1",), ("三小",)))


def test_rows_count_as_a_spreadsheet_counts_them(tmp_path):
    """A cell broken over two lines is one row, a blank line is one too."""
    raw = _csv(tmp_path, 'id,name\r\n"S1","三小\r\n东门"\r\n\r\n,\r\nS2,四小\r\n')
    assert raw.rows == (2, 5)
    assert raw.columns[1] == ("三小 东门", "四小")
    assert raw.report["blank_rows"] == 2


def test_a_short_row_has_empty_cells_at_its_end(tmp_path):
    assert _csv(tmp_path, "id,name\nS1\n").columns == (("S1",), ("",))


def test_rows_with_cells_beyond_the_headings_are_all_told(tmp_path):
    with pytest.raises(LayerError) as caught:
        _csv(tmp_path, "id,name\nS1,一小,东区\nS2,二小\nS3,三小,,\nS4,a,b,c\n")
    assert [p.row for p in caught.value.problems] == [2, 5]


def test_cells_under_no_heading_are_told_and_never_dropped(tmp_path):
    with pytest.raises(LayerError, match="column 2, which has no heading") as caught:
        _csv(tmp_path, "id,,name\nS1,东区,一小\nS2,,二小\nS3\n")
    assert [p.row for p in caught.value.problems] == [2]
    assert _csv(tmp_path, "id,,name\nS1,,一小\n").headings == ("id", "", "name")


def test_quotes_that_never_close_are_refused(tmp_path):
    with pytest.raises(InputError, match=r"a\.csv: row 2: unexpected end of data"):
        _csv(tmp_path, 'id,name\nS1,"一小\nS2,二小\n')


def test_zero_bytes_are_no_text(tmp_path):
    with pytest.raises(InputError, match="zero bytes"):
        _csv(tmp_path, "id,name\nS1,\0\n")


def test_another_format_called_csv_is_refused(tmp_path):
    with pytest.raises(InputError, match="is no CSV but a spreadsheet"):
        _csv(tmp_path, b"PK\x03\x04rest")
    with pytest.raises(InputError, match="is no CSV but an old Excel file"):
        _csv(tmp_path, b"\xd0\xcf\x11\xe0rest")


def test_a_title_above_the_headings_is_refused_with_the_row_they_stand_in(tmp_path):
    with pytest.raises(InputError, match="headings stand in row 3, and row 1 above them"):
        _csv(tmp_path, "学校名单,,\n\n编号,名称,人数\nS1,一小,5\n")


def test_two_rows_of_headings_are_refused(tmp_path):
    with pytest.raises(InputError, match="rows 1 and 2 both hold headings"):
        _csv(tmp_path, "编号,名称\nid,name\nS1,一小\n")


def test_there_must_be_rows_and_something_in_them(tmp_path):
    with pytest.raises(InputError, match="headings but no rows"):
        _csv(tmp_path, "id,name\n,\n")
    with pytest.raises(InputError, match="nothing in it"):
        _csv(tmp_path, "\ufeff\n , \n")


def test_more_rows_than_a_spreadsheet_holds_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(sheets, "MAX_ROWS", 3)
    assert len(_csv(tmp_path, "id\nname\nb\n").rows) == 2
    with pytest.raises(InputError, match="more than 3 rows"):
        _csv(tmp_path, "id\na\nb\nc\n")
    with pytest.raises(InputError, match="more than 3 rows"):
        _xlsx(tmp_path, ["id"], ["a"], ["b"], ["c"])


def test_more_columns_than_a_list_needs_are_refused(tmp_path):
    wide = ",".join(f"c{n}" for n in range(bounds.MAX_COLUMNS + 1))
    with pytest.raises(InputError, match="301 columns"):
        _csv(tmp_path, f"{wide}\n1\n")


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
        read_xlsx(path, _known)


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

    raw = read_xlsx(_rewritten(tmp_path / "a.xlsx", store), _known)
    assert raw.columns[1] == ("7", "")


def test_a_workbook_cut_short_is_refused(tmp_path):
    _xlsx(tmp_path, ["id"], ["a"])
    path = tmp_path / "a.xlsx"
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(InputError, match=r"a\.xlsx: is damaged"):
        read_xlsx(path, _known)


@pytest.mark.parametrize(
    "part", ["xl/worksheets/sheet1.xml", "xl/workbook.xml", "[Content_Types].xml"]
)
def test_a_workbook_with_a_broken_part_is_refused(tmp_path, part):
    _xlsx(tmp_path, ["id"], ["a"])
    path = _rewritten(tmp_path / "a.xlsx", lambda name, data: data[:-30] if name == part else data)
    with pytest.raises(InputError, match=r"a\.xlsx: is damaged"):
        read_xlsx(path, _known)


def test_a_workbook_with_a_document_type_is_refused(tmp_path):
    """Entities that grow without end need a document type; no spreadsheet has one."""
    bomb = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaa"><!ENTITY b "&a;&a;&a;">]>'

    def plant(name: str, data: bytes) -> bytes:
        return bomb + data[data.index(b"<worksheet") :] if "sheet1" in name else data

    _xlsx(tmp_path, ["id"], ["a"])
    with pytest.raises(InputError, match="is damaged, or no spreadsheet"):
        read_xlsx(_rewritten(tmp_path / "a.xlsx", plant), _known)


def test_an_archive_that_unpacks_to_too_much_is_refused(tmp_path):
    path = tmp_path / "a.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b" " * (bounds.RATIO_COUNTS_FROM_BYTES + 1))
    with pytest.raises(InputError, match=r"would unpack to 10 MB in 1 parts"):
        read_xlsx(path, _known)


def test_a_row_number_out_of_this_world_ends_at_the_last_row(tmp_path, monkeypatch):
    monkeypatch.setattr(sheets, "MAX_ROWS", 1000)
    _xlsx(tmp_path, ["id"], ["a"])

    def move(name: str, data: bytes) -> bytes:
        return data.replace(b'r="2"', b'r="2000000000"') if "sheet1" in name else data

    with pytest.raises(InputError, match="more than 1000 rows"):
        read_xlsx(_rewritten(tmp_path / "a.xlsx", move), _known)


def test_a_protected_workbook_is_refused(tmp_path):
    path = tmp_path / "a.xlsx"
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 100)
    with pytest.raises(InputError, match="password"):
        read_xlsx(path, _known)
