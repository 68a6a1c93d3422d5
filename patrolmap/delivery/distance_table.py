"""Distance findings in words: what was measured, what is allowed, who says so and how sure."""

from __future__ import annotations

from typing import Any, Final

import geopandas as gpd
import pandas as pd

from patrolmap.model.language import Language, translator
from patrolmap.model.rules import VERDICTS, describe_doubt

Cards = list[tuple[str, list[tuple[str, str]]]]


def distance_table(
    findings: pd.DataFrame, schools: gpd.GeoDataFrame, venues: gpd.GeoDataFrame, language: Language
) -> pd.DataFrame:
    """
    Put findings into words, one row each, in their order.

    Parameters
    ----------
    findings
        From `check_distances`.
    schools, venues
        Their layers, for the names.

    Returns
    -------
    table
        Verdict, venue, school, metres measured and allowed, how, the reason where there is
        one, the rule, its text, and how sure its source is.
    """
    _ = translator(language)
    words = _Words(language)
    return pd.DataFrame(
        {
            _("Verdict"): findings["verdict"].map(words.verdict),
            _("Venue"): _names(findings["venue_id"], venues),
            _("School"): _names(findings["school_id"], schools),
            _("Measured"): findings["distance_m"].map(_metres),
            _("Allowed from"): findings["within_m"].map(_metres),
            _("Error"): findings["error_m"].map(lambda m: f"± {m:g} m" if pd.notna(m) else ""),
            _("Measured how"): [
                words.how(*both)
                for both in zip(findings["origin"], findings["metric"], strict=True)
            ],
            _("Why"): findings["reason"].map(lambda reason: describe_doubt(reason, language)),
            _("Rule"): findings["rule_id"],
            _("Text"): findings["citation"],
            _("Source"): findings["status"].map(words.status),
        }
    )


def finding_rows(
    findings: pd.DataFrame, schools: gpd.GeoDataFrame, venues: gpd.GeoDataFrame, language: Language
) -> Cards:
    """Give for each finding a title, and what a click on it tells."""
    _ = translator(language)
    table = distance_table(findings, schools, venues, language)
    titled = [_("Venue"), _("School")]
    return [
        (
            " – ".join(row[name] for name in titled),
            [(k, v) for k, v in row.items() if k not in titled],
        )
        for row in table.to_dict("records")
    ]


def distance_lines(
    findings: pd.DataFrame, schools: gpd.GeoDataFrame, venues: gpd.GeoDataFrame, language: Language
) -> list[tuple[str, str, str]]:
    """Say each finding in three parts: about what, what was measured and allowed, and the rule."""
    _ = translator(language)
    comma, colon = ("，", "：") if language == "zh" else (", ", ": ")
    lines = []
    for row in distance_table(findings, schools, venues, language).to_dict("records"):
        about = " – ".join(filter(None, (row[_("Venue")], row[_("School")])))
        measured = f"{row[_('Measured')]} {row[_('Error')]}".strip()
        allowed = f"{_('Allowed from')} {row[_('Allowed from')]}" if row[_("Allowed from")] else ""
        said = (measured, allowed if measured else "", row[_("Measured how")], row[_("Why")])
        rule = (
            f"{row[_('Rule')]} {row[_('Text')]}{comma}{row[_('Source')]}" if row[_("Rule")] else ""
        )
        title = colon.join(filter(None, (row[_("Verdict")], about)))
        lines.append((title, comma.join(filter(None, said)), rule))
    return lines


def counted(findings: pd.DataFrame, language: Language) -> dict[str, str]:
    """Count findings by verdict, worst first, in words."""
    at = 0 if language == "zh" else 1
    counts = findings["verdict"].value_counts()
    return {words[at]: str(counts.get(verdict, 0)) for verdict, words in VERDICTS.items()}


class _Words:
    """What codes are called in a language."""

    def __init__(self, language: Language) -> None:
        _ = translator(language)
        self._at = 0 if language == "zh" else 1
        self._how: Final = {
            "boundary": _("from the boundary"), "gates": _("from the nearest gate"),
            "straight": _("in a straight line"), "walking": _("on foot"), "": "",
        }  # fmt: skip
        self._comma = "，" if language == "zh" else ", "
        self._status: Final = {
            "confirmed": _("official text"), "secondary": _("second hand: read the official text"),
            "draft": _("draft"), "": "",
        }  # fmt: skip

    def verdict(self, code: str) -> str:
        return VERDICTS[code][self._at]

    def how(self, origin: str, metric: str) -> str:
        return self._comma.join(filter(None, (self._how[origin], self._how[metric])))

    def status(self, code: str) -> str:
        return self._status[code]


def _names(ids: pd.Series, layer: gpd.GeoDataFrame) -> pd.Series:
    names = layer["name"].reindex(ids).fillna("")
    return pd.Series([name or row_id for name, row_id in zip(names, ids, strict=True)], ids.index)


def _metres(value: Any) -> str:  # noqa: ANN401 - a cell
    return f"{value:.1f} m" if pd.notna(value) else ""
