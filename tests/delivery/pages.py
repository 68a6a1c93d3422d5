"""Maps of the tiny precinct, as the tests of pages draw them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd

from patrolmap.delivery.maps import PatrolMap, draw_map
from patrolmap.model.layers import check_layer
from patrolmap.risk.grid import make_school_grid
from tests.tiny import METRIC_CRS, point

DRAWN = ("schools", "gates", "venues", "traffic_points", "hazards", "bases")


def make_posts() -> gpd.GeoDataFrame:
    """Three posts at two gates."""
    rows = {
        "P1": ("G1", "S01", "S01:arrival:all", 2, point(50, 20)),
        "P2": ("G1", "S01", "S01:dismissal:low", 1, point(50, 20)),
        "P3": ("G3", "S02", "S02:arrival:all", 1, point(250, 120)),
    }
    columns = ["gate_id", "school_id", "window_id", "people", "geometry"]
    frame = pd.DataFrame.from_dict(rows, orient="index", columns=columns)
    return check_layer(gpd.GeoDataFrame(frame, geometry="geometry", crs="EPSG:4326"), "posts")


def make_cells(tiny: dict[str, pd.DataFrame]) -> gpd.GeoDataFrame:
    """Lay cells of 100 m around the schools."""
    return make_school_grid(tiny["schools"], reach_m=100, metric_crs=METRIC_CRS)


def draw_tiny(tiny: dict[str, pd.DataFrame], **more: Any) -> PatrolMap:
    """Draw the tiny precinct with its cells, whose priority is their number."""
    cells = make_cells(tiny)
    layers = {name: tiny[name] for name in DRAWN} | {"cells": cells, "posts": make_posts()}
    priority = pd.Series(range(len(cells)), index=cells.index, dtype=float) / len(cells)
    return draw_map(**{**layers, "priority": priority, "language": "en", **more})


def make_hostile(tiny: dict[str, pd.DataFrame], name: str) -> dict[str, pd.DataFrame]:
    """Give every row of every layer the same hostile name and source."""
    return {
        layer: frame.assign(
            **{column: name for column in ("name", "source", "agency") if column in frame}
        )
        for layer, frame in tiny.items()
    }


def write_page(page: str, folder: Path) -> str:
    """Put a page on disk and give its address there."""
    path = folder / "map.html"
    path.write_text(page, encoding="utf-8")
    return path.as_uri()
