"""What was chosen for lists of one shape is kept, replaced, listed and forgotten."""

from __future__ import annotations

import datetime as dt
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from patrolmap.model.settings import Settings
from patrolmap.store import geopackage as store
from patrolmap.store.shapes import Shape, forget_shape, list_shapes, read_shape, write_shape

SHAPE = Shape(
    "abc", "venues", "场所.csv", dt.date(2026, 11, 20),
    {"店名": "name", "备注": ""}, {"夜宵": "food_stall"}, "gcj02",
)  # fmt: skip


def _precinct(tmp_path: Path) -> Path:
    path = tmp_path / "a.gpkg"
    store.create_precinct(path, Settings())
    return path


def test_a_shape_reads_back_as_it_was_written(tmp_path):
    path = _precinct(tmp_path)
    assert read_shape(path, "abc") is None
    write_shape(path, SHAPE)
    assert read_shape(path, "abc") == SHAPE


def test_what_was_chosen_last_counts(tmp_path):
    path = _precinct(tmp_path)
    later = replace(SHAPE, datum="", remembered_on=dt.date(2026, 11, 24))
    write_shape(path, SHAPE)
    write_shape(path, later)
    assert read_shape(path, "abc") == later
    assert list_shapes(path)["remembered_on"].to_dict() == {"abc": "2026-11-24"}


def test_a_shape_can_be_forgotten(tmp_path):
    path = _precinct(tmp_path)
    write_shape(path, SHAPE)
    forget_shape(path, "abc")
    assert read_shape(path, "abc") is None
    assert list_shapes(path).empty


def test_a_file_from_before_there_were_shapes_is_brought_up_to_date(tmp_path):
    path = _precinct(tmp_path)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("DROP TABLE patrolmap_import_shapes")
        connection.execute("DELETE FROM gpkg_contents WHERE table_name = 'patrolmap_import_shapes'")
        connection.execute("UPDATE patrolmap_meta SET value = '2' WHERE key = 'schema_version'")
    write_shape(path, SHAPE)
    assert read_shape(path, "abc") == SHAPE
