"""Crews: how they move, when they work, how many they are. Call-signs, never names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, cast

import pandas as pd

from patrolmap.errors import LayerError, Problem

Mode = Literal["walk", "drive"]
ROLES_OF_CREWS = {"officer": "officers", "auxiliary": "auxiliaries"}


@dataclass(frozen=True)
class Break:
    """A rest of `duration_s` that must begin between `early_s` and `late_s`."""

    early_s: int
    late_s: int
    duration_s: int


@dataclass(frozen=True)
class Unit:
    """
    One crew on one shift; times are seconds from local midnight.

    `start_id` and `end_id` are place ids of the travel matrix (bases, as a rule).
    """

    unit_id: str
    mode: Mode
    start_id: str
    end_id: str
    shift_start_s: int
    shift_end_s: int
    people: Mapping[str, int] = field(default_factory=lambda: {"officer": 1}, hash=False)
    max_distance_m: float | None = None
    breaks: tuple[Break, ...] = ()

    @property
    def headcount(self) -> int:
        """Count the people of the crew."""
        return sum(self.people.values())


def units_from_table(table: pd.DataFrame) -> list[Unit]:
    """
    Make crews from a checked `units` table.

    Raises
    ------
    LayerError
        If a shift or break runs backwards, a break is named in part, or a crew has nobody.
    """
    problems = [p for unit_id, row in table.iterrows() for p in _faults(str(unit_id), row)]
    if problems:
        raise LayerError("units", problems)
    return [_unit(str(unit_id), row) for unit_id, row in table.iterrows()]


def _faults(unit_id: str, row: pd.Series) -> list[Problem]:
    asked = row[["break_early_s", "break_late_s", "break_min"]].notna()
    checks = [
        (row.shift_start_s >= row.shift_end_s, "the shift ends before it starts", "shift_end_s"),
        (row.officers + row.auxiliaries < 1, "nobody is in the crew", "officers"),
        (asked.any() and not asked.all(), "the break needs from, until and minutes", "break_min"),
        (
            asked.all() and row.break_early_s > row.break_late_s,
            "the break's latest start is before its earliest",
            "break_late_s",
        ),
        (
            asked.all()
            and not (
                row.shift_start_s <= row.break_late_s
                and max(row.shift_start_s, row.break_early_s) + row.break_min * 60
                <= row.shift_end_s
            ),
            "the break lies outside the shift",
            "break_early_s",
        ),
    ]
    return [
        Problem(what, "Correct the crew.", unit_id, column) for bad, what, column in checks if bad
    ]


def _unit(unit_id: str, row: pd.Series) -> Unit:
    rest: tuple[Break, ...] = ()
    if pd.notna(row.break_min):
        rest = (Break(int(row.break_early_s), int(row.break_late_s), int(row.break_min) * 60),)
    people = {role: int(row[column]) for role, column in ROLES_OF_CREWS.items() if row[column] > 0}
    return Unit(
        unit_id=unit_id,
        mode=cast("Mode", str(row["mode"])),
        start_id=str(row.start_id),
        end_id=str(row.end_id) or str(row.start_id),
        shift_start_s=int(row.shift_start_s),
        shift_end_s=int(row.shift_end_s),
        people=people,
        max_distance_m=None if pd.isna(row.max_distance_m) else float(row.max_distance_m),
        breaks=rest,
    )
