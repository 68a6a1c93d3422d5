"""What the checks can say, in both languages, how bad each is, and what a fix would do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

Severity = Literal["error", "warning", "note"]
SEVERITIES: Final[tuple[Severity, ...]] = ("error", "warning", "note")


@dataclass(frozen=True)
class Sentence:
    """A severity, and what is wrong and what to do in Chinese and English."""

    severity: Severity
    what_zh: str
    what_en: str
    cure_zh: str
    cure_en: str


_CORRECT: Final = ("请更正。", "Correct it.")
# code -> what it says; {0}, {1} take the words of the finding
SENTENCES: Final[dict[str, Sentence]] = {
    "no_schools": Sentence(
        "error", "没有学校", "There are no schools",
        "请导入学校名单。", "Add the list of schools.",
    ),
    "no_streets": Sentence(
        "error", "没有道路，无法规划路线", "There are no streets, so no route can be planned",
        "请导入地图文件。", "Read a map file.",
    ),
    "no_bases": Sentence(
        "warning", "没有警务点", "There is no police station or room",
        "请导入警务点，否则由系统假设。", "Add the bases, or patrolmap assumes one.",
    ),
    "no_units": Sentence(
        "warning", "没有巡组", "There are no crews",
        "请导入巡组，否则由系统假设。", "Add the crews, or patrolmap assumes some.",
    ),
    "unknown_school": Sentence(
        "error", "学校编号“{0}”不存在", "names the school '{0}', which does not exist",
        "请更正编号，或补录该学校。", "Correct the id, or add the school.",
    ),
    "unknown_gate": Sentence(
        "error", "校门编号“{0}”不存在", "names the gate '{0}', which does not exist",
        "请更正编号，或补录该校门。", "Correct the id, or add the gate.",
    ),
    "foreign_gate": Sentence(
        "warning", "校门“{0}”属于另一所学校“{1}”", "uses the gate '{0}' of another school, '{1}'",
        "如非共用校门，请更正。", "Correct it unless the schools share the gate.",
    ),
    "unknown_base": Sentence(
        "error", "警务点编号“{0}”不存在", "names the base '{0}', which does not exist",
        "请更正编号，或补录该警务点。", "Correct the id, or add the base.",
    ),
    "bell_twice": Sentence(
        "error", "与作息“{0}”重复：同校同年级组同一天响两次",
        "rings for the same school, group and day as the bell '{0}'",
        "请删去其一，或另设年级组。", "Delete one, or give each grade group a name of its own.",
    ),
    "unknown_window": Sentence(
        "warning",
        "时段“{0}”没有对应的作息",
        "is meant for the window '{0}', for which no bell rings",
        "请按“学校:时段:年级组”填写，如 S01:arrival:all。",
        "Write it as school:window:group, such as S01:arrival:all.",
    ),
    "foreign_window": Sentence(
        "error",
        "所填学校“{2}”与时段“{0}”所属学校“{1}”不一致",
        "is for the school '{2}', but its window '{0}' is one of '{1}'",
        *_CORRECT,
    ),
    "no_gates": Sentence(
        "warning", "学校没有校门", "The school has no gate",
        "请补录校门，否则由系统建议位置。", "Add its gates, or patrolmap proposes one.",
    ),
    "no_bells": Sentence(
        "warning", "学校没有作息时间", "The school has no bells",
        "请补录上学、放学时间，否则由系统假设。",
        "Add arrival and dismissal, or patrolmap assumes them.",
    ),
    "no_pupils": Sentence(
        "warning", "学生人数未知", "The number of pupils is not known",
        "请补录，否则按学校类别假设。", "Add it, or patrolmap assumes it by the kind of school.",
    ),
    "gate_far": Sentence(
        "warning", "校门距学校 {0} 米", "The gate is {0} m from its school",
        "请核对校门位置与坐标系。", "Check the gate's place, and the datum of both lists.",
    ),
    "outside": Sentence(
        "error",
        "距辖区中心 {0} 公里，不在辖区内",
        "lies {0} km from the middle of the precinct, outside it",
        "请核对经纬度与坐标系。", "Check longitude, latitude and datum.",
    ),
    "stray": Sentence(
        "warning",
        "距辖区中心 {0} 公里，不在辖区内",
        "lies {0} km from the middle of the precinct, outside it",
        "请核对经纬度与坐标系；不影响规划，可删去。",
        "Check longitude, latitude and datum, or leave it out; plans do not use it.",
    ),
    "far": Sentence(
        "warning", "距最近的学校 {0} 公里", "lies {0} km from the nearest school",
        "请核对坐标；与校园无关的可删去。",
        "Check the place; leave it out if it concerns no school.",
    ),
    "closed_before_found": Sentence(
        "error", "销号日期早于发现日期", "was closed before it was found", *_CORRECT,
    ),
    "due_before_found": Sentence(
        "warning", "整改期限早于发现日期", "was due before it was found", *_CORRECT,
    ),
    "closed_without_date": Sentence(
        "warning", "已销号但没有销号日期", "is closed but has no date of it",
        "请补录销号日期，否则一概按已销号处理。",
        "Add the date; until then it counts as closed on every day.",
    ),
    "ended_before_began": Sentence(
        "error", "结束时间早于发生时间", "ended before it began", *_CORRECT,
    ),
    "until_before_date": Sentence(
        "error", "截止日期早于开始日期", "ends before it begins", *_CORRECT,
    ),
    "crew_fault": Sentence("error", "巡组有误：{0}", "The crew cannot work: {1}", *_CORRECT),
    "streets_in_pieces": Sentence(
        "note", "步行路网分为 {0} 片，最大一片占总长的 {1}%，其次为 {2}",
        "The walkable streets are in {0} pieces; the largest holds {1} % of their length, "
        "the next {2}",
        "路线限于各片之内；孤立地点会标为无法到达。",
        "Routes stay within a piece; places cut off are reported as unreachable.",
    ),
    "assumed": Sentence(
        "note",
        "{1} 条中有 {0} 条由系统假设或建议",
        "{0} of {1} rows are assumed or proposed by patrolmap",
        "请逐步以实际数据替换。", "Replace them with the real ones.",
    ),
    "same_place": Sentence(
        "warning", "疑与“{1}”（{0}）重复，相距 {2} 米", "may be '{1}' ({0}) once more, {2} m apart",
        "如为同一地点，请合并。", "Merge them if they are the same.",
    ),
    "not_for_pupils": Sentence(
        "warning", "名称含“{0}”，不像是中小学或幼儿园",
        "is called '{0}': hardly a school for pupils",
        "如确非中小学、幼儿园，请移出。", "Take it out if it teaches no pupils.",
    ),
    "swapped": Sentence(
        "error", "距辖区中心 {0} 公里；经纬度互换后即在辖区内",
        "lies {0} km away; with longitude and latitude swapped it is in the precinct",
        "请互换经纬度。", "Swap longitude and latitude.",
    ),
    "gate_off_street": Sentence(
        "warning", "校门距可用道路 {0} 米", "The gate is {0} m from the street it is reached by",
        "请核对位置，或移到道路旁。", "Check its place, or move it to the street.",
    ),
    "off_street": Sentence(
        "error", "{0} 米内没有可步行道路，无法到达", "No street to walk on lies within {0} m of it",
        "请移到道路旁，或补画道路。", "Move it to a street, or add the street.",
    ),
    "on_island": Sentence(
        "warning", "所在路网为孤岛（共 {0} 米），与其他道路不通",
        "stands on {0} m of streets that are cut off from the others",
        "请核对位置，或补画连接的道路。", "Check its place, or add the street that joins them.",
    ),
    "school_cut_off": Sentence(
        "error", "所有校门都无法从主要路网到达",
        "None of its gates can be reached from the main streets",
        "请补录可到达的校门，或补画道路。",
        "Add a gate that can be reached, or the missing street.",
    ),
    "gate_elsewhere": Sentence(
        "warning", "位于学校“{1}”（{0}）的围墙处，而非本校",
        "stands at the wall of '{1}' ({0}), not of its own school",
        "请核对所属学校。", "Check whose gate it is.",
    ),
    "across": Sentence(
        "warning", "与学校之间隔着{0}：直线 {2} 米，步行 {3} 米",
        "lies across {1} from its school: {2} m straight, {3} m on foot",
        "请核对位置。", "Check its place.",
    ),
    "oneway_traps": Sentence(
        "note", "有 {0} 段单行路能进不能出，共 {1} 米：{2}",
        "{0} one-way streets ({1} m) can be driven into but not out of: {2}",
        "多在地图边缘；车巡不会使用。", "Most lie at the map's edge; cars on patrol avoid them.",
    ),
    "in_trap": Sentence(
        "warning", "最近的行车道路“{0}”能进不能出",
        "Its nearest street for cars, '{0}', has no way out",
        "车巡会改停他处；请核对单行方向。",
        "Cars will stop elsewhere; check the direction of that street.",
    ),
    "no_time_of_day": Sentence(
        "warning", "{1} 条中有 {0} 条发生在零点整，可能没有时间",
        "{0} of {1} began at midnight sharp: they may have a date and no time",
        "请补录时间，否则会被当作夜间警情。", "Add the time, or they count as of the night.",
    ),
    "odd_bell_time": Sentence(
        "warning", "{0} 不像是这种铃声的时间", "{0} is an odd time for such a bell",
        "请核对（12 小时制？）。", "Check it; was it written on a 12-hour clock?",
    ),
    "bells_reversed": Sentence(
        "error", "放学早于上学（{0}）", "School ends before it begins ({0})", *_CORRECT,
    ),
    "odd_pupils": Sentence(
        "warning", "学生人数为 {0}，不合常理", "{0} pupils cannot be right",
        "请核对；留空则按学校类别假设。", "Check it; left empty, patrolmap assumes it by kind.",
    ),
    "bell_pupils": Sentence(
        "warning", "该铃声的学生 {0} 人，多于全校 {1} 人",
        "rings for {0} pupils, more than the {1} of the school", *_CORRECT,
    ),
    "large_crew": Sentence(
        "warning", "一个巡组 {0} 人，不合常理", "{0} people are no patrol crew",
        "请核对；人多时分成几组。", "Check it; make several crews of many people.",
    ),
    "post_too_large": Sentence(
        "error", "需要 {0} 人，而所有巡组和护校力量共 {1} 人",
        "needs {0} people, but all crews and helpers are {1}",
        "请核对需要人数，或增加巡组。", "Check how many it needs, or add crews.",
    ),
    "many_helpers": Sentence(
        "warning", "一个时段 {0} 人，不合常理", "{0} helpers in one window cannot be right",
        *_CORRECT,
    ),
}  # fmt: skip

# fix -> what it would do; {0} takes what it needs
FIXES: Final[dict[str, tuple[str, str]]] = {
    "merge": ("并入“{0}”", "Merge into '{0}'"),
    "drop": ("移出", "Take it out"),
    "swap": ("互换经纬度", "Swap longitude and latitude"),
    "move": ("移到道路旁", "Move it to the street"),
    "attach": ("改属学校“{0}”", "Give it to the school '{0}'"),
    "clear": ("清空该值，由系统假设", "Empty the value; patrolmap then assumes it"),
}
