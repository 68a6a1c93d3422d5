"""What the checks can say, in both languages, and how bad each is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

import pandas as pd

Severity = Literal["error", "warning", "note"]
SEVERITIES: Final[tuple[Severity, ...]] = ("error", "warning", "note")
COLUMNS: Final = (
    "severity", "code", "layer", "row_id", "what_zh", "what_en", "cure_zh", "cure_en",
)  # fmt: skip


@dataclass(frozen=True)
class Finding:
    """One thing found: its code, where, and the words that go into its sentence."""

    code: str
    layer: str
    row_id: str = ""
    words: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Sentence:
    severity: Severity
    what_zh: str
    what_en: str
    cure_zh: str
    cure_en: str


_CORRECT: Final = ("请更正。", "Correct it.")
# code -> what it says; {0}, {1} take the words of the finding
SENTENCES: Final[dict[str, _Sentence]] = {
    "no_schools": _Sentence(
        "error", "没有学校", "There are no schools",
        "请导入学校名单。", "Add the list of schools.",
    ),
    "no_streets": _Sentence(
        "error", "没有道路，无法规划路线", "There are no streets, so no route can be planned",
        "请导入地图文件。", "Read a map file.",
    ),
    "no_bases": _Sentence(
        "warning", "没有警务点", "There is no police station or room",
        "请导入警务点，否则由系统假设。", "Add the bases, or patrolmap assumes one.",
    ),
    "no_units": _Sentence(
        "warning", "没有巡组", "There are no crews",
        "请导入巡组，否则由系统假设。", "Add the crews, or patrolmap assumes some.",
    ),
    "unknown_school": _Sentence(
        "error", "学校编号“{0}”不存在", "names the school '{0}', which does not exist",
        "请更正编号，或补录该学校。", "Correct the id, or add the school.",
    ),
    "unknown_gate": _Sentence(
        "error", "校门编号“{0}”不存在", "names the gate '{0}', which does not exist",
        "请更正编号，或补录该校门。", "Correct the id, or add the gate.",
    ),
    "foreign_gate": _Sentence(
        "warning", "校门“{0}”属于另一所学校“{1}”", "uses the gate '{0}' of another school, '{1}'",
        "如非共用校门，请更正。", "Correct it unless the schools share the gate.",
    ),
    "unknown_base": _Sentence(
        "error", "警务点编号“{0}”不存在", "names the base '{0}', which does not exist",
        "请更正编号，或补录该警务点。", "Correct the id, or add the base.",
    ),
    "bell_twice": _Sentence(
        "error", "与作息“{0}”重复：同校同年级组同一天响两次",
        "rings for the same school, group and day as the bell '{0}'",
        "请删去其一，或另设年级组。", "Delete one, or give each grade group a name of its own.",
    ),
    "unknown_window": _Sentence(
        "warning",
        "时段“{0}”没有对应的作息",
        "is meant for the window '{0}', for which no bell rings",
        "请按“学校:时段:年级组”填写，如 S01:arrival:all。",
        "Write it as school:window:group, such as S01:arrival:all.",
    ),
    "no_gates": _Sentence(
        "warning", "学校没有校门", "The school has no gate",
        "请补录校门，否则由系统建议位置。", "Add its gates, or patrolmap proposes one.",
    ),
    "no_bells": _Sentence(
        "warning", "学校没有作息时间", "The school has no bells",
        "请补录上学、放学时间，否则由系统假设。",
        "Add arrival and dismissal, or patrolmap assumes them.",
    ),
    "no_pupils": _Sentence(
        "warning", "学生人数未知", "The number of pupils is not known",
        "请补录，否则按学校类别假设。", "Add it, or patrolmap assumes it by the kind of school.",
    ),
    "gate_far": _Sentence(
        "warning", "校门距学校 {0} 米", "The gate is {0} m from its school",
        "请核对校门位置与坐标系。", "Check the gate's place, and the datum of both lists.",
    ),
    "outside": _Sentence(
        "error",
        "距辖区中心 {0} 公里，不在辖区内",
        "lies {0} km from the middle of the precinct, outside it",
        "请核对经纬度与坐标系。", "Check longitude, latitude and datum.",
    ),
    "stray": _Sentence(
        "warning",
        "距辖区中心 {0} 公里，不在辖区内",
        "lies {0} km from the middle of the precinct, outside it",
        "请核对经纬度与坐标系；不影响规划，可删去。",
        "Check longitude, latitude and datum, or leave it out; plans do not use it.",
    ),
    "far": _Sentence(
        "warning", "距最近的学校 {0} 公里", "lies {0} km from the nearest school",
        "请核对坐标；与校园无关的可删去。",
        "Check the place; leave it out if it concerns no school.",
    ),
    "closed_before_found": _Sentence(
        "error", "销号日期早于发现日期", "was closed before it was found", *_CORRECT,
    ),
    "due_before_found": _Sentence(
        "warning", "整改期限早于发现日期", "was due before it was found", *_CORRECT,
    ),
    "closed_without_date": _Sentence(
        "warning", "已销号但没有销号日期", "is closed but has no date of it",
        "请补录销号日期，否则一概按已销号处理。",
        "Add the date; until then it counts as closed on every day.",
    ),
    "ended_before_began": _Sentence(
        "error", "结束时间早于发生时间", "ended before it began", *_CORRECT,
    ),
    "until_before_date": _Sentence(
        "error", "截止日期早于开始日期", "ends before it begins", *_CORRECT,
    ),
    "crew_fault": _Sentence("error", "巡组有误：{0}", "The crew cannot work: {1}", *_CORRECT),
    "streets_in_pieces": _Sentence(
        "note", "步行路网分为 {0} 片，最大一片占总长的 {1}%",
        "The walkable streets are in {0} pieces; the largest holds {1} % of their length",
        "路线限于各片之内；孤立地点会标为无法到达。",
        "Routes stay within a piece; places cut off are reported as unreachable.",
    ),
    "assumed": _Sentence(
        "note",
        "{1} 条中有 {0} 条由系统假设或建议",
        "{0} of {1} rows are assumed or proposed by patrolmap",
        "请逐步以实际数据替换。", "Replace them with the real ones.",
    ),
}  # fmt: skip


def findings_table(findings: Iterable[Finding]) -> pd.DataFrame:
    """
    Put findings into words, worst first.

    Returns
    -------
    table
        Columns `COLUMNS`; one row per finding, in its severity by layer and row.

    Examples
    --------
    >>> findings_table([Finding("unknown_school", "gates", "G1", ("S9",))]).what_en.item()
    "names the school 'S9', which does not exist"
    """
    table = pd.DataFrame(
        [_say(finding) for finding in findings], columns=list(COLUMNS), dtype="str"
    )
    order = table["severity"].map({severity: at for at, severity in enumerate(SEVERITIES)})
    by = table.assign(order=order).sort_values(["order", "layer", "code", "row_id"], kind="stable")
    return by.drop(columns="order").reset_index(drop=True)


def _say(finding: Finding) -> tuple[str, ...]:
    said = SENTENCES[finding.code]
    return (
        said.severity,
        finding.code,
        finding.layer,
        finding.row_id,
        said.what_zh.format(*finding.words),
        said.what_en.format(*finding.words),
        said.cure_zh,
        said.cure_en,
    )
