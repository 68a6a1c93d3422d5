"""
The best staffing of posts there is, as an integer program; knows posts, crews and ways alone.

Each crew follows a path through the posts, whose times are fixed. At a post those count who
come, up to the people asked for; of these one place is kept for the role it needs. Breaks
and distances are not looked at, so that the answer is a bound where crews have them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_matrix

from patrolmap.model.units import Unit

Crew = tuple[str, str, str, int, int, tuple[tuple[str, int], ...]]


@dataclass
class _Program:
    """Rows and columns of an integer program, as they come."""

    low: list[float] = field(default_factory=list)
    high: list[float] = field(default_factory=list)
    most: list[int] = field(default_factory=list)
    entries: list[tuple[int, int, float]] = field(default_factory=list)

    def row(self, low: float, high: float) -> int:
        self.low.append(low)
        self.high.append(high)
        return len(self.low) - 1

    def column(self, most: int, entries: Sequence[tuple[int, float]]) -> int:
        self.most.append(most)
        self.entries += [(row, len(self.most) - 1, value) for row, value in entries]
        return len(self.most) - 1

    def solve(self, gain: np.ndarray) -> np.ndarray:
        rows, columns, values = zip(*self.entries, strict=True)
        matrix = coo_matrix((values, (rows, columns)), (len(self.low), len(self.most)))
        found = milp(
            -gain,
            constraints=LinearConstraint(matrix.tocsr(), self.low, self.high),
            integrality=np.ones(len(gain)),
            bounds=Bounds(0, self.most),
            options={"mip_rel_gap": 0},
        )
        assert found.status == 0, found.message
        return np.asarray(found.x)


def best_staffing(
    posts: pd.DataFrame,
    units: Sequence[Unit],
    times: dict[str, pd.DataFrame],
    worth: pd.Series,
    *,
    at_least: tuple[pd.Series, float] | None = None,
) -> float:
    """
    Give the most that the people at posts can be worth together.

    Parameters
    ----------
    posts
        Stops of fixed times.
    units, times
        The crews, and seconds by mode.
    worth
        By post, what each person there is worth.
    at_least
        Another worth, and how much of that there must be.
    """
    program = _Program()
    people = [program.row(-np.inf, 0) for _ in posts.index]
    kept = [program.row(-np.inf, int(asked) - 1) for asked in posts["people"]]
    for crew, count in Counter(map(_alike, units)).items():
        _add_crews(program, posts, crew, count, times[crew[0]], (people, kept))
    filled = []
    for j, (asked, role) in enumerate(zip(posts["people"], posts["role_needed"], strict=True)):
        entries = [(people[j], 1.0), (kept[j], 1.0 if role else 0.0)]
        filled.append(program.column(int(asked), entries))
    gain = np.zeros(len(program.most))
    gain[filled] = worth.loc[posts.index]
    if at_least is not None:
        other, least = at_least
        row = program.row(least, np.inf)
        program.entries += [
            (row, j, value) for j, value in zip(filled, other.loc[posts.index], strict=True)
        ]
    return float(gain @ program.solve(gain).round())


def _alike(unit: Unit) -> Crew:
    return (
        unit.mode, unit.start_id, unit.end_id, unit.shift_start_s, unit.shift_end_s,
        tuple(sorted(unit.people.items())),
    )  # fmt: skip


def _add_crews(
    program: _Program,
    posts: pd.DataFrame,
    crew: Crew,
    count: int,
    way: pd.DataFrame,
    shared: tuple[list[int], list[int]],
) -> None:
    """Let so many crews of one kind flow from their base through posts and home."""
    people, kept = shared
    roles = dict(crew[-1])
    heads = sum(roles.values())
    begin = program.row(0, count)
    arcs = list(_arcs(posts, crew, way))
    stays = {j: program.row(0, 0) for j in {j for arc in arcs for j in arc} - {-1}}
    once = {j: program.row(0, count) for j in stays}
    for i, j in arcs:
        entries = [(begin, 1.0)] if i < 0 else [(stays[i], -1.0)]
        if j >= 0:
            entries += [(stays[j], 1.0), (once[j], 1.0), (people[j], -float(heads))]
            if role := posts["role_needed"].iloc[j]:
                entries.append((kept[j], -float(roles.get(role, 0))))
        program.column(count, entries)


def _arcs(posts: pd.DataFrame, crew: Crew, way: pd.DataFrame) -> Iterator[tuple[int, int]]:
    """List the ways a crew can go: from its base (-1), post to post, and home (-1)."""
    _, start_id, end_id, shift_start_s, shift_end_s, _ = crew
    place, start = posts["place_id"], posts["tw_early_s"].to_numpy()
    end = start + posts["service_s"].to_numpy()
    there = way.loc[start_id, place].to_numpy(float, na_value=np.inf) + shift_start_s
    home = way.loc[place, end_id].to_numpy(float, na_value=np.inf) + end
    between = way.loc[place, place].to_numpy(float, na_value=np.inf)
    yield from ((-1, j) for j in np.flatnonzero(there <= start))
    yield from ((j, -1) for j in np.flatnonzero(home <= shift_end_s))
    onward = end[:, None] + between <= start[None, :]
    np.fill_diagonal(onward, val=False)
    yield from zip(*np.nonzero(onward), strict=True)


def person_seconds(posts: pd.DataFrame) -> pd.Series:
    """Give the seconds that each person stands at a post: whole numbers keep the program exact."""
    return posts["service_s"].astype(float)


def filled_places(posts: pd.DataFrame, unserved: pd.DataFrame) -> pd.Series:
    """Count the places of posts that a plan fills, by what it says is missing."""
    return posts["people"] - unserved["people_missing"].reindex(posts.index, fill_value=0)
