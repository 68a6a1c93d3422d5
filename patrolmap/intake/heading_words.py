"""What station lists call a column, beside the names in the contracts."""

from __future__ import annotations

import re
from typing import Final

from patrolmap.intake.datum import Datum
from patrolmap.intake.times import plain

LON_WORDS: Final = (
    "lon", "lng", "long", "longitude", "经度", "东经", "经度坐标", "坐标经度", "中心经度",
    "中心点经度", "x经度", "经度x", "位置经度", "point_x",
)  # fmt: skip
LAT_WORDS: Final = (
    "lat", "latitude", "纬度", "北纬", "纬度坐标", "坐标纬度", "中心纬度", "中心点纬度",
    "y纬度", "纬度y", "位置纬度", "point_y",
)  # fmt: skip
LON_LAT_WORDS: Final = (
    "经纬度", "经纬度坐标", "经度纬度", "lonlat", "lnglat", "lng,lat", "lon,lat", "经度,纬度",
    "经纬", "坐标经纬度",
)  # fmt: skip
LAT_LON_WORDS: Final = ("纬经度", "纬度经度", "latlon", "latlng", "lat,lon", "lat,lng", "纬度,经度")
WKT_WORDS: Final = ("wkt", "geom", "geometry", "几何", "thegeom", "空间信息", "几何信息", "wktgeom")
# Hold a pair of coordinates in some lists and words in others: the cells decide.
PLACE_WORDS: Final = (
    "坐标", "位置", "location", "position", "coordinates", "coordinate", "coords", "gps",
    "gps坐标", "位置坐标", "地理坐标", "点位坐标", "定位", "xy", "点位", "空间坐标",
)  # fmt: skip
ADDRESS_WORDS: Final = (
    "地址", "详细地址", "学校地址", "单位地址", "场所地址", "经营地址", "地点", "发生地点",
    "案发地点", "address", "addr", "门牌号", "位置", "location",
)  # fmt: skip
ID_WORDS: Final = ("id", "编号", "编码", "代码", "标识", "唯一标识")
OWN_ID_WORDS: Final = {
    "units": ("呼号", "call-sign", "巡组名称", "组别"),
    "schools": ("学校代码", "学校标识码", "学校编码", "校编号"),
    "bases": ("警务点代码",),
    "incidents": ("警情编号", "接警单号", "接警编号", "案件编号"),
    "gates": ("门编号", "大门编号"),
    "venues": ("商户编号", "店铺编号"),
}

