"""Precinct files for the tests of the workflow, made as a station makes them."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pandas as pd

from patrolmap import workflow
from patrolmap.store import geopackage as store
from patrolmap.workflow.demo import DOORS, STREETS
from patrolmap.workflow.places import demo_folder
from tests import messy, tiny

FEW = 200  # iterations: enough for a lawful plan, and soon done
LONG_S = 600.0  # the clock never ends a search of a test
MESSY_NAME = "<b>乱</b>{{ 6*7 }}"
MESSY_DAY = dt.date.fromisoformat(messy.DATE)


def build_demo_lists(path: Path) -> dict[str, workflow.Report]:
    """Make the demo precinct through its doors; give the report of each layer."""
    source = demo_folder()
    workflow.new_precinct(path, osm=source / STREETS, name="示范", synthetic=True)
    reports = {
        door.layer: workflow.add_layer(
            path, door.layer, source / door.file, datum=door.datum, encoding=door.encoding
        )
        for door in DOORS
    }
    workflow.make_cells(path)
    return reports


def build_messy(path: Path) -> None:
    """Make the messy precinct through its doors, its files beside it."""
    messy.write_messy(path.parent)
    workflow.new_precinct(path, osm=path.parent / messy.STREETS, name=MESSY_NAME)
    for each in messy.LISTS:
        workflow.add_layer(
            path, each.layer, path.parent / each.file, datum=each.datum, encoding=each.encoding
        )
    workflow.make_cells(path)


def build_tiny(path: Path, frames: dict[str, pd.DataFrame] | None = None) -> Path:
    """Store the tiny precinct, or other frames under its settings."""
    store.create_precinct(path, tiny.SETTINGS, frames or tiny.precinct())
    workflow.make_cells(path)
    return path


def plan_few(path: Path, date: dt.date, *, seed: int = 1, iterations: int = FEW) -> str:
    """Plan a day with few iterations and no clock; give the plan's id."""
    plan_id, _ = workflow.plan_day(
        path, date, seed=seed, iterations=iterations, time_limit_s=LONG_S
    )
    return plan_id
