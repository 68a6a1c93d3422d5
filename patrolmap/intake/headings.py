"""Headings as people write them, matched to the columns of a contract; no match is silent."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from patrolmap.errors import InputError, Problem
from patrolmap.intake.persons import shown
from patrolmap.intake.times import plain
from patrolmap.model.contracts import Column, Contract

ID: Final = "id"
LON: Final = "lon"
LAT: Final = "lat"

_LON: Final = ("lon", "lng", "long", "longitude", "经度", "东经")
_LAT: Final = ("lat", "latitude", "纬度", "北纬")
_ID: Final = ("id", "编号", "编码", "代码")
# What station lists call a column beside the contract's own names.
_SYNONYMS: Final[dict[str, tuple[str, ...]]] = {
    "name": ("名字",),
    "kind": ("类型", "种类", "类别名称", "type"),
    "kinds": ("类别", "类型", "学校类型", "办学类型", "学段", "type", "kind"),
    "pupils": ("学生数", "人数", "在校生数", "在校学生数", "在校人数", "学生总数"),
    "boarding": ("是否寄宿", "住校"),
    "school_id": ("所属学校编号", "所属学校", "school"),
    "licence": ("许可", "证照情况", "license"),
    "began_at": ("案发时间", "开始时间", "began", "start time"),
    "ended_at": ("终止时间", "ended", "end time"),
    "found_on": ("发现时间", "排查日期"),
    "due_on": ("整改时限", "期限", "due"),
    "closed_on": ("销号时间", "整改日期", "closed"),
    "agency": ("责任部门", "主管单位"),
    "controlled": ("灯控", "有无灯控", "信号灯"),
    "group": ("年级", "学段", "grade"),
    "time_s": ("时刻", "铃声时间", "bell time"),
    "weekdays": ("适用星期", "weekday", "days"),
    "is_school_day": ("是否上课",),
    "note": ("备注",),
    "mode": ("巡逻方式",),
    "start_id": ("出发警务点", "start"),
    "end_id": ("返回警务点", "end"),
    "shift_start_s": ("上班时间", "上岗时间", "班次开始"),
    "shift_end_s": ("下班时间", "下岗时间", "班次结束"),
    "officers": ("民警", "民警人数"),
    "auxiliaries": ("辅警", "辅警人数"),
    "window_id": ("时段",),
    "role": ("角色", "岗位类型"),
    "count": ("数量",),
}  # fmt: skip
_ID_SYNONYMS: Final = {
    "units": ("呼号", "call-sign"),
    "schools": ("学校代码",),
    "bases": ("警务点代码",),
}


@dataclass(frozen=True)
class Match:
    """
    Which heading holds which column.

    `found` maps a column (or ``id``, ``lon``, ``lat``) to the number of its heading,
    from 0; `left_out` are the headings that hold nothing the contract knows.
    """

    found: dict[str, int]
    left_out: tuple[str, ...]
    problems: tuple[Problem, ...]


def match_headings(
    headings: Sequence[str], shape: Contract, columns: Mapping[str, str] | None, *, places: bool
) -> Match:
    """
    Match the headings of a file to a contract.

    Parameters
    ----------
    headings
        As the file has them; empty ones hold nothing.
    shape
        The contract.
    columns
        ``{"heading in the file": "column of the layer"}``; comes before every guess.
        The ids and coordinates are called ``id``, ``lon`` and ``lat``.
    places
        Whether coordinates are looked for, as in tables.

    Raises
    ------
    InputError
        If `columns` names a heading or a column that does not exist.
    """
    names = known_names(shape, places=places)
    chosen = _chosen(headings, shape, columns or {}, places=places)
    wanted = [
        chosen.get(heading, names.get(_key(heading))) if heading else None for heading in headings
    ]
    by_column: dict[str, list[int]] = {}
    for at, column in enumerate(wanted):
        # a heading that is only guessed gives way to one that was chosen
        if column and (headings[at] in chosen or column not in chosen.values()):
            by_column.setdefault(column, []).append(at)
    found = {column: at[0] for column, at in by_column.items()}
    taken = set(found.values())
    return Match(
        found,
        tuple(h for at, h in enumerate(headings) if h and at not in taken),
        (*_doubles(by_column, headings), *_missing(found, headings, shape, places=places)),
    )


def known_names(shape: Contract, *, places: bool) -> dict[str, str]:
    """Map every spelling a contract understands to its column; the contract's own names win."""
    names: dict[str, str] = {}
    for column in shape.columns:
        _learn(names, column.name, (column.name, column.zh, column.en))
    own_id = (
        *_ID,
        shape.index,
        f"{shape.zh}编号",
        f"{shape.zh}代码",
        *_ID_SYNONYMS.get(shape.layer, ()),
    )
    _learn(names, ID, own_id)
    if places:
        _learn(names, LON, _LON)
        _learn(names, LAT, _LAT)
    for column in shape.columns:
        own = (f"{shape.zh}{column.zh}", f"{_singular(shape)} {column.en}")
        _learn(names, column.name, (*own, *_SYNONYMS.get(column.name, ())))
    return names


