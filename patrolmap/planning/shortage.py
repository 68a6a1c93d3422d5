"""
What a plan leaves unmanned at the gates, and how many more people would close it.

Every place left empty at a post is a task of fixed times. One more person can take those
that lie one after the other with time to walk between them, so that the fewest people are
the fewest chains that cover all tasks.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from patrolmap.model.plan import Plan
from patrolmap.model.units import Unit

MISSING_COLUMNS: Final = (
    "place_id", "name", "window_id", "from_s", "until_s", "people", "role", "pupils", "reason",
)  # fmt: skip
_ASKED: Final = (
    "place_id", "name", "window_id", "tw_early_s", "service_s", "people", "role_needed", "pupils",
)  # fmt: skip
CREW_COLUMNS: Final = ("officers", "auxiliaries", "base_id", "from_s", "until_s", "stop_ids")


def missing_posts(plan: Plan, units: Sequence[Unit]) -> pd.DataFrame:
    """
    List the posts that lack people.

    Parameters
    ----------
    plan
        Its stops of kind ``post`` have fixed times.
    units
        Its crews.

    Returns
    -------
    missing
        Index ``stop_id``, by time and place; columns `MISSING_COLUMNS`: ``people`` still to
        come, the ``role`` that one of them must have (empty where anybody will do), the
        ``pupils`` that nobody protects (0 where the stops do not tell), and why, as
        `model.reasons` writes it.
    """
    lacking = plan.unserved[plan.unserved["people_missing"] > 0]
    posts = plan.stops[plan.stops["kind"] == "post"].reindex(columns=_ASKED)
    posts = posts[posts.index.isin(lacking.index)]
    posts = posts.astype({"name": object, "role_needed": object})  # a bare matrix has neither
    people, reason = (lacking[name].loc[posts.index] for name in ("people_missing", "reason"))
    pupils = posts["pupils"].fillna(0.0) * people / posts["people"].fillna(1)
    frame = pd.DataFrame(
        {
            "place_id": posts["place_id"],
            "name": posts["name"].fillna(""),
            "window_id": posts["window_id"],
            "from_s": posts["tw_early_s"],
            "until_s": posts["tw_early_s"] + posts["service_s"],
            "people": people,
            "role": _roles_missing(plan, posts["role_needed"].fillna(""), units),
            "pupils": pupils.astype("float64"),
            "reason": reason,
        },
        columns=list(MISSING_COLUMNS),
    )
    return frame.rename_axis("stop_id").sort_values(["from_s", "place_id"], kind="stable")


def _roles_missing(plan: Plan, needed: pd.Series, units: Sequence[Unit]) -> pd.Series:
    """Give the role each post needs, empty where somebody there has it."""
    people = {unit.unit_id: unit.people for unit in units}
    present: dict[str, set[str]] = {}
    for route in plan.routes:
        roles = {role for role, count in people[route.unit_id].items() if count}
        for visit in route.visits:
            present.setdefault(visit.stop_id, set()).update(roles)
    filled = [role in present.get(str(stop_id), set()) for stop_id, role in needed.items()]
    return needed.mask(np.array(filled, dtype=bool), "").astype("str")


def crews_needed(missing: pd.DataFrame, ways: pd.DataFrame, bases: Sequence[str]) -> pd.DataFrame:
    """
    Find the fewest people who could man what is missing, and the crews they would make.

    Parameters
    ----------
    missing
        From `missing_posts`.
    ways
        Seconds on foot, a square frame that holds the posts' places and the bases; NA: no
        way leads.
    bases
        Places where crews may start. Posts that no base can reach are left out: no crew,
        but a street is missing there.

    Returns
    -------
    crews
        One row a crew, by time; columns `CREW_COLUMNS`: how many officers and auxiliaries,
        the base nearest to its first post, when it leaves and is back there, and the posts
        it mans (a tuple). People who would man the same posts are one crew. Shifts are
        free, and may have hours off between two posts.

    Notes
    -----
    The fewest chains that cover tasks in order of time are as many as there are tasks less
    the most pairs (task, next task) of which no two share a first or a second: Dilworth
    1950 by way of Fulkerson 1956. The assignment problem gives the most pairs; of all ways
    to have so many, one that seldom lets an officer do what anybody could, and then walks
    little. So the number of people is proven to be the least, that of officers is not.
    """
    reached = [place for place in missing["place_id"].unique() if _nearest(ways, bases, place)]
    tasks = list(_tasks(missing[missing["place_id"].isin(reached)]))
    chains = _chains(tasks, ways)
    alike = sorted(chains, key=lambda chain: ([t.start_s for t in chain], [t.name for t in chain]))
    rows = [
        _crew(list(group), ways, bases)
        for _, group in groupby(alike, key=lambda chain: [task.name for task in chain])
    ]
    return pd.DataFrame(rows, columns=list(CREW_COLUMNS))


def shortage_record(missing: pd.DataFrame, crews: pd.DataFrame) -> dict[str, Any]:
    """Write both as a plan's settings keep them: lists of rows that JSON can hold."""
    return {
        "missing": missing.reset_index().to_dict("records"),
        "crews": [{**row, "stop_ids": list(row["stop_ids"])} for row in crews.to_dict("records")],
    }


