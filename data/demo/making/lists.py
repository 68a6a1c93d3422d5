"""The station's own lists about schools and crews: gates, bells, calendar, helpers, crews."""

from __future__ import annotations

from typing import Any, Final

from making.campus import Campus

Row = dict[str, Any]
SOURCE: Final = "合成"
WITH_VOLUNTEERS: Final = ("S01", "S03", "S04", "S05")


def schools(campuses: list[Campus]) -> list[Row]:
    """List the seven schools."""
    return [
        {
            "编号": campus.school.school_id,
            "名称": campus.school.name,
            "学校类别": campus.school.kinds,
            "学生人数": campus.school.pupils,
            "寄宿": _yes_no(campus.school.boarding),
            "at": campus.lot.representative_point().coords[0],
            "出处": SOURCE,
        }
        for campus in campuses
    ]


def gates(campuses: list[Campus]) -> list[Row]:
    """List the gates; what protects them varies from school to school."""
    return [
        {
            "编号": f"G{number:02d}{at}",
            "名称": campus.school.name + kind,
            "学校编号": campus.school.school_id,
            "类别": kind,
            "隔离区": _yes_no(at == 1 and number % 3 != 2),
            "硬质隔离": _yes_no(at == 1 or kind == "车行门"),
            "减速带": _yes_no(number % 2 == 1),
            "at": place,
            "出处": SOURCE,
        }
        for number, campus in enumerate(campuses, 1)
        for at, (kind, place) in enumerate(campus.gates, 1)
    ]


# School, grade group (empty: all), weekdays, kind, time, pupils, gates (empty: all).
# First lessons: primary not before 08:20, secondary not before 08:00 (教基厅函〔2021〕11号).
_BELLS: Final = (
    ("S01", "", "周一至周五", "上学", "08:30", 318, ""),
    ("S01", "", "周一至周五", "放学", "16:20", 318, ""),
    ("S02", "", "周一至周五", "上学", "08:30", 264, ""),
    ("S02", "", "周一至周五", "放学", "16:20", 264, ""),
    ("S03", "", "周一至周五", "上学", "08:10", 1486, "G031,G032"),
    ("S03", "一二年级", "周一至周五", "放学", "15:50", 508, "G032"),
    ("S03", "三四年级", "周一至周五", "放学", "16:40", 496, "G031"),
    ("S03", "五六年级", "周一至周五", "放学", "17:20", 482, "G031"),
    ("S04", "", "周一至周五", "上学", "08:10", 1124, "G041"),
    ("S04", "一至三年级", "周一至周五", "放学", "15:40", 586, "G041"),
    ("S04", "四至六年级", "周一至周五", "放学", "16:50", 538, "G041"),
    ("S05", "小学部", "周一至周五", "上学", "08:15", 1104, "G051"),
    ("S05", "初中部", "周一至周五", "上学", "07:50", 828, "G052"),
    ("S05", "小学部", "周一至周五", "放学", "16:30", 1104, "G051"),
    ("S05", "初中部", "周一至周四", "放学", "17:40", 828, "G052"),
    ("S05", "初中部", "周五", "放学", "16:50", 828, "G052"),
    ("S06", "", "周一至周五", "上学", "07:50", 1370, "G061"),
    ("S06", "七年级", "周一至周五", "放学", "17:20", 468, "G061"),
    ("S06", "八九年级", "周一至周五", "放学", "17:40", 902, "G061"),
    ("S07", "", "周一至周五", "上学", "07:40", 1290, "G071,G072"),
    ("S07", "走读", "周一至周四", "放学", "17:50", 640, "G071"),
    ("S07", "全体", "周五", "放学", "16:30", 2216, "G071,G072"),
    ("S07", "走读", "周一至周四", "晚自习放学", "21:00", 650, "G071"),
)


def bells() -> list[Row]:
    """List the bells."""
    headings = ("学校编号", "年级组", "星期", "类别", "时间", "学生人数", "使用校门")
    return [
        {"编号": f"L{at:02d}", **dict(zip(headings, bell, strict=True)), "出处": SOURCE}
        for at, bell in enumerate(_BELLS, 1)
    ]


