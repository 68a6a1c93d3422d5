"""A file of any format becomes the same checked layer, and says how it was read."""

from __future__ import annotations

import csv
import string
from pathlib import Path

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from patrolmap.errors import DatumError, InputError, LayerError
from patrolmap.intake.datum import from_wgs84
from patrolmap.intake.persons import find_person
from patrolmap.intake.tables import ID_PREFIXES, read_layer
from patrolmap.model.contracts import CONTRACTS, FILE_LAYERS
from patrolmap.model.kinds import codes
from patrolmap.model.layers import check_layer
from tests import tiny

FORMATS = ("csv", "xlsx")


def _write(path: Path, rows: list[list[object]]) -> Path:
    """Write headings and rows as CSV or XLSX, by suffix."""
    if path.suffix == ".csv":
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            csv.writer(file).writerows(rows)
    else:
        book = openpyxl.Workbook()
        for number, row in enumerate(rows, start=1):
            for column, value in enumerate(row, start=1):
                cell = book.active.cell(number, column, value)
                cell.data_type = "s" if isinstance(value, str) else cell.data_type
        book.save(path)
    return path


def _rows(frame: pd.DataFrame) -> list[list[object]]:
    """List a frame as a station would: places as two columns, empty cells for what is missing."""
    table = frame.reset_index()
    if isinstance(frame, gpd.GeoDataFrame):
        points = frame.geometry.representative_point()
        table = pd.DataFrame(table.drop(columns="geometry"))
        table["lon"], table["lat"] = points.x.to_numpy(), points.y.to_numpy()
    cells = table.astype(object).where(table.notna(), None)
    plain = [
        [v.isoformat() if isinstance(v, pd.Timestamp) else v for v in row]
        for row in cells.to_numpy()
    ]
    return [list(table.columns), *plain]


@pytest.mark.parametrize("suffix", FORMATS)
@pytest.mark.parametrize("layer", sorted(set(FILE_LAYERS) - {"streets", "posts"}))
def test_every_layer_of_the_tiny_precinct_comes_back_from_a_table(tmp_path, layer, suffix):
    frame = tiny.precinct()[layer]
    read = read_layer(_write(tmp_path / f"a.{suffix}", _rows(frame)), layer, datum="wgs84")
    if isinstance(frame, gpd.GeoDataFrame):
        frame = frame.set_geometry(frame.geometry.representative_point())
        assert read.geometry.geom_equals_exact(frame.geometry, 1e-12).all()
        frame, read = (pd.DataFrame(f.drop(columns="geometry")) for f in (frame, read))
    pd.testing.assert_frame_equal(read, frame, check_index_type=False)


@pytest.mark.parametrize("suffix", ["geojson", "gpkg"])
@pytest.mark.parametrize("layer", ["schools", "gates", "venues", "incidents", "hazards", "streets"])
def test_every_layer_of_the_tiny_precinct_comes_back_from_a_spatial_file(tmp_path, layer, suffix):
    frame = tiny.precinct()[layer]
    frame.reset_index().to_file(tmp_path / f"a.{suffix}")
    read = read_layer(tmp_path / f"a.{suffix}", layer)
    assert read.geometry.geom_equals_exact(frame.geometry, 1e-7).all()
    pd.testing.assert_frame_equal(
        pd.DataFrame(read.drop(columns="geometry")), pd.DataFrame(frame.drop(columns="geometry"))
    )


def test_a_chinese_list_in_gbk_and_gcj02_is_read_as_it_stands(tmp_path):
    lon, lat = from_wgs84([119.95], [31.77], "gcj02")
    text = (
        "学校编号,学校名称,类别,学生人数（人）,寄宿,经度,纬度,备注\r\n"
        f'Ｓ０１,第一小学,小学、初中,"１,２００",否,{lon[0]},{lat[0]},靠河\r\n'
    )
    (tmp_path / "学校.csv").write_bytes(text.encode("gbk"))
    read = read_layer(tmp_path / "学校.csv", "schools", datum="高德")
    school = read.loc["S01"]
    assert (school["name"], school.kinds, school.pupils, school.boarding) == (
        "第一小学", "primary,middle", 1200, False
    )  # fmt: skip
    assert (school.geometry.x, school.geometry.y) == pytest.approx((119.95, 31.77), abs=1e-9)


