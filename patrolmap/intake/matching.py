"""
Who is who in two lists of the same layer: by id, by name and kind, by place.

A match is taken only where it is clear. Where a row could be one of several, or several could
be it, nothing is guessed: the row and its candidates are told.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from patrolmap.intake.merging import BESIDE_CAMPUS_M
from patrolmap.intake.same_names import same_name
from patrolmap.model.contracts import AREA, contract

# A runner-up must lie this much farther off than the nearest, or it is unclear which is meant.
CLEAR_TIMES: Final = 2.0
CLEAR_M: Final = 5.0

_SAID_OF_ROW: Final = ("provenance", "source")


@dataclass(frozen=True)
class Likeness:
    """
    When two rows of a layer are the same thing, if their ids do not say so.

    `same` columns must agree. With like names they may lie `named_m` apart; where one has no
    name, `near_m`. None means never. Tables have no places: there `same` decides alone.
    """

    same: tuple[str, ...] = ()
    near_m: float | None = None
    named_m: float | None = None


# A map's point and a list's lie as far apart as the thing is large; a wrong datum is 500 m.
LIKENESS: Final = {
    "schools": Likeness((), BESIDE_CAMPUS_M, 300.0),
    "gates": Likeness(("school_id",), 10.0, 100.0),
    "venues": Likeness(("kind",), 10.0, 100.0),
    "traffic_points": Likeness(("kind",), 10.0, 50.0),
    "incidents": Likeness(("kind", "began_at"), 50.0),
    "hazards": Likeness(("kind", "found_on"), 15.0, 50.0),
    "bases": Likeness(("kind",), 30.0, 300.0),
    "streets": Likeness(),
    "posts": Likeness(("gate_id", "window_id", "role_needed"), 30.0, 30.0),
    "bells": Likeness(("school_id", "group", "weekdays", "kind")),
    "exceptions": Likeness(("date", "school_id")),
    "helpers": Likeness(("school_id", "window_id", "role")),
    "units": Likeness(),
}


@dataclass(frozen=True)
class Match:
    """Which row of the old list each row of the new one is, and for which that is unclear."""

    old_of: dict[str, str] = field(default_factory=dict)
    unclear: dict[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def could_be(self) -> frozenset[str]:
        """List the rows of the old list that some row of the new one could be."""
        return frozenset(old_id for candidates in self.unclear.values() for old_id in candidates)


def match_rows(
    old: pd.DataFrame, new: pd.DataFrame, layer: str, *, metric_crs: str, ids_given: bool = True
) -> Match:
    """
    Match the rows of a newer list with those a layer holds.

    Parameters
    ----------
    old, new
        Checked frames of the layer.
    layer
        Its name.
    metric_crs
        The precinct's, in which distances are measured.
    ids_given
        Whether the ids of `new` come from the list; ids made from row numbers say nothing.

    Returns
    -------
    match
        ``old_of`` gives for ids of `new` the id in `old`, each at most once. ``unclear`` gives
        for ids of `new` that are left the ids of `old` they could be.

    Notes
    -----
    In this order: equal ids, unless both name and place speak against it (a list that was
    numbered anew); rows equal in every value; like names; near places; and at last equal ids
    whatever else speaks against it, because an id is the station's word.
    """
    likes = _alike(old, new, layer, metric_crs)
    found: dict[str, str] = {}
    shared = [str(i) for i in new.index if i in old.index] if ids_given else []
    _take(found, {i: i for i in shared if _is_uncontradicted(i, old, new, layer, likes)})
    _take(found, _equal_rows(_rest(old, found.values()), _rest(new, found), layer))
    for is_first in (True, False):
        pairs = likes[likes["by_name"] | (not is_first)]
        _take(found, _clear_pairs(_open(pairs, found)))
    _take(found, {i: i for i in shared})
    left = _open(likes, found).groupby("new", sort=False)["old"]
    return Match(found, {str(new_id): tuple(ids) for new_id, ids in left})


def _take(found: dict[str, str], more: dict[str, str]) -> None:
    """Add matches of rows that are still free."""
    used = set(found.values())
    found.update({n: o for n, o in more.items() if n not in found and o not in used})


def _rest(frame: pd.DataFrame, used: object) -> pd.DataFrame:
    return frame[~frame.index.isin(list(used))]  # type: ignore[call-overload]


def _open(pairs: pd.DataFrame, found: dict[str, str]) -> pd.DataFrame:
    return pairs[~pairs["new"].isin(list(found)) & ~pairs["old"].isin(list(found.values()))]


def _is_uncontradicted(
    row_id: str, old: pd.DataFrame, new: pd.DataFrame, layer: str, likes: pd.DataFrame
) -> bool:
    """Say whether nothing, or not everything, speaks against two rows of one id being one."""
    if ((likes["new"] == row_id) & (likes["old"] == row_id)).any():
        return True
    like = LIKENESS[layer]
    if not contract(layer).geometry:
        return not like.same
    if "name" not in new:
        return False
    return same_name(str(old["name"][row_id]), str(new["name"][row_id]))


def _equal_rows(old: pd.DataFrame, new: pd.DataFrame, layer: str) -> dict[str, str]:
    """Pair rows that agree in every value; of several alike it does not matter which is which."""
    columns = [c.name for c in contract(layer).columns if c.name not in _SAID_OF_ROW]
    keys = [_numbered_values(frame, columns) for frame in (old, new)]
    ids = dict(zip(keys[0], old.index, strict=True))
    return {
        str(row_id): str(ids[key])
        for key, row_id in zip(keys[1], new.index, strict=True)
        if key in ids
    }


def _numbered_values(frame: pd.DataFrame, columns: list[str]) -> list[tuple[object, ...]]:
    """Give the values of each row, and how many rows before it have the same."""
    values = pd.DataFrame(frame[columns]).astype("str")
    if isinstance(frame, gpd.GeoDataFrame):
        values["geometry"] = shapely.to_wkb(frame.geometry.to_numpy(), hex=True)
    values["n"] = values.groupby(list(values.columns), dropna=False).cumcount()
    return list(values.itertuples(index=False, name=None))


def _clear_pairs(pairs: pd.DataFrame) -> dict[str, str]:
    """Take the pairs that are clear from both sides, until none is."""
    taken: dict[str, str] = {}
    while len(pairs):
        pairs = pairs.sort_values(["apart_m", "new", "old"])
        clear = pairs[_is_clear(pairs, "new") & _is_clear(pairs, "old")]
        if clear.empty:
            break
        taken |= dict(zip(clear["new"], clear["old"], strict=True))
        pairs = _open(pairs, taken)
    return taken


def _is_clear(pairs: pd.DataFrame, side: str) -> npt.NDArray[np.bool_]:
    """Mark the nearest pair of each row of a side, if the next is clearly farther."""
    grouped = pairs.groupby(side, sort=False)["apart_m"]
    runner_up = grouped.shift(-1)
    is_far = runner_up.isna() | (runner_up >= CLEAR_TIMES * pairs["apart_m"] + CLEAR_M)
    return np.asarray((grouped.cumcount() == 0) & is_far)


def _alike(old: pd.DataFrame, new: pd.DataFrame, layer: str, metric_crs: str) -> pd.DataFrame:
    """List the pairs that may be the same thing: new, old, apart_m, by_name."""
    like = LIKENESS[layer]
    if contract(layer).geometry:
        at_new, at_old, apart_m = _within(old, new, like, metric_crs)
    else:
        at_new, at_old, apart_m = _of_one_key(old, new, like)
    agree = np.ones(len(at_new), dtype=bool)
    for column in like.same:
        one, other = (f[column].astype("str").to_numpy() for f in (new, old))
        agree &= one[at_new] == other[at_old]
    if layer == "schools":
        agree &= _small(new)[at_new] == _small(old)[at_old]
    at_new, at_old, apart_m = at_new[agree], at_old[agree], apart_m[agree]
    by_name, nameless = _compare_names(old, new, at_old, at_new)
    near = nameless | _on_campus(old, layer)[at_old]
    by_name &= apart_m <= (like.named_m or 0.0)
    near &= apart_m <= (like.near_m or 0.0)
    pairs = pd.DataFrame(
        {"new": new.index[at_new], "old": old.index[at_old], "apart_m": apart_m, "by_name": by_name}
    )
    return pairs[by_name | near]


def _small(schools: pd.DataFrame) -> npt.NDArray[np.bool_]:
    """Mark kindergartens: one often lies against a school's wall, and neither is the other."""
    return np.asarray(schools["kinds"] == "kindergarten")


