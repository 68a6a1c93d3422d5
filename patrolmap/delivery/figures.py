"""The figures of a plan's scorecard as people read them: named, with units and aims."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

import pandas as pd

from patrolmap.model.language import Language, translator

# How the end of a figure's name says its unit, and how such a value is written.
_FORMS: Final[dict[str, Callable[[float], str]]] = {
    "_share": lambda value: f"{value:.0%}",
    "_m": lambda value: f"{value / 1000:.1f} km",
    "_cv": lambda value: f"{value:.2f}",
}


def figure_table(scorecard: Mapping[str, float], language: Language) -> pd.DataFrame:
    """
    Put the figures of a scorecard into words.

    Parameters
    ----------
    scorecard
        From `patrolmap.planning.scorecard.summarize`; a figure without words keeps its name.
    language
        Of the words.

    Returns
    -------
    table
        Index the names of the figures; columns figure, value (text with its unit) and aim
        (may be empty), what matters first.

    References
    ----------
    Aims: dwell and return, Koper (1995), Justice Quarterly 12:649; length of a foot beat, the
    Philadelphia experiments (beats of about 2.1 km worked, of 4.8 km did not), Ratcliffe et
    al. (2011), Criminology 49:795.
    """
    known = _words(language)
    unknown = {name: (name, "") for name in scorecard if name not in known}
    rows = {
        name: (figure, _written(name, scorecard[name], language), aim)
        for name, (figure, aim) in (known | unknown).items()
        if name in scorecard
    }
    columns = ["figure", "value", "aim"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns, dtype="str")


def _written(name: str, value: float, language: Language) -> str:
    _ = translator(language)
    for end, form in _FORMS.items():
        if name.endswith(end):
            return form(value)
    if "_min" in name:
        return f"{value:.0f} {_('min')}"
    return f"{value:.0f}"


def _words(language: Language) -> dict[str, tuple[str, str]]:
    _ = translator(language)
    more, less = _("the more, the better"), _("the less, the better")
    return {
        "post_cover_share": (_("Guard posts manned, of the people-minutes asked for"), "100%"),
        "posts_short": (_("Guard posts short of people"), "0"),
        "required_unserved": (_("Required stops not served"), "0"),
        "post_people_min_required": (_("People-minutes asked for at guard posts"), ""),
        "post_people_min_manned": (_("People-minutes given at guard posts"), ""),
        "patrol_visits": (_("Patrol visits"), ""),
        "priority_cover_share": (_("Priority covered by patrol visits"), more),
        "priority_high_cover_share": (_("… in the tenth of cells that matter most"), more),
        "priority_middle_cover_share": (_("… in the next four tenths"), more),
        "priority_low_cover_share": (_("… in all other cells"), more),
        "cells_visited_share": (_("Cells visited at least once"), more),
        "gap_to_bound_share": (
            _("Priority short of a bound no plan can pass (a loose one)"),
            less,
        ),
        "dwell_right_share": (_("Visits of the right length"), "100%"),
        "return_gap_worst_min": (_("Longest time between two visits to a place"), "≤ 120 min"),
        "return_gap_mean_min": (_("Mean time between two visits to a place"), "≤ 120 min"),
        "idleness_worst_min": (_("Longest time a visited cell is left alone"), less),
        "idleness_mean_min": (_("Mean time since the last visit"), less),
        "response_p50_min": (_("Nearest crew at a gate, half of the time within"), less),
        "response_p90_min": (_("Nearest crew at a gate, nine times of ten within"), less),
        "response_soon_share": (_("Nearest crew at a gate within 5 minutes"), "100%"),
        "guessed_right_share": (_("One who watched the days before guesses right"), less),
        "walking_share": (_("Share of working time on the way"), less),
        "duty_balance_cv": (_("Imbalance between crews (spread over mean)"), "≈ 0"),
        "crew_distance_max_m": (_("Longest way of a crew"), ""),
        "distance_sum_m": (_("Way of all crews"), ""),
        "beat_length_max_m": (_("Longest beat walked in one visit"), "≤ 2.1 km"),
        "crews_idle": (_("Crews without any stop"), "0"),
        "patrols_not_offered": (_("Visits to lesser cells that crews were not offered"), ""),
        "cells_without_street": (_("Cells without a street, never patrolled"), "0"),
    }