def test_the_report_says_how_a_file_was_read(tmp_path):
    rows = [
        ["编号", "名称", "学校编号", "经度", "纬度", "颜色"],
        ["G1", "a", "S1", 119.97, 31.7, "red"],
    ]
    read = read_layer(_write(tmp_path / "门.csv", [*rows, [], ["G2", "b", "S1", 119.98, 31.7, ""]]),
                      "gates", datum="WGS-84")  # fmt: skip
    assert len(read.attrs["report"].pop("shape")) == 32
    assert read.attrs["report"] == {
        "file": "门.csv",
        "layer": "gates",
        "format": "CSV",
        "encoding": "utf-8",
        "delimiter": ",",
        "header_rows": (1,),
        "rows": (2, 4),
        "rows_left_out": [],
        "rows_read": 2,
        "blank_rows": 1,
        "datum": "wgs84",
        "datum_from": "declared",
        "crs": None,
        "columns": {
            "编号": "id",
            "名称": "name",
            "学校编号": "school_id",
            "经度": "lon",
            "纬度": "lat",
        },
        "columns_left_out": ["颜色"],
        "ids_made": False,
    }


def test_rows_without_ids_get_a_letter_and_their_number(tmp_path):
    rows = [["学校编号", "经度", "纬度"], ["S1", 119.97, 31.7], ["S2", 119.98, 31.7]]
    read = read_layer(_write(tmp_path / "a.csv", rows), "gates", datum="wgs84")
    assert list(read.index) == ["G001", "G002"]
    assert read.attrs["report"]["ids_made"]


def test_made_ids_differ_from_layer_to_layer():
    assert set(ID_PREFIXES) == set(FILE_LAYERS)
    assert len(set(ID_PREFIXES.values())) == len(FILE_LAYERS)


def test_columns_may_be_named_where_they_are_not_understood(tmp_path):
    rows = [["门", "属于", "X", "Y"], ["南门", "S1", 119.97, 31.7]]
    columns = {"门": "name", "属于": "school_id", "X": "lon", "Y": "lat"}
    read = read_layer(_write(tmp_path / "a.csv", rows), "gates", datum="wgs84", columns=columns)
    assert (read["name"].item(), read["school_id"].item()) == ("南门", "S1")


def test_moments_without_a_zone_are_those_of_the_precinct(tmp_path):
    rows = [["类别", "发生时间", "lon", "lat"], ["盗窃", "2026/3/2 7:45", 13.4, 52.5]]
    path = _write(tmp_path / "a.csv", rows)
    for zone, utc in (
        ("Asia/Shanghai", "2026-03-01T23:45Z"),
        ("Europe/Berlin", "2026-03-02T06:45Z"),
    ):
        read = read_layer(path, "incidents", datum="wgs84", zone=zone)
        assert read["began_at"].item() == pd.Timestamp(utc)
    with pytest.raises(InputError, match="'Mars' is no time zone"):
        read_layer(path, "incidents", datum="wgs84", zone="Mars")


def test_times_of_a_spreadsheet_are_read_however_the_cell_was_formatted(tmp_path):
    book = openpyxl.Workbook()
    book.active.append(["学校编号", "类别", "时间", "星期"])
    for value, style in (
        (7.5 / 24, "h:mm"),
        (7.5 / 24, "General"),
        ("7：30", "@"),
        (7.5 / 24, "[h]:mm"),
    ):
        book.active.append(["S1", "上学", value, "周一至周五"])
        book.active.cell(book.active.max_row, 3).number_format = style
    book.save(tmp_path / "a.xlsx")
    bells = read_layer(tmp_path / "a.xlsx", "bells")
    assert bells["time_s"].tolist() == [27000] * 4
    assert bells["weekdays"].tolist() == ["12345"] * 4


def test_a_formula_a_tag_and_a_quote_are_text(tmp_path):
    names = ["=1+1", "<script>alert('x')</script>", '"; DROP TABLE schools; --', "{0}"]
    rows = [["name", "kinds", "lon", "lat"], *([name, "小学", 119.97, 31.7] for name in names)]
    for suffix in FORMATS:
        read = read_layer(_write(tmp_path / f"a.{suffix}", rows), "schools", datum="wgs84")
        assert read["name"].tolist() == names


