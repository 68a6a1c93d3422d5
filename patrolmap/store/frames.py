"""Layers and tables in a GeoPackage: typed columns out, checked frames in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely
from pyogrio.errors import DataLayerError

from patrolmap.errors import InputError, StoreError
from patrolmap.model.column_types import ColumnType
from patrolmap.model.contracts import CRS, Column, Contract, contract
from patrolmap.model.layers import check_layer

GPKG_VERSION: Final = "1.3"  # of 2020: GIS programs some years old read it without a warning
_GDAL_UTC: Final = 100  # GDAL counts time zones in quarters of an hour from UTC = 100

# what a column of a contract is in numpy; with these GDAL makes typed fields, also of no rows
_NUMPY: Final[dict[ColumnType, tuple[str, Any]]] = {
    "text": ("object", None),
    "whole": ("int64", 0),
    "time_s": ("int64", 0),
    "number": ("float64", np.nan),
    "yes_no": ("bool", False),
    "date": ("datetime64[D]", None),
    "moment": ("datetime64[ms]", None),
}


def write_layers(draft: Path, frames: Mapping[str, pd.DataFrame]) -> None:
    """
    Write layers (features) and tables (attributes) into a GeoPackage, replacing the old ones.

    Moments are kept to the millisecond, which is what a GeoPackage holds.

    Parameters
    ----------
    draft
        A GeoPackage nobody else uses, made if there is none; flushing it is the caller's part.
    frames
        By the name of their contract; each is checked.

    Raises
    ------
    LayerError
        If rows break their contract.
    InputError
        If there is no such layer, or a text holds a character that no file can hold.
    """
    checked = {layer: check_layer(frame, layer) for layer, frame in frames.items()}
    with _unhurried():
        for layer, frame in checked.items():
            shape = contract(layer)
            pyogrio.raw.write(
                str(draft),
                layer=layer,
                driver="GPKG",
                dataset_options={"VERSION": GPKG_VERSION},
                # an index brings triggers that only GIS programs can run, and a migration must too
                layer_options={"DESCRIPTION": shape.zh, "SPATIAL_INDEX": "NO"},
                **_places(frame, shape),
                **_fields(frame, shape),
            )


@contextmanager
def _unhurried() -> Iterator[None]:
    """Let GDAL not wait for the disk after each layer: a draft that is lost is no loss."""
    before = pyogrio.get_gdal_config_option("OGR_SQLITE_SYNCHRONOUS")
    pyogrio.set_gdal_config_options({"OGR_SQLITE_SYNCHRONOUS": "OFF"})
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options({"OGR_SQLITE_SYNCHRONOUS": before})


def _places(frame: pd.DataFrame, shape: Contract) -> dict[str, Any]:
    if not isinstance(frame, gpd.GeoDataFrame):
        return {"geometry": None}
    found = set(frame.geom_type) or set(shape.geometry)
    return {
        "geometry": shapely.to_wkb(frame.geometry.to_numpy()),
        "geometry_type": found.pop() if len(found) == 1 else "Unknown",
        "crs": CRS,
    }


def _fields(frame: pd.DataFrame, shape: Contract) -> dict[str, Any]:
    ids = Column(shape.index, "text", "", "")
    columns = {ids: frame.index.to_series(), **{c: frame[c.name] for c in shape.columns}}
    return {
        "fields": [column.name for column in columns],
        "field_data": [_values(series, column) for column, series in columns.items()],
        "field_mask": [series.isna().to_numpy() for series in columns.values()],
        "gdal_tz_offsets": {
            column.name: np.full(len(frame), _GDAL_UTC)
            for column in columns
            if column.type == "moment"
        },
    }


def _values(series: pd.Series, column: Column) -> np.ndarray[Any, Any]:
    dtype, gap = _NUMPY[column.type]
    if column.type == "text" and series.str.contains("\x00", regex=False).any():
        raise InputError(f"'{column.name}' holds a zero character. Remove it from the text.")
    if column.type in ("date", "moment"):
        naive = series.dt.tz_localize(None)
        return np.asarray(naive.to_numpy().astype(dtype))
    return np.asarray(series.to_numpy(dtype=dtype, na_value=gap))


def read_layer(path: Path, layer: str) -> pd.DataFrame:
    """
    Read a layer or table and check it: somebody may have edited the file in a GIS program.

    Raises
    ------
    LayerError
        If the rows break the contract; rows are numbered from 1.
    StoreError
        If the file has no such layer.
    """
    shape = contract(layer)
    try:
        frame = pyogrio.read_dataframe(str(path), layer=layer)
    except DataLayerError as error:
        raise StoreError(f"{path.name} is damaged: no layer '{layer}'. Restore a copy.") from error
    if shape.index not in frame.columns:
        raise StoreError(
            f"{path.name} is damaged: '{layer}' has no '{shape.index}'. Restore a copy."
        )
    return check_layer(frame.set_index(shape.index), layer, subject=f"{path.name}, {layer}")
