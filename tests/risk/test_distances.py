"""
Verdicts around a campus shaped like a U, with a canal and a footbridge, worked out by hand.

The campus is the square from (0, 0) to (300, 300) without the yard from (100, 100) to
(200, 300), which opens to the north. Gate A stands at (0, 150) on the west wall, gate B at
(300, 50) on the east wall. A street runs along x = -10 in the west, from y = -400 to 800; a
canal lies at y = 400, and a footbridge crosses it at x = -10 alone. In the south a street along
y = -10 joins the west street to (700, -10).
"""

from __future__ import annotations

import datetime as dt
from itertools import product

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from patrolmap.errors import InputError
from patrolmap.model.contracts import CRS
from patrolmap.model.layers import check_layer, empty_layer
from patrolmap.model.network import Network, build_network
from patrolmap.model.rules import DistanceRule, describe_doubt
from patrolmap.risk.distances import COLUMNS, check_distances
from tests import tiny

DAY = dt.date(2026, 11, 24)
U = shapely.box(0, 0, 300, 300) - shapely.box(100, 100, 200, 301)


def rule(**changes: object) -> DistanceRule:
    """Make a rule: no internet café within 200 m, straight from the boundary, in all of China."""
    base = {
        "rule_id": "R", "citation": "Article 9", "venues": ("internet_cafe",),
        "schools": ("primary",), "within_m": 200.0, "origin": "boundary", "metric": "straight",
        "region": "CN", "status": "confirmed",
    }  # fmt: skip
    return DistanceRule(**{**base, **changes})


def layer(name: str, rows: dict[str, dict[str, object]]) -> gpd.GeoDataFrame:
    frame = pd.DataFrame.from_dict(rows, orient="index").astype(object)
    shapes = [tiny.to_wgs84(shape) for shape in frame.pop("at")]
    return check_layer(gpd.GeoDataFrame(frame, geometry=shapes, crs=CRS), name)


def school(at: shapely.Geometry = U, kinds: str = "primary") -> gpd.GeoDataFrame:
    return layer("schools", {"S": {"name": "School", "kinds": kinds, "at": at}})


def gates(provenance: str = "given") -> gpd.GeoDataFrame:
    said = {"school_id": "S", "provenance": provenance}
    return layer(
        "gates",
        {"A": {**said, "at": shapely.Point(0, 150)}, "B": {**said, "at": shapely.Point(300, 50)}},
    )


def venues(*xy: tuple[float, float], kind: str = "internet_cafe") -> gpd.GeoDataFrame:
    rows = {
        f"V{n}": {"name": "N", "kind": kind, "at": shapely.Point(at)} for n, at in enumerate(xy)
    }
    return layer("venues", rows)


def network() -> Network:
    rows = {
        "west": ("a", "b", [(-10, -400), (-10, -10)]),
        "west2": ("b", "c", [(-10, -10), (-10, 390)]),
        "bridge": ("c", "d", [(-10, 390), (-10, 410)]),
        "north": ("d", "e", [(-10, 410), (-10, 800)]),
        "south": ("b", "f", [(-10, -10), (700, -10)]),
        "east": ("g", "h", [(310, 410), (310, 800)]),
    }
    frame = gpd.GeoDataFrame(
        {
            "highway": "residential", "walkable": True, "drivable": True,
            "from_node": [row[0] for row in rows.values()],
            "to_node": [row[1] for row in rows.values()],
            "length_m": [shapely.LineString(row[2]).length for row in rows.values()],
        },
        index=list(rows),
        geometry=[tiny.line(*row[2]) for row in rows.values()],
        crs=CRS,
    )  # fmt: skip
    return build_network(check_layer(frame, "streets"), metric_crs=tiny.METRIC_CRS)


def judge(listed: gpd.GeoDataFrame, *rules: DistanceRule, **how: object) -> gpd.GeoDataFrame:
    given_gates = how.pop("gates", gates())
    schools = how.pop("schools", school())
    how = {"on_date": DAY, "metric_crs": tiny.METRIC_CRS, "region": "320412", **how}
    local = rule(rule_id="L", region="32", venues=("adult_shop",))  # there is a pack
    return check_distances(schools, given_gates, listed, [local, *rules], **how)


def verdict(at: tuple[float, float], **changes: object) -> tuple[str, float]:
    found = judge(venues(at), rule(**changes), network=network())
    (row,) = found.itertuples()
    return row.verdict, row.distance_m


# ---------------------------------------------------------------- the four ways to measure