def test_what_the_file_counts_is_kept_and_what_it_lacks_has_its_default(tmp_path):
    rows = [["school_id", "lon", "lat"], ["S1", 119.97, 31.7]]
    gate = read_layer(_write(tmp_path / "a.csv", rows), "gates", datum="wgs84").iloc[0]
    assert (gate["kind"], gate["name"], gate["provenance"]) == ("main", "", "given")
    assert gate["bollards"] is pd.NA


def test_geometry_of_a_table_is_left_out_and_told(tmp_path):
    helpers = gpd.GeoDataFrame(
        tiny.helpers().reset_index(), geometry=[tiny.point(0, 0)] * 3, crs="EPSG:4326"
    )
    helpers.to_file(tmp_path / "a.geojson")
    read = read_layer(tmp_path / "a.geojson", "helpers")
    assert not isinstance(read, gpd.GeoDataFrame)
    assert read.attrs["report"]["geometry_left_out"]


def test_a_person_is_found_in_each_of_two_columns_left_out_under_one_heading(tmp_path):
    path = _write(
        tmp_path / "a.csv",
        [["name", "kind", "lon", "lat", "x", "x"], ["A", "bar", 119.97, 31.7, "13912345678", "-"]],
    )
    with pytest.raises(LayerError, match="row 2, column 'x': looks like a mobile number"):
        read_layer(path, "venues", datum="wgs84")


def test_numbers_of_map_objects_are_no_phone_numbers(tmp_path):
    streets = tiny.streets().reset_index().head(2)
    streets["street_id"] = ["13912345678", "13912345679"]
    streets["from_node"] = ["13812345678", "13812345679"]
    streets.assign(osm_id="13712345678").to_file(tmp_path / "a.geojson")
    assert len(read_layer(tmp_path / "a.geojson", "streets")) == 2


# --- laws ------------------------------------------------------------------------------

LETTERS = st.characters(exclude_categories=["C", "Z"], exclude_characters="\ufffd") | st.just(" ")
NAMES = (
    st.text(LETTERS, min_size=1, max_size=12)
    .map(lambda text: " ".join(text.split()))
    .filter(lambda text: text and not find_person(text))
)
SCHOOLS = st.lists(
    st.tuples(
        NAMES,
        st.sets(st.sampled_from(codes("school")), min_size=1).map(sorted).map(",".join),
        st.none() | st.integers(0, 30_000),
        st.none() | st.booleans(),
        st.floats(73, 135),
        st.floats(4, 53),
    ),
    min_size=1,
    max_size=8,
)  # fmt: skip
SLOW = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
HEADINGS = ["学校编号", "名称", "学校类别", "学生人数", "寄宿", "经度", "纬度"]


@pytest.mark.parametrize("suffix", FORMATS)
@SLOW
@given(schools=SCHOOLS)
def test_any_table_reads_back_as_it_was_written(tmp_path, suffix, schools):
    rows = [HEADINGS, *([f"S{n}", *school] for n, school in enumerate(schools))]
    read = read_layer(_write(tmp_path / f"a.{suffix}", rows), "schools", datum="wgs84")
    name, kinds, pupils, boarding, lon, lat = zip(*schools, strict=True)
    assert read["name"].tolist() == list(name)
    assert read["kinds"].tolist() == list(kinds)
    assert [None if pd.isna(v) else v for v in read["pupils"]] == list(pupils)
    assert [None if pd.isna(v) else v for v in read["boarding"]] == list(boarding)
    assert read.geometry.x.tolist() == pytest.approx(lon, abs=1e-9)  # openpyxl writes 16 digits
    assert read.geometry.y.tolist() == pytest.approx(lat, abs=1e-9)


CELLS = st.sampled_from(
    ["", " ", "S1", "S2", "小学", "primary", "大学", "120", "1,200", "12.5", "-3", "是", "maybe",
     "119.97", "31.7", "0", "999", "nan", "x", "13912345678", "#N/A", "=1", "\ufffd"]
) | st.text(string.printable, max_size=5)  # fmt: skip


