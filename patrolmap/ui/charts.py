"""The day of every crew as bars."""

from __future__ import annotations

from typing import Final

import altair as alt
import pandas as pd

from patrolmap.model.kinds import kind_name
from patrolmap.model.language import Language, translator

ROW_PX: Final = 34
# Okabe and Ito's palette, told apart by colour-blind readers; see jfly.uni-koeln.de/color
_COLOURS: Final = ("#0072B2", "#009E73", "#999999", "#E69F00")


def timeline_chart(bars: pd.DataFrame, language: Language) -> alt.Chart:
    """
    Draw one row of bars a crew: posts, patrols, ways and breaks over the time of day.

    Parameters
    ----------
    bars
        From `patrolmap.ui.tables.timeline`.
    language
        Of the axes and the legend.
    """
    _ = translator(language)
    kinds = [kind_name("stop", kind, language) for kind in ("post", "patrol")]
    colour = alt.Scale(domain=[*kinds, _("on the way"), _("break")], range=list(_COLOURS))
    chart: alt.Chart = (
        alt.Chart(bars)
        .mark_bar(height=ROW_PX * 0.6)
        .encode(
            x=alt.X("start:T", title=None, axis=alt.Axis(format="%H:%M")),
            x2="end:T",
            y=alt.Y("crew:N", title=None),
            color=alt.Color("what:N", scale=colour, legend=alt.Legend(title=None, orient="top")),
            tooltip=[
                alt.Tooltip("crew:N", title=_("Crew")),
                alt.Tooltip("what:N", title=_("What")),
                alt.Tooltip("name:N", title=_("Where")),
                alt.Tooltip("start:T", title=_("From"), format="%H:%M"),
                alt.Tooltip("end:T", title=_("Until"), format="%H:%M"),
            ],
        )
        .properties(height=ROW_PX * max(1, bars["crew"].nunique()))
    )
    return chart