@pytest.mark.parametrize(
    ("at", "origin", "metric", "metres"),
    [
        # 199.5 and 200.5 m west of the wall; gate A is level with the first two
        ((-199.5, 150), "boundary", "straight", 199.5),
        ((-200.5, 150), "boundary", "straight", 200.5),
        ((-199.5, 150), "gates", "straight", 199.5),
        ((-200.5, 150), "gates", "straight", 200.5),
        # in the yard of the U, 50 m from three walls, far from both gates
        ((150, 200), "boundary", "straight", 50.0),
        ((150, 200), "gates", "straight", 158.114),
        # south on the west street: 10 + 189.5 + 0
        ((-10, -39.5), "gates", "walking", 199.5),
        ((-10, -40.5), "gates", "walking", 200.5),
        # from the corner (0, 0) of the wall: 10 to the street, then 189.5 or 190.5 along it
        ((189.5 + 300, -10), "boundary", "walking", 199.5),
        ((190.5 + 300, -10), "boundary", "walking", 200.5),
    ],
)  # fmt: skip
def test_a_distance_is_measured_as_its_rule_says(at, origin, metric, metres):
    told, measured = verdict(at, origin=origin, metric=metric)
    assert measured == pytest.approx(metres, abs=0.15)
    assert told == ("breach" if metres < 200 else "clear")


def test_the_canal_is_crossed_by_the_footbridge_alone():
    """The café at (310, 420) is 120 m from the wall; no way leads there but over the bridge."""
    straight = verdict((310, 420))
    assert straight == ("breach", pytest.approx(120.4, abs=0.1))
    told = judge(venues((310, 420)), rule(metric="walking"), network=network())
    assert told["verdict"].tolist() == ["clear"]
    assert told["reason"].tolist() == ["longer_than 600"]


def test_over_the_bridge_it_is_as_far_as_the_street_is_long():
    """10 to the street, 259.5 along it and over the bridge, 10 from it."""
    asked = rule(origin="gates", metric="walking", within_m=280.0)
    found = judge(venues((-20, 409.5), (-20, 410.5)), asked, network=network())
    assert found["distance_m"].tolist() == pytest.approx([279.5, 280.5], abs=0.15)
    assert found["verdict"].tolist() == ["breach", "clear"]


def test_a_straight_line_that_is_long_enough_spares_the_walk():
    found = judge(venues((-20, 409.5)), rule(origin="gates", metric="walking"), network=network())
    assert found["verdict"].tolist() == ["clear"]
    assert found["reason"].tolist() == ["straight_enough"]
    assert found["distance_m"].tolist() == pytest.approx([260.27], abs=0.1)


def test_the_way_on_foot_is_drawn_along_the_streets():
    found = judge(venues((-20, 409.5)), rule(origin="gates", metric="walking", within_m=300.0),
                  network=network())  # fmt: skip
    way = found.to_crs(tiny.METRIC_CRS).geometry.iloc[0]
    assert way.length == pytest.approx(found["distance_m"].iloc[0], abs=0.2)
    assert found["gate_id"].tolist() == ["A"]


# ---------------------------------------------------------------- verdicts


def test_within_the_measuring_error_of_the_limit_it_is_near():
    cafes = venues((-194, 150), (-196, 150), (-204, 150), (-206, 150))
    found = judge(cafes, rule(), datum_error_m=5.0)
    assert dict(zip(found["venue_id"], found["verdict"], strict=True)) == {
        "V0": "breach", "V1": "near", "V2": "near", "V3": "clear",
    }  # fmt: skip
    assert (found["error_m"] == 5).all()


@pytest.mark.parametrize(
    ("reason", "told"),
    [
        ("datum_unknown", {"datum_error_m": None}),
        ("measure_unknown", {"rule": {"metric": None}}),
        ("no_gates", {"gates": empty_layer("gates"), "rule": {"origin": "gates"}}),
        ("gate_proposed", {"gates": gates("proposed"), "rule": {"origin": "gates"}}),
        ("grey_venue", {"rule": {"grey": ("internet_cafe",)}}),
        ("draft_rule", {"rule": {"status": "draft"}}),
        ("no_network", {"rule": {"metric": "walking"}}),
    ],
)
def test_what_could_turn_a_verdict_leaves_it_to_a_person(reason, told):
    how = dict(told)
    found = judge(venues((-100, 150)), rule(**how.pop("rule", {})), **how)
    assert found["verdict"].tolist() == ["needs_human_decision"]
    assert found["reason"].tolist() == [reason]
    assert reason not in describe_doubt(reason, "zh")


@pytest.mark.parametrize(
    "changes",
    [
        {"origin": "gates"}, {"metric": None}, {"metric": "walking"}, {"grey": ("internet_cafe",)},
        {"status": "draft"},
    ],
)  # fmt: skip
def test_what_lies_farther_than_the_wall_is_clear_whatever_is_in_doubt(changes):
    found = judge(venues((-1800, 150)), rule(**changes), gates=gates("proposed"))
    assert found["verdict"].tolist() == ["clear"]


@pytest.mark.parametrize(
    ("x", "told"), [(-199, "breach"), (-201, "needs_human_decision"), (-501, "clear")]
)
def test_a_campus_known_as_a_point_has_its_wall_somewhere_around_it(x, told):
    at_origin = school(shapely.Point(0, 0))
    found = judge(venues((x, 0)), rule(), schools=at_origin)
    assert found["verdict"].tolist() == [told]


