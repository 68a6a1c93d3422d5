from __future__ import annotations

import datetime as dt
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal, assert_index_equal

from patrolmap.model.calendar import peak_windows
from patrolmap.model.kinds import PRIORITY_PARTS
from patrolmap.model.layers import check_layer, empty_layer
from patrolmap.risk.grid import make_school_grid
from patrolmap.risk.priority import FLOOR_SHARE, score_priority
from tests.tiny import DAY, METRIC_CRS, ORIGIN_M, SETTINGS, precinct

LAYERS = ("schools", "gates", "incidents", "venues", "traffic_points", "hazards")
CALENDAR = ("schools", "gates", "bells", "exceptions")
TINY = precinct()
CELLS = make_school_grid(TINY["schools"], metric_crs=METRIC_CRS)


def score(
    on_date: dt.date = DAY, *, cells: gpd.GeoDataFrame = CELLS, settings=SETTINGS, **layers
) -> pd.DataFrame:
    windows = peak_windows(on_date, *(TINY[n] for n in CALENDAR), settings)
    given = {name: TINY[name] for name in LAYERS} | layers
    return score_priority(cells, windows=windows, settings=settings, on_date=on_date, **given)


def only(part: str) -> dict[str, pd.DataFrame]:
    """Layers in which nothing but one part's objects is left."""
    kept = {
        "incidents": "incidents",
        "venues": "venues",
        "traffic": "traffic_points",
        "hazards": "hazards",
    }
    return {name: empty_layer(name) for p, name in kept.items() if p != part}


def cell_id(x_m: float, y_m: float) -> str:
    col, row = np.floor(np.add(ORIGIN_M, (x_m, y_m)) / 100).astype(int)
    return f"R{row}C{col}"


def test_the_parts_of_every_window_add_up_to_the_total():
    result = score()
    assert_index_equal(result.index, CELLS.index)
    assert result.columns.names == ["window", "part"]
    assert list(dict.fromkeys(result.columns.get_level_values("window"))) == [
        "arrival", "between", "dismissal", "evening_study",
    ]  # fmt: skip
    for kind in result.columns.levels[0]:
        assert tuple(result[kind].columns) == (*PRIORITY_PARTS, "total")
        np.testing.assert_allclose(
            result[kind][list(PRIORITY_PARTS)].sum(axis=1), result[kind]["total"], rtol=1e-12
        )


def test_priorities_are_complete_and_bounded_by_the_weights():
    result = score()
    assert np.isfinite(result.to_numpy()).all()
    assert (result.to_numpy() >= 0).all()
    assert (result.xs("total", axis=1, level="part") <= sum(SETTINGS.weights.values()) + 1e-12).all(
        axis=None
    )


def test_where_nothing_is_known_every_cell_keeps_the_same_floor():
    quiet = TINY["schools"].assign(pupils=0)
    nobody = {
        name: empty_layer(name) for name in ("incidents", "venues", "traffic_points", "hazards")
    }
    windows = peak_windows(
        DAY, quiet, TINY["gates"], TINY["bells"].assign(pupils=0), TINY["exceptions"], SETTINGS
    )
    result = score_priority(
        CELLS, windows=windows, schools=quiet, settings=SETTINGS, on_date=DAY, **nobody
    )
    totals = result.xs("total", axis=1, level="part")
    np.testing.assert_allclose(totals, FLOOR_SHARE)
    np.testing.assert_allclose(result.xs("pupils", axis=1, level="part"), totals)


def test_a_single_part_reaches_its_weight_where_it_is_strongest():
    """95 % of the weight at the place above which nothing lies; weights sum to 1."""
    for part in PRIORITY_PARTS[:-1]:
        top = score(**only(part)).xs(part, axis=1, level="part").to_numpy().max()
        assert top == pytest.approx(0.95 * SETTINGS.weights[part])


def test_incidents_count_where_and_when_they_happened():
    """
    I01, I03 and I05 happened at arrival around (50, 5), I07 at arrival at (250, 105).

    I08 was the only one whose time was evening study, at (255, 105).
    """
    incident_part = score(**only("incidents")).xs("incidents", axis=1, level="part")
    assert incident_part["arrival"].idxmax() == cell_id(50, 5)
    assert incident_part["evening_study"].idxmax() == cell_id(255, 105)
    assert (
        incident_part.loc[cell_id(255, 105), "arrival"]
        > incident_part.loc[cell_id(-150, -150), "arrival"]
    )


