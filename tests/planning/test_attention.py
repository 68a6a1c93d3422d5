"""Tiers and idleness of a plan of eleven cells, counted by hand."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest

from patrolmap.model.plan import UNSERVED_COLUMNS, Plan, Route, Visit
from patrolmap.planning.attention import idle_figures, idleness, tier_cover

MINUTE_S = 60


def plan(prizes: dict[str, float], visits: dict[str, tuple[int, int]]) -> Plan:
    """Ask for patrols ``cell:n`` from 0 to 100 min; visits run from minute to minute."""
    stops = pd.DataFrame(
        {
            "place_id": [name.split("/")[0] for name in prizes],
            "kind": "patrol",
            "tw_early_s": 0,
            "tw_late_s": 90 * MINUTE_S,
            "service_s": 10 * MINUTE_S,
            "prize": list(prizes.values()),
        },
        index=list(prizes),
    )
    made = [
        Visit(name, start * MINUTE_S, start * MINUTE_S, end * MINUTE_S, "patrol")
        for name, (start, end) in visits.items()
    ]
    empty = pd.DataFrame(columns=list(UNSERVED_COLUMNS))
    day = dt.date(2026, 9, 1)
    return Plan(day, "Asia/Shanghai", stops, (Route("U", tuple(made), 0, 0),), empty, 0)


def test_tiers_are_a_tenth_four_tenths_and_the_rest_by_worth():
    """Of ten cells the best is high, the next four middle; a cell's returns count with it."""
    prizes = {"c0": 50.0, "c0/2": 25.0} | {f"c{k}": 20.0 - k for k in range(1, 10)}
    card = tier_cover(plan(prizes, {"c0": (0, 10), "c1": (10, 20), "c9": (20, 30)}))
    assert card["priority_high_cover_share"] == pytest.approx(50 / 75)
    assert card["priority_middle_cover_share"] == pytest.approx(19 / (19 + 18 + 17 + 16))
    assert card["priority_low_cover_share"] == pytest.approx(11 / (15 + 14 + 13 + 12 + 11))
    assert card["cells_visited_share"] == pytest.approx(3 / 10)


def test_a_plan_without_patrols_lacks_none():
    card = tier_cover(plan({}, {}))
    assert set(card.values()) == {1.0}
    assert idle_figures(plan({}, {})) == {"idleness_worst_min": 0.0, "idleness_mean_min": 0.0}


def test_idleness_begins_with_the_first_hour_asked_for_and_ends_with_the_last():
    """Visits at 20-30 and 60-70 of 100 min: gaps of 20, 30 and 30; 400+900+900 over 200."""
    idle = idleness(plan({"a": 1.0, "a/2": 1.0, "b": 1.0}, {"a": (20, 30), "a/2": (60, 70)}))
    assert list(idle.index) == ["a"]  # b is never visited
    assert idle.loc["a", "worst_min"] == 30
    assert idle.loc["a", "mean_min"] == pytest.approx(2_200 / 200)


def test_the_worst_is_over_all_cells_and_the_mean_between_them():
    """a: 45 and 45 of 100, b: 0 and 90: means 20.25 and 40.5."""
    card = idle_figures(plan({"a": 1.0, "b": 1.0}, {"a": (45, 55), "b": (0, 10)}))
    assert card["idleness_worst_min"] == 90
    assert card["idleness_mean_min"] == pytest.approx((20.25 + 40.5) / 2)