_UNIT_HEADINGS: Final = (
    "编号", "方式", "出发点", "上班", "下班", "民警数", "辅警数", "最大里程",
    "休息最早", "休息最晚", "休息分钟",
)  # fmt: skip
# Call-sign, mode, base, shift from and to, officers, auxiliaries, longest way [m], the break's
# earliest and latest start and its minutes.
_UNITS: Final = (
    ("澄01", "步巡", "B01", "07:00", "18:30", 1, 1, "", "11:30", "13:00", 60),
    ("澄02", "步巡", "B01", "07:00", "18:30", 1, 0, "", "11:30", "13:00", 60),
    ("澄03", "步巡", "B02", "07:00", "18:30", 1, 1, "", "11:30", "13:00", 60),
    ("澄04", "步巡", "B02", "07:00", "18:30", 0, 2, "", "12:00", "13:30", 60),
    ("澄05", "步巡", "B03", "07:00", "18:30", 1, 1, "", "11:30", "13:00", 60),
    ("澄06", "步巡", "B03", "07:00", "18:30", 1, 0, 14000, "12:00", "13:30", 60),
    ("澄07", "车巡", "B01", "07:00", "18:30", 1, 1, 60000, "11:00", "13:00", 60),
    ("澄08", "步巡", "B02", "14:00", "22:00", 1, 1, "", "18:40", "19:30", 30),
)


def units() -> list[Row]:
    """List the crews by call-sign."""
    return [{**dict(zip(_UNIT_HEADINGS, unit, strict=True)), "出处": SOURCE} for unit in _UNITS]


_WINDOW_OF_BELL: Final = {"上学": "arrival", "放学": "dismissal", "晚自习放学": "evening_study"}


def helpers(campuses: list[Campus]) -> list[Row]:
    """List who helps at the gates: counts by role, once for each window."""
    pupils = {campus.school.school_id: campus.school.pupils for campus in campuses}
    windows = sorted({(b[0], f"{b[0]}:{_WINDOW_OF_BELL[b[3]]}:{b[1] or 'all'}") for b in _BELLS})
    headings = ("学校编号", "时段编号", "岗位", "人数")
    rows = [
        dict(zip(headings, (school, window, role, count), strict=True))
        for school, window in windows
        for role, count in _help_at(school, window, pupils[school])
    ]
    return [{"编号": f"H{at:03d}", **row, "出处": SOURCE} for at, row in enumerate(rows, 1)]


def _help_at(school: str, window: str, pupils: int) -> list[tuple[str, int]]:
    """Guards at every window, parents by day, volunteers where the school has some."""
    helping = [("校园保安", 2 if pupils < 1000 else 3)]
    if "evening" not in window:
        helping.append(("家长志愿者", 2 + pupils // 600))
        helping += [("护校志愿者", 1)] if school in WITH_VOLUNTEERS else []
    return helping


# Date, school (empty: all), lessons, weekday whose bells ring, note.
_EXCEPTIONS: Final = (
    ("2025-09-28", "", "是", 2, "国庆调休，上周二的课"),
    ("2025-10-11", "", "是", 3, "国庆调休，上周三的课"),
    ("2025-11-06", "S03", "否", "", "秋季研学，不到校"),
    ("2025-11-07", "S04", "否", "", "秋季研学，不到校"),
    ("2026-04-17", "S05", "否", "", "春季研学，不到校"),
    ("2026-06-08", "S07", "否", "", "高考考场"),
    ("2026-06-09", "S07", "否", "", "高考考场"),
    ("2026-06-17", "S06", "否", "", "中考考场"),
    ("2026-06-18", "S06", "否", "", "中考考场"),
    ("2026-10-23", "S03", "否", "", "秋季研学，不到校"),
    ("2026-11-06", "S06", "是", 5, "运动会，按周五放学"),
)


def exceptions() -> list[Row]:
    """List the days that differ from the public calendar."""
    headings = ("日期", "学校编号", "上课", "按星期", "说明")
    return [
        {"编号": f"E{at:02d}", **dict(zip(headings, day, strict=True)), "出处": SOURCE}
        for at, day in enumerate(_EXCEPTIONS, 1)
    ]


def _yes_no(value: object) -> str:
    return "是" if value else "否"
