"""A preview in words for the command line, and as a record for another program."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict
from itertools import groupby
from typing import Any, Final

from patrolmap.intake.preview import ColumnGuess, Preview
from patrolmap.model.language import Language
from patrolmap.workflow.importing import ListPreview

SHOWN: Final = 30  # lines of each part; a program gets all of them
_HOW: Final = {
    "exact": "its name",
    "synonym": "another word for it",
    "content": "guessed from its cells",
    "chosen": "chosen",
    "remembered": "remembered",
}
_WHY: Final = {
    "title": "title above the headings",
    "headings_again": "headings said again",
    "total": "total",
    "note": "note",
    "section": "heading of a part",
    "wrong": "with a fault",
}
_FORMS: Final = {
    "full_width": "full-width digits",
    "thousands": "thousands separators",
    "unit": "a unit after the number",
    "day_number": "a spreadsheet's day numbers",
    "day_fraction": "a spreadsheet's fractions of a day",
    "chinese_date": "Chinese dates",
    "chinese_time": "Chinese times of day",
    "minutes_seconds": "degrees, minutes, seconds",
    "says_nothing": "dashes where nothing is known",
}
_DATUM_FROM: Final = {
    "declared": "as declared",
    "headings": "the headings say so",
    "file": "the file says so",
    "missing": "NOT DECLARED: --datum",
}

_ZH: Final = {
    "its name": "列名一致",
    "another word for it": "同义列名",
    "guessed from its cells": "按内容推测",
    "chosen": "人工选择",
    "remembered": "沿用上次",
    "title above the headings": "表头上方的标题",
    "headings said again": "重复表头",
    "total": "合计",
    "note": "说明",
    "heading of a part": "小标题",
    "with a fault": "有错误",
    "full-width digits": "全角数字",
    "thousands separators": "千分位",
    "a unit after the number": "数字后有单位",
    "a spreadsheet's day numbers": "表格日期序号",
    "a spreadsheet's fractions of a day": "表格时间小数",
    "Chinese dates": "中文日期",
    "Chinese times of day": "中文时间",
    "degrees, minutes, seconds": "度分秒",
    "dashes where nothing is known": "用短横等表示空缺",
    "as declared": "人工声明",
    "the headings say so": "列名注明",
    "the file says so": "文件注明",
    "NOT DECLARED: --datum": "未声明，请用 --datum",
    "Nothing is written: this is what would come in.": "未写入任何内容；将导入如下：",
    "datum": "坐标系",
    "mapping remembered from": "沿用列名对应，记于",
    "columns": "列名对应",
    "kinds": "类别",
    "NOT UNDERSTOOD": "未识别",
    "rows": "行",
    "left out": "不采用",
    "format": "格式",
    "encoding": "编码",
    "cells between": "分隔符",
    "tabs": "制表符",
    "sheet": "工作表",
    "sheets left out": "未采用的工作表",
    "headings in row": "表头所在行",
    "merged cells filled down": "向下填充的合并单元格",
    "hidden rows read too": "已读入的隐藏行",
    "hidden columns read too": "已读入的隐藏列",
    "school names put into ids": "按校名对应的行",
    "schools the precinct does not have": "辖区内没有的学校",
    "{rows} in the file, {kept} would come in": "文件 {rows} 行，可导入 {kept} 行",
    "({count} rows)": "（{count} 行）",
    "… and {count} more": "… 另有 {count} 条",
    "… {count} in all": "… 共 {count} 行",
}
Say = Callable[[str], str]


def preview_record(listed: ListPreview) -> dict[str, Any]:
    """Give a preview to another program."""
    found = listed.found
    remembered = listed.remembered
    return {
        "file": found.file,
        "layer": found.layer,
        **{key: found.report.get(key) for key in ("format", "encoding", "delimiter", "sheet")},
        "header_rows": list(found.report.get("header_rows", ())),
        "sheets_left_out": found.report.get("sheets_left_out", []),
        "filled_down": list(found.report.get("filled_down", ())),
        "hidden_rows": list(found.report.get("hidden_rows", ())),
        "hidden_columns": list(found.report.get("hidden_columns", ())),
        "schools_unknown": found.report.get("schools_unknown", []),
        "datum": found.datum,
        "datum_from": found.datum_from,
        "columns": [asdict(guess) for guess in found.columns],
        "kinds": [asdict(guess) for guess in found.kinds],
        "rows_in": found.rows_in,
        "rows_kept": found.rows_kept,
        "left_out": [asdict(left) for left in found.left_out],
        "problems": [asdict(problem) for problem in found.problems],
        "remembered_from": remembered and remembered.remembered_on.isoformat(),
    }


def preview_text(listed: ListPreview, language: Language = "en") -> str:
    """Tell a person what a list is taken for, before anything is written."""
    return "\n".join(_lines(listed, _speaker(language)))


def _speaker(language: Language) -> Say:
    return lambda text: _ZH[text] if language == "zh" else text


def _lines(listed: ListPreview, say: Say) -> Iterator[str]:
    found = listed.found
    yield say("Nothing is written: this is what would come in.")
    yield f"{found.file} → {found.layer}"
    yield from _about_file(found.report, say)
    if found.datum_from:
        yield f"  {say('datum')}: {found.datum or '-'} ({say(_DATUM_FROM[found.datum_from])})"
    if listed.remembered is not None:
        day = listed.remembered.remembered_on
        yield f"  {say('mapping remembered from')} {day} ({listed.remembered.file})"
    yield f"  {say('columns')}:"
    yield from (f"    {_column(guess, say)}" for guess in found.columns)
    yield from _kinds(found, say)
    counted = say("{rows} in the file, {kept} would come in")
    yield f"  {say('rows')}: " + counted.format(rows=found.rows_in, kept=found.rows_kept)
    yield from _left_out(found, say)
    yield from (f"    {problem}" for problem in found.problems[:SHOWN])
    if len(found.problems) > SHOWN:
        yield "    " + say("… and {count} more").format(count=len(found.problems) - SHOWN)


def _about_file(report: dict[str, Any], say: Say) -> Iterator[str]:
    told = {
        "format": report.get("format"),
        "encoding": report.get("encoding"),
        "cells between": {"\t": say("tabs")}.get(
            report.get("delimiter", ""), report.get("delimiter")
        ),
        "sheet": report.get("sheet"),
        "sheets left out": ", ".join(report.get("sheets_left_out", ())),
        "headings in row": ", ".join(map(str, report.get("header_rows", ()))),
        "merged cells filled down": ", ".join(report.get("filled_down", ())[:SHOWN]),
        "hidden rows read too": ", ".join(map(str, report.get("hidden_rows", ())[:SHOWN])),
        "hidden columns read too": ", ".join(report.get("hidden_columns", ())),
        "school names put into ids": report.get("schools_by_name"),
        "schools the precinct does not have": ", ".join(report.get("schools_unknown", ())[:SHOWN]),
    }
    return (f"  {say(name)}: {value}" for name, value in told.items() if value)


def _column(guess: ColumnGuess, say: Say) -> str:
    if guess.column is None:
        return f"{guess.heading} → {say('left out')}"
    forms = "".join(f"; {say(_FORMS[form])}" for form in guess.forms)
    examples = f" [{' | '.join(guess.examples)}]" if guess.examples else ""
    return f"{guess.heading} → {guess.column} ({say(_HOW[guess.how])}{forms}){examples}"


def _kinds(found: Preview, say: Say) -> Iterator[str]:
    if found.kinds:
        yield f"  {say('kinds')}:"
    for guess in found.kinds[:SHOWN]:
        count = say("({count} rows)").format(count=guess.count)
        yield f"    {guess.text} → {guess.code or say('NOT UNDERSTOOD')} {count}"


def _left_out(found: Preview, say: Say) -> Iterator[str]:
    by_why = sorted(found.left_out, key=lambda left: left.why)
    for why, several in groupby(by_why, key=lambda left: left.why):
        rows = [str(left.row) for left in several]
        more = " " + say("… {count} in all").format(count=len(rows)) if len(rows) > SHOWN else ""
        at = f"{say('rows')} {', '.join(rows[:SHOWN])}{more}"
        yield f"    {say('left out')}, {say(_WHY[why])}: {at}"
