"""
Stands: the posts of a gate as crews man them, one required stop for each.

A station means by a post that somebody stands at a gate from the first minute of a window
to the last. Windows of one gate may overlap when grades leave one after the other, and
then need not ask for the same. So the people wanted at a gate are taken minute by minute,
the most that any window asks for, and cut into as few stands as that allows; whoever mans
a stand mans all of it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd

from patrolmap.model.calendar import PeakWindow
from patrolmap.model.reasons import make_reason
from patrolmap.model.settings import MINUTE_S

# Of two windows alike that overlap by this share of the shorter, nobody is relieved between.
SAME_STAND: Final = 0.5


@dataclass(frozen=True)
class Stand:
    """
    People wanted at a gate without a break, and the windows they protect.

    Each window comes with the pupils that pass this gate in it under the eyes of these
    people; whoever stands for a part of the window protects that part of them.
    """

    gate_id: str
    start_s: int
    end_s: int
    people: int
    role: str
    windows: tuple[tuple[PeakWindow, float], ...]

    @property
    def people_s(self) -> int:
        """Give the seconds that its people stand, added up."""
        return self.people * (self.end_s - self.start_s)

    @property
    def pupils(self) -> float:
        """Count the pupils it protects, of each window in proportion to its time."""
        return sum(
            pupils * max(0, min(self.end_s, at.end_s) - max(self.start_s, at.start_s))
            / max(1, at.end_s - at.start_s)
            for at, pupils in self.windows
        )  # fmt: skip


def stand_stops(
    staffed: pd.DataFrame, windows: Sequence[PeakWindow], gates: gpd.GeoDataFrame
) -> list[dict[str, Any]]:
    """
    Make the required stops of all gates.

    Parameters
    ----------
    staffed
        From `staff_posts`.
    windows
        The windows of the day.
    gates
        Checked layer.

    Returns
    -------
    rows
        One stop a stand. ``window_id`` is that of the first window it is manned for; a
        stand lasts until the last of those it joins. ``prize`` counts its people-minutes,
        and less than the least difference of two such sums for its pupils: where crews do
        not suffice, they man as many people-minutes as they can, and of all ways to do so
        the one that protects most pupils.

    Notes
    -----
    The two aims could be ranked the other way round. Where crews nearly suffice both give
    the same plan. Where they are far too few, pupils first would leave gates unmanned that
    could be manned, for the sake of larger schools, and a plan could no longer be held to
    the one figure that a station is asked for: the share of its posts that are manned.

    Each post that needs somebody of a role is a stand of its own; what the other posts of
    the window ask for joins the first of them.
    """
    by_id = {window.window_id: window for window in windows}
    stands = [
        turn
        for gate_id, posts in staffed[staffed["left"] > 0].groupby("gate_id", sort=True)
        for line in _lines(str(gate_id), posts, by_id)
        for turn in _turns(_joined(line))
    ]
    numbers: Counter[str] = Counter()
    rows = []
    for stand, prize in zip(stands, _prizes(stands), strict=True):
        name = f"post:{stand.gate_id}:{stand.windows[0][0].window_id}"
        numbers[name] += 1
        stop_id = name if numbers[name] == 1 else f"{name}:{numbers[name]}"
        rows.append({"stop_id": stop_id, **_stop(stand, prize, gates)})
    return rows


# ---------------------------------------------------------------- what a gate asks for


def _lines(
    gate_id: str, posts: pd.DataFrame, by_id: dict[str, PeakWindow]
) -> Iterable[list[Stand]]:
    """Give for the first, second … place that needs a role what each window asks for there."""
    wanted = [
        _wanted(gate_id, by_id[str(window_id)], group)
        for window_id, group in posts.groupby("window_id", sort=True)
    ]
    for number in range(max(map(len, wanted))):
        line = [stands[number] for stands in wanted if number < len(stands)]
        yield sorted(line, key=lambda stand: (stand.start_s, stand.windows[0][0].window_id))


def _wanted(gate_id: str, window: PeakWindow, posts: pd.DataFrame) -> list[Stand]:
    """Share what a gate asks for in one window out among those whose roles it needs."""
    # any crew can do an auxiliary's part
    asks = [
        (int(left), str(role))
        for left, role in zip(posts["left"], posts["role_left"], strict=True)
        if role not in ("", "auxiliary")
    ] or [(0, "")]
    in_all = int(posts["left"].sum())
    asks[0] = (in_all - sum(left for left, _ in asks[1:]), asks[0][1])
    at_gate = window.pupils / max(1, len(window.gate_ids))
    return [
        Stand(gate_id, window.start_s, window.end_s, people, role,
              ((window, at_gate * people / in_all),))
        for people, role in asks
    ]  # fmt: skip


def _joined(line: list[Stand]) -> list[Stand]:
    """Join windows that ask for the same and overlap so far that nobody is relieved between."""
    joined: list[Stand] = []
    for stand in line:
        last = joined[-1] if joined else stand
        overlap_s = min(last.end_s, stand.end_s) - stand.start_s
        alike = (stand.people, stand.role) == (last.people, last.role)
        if joined and alike and overlap_s >= SAME_STAND * (stand.end_s - stand.start_s):
            end_s = max(last.end_s, stand.end_s)
            joined[-1] = replace(last, end_s=end_s, windows=(*last.windows, *stand.windows))
        else:
            joined.append(stand)
    return joined


def _turns(stands: list[Stand]) -> list[Stand]:
    """
    Cut stands that overlap where one takes over from another.

    The one that asks for most people goes on; of equal ones the first, until it ends.
    """
    cuts = sorted({at_s for stand in stands for at_s in (stand.start_s, stand.end_s)})
    turns: list[Stand] = []
    for start_s, end_s in pairwise(cuts):
        there = [s for s in stands if s.start_s <= start_s and end_s <= s.end_s]
        if not there:
            continue
        own = min(there, key=lambda s: (-s.people, s.start_s))
        others = tuple(at for s in there if s is not own for at in s.windows)
        role = max(s.role for s in there)
        turn = replace(own, start_s=start_s, end_s=end_s, role=role, windows=own.windows + others)
        if turns and turns[-1].end_s == start_s and _is_same_turn(turns[-1], turn):
            known = turns[-1].windows
            more = tuple(at for at in turn.windows if at not in known)
            turns[-1] = replace(turns[-1], end_s=end_s, windows=known + more)
        else:
            turns.append(turn)
    return turns


def _is_same_turn(last: Stand, turn: Stand) -> bool:
    return (last.windows[0], last.people, last.role) == (turn.windows[0], turn.people, turn.role)


# ---------------------------------------------------------------- stops


def _prizes(stands: Sequence[Stand]) -> list[float]:
    """Count people-minutes; pupils decide between plans that man equally many."""
    least_s = int(np.gcd.reduce([stand.people_s for stand in stands])) if stands else 0
    all_pupils = sum(stand.pupils for stand in stands)
    return [
        (stand.people_s + least_s * stand.pupils / (all_pupils + 1)) / MINUTE_S for stand in stands
    ]


def _stop(stand: Stand, prize: float, gates: gpd.GeoDataFrame) -> dict[str, Any]:
    gate, first = gates.loc[stand.gate_id], stand.windows[0][0]
    return {
        "place_id": f"gate:{stand.gate_id}",
        "kind": "post",
        "window_id": first.window_id,
        "tw_early_s": stand.start_s,
        "tw_late_s": stand.start_s,
        "service_s": stand.end_s - stand.start_s,
        "required": True,
        "prize": prize,
        "reason": make_reason("post"),
        "people": stand.people,
        "role_needed": stand.role,
        "in_part": stand.people > 1,
        "pupils": stand.pupils,
        "min_gap_s": None,
        "max_gap_s": None,
        "name": f"{first.name} {gate['name']}".strip(),
        "lon": gate.geometry.x,
        "lat": gate.geometry.y,
        "provenance": gate.provenance,
    }
