"""Settings keep their defaults, refuse what nobody can plan with, and survive the file."""

from __future__ import annotations

import json
from dataclasses import FrozenInstanceError, asdict, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patrolmap.errors import InputError
from patrolmap.model.kinds import PRIORITY_PARTS
from patrolmap.model.settings import (
    DEFAULT_WEIGHTS,
    Settings,
    settings_from_json,
    settings_to_json,
)

good_settings = st.builds(
    Settings,
    name=st.text(st.characters(codec="utf-8")),
    metric_crs=st.sampled_from(["", "EPSG:4549", "+proj=tmerc +lat_0=51.5 +lon_0=-0.1 +units=m"]),
    language=st.sampled_from(["zh", "en"]),
    synthetic=st.booleans(),
    cell_size_m=st.floats(20, 1000),
    reach_m=st.floats(0, 3000),
    arrival_before_s=st.integers(0, 7200),
    dwell_max_s=st.integers(960, 3600),
    walk_mps=st.floats(0.3, 3),
    weights=st.fixed_dictionaries(
        {part: st.floats(0.01, 1) for part in DEFAULT_WEIGHTS},
    ),
)


def test_the_defaults_are_those_with_a_source():
    """20 min before, 15 and 30 min after the bell; dwell 10-16 min, back within two hours."""
    settings = Settings()
    assert (settings.arrival_before_s, settings.arrival_after_s) == (1200, 900)
    assert (settings.dismissal_before_s, settings.dismissal_after_s) == (1200, 1800)
    assert (settings.dwell_min_s, settings.dwell_max_s, settings.return_gap_s) == (600, 960, 7200)
    assert settings.zone == "Asia/Shanghai"


def test_every_part_of_a_priority_has_a_weight_and_they_add_up_to_one():
    assert set(DEFAULT_WEIGHTS) == set(PRIORITY_PARTS)
    assert sum(DEFAULT_WEIGHTS.values()) == pytest.approx(1)


def test_settings_cannot_be_changed_and_share_nothing():
    first, second = Settings(), Settings()
    with pytest.raises(FrozenInstanceError):
        first.name = "x"  # type: ignore[misc]
    first.weights["venues"] = 9.0
    assert second.weights == DEFAULT_WEIGHTS == Settings().weights


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"cell_size_m": 19.9}, "cell_size_m is not within 20 to 1000"),
        ({"cell_size_m": float("nan")}, "cell_size_m is not within 20 to 1000"),
        ({"reach_m": -1}, "reach_m is not within 0 to 3000"),
        ({"walk_mps": 0}, "walk_mps is not within 0.3 to 3"),
        ({"dwell_min_s": 961}, "dwell_min_s is longer than dwell_max_s"),
        ({"dwell_min_s": 59}, "dwell_min_s must be at least 60"),
        ({"weights": {"incidents": 1.0}}, "weights must name incidents, venues"),
        ({"weights": DEFAULT_WEIGHTS | {"venues": -0.1}}, "weights must be 0 or more"),
        ({"weights": DEFAULT_WEIGHTS | {"venues": float("nan")}}, "weights must be 0 or more"),
        ({"weights": DEFAULT_WEIGHTS | {"venues": float("inf")}}, "weights must be 0 or more"),
        ({"weights": dict.fromkeys(DEFAULT_WEIGHTS, 0.0)}, "weights must not all be 0"),
        ({"arrival_before_s": -1}, "a window must not begin after its bell"),
        ({"dismissal_after_s": -1}, "a window must not begin after its bell"),
        ({"return_gap_s": -1}, "return_gap_s must be 0 or more"),
        ({"beat_warn_m": 5000.0}, "beat_warn_m is not within 0 to beat_most_m"),
        ({"signal_wait_s": -1.0}, "signal_wait_s is not within 0 to 300"),
        ({"crossing_wait_s": 301.0}, "crossing_wait_s is not within 0 to 300"),
        ({"snap_m": 1001}, "snap_m is not within 0 to 1000"),
        ({"language": "fr"}, "'fr' is no language"),
        ({"zone": "Mars/Olympus"}, "'Mars/Olympus' is no time zone"),
        ({"zone": "../../etc/passwd"}, "is no time zone"),
        ({"metric_crs": "EPSG:4326"}, "'EPSG:4326' is no metric CRS"),
    ],
)
def test_settings_nobody_can_plan_with_are_refused(changes: dict[str, Any], told: str):
    with pytest.raises(InputError, match=r"^settings: .*Correct them\.$") as caught:
        replace(Settings(), **changes)
    assert told in str(caught.value)


def test_all_that_is_wrong_is_told_together():
    with pytest.raises(InputError) as caught:
        Settings(cell_size_m=1, walk_mps=9, zone="x")
    assert all(word in str(caught.value) for word in ("cell_size_m", "walk_mps", "time zone"))


@given(good_settings)
def test_settings_survive_the_file(settings: Settings):
    assert settings_from_json(settings_to_json(settings)) == settings


def test_settings_are_written_alike_whatever_the_order():
    turned = dict(reversed(DEFAULT_WEIGHTS.items()))
    assert settings_to_json(Settings(weights=turned)) == settings_to_json(Settings())


def test_settings_of_an_older_file_get_the_defaults_of_what_is_new():
    assert settings_from_json('{"name": "示例"}') == Settings(name="示例")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{", "settings cannot be read: Expecting property name"),
        ("[]", "they are no JSON object"),
        ("null", "they are no JSON object"),
        ('{"colour": 1, "mood": 2}', "settings: nothing is called colour, mood"),
        ('{"cell_size_m": "wide"}', "settings: cell_size_m: Input should be a valid number"),
        ('{"dwell_min_s": 600.5}', "settings: dwell_min_s: Input should be a valid integer"),
        ('{"weights": {"venues": []}}', "settings: weights.venues: Input should be a valid number"),
        ('{"language": "fr"}', "settings: language: Input should be 'zh' or 'en'"),
        ('{"cell_size_m": 5}', "settings: cell_size_m is not within 20 to 1000. Correct them."),
    ],
)
def test_settings_a_file_cannot_mean_are_refused(text: str, told: str):
    with pytest.raises(InputError) as caught:
        settings_from_json(text)
    assert told in str(caught.value)


def test_every_setting_is_in_the_file():
    assert json.loads(settings_to_json(Settings())) == asdict(Settings())