def _on_campus(old: pd.DataFrame, layer: str) -> npt.NDArray[np.bool_]:
    """Mark old campuses: a listed school in one is that school, whatever the map calls it."""
    if layer != "schools" or not isinstance(old, gpd.GeoDataFrame):
        return np.zeros(len(old), dtype=bool)
    return np.asarray(old.geom_type.isin(AREA))


def _within(
    old: pd.DataFrame, new: pd.DataFrame, like: Likeness, metric_crs: str
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp], npt.NDArray[np.float64]]:
    """Find the pairs within reach of each other, and their distance."""
    reach_m = max(like.near_m or 0.0, like.named_m or 0.0)
    if not reach_m or old.empty or new.empty:
        nothing = np.array([], dtype=np.intp)
        return nothing, nothing, np.array([])
    here, there = (np.asarray(f.geometry.to_crs(metric_crs).array) for f in (new, old))
    at_new, at_old = shapely.STRtree(there).query(here, predicate="dwithin", distance=reach_m)
    return at_new, at_old, shapely.distance(here[at_new], there[at_old])


def _of_one_key(
    old: pd.DataFrame, new: pd.DataFrame, like: Likeness
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp], npt.NDArray[np.float64]]:
    """Find the pairs of a table that agree in the columns that tell rows apart."""
    keys = list(like.same)
    if not keys:
        return _within(old.iloc[:0], new, like, "")
    one, other = (f[keys].astype("str").assign(at=np.arange(len(f))) for f in (new, old))
    both = one.merge(other, on=keys, suffixes=("_new", "_old"))
    return both["at_new"].to_numpy(), both["at_old"].to_numpy(), np.zeros(len(both))


def _compare_names(
    old: pd.DataFrame, new: pd.DataFrame, at_old: npt.NDArray[np.intp], at_new: npt.NDArray[np.intp]
) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Mark pairs of like names, and pairs where one has none (a table's rows have none)."""
    if "name" not in new:
        return np.zeros(len(at_new), dtype=bool), np.ones(len(at_new), dtype=bool)
    one, other = (f["name"].astype("str").to_numpy(dtype=object) for f in (new, old))
    pairs = list(zip(one[at_new], other[at_old], strict=True))
    alike = np.array([same_name(a, b) for a, b in pairs], dtype=bool)
    blank = np.array([not a.strip() or not b.strip() for a, b in pairs], dtype=bool)
    return alike, blank