# ---------------------------------------------------------------- tasks and chains


@dataclass(frozen=True)
class _Task:
    """One place at a post."""

    name: str
    place: str
    start_s: int
    end_s: int
    role: str


Chain = list[_Task]


def _tasks(missing: pd.DataFrame) -> Iterator[_Task]:
    for post in missing.itertuples():
        for number in range(post.people):
            role = post.role if number == 0 else ""
            yield _Task(str(post.Index), post.place_id, post.from_s, post.until_s, role)


def _chains(tasks: Sequence[_Task], ways: pd.DataFrame) -> list[Chain]:
    """Cover all tasks with the fewest chains."""
    if not tasks:
        return []
    places = ways.index.get_indexer([task.place for task in tasks])
    way_s = ways.to_numpy(np.float64, na_value=np.inf)[np.ix_(places, places)]
    start_s, end_s = (np.array([getattr(t, n) for t in tasks]) for n in ("start_s", "end_s"))
    can_follow = end_s[:, None] + way_s <= start_s[None, :]
    np.fill_diagonal(can_follow, val=False)
    after = _most_pairs(can_follow, way_s, np.array([task.role != "" for task in tasks]))
    chains = []
    for first in sorted(set(range(len(tasks))) - set(after.values())):
        chain, at = [tasks[first]], first
        while at in after:
            at = after[at]
            chain.append(tasks[at])
        chains.append(chain)
    return chains


def _most_pairs(
    can_follow: NDArray[np.bool_], way_s: NDArray[np.float64], by_role: NDArray[np.bool_]
) -> dict[int, int]:
    """Pair tasks with the next ones: as many as can be, of one role, near to each other."""
    walked = np.where(can_follow, way_s, 0.0)
    mixed = by_role[:, None] != by_role[None, :]
    far = walked.sum() + 1.0  # a pair of two roles is worse than any walking
    cost = np.where(can_follow, walked + far * mixed - 2 * far * (len(by_role) + 1), 0.0)
    pairs = zip(*linear_sum_assignment(cost), strict=True)
    return {int(i): int(j) for i, j in pairs if can_follow[i, j]}


def _crew(people: Sequence[Chain], ways: pd.DataFrame, bases: Sequence[str]) -> Mapping[str, Any]:
    officers = sum(any(task.role for task in chain) for chain in people)
    first, last = people[0][0], people[0][-1]
    base = _nearest(ways, bases, first.place)
    return {
        "officers": officers,
        "auxiliaries": len(people) - officers,
        "base_id": base,
        "from_s": first.start_s - int(ways.loc[base, first.place]),
        "until_s": last.end_s + int(ways.loc[last.place, base]),
        "stop_ids": tuple(task.name for task in people[0]),
    }


def _nearest(ways: pd.DataFrame, bases: Iterable[str], place: str) -> str:
    """Find the base from which a place is reached soonest and that can be reached from it."""
    known = [b for b in bases if pd.notna(ways.loc[b, place]) and pd.notna(ways.loc[place, b])]
    return min(known, key=lambda base: (ways.loc[base, place], base), default="")