def test_a_venue_off_the_streets_is_left_to_a_person():
    found = judge(venues((150, 290)), rule(origin="gates", metric="walking", within_m=300.0),
                  network=network())  # fmt: skip
    assert found["reason"].tolist() == ["off_street 100"]


# ---------------------------------------------------------------- which rules hold


def test_a_region_without_a_pack_says_so_and_clears_nothing():
    suqian = rule(rule_id="D07", region="3213", venues=("tobacco",))
    found = check_distances(
        school(), gates(), venues((-100, 150), kind="tobacco"), [suqian], region="320412"
    )
    assert found["verdict"].tolist() == ["unknown"]
    assert found["reason"].tolist() == ["no_pack 320412"]
    inside = check_distances(
        school(), gates(), venues((-100, 150), kind="tobacco"), [suqian], region="321302"
    )
    assert inside["verdict"].tolist() == ["breach"]


def test_without_a_region_only_the_countrys_rules_hold():
    found = check_distances(school(), gates(), venues((-100, 150)), [rule()])
    assert found["verdict"].tolist() == ["breach", "unknown"]
    assert found["reason"].tolist() == ["", "no_region"]


def test_a_law_without_a_number_is_told_for_the_kinds_no_rule_gives_one():
    law = rule(rule_id="D06", within_m=None, origin=None, metric=None,
               venues=("internet_cafe", "bar"))  # fmt: skip
    found = judge(venues((-100, 150)), law, rule())
    unknown = found[found["verdict"] == "unknown"]
    assert unknown["reason"].tolist() == ["no_number bar"]
    assert unknown["citation"].tolist() == ["Article 9"]


@pytest.mark.parametrize(
    ("begins", "ends", "holds"),
    [
        (None, None, True), (DAY, None, True), (None, DAY, True),
        (DAY + dt.timedelta(1), None, False), (None, DAY - dt.timedelta(1), False),
    ],
)  # fmt: skip
def test_a_rule_counts_while_it_is_in_force(begins, ends, holds):
    found = judge(venues((-100, 150)), rule(in_force_from=begins, in_force_to=ends))
    assert ("R" in set(found["rule_id"])) == holds


def test_a_school_of_several_kinds_is_under_the_rules_of_each():
    found = judge(
        venues((-100, 150)), rule(schools=("middle",)), schools=school(kinds="primary,middle")
    )
    assert found["verdict"].tolist() == ["breach"]
    other = judge(venues((-100, 150)), rule(schools=("kindergarten",)))
    assert other.empty


def test_of_a_venue_clear_of_all_schools_the_nearest_is_told():
    two = pd.concat([school(), school(shapely.box(-2000, 0, -1900, 100)).rename(index={"S": "T"})])
    found = judge(venues((-600, 150)), rule(), schools=check_layer(two, "schools"))
    assert found[["verdict", "school_id"]].to_numpy().tolist() == [["clear", "S"]]


def test_every_finding_cites_its_rule():
    found = judge(venues((-100, 150)), rule())
    assert [*COLUMNS, "geometry"] == list(found.columns)
    row = found.iloc[0]
    assert (row["rule_id"], row["citation"], row["status"]) == ("R", "Article 9", "confirmed")
    assert (row["origin"], row["metric"], row["within_m"]) == ("boundary", "straight", 200)


def test_nothing_to_judge_finds_nothing():
    assert judge(venues((0, 0)).iloc[:0], rule()).empty
    assert judge(
        venues((-100, 150)), rule(), schools=school().iloc[:0], gates=gates().iloc[:0]
    ).empty


def test_an_error_below_nothing_is_refused():
    with pytest.raises(InputError, match="datum_error_m is -1"):
        judge(venues((0, 0)), rule(), datum_error_m=-1.0)


# ---------------------------------------------------------------- laws

RANK = {"breach": 0, "near": 1, "clear": 2}


@settings(deadline=None, max_examples=60)
@given(
    st.floats(0, 360), st.floats(0, 600), st.floats(0, 300), st.sampled_from([0.0, 5.0, 40.0]),
    st.sampled_from(list(product(["boundary", "gates"], ["straight"]))),
)  # fmt: skip
def test_moving_a_venue_away_never_makes_its_verdict_worse(
    angle_deg: float, away_m: float, more_m: float, error_m: float, how: tuple[str, str]
):
    """Away from the middle of the campus, along one direction: its hull is what counts there."""
    hull = school(shapely.box(0, 0, 300, 300))
    middle, turned = shapely.Point(150, 150), shapely.Point(150 + 250, 150)
    import shapely.affinity as affine  # noqa: PLC0415

    one_way = affine.rotate(turned, angle_deg, origin=middle)
    dx, dy = (one_way.x - 150) / 250, (one_way.y - 150) / 250
    places = [(150 + dx * (430 + m), 150 + dy * (430 + m)) for m in (away_m, away_m + more_m)]
    asked = rule(origin=how[0], metric=how[1])
    found = judge(venues(*places), asked, schools=hull, datum_error_m=error_m)
    near, far = (RANK[found.set_index("venue_id")["verdict"][v]] for v in ("V0", "V1"))
    assert near <= far
