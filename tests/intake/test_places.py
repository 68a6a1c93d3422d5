from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely

from patrolmap.errors import DatumError
from patrolmap.intake.datum import from_wgs84
from patrolmap.intake.places import make_points, place_geometry, read_two_columns, read_wkt
from patrolmap.intake.raw import RawTable
from tests import tiny


def _table(*points: tuple[str, str]) -> RawTable:
    lon, lat = zip(*points, strict=True)
    return RawTable("a.csv", ("经度", "纬度"), (lon, lat), tuple(range(2, len(points) + 2)))


def _points(table: RawTable, datum: str):
    return make_points(table, read_two_columns(table, 0, 1), datum)


def _place(geometry: gpd.GeoSeries, datum: str | None):
    rows = tuple(range(1, len(geometry) + 1))
    return place_geometry(geometry, RawTable("a.shp", (), (), rows, geometry), datum)


def _told(problems):
    return [(p.row, p.column, p.what) for p in problems]


def test_points_are_brought_from_their_datum_to_wgs84():
    lon, lat = from_wgs84([119.95], [31.77], "gcj02")
    points, problems = _points(_table((str(lon[0]), str(lat[0]))), "gcj02")
    assert problems == []
    assert points.crs == "EPSG:4326"
    assert points[0].distance(shapely.Point(119.95, 31.77)) < 1e-9


@pytest.mark.parametrize(
    ("lon", "lat", "column", "what"),
    [
        ("", "31.7", "经度", "is empty"),
        ("119.97", "north", "纬度", "is no number of degrees"),
        ("0", "0", "经度, 纬度", "the coordinates are 0, 0"),
        ("31.7", "119.97", "经度, 纬度", "longitude and latitude look swapped"),
        ("40.5", "80.2", "经度, 纬度", "longitude and latitude look swapped"),
        ("181", "31.7", "经度, 纬度", "is no place on earth"),
        ("119.97", "-91", "经度, 纬度", "is no place on earth"),
        ("497100", "3508600", "经度, 纬度", "holds metres of a projection"),
        ("8.7", "49.4", "经度, 纬度", "lies outside China, where gcj02 is not defined"),
    ],
)
def test_coordinates_that_cannot_be_are_told_once_with_row_and_column(lon, lat, column, what):
    _, problems = _points(_table(("119.97", "31.7"), (lon, lat)), "gcj02")
    assert [(p.row, p.column) for p in problems] == [(3, column)]
    assert problems[0].what.startswith(what)


@pytest.mark.parametrize(("lon", "lat"), [("8.7", "49.4"), ("120.6", "24.18"), ("-8.6", "41.1")])
def test_wgs84_serves_anywhere(lon, lat):
    assert _points(_table((lon, lat)), "wgs84")[1] == []


def test_a_phone_number_among_coordinates_is_not_repeated():
    _, problems = _points(_table(("13912345678", "31.7")), "wgs84")
    assert "13912345678" not in str(problems[0])


@pytest.mark.parametrize(
    ("crs", "datum"),
    [
        ("EPSG:4326", "wgs84"),
        ("EPSG:4549", "cgcs2000"),
        ("EPSG:32650", "wgs84"),
        ("EPSG:4490", "cgcs2000"),
    ],
)
def test_a_files_own_crs_is_believed_and_reported(crs, datum):
    gates = tiny.gates().geometry
    for declared in (None, "wgs84", "cgcs2000"):
        places, own, name, problems = _place(gates.to_crs(crs), declared)
        assert (own, name, problems) == (datum, crs, [])
        assert places.geom_equals_exact(gates.reset_index(drop=True), 1e-8).all()


@pytest.mark.parametrize("declared", ["gcj02", "bd09"])
def test_a_declared_datum_that_contradicts_the_crs_is_refused(declared):
    with pytest.raises(DatumError, match=f"is declared {declared}, but says itself .* EPSG:4326"):
        _place(tiny.gates().geometry, declared)


