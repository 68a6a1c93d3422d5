"""A list on its way in, as people see it: its columns, its kinds, what is wrong with it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Final

import pandas as pd

from patrolmap import workflow
from patrolmap.errors import Problem
from patrolmap.model.contracts import CONTRACTS, FILE_LAYERS
from patrolmap.model.kinds import codes, kind_name
from patrolmap.model.language import Language, translator
from patrolmap.ui.tables import heading, kinds_words, layer_table

MOST_ROWS: Final = 200  # shown; all of them come in
MOST_KINDS: Final = 60
LARGEST_MB: Final = 100  # of one list, as at every door
SUFFIXES: Final = ("csv", "tsv", "txt", "xlsx", "geojson", "json", "gpkg", "zip")
LAYERS: Final = tuple(name for name in FILE_LAYERS if name not in ("streets", "posts"))
ENCODINGS: Final = ("utf-8", "gb18030", "big5", "utf-16-le")
LEFT_OUT: Final = ""


def column_titles(layer: str, language: Language) -> dict[str, str]:
    """Name what a column of a list can be: a column of the layer, an id, a part of the place."""
    _ = translator(language)
    shape = CONTRACTS[layer]
    own = {c.name: heading(c, language) for c in shape.columns if c.name != "provenance"}
    places = {
        "lon": _("Longitude"),
        "lat": _("Latitude"),
        "lon,lat": _("Longitude, latitude in one"),
        "lat,lon": _("Latitude, longitude in one"),
        "wkt": _("Geometry as text (WKT)"),
    }
    return {
        LEFT_OUT: _("(left out)"),
        "id": _("Id"),
        **own,
        **(places if shape.geometry else {}),
    }


def datum_titles(language: Language) -> dict[str, str]:
    """Name the datums with the maps that use them."""
    _ = translator(language)
    return {
        "wgs84": _("WGS-84 (GPS)"),
        "cgcs2000": _("CGCS2000 (Tianditu)"),
        "gcj02": _("GCJ-02 (Amap, Tencent)"),
        "bd09": _("BD-09 (Baidu)"),
    }


def mapping_table(listed: workflow.ListPreview, language: Language) -> pd.DataFrame:
    """Show which column of the file is taken for which of the layer, to be edited."""
    _ = translator(language)
    titles = column_titles(listed.found.layer, language)
    how, forms = how_words(language), form_words(language)
    # a column that tells two things, as a school's name tells its kinds, is shown by the first
    meant = [(guess.column or LEFT_OUT).split(" + ")[0] for guess in listed.found.columns]
    return pd.DataFrame(
        [
            {
                _("Column of the file"): guess.heading,
                _("Taken for"): titles[column],
                _("Examples"): " | ".join(guess.examples),
                _("Known by"): how.get(guess.how, ""),
                _("Written as"): ", ".join(forms[form] for form in guess.forms),
            }
            for guess, column in zip(listed.found.columns, meant, strict=True)
        ]
    )


def chosen_columns(
    before: pd.DataFrame, after: pd.DataFrame, layer: str, language: Language
) -> dict[str, str]:
    """Give the columns whose meaning a person changed."""
    _ = translator(language)
    by_title = {title: name for name, title in column_titles(layer, language).items()}
    meant = _("Taken for")
    changed = after[before[meant] != after[meant]]
    return {
        str(row[_("Column of the file")]): by_title[row[meant]] for _at, row in changed.iterrows()
    }


def kinds_table(listed: workflow.ListPreview, language: Language) -> pd.DataFrame:
    """Show which kind each word of the file is taken for, those not understood first."""
    _ = translator(language)
    shape = CONTRACTS[listed.found.layer]
    subjects = {c.name: str(c.kinds) for c in shape.columns}
    guesses = sorted(listed.found.kinds, key=lambda guess: (guess.code is not None, -guess.count))
    return pd.DataFrame(
        {
            _("Word in the file"): [guess.text for guess in guesses],
            _("Kind"): [
                kinds_words(subjects[g.column], g.code, language) if g.code else None
                for g in guesses
            ],
            _("Number of rows"): [guess.count for guess in guesses],
        }
    ).head(MOST_KINDS)


def kind_titles(layer: str, language: Language) -> dict[str, str]:
    """Name every kind that a list of the layer may hold, to its code."""
    subjects = [c.kinds for c in CONTRACTS[layer].columns if c.kinds and c.name != "provenance"]
    return {kind_name(s, code, language): code for s in subjects for code in codes(s)}


def chosen_kinds(
    before: pd.DataFrame, after: pd.DataFrame, layer: str, language: Language
) -> dict[str, str]:
    """Give the words whose kind a person changed."""
    _ = translator(language)
    by_title, kind = kind_titles(layer, language), _("Kind")
    changed = after[after[kind].notna() & (before[kind] != after[kind])]
    words = zip(changed[_("Word in the file")], changed[kind], strict=True)
    return {str(word): by_title[title] for word, title in words if title in by_title}


def rows_table(listed: workflow.ListPreview, language: Language) -> pd.DataFrame:
    """Show the first rows as they will be stored."""
    frame = listed.found.frame
    if frame is None:
        return pd.DataFrame()
    return layer_table(frame.head(MOST_ROWS), listed.found.layer, language)


def problems_table(problems: tuple[Problem, ...], language: Language) -> pd.DataFrame:
    """List what is wrong by row and column, with what to do."""
    _ = translator(language)
    return pd.DataFrame(
        {
            _("Row"): ["" if p.row is None else str(p.row) for p in problems],
            _("Column of the file"): [p.column or "" for p in problems],
            _("What is wrong"): [
                p.what if p.value is None else f"{p.what} ({p.value[:60]})" for p in problems
            ],
            _("What to do"): [p.cure for p in problems],
        }
    )


def left_out_table(listed: workflow.ListPreview, language: Language) -> pd.DataFrame:
    """List the rows that do not come in, each with its reason."""
    _ = translator(language)
    why = {
        "title": _("title above the headings"),
        "headings_again": _("headings said again"),
        "total": _("total"),
        "note": _("note"),
        "section": _("heading of a part"),
        "wrong": _("with a fault"),
    }
    left_out = listed.found.left_out
    return pd.DataFrame(
        {_("Row"): [left.row for left in left_out], _("Why"): [why[left.why] for left in left_out]}
    )


def file_words(listed: workflow.ListPreview, language: Language) -> list[str]:
    """Say what was guessed about the file as a whole."""
    _ = translator(language)
    report = listed.found.report
    told = {
        _("Datum"): _datum_words(listed, language),
        _("Encoding"): report.get("encoding"),
        _("Sheet"): report.get("sheet"),
        _("Sheets left out"): "、".join(report.get("sheets_left_out", ())),
        _("Headings in row"): "、".join(map(str, report.get("header_rows", ()))),
        _("Merged cells filled down"): "、".join(report.get("filled_down", ())[:20]),
        _("Hidden rows read too"): "、".join(map(str, report.get("hidden_rows", ())[:20])),
        _("Hidden columns read too"): "、".join(report.get("hidden_columns", ())),
        _("School names put into ids"): report.get("schools_by_name"),
        _("Schools the precinct does not have"): "、".join(report.get("schools_unknown", ())[:20]),
    }
    return [f"{name}: {value}" for name, value in told.items() if value]


def _datum_words(listed: workflow.ListPreview, language: Language) -> str:
    """Say which datum is believed, and why."""
    _ = translator(language)
    said = {
        "headings": _("the headings say so"),
        "file": _("the file says so"),
        "declared": _("as chosen"),
    }
    found = listed.found
    if found.datum is None:
        return ""
    title = datum_titles(language).get(found.datum, found.datum)
    return f"{title}, {said[found.datum_from]}"


def remembered_table(shapes: list[workflow.Shape], language: Language) -> pd.DataFrame:
    """List the mappings that are remembered."""
    _ = translator(language)
    return pd.DataFrame(
        {
            _("Layer"): [CONTRACTS[shape.layer].title(language) for shape in shapes],
            _("File"): [shape.file for shape in shapes],
            _("Since"): [shape.remembered_on.isoformat() for shape in shapes],
            _("Mapping"): [_mapping_words(shape) for shape in shapes],
        }
    )


def _mapping_words(shape: workflow.Shape) -> str:
    pairs: Mapping[str, str] = {**shape.columns, **shape.kinds}
    words = [f"{name} → {to or '—'}" for name, to in pairs.items()]
    return ", ".join([*words, *([shape.datum] if shape.datum else [])])


def how_words(language: Language) -> dict[str, str]:
    """Say how a column was recognised."""
    _ = translator(language)
    return {
        "exact": _("its name"),
        "synonym": _("another word for it"),
        "content": _("guessed from its cells"),
        "chosen": _("chosen"),
        "remembered": _("remembered"),
    }


def form_words(language: Language) -> dict[str, str]:
    """Say how cells are written."""
    _ = translator(language)
    return {
        "full_width": _("full-width digits"),
        "thousands": _("thousands separators"),
        "unit": _("a unit after the number"),
        "day_number": _("a spreadsheet's day numbers"),
        "day_fraction": _("a spreadsheet's fractions of a day"),
        "chinese_date": _("Chinese dates"),
        "chinese_time": _("Chinese times of day"),
        "minutes_seconds": _("degrees, minutes, seconds"),
        "says_nothing": _("dashes where nothing is known"),
    }


def key_of(digest: str, layer: str, choices: workflow.Choices) -> str:
    """Give a text that is the same for the same file, layer and choices."""
    return json.dumps([digest, layer, asdict(choices)], ensure_ascii=False, sort_keys=True)


def with_rows(precinct: workflow.Precinct, listed: workflow.ListPreview) -> workflow.Precinct:
    """Put the first rows of a list in the place of their layer, to look at them on the map."""
    found = listed.found
    if found.frame is None:
        return precinct
    rows = {found.layer: found.frame.head(MOST_ROWS)}
    return replace(precinct, frames={**precinct.frames, **rows})
