"""The words of reports in both languages: what was read, left out, changed, noted."""

from __future__ import annotations

from typing import Final

from patrolmap.model.contracts import CONTRACTS
from patrolmap.model.language import Language

# what happened to a row -> Chinese, English; the codes are those of `patrolmap.intake.updates`
_WHAT: Final = {
    "added": ("新增", "added"),
    "changed": ("修改", "changed"),
    "moved": ("移位", "moved"),
    "conflict": (
        "人工填写与名单不一致，保留人工填写", "set by hand, so kept although the list differs",
    ),
    "unclear": (
        "已新增，可能与现有对象重复", "added, though it could be one of those already there",
    ),
    "gone": ("名单中没有，予以保留", "not in the list, but kept"),
    "removed": ("删除", "removed"),
    "gave_way": ("地图上有、名单中没有，以名单为准", "of the map and not in the list: gave way"),
}  # fmt: skip

# In English the codes speak for themselves.
_LABELS_ZH: Final = {
    "added": "新增",
    "blank_rows": "空行",
    "cases_closed_before": "此前已销号、未重开的案件",
    "cases_open_before": "此前已立案",
    "cases_opened": "新立案",
    "change_id": "变更序号",
    "changed": "修改",
    "columns": "列名对应",
    "columns_left_out": "未采用的列",
    "conflict": "与人工填写不一致",
    "crs": "文件坐标参考系",
    "datum": "坐标系",
    "datum_from": "坐标系依据",
    "datum_on_map": "坐标系与地图比对",
    "delimiter": "分隔符",
    "dry_run": "预演（未写入）",
    "encoding": "编码",
    "file": "文件",
    "filled_down": "向下填充的合并单元格",
    "fixed": "已修正",
    "format": "格式",
    "gave_way": "以名单为准删去的地图对象",
    "geometry_left_out": "未采用的几何",
    "gone": "名单中没有、予以保留",
    "header_rows": "表头所在行",
    "hidden_columns": "已读入的隐藏列",
    "hidden_rows": "已读入的隐藏行",
    "ids_made": "编号由系统生成",
    "kept": "地图已存为",
    "layer": "图层",
    "left_out": "未采用",
    "mapping_remembered_from": "沿用列名对应，记于",
    "metric_crs": "量算坐标系",
    "moved": "移位",
    "osm_base": "地图时点",
    "place": "地点",
    "removed": "删除",
    "rows_left_out": "未采用的行",
    "rows_read": "读入行数",
    "schools_by_name": "按校名对应的行",
    "sheet": "工作表",
    "sheets_left_out": "未采用的工作表",
    "schools_unknown": "辖区内没有的学校",
    "table": "数据表",
    "tables_left_out": "未采用的数据表",
    "tags_left_out": "未读取的标签",
    "unchanged": "未变",
    "unclear": "可能重复",
    "undone": "已撤销的变更",
}
_CODES: Final = {
    "declared": ("人工声明", "declared"),
    "file": ("文件注明", "the file says so"),
    "fits": ("相符", "fits"),
    "headings": ("列名注明", "headings"),
    "headings_again": ("重复表头", "headings said again"),
    "note": ("说明", "note"),
    "section": ("小标题", "heading of a part"),
    "shifted": ("不符", "shifted"),
    "title": ("标题", "title"),
    "total": ("合计", "total"),
    "undecided": ("无法判断", "undecided"),
    "wrong": ("有错误", "wrong"),
}
_CODED: Final = ("datum_from", "datum_on_map")


def change_word(what: str, language: Language) -> str:
    """Say what a list did to a row."""
    return _WHAT[what][language != "zh"]


def label(key: str, language: Language) -> str:
    """
    Name a detail of a report; one without a name is shown as it is.

    Examples
    --------
    >>> label("rows_read", "zh"), label("rows_read", "en")
    ('读入行数', 'rows_read')
    """
    return _LABELS_ZH.get(key, key) if language == "zh" else key


def layer_title(layer: str, language: Language) -> str:
    """Name a layer; in English by its code, which is what the command line takes."""
    return CONTRACTS[layer].zh if language == "zh" and layer in CONTRACTS else layer


def code_words(code: str, language: Language) -> str:
    """Say a code of how a list was read; an unknown one is shown as it is."""
    known = _CODES.get(code)
    return known[language != "zh"] if known else code


def detail_words(key: str, value: object, language: Language) -> str:
    """
    Put a detail into one line.

    Examples
    --------
    >>> detail_words("rows_left_out", [(1, "title"), (2, "title"), (9, "wrong")], "en")
    '1, 2 (title); 9 (wrong)'
    >>> detail_words("columns", {"名称": "name"}, "zh")
    '名称 → name'
    """
    if key == "rows_left_out" and isinstance(value, list):
        return _rows_by_why(value, language)
    if isinstance(value, bool) and language == "zh":
        return "是" if value else "否"
    if isinstance(value, dict):
        return ", ".join(f"{name} → {to}" for name, to in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    said = layer_title(str(value), language) if key == "layer" else str(value)
    return code_words(said, language) if key in _CODED else said


def _rows_by_why(rows: list[tuple[int, str]], language: Language) -> str:
    by_why: dict[str, list[str]] = {}
    for row, why in rows:
        by_why.setdefault(why, []).append(str(row))
    said = (f"{', '.join(at)} ({code_words(why, language)})" for why, at in by_why.items())
    return "; ".join(said)