def _singular(shape: Contract) -> str:
    return shape.index.removesuffix("_id")


def _learn(names: dict[str, str], column: str, spellings: Sequence[str]) -> None:
    for spelling in spellings:
        names.setdefault(_key(spelling), column)


def _key(heading: str) -> str:
    """Leave out what headings differ by: case, spaces, joints and a unit in brackets."""
    word = re.sub(r"[(\[（【].*?[)\]）】]$", "", plain(heading))
    return re.sub(r"[\s_\-*:]", "", word)


def count_known(cells: Sequence[str], shape: Contract) -> int:
    """Count the cells of a row that are headings of a contract, to find where headings stand."""
    names = known_names(shape, places=True)
    return sum(_key(cell) in names for cell in cells if cell)


def _chosen(
    headings: Sequence[str], shape: Contract, columns: Mapping[str, str], *, places: bool
) -> dict[str, str]:
    targets = [c.name for c in shape.columns] + [ID, *((LON, LAT) if places else ())]
    chosen = {h: ID if column == shape.index else column for h, column in columns.items()}
    for heading, column in chosen.items():
        if heading not in headings:
            raise InputError(
                f"There is no column '{shown(heading)}'. The file has {_listed(headings)}."
            )
        if column not in targets:
            raise InputError(
                f"{shape.layer} have no column '{column}'. Choose one of {', '.join(targets)}."
            )
    return chosen


def _listed(headings: Sequence[str]) -> str:
    return ", ".join(f"'{shown(h)}'" for h in headings if h) or "no headings"


def _doubles(by_column: Mapping[str, Sequence[int]], headings: Sequence[str]) -> list[Problem]:
    return [
        Problem(
            f"{_listed([headings[at] for at in places])} would all be '{column}'",
            f"Say which one is meant: --columns '{headings[places[0]]}={column}', "
            "or rename the others.",
            column=headings[places[0]],
        )
        for column, places in by_column.items()
        if len(places) > 1
    ]


def _missing(
    found: Mapping[str, int], headings: Sequence[str], shape: Contract, *, places: bool
) -> list[Problem]:
    lacking = [(c.name, _also(c)) for c in shape.columns if c.required and c.name not in found]
    if places:
        lacking += [(n, zh) for n, zh in ((LON, "经度"), (LAT, "纬度")) if n not in found]
    hint = "; x and y do not say which is east" if _has_xy(headings) else ""
    return [
        Problem(
            f"the column is missing ({also}); the file has {_listed(headings)}"
            + (hint if name in (LON, LAT) else ""),
            f"Add it, or say which one holds it: --columns 'HEADING={name}'.",
            column=name,
        )
        for name, also in lacking
    ]


def _also(column: Column) -> str:
    return column.zh if column.en == column.name else f"{column.zh}, {column.en}"


def _has_xy(headings: Sequence[str]) -> bool:
    return {"x", "y"} <= {_key(heading) for heading in headings}
