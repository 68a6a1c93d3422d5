"""What changed between two plans of a day: who stays, who is moved, what is dropped or added."""

from __future__ import annotations

from typing import Any, Final

from patrolmap.model.plan import Plan

NOTICED_S: Final = 5 * 60  # a start that moves by less is no change to a crew on the street
_Visits = dict[str, dict[str, int]]  # by stop, then by crew: the start


def list_changes(previous: Plan, plan: Plan, at_s: int = 0) -> dict[str, Any]:
    """
    Compare the visits of two plans from a time on.

    Parameters
    ----------
    previous, plan
        The earlier and the later plan.
    at_s
        Visits that began before are not counted.

    Returns
    -------
    changes
        ``kept``, ``moved``, ``dropped`` and ``added``: how many visits of crews to stops.
        One is moved if another crew takes it over, or its crew begins it more than five
        minutes earlier or later. ``visits`` lists all but those kept, in order of time:
        ``change``, ``stop_id``, and where there are such ``from_unit``, ``from_s``,
        ``to_unit``, ``to_s``.
    """
    before, after = _visits(previous, at_s), _visits(plan, at_s)
    counts = {"kept": 0, "moved": 0, "dropped": 0, "added": 0}
    listed = []
    for stop_id in sorted(before.keys() | after.keys()):
        for row in _changes_at(stop_id, before.get(stop_id, {}), after.get(stop_id, {})):
            counts[row["change"]] += 1
            if row["change"] != "kept":
                listed.append(row)
    listed.sort(key=lambda row: (row.get("from_s", row.get("to_s")), row["stop_id"]))
    return {**counts, "visits": listed}


def _visits(plan: Plan, at_s: int) -> _Visits:
    found: _Visits = {}
    for route in plan.routes:
        for visit in route.visits:
            if not visit.is_break and visit.start_s >= at_s:
                found.setdefault(visit.stop_id, {})[route.unit_id] = visit.start_s
    return found


def _changes_at(stop_id: str, old: dict[str, int], new: dict[str, int]) -> list[dict[str, Any]]:
    """Pair the crews of one stop: those that stay first, then whoever takes over."""
    stay = [(unit, unit) for unit in old if unit in new]
    left, come = [u for u in old if u not in new], [u for u in new if u not in old]
    handed = list(zip(left, come, strict=False))
    rows = []
    for giver, taker in [*stay, *handed]:
        is_kept = giver == taker and abs(new[taker] - old[giver]) <= NOTICED_S
        change = "kept" if is_kept else "moved"
        rows.append(_row(change, stop_id, (giver, old[giver]), (taker, new[taker])))
    rows += [_row("dropped", stop_id, (u, old[u]), None) for u in left[len(handed) :]]
    rows += [_row("added", stop_id, None, (u, new[u])) for u in come[len(handed) :]]
    return rows


def _row(
    change: str, stop_id: str, old: tuple[str, int] | None, new: tuple[str, int] | None
) -> dict[str, Any]:
    row: dict[str, Any] = {"change": change, "stop_id": stop_id}
    if old is not None:
        row |= {"from_unit": old[0], "from_s": old[1]}
    if new is not None:
        row |= {"to_unit": new[0], "to_s": new[1]}
    return row
