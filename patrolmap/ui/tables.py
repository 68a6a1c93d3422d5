"""Frames as people read them: headings and kinds in their language, times of day, units."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from html import escape
from typing import Any, Final

import geopandas as gpd
import pandas as pd
from babel.dates import get_day_names

from patrolmap import workflow
from patrolmap.model.contracts import CONTRACTS, Column
from patrolmap.model.kinds import PRIORITY_PARTS, kind_name
from patrolmap.model.language import Language, translator
from patrolmap.model.layers import split_codes
from patrolmap.model.plan import Plan, clock_time
from patrolmap.model.reasons import advise, describe_reason

COUNTED: Final = ("schools", "gates", "venues", "traffic_points", "incidents", "hazards", "units")
_NOT_SHOWN: Final = ("basemap", "notes", "posts")
# How the end of a column's name says its unit.
_UNITS: Final = {"_m": "m", "_m2": "m²", "_kph": "km/h", "_per_h": "/h", "_min": "min"}


def layer_titles(language: Language) -> Callable[[str], str]:
    """Give a function that names layers."""
    return lambda layer: _capital(CONTRACTS[layer].title(language)) if layer in CONTRACTS else layer


def _capital(title: str) -> str:
    return title[:1].upper() + title[1:]


def shown_layers(frames: dict[str, pd.DataFrame]) -> list[str]:
    """List the layers that hold anything a person would look at."""
    return [
        n for n, frame in frames.items() if n in CONTRACTS and n not in _NOT_SHOWN and len(frame)
    ]


def layer_table(frame: pd.DataFrame, layer: str, language: Language) -> pd.DataFrame:
    """Show a layer or table without its geometry, with headings and kinds in words."""
    _ = translator(language)
    shape = CONTRACTS[layer]
    plain = pd.DataFrame(
        frame.drop(columns="geometry") if isinstance(frame, gpd.GeoDataFrame) else frame
    )
    said = {heading(c, language): _in_words(plain[c.name], c, language) for c in shape.columns}
    return pd.DataFrame(said, index=plain.index).rename_axis(_("Id"))


def heading(column: Column, language: Language) -> str:
    """Give a column's heading, with its unit."""
    unit = next((u for end, u in _UNITS.items() if column.name.endswith(end)), "")
    title = _capital(column.title(language))
    return f"{title} ({unit})" if unit else title


def _in_words(values: pd.Series, column: Column, language: Language) -> pd.Series:
    word = _wording(column, language)
    if word is not None:
        return _mapped(values, word)
    return values.dt.date if column.type == "date" else values


def _wording(column: Column, language: Language) -> Callable[[Any], str] | None:
    """Say how the values of a column are put into words, if they are."""
    if column.kinds is not None:
        subject = column.kinds
        return lambda codes: kinds_words(subject, codes, language)
    if column.name in _WORDED:
        return lambda value: _WORDED[column.name](str(value), language)
    return clock_time if column.type == "time_s" else None


def _mapped(values: pd.Series, word: Callable[[Any], str]) -> pd.Series:
    """Word each different value once: a layer has thousands of rows and a handful of kinds."""
    return values.map({value: word(value) for value in values.dropna().unique()})


def kinds_words(subject: str, text: str, language: Language) -> str:
    """Name codes joined by commas."""
    comma = "、" if language == "zh" else ", "
    return comma.join(kind_name(subject, code, language) for code in split_codes(text))


def group_words(group: str, language: Language) -> str:
    """Name a grade group; only that of all grades has a fixed name."""
    _ = translator(language)
    return _("all grades") if group == "all" else group


def window_words(window_id: str, language: Language) -> str:
    """Name a window by school, kind and grade group; text that is no window id stays as it is."""
    school_id, *kind_and_group = window_id.split(":")
    if len(kind_and_group) != 2:
        return window_id
    kind, group = kind_and_group
    named = [school_id, kind_name("window", kind, language), group_words(group, language)]
    return " ".join(word for word in named if word)


def weekday_words(digits: str, language: Language) -> str:
    """
    Name ISO weekdays.

    Examples
    --------
    >>> weekday_words("135", "zh"), weekday_words("67", "en")
    ('周一、周三、周五', 'Sat, Sun')
    """
    names = get_day_names("abbreviated", locale=language)  # from 0, Monday
    comma = "、" if language == "zh" else ", "
    return comma.join(names[int(digit) - 1] for digit in digits)


_WORDED: Final = {
    "window_id": window_words,
    "weekdays": weekday_words,
    "as_weekday": weekday_words,
    "group": group_words,
}


def notes_table(notes: pd.DataFrame, language: Language) -> pd.DataFrame:
    """Show what was left out, merged or guessed; counts such as ``kept=5`` in words."""
    known = count_words(language)
    table = layer_table(notes, "notes", language)
    titles = layer_titles(language)
    layer, detail = (heading(CONTRACTS["notes"].column(n), language) for n in ("layer", "detail"))
    return table.assign(
        **{
            layer: _mapped(notes["layer"], titles),
            detail: _mapped(notes["detail"], lambda text: _counts_in_words(text, known)),
        }
    )


def count_words(language: Language) -> dict[str, str]:
    """Name what notes count."""
    _ = translator(language)
    return {
        "objects": _("objects"),
        "ways": _("ways"),
        "squares": _("squares"),
        "used": _("used"),
        "kept": _("kept"),
        "left_out": _("left out"),
        "merged": _("merged"),
        "at_no_school": _("at no school"),
        "other_shop": _("of no listed kind"),
        "nothing_left": _("nothing left"),
    }


