"""
A newer list updates a layer in place: what was added, changed, gone, and what a person had set.

Matched rows take the list's values; an empty cell and a column the list does not have change
nothing. A value set by hand stays, and the list's word against it is told.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from patrolmap.intake.matching import Match, match_rows
from patrolmap.intake.merging import BESIDE_CAMPUS_M
from patrolmap.model.contracts import AREA, POINT, contract
from patrolmap.model.layers import check_layer

MOVED_M: Final = 1.0  # less is how a coordinate was rounded: 5 decimals are a metre
MAP_SOURCE: Final = "osm:"
# In the order in which people must look at them.
WHAT: Final = (
    "conflict", "unclear", "gone", "removed", "moved", "changed", "added", "gave_way",
)  # fmt: skip
COLUMNS: Final = ("what", "row_id", "name", "column", "old", "new", "moved_m")
_SAID_OF_ROW: Final = ("provenance", "source")


@dataclass(frozen=True)
class Policy:
    """
    What a newer list may do to a layer.

    `remove_gone` removes rows of an earlier list that the newer lacks; otherwise they stay and
    are told. `take_new` lets the list overrule values set by hand. `keep_map` keeps rows of the
    map that the list lacks; otherwise they give way. `replace` makes the list the layer.
    """

    remove_gone: bool = False
    take_new: bool = False
    keep_map: bool = False
    replace: bool = False


@dataclass(frozen=True)
class Update:
    """
    What a list does to a layer.

    `rows` is the layer as it becomes. `told` lists what there is to tell: ``what`` (of `WHAT`),
    ``row_id`` (as it becomes), ``name``, ``column``, ``old``, ``new`` (texts) and ``moved_m``.
    `matched` are the rows, as they become, that were there before; `unchanged` counts those
    of them the list changes nothing of. `renamed` gives the new ids of old rows.
    """

    layer: str
    rows: pd.DataFrame
    told: pd.DataFrame
    matched: tuple[str, ...]
    unchanged: int
    renamed: dict[str, str]

    @property
    def counts(self) -> dict[str, int]:
        """
        Count the rows of each kind, and the rows of the list that change nothing.

        A row that is gone from the list and has made room for one of its ids is gone, not
        changed.
        """
        rows = self.told.groupby("what")["row_id"].nunique()
        touched = self.told[self.told["what"].isin(["changed", "moved"])]["row_id"]
        changed = touched[touched.isin(self.matched)].nunique()
        counted = {what: int(rows.get(what, 0)) for what in WHAT}
        return counted | {"changed": changed, "unchanged": self.unchanged}


def update_layer(
    old: pd.DataFrame,
    new: pd.DataFrame,
    layer: str,
    *,
    metric_crs: str,
    given: Collection[str] | None = None,
    ids_given: bool = True,
    by_hand: Mapping[str, frozenset[str]] | None = None,
    policy: Policy | None = None,
) -> Update:
    """
    Bring a layer up to date with a newer list.

    Parameters
    ----------
    old, new
        Checked frames of the layer: as it is, and the list.
    layer
        Its name.
    metric_crs
        The precinct's.
    given
        The columns the list has; the others of `new` are defaults and change nothing. By
        default all.
    ids_given
        Whether the list brings ids. Then it names the rows; otherwise they keep their ids.
    by_hand
        By row id, the columns a person set (``geometry`` among them).
    policy
        What the list may do.

    Returns
    -------
    update
        Every row of `new` is in `Update.rows`; every row of `old` is there or told as gone.
    """
    policy = policy or Policy()
    match = match_rows(old, new, layer, metric_crs=metric_crs, ids_given=ids_given)
    ids = _ids_after(old, new, match, ids_given=ids_given)
    merged, told = _merge(
        old, new, match, ids,
        given=set(contract_columns(layer) if given is None else given),
        metric_crs=metric_crs,
        by_hand={} if policy.take_new else by_hand or {},
    )  # fmt: skip
    added = new.drop(index=list(match.old_of)).rename(index=ids.new)
    rest = old.drop(index=list(match.old_of.values()))
    kept, left = _left_over(rest, policy, ids.old, match.could_be)
    rows = pd.concat([f for f in (merged, kept, added) if len(f)] or [old.iloc[:0]])
    lines = [*told, *_tell_added(new, match, ids), *left]
    lines += [_line("changed", now, _name(rows.loc[now]), rows.index.name, was, now)
              for was, now in ids.old.items() if was != now and now in rows.index]  # fmt: skip
    table = _in_order(lines)
    touched = table[table["what"].isin(["changed", "moved"])]["row_id"]
    unchanged = len(set(merged.index) - set(touched))
    renamed = {was: now for was, now in ids.old.items() if was != now}
    return Update(layer, check_layer(rows, layer), table, tuple(merged.index), unchanged, renamed)


def contract_columns(layer: str) -> list[str]:
    """List the columns a list can bring, and its place."""
    return [*(column.name for column in contract(layer).columns), "geometry"]


# ---------------------------------------------------------------- ids


@dataclass(frozen=True)
class _Ids:
    """The id each row has afterwards, by its id in the old frame and in the new one."""

    old: dict[str, str]
    new: dict[str, str]


def _ids_after(old: pd.DataFrame, new: pd.DataFrame, match: Match, *, ids_given: bool) -> _Ids:
    """Let the list name its rows if it has ids; rows that stay make room, and are told."""
    new_ids = {str(i): str(i) for i in new.index}
    if not ids_given:
        taken = set(old.index)
        for new_id in new.index:
            known = match.old_of.get(new_id)
            new_ids[new_id] = known if known is not None else _free(new_id, taken)
            taken.add(new_ids[new_id])
    old_ids = {old_id: new_ids[new_id] for new_id, old_id in match.old_of.items()}
    taken = set(new_ids.values())
    for old_id in old.index.difference(list(old_ids)):
        old_ids[old_id] = _free(old_id, taken)
        taken.add(old_ids[old_id])
    return _Ids(old_ids, new_ids)


def _free(row_id: str, taken: set[str]) -> str:
    """
    Find an id that is free: the row's own, or the next number after it.

    Examples
    --------
    >>> _free("S001", {"S001", "S002"}), _free("old", {"old"}), _free("B1", set())
    ('S003', 'old2', 'B1')
    """
    head = row_id.rstrip("0123456789")
    digits = row_id[len(head) :]
    number = int(digits or 1)
    while row_id in taken:
        number += 1
        row_id = f"{head}{number:0{len(digits)}d}"
    return row_id


# ---------------------------------------------------------------- rows that are in both


def _merge(
    old: pd.DataFrame,
    new: pd.DataFrame,
    match: Match,
    ids: _Ids,
    *,
    given: set[str],
    metric_crs: str,
    by_hand: Mapping[str, frozenset[str]],
) -> tuple[pd.DataFrame, list[tuple[Any, ...]]]:
    """Give the matched rows with what the list says of them, and tell what changed."""
    pairs = list(match.old_of.items())
    index = pd.Index([ids.new[n] for n, _ in pairs], dtype="str", name=old.index.name)
    rows = old.loc[[o for _, o in pairs]].set_axis(index)
    says = new.loc[[n for n, _ in pairs]].set_axis(index)
    hands = [by_hand.get(old_id, frozenset()) for _, old_id in pairs]
    told: list[tuple[Any, ...]] = []
    for name in [c for c in rows.columns if c in given and c not in ("geometry", *_SAID_OF_ROW)]:
        differs = _differs(rows[name], says[name])
        held = np.array([name in hand for hand in hands], dtype=bool)
        told += _tell_values(rows, says, name, differs & ~held, "changed")
        told += _tell_values(rows, says, name, differs & held, "conflict")
        rows[name] = rows[name].where(~(differs & ~held), says[name])
    if isinstance(rows, gpd.GeoDataFrame):
        told += _move(
            rows, says, metric_crs, np.array(["geometry" in h for h in hands], dtype=bool)
        )
    for name in _SAID_OF_ROW:  # what the list has, the list vouches for
        rows[name] = rows[name].where(~_is_of_map(rows) & (name not in given), says[name])
    return rows, told


def _differs(one: pd.Series, other: pd.Series) -> npt.NDArray[np.bool_]:
    """Mark where a list says something else; an empty cell says nothing."""
    says = (other.notna() & (other.astype("str").str.strip() != "")).to_numpy(dtype=bool)
    equal = (one == other).fillna(False).to_numpy(dtype=bool)
    return np.asarray(says & ~equal)


def _is_of_map(rows: pd.DataFrame) -> pd.Series:
    return rows["source"].astype("str").str.startswith(MAP_SOURCE)


def _move(
    rows: gpd.GeoDataFrame, says: gpd.GeoDataFrame, metric_crs: str, held: npt.NDArray[np.bool_]
) -> list[tuple[Any, ...]]:
    """Put rows where the list has them, unless that is where they are."""
    here, there = (np.asarray(f.geometry.to_crs(metric_crs).array) for f in (rows, says))
    apart_m = shapely.distance(here, there)
    to_point = says.geom_type.isin(POINT).to_numpy() & rows.geom_type.isin(AREA).to_numpy()
    reshaped = np.array(
        [shapely.hausdorff_distance(a, b) > MOVED_M for a, b in zip(here, there, strict=True)],
        dtype=bool,
    )
    moves = np.where(to_point, apart_m > BESIDE_CAMPUS_M, reshaped)
    told = []
    for what, where in (("moved", moves & ~held), ("conflict", moves & held)):
        told += [
            _line(what, rows.index[at], _name(rows.iloc[at]), "geometry",
                  _lonlat(rows.geometry.iloc[at]), _lonlat(says.geometry.iloc[at]), apart_m[at])
            for at in np.flatnonzero(where)
        ]  # fmt: skip
    places = np.where(moves & ~held, np.asarray(says.geometry), np.asarray(rows.geometry))
    rows["geometry"] = gpd.GeoSeries(places, index=rows.index, crs=rows.crs)
    return told


# ---------------------------------------------------------------- rows of one side alone


def _left_over(
    rest: pd.DataFrame, policy: Policy, ids: Mapping[str, str], could_be: frozenset[str]
) -> tuple[pd.DataFrame, list[tuple[Any, ...]]]:
    """Keep or remove the rows the list lacks, and tell each; those it may have after all stay."""
    of_map = _is_of_map(rest).to_numpy(dtype=bool)
    listed = rest.index.isin(list(could_be))
    stays = np.where(of_map, policy.keep_map | listed, not policy.remove_gone)
    what = np.select([of_map & ~stays, stays & ~of_map, stays], ["gave_way", "gone", ""], "removed")
    told = [
        _line(word, ids[row_id] if kept else row_id, _name(row))
        for word, kept, (row_id, row) in zip(what, stays, rest.iterrows(), strict=True)
        if word
    ]
    return rest[stays.astype(bool)].rename(index=dict(ids)), told


def _tell_added(new: pd.DataFrame, match: Match, ids: _Ids) -> Iterable[tuple[Any, ...]]:
    for row_id in new.index.difference(list(match.old_of), sort=False):
        row = new.loc[row_id]
        yield _line("added", ids.new[row_id], _name(row))
        if row_id in match.unclear:
            could_be = ", ".join(ids.old[old_id] for old_id in match.unclear[row_id])
            yield _line("unclear", ids.new[row_id], _name(row), old=could_be)


# ---------------------------------------------------------------- words


def _in_order(lines: Iterable[tuple[Any, ...]]) -> pd.DataFrame:
    table = pd.DataFrame(lines, columns=list(COLUMNS)).astype({"moved_m": "float64"})
    order = {what: rank for rank, what in enumerate(WHAT)}
    ranked = table.assign(rank=table["what"].map(order))
    ranked = ranked.sort_values(["rank", "row_id"], kind="stable", ignore_index=True)
    return ranked.drop(columns="rank")


def _line(
    what: str,
    row_id: str,
    name: str,
    column: str = "",
    old: object = "",
    new: object = "",
    moved_m: float = np.nan,
) -> tuple[Any, ...]:
    return what, row_id, name, column, _text(old), _text(new), moved_m


def _tell_values(
    rows: pd.DataFrame, says: pd.DataFrame, column: str, where: npt.NDArray[np.bool_], what: str
) -> list[tuple[Any, ...]]:
    return [
        _line(what, rows.index[at], _name(rows.iloc[at]), column,
              rows[column].iloc[at], says[column].iloc[at])
        for at in np.flatnonzero(where)
    ]  # fmt: skip


def _text(value: Any) -> str:  # noqa: ANN401 - a cell of a frame
    if pd.isna(value):
        return ""
    return value.isoformat() if isinstance(value, pd.Timestamp) else str(value)


def _name(row: pd.Series) -> str:
    return str(row.get("name", "") or "")


def _lonlat(place: Any) -> str:  # noqa: ANN401 - shapely has no types
    point = shapely.point_on_surface(place)
    return f"{point.x:.6f}, {point.y:.6f}"


def compare_lists(old: pd.DataFrame, new: pd.DataFrame, layer: str) -> Update:
    """Tell what a list does that takes the place of a layer whole: rows are known by their ids."""
    gone = old.index.difference(new.index, sort=False)
    fresh = new.index.difference(old.index, sort=False)
    lines = [_line("removed", row_id, _name(old.loc[row_id])) for row_id in gone]
    lines += [_line("added", row_id, _name(new.loc[row_id])) for row_id in fresh]
    both = new.index.intersection(old.index, sort=False)
    for row_id in both:
        was, now = old.loc[row_id], new.loc[row_id]
        lines += [
            _line("changed", row_id, _name(now), column, was[column], now[column])
            for column in new.columns
            if column != "geometry" and _text(was[column]) != _text(now[column])
        ]
    table = _in_order(lines)
    changed = set(table[table["what"] == "changed"]["row_id"])
    return Update(layer, new, table, tuple(both), len(set(both) - changed), {})
