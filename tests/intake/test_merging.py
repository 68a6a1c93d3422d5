"""A listed school takes the campus the map has for it; nothing mapped is lost without a note."""

import geopandas as gpd
from shapely import Point, box

from patrolmap.intake.merging import adopt_campuses
from patrolmap.model.layers import check_layer

CRS = "EPSG:4549"
X, Y = 500_000.0, 3_508_000.0


def layer(name, rows, geometry):
    frame = gpd.GeoDataFrame(rows, geometry=geometry, crs=CRS).set_index("id")
    return check_layer(frame.to_crs(4326), name)


def place():
    """Two campuses 400 m apart; the list has a point inside one and a school far away."""
    mapped = layer(
        "schools",
        {"id": ["w1", "w2"], "name": ["东小学", "党校"], "kinds": ["primary", "primary"]},
        [box(X, Y, X + 100, Y + 100), box(X + 500, Y, X + 600, Y + 100)],
    )
    gates = layer(
        "gates", {"id": ["n1", "n2"], "school_id": ["w1", "w2"]}, [Point(X, Y), Point(X + 500, Y)]
    )
    listed = layer(
        "schools",
        {"id": ["S01", "S02"], "name": ["东小学", "西小学"], "kinds": ["primary", "primary"]},
        [Point(X + 110, Y + 50), Point(X - 900, Y)],
    )
    return listed, mapped, gates


def test_a_listed_point_takes_the_area_of_the_campus_beside_it():
    schools, _, _ = adopt_campuses(*place(), metric_crs=CRS)
    assert list(schools.geom_type) == ["Polygon", "Point"]
    assert abs(schools.to_crs(CRS).area.iloc[0] - 10_000) < 1


def test_gates_of_the_campus_become_the_listed_schools_and_others_go():
    _, gates, _ = adopt_campuses(*place(), metric_crs=CRS)
    assert dict(gates["school_id"]) == {"n1": "S01"}


def test_every_mapped_school_is_accounted_for_in_the_notes():
    _, _, notes = adopt_campuses(*place(), metric_crs=CRS)
    assert list(notes["code"]) == ["campus_adopted", "not_in_list"]
    assert list(notes["subject"]) == ["东小学", "党校"]


def test_one_campus_serves_one_listed_school_only():
    listed, mapped, gates = place()
    listed.loc[["S02"], "geometry"] = gpd.GeoSeries(
        [Point(X + 50, Y + 50)], index=["S02"], crs=CRS
    ).to_crs(4326)
    schools, _, _ = adopt_campuses(listed, mapped, gates, metric_crs=CRS)
    assert list(schools.geom_type) == ["Point", "Polygon"]  # the point inside wins


def test_without_mapped_campuses_the_list_stays_as_it_is():
    listed, mapped, gates = place()
    schools, kept, notes = adopt_campuses(listed, mapped.iloc[:0], gates.iloc[:0], metric_crs=CRS)
    assert schools.geometry.equals(listed.geometry)
    assert kept.empty
    assert notes.empty


def test_a_school_does_not_take_the_campus_of_a_kindergarten():
    listed, mapped, gates = place()
    kinds = mapped.assign(kinds=["kindergarten", "primary"])
    schools, kept, notes = adopt_campuses(listed, kinds, gates, metric_crs=CRS)
    assert list(schools.geom_type) == ["Point", "Point"]
    assert kept.empty
    assert list(notes["code"]) == ["not_in_list", "not_in_list"]
