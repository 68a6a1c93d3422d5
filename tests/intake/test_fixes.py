"""What the checks offer does what it says, leaves the rest alone, and ends the finding."""

from __future__ import annotations

import pandas as pd
import pytest
import shapely
from pandas.testing import assert_frame_equal

from patrolmap.errors import InputError
from patrolmap.intake.checks import check_precinct
from patrolmap.intake.fixes import apply_fix
from tests import tiny


def _broken(layer: str, row: str, **values: object) -> dict[str, pd.DataFrame]:
    frames = tiny.precinct()
    for column, value in values.items():
        frames[layer].loc[row, column] = value
    return frames


def _finding(frames: dict[str, pd.DataFrame], code: str) -> dict[str, str]:
    found = check_precinct(frames, metric_crs=tiny.METRIC_CRS)
    return found[found["code"] == code].iloc[0].to_dict()


@pytest.mark.parametrize(
    ("layer", "row", "values", "code", "touched"),
    [
        ("schools", "S01", {"pupils": 0}, "odd_pupils", {"schools"}),
        ("gates", "G1", {"geometry": tiny.point(50, -60)}, "gate_off_street", {"gates"}),
        ("gates", "G4", {"geometry": tiny.point(500, 250)}, "off_street", {"gates"}),
        ("gates", "G2", {"geometry": tiny.point(220, 150)}, "gate_elsewhere", {"gates"}),
        ("incidents", "I05", {"geometry": shapely.Point(tiny.lonlat(9, 9)[::-1])}, "swapped",
         {"incidents"}),
        ("incidents", "I05", {"geometry": tiny.point(3500, 0)}, "far", {"incidents"}),
        ("venues", "C8", {"geometry": tiny.point(0, 40_000)}, "stray", {"venues"}),
        ("schools", "S03", {"name": "安达驾校", "kinds": "high"}, "not_for_pupils",
         {"schools", "gates", "bells", "exceptions"}),
    ],
)  # fmt: skip
def test_a_fix_ends_its_finding_and_touches_what_it_must(layer, row, values, code, touched):
    frames = _broken(layer, row, **values)
    whole = {name: frame.copy() for name, frame in frames.items()}
    changed = apply_fix(frames, _finding(frames, code))
    assert set(changed) == touched
    after = check_precinct(frames | changed, metric_crs=tiny.METRIC_CRS)
    assert code not in set(after["code"])
    for name, frame in frames.items():
        assert_frame_equal(frame, whole[name])


def test_swapped_coordinates_come_back_to_where_they_were():
    frames = _broken("incidents", "I05", geometry=shapely.Point(tiny.lonlat(9, 9)[::-1]))
    changed = apply_fix(frames, _finding(frames, "swapped"))["incidents"]
    assert changed.geometry["I05"].equals(shapely.Point(tiny.lonlat(9, 9)))


def test_merged_schools_keep_the_area_and_everything_that_named_either():
    """S04 is a point in S01's grounds, with a gate and a bell of its own and no pupils known."""
    frames = tiny.precinct()
    again = frames["schools"].loc[["S01"]].assign(name="Nine Year School", pupils=None)
    again = again.set_geometry([tiny.point(50, 50)], crs=4326).set_axis(["S04"])
    frames["schools"] = pd.concat([frames["schools"], again.rename_axis("school_id")])
    frames["gates"].loc["G2", "school_id"] = "S04"
    frames["bells"].loc["L3", ["school_id", "group"]] = ["S04", "high"]
    frames["helpers"].loc["A2", ["school_id", "window_id"]] = ["S04", "S04:arrival:all"]
    finding = _finding(frames, "same_place")
    assert (finding["row_id"], finding["fix_to"]) == ("S04", "S01")
    changed = apply_fix(frames, finding)
    assert set(changed) == {"schools", "gates", "bells", "helpers"}
    assert list(changed["schools"].index) == ["S01", "S02", "S03"]
    assert changed["schools"].geometry["S01"].geom_type == "Polygon"
    assert set(changed["gates"]["school_id"]) == {"S01", "S02", "S03"}
    assert changed["helpers"].loc["A2", "window_id"] == "S01:arrival:all"
    assert check_precinct(frames | changed, metric_crs=tiny.METRIC_CRS).empty


def test_a_merge_leaves_alone_what_names_a_school_whose_id_only_ends_alike():
    frames = tiny.precinct()
    again = frames["schools"].loc[["S01"]].set_axis(["1"])
    frames["schools"] = pd.concat([frames["schools"], again.rename_axis("school_id")])
    merge = {"finding_id": "", "layer": "schools", "row_id": "1", "fix": "merge", "fix_to": "S02"}
    assert set(apply_fix(frames, merge)) == {"schools"}


def test_crews_that_start_or_end_at_a_base_go_with_it():
    frames = tiny.precinct()
    base = frames["units"]["start_id"].iloc[0]
    drop = {"finding_id": "", "layer": "bases", "row_id": base, "fix": "drop", "fix_to": ""}
    left = apply_fix(frames, drop)["units"]
    assert base not in {*left["start_id"], *left["end_id"]}


def test_merging_fills_what_the_row_that_stays_lacks():
    frames = tiny.precinct()
    venues = frames["venues"]
    venues.loc["C5", ["name", "kind"]] = ["Tobacconist", "tobacco"]
    venues.loc["C5", "source"] = "list.csv"
    venues.loc["C4", "source"] = ""
    finding = _finding(frames, "same_place")
    kept, lost = finding["fix_to"], finding["row_id"]
    changed = apply_fix(frames, finding)["venues"]
    assert lost not in changed.index
    assert changed.loc[kept, "source"] == "list.csv"


def test_a_merged_gate_is_renamed_where_bells_use_it():
    frames = tiny.precinct()
    twin = frames["gates"].loc[["G2"]].set_axis(["G9"]).rename_axis("gate_id")
    frames["gates"] = pd.concat([frames["gates"], twin])
    frames["bells"].loc["L3", "gate_ids"] = "G2,G9"
    changed = apply_fix(frames, _finding(frames, "same_place"))
    assert changed["bells"].loc["L3", "gate_ids"] == "G2"


def test_what_has_no_fix_and_what_is_gone_is_refused():
    frames = _broken("gates", "G4", school_id="S09")
    with pytest.raises(InputError, match="has no fix"):
        apply_fix(frames, _finding(frames, "unknown_school"))
    frames = _broken("schools", "S01", pupils=0)
    finding = _finding(frames, "odd_pupils")
    with pytest.raises(InputError, match="no S01 in schools any more"):
        apply_fix(frames | {"schools": frames["schools"].drop("S01")}, finding)
