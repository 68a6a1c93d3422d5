"""A plan beside others as people read it: figure by figure, with a word on which is better."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import pandas as pd

from patrolmap.delivery.figures import figure_table
from patrolmap.model.language import Language, translator
from patrolmap.model.plan import clock_time

# Of which figures more is better, and of which less; of others neither, such as distances:
# who walks less may simply do less.
MORE_IS_BETTER: Final = frozenset({
    "post_cover_share", "post_people_min_manned", "patrol_visits", "priority_cover_share",
    "priority_high_cover_share", "priority_middle_cover_share", "priority_low_cover_share",
    "cells_visited_share", "dwell_right_share", "response_soon_share",
})  # fmt: skip
LESS_IS_BETTER: Final = frozenset({
    "posts_short", "required_unserved", "gap_to_bound_share", "return_gap_worst_min",
    "return_gap_mean_min", "idleness_worst_min", "idleness_mean_min", "response_p50_min",
    "response_p90_min", "guessed_right_share", "walking_share", "duty_balance_cv", "crews_idle",
})  # fmt: skip
SHOWN: Final = "priority_cover_share"


def comparison_table(cards: pd.DataFrame, language: Language) -> pd.DataFrame:
    """
    Lay scorecards side by side.

    Parameters
    ----------
    cards
        Index the names of figures; one column a plan, the first of which is judged against
        the others. NaN: the plan lacks the figure.
    language
        Of the words.

    Returns
    -------
    table
        Index the names of figures; a column for the figure in words, one for the verdict,
        and one a plan, all text.
    """
    _ = translator(language)
    titles = plan_titles(language)
    each = {plan: figure_table(cards[plan].dropna(), language) for plan in cards}
    first = each[next(iter(each))]
    written = pd.DataFrame({plan: table["value"] for plan, table in each.items()})
    written = written.reindex(first.index).fillna("")
    verdicts = [_verdict(cards, written, str(figure), language) for figure in first.index]
    named = {titles.get(plan, plan): written[plan] for plan in written}
    return pd.DataFrame({_("Figure"): first["figure"], _("This plan is"): verdicts, **named})


def _verdict(cards: pd.DataFrame, written: pd.DataFrame, figure: str, language: Language) -> str:
    """Say how the first plan does; values that read the same are the same."""
    _ = translator(language)
    sign = (figure in MORE_IS_BETTER) - (figure in LESS_IS_BETTER)
    own, *others = cards.columns
    rivals = [plan for plan in others if pd.notna(cards.loc[figure, plan])]
    apart = [plan for plan in rivals if written.loc[figure, plan] != written.loc[figure, own]]
    if not sign or not rivals:
        return ""
    gains = [sign * (cards.loc[figure, own] - cards.loc[figure, plan]) for plan in apart]
    better, worse = sum(gain > 0 for gain in gains), sum(gain < 0 for gain in gains)
    some_worse = _("worse than {n} of {all}").format(n=worse, all=len(rivals))
    cases = (
        (not apart, _("the same")),
        (better == len(rivals), _("better")),
        (worse == len(rivals), _("worse")),
        (not worse, _("none is better")),
        (not better, some_worse),
        (True, _("better than {n} of {all}").format(n=better, all=len(rivals))),
    )
    return next(word for holds, word in cases if holds)


def plan_titles(language: Language) -> dict[str, str]:
    """Name what a plan is compared with."""
    _ = translator(language)
    return {
        "plan": _("This plan"),
        "random": _("Random order"),
        "nearest": _("Nearest first"),
        "cycle": _("One round for all"),
        "before": _("The plan before, repeated"),
        "other": _("The other plan"),
        "hand": _("Plan made by hand"),
    }


def comparison_text(cards: pd.DataFrame, language: Language) -> str:
    """Say in one sentence whether the plan is better than what is made without a planner."""
    _ = translator(language)
    titles, shares = plan_titles(language), cards.loc[SHOWN].dropna()
    own, rivals = float(shares.iloc[0]), shares.iloc[1:].drop("other", errors="ignore")
    if rivals.empty:
        return ""
    best = str(rivals.idxmax())
    said = _("Priority covered: {own}, by {best} at most {share}.").format(
        own=f"{own:.0%}", best=f"“{titles.get(best, best)}”", share=f"{rivals[best]:.0%}"
    )
    if own > rivals[best]:
        return f"{said} {_('This plan is better.')}"
    return f"{said} {_('This plan is not better.')}"


def fault_words(language: Language) -> dict[str, str]:
    """Say what may be wrong with a row of a plan made by hand."""
    _ = translator(language)
    return {
        "overlap": _("begins {minutes} min before the crew's row ahead of it ends"),
        "too_far": _("the way there takes {minutes} min more than there are"),
        "no_way": _("no way leads there"),
        "off_shift": _("{minutes} min of it lie outside the crew's shift"),
        "home_late": _("the crew is back at its base {minutes} min after its shift"),
        "post_in_part": _("{minutes} min of the guard post's window are not manned"),
        "too_short": _("{minutes} min shorter than a visit that helps"),
        "not_asked": _("no post or patrol is asked for there at that time"),
    }


def fault_table(faults: pd.DataFrame, language: Language) -> pd.DataFrame:
    """Put what a plan made by hand does wrong into words, in the order of its rows."""
    _ = translator(language)
    words = fault_words(language)
    ordered = faults.sort_values(["row", "fault"], kind="stable")
    return pd.DataFrame(
        {
            _("Row"): ordered["row"],
            _("Crew"): ordered["unit_id"],
            _("Place"): ordered["place"],
            _("From"): _clock(ordered["at_s"]),
            _("What is wrong"): [
                words[fault].format(minutes=minutes)
                for fault, minutes in zip(ordered["fault"], ordered["minutes"], strict=True)
            ],
        }
    ).reset_index(drop=True)


def _clock(times: Sequence[int]) -> list[str]:
    return [clock_time(at_s) for at_s in times]
