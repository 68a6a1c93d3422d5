"""Scorecards side by side, with a word on which plan is better."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from patrolmap.delivery.comparison import (
    LESS_IS_BETTER,
    MORE_IS_BETTER,
    comparison_table,
    comparison_text,
    fault_table,
    fault_words,
)
from patrolmap.planning.by_hand import FAULTS

CARDS = pd.DataFrame(
    {
        "plan": {"priority_cover_share": 0.5, "idleness_worst_min": 60, "posts_short": 1,
                 "distance_sum_m": 9_000, "walking_share": 0.2, "response_p50_min": 3.0},
        "random": {"priority_cover_share": 0.3, "idleness_worst_min": 50, "posts_short": 1,
                   "distance_sum_m": 8_000, "walking_share": 0.1, "response_p50_min": np.nan},
        "nearest": {"priority_cover_share": 0.4, "idleness_worst_min": 40, "posts_short": 1,
                    "distance_sum_m": 7_000, "walking_share": 0.3, "response_p50_min": np.nan},
    }
)  # fmt: skip


def test_more_or_less_is_better_and_what_reads_the_same_is_the_same():
    table = comparison_table(CARDS, "en")
    assert table["This plan is"].to_dict() == {
        "posts_short": "the same",
        "priority_cover_share": "better",
        "idleness_worst_min": "worse",
        "walking_share": "better than 1 of 2",
        "response_p50_min": "",  # nobody to compare with
        "distance_sum_m": "",  # neither more nor less is better
    }
    assert table.loc["priority_cover_share", "Nearest first"] == "40%"
    assert table.loc["response_p50_min", "Random order"] == ""


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_column_has_a_heading_of_its_own(language: str):
    every = CARDS.assign(cycle=1.0, before=1.0, other=1.0, hand=1.0)
    table = comparison_table(every, language)
    assert table.columns.is_unique
    assert len(table.columns) == 2 + 7


def test_one_sentence_says_whether_the_plan_is_better():
    said = comparison_text(CARDS, "en")
    assert said == "Priority covered: 50%, by “Nearest first” at most 40%. This plan is better."
    worse = CARDS.assign(hand=CARDS["plan"] + 0.1)
    assert comparison_text(worse, "zh").endswith("本方案并不更好。")
    assert comparison_text(CARDS[["plan"]], "en") == ""


@pytest.mark.parametrize(
    ("shares", "verdict"),
    [
        ([0.5, 0.4, 0.4], "better"),
        ([0.5, 0.5, 0.4], "none is better"),
        ([0.5, 0.5, 0.5], "the same"),
        ([0.5, 0.5, 0.6], "worse than 1 of 2"),
        ([0.5, 0.4, 0.6], "better than 1 of 2"),
        ([0.5, 0.6, 0.6], "worse"),
    ],
)
def test_the_verdict_counts_whom_the_plan_beats(shares: list[float], verdict: str):
    cards = pd.DataFrame([shares], ["priority_cover_share"], ["plan", "random", "nearest"])
    assert comparison_table(cards, "en").iloc[0, 1] == verdict


def test_no_figure_is_better_both_ways():
    assert not MORE_IS_BETTER & LESS_IS_BETTER


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_fault_has_its_words(language: str):
    assert set(fault_words(language)) == set(FAULTS)
    faults = pd.DataFrame(
        [(3, "U", "gate", fault, 27_000, 7) for fault in FAULTS],
        columns=["row", "unit_id", "place", "fault", "at_s", "minutes"],
    )
    table = fault_table(faults, language)
    assert len(table) == len(FAULTS)
    assert not table.iloc[:, -1].str.contains("{", regex=False).any()
    assert (table.iloc[:, 3] == "07:30").all()