def test_another_national_datum_is_named_and_no_declaration_overrides_it():
    places = tiny.gates().geometry.to_crs("EPSG:4610")  # Xian 1980
    assert _place(places, None)[1] == "Xian 1980"
    with pytest.raises(DatumError):
        _place(places, "wgs84")


def test_a_file_without_a_crs_must_declare_its_datum_like_a_table():
    lon, lat = from_wgs84([119.97], [31.7], "bd09")
    bare = gpd.GeoSeries(shapely.points(lon, lat))
    places, datum, crs, problems = _place(bare, "bd09")
    assert (datum, crs, problems) == ("bd09", None, [])
    assert places[0].distance(shapely.Point(119.97, 31.7)) < 1e-9
    with pytest.raises(DatumError, match="does not say in which datum"):
        _place(bare, None)


def test_features_without_a_crs_that_lie_outside_china_are_told():
    bare = gpd.GeoSeries([shapely.Point(119.97, 31.7), shapely.Point(8, 49), None])
    assert _told(_place(bare, "gcj02")[3]) == [
        (2, "geometry", "lies outside China, where gcj02 is not defined")
    ]


def test_heights_are_left_out():
    places = _place(gpd.GeoSeries([shapely.Point(1, 2, 3)], crs=4326), None)[0]
    assert not places.has_z.any()


def test_features_that_lie_nowhere_or_cross_themselves_are_told():
    bow = shapely.Polygon([(0, 0), (1, 1), (0, 1), (1, 0)])
    file = [
        bow,
        shapely.Point(31.7, 119.97),
        shapely.Point(0, 0),
        None,
        shapely.Point(),
        shapely.Point(1, 2),
    ]
    assert _told(_place(gpd.GeoSeries(file, crs=4326), None)[3]) == [
        (2, "geometry", "is no place on earth"),
        (3, "geometry", "the coordinates are 0, 0"),
        (1, "geometry", "the outline crosses itself"),
    ]


def test_a_crs_of_no_place_on_earth_is_refused():
    moon = "+proj=longlat +R=1737400 +no_defs"
    with pytest.raises(DatumError, match="no way leads from its CRS"):
        _place(gpd.GeoSeries([shapely.Point(1, 2)], crs=moon), None)


def test_projected_coordinates_off_their_zone_are_no_crash():
    wild = gpd.GeoSeries(shapely.points([1e9, np.inf], [1e9, 0]), crs="EPSG:4549")
    assert [p.row for p in _place(wild, None)[3]] == [1, 2]


@pytest.mark.parametrize("srid", ["", "SRID=4326;", "srid=4490; "])
def test_well_known_text_is_geometry_in_the_crs_it_names(srid):
    cells = (f"{srid}POINT (119.97 31.7)", f"{srid}point(119.98 31.7)")
    raw = RawTable("a.csv", ("wkt",), (cells,), (2, 3))
    geometry, problems = read_wkt(raw, 0)
    assert problems == []
    assert geometry.x.tolist() == [119.97, 119.98]
    assert (geometry.crs is None) == (srid == "")


@pytest.mark.parametrize(
    "cell",
    ["", "POINT", "POINT (a b)", "GEOMETRYCOLLECTION (POINT (1 1))", "POINT (1 1", "(" * 20_000],
)
def test_what_is_no_well_known_text_is_told_by_its_row(cell):
    raw = RawTable("a.csv", ("wkt",), (("POINT (119.97 31.7)", cell),), (2, 3))
    assert [(p.row, p.column) for p in read_wkt(raw, 0)[1]] == [(3, "wkt")]


def test_rows_in_several_crs_are_refused():
    raw = RawTable("a.csv", ("wkt",), (("POINT (1 1)", "SRID=4326;POINT (1 1)"),), (2, 3))
    assert "several SRIDs" in read_wkt(raw, 0)[1][0].what