@SLOW
@given(st.lists(st.lists(CELLS, min_size=7, max_size=7), min_size=1, max_size=10))
def test_every_row_is_stored_or_the_file_is_refused_and_says_which_rows(tmp_path, cells):
    path = tmp_path / "a.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([HEADINGS, *cells])
    filled = [n for n, row in enumerate(cells, start=2) if any("".join(c.split()) for c in row)]
    try:
        read = read_layer(path, "schools", datum="wgs84")
    except LayerError as error:
        stored, told = [], {p.row for p in error.problems}
        assert "13912345678" not in str(error)  # noqa: PT017
    except InputError:
        stored, told = [], set(filled)
        assert not filled
    else:
        stored, told = list(read.attrs["report"]["rows"]), set()
        assert len(read) == len(stored)
    assert stored == filled or (not stored and told <= {*filled, None})


def test_a_file_of_notes_alone_is_refused_with_the_rows_named(tmp_path):
    path = _write(tmp_path / "a.csv", [HEADINGS, ["*see above", *[""] * 6]])
    with pytest.raises(LayerError, match=r"row 2: is no row of the list but a note"):
        read_layer(path, "schools", datum="wgs84")


@SLOW
@given(bad=st.sets(st.integers(0, 49)), data=st.data())
def test_exactly_the_rows_with_a_fault_are_told(tmp_path, bad, data):
    fine = ["三小", "小学", 300, "是", 119.97, 31.7]
    faults = [(0, ""), (1, "大学"), (2, "many"), (2, 30_001), (3, "?"), (4, ""), (4, 181), (5, "x")]
    rows: list[list[object]] = []
    for number in range(50):
        row: list[object] = [f"S{number}", *fine]
        if number in bad:
            column, value = data.draw(st.sampled_from(faults))
            row[column + 1] = value
        rows.append(row)
    path = _write(tmp_path / "a.csv", [HEADINGS, *rows])
    if not bad:
        assert len(read_layer(path, "schools", datum="wgs84")) == 50
        return
    with pytest.raises(LayerError) as caught:
        read_layer(path, "schools", datum="wgs84")
    assert [p.row for p in caught.value.problems] == [number + 2 for number in sorted(bad)]


def test_the_contracts_hold_behind_the_door(tmp_path):
    """What was read passes the contract again, unchanged."""
    for layer in ("schools", "incidents", "hazards"):
        path = _write(tmp_path / "a.csv", _rows(tiny.precinct()[layer]))
        read = read_layer(path, layer, datum="cgcs2000")
        pd.testing.assert_frame_equal(
            pd.DataFrame(check_layer(read, layer)), pd.DataFrame(read), check_like=False
        )


def test_a_list_of_many_rows_is_read_whole(tmp_path):
    count = 20_000
    rng = np.random.default_rng(1)
    frame = pd.DataFrame({
        "类别": rng.choice(["纠纷", "盗窃", "违停"], count),
        "发生时间": pd.date_range("2024-09-01",
        periods=count, freq="17min").strftime("%Y/%m/%d %H:%M"),
        "经度": rng.uniform(119.9, 120, count),
        "纬度": rng.uniform(31.6, 31.8, count),
    })  # fmt: skip
    frame.to_csv(tmp_path / "a.csv", index=False)
    read = read_layer(tmp_path / "a.csv", "incidents", datum="bd09")
    assert len(read) == count
    assert read.index[-1] == "I20000"
    assert read["kind"].value_counts().sum() == count


def test_tables_take_no_datum_and_layers_must_have_one(tmp_path):
    path = _write(tmp_path / "a.csv", _rows(tiny.bells()))
    assert read_layer(path, "bells").attrs["report"]["datum"] is None
    path = _write(tmp_path / "a.csv", _rows(tiny.gates()))
    with pytest.raises(DatumError, match="Declare it: --datum wgs84"):
        read_layer(path, "gates")


def test_only_layers_of_a_station_are_read_from_lists(tmp_path):
    for layer in set(CONTRACTS) - set(FILE_LAYERS):
        with pytest.raises(InputError, match=f"{layer} are made by patrolmap"):
            read_layer(tmp_path / "a.csv", layer)
    with pytest.raises(InputError, match="'school' is no layer"):
        read_layer(tmp_path / "a.csv", "school")
