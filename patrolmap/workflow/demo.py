"""The demo: the synthetic precinct through the same doors a station uses."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

from patrolmap.delivery.files import write_whole
from patrolmap.model.language import Language
from patrolmap.workflow.day import plan_day
from patrolmap.workflow.files import make_folder, remove_file
from patrolmap.workflow.places import demo_folder
from patrolmap.workflow.precinct import add_layer, make_cells, new_precinct
from patrolmap.workflow.report import OnStep, silent
from patrolmap.workflow.takeaway import export_plan, plan_summary, scorecard_csv

DEMO_DATE: Final = dt.date(2026, 11, 24)  # a Tuesday on which all seven schools are open
DEMO_SEED: Final = 1
DEMO_ITERATIONS: Final = 4000


class Door(NamedTuple):
    """One file of the station and how it comes in."""

    layer: str
    file: str
    datum: str | None = None
    encoding: str | None = None


STREETS: Final = "streets.osm.bz2"
DOORS: Final = (
    Door("schools", "学校.xlsx", "wgs84"),
    Door("gates", "校门.csv", "wgs84"),
    Door("venues", "场所.csv", "gcj02", "gbk"),
    Door("traffic_points", "交通点.csv", "wgs84"),
    Door("incidents", "警情.csv", "wgs84"),
    Door("hazards", "隐患.csv", "wgs84"),
    Door("bases", "警务点.csv", "wgs84"),
    Door("bells", "作息.xlsx"),
    Door("exceptions", "校历.csv"),
    Door("units", "巡组.csv"),
    Door("helpers", "护校力量.csv"),
)


@dataclass(frozen=True)
class Demo:
    """What `build_demo` made: the precinct file, all files, and the plan in a few lines."""

    precinct: Path
    files: list[Path]
    summary: str


def demo_precinct(out: Path) -> Path:
    """Name the demo's precinct file in a folder."""
    return out / "demo.gpkg"


def build_demo(out: Path, *, language: Language = "zh", on_step: OnStep = silent) -> Demo:
    """
    Build the demo precinct from its files, plan a school day and write everything out.

    An older demo in the folder is replaced; other files there are left alone.

    Raises
    ------
    StoreError
        If the folder cannot be written to.
    """
    make_folder(out)
    path, source = demo_precinct(out), demo_folder()
    remove_file(path)
    on_step("Reading the map", 0.02)
    new_precinct(path, osm=source / STREETS, name="示范辖区（合成数据）", synthetic=True)
    for number, door in enumerate(DOORS):
        on_step("Reading the lists", 0.1 + 0.25 * number / len(DOORS))
        add_layer(path, door.layer, source / door.file, datum=door.datum, encoding=door.encoding)
    make_cells(path)
    plan_id, plan = plan_day(
        path,
        DEMO_DATE,
        seed=DEMO_SEED,
        iterations=DEMO_ITERATIONS,
        time_limit_s=60.0,
        on_step=lambda what, share: on_step(what, 0.4 + 0.4 * share),
    )
    on_step("Writing the files", 0.85)
    files = [path]
    for form in ("html", "gpx", "geojson"):
        files += export_plan(path, out, format=form, plan_id=plan_id, language=language)
    scores = out / f"{plan_id}-scorecard.csv"
    write_whole(scores, scorecard_csv(plan, language))
    on_step("Done", 1.0)
    return Demo(path, [*files, scores], plan_summary(plan, language))
