"""What is installed, and whether everything works without the internet."""

from __future__ import annotations

import shutil
from importlib import metadata
from pathlib import Path
from typing import Final

import pandas as pd

from patrolmap.delivery.assets import static_folder
from patrolmap.workflow.places import app_script, demo_folder

_PACKAGES: Final = (
    "geopandas", "shapely", "pyogrio", "osmium", "numba", "folium", "streamlit", "gpxpy",
    "pandera", "chinesecalendar",
)  # fmt: skip
_PROGRAMS: Final = {
    "gpsbabel": "reads routes back in the tests",
    "chromium": "runs the browser tests",
}


def doctor() -> pd.DataFrame:
    """
    Examine the installation.

    Returns
    -------
    report
        Columns what, ok (bool) and detail; programs that only tests need say so.
    """
    rows = [_package(name) for name in _PACKAGES]
    rows += [_calendar(), _assets(), _folder("app", app_script()), _folder("demo", demo_folder())]
    rows += [(name, shutil.which(name) is not None, use) for name, use in _PROGRAMS.items()]
    return pd.DataFrame(rows, columns=["what", "ok", "detail"])


def _package(name: str) -> tuple[str, bool, str]:
    try:
        return name, True, metadata.version(name)
    except metadata.PackageNotFoundError:
        return name, False, "not installed; install patrolmap again"


def _calendar() -> tuple[str, bool, str]:
    import chinese_calendar  # noqa: PLC0415 - only this check needs its years

    years = sorted({day.year for day in chinese_calendar.holidays})
    return "public holidays", True, f"known {years[0]} to {years[-1]}; weekends alone afterwards"


def _assets() -> tuple[str, bool, str]:
    leaflet = static_folder() / "vendor" / "leaflet" / "dist" / "leaflet.js"
    there = leaflet.exists()
    return "map libraries", there, "offline-ready" if there else "missing; run make demo once"


def _folder(what: str, path: Path) -> tuple[str, bool, str]:
    return what, path.exists(), path.name
