"""What is asked of the engine: stops, crews and matrices, checked and put in order."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import pandas as pd

from patrolmap.errors import InputError, LayerError, Problem
from patrolmap.model.plan import BREAK_ID, STOP_COLUMNS, Plan, Visit
from patrolmap.model.units import Break, Unit
from patrolmap.planning.underway import Underway, crews_underway

Matrices = Mapping[str, pd.DataFrame]
LATEST_S: Final = 2**22  # the engine's times are exact below 2**24, and it adds up a few
_DEFAULTS: Final[dict[str, Any]] = {
    "people": 1, "role_needed": "", "unit_ids": "", "alternative": "",
    "min_gap_s": np.nan, "max_gap_s": np.nan, "in_part": False,
}  # fmt: skip


@dataclass(frozen=True)
class Request:
    """
    A planning task, checked: stops in the order of their ids, with every optional column.

    `history` holds by crew what it did before `at_s`, `underway` where it goes on from if
    it has left its base, `dues` the breaks it has still to take, and `bound` by stop the
    only crews that may serve it.
    """

    stops: pd.DataFrame
    units: tuple[Unit, ...]
    times: Matrices
    distances: Matrices
    history: Mapping[str, tuple[Visit, ...]] = field(default_factory=dict)
    underway: Mapping[str, Underway] = field(default_factory=dict)
    dues: Mapping[str, tuple[Break, ...]] = field(default_factory=dict)
    bound: Mapping[str, frozenset[str]] = field(default_factory=dict)
    locked: frozenset[str] = frozenset()
    at_s: int = 0

    @property
    def modes(self) -> tuple[str, ...]:
        """Give the modes of the crews."""
        return tuple(sorted({unit.mode for unit in self.units}))

    def start_of(self, unit: Unit) -> Underway:
        """Say from where and when a crew can be sent somewhere."""
        at_base = Underway(unit.start_id, max(unit.shift_start_s, self.at_s))
        return self.underway.get(unit.unit_id, at_base)


def read_request(
    stops: pd.DataFrame,
    units: Sequence[Unit],
    times: Matrices,
    distances: Matrices | None,
    *,
    previous: Plan | None = None,
    at_s: int | None = None,
    locked: Collection[str] = (),
    underway: Mapping[str, Underway] | None = None,
) -> Request:
    """
    Check what `plan_patrol` was given.

    Raises
    ------
    InputError
        If stops, crews, matrices or the earlier plan cannot be used; all problems of a
        frame are reported together.
    """
    ordered = _read_stops(stops)
    _check_units(units, previous, at_s)
    modes = {unit.mode for unit in units}
    places: dict[str, set[str]] = {
        mode: set(ordered["place_id"])
        | {p for u in units if u.mode == mode for p in (u.start_id, u.end_id)}
        for mode in modes
    }
    given = (("times", times), ("distances", distances))
    for name, matrices in given:
        if matrices is not None:
            _check_matrices(name, matrices, places)
    metres = times if distances is None else distances
    if underway is None:
        underway = _underway(previous, units, at_s, times, metres)
    for name, matrices in given:
        if matrices is not None:
            _check_matrices(name, matrices, _places_underway(units, underway))
    history, dues = _history(ordered, units, previous, at_s)
    return Request(
        stops=ordered,
        units=tuple(units),
        times=times,
        distances=metres,
        history=history,
        underway=underway,
        dues=dues,
        bound=_bound(ordered, previous, locked),
        locked=frozenset(locked),
        at_s=at_s or 0,
    )


# ── stops ──


def _read_stops(stops: pd.DataFrame) -> pd.DataFrame:
    lacking = [name for name in STOP_COLUMNS if name not in stops.columns]
    if lacking:
        found = ", ".join(map(str, stops.columns)) or "none"
        raise InputError(
            f"stops lack the column {', '.join(lacking)} (found: {found}). "
            "Add it; times are whole seconds from midnight."
        )
    frame = stops.set_axis(stops.index.map(str), axis=0).rename_axis("stop_id").sort_index()
    for name, value in _DEFAULTS.items():
        column = frame[name] if name in frame else pd.Series(value, index=frame.index)
        frame[name] = column.astype(object).where(column.notna(), value)
    problems = [*_id_problems(frame.index), *_number_problems(frame)]
    if problems:
        raise LayerError("stops", problems)
    frame["unit_ids"] = frame["unit_ids"].map(_names)
    whole = ["tw_early_s", "tw_late_s", "service_s", "people"]
    types = dict.fromkeys(whole, "int64") | {"prize": float}
    return frame.astype(types | dict.fromkeys(["required", "in_part"], bool))


def _names(value: str | Iterable[str]) -> tuple[str, ...]:
    parts = value.split(",") if isinstance(value, str) else value
    return tuple(str(part).strip() for part in parts if str(part).strip())


def _id_problems(index: pd.Index) -> Iterator[Problem]:
    for stop_id in index[index.duplicated()].unique():
        yield Problem("the id stands twice", "Give every stop an id of its own.", str(stop_id))
    for stop_id in index:
        if stop_id.split("-")[0] == BREAK_ID:
            yield Problem("the id is kept for breaks", "Choose another id.", stop_id)


def _number_problems(frame: pd.DataFrame) -> Iterator[Problem]:
    for name in ("tw_early_s", "tw_late_s", "service_s", "people", "min_gap_s", "max_gap_s"):
        values = pd.to_numeric(frame[name], errors="coerce")
        may_lack = name in ("min_gap_s", "max_gap_s")
        bad = ~(values.between(int(name == "people"), LATEST_S) & (values % 1 == 0))
        bad &= ~(frame[name].isna() & may_lack)
        for stop_id in frame.index[bad]:
            what = f"is no whole number from {int(name == 'people')} to {LATEST_S}"
            yield Problem(what, "Correct it.", stop_id, name, str(frame[name][stop_id]))
    prize = pd.to_numeric(frame["prize"], errors="coerce")
    for stop_id in frame.index[~((prize >= 0) & np.isfinite(prize))]:
        yield Problem("is no number from 0 up", "Correct it.", stop_id, "prize")
    early, late = (pd.to_numeric(frame[c], errors="coerce") for c in ("tw_early_s", "tw_late_s"))
    for stop_id in frame.index[early > late]:
        what = "the window ends before it starts"
        yield Problem(what, "Swap tw_early_s and tw_late_s.", stop_id, "tw_late_s")


# ── crews ──


def _check_units(units: Sequence[Unit], previous: Plan | None, at_s: int | None) -> None:
    past = _past(previous, at_s)
    ids = [unit.unit_id for unit in units]
    problems = [
        Problem("the call-sign stands twice", "Give every crew one of its own.", unit_id)
        for unit_id in sorted({i for i in ids if ids.count(i) > 1})
    ]
    for unit in units:
        dues = _dues(unit, past.get(unit.unit_id, ()))
        problems += [Problem(what, cure, unit.unit_id) for what, cure in _unit_faults(unit, dues)]
    if problems:
        raise LayerError("units", problems)


def _unit_faults(unit: Unit, dues: Sequence[Break]) -> Iterator[tuple[str, str]]:
    if not 0 <= unit.shift_start_s <= unit.shift_end_s <= LATEST_S:
        yield "the shift ends before it starts, or is not within the day", "Correct the shift."
    if unit.headcount < 1:
        yield "nobody is in the crew", "Give it people, or leave it out."
    free_s = unit.shift_start_s
    for rest in dues:
        free_s = max(free_s, rest.early_s) + rest.duration_s
        if (
            rest.duration_s < 0
            or free_s - rest.duration_s > rest.late_s
            or free_s > unit.shift_end_s
        ):
            yield "a break does not fit into the shift", "Move the break or the shift."


# ── matrices ──


def _check_matrices(name: str, matrices: Matrices, places: Mapping[str, set[str]]) -> None:
    for mode, wanted in places.items():
        if mode not in matrices:
            known = ", ".join(matrices) or "none"
            raise InputError(
                f"{name} hold no matrix for the mode '{mode}' (found: {known}). "
                "Add one, or change the crews."
            )
        _check_matrix(f"{name}['{mode}']", matrices[mode], wanted)


def _check_matrix(name: str, matrix: pd.DataFrame, wanted: set[str]) -> None:
    if not (matrix.index.is_unique and set(matrix.index) == set(matrix.columns)):
        raise InputError(f"{name} is not square: give it one row and one column for each place.")
    if lacking := sorted(wanted - set(matrix.index)):
        more = f" and {len(lacking) - 5} more" if len(lacking) > 5 else ""
        raise InputError(
            f"{name} knows no place {', '.join(lacking[:5])}{more}. "
            "Add it to the matrix, or correct the stop or crew that names it."
        )
    values = matrix_values(matrix)
    bad = (values < 0) | (values > LATEST_S)
    if name.startswith("times"):
        bad |= ~np.isnan(values) & (values % 1 != 0)
    if bad.any():
        row, column = (int(at[0]) for at in np.nonzero(bad))
        raise InputError(
            f"{name} holds {values[row, column]:g} from {matrix.index[row]} to "
            f"{matrix.columns[column]}. Give whole seconds from 0 to {LATEST_S}, "
            "metres from 0, or NA where no way leads."
        )


def matrix_values(matrix: pd.DataFrame) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """Give a matrix as floats, NaN where no way leads."""
    values: np.ndarray[tuple[int, int], np.dtype[np.float64]]
    values = matrix.to_numpy(dtype=np.float64, na_value=np.nan)
    return values


# ── an earlier plan ──


def _underway(
    previous: Plan | None,
    units: Sequence[Unit],
    at_s: int | None,
    times: Matrices,
    metres: Matrices,
) -> Mapping[str, Underway]:
    if previous is None or at_s is None:
        return {}
    return crews_underway(previous, units, at_s, times, metres)


def _places_underway(
    units: Sequence[Unit], underway: Mapping[str, Underway]
) -> dict[str, set[str]]:
    """Gather by mode the places from which crews go on."""
    found: dict[str, set[str]] = {}
    for unit in units:
        if unit.unit_id in underway:
            found.setdefault(unit.mode, set()).add(underway[unit.unit_id].place_id)
    return found


def _history(
    stops: pd.DataFrame, units: Sequence[Unit], previous: Plan | None, at_s: int | None
) -> tuple[dict[str, tuple[Visit, ...]], dict[str, tuple[Break, ...]]]:
    done = _past(previous, at_s)
    unknown = set(done) - {unit.unit_id for unit in units}
    if unknown:
        raise InputError(
            f"{', '.join(sorted(unknown))} served stops before {at_s} s but is no crew any more. "
            "Keep the crew and end its shift there."
        )
    served = {v.stop_id for past in done.values() for v in past if not v.is_break}
    if lost := sorted(served - set(stops.index)):
        raise InputError(f"stops lack {', '.join(lost)}, served before {at_s} s. Keep them.")
    dues = {unit.unit_id: _dues(unit, done.get(unit.unit_id, ())) for unit in units}
    return done, dues


def _past(previous: Plan | None, at_s: int | None) -> dict[str, tuple[Visit, ...]]:
    """Give what each crew began before a time."""
    done: dict[str, tuple[Visit, ...]] = {}
    if previous is not None and at_s is not None:
        for route in previous.routes:
            past = tuple(visit for visit in route.visits if visit.start_s < at_s)
            if past:
                done[route.unit_id] = past
    return done


def _dues(unit: Unit, past: tuple[Visit, ...]) -> tuple[Break, ...]:
    """List the breaks still to come: those that no break of the past was."""
    due = sorted(unit.breaks, key=lambda rest: (rest.early_s, rest.late_s))
    for visit in past:
        if visit.is_break:
            lasted_s = visit.end_s - visit.start_s
            taken = next((b for b in due if b.duration_s == lasted_s), None)
            if taken is not None:
                due.remove(taken)
    return tuple(due)


def _bound(
    stops: pd.DataFrame, previous: Plan | None, locked: Collection[str]
) -> dict[str, frozenset[str]]:
    if not locked:
        return {}
    crews: dict[str, set[str]] = {}
    for route in previous.routes if previous is not None else ():
        for visit in route.visits:
            crews.setdefault(visit.stop_id, set()).add(route.unit_id)
    unknown = sorted(set(locked) - (set(crews) & set(stops.index)))
    if unknown:
        raise InputError(
            f"{', '.join(unknown)} cannot be locked: the earlier plan or the stops do not "
            "hold it. Lock only stops that a crew has."
        )
    return {stop_id: frozenset(crews[stop_id]) for stop_id in locked}