def _counts_in_words(detail: str, known: dict[str, str]) -> str:
    pairs = [part.partition("=") for part in detail.split(" ")]
    if not all(name in known and equals for name, equals, _count in pairs):
        return detail
    return " · ".join(f"{known[name]} {count}" for name, _equals, count in pairs)


def findings_html(findings: pd.DataFrame, language: Language) -> str:
    """List what the checks found, worst first, each with what to do about it."""
    said = workflow.findings_table(findings, language).itertuples(index=False, name=None)
    return todo_html(
        (severity, f"{word} · {layer} {row_id}".strip(), what, cure)
        for severity, (word, layer, row_id, what, cure) in zip(
            findings["severity"], said, strict=True
        )
    )


def missing_html(missing: pd.DataFrame) -> str:
    """List required stops left out: `missing` is `workflow.unserved_table` of those alone."""
    return todo_html(
        ("error", f"{begins} {kind} {place}", why, cure)
        for kind, place, begins, _people, why, cure in missing.itertuples(index=False, name=None)
    )


def patrols_left_out(plan: Plan, language: Language) -> pd.DataFrame:
    """Count the optional visits of each place: planned and left out, why, and what can be done."""
    _ = translator(language)
    optional = plan.stops[~plan.stops["required"]]
    planned = ~optional.index.isin(plan.unserved.index)
    counts = pd.DataFrame(
        {
            "name": optional["name"],
            "planned": planned,
            "left_out": ~planned,
            "prize": optional["prize"],
            "reason": plan.unserved["reason"].reindex(optional.index),
        }
    ).groupby(optional["place_id"])
    places = counts.agg(
        {"name": "first", "planned": "sum", "left_out": "sum", "prize": "sum", "reason": "first"}
    )
    places = places[places["left_out"] > 0].sort_values(
        ["planned", "prize"], ascending=[True, False]
    )
    return pd.DataFrame(
        {
            _("Place"): places["name"],
            _("Visits planned"): places["planned"],
            _("Visits left out"): places["left_out"],
            _("Why"): places["reason"].map(lambda reason: describe_reason(reason, language)),
            _("What to do"): places["reason"].map(lambda reason: advise(reason, language)),
        }
    )


def todo_html(rows: Iterable[tuple[str, str, str, str]]) -> str:
    """List what is to be done: severity, what it is about, what is wrong and what to do."""
    lines = (
        f'<li class="{escape(severity)}"><b>{escape(about)}</b> {escape(what)}'
        f'<span class="pm-cure">{escape(cure)}</span></li>'
        for severity, about, what, cure in rows
    )
    return f'<ul class="pm-todo">{"".join(lines)}</ul>'


def ranking_table(ranking: pd.DataFrame, language: Language) -> pd.DataFrame:
    """Show ranked cells with their total."""
    _ = translator(language)
    return pd.DataFrame(
        {
            _("Rank"): ranking["rank"],
            _("Cell"): ranking["cell"],
            _("School"): ranking["school"],
            kind_name("part", "total", language): ranking["total"].round(2),
        }
    )


def ranking_parts(ranking: pd.DataFrame, language: Language) -> pd.DataFrame:
    """
    Take ranked cells apart for a chart of stacked bars.

    Returns
    -------
    bars
        Columns cell, rank, part (named), order (of the parts) and value; one row a part.
    """
    long = ranking.melt(["cell", "rank"], list(PRIORITY_PARTS), "code", "value")
    order = {part: place for place, part in enumerate(PRIORITY_PARTS)}
    return long.assign(
        part=long["code"].map(lambda part: kind_name("part", part, language)),
        order=long["code"].map(order),
    )


def parts_table(ranking: pd.DataFrame, row: int, language: Language) -> pd.DataFrame:
    """Explain one ranked cell: what each part adds, its share, and what it measures."""
    _ = translator(language)
    parts = ranking.iloc[row][list(PRIORITY_PARTS)].astype(float).sort_values(ascending=False)
    total = parts.sum() or 1.0
    meaning = part_meanings(language)
    return pd.DataFrame(
        {
            _("Part"): [kind_name("part", part, language) for part in parts.index],
            _("Adds"): [f"{value:.2f}" for value in parts],
            _("Share"): [f"{value / total:.0%}" for value in parts],
            _("What it measures"): [meaning[part] for part in parts.index],
        }
    )


def part_meanings(language: Language) -> dict[str, str]:
    """Say in a sentence what each part of a priority measures."""
    _ = translator(language)
    return {
        "incidents": _(
            "Past incidents nearby at this time of school days; severe and recent ones count most."
        ),
        "venues": _("Internet cafés, entertainment, tobacco shops, stalls and shops close by."),
        "traffic": _("Crossings, bus stops and parking close by, and what was counted there."),
        "hazards": _("Hazards close by that are not closed yet."),
        "pupils": _("Pupils passing on their way; every cell keeps a small floor."),
    }


def headline(plan: Plan, language: Language) -> dict[str, str]:
    """Give the figures a commander asks for first."""
    _ = translator(language)
    figures = plan.settings["scorecard"]
    return {
        _("Posts manned"): f"{figures['post_cover_share']:.0%}",
        _("Posts short of people"): f"{figures['posts_short']:.0f}",
        _("People it takes to close that"): f"{workflow.people_needed(plan)}",
        _("Patrol visits"): f"{figures['patrol_visits']:.0f}",
        _("Priority covered"): f"{figures['priority_cover_share']:.0%}",
    }