WORDS: Final[dict[str, tuple[str, ...]]] = {
    "name": (
        "名字", "单位名称", "单位", "全称", "店名", "商户名称", "店铺名称", "字号", "字号名称",
        "点位名称", "场所", "门名称", "门名", "大门名称", "title", "标题", "poi名称",
        "校名", "园名", "幼儿园名称", "园所名称", "单位全称", "学校全称",
    ),
    "kind": ("类型", "种类", "类别名称", "type", "性质", "业态", "经营类型", "typecode", "大类",
             "中类", "小类", "category", "class"),
    "kinds": (
        "类别", "类型", "学校类型", "办学类型", "学段", "type", "kind", "学校性质", "办学层次",
        "教育阶段", "学校级别", "typecode", "大类", "中类", "小类", "level", "category",
    ),
    "pupils": (
        "学生数", "人数", "在校生数", "在校学生数", "在校人数", "学生总数", "在校生", "在校生人数",
        "在园幼儿数", "在园人数", "幼儿人数", "学生总人数", "在籍人数",
        "在校学生人数", "在籍学生数", "students", "enrolment", "enrollment", "师生人数",
    ),
    "boarding": ("是否寄宿", "住校", "是否住校", "寄宿制", "是否寄宿制"),
    "school_id": (
        "所属学校编号", "所属学校", "school", "学校代码", "学校标识码", "所属学校代码", "学校",
        "学校名称", "校名", "所属学校名称", "所属学校全称",
    ),
    "isolation_zone": ("隔离区域", "有无隔离区", "等候隔离区"),
    "bollards": ("防撞柱", "硬隔离", "防撞设施", "升降柱", "隔离墩", "硬质防冲撞设施"),
    "speed_bumps": ("减速设施", "有无减速带"),
    "licence": ("许可", "证照情况", "license", "许可证", "有无证照", "是否有证", "证照状态"),
    "began_at": (
        "案发时间", "开始时间", "began", "start time", "报警时间", "接警时间", "发案时间", "时间",
        "发生日期", "发案时间初值", "日期时间", "datetime", "time", "occurred at",
    ),
    "ended_at": ("终止时间", "ended", "end time", "处置结束时间", "发案时间止", "发案时间终值"),
    "severity": ("等级", "级别", "严重等级", "危害程度"),
    "origin": ("警情来源", "报警方式", "来源渠道", "接警方式"),
    "found_on": ("发现时间", "排查日期", "排查时间", "检查日期", "登记日期", "上报日期"),
    "due_on": ("整改时限", "期限", "due", "整改截止日期", "要求完成时间", "完成时限"),
    "closed_on": ("销号时间", "整改日期", "closed", "整改完成日期", "办结日期", "完成日期"),
    "status": ("整改状态", "整改情况", "进展", "办理状态", "处理状态"),
    "agency": ("责任部门", "主管单位", "牵头单位", "主管部门", "整改单位", "整改责任单位"),
    "controlled": ("灯控", "有无灯控", "信号灯", "有无信号灯", "是否灯控"),
    "vehicles_per_h": ("机动车流量", "高峰车流量", "小时车流量", "车流"),
    "pupils_per_h": ("学生过街量", "高峰学生流量", "过街学生数", "人流量"),
    "group": ("年级", "学段", "grade", "年级段", "班级"),
    "time_s": ("时刻", "铃声时间", "bell time", "钟点", "打铃时间"),
    "weekdays": ("适用星期", "weekday", "days", "适用日", "周几"),
    "gate_ids": ("校门", "使用的校门", "使用校门编号"),
    "is_school_day": ("是否上课", "是否上学", "是否教学日"),
    "until": ("结束日期", "至"),
    "as_weekday": ("按周几上课", "按星期几", "补课按"),
    "note": ("备注", "事由", "原因", "假期名称"),
    "mode": ("巡逻方式", "巡逻形式"),
    "start_id": ("出发警务点", "start", "出发点编号", "出发警务点编号"),
    "end_id": ("返回警务点", "end", "返回点编号"),
    "shift_start_s": ("上班时间", "上岗时间", "班次开始", "开始上岗", "到岗时间"),
    "shift_end_s": ("下班时间", "下岗时间", "班次结束", "离岗时间"),
    "officers": ("民警", "民警人数"),
    "auxiliaries": ("辅警", "辅警人数"),
    "window_id": ("时段", "勤务时段", "护学时段"),
    "role": ("角色", "岗位类型", "人员类型", "人员类别"),
    "count": ("数量", "到岗人数", "人员数量"),
    "unit_id": ("巡组", "呼号", "组别", "警组", "巡逻组", "call-sign", "unit"),
    "place": ("岗位", "点位", "校门", "网格", "位置", "巡逻点", "护学岗", "stop", "gate", "cell"),
    "from_s": ("开始时间", "起始时间", "起", "自", "到岗时间", "到岗", "到达", "start", "begin"),
    "until_s": ("结束时间", "终止时间", "止", "至", "离岗时间", "离岗", "离开", "end", "to"),
}  # fmt: skip
# Amap tells a kind several times, the narrowest word for it last: these give way in this order.
SPARE_WORDS: Final = ("typecode", "大类", "中类")

_DATUM_MARKS: Final[tuple[tuple[re.Pattern[str], Datum], ...]] = (
    (re.compile("gcj-?_?(?:02)?|高德|火星|腾讯|国测局|amap|qq地图"), "gcj02"),
    (re.compile("bd-?_?09(?:ll)?|百度|baidu|bd(?=_?(?:lng|lon|lat|x|y))"), "bd09"),
    (re.compile("wgs-?_?(?:84)?|gps"), "wgs84"),
    (re.compile("cgcs-?_?(?:2000)?|国家2000|大地2000|2000国家大地坐标系?|天地图"), "cgcs2000"),
)
_EMPTY_BRACKETS: Final = re.compile(r"[(\[【（]\s*(?:坐标系?)?\s*[)\]】）]|坐标系")


def key(heading: str) -> str:
    """
    Leave out what headings differ by: case, spaces, joints, a number, a unit in brackets.

    Examples
    --------
    >>> key("学生人数（人）"), key("* 名 称："), key("3、类别/type"), key("School_Name")
    ('学生人数', '名称', '类别/type', 'schoolname')
    """
    word = re.sub(r"[(\[【][^()\[\]【】]*[)\]】]$", "", plain(heading).rstrip(":*# "))
    word = re.sub(r"^[0-9]{1,2}[.、]\s*(?=\D)", "", word)
    return re.sub(r"[\s_\-*:#]", "", word)


def take_datum(heading: str) -> tuple[str, Datum | None]:
    """
    Take the datum out of a heading that names one.

    Examples
    --------
    >>> take_datum("经度(GCJ02)"), take_datum("高德经度"), take_datum("bd_lng"), take_datum("经度")
    (('经度', 'gcj02'), ('经度', 'gcj02'), ('lng', 'bd09'), ('经度', None))
    """
    word = plain(heading)
    for pattern, datum in _DATUM_MARKS:
        rest, times = pattern.subn("", word)
        if times:
            return key(_EMPTY_BRACKETS.sub("", rest).strip("_- ")), datum
    return key(heading), None
