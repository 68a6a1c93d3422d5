"""Frames as people read them: headings and kinds in their language, times of day."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import geopandas as gpd
import pandas as pd

from patrolmap.model.kinds import PRIORITY_PARTS, VOCABULARY, kind_name
from patrolmap.model.language import Language, translator
from patrolmap.model.layers import CONTRACTS, Column, split_codes
from patrolmap.model.plan import Plan, clock_time

COUNTED: Final = ("schools", "gates", "venues", "traffic_points", "incidents", "hazards", "units")
_NOT_SHOWN: Final = ("basemap", "notes", "posts")


def layer_titles(language: Language) -> Callable[[str], str]:
    """Give a function that names layers."""
    return lambda layer: CONTRACTS[layer].title(language)


def shown_layers(frames: dict[str, pd.DataFrame]) -> list[str]:
    """List the layers that hold anything a person would look at."""
    return [
        n for n, frame in frames.items() if n in CONTRACTS and n not in _NOT_SHOWN and len(frame)
    ]


def layer_table(frame: pd.DataFrame, layer: str, language: Language) -> pd.DataFrame:
    """Show a layer or table without its geometry, with headings and kinds in words."""
    shape = CONTRACTS[layer]
    plain = pd.DataFrame(
        frame.drop(columns="geometry") if isinstance(frame, gpd.GeoDataFrame) else frame
    )
    said = {c.title(language): _in_words(plain[c.name], c, language) for c in shape.columns}
    return pd.DataFrame(said, index=plain.index)


def _in_words(values: pd.Series, column: Column, language: Language) -> pd.Series:
    if column.kinds:
        subject = column.kinds
        return values.map(
            lambda text: "、".join(kind_name(subject, code, language) for code in split_codes(text))
        )
    if column.type == "time_s":
        return values.map(clock_time, na_action="ignore")
    if column.type == "date":
        return values.dt.date
    return values


def findings_table(findings: pd.DataFrame, language: Language) -> pd.DataFrame:
    """Show what the checks found; severities and layers in words."""
    _ = translator(language)
    said = {"error": _("error"), "warning": _("warning"), "note": _("note")}
    return pd.DataFrame(
        {
            _("Severity"): findings["severity"].map(said),
            _("Layer"): findings["layer"].map(layer_titles(language)),
            _("Row"): findings["row_id"],
            _("What is wrong"): findings["what"],
            _("What to do"): findings["cure"],
        }
    )


def ranking_table(ranking: pd.DataFrame, language: Language) -> pd.DataFrame:
    """Show ranked cells; total and parts as percentages of the largest possible sum, 1."""
    _ = translator(language)
    named = ranking.drop(columns="window").rename(
        columns={"rank": _("Rank"), "cell": _("Cell"), "school": _("School")}
    )
    parts = {part: kind_name("part", part, language) for part in VOCABULARY["part"]}
    return named.rename(columns=parts).round(3)


def parts_of(ranking: pd.DataFrame, row: int, language: Language) -> pd.Series:
    """Give the parts of one ranked cell's priority, named, for a bar chart."""
    parts = ranking.iloc[row][list(PRIORITY_PARTS)].astype(float)
    return parts.rename(lambda part: kind_name("part", part, language))


def headline(plan: Plan, language: Language) -> dict[str, str]:
    """Give the figures a commander asks for first."""
    _ = translator(language)
    figures = plan.settings["scorecard"]
    return {
        _("Posts manned"): f"{figures['post_cover_share']:.0%}",
        _("Posts short of people"): f"{figures['posts_short']:.0f}",
        _("Patrol visits"): f"{figures['patrol_visits']:.0f}",
        _("Priority covered"): f"{figures['priority_cover_share']:.0%}",
    }


def timeline(plan: Plan, language: Language) -> pd.DataFrame:
    """
    Lay each crew's day out as bars for a chart.

    Returns
    -------
    bars
        Columns crew, what, name, start, end (moments without zone, local time).
    """
    midnight = pd.Timestamp(plan.date)
    rows = [bar for route in plan.routes for bar in _bars(plan, route.unit_id, language)]
    bars = pd.DataFrame(rows, columns=["crew", "what", "name", "start_s", "end_s"])
    for edge in ("start", "end"):
        bars[edge] = midnight + pd.to_timedelta(bars.pop(f"{edge}_s"), unit="s")
    return bars


def _bars(plan: Plan, unit_id: str, language: Language) -> list[tuple[str, str, str, float, float]]:
    _ = translator(language)
    route = plan.route(unit_id)
    bars: list[tuple[str, str, str, float, float]] = [
        (unit_id, _("on the way"), "", leg.times_s[0], leg.times_s[-1])
        for leg in route.legs
        if leg.kind == "travel"
    ]
    for visit in route.visits:
        if visit.is_break:
            bars.append((unit_id, _("break"), "", visit.start_s, visit.end_s))
            continue
        stop = plan.stops.loc[visit.stop_id]
        what = kind_name("stop", str(stop.kind), language)
        bars.append((unit_id, what, str(stop.get("name", "")), visit.start_s, visit.end_s))
    return bars
