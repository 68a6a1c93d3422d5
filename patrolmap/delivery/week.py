"""A week of plans as people read it: the days, and what one who watches them could guess."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from patrolmap.model.language import Language, day_words, translator
from patrolmap.model.plan import Plan


def days_table(plans: Mapping[str, Plan], language: Language) -> pd.DataFrame:
    """
    List the days of a week.

    Parameters
    ----------
    plans
        With their scorecards, by the id they are stored under.
    language
        Of the headings and of the days.
    """
    _ = translator(language)
    cards = [plan.settings["scorecard"] for plan in plans.values()]
    return pd.DataFrame(
        {
            _("Day"): [day_words(plan.date, language) for plan in plans.values()],
            _("Posts manned"): [f"{card['post_cover_share']:.0%}" for card in cards],
            _("Patrol visits"): [f"{card['patrol_visits']:.0f}" for card in cards],
            _("Priority covered"): [f"{card['priority_cover_share']:.0%}" for card in cards],
            _("Stored as"): list(plans),
        }
    )


def week_figures(week: Mapping[str, Any], language: Language) -> list[tuple[str, str]]:
    """
    Say what a week is like.

    Parameters
    ----------
    week
        What `plan_days` writes into the settings of its plans.
    language
        Of the words.

    Returns
    -------
    figures
        Pairs of a name and a value with its unit.
    """
    _ = translator(language)
    good = sum(pool["plans"] for pool in week["pools"])
    return [
        (_("One who watched last week guesses right"), f"{week['guessed_right_share']:.0%}"),
        (_("One who saw nothing guesses right"), f"{week['guessed_blind_share']:.0%}"),
        (_("If the same plan came every day"), "100%"),
        (_("Priority kept, of the best plans'"), f"{week['prize_kept_share']:.1%}"),
        (_("Good plans the days were drawn from"), str(good)),
    ]


def days_off_text(days: Sequence[dt.date], language: Language) -> str:
    """Name the days without school; empty where there is none."""
    _ = translator(language)
    comma = "、" if language == "zh" else ", "
    named = comma.join(day_words(day, language) for day in days)
    return _("No school, so no plan: {days}").format(days=named) if days else ""
