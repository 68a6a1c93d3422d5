"""Colours and classes that tell the truth."""

from __future__ import annotations

import math

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from patrolmap.delivery.map_style import CREWS, STEPS, classify, crew_colour, venue_groups
from patrolmap.model.kinds import codes

VALUES = st.lists(st.none() | st.floats(-1, 1e6, allow_nan=False), max_size=40)


def _luminance(colour: str) -> float:
    """Relative luminance by WCAG 2.2."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_every_kind_of_venue_is_in_one_group():
    grouped = [kind for _name, _colour, kinds in venue_groups("zh") for kind in kinds]
    assert sorted(grouped) == sorted(codes("venue"))


def test_steps_darken_so_that_grey_print_keeps_their_order():
    shades = [_luminance(colour) for colour in STEPS]
    assert shades == sorted(shades, reverse=True)


def test_white_figures_read_on_every_crew_colour():
    """WCAG AA asks for a contrast of 4.5."""
    assert all(1.05 / (_luminance(colour) + 0.05) >= 4.5 for colour in CREWS)


def test_colours_start_again_after_the_last_crew():
    assert crew_colour(len(CREWS)) == crew_colour(0)


@given(VALUES)
def test_a_higher_value_is_never_in_a_lower_step(values):
    series = pd.Series(values, dtype="Float64")
    step, bounds = classify(series)
    shown = series.notna() & (series > 0)
    assert (step[~shown.fillna(value=False)] == -1).all()
    assert set(step[shown.fillna(value=False)]) <= set(range(len(STEPS)))
    order = series[shown.fillna(value=False)].sort_values().index
    assert step[order].is_monotonic_increasing
    assert bounds == sorted(bounds)


@given(VALUES)
def test_the_highest_value_is_in_the_highest_step_within_its_bounds(values):
    series = pd.Series(values, dtype="Float64")
    step, bounds = classify(series)
    if not bounds:
        return
    top = series.idxmax()
    assert step[top] == len(STEPS) - 1
    assert math.isclose(bounds[-1], series[top])


def test_no_values_make_no_steps():
    assert classify(pd.Series([0.0, None], dtype="Float64"))[1] == []
