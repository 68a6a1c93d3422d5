"""Rows as plain values and back again without loss, and what differs between two frames."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import geopandas as gpd
import pandas as pd
import shapely

from patrolmap.model.column_types import ColumnType
from patrolmap.model.contracts import CRS, contract
from patrolmap.model.layers import check_layer

GEOMETRY: Final = "geometry"
State = dict[str, Any]


@dataclass(frozen=True)
class RowChange:
    """
    What happened to one row: `before` is None for an added row, `after` for a removed one.

    Of a changed row they hold the columns that changed, and nothing else. The place stands
    under ``geometry`` as WKB in hexadecimal digits: the text form loses the last bit of one
    coordinate in three hundred. ``by_hand`` lists those of the columns a person had set.
    """

    layer: str
    row_id: str
    before: State | None
    after: State | None

    @property
    def columns(self) -> tuple[str, ...]:
        """List the columns it tells of."""
        return tuple(c for c in (self.after or self.before or {}) if c != "by_hand")


def row_states(frame: pd.DataFrame, layer: str) -> dict[str, State]:
    """
    Give the rows of a checked frame as values that JSON holds, by their ids.

    Moments are given to the millisecond, as the file keeps them.
    """
    values = {c.name: _plain(frame[c.name], c.type) for c in contract(layer).columns}
    if isinstance(frame, gpd.GeoDataFrame):
        values[GEOMETRY] = shapely.to_wkb(frame.geometry.to_numpy(), hex=True).tolist()
    rows = zip(*values.values(), strict=True)
    return {
        str(row_id): dict(zip(values, row, strict=True))
        for row_id, row in zip(frame.index, rows, strict=True)
    }


def _plain(series: pd.Series, kind: ColumnType) -> list[Any]:
    if kind == "moment":
        series = series.dt.floor("ms").map(lambda moment: moment.isoformat(), na_action="ignore")
    elif kind == "date":
        series = series.dt.strftime("%Y-%m-%d")
    gaps = series.isna().to_numpy()
    return [None if gap else value for gap, value in zip(gaps, series.tolist(), strict=True)]


def frame_of_states(states: Mapping[str, State], layer: str) -> pd.DataFrame:
    """Make a checked frame of rows as `row_states` gives them."""
    shape = contract(layer)
    names = [column.name for column in shape.columns]
    rows = [[state.get(name) for name in names] for state in states.values()]
    index = pd.Index(list(states), dtype="str", name=shape.index)
    frame = pd.DataFrame(rows, columns=names, index=index, dtype=object)
    if shape.geometry:
        places = shapely.from_wkb(
            [state.get(GEOMETRY) for state in states.values()], on_invalid="ignore"
        )
        frame = gpd.GeoDataFrame(frame, geometry=places, crs=CRS)
    return check_layer(frame, layer)


def row_changes(before: pd.DataFrame, after: pd.DataFrame, layer: str) -> Iterator[RowChange]:
    """Tell what differs between two checked frames of a layer, row by row; order is nothing."""
    old, new = row_states(before, layer), row_states(after, layer)
    for row_id in {**old, **new}:
        was, now = old.get(row_id), new.get(row_id)
        if was is None or now is None:
            yield RowChange(layer, row_id, was, now)
        elif differing := [name for name in now if now[name] != was[name]]:
            yield RowChange(layer, row_id, _only(was, differing), _only(now, differing))


def _only(state: State, names: list[str]) -> State:
    return {name: state[name] for name in names}


def is_as_left(change: RowChange, now: State | None) -> bool:
    """Say whether a row still is as a change left it, in the columns the change tells of."""
    if change.after is None or now is None:
        return change.after is None and now is None
    return all(now.get(name) == change.after[name] for name in change.columns)


def taken_back(frame: pd.DataFrame, changes: list[RowChange], layer: str) -> pd.DataFrame:
    """
    Give a frame with changes of its rows taken back; they must be as the changes left them.

    Rows that come back stand at the end.
    """
    now = row_states(frame, layer)
    back = {
        change.row_id: now.get(change.row_id, {}) | change.before  # by_hand is left aside
        for change in changes
        if change.before is not None
    }
    rest = frame.drop(index=[c.row_id for c in changes if c.row_id in frame.index])
    if not back:
        return rest
    rows = frame_of_states(back, layer)
    return rows if rest.empty else pd.concat([rest, rows])
