"""A week on screen: which cells are visited on which day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Final

import altair as alt
import pandas as pd

from patrolmap import workflow
from patrolmap.model.language import Language, day_words, translator
from patrolmap.model.plan import Plan

CELLS_SHOWN: Final = 30
ROW_PX: Final = 20
FRAME_PX: Final = 70  # axis and legend
_COLOURS: Final = ("#f1eef6", "#034e7b")  # of no visit and of many; told apart in grey too


def cell_visits(plans: Iterable[Plan], language: Language) -> pd.DataFrame:
    """
    Count the patrol visits of each cell on each day.

    Returns
    -------
    visits
        Columns cell, day (in words) and visits (0 where nobody comes): the cells visited
        most often, at most `CELLS_SHOWN`, each on every day.
    """
    days = {short_day(plan.date, language): _visited(plan) for plan in plans}
    table = pd.DataFrame({day: cells.value_counts() for day, cells in days.items()}).fillna(0)
    most = table.sum(axis=1).sort_values(ascending=False, kind="stable").index[:CELLS_SHOWN]
    long = table.loc[most].rename_axis("cell").reset_index()
    return long.melt("cell", var_name="day", value_name="visits").astype({"visits": "int64"})


def _visited(plan: Plan) -> pd.Series:
    """List the cell of each patrol visit."""
    patrols = plan.stops.loc[plan.stops["kind"] == "patrol", "name"]
    stops = [visit.stop_id for route in plan.routes for visit in route.visits]
    return patrols.reindex(pd.Index(stops).intersection(patrols.index))


def visits_chart(visits: pd.DataFrame, language: Language) -> alt.Chart:
    """Draw one row a cell and one column a day, darker the more visits there are."""
    _ = translator(language)
    cells = list(dict.fromkeys(visits["cell"]))
    chart: alt.Chart = (
        alt.Chart(visits)
        .mark_rect(stroke="white")
        .encode(
            x=alt.X(
                "day:N",
                title=None,
                sort=None,
                axis=alt.Axis(orient="top", labelAngle=0, labelFlush=False, labelOverlap=False),
            ),
            y=alt.Y(
                "cell:N",
                title=None,
                sort=cells,
                axis=alt.Axis(labelFlush=False, labelOverlap=False),
            ),
            color=alt.Color(
                "visits:Q",
                scale=alt.Scale(range=list(_COLOURS), domainMin=0),
                legend=alt.Legend(title=_("Visits"), tickMinStep=1, format="d", orient="bottom"),
            ),
            tooltip=[
                alt.Tooltip("cell:N", title=_("Cell")),
                alt.Tooltip("day:N", title=_("Day")),
                alt.Tooltip("visits:Q", title=_("Visits")),
            ],
        )
        .properties(height=FRAME_PX + ROW_PX * len(cells))
    )
    return chart


def short_day(date: dt.date, language: Language) -> str:
    """
    Write a day briefly, for a button.

    Examples
    --------
    >>> short_day(dt.date(2026, 11, 24), "zh")
    '11-24 周二'
    """
    return day_words(date, language)[5:]


def figures_of(plans: Mapping[str, Plan], language: Language) -> dict[str, str]:
    """Give what a watcher would guess, and what that costs, for a row of figures."""
    table = workflow.week_figures(plans.values(), language)
    return dict(table.itertuples(index=False, name=None))
