# ruff: noqa: E501 - the cases below read as a table
"""
Lists as stations have them, good, odd and bad, and what must become of each.

A case says what its file holds, counted by hand: `rows` is the number of filled rows beside the
headings. `stored` of them come in and the others are told; or the file is refused with words
that name the file, the row and the column.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import geopandas as gpd
import openpyxl
import shapely

from tests import tiny

LON, LAT = tiny.lonlat(120, 120)
IDENTITY = "11010519491231002X"  # the example of GB 11643-1999
MOBILE = "13912345678"
PLATE = "苏D12345"
SECRETS = (IDENTITY, MOBILE, PLATE, "139-1234-5678", "110105 19491231 002X", "张伟", "李秀英")


@dataclass(frozen=True)
class Case:
    """
    One file and what must become of it.

    `options` are those of the command line; `left_out` maps rows to reasons; `refused` are the
    words of the error; `checks` looks at the rows as they are stored.
    """

    name: str
    layer: str
    content: bytes
    options: tuple[str, ...] = ("--datum", "wgs84")
    rows: int | None = None
    stored: int = 0
    left_out: dict[int, str] = field(default_factory=dict)
    refused: tuple[str, ...] = ()
    checks: Callable[[Any], object] | None = None

    def __str__(self) -> str:
        return self.name


def _at(number: int) -> tuple[float, float]:
    return round(LON + number * 1e-4, 6), round(LAT + number * 1e-4, 6)


def _csv(*rows: Sequence[object], mark: str = ",", encoding: str = "utf-8") -> bytes:
    return "\r\n".join(mark.join(map(str, row)) for row in rows).encode(encoding)


def _xlsx(*sheets: tuple[str, Sequence[Sequence[object]]], **how: Any) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets:
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
        for block in how.get("merged", ()):
            sheet.merge_cells(block)
        for row in how.get("hidden_rows", ()):
            sheet.row_dimensions[row].hidden = True
        for at, form in how.get("formats", {}).items():
            sheet[at].number_format = form
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _venue(number: int, name: object = None, kind: object = "网吧") -> list[object]:
    return [f"V{number}", name or f"店铺{number}", kind, *_at(number)]


HEAD = ["编号", "名称", "类别", "经度", "纬度"]
TWO = [_venue(1), _venue(2)]


def _swap(row: list[object], at: int, value: object) -> list[object]:
    return [*row[:at], value, *row[at + 1 :]]


def _geo(**options: Any) -> gpd.GeoDataFrame:
    points = [shapely.Point(_at(n)) for n in (1, 2)]
    frame = gpd.GeoDataFrame(
        {"venue_id": ["V1", "V2"], "name": ["甲", "乙"], "kind": ["网吧", "bar"]},
        geometry=points, crs="EPSG:4326",
    )  # fmt: skip
    return frame.assign(**options)


def _saved(frame: gpd.GeoDataFrame, name: str, **options: Any) -> bytes:
    with TemporaryDirectory() as folder:
        frame.to_file(Path(folder) / name, **options)
        return (Path(folder) / name).read_bytes()


def _shapefile(frame: gpd.GeoDataFrame, *parts: str) -> bytes:
    with TemporaryDirectory() as folder:
        frame.to_file(Path(folder) / "a.shp", encoding="UTF-8")
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            for part in parts:
                archive.write(Path(folder) / f"a{part}", f"a{part}")
        return packed.getvalue()


def _geojson(*features: dict[str, Any], **more: Any) -> bytes:
    return json.dumps({"type": "FeatureCollection", "features": features, **more}).encode()


def _feature(number: int, **properties: Any) -> dict[str, Any]:
    point = {"type": "Point", "coordinates": _at(number)}
    return {"type": "Feature", "geometry": point, "properties": {"kind": "网吧", **properties}}


def _degrees(value: float) -> str:
    minutes, seconds = divmod(round(value * 3600, 2), 60)
    degrees, minutes = divmod(int(minutes), 60)
    return f"{degrees}°{minutes}′{seconds:.2f}″"


def encodings_and_marks() -> list[Case]:
    """The same two venues in every encoding and between every mark."""
    cases = [
        Case(f"编码-{name}.csv", "venues", _csv(HEAD, *TWO, encoding=code), rows=2, stored=2)
        for name, code in (
            ("utf8", "utf-8"), ("bom", "utf-8-sig"), ("gbk", "gbk"), ("gb18030", "gb18030"),
            ("utf16", "utf-16"),
        )
    ]  # fmt: skip
    traditional = [["編號", "名稱", "類別", "lon", "lat"], *TWO]
    big5 = "\n".join(",".join(map(str, row)) for row in traditional).replace("网吧", "bar")
    cases += [
        Case(
            "big5.csv", "venues", big5.replace("店铺", "臺灣商店").encode("big5"),
            ("--datum", "wgs84", "--columns", "名稱=name", "--columns", "類別=kind"),
            rows=2, stored=2,
        ),
        Case(
            "繁體.csv", "schools",
            _csv(["學校名稱", "類別", "學生人數", "經度", "緯度"],
                 ["東海國小", "國小", '"1,200"', *_at(1)], ["福科國中", "國民中學", "——", *_at(2)],
                 ["總計", "", "1200", "", ""], encoding="big5"),
            rows=3, stored=2, left_out={4: "total"},
            checks=lambda f: {"primary", "middle"} <= set(f["kinds"]) and 1200 in set(f["pupils"].dropna()),
        ),
        Case(
            "utf16无标记.csv", "venues", _csv(HEAD, *TWO, encoding="utf-16-le"),
            refused=("utf16无标记.csv", "--encoding utf-16-le"),
        ),
        Case(
            "错误编码.csv", "venues", _csv(HEAD, *TWO, encoding="gbk"),
            ("--datum", "wgs84", "--encoding", "utf-8"), refused=("错误编码.csv: row 1: byte",),
        ),
        Case(
            "日文.csv", "venues", "名称,小学校の名前、さくらい\n".encode("shift_jis"),
            refused=("日文.csv", "makes no sense"),
        ),
        Case("制表符.tsv", "venues", _csv(HEAD, *TWO, mark="\t"), rows=2, stored=2),
        Case("分号.csv", "venues", _csv(HEAD, *TWO, mark=";"), rows=2, stored=2),
        Case("竖线.txt", "venues", _csv(HEAD, *TWO, mark="|"), rows=2, stored=2),
        Case("sep.csv", "venues", b"sep=;\r\n" + _csv(HEAD, *TWO, mark=";"), rows=2, stored=2),
        Case(
            "换行.csv", "venues", _csv(HEAD, _venue(1, '"东风\r\n网吧"'), _venue(2)),
            rows=2, stored=2, checks=lambda f: f["name"].iloc[0] == "东风 网吧",
        ),
        Case(
            "引号未闭.csv", "venues", _csv(HEAD, _venue(1, '"东风'), _venue(2)),
            refused=("引号未闭.csv: row 2",),
        ),
        Case("零字节.csv", "venues", b"id,name\nV1,\0\nV2,b\n", refused=("零字节.csv", "zero bytes")),
    ]  # fmt: skip
    return cases


def headings() -> list[Case]:
    """Titles, groups, translations, totals, notes, sheets and merged cells."""
    title = [["重点场所一览表"], []]
    ends = [["合计", 2], ["注：数据截至九月"]]
    two_rows = [["编号", "名称", "类别", "位置", ""], ["", "", "", "经度", "纬度"]]
    schools = [["学校编号", "学校名称", "办学类型", "学生人数(人)", "经度(WGS84)", "纬度(WGS84)"]]
    schools += [["S8", "东方小学", "小学", "１，２００人", *_at(1)]]
    group = [["编号", "名称", "类别", "坐标(高德)", ""], ["", "", "", "经度", "纬度"]]
    amap = ["id", "name", "type", "typecode", "location"]
    poi = ["B1", "星空", "体育休闲服务;娱乐场所;网吧", "080308"]
    merged = [
        ["所属学校", "名称", "经度", "纬度"],
        ["S01", "南门", *_at(1)],
        [None, "北门", *_at(2)],
    ]
    return [
        Case(
            "标题行.xlsx", "venues", _xlsx(("表", [*title, HEAD, *TWO, *ends]), merged=["A1:E1"]),
            rows=5, stored=2, left_out={1: "title", 6: "total", 7: "note"},
        ),
        Case(
            "两行表头.xlsx", "venues", _xlsx(("表", [*two_rows, *TWO]), merged=["D1:E1", "A1:A2"]),
            rows=2, stored=2,
        ),
        Case(
            "组头说明坐标系.xlsx", "venues",
            _xlsx(("表", [*group, *TWO]), merged=["D1:E1", "A1:A2", "B1:B2", "C1:C2"]),
            refused=("组头说明坐标系.xlsx", "headings say gcj02"),
        ),
        Case(
            "高德poi.csv", "venues", _csv(amap, [*poi, '"{},{}"'.format(*_at(1))]),
            rows=1, stored=1, checks=lambda f: f["kind"].item() == "internet_cafe",
        ),
        Case(
            "大中小类.csv", "venues",
            _csv(["名称", "大类", "中类", "小类", "经度", "纬度"],
                 ["星空", "体育休闲服务", "娱乐场所", "网吧", *_at(1)]),
            rows=1, stored=1, checks=lambda f: f["kind"].item() == "internet_cafe",
        ),
        Case(
            "中英表头.csv", "venues", _csv(HEAD, ["id", "name", "kind", "lon", "lat"], *TWO),
            rows=2, stored=2,
        ),
        Case(
            "表头矛盾.csv", "venues",
            _csv(HEAD, ["名称", "编号", "类别", "经度", "纬度"], *TWO),
            refused=("表头矛盾.csv", "two rows hold headings"),
        ),
        Case(
            "表头重复.csv", "venues", _csv(HEAD, TWO[0], HEAD, TWO[1]),
            rows=3, stored=2, left_out={3: "headings_again"},
        ),
        Case(
            "两张表.csv", "venues", _csv(HEAD, TWO[0], [], ["名称", "类型", "经度", "许可证"], TWO[1]),
            refused=("两张表.csv: row 4", "second table"),
        ),
        Case("无表头.csv", "venues", _csv(*TWO), refused=("无表头.csv", "no row has headings")),
        Case(
            "学校.csv", "schools", _csv(*schools).replace("１，２００人".encode(), '"１，２００人"'.encode()),
            (), rows=1, stored=1, checks=lambda f: f.loc["S8", "pupils"] == 1200,
        ),
        Case(
            "类别见校名.csv", "schools",
            _csv(["校名称", "学校名称", "经度", "纬度"], ["", "和平小学", *_at(1)], ["", "育才幼儿园", *_at(2)]),
            rows=2, stored=2, checks=lambda f: set(f["kinds"]) >= {"primary", "kindergarten"},
        ),
        Case(
            "合并单元格.xlsx", "gates", _xlsx(("表", merged), merged=["A2:A3"]),
            rows=2, stored=2, checks=lambda f: set(f["school_id"]) == {"S01"},
        ),
        Case(
            "未合并空白.xlsx", "gates", _xlsx(("表", merged)),
            refused=("未合并空白.xlsx", "row 3, column '所属学校'", "empty"),
        ),
        Case(
            "按校名.csv", "gates", _csv(["学校", "名称", "经度", "纬度"], ["High School", "东门", *_at(1)]),
            rows=1, stored=1, checks=lambda f: set(f["school_id"]) == {"S02"},
        ),
        Case(
            "第二张.xlsx", "venues", _xlsx(("说明", [["请先阅读"]]), ("店", [HEAD, *TWO])),
            rows=2, stored=2,
        ),
        Case(
            "按表名.xlsx", "venues", _xlsx(("学校", [HEAD, TWO[0]]), ("场所", [HEAD, *TWO])),
            rows=2, stored=2,
        ),
        Case(
            "两张都像.xlsx", "venues", _xlsx(("东", [HEAD, TWO[0]]), ("西", [HEAD, TWO[1]])),
            refused=("两张都像.xlsx", "'东', '西'", "--sheet"),
        ),
        Case(
            "选一张.xlsx", "venues", _xlsx(("东", [HEAD, TWO[0]]), ("西", [HEAD, TWO[1]])),
            ("--datum", "wgs84", "--sheet", "西"), rows=1, stored=1,
        ),
        Case(
            "隐藏行.xlsx", "venues", _xlsx(("表", [HEAD, *TWO]), hidden_rows=[3]), rows=2, stored=2
        ),
        Case(
            "分段标题.xlsx", "venues",
            _xlsx(("表", [HEAD, ["一、东片"], TWO[0], TWO[1]]), merged=["A2:E2"]),
            rows=3, stored=2, left_out={2: "section"},
        ),
        Case(
            "表头行.csv", "venues", _csv(["名称", "类别", "经度"], HEAD, *TWO),
            ("--datum", "wgs84", "--header-row", "2"), rows=3, stored=2, left_out={1: "title"},
        ),
        Case(
            "多余单元格.csv", "venues", _csv(HEAD, [*TWO[0], "多"]),
            refused=("多余单元格.csv", "row 2", "column 6, which has no heading"),
        ),
        Case(
            "两列同义.csv", "venues",
            _csv(["店名", "商户名称", "类别", "经度", "纬度"], ["a", "b", "网吧", *_at(1)]),
            refused=("'店名', '商户名称' would all be 'name'",),
        ),
        Case(
            "略去一列.csv", "venues",
            _csv(["店名", "商户名称", "类别", "经度", "纬度"], ["a", "b", "网吧", *_at(1)]),
            ("--datum", "wgs84", "--columns", "店名="), rows=1, stored=1,
        ),
    ]  # fmt: skip


def values() -> list[Case]:
    """Numbers, times, dates and kinds as people write them."""
    bells = ["学校编号", "类别", "时间"]
    times = ["上午7:30", "7点半", "０７：３０", "7：30", "07:30:00", "0.3125"]
    hazards = ["名称", "类别", "发现日期", "经度", "纬度"]
    dates = ["2026年11月24日", "2026-11-24", "2026/11/24", "20261124", "46350", "2026.11.24"]
    incidents = ["类别", "发生时间", "经度", "纬度"]
    words = [
        "网咖",
        "internet cafe",
        "080308",
        "Internet Café",
        "网吧",
        "体育休闲服务;娱乐场所;网吧",
    ]
    return [
        Case(
            "作息.csv", "bells", _csv(bells, *(["S01", "上学", time] for time in times)),
            (), rows=6, stored=6, checks=lambda f: set(f["time_s"]) == {27000},
        ),
        Case(
            "作息.xlsx", "bells", _xlsx(("作息", [bells, ["S01", "放学", 0.6875], ["S01", "上学", "7:40"]])),
            (), rows=2, stored=2, checks=lambda f: sorted(f["time_s"]) == [27600, 59400],
        ),
        Case(
            "坏时间.csv", "bells", _csv(bells, ["S01", "上学", "730"]), (),
            refused=("坏时间.csv", "row 2, column '时间'", "not a time of day"),
        ),
        Case(
            "日期.csv", "hazards",
            _csv(hazards, *(["a", "工地", day, *_at(n)] for n, day in enumerate(dates))),
            rows=6, stored=6, checks=lambda f: set(f["found_on"].dt.strftime("%F")) == {"2026-11-24"},
        ),
        Case(
            "日序数.xlsx", "hazards", _xlsx(("表", [hazards, ["a", "违停", 46350, *_at(1)]])),
            rows=1, stored=1, checks=lambda f: f["found_on"].iloc[0].day == 24,
        ),
        Case(
            "日期不清.csv", "hazards", _csv(hazards, ["a", "工地", "11/24/2026", *_at(1)]),
            refused=("row 2, column '发现日期'", "not a date"),
        ),
        Case(
            "警情.csv", "incidents",
            _csv(incidents, ["盗窃警情", "2026年11月20日 下午3点半", *_at(1)], ["打架", "46350.5", *_at(2)]),
            rows=2, stored=2,
        ),
        Case(
            "警情无时刻.csv", "incidents", _csv(incidents, ["盗窃", "2026-11-20", *_at(1)]),
            refused=("row 2, column '发生时间'", "not a date with a time of day"),
        ),
        Case(
            "类别同义.csv", "venues",
            _csv(HEAD, *(_venue(n, kind=word) for n, word in enumerate(words))),
            rows=6, stored=6, checks=lambda f: set(f["kind"]) == {"internet_cafe"},
        ),
        Case(
            "类别不识.csv", "venues", _csv(HEAD, _venue(1), _venue(2, kind="动物园")),
            refused=("row 3, column '类别'", "knows no such kind (found '动物园')"),
        ),
        Case(
            "类别自定.csv", "venues", _csv(HEAD, _venue(1), _venue(2, kind="动物园")),
            ("--datum", "wgs84", "--kinds", "动物园=other_shop"), rows=2, stored=2,
        ),
        Case(
            "略去错行.csv", "venues", _csv(HEAD, _venue(1), _venue(2, kind="动物园"), _venue(3)),
            ("--datum", "wgs84", "--leave-out-wrong"), rows=3, stored=2, left_out={3: "wrong"},
        ),
        Case(
            "横线表示无.csv", "schools",
            _csv(["名称", "类别", "学生人数", "经度", "纬度"],
                 *([f"{mark}小", "小学", mark, *_at(n)] for n, mark in enumerate(("—", "/", "暂无", "N/A")))),
            rows=4, stored=4, checks=lambda f: f["pupils"].isna().all(),
        ),
        Case(
            "百分比.csv", "schools",
            _csv(["名称", "类别", "学生人数", "经度", "纬度"], ["一小", "小学", "85%", *_at(1)]),
            refused=("row 2, column '学生人数'", "not a whole number (found '85%')"),
        ),
        Case(
            "文本数字.xlsx", "schools",
            _xlsx(("表", [["名称", "类别", "学生人数", "经度", "纬度"], ["一小", "小学", "900", *map(str, _at(1))]])),
            rows=1, stored=1, checks=lambda f: 900 in set(f["pupils"].dropna()),
        ),
        Case(
            "错误值.xlsx", "venues", _xlsx(("表", [HEAD, _venue(1, "#N/A")])),
            refused=("row 2, column 'B'", "spreadsheet's error"),
        ),
        Case(
            "公式未算.xlsx", "venues", _xlsx(("表", [HEAD, _venue(1, "=A2")])),
            refused=("row 2, column 'B'", "never worked out"),
        ),
        Case(
            "编号重复.csv", "venues", _csv(HEAD, _venue(1), _venue(1)),
            refused=("row 3, column '编号'", "stands twice"),
        ),
        Case("空行.csv", "venues", _csv(HEAD, TWO[0], [",,,,"], TWO[1], []), rows=2, stored=2),
    ]  # fmt: skip


def places() -> list[Case]:
    """Coordinates in every form, and what is none."""
    one = ["名称", "类别", "坐标"]
    head = ["名称", "类别", "经度", "纬度"]
    lon, lat = _at(1)

    def single(*texts: str, heading: str = "坐标") -> bytes:
        rows = [["名称", "类别", heading], *(["甲", "网吧", f'"{text}"'] for text in texts)]
        return _csv(*rows)

    def is_at(frame: Any) -> bool:
        off = abs(frame.geometry.x - lon) + abs(frame.geometry.y - lat)
        return bool((off < 1e-5).all())

    return [
        Case("一列坐标.csv", "venues", single(f"{lon},{lat}", f"{lon}，{lat}", f"({lon} {lat})"),
             rows=3, stored=3, checks=is_at),
        Case("纬度在前.csv", "venues", single(f"{lat},{lon}"),
             refused=("column '坐标'", "latitude seems to stand first", "lat,lon")),
        Case("声明纬度在前.csv", "venues", single(f"{lat},{lon}"),
             ("--datum", "wgs84", "--columns", "坐标=lat,lon"), rows=1, stored=1, checks=is_at),
        Case("纬经度.csv", "venues", single(f"{lat},{lon}", heading="纬经度"), rows=1, stored=1,
             checks=is_at),
        Case("度分秒.csv", "venues",
             _csv(head, ["甲", "网吧", f"东经{_degrees(lon)}", f"北纬{_degrees(lat)}"]),
             rows=1, stored=1, checks=is_at),
        Case("度分秒一列.csv", "venues", single(f"{_degrees(lat)}N {_degrees(lon)}E"),
             rows=1, stored=1, checks=is_at),
        Case("wkt.csv", "venues", single(f"POINT ({lon} {lat})", heading="wkt"), rows=1, stored=1,
             checks=is_at),
        Case("ewkt.csv", "venues", single(f"SRID=4326;POINT({lon} {lat})", heading="geom"), (),
             rows=1, stored=1, checks=is_at),
        Case("坏wkt.csv", "venues", single("POINT (1", f"POINT ({lon} {lat})", heading="wkt"),
             refused=("row 2, column 'wkt'", "no geometry")),
        Case("高德坐标.csv", "venues",
             _csv(["名称", "类别", "高德经度", "高德纬度"], ["甲", "网吧", lon + 0.0045, lat - 0.002]),
             (), rows=1, stored=1),
        Case("基准矛盾.csv", "venues",
             _csv(["名称", "类别", "经度(GCJ02)", "纬度(GCJ02)"], ["甲", "网吧", lon, lat]),
             refused=("基准矛盾.csv", "headings say gcj02")),
        Case("未报基准.csv", "venues", _csv(HEAD, *TWO), (), refused=("未报基准.csv", "--datum wgs84")),
        Case("坏基准.csv", "venues", _csv(HEAD, *TWO), ("--datum", "mars"), refused=("'mars' is no datum",)),
        Case("投影坐标.csv", "venues", _csv(head, ["甲", "网吧", 497100.5, 3508600.2]),
             refused=("row 2, column '经度, 纬度'", "metres of a projection")),
        Case("只有地址.csv", "venues", _csv(["名称", "类别", "地址"], ["甲", "网吧", "人民路1号"]),
             refused=("column '地址'", "addresses and no coordinates")),
        Case("经纬颠倒.csv", "venues", _csv(head, ["甲", "网吧", lat, lon]),
             refused=("row 2, column '经度, 纬度'", "look swapped", "Swap the two numbers")),
        Case("一行颠倒.csv", "venues", single(f"{lon},{lat}", f"{lat},{lon}"),
             refused=("row 3, column '坐标'", "look swapped", "'HEADING=lat,lon'")),
        Case("无名列.csv", "venues", _csv(["名称", "类别", "X", "Y"], ["甲", "网吧", lon, lat]),
             rows=1, stored=1, checks=is_at),
        Case("区外.csv", "venues", _csv(head, ["甲", "网吧", 129.97, lat]),
             refused=("row 2", "outside the precinct")),
        Case("零坐标.csv", "venues", _csv(head, ["甲", "网吧", 0, 0]), refused=("row 2", "are 0, 0")),
        Case("缺坐标.csv", "venues", _csv(head, ["甲", "网吧", "", lat]),
             refused=("row 2, column '经度'", "is empty")),
        Case("坐标乱写.csv", "venues", _csv(one, ["甲", "网吧", f"{lon};{lat}"], ["乙", "网吧", "门口"]),
             refused=("column",)),
    ]  # fmt: skip


def persons() -> list[Case]:
    """What means a person is refused with its row and column, and never repeated."""
    head = [*HEAD, "备注"]

    def noted(text: str) -> bytes:
        return _csv(head, [*TWO[0], "好"], [*TWO[1], text])

    return [
        *(
            Case(f"隐私{n}.csv", "venues", noted(text), refused=("row 3, column '备注'", "never people"))
            for n, text in enumerate(
                (IDENTITY, "110105 19491231 002X", "１１０１０５１９４９１２３１００２Ｘ", MOBILE,
                 "139-1234-5678", "+86 13912345678", PLATE, "苏DD12345", "110105491231002")
            )
        ),
        Case("联系人列.csv", "venues", _csv([*HEAD, "联系人"], [*TWO[0], "张伟"]),
             refused=("column '联系人'", "means a person")),
        Case("人名列.csv", "venues",
             _csv([*HEAD, "值守"], *([*_venue(n), name] for n, name in enumerate(("张伟", "李秀英", "王芳")))),
             refused=("column '值守'", "list of people's names")),
        Case("标题含电话.csv", "venues", _csv([f"填表 {MOBILE}"], HEAD, *TWO),
             refused=("row 1", "looks like a mobile number")),
        Case("表名含电话.xlsx", "venues", _xlsx((MOBILE, [HEAD, *TWO])), refused=("表名含电话.xlsx", "sheets")),
        Case(f"{MOBILE}.csv", "venues", _csv(HEAD, *TWO), refused=("file's name looks like a mobile",)),
        Case("表头是电话.csv", "venues", _csv([*HEAD, MOBILE], [*TWO[0], "x"]), refused=("means a person",)),
    ]  # fmt: skip


def formats() -> list[Case]:
    """Other programs' files, whole and broken."""
    parts = (".shp", ".shx", ".dbf", ".prj", ".cpg")
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b" " * (11 * 2**20))
    whole = _xlsx(("表", [HEAD, *TWO]))
    return [
        Case("点.geojson", "venues", _geojson(_feature(1), _feature(2)), (), rows=2, stored=2),
        Case("gcj.geojson", "venues", _geojson(_feature(1)), ("--datum", "gcj02"),
             refused=("gcj.geojson", "is declared gcj02")),
        Case("无几何.geojson", "venues", _geojson({**_feature(1), "geometry": None}), (),
             refused=("无几何.geojson", "row 1")),
        Case("深层.geojson", "venues", b"[" * 100_000, (), refused=("深层.geojson", "no whole JSON")),
        Case("非集合.json", "venues", b'{"type": "Point", "coordinates": [1, 2]}', (),
             refused=("非集合.json", "no GeoJSON FeatureCollection")),
        Case("电话.geojson", "venues", _geojson(_feature(1, note=MOBILE)), (),
             refused=("row 1, column 'note'",)),
        Case("点.gpkg", "venues", _saved(_geo(), "点.gpkg"), (), rows=2, stored=2),
        Case("坏.gpkg", "venues", _saved(_geo(), "a.gpkg")[:5000], (), refused=("坏.gpkg",)),
        Case("假.gpkg", "venues", b"not a database", (), refused=("假.gpkg", "no GeoPackage")),
        Case("点.zip", "venues", _shapefile(_geo(), *parts), (), rows=2, stored=2),
        Case("缺部分.zip", "venues", _shapefile(_geo(), ".shp", ".prj"), (),
             refused=("缺部分.zip", ".shx, .dbf")),
        Case("无基准.zip", "venues", _shapefile(_geo(), ".shp", ".shx", ".dbf", ".cpg"), (),
             refused=("无基准.zip", "--datum")),
        Case("旧版.xls", "venues", b"\xd0\xcf\x11\xe0rest", refused=("旧版.xls", "old Excel format")),
        Case("金山.et", "venues", b"\xd0\xcf\x11\xe0rest", refused=("金山.et", "WPS table")),
        Case("文档.wps", "venues", b"\xd0\xcf\x11\xe0rest", refused=("文档.wps", "WPS text")),
        Case("加密.xlsx", "venues", b"\xd0\xcf\x11\xe0rest", refused=("加密.xlsx", "password")),
        Case("截断.xlsx", "venues", whole[:-300], refused=("截断.xlsx", "damaged")),
        Case("炸弹.xlsx", "venues", bomb.getvalue(), refused=("炸弹.xlsx", "would unpack to")),
        Case("改名.csv", "venues", whole, refused=("改名.csv", "is no CSV but a spreadsheet")),
        Case("空.csv", "venues", b"", refused=("空.csv", "empty")),
        Case("只有表头.csv", "venues", _csv(HEAD), refused=("只有表头.csv", "no rows")),
        Case("空表.xlsx", "venues", _xlsx(("表", [])), refused=("空表.xlsx", "nothing in it")),
        Case("图片.png", "venues", b"\x89PNG", refused=("图片.png", "is none of")),
    ]  # fmt: skip


CASES = [*encodings_and_marks(), *headings(), *values(), *places(), *persons(), *formats()]
