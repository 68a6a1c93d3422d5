"""A messy list through the Import page: seen, mapped, added; and nothing before the button."""

from __future__ import annotations

import csv
import io
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from patrolmap.store import geopackage as store
from patrolmap.workflow import remembered_lists
from tests.browser.conftest import served
from tests.browser.driving import App
from tests.browsing import PHONE, sync_api

HEADINGS = ["商铺全名", "经营类型", "高德经度", "高德纬度", "证照"]
PLACES = [(119.985189, 31.780936), (119.971465, 31.780503), (119.977751, 31.783223)]
TRIES = 5
on_a_phone = pytest.mark.parametrize("page", [PHONE], ids=["phone"], indirect=True)


def _list(*kinds: str, headings: list[str] = HEADINGS) -> dict[str, object]:
    """Write a list in GBK with a title above and a total beneath."""
    rows = [["某派出所重点场所台账"], headings]
    rows += [[f"商铺{n}", kind, *map(str, PLACES[n]), "有"] for n, kind in enumerate(kinds)]
    text = io.StringIO()
    csv.writer(text).writerows([*rows, ["合计", str(len(kinds))]])
    return {"name": "台账.csv", "mimeType": "text/csv", "buffer": text.getvalue().encode("gbk")}


@pytest.fixture
def precinct(demo_file: Path, tmp_path: Path) -> Path:
    """The demo; a copy of one's own, for it is written to."""
    return Path(shutil.copy(demo_file, tmp_path / "own.gpkg"))


@pytest.fixture
def own_app(page, watch, precinct: Path) -> Iterator[App]:
    with served(precinct) as address:
        app = App(page, address).open()
        app.turn_to("导入")
        yield app


def _upload(app: App, file: dict[str, object]) -> None:
    app.page.locator("input[type=file]").set_input_files(file)
    app.page.get_by_text("文件行数").wait_for()
    app.settle()


def _choose(app: App, grid: int, at: float, option: str) -> None:
    """Choose in the first row of a table, at a share of its width, as a person does."""
    table = app.page.get_by_test_id("stDataFrame").nth(grid)
    choice = app.page.get_by_role("option", name=option, exact=True)
    for _attempt in range(TRIES):  # a click may only leave the table that was edited before
        app.map()
        table.scroll_into_view_if_needed()
        table.click(position={"x": table.bounding_box()["width"] * at, "y": 52})
        app.page.keyboard.press("Enter")
        try:
            choice.wait_for(timeout=3000)
        except sync_api.TimeoutError:
            continue
        break
    app.page.keyboard.type(option)
    app.page.keyboard.press("Enter")
    choice.wait_for(state="detached")
    app.settle()


def test_a_messy_list_is_mapped_added_and_shown(own_app: App, precinct: Path):
    app = own_app
    before = precinct.read_bytes()
    _upload(app, _list("网咖", "夜宵摊", "网吧"))
    figures = app.page.locator(".pm-figures")
    sync_api.expect(figures).to_contain_text("文件行数5")
    sync_api.expect(figures).to_contain_text("可导入2")
    app.page.get_by_text("GCJ-02（高德、腾讯）, 列名注明").wait_for()
    button = app.page.get_by_role("button", name="写入辖区文件")
    sync_api.expect(button).to_be_disabled()
    _choose(app, 1, 0.5, "小吃摊")
    sync_api.expect(figures).to_contain_text("可导入3")
    _choose(app, 0, 0.25, "名称")
    stored = app.page.get_by_test_id("stDataFrame").nth(2)
    stored.get_by_text("商铺1").wait_for(state="attached")
    app.map()
    assert precinct.read_bytes() == before
    button.click()
    app.page.get_by_text("已写入，该图层现有").wait_for()
    venues = store.read_frame(precinct, "venues")
    assert {"商铺0", "商铺1", "商铺2"} <= set(venues["name"])
    assert venues.loc[venues["name"] == "商铺1", "kind"].tolist() == ["food_stall"]
    (shape,) = [shape for shape in remembered_lists(precinct) if shape.file == "台账.csv"]
    assert shape.columns == {"商铺全名": "name"}
    app.page.get_by_role("link", name="辖区").click()
    app.page.get_by_role("heading", name="示范").wait_for()
    sync_api.expect(app.page.locator(".pm-figures")).to_contain_text(f"场所{len(venues)}")
    app.turn_to("导入")
    _upload(app, _list("夜宵摊"))
    app.page.get_by_text("沿用此前记住的对应关系").wait_for()
    sync_api.expect(figures).to_contain_text("可导入1")


def test_what_means_a_person_is_refused_and_not_shown(own_app: App, precinct: Path):
    app = own_app
    before = precinct.read_bytes()
    _upload(app, _list("网吧", "找张老板13912345678"))
    app.tab("问题").get_by_text("looks like a mobile number").wait_for(state="attached")
    sync_api.expect(app.page.get_by_role("button", name="写入辖区文件")).to_be_disabled()
    assert "13912345678" not in app.page.content()
    assert precinct.read_bytes() == before


@on_a_phone
def test_a_file_that_is_none_is_one_message_on_a_phone_too(own_app: App):
    app = own_app
    wrong = {"name": "坏.xlsx", "mimeType": "application/zip", "buffer": b"PK\x03\x04nothing"}
    app.page.locator("input[type=file]").set_input_files(wrong)
    app.page.get_by_text("坏.xlsx: is damaged").wait_for()
    assert not app.is_wider_than_screen()