def test_what_happens_later_is_not_looked_at():
    """On 5 March only I01 lies in the past."""
    early = dt.date(2026, 3, 5)
    first = TINY["incidents"].loc[["I01"]]
    assert_frame_equal(score(early), score(early, incidents=first))
    assert (score(dt.date(2026, 3, 2))["arrival"]["incidents"] == 0).all()


def incident(
    severity: int = 1, origin: str = "reported", day: str = "2026-08-31"
) -> gpd.GeoDataFrame:
    frame = (
        TINY["incidents"]
        .loc[["I01"]]
        .assign(severity=severity, origin=origin, began_at=pd.Timestamp(f"{day}T07:45+08:00"))
    )
    return frame.set_axis([f"{severity}{origin}{day}"])


@pytest.mark.parametrize(
    ("strong", "weak", "ratio"),
    [
        (incident(severity=4), incident(severity=1), 4),
        (incident(), incident(origin="discovered"), 2),
        (incident(), incident(origin="inspection"), 1),
        (incident(day="2026-08-31"), incident(day="2026-03-04"), 2),
    ],
)
def test_incidents_weigh_by_severity_origin_and_age(strong, weak, ratio):
    """4 March is 180 days, one half-life, before 31 August. The weak one is moved 600 m away."""
    moved = weak.set_geometry(weak.to_crs(METRIC_CRS).translate(600, 0).to_crs(4326))
    both = check_layer(pd.concat([strong, moved]), "incidents")
    far = precinct()["schools"].loc[["S01"]]
    east = far.set_geometry(far.to_crs(METRIC_CRS).translate(600, 0).to_crs(4326)).set_axis(["S09"])
    cells = make_school_grid(pd.concat([far, east]), metric_crs=METRIC_CRS)
    cells = cells.assign(shared_by="S01", school_id="S01")
    part = score(cells=cells, **(only("incidents") | {"incidents": both}))["arrival"]["incidents"]
    # the 99th percentile cuts the strongest cell: compare beside it
    assert part[cell_id(150, 5)] / part[cell_id(750, 5)] == pytest.approx(ratio, rel=0.01)


def test_evening_study_concerns_only_the_schools_that_hold_it():
    """S02 alone holds it; on Fridays nobody does."""
    result = score()["evening_study"]
    reached = CELLS["shared_by"].str.split(",").map(lambda ids: "S02" in ids)
    assert (~reached).any()
    np.testing.assert_allclose(result.loc[~reached, "total"], FLOOR_SHARE)
    assert (result.loc[reached, "total"] > FLOOR_SHARE).all()
    assert "evening_study" not in score(dt.date(2026, 9, 11)).columns.get_level_values("window")


def test_a_day_off_has_no_windows_and_an_empty_grid_no_rows():
    assert score(dt.date(2026, 9, 5)).shape == (len(CELLS), 0)
    empty = score(cells=empty_layer("cells"))
    assert empty.shape == (0, 24)
    assert empty.index.name == "cell_id"


def test_gates_may_be_unknown():
    """The windows name gates, but nobody says where they are: pupils pass at the campus."""
    windows = peak_windows(DAY, *(TINY[n] for n in CALENDAR), SETTINGS)
    layers = {name: TINY[name] for name in LAYERS if name != "gates"}
    result = score_priority(CELLS, windows=windows, settings=SETTINGS, on_date=DAY, **layers)
    assert_frame_equal(result, score(gates=empty_layer("gates")))
    assert result["arrival"]["pupils"][cell_id(50, 50)] > FLOOR_SHARE


@settings(deadline=None, max_examples=15)
@given(
    seed=st.integers(0, 999),
    weights=st.lists(st.floats(0, 5), min_size=5, max_size=5).filter(any),
    keep=st.sampled_from([("incidents",), ("venues", "hazards"), ("traffic_points",), ()]),
)
def test_any_weights_and_any_order_of_cells_give_the_same_explained_sum(seed, weights, keep):
    own = replace(SETTINGS, weights=dict(zip(PRIORITY_PARTS, weights, strict=True)))
    layers = {name: empty_layer(name) for name in LAYERS[2:] if name not in keep}
    shuffled = CELLS.sample(frac=1, random_state=seed)
    result = score(cells=shuffled, settings=own, **layers)
    assert_index_equal(result.index, shuffled.index)
    assert_frame_equal(result.loc[CELLS.index], score(settings=own, **layers))
    totals = result.xs("total", axis=1, level="part")
    assert (totals >= FLOOR_SHARE * sum(weights) - 1e-9).all(axis=None)
    assert (totals <= sum(weights) + 1e-9).all(axis=None)
