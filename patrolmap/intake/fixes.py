"""
What the checks offer to mend, done to the layers: merge, take out, swap, move, attach, clear.

Nothing is mended unless a person takes the fix. A row that goes takes along what names it:
the bells of a school taken out, or, where schools are merged, these become the other's.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import geopandas as gpd
import pandas as pd
import shapely

from patrolmap.errors import InputError
from patrolmap.intake.check_places import swap
from patrolmap.intake.references import follow_ids, naming_one
from patrolmap.model.contracts import AREA, CONTRACTS
from patrolmap.model.layers import check_layer

Frames = Mapping[str, pd.DataFrame]


def apply_fix(layers: Frames, finding: Mapping[str, Any]) -> dict[str, pd.DataFrame]:
    """
    Do what one finding offers.

    Parameters
    ----------
    layers
        All layers and tables by name, in which the finding was found; they are left alone.
    finding
        A row of what `patrolmap.intake.checks.check_precinct` found.

    Returns
    -------
    changed
        The layers that differ, checked.

    Raises
    ------
    InputError
        If the finding has no fix, or its row is not there.

    Examples
    --------
    >>> apply_fix({}, {"finding_id": "no_schools:schools", "fix": ""})
    Traceback (most recent call last):
    patrolmap.errors.InputError: no_schools:schools has no fix that patrolmap could take. ...
    """
    layer, row_id, to = (str(finding.get(key, "")) for key in ("layer", "row_id", "fix_to"))
    act = _ACTS.get(str(finding["fix"]))
    if act is None:
        raise InputError(
            f"{finding['finding_id']} has no fix that patrolmap could take. Correct the list."
        )
    if row_id not in layers[layer].index:
        raise InputError(f"There is no {row_id} in {layer} any more. Check the precinct again.")
    changed = act(layers, layer, row_id, to)
    return {name: check_layer(frame, name) for name, frame in changed.items()}


def _merge(layers: Frames, layer: str, row_id: str, to: str) -> dict[str, pd.DataFrame]:
    """Fill the gaps of the row that stays from the one that goes, and rename it elsewhere."""
    frame = layers[layer].copy()
    lost = frame.loc[row_id]
    for column in (known.name for known in CONTRACTS[layer].columns):
        if _is_gap(frame.loc[to, column]) and not _is_gap(lost[column]):
            frame.loc[to, column] = lost[column]
    kept_area = frame.geometry[to].geom_type in AREA
    if lost.geometry.geom_type in AREA and not kept_area:
        frame = _placed(frame, to, lost.geometry)
    return {layer: frame.drop(index=row_id), **follow_ids(layers, layer, {row_id: to})}


def _is_gap(value: Any) -> bool:  # noqa: ANN401 - a cell
    return bool(pd.isna(value)) or value == ""


def _drop(layers: Frames, layer: str, row_id: str, _to: str) -> dict[str, pd.DataFrame]:
    """Take a row out, and those that would name nothing without it."""
    changed: dict[str, pd.DataFrame] = {layer: layers[layer].drop(index=row_id)}
    for other, column in naming_one(layer):
        rows = changed.get(other, layers[other])
        changed[other] = rows[rows[column] != row_id]
    return _only_changed(layers, changed)


def _only_changed(layers: Frames, changed: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    return {name: frame for name, frame in changed.items() if not frame.equals(layers[name])}


def _swap(layers: Frames, layer: str, row_id: str, _to: str) -> dict[str, pd.DataFrame]:
    frame = layers[layer]
    return {layer: _placed(frame, row_id, swap([frame.geometry[row_id]])[0])}


def _move(layers: Frames, layer: str, row_id: str, to: str) -> dict[str, pd.DataFrame]:
    return {layer: _placed(layers[layer], row_id, shapely.Point(*map(float, to.split())))}


def _placed(frame: pd.DataFrame, row_id: str, shape: Any) -> gpd.GeoDataFrame:  # noqa: ANN401
    shapes = frame.geometry.copy()
    shapes[row_id] = shape
    return frame.set_geometry(shapes)


def _attach(layers: Frames, layer: str, row_id: str, to: str) -> dict[str, pd.DataFrame]:
    frame = layers[layer].copy()
    frame.loc[row_id, "school_id"] = to
    return {layer: frame}


def _clear(layers: Frames, layer: str, row_id: str, column: str) -> dict[str, pd.DataFrame]:
    frame = layers[layer].copy()
    frame.loc[row_id, column] = pd.NA
    return {layer: frame}


_ACTS: Final = {
    "merge": _merge, "drop": _drop, "swap": _swap, "move": _move, "attach": _attach,
    "clear": _clear,
}  # fmt: skip
