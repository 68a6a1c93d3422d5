"""
Colours and groups of the map: few, calm, told apart by colour-blind eyes and in grey print.

The five steps of priority are ColorBrewer's YlOrBr (Brewer & Harrower, colorbrewer2.org),
which runs from light to dark and so survives a photocopier. The crews' colours are dark
ones of Paul Tol's qualitative schemes (SRON/EPS/TN/09-002), on which white figures read.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd

from patrolmap.model.kinds import codes, in_group
from patrolmap.model.language import Language, translator

STEPS: Final = ("#ffffd4", "#fed98e", "#fe9929", "#d95f0e", "#993404")
CREWS: Final = (
    "#0077bb", "#aa3377", "#117733", "#332288", "#cc3311", "#00757a", "#7a5c00", "#555555",
)  # fmt: skip

INK: Final = "#24303c"
POLICE: Final = "#1d3f72"
SCHOOL: Final = "#3f5f9e"
HAZARD: Final = "#b3261e"
TRAFFIC: Final = "#5b6b7a"

RESTRICTED: Final = ("tobacco", "e_cig", "lottery", "adult_shop")
PLAY: Final = ("internet_cafe", "mahjong", *in_group("venue", "entertainment"))
FOOD: Final = (*in_group("venue", "food"), "stall")


def venue_groups(language: Language) -> list[tuple[str, str, tuple[str, ...]]]:
    """
    Sort the kinds of venues into the groups a patrol cares about: name, colour, kinds.

    Every kind stands in one group.

    Examples
    --------
    >>> [name for name, _, kinds in venue_groups("en") if "bar" in kinds]
    ['Internet cafés and entertainment']
    """
    _ = translator(language)
    named = [
        (_("Internet cafés and entertainment"), "#7b3294", PLAY),
        (_("Tobacco, lottery and adult goods"), "#a6611a", RESTRICTED),
        (_("Food and stalls"), "#4d9221", FOOD),
    ]
    taken = {kind for _name, _colour, kinds in named for kind in kinds}
    rest = tuple(kind for kind in codes("venue") if kind not in taken)
    return [*named, (_("Shops"), "#6d6d6d", rest)]


def crew_colour(number: int) -> str:
    """
    Give the colour of a crew, counted from 0; after the last they start again.

    Examples
    --------
    >>> crew_colour(0), crew_colour(8)
    ('#0077bb', '#0077bb')
    """
    return CREWS[number % len(CREWS)]


def classify(values: pd.Series) -> tuple[pd.Series, list[float]]:
    """
    Sort values into five steps of about equal numbers of cells.

    Quantiles, because priority is skewed and equal intervals would leave most of the map
    in one colour. Zero and missing values belong to no step.

    Parameters
    ----------
    values
        One number per cell.

    Returns
    -------
    step
        Int, index of `values`: 0 (lowest) to 4, or -1 for nothing to show.
    bounds
        Where the steps begin and end, rising: one more than there are steps. Where values
        repeat there are fewer steps, the highest ones; without values there are none.

    Examples
    --------
    >>> step, bounds = classify(pd.Series([0.0, 1, 2, 3, 4, 5]))
    >>> step.tolist(), bounds
    ([-1, 0, 1, 2, 3, 4], [1.0, 1.8, 2.6, 3.4, 4.2, 5.0])
    """
    numbers = values.astype("Float64").to_numpy(dtype=float, na_value=np.nan)
    counts = np.isfinite(numbers) & (numbers > 0)
    if not counts.any():
        return pd.Series(-1, index=values.index), []
    tops = np.unique(np.quantile(numbers[counts], [0.2, 0.4, 0.6, 0.8, 1.0]))
    step = np.searchsorted(tops, numbers, side="left") + len(STEPS) - len(tops)
    bounds = [float(bound) for bound in (numbers[counts].min(), *tops)]
    return pd.Series(np.where(counts, step, -1), index=values.index), bounds


def step_words(language: Language) -> Sequence[str]:
    """Name the five steps of priority, lowest first."""
    _ = translator(language)
    return (_("lowest fifth"), _("low"), _("middle"), _("high"), _("highest fifth"))


def styles(*, under_routes: bool = False) -> dict[str, dict[str, str | float]]:
    """
    Give the drawing options of every named style, as Leaflet's paths know them.

    Cells under routes are paler, so that the routes stand out.
    """
    strength = 0.55 if under_routes else 1.0
    graded: dict[str, dict[str, str | float]] = {
        f"cell-{step}": {
            "fillColor": colour, "fillOpacity": round((0.32 + 0.06 * step) * strength, 3),
            "color": "#8a6d3b", "weight": 0.5, "opacity": 0.5,
        }
        for step, colour in enumerate(STEPS)
    }  # fmt: skip
    venues = {
        f"venue-{number}": _dot(colour)
        for number, (_name, colour, _kinds) in enumerate(venue_groups("en"))
    }
    return {
        **graded,
        **venues,
        "cell": {"fillOpacity": 0, "color": "#8a6d3b", "weight": 0.5, "opacity": 0.5},
        "school": {"fillColor": SCHOOL, "fillOpacity": 0.16, "color": SCHOOL, "weight": 2},
        "traffic": _dot(TRAFFIC, radius=3),
        "travel": {"weight": 4, "opacity": 0.95},
        "beat": {"weight": 2.5, "opacity": 0.95, "dashArray": "7 5"},
        "connector": {"weight": 2.5, "opacity": 0.9, "dashArray": "1 6"},
    }


def _dot(colour: str, *, radius: float = 5) -> dict[str, str | float]:
    return {"radius": radius, "fillColor": colour, "fillOpacity": 0.9, "color": "#fff", "weight": 1}
