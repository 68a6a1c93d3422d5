from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from patrolmap.model.layers import empty_layer
from patrolmap.risk.grid import make_school_grid
from patrolmap.risk.lattice import LETTERS, lattice_step_m, make_labels
from tests.tiny import METRIC_CRS, schools


@given(
    row=st.integers(-5_000, 300_000),
    col=st.integers(-5_000, 60_000),
    size_m=st.sampled_from([20, 49, 50, 100]),
)
def test_labels_are_short_and_unique_for_12_km_around(row, col, size_m):
    side = int(12_000 / size_m)
    steps = np.array([0, 1, side // 3, side // 2, side - 1])
    rows, cols = (row + steps).repeat(5), np.tile(col + steps, 5)
    labels = make_labels(rows, cols, size_m)
    assert len(set(labels)) == 25
    assert {len(label) for label in labels} == ({4} if size_m >= 50 else {6})
    assert set("".join(labels)) <= set(LETTERS) | set("0123456789")


def test_every_label_of_24_km_is_a_different_one():
    rows, cols = (axis.ravel() for axis in np.mgrid[35_000:35_240, 4_900:5_140])
    assert len(set(make_labels(rows, cols, 100))) == 240 * 240


def test_beyond_that_labels_get_longer_but_keep_their_beginning():
    """240 squares of 100 m further east the letters begin again, one lap on."""
    near, far = make_labels(np.array([35_101, 35_101]), np.array([4_974, 4_974 + 240]), 100)
    assert (near, far) == ("TG41-06", "TG41-16")
    assert make_labels(np.array([35_101]), np.array([4_974]), 100) == ["TG41"]


def test_cells_tell_the_lattice_they_stand_on():
    cells = make_school_grid(schools(), cell_size_m=75, metric_crs=METRIC_CRS)
    assert lattice_step_m(cells.to_crs(METRIC_CRS)) == pytest.approx(75, abs=1e-6)
    assert lattice_step_m(cells.to_crs("EPSG:32650")) is None
    assert lattice_step_m(empty_layer("cells").to_crs(METRIC_CRS)) is None
    assert lattice_step_m(cells.to_crs(METRIC_CRS)[["geometry"]]) is None
