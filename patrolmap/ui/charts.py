"""What is drawn besides the map: the day of every crew as bars, and cells taken apart."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import altair as alt
import pandas as pd

from patrolmap.model.kinds import PRIORITY_PARTS, kind_name
from patrolmap.model.language import Language, translator
from patrolmap.model.plan import Plan, Route

ROW_PX: Final = 32
BAR_PX: Final = 20
FRAME_PX: Final = 80  # legend and axis
# Okabe and Ito's palette, told apart by colour-blind readers; see jfly.uni-koeln.de/color
_DAY_COLOURS: Final = ("#0072B2", "#009E73", "#999999", "#E69F00")
_PART_COLOURS: Final = ("#D55E00", "#CC79A7", "#0072B2", "#E69F00", "#56B4E9")

Bar = tuple[str, str, str, float, float]


def timeline(plan: Plan, language: Language) -> pd.DataFrame:
    """
    Lay each crew's day out as bars for a chart.

    Returns
    -------
    bars
        Columns crew, what, name, start, end (moments without zone, local time).
    """
    midnight = pd.Timestamp(plan.date)
    rows = [bar for route in plan.routes for bar in _bars(plan, route, language)]
    bars = pd.DataFrame(rows, columns=["crew", "what", "name", "start_s", "end_s"])
    for edge in ("start", "end"):
        bars[edge] = midnight + pd.to_timedelta(bars.pop(f"{edge}_s"), unit="s")
    return bars


def _bars(plan: Plan, route: Route, language: Language) -> Iterator[Bar]:
    _ = translator(language)
    for leg in route.legs:
        if leg.kind == "travel":
            yield route.unit_id, _("on the way"), "", leg.times_s[0], leg.times_s[-1]
    for visit in route.visits:
        if visit.is_break:
            yield route.unit_id, _("break"), "", visit.start_s, visit.end_s
            continue
        stop = plan.stops.loc[visit.stop_id]
        what = kind_name("stop", str(stop.kind), language)
        yield route.unit_id, what, str(stop.get("name", "")), visit.start_s, visit.end_s


def timeline_chart(bars: pd.DataFrame, language: Language) -> alt.Chart:
    """
    Draw one row of bars a crew: posts, patrols, ways and breaks over the time of day.

    Parameters
    ----------
    bars
        From `timeline`.
    language
        Of the axes and the legend.
    """
    _ = translator(language)
    kinds = [kind_name("stop", kind, language) for kind in ("post", "patrol")]
    colour = alt.Scale(domain=[*kinds, _("on the way"), _("break")], range=list(_DAY_COLOURS))
    chart: alt.Chart = (
        alt.Chart(bars)
        .mark_bar(height=BAR_PX, stroke="white", strokeWidth=0.5)
        .encode(
            x=alt.X("start:T", title=None, axis=alt.Axis(format="%H:%M", grid=True)),
            x2="end:T",
            y=alt.Y("crew:N", title=None, axis=alt.Axis(labelOverlap=False)),
            color=alt.Color("what:N", scale=colour, legend=alt.Legend(title=None, orient="top")),
            tooltip=[
                alt.Tooltip("crew:N", title=_("Crew")),
                alt.Tooltip("what:N", title=_("What")),
                alt.Tooltip("name:N", title=_("Where")),
                alt.Tooltip("start:T", title=_("From"), format="%H:%M"),
                alt.Tooltip("end:T", title=_("Until"), format="%H:%M"),
            ],
        )
        .properties(height=FRAME_PX + ROW_PX * bars["crew"].nunique())
    )
    return chart


def parts_chart(parts: pd.DataFrame, language: Language) -> alt.Chart:
    """
    Draw what each ranked cell's priority is made of, one stacked bar a cell.

    Parameters
    ----------
    parts
        From `patrolmap.ui.tables.ranking_parts`.
    language
        Of the legend.
    """
    _ = translator(language)
    names = [kind_name("part", part, language) for part in PRIORITY_PARTS]
    colour = alt.Scale(domain=names, range=list(_PART_COLOURS))
    chart: alt.Chart = (
        alt.Chart(parts)
        .mark_bar(height=BAR_PX)
        .encode(
            x=alt.X("sum(value):Q", title=None),
            y=alt.Y(
                "cell:N", title=None, sort=alt.SortField("rank"), axis=alt.Axis(labelOverlap=False)
            ),
            color=alt.Color("part:N", scale=colour, legend=alt.Legend(title=None, orient="top")),
            order=alt.Order("order:Q"),
            tooltip=[
                alt.Tooltip("cell:N", title=_("Cell")),
                alt.Tooltip("part:N", title=_("Part")),
                alt.Tooltip("value:Q", title=_("Adds"), format=".2f"),
            ],
        )
        .properties(height=FRAME_PX + ROW_PX * parts["cell"].nunique())
    )
    return chart
