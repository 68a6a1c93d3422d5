"""Rows of text out of CSV, or a word on why not."""

from __future__ import annotations

from pathlib import Path

import pytest

from patrolmap.errors import InputError, LayerError
from patrolmap.intake import raw as bounds
from patrolmap.intake import sheets
from patrolmap.intake.headings import read_words
from patrolmap.intake.sheets import read_csv
from patrolmap.model.contracts import contract

WORDS = read_words(contract("bases"), None, places=True)


def _csv(tmp_path: Path, text: str | bytes, encoding: str | None = None):
    path = tmp_path / "a.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_csv(path, encoding, WORDS)


@pytest.mark.parametrize("mark", [",", "\t", ";", "|"])
def test_cells_may_stand_between_commas_tabs_semicolons_or_bars(tmp_path, mark):
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


def test_more_columns_than_a_list_needs_are_refused(tmp_path):
    wide = ",".join(f"c{n}" for n in range(bounds.MAX_COLUMNS + 1))
    with pytest.raises(InputError, match="301 columns"):
        _csv(tmp_path, f"{wide}\n1\n")


def test_a_title_without_delimiters_does_not_hide_them(tmp_path):
    raw = _csv(tmp_path, "警务点名单\n编号;名称\nB1;一所,本部\n")
    assert raw.columns == (("B1",), ("一所,本部",))
    assert raw.report["delimiter"] == ";"


def test_the_line_that_tells_excel_the_delimiter_is_no_row(tmp_path):
    raw = _csv(tmp_path, "sep=;\nid;name\nB1;一所\n")
    assert (raw.rows, raw.left_out) == ((3,), ())


def test_a_number_in_the_files_name_is_not_repeated(tmp_path):
    path = tmp_path / "13912345678.csv"
    path.write_text("id,name\n", "utf-8")
    with pytest.raises(InputError) as caught:
        read_csv(path, None, WORDS)
    assert "13912345678" not in str(caught.value)
