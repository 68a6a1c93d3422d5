"""Look back at the changes of a precinct, and take one back."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd

from patrolmap.model.contracts import CONTRACTS
from patrolmap.model.language import Language, translator
from patrolmap.store import changes as record
from patrolmap.store import geopackage as store
from patrolmap.store.history import Change, Role
from patrolmap.workflow.precinct import cut_cells
from patrolmap.workflow.report import Report


def list_changes(path: Path) -> list[dict[str, Any]]:
    """
    List the changes kept of a precinct, newest first.

    Returns
    -------
    changes
        Of each ``change_id``, ``at`` (a moment in the precinct's zone), ``kind``, ``role``,
        ``undoes`` (the change it took back, or None), ``undone``, and ``layers``: rows
        ``added``, ``changed`` and ``removed`` by layer.
    """
    zone = ZoneInfo(store.read_settings(path).zone)
    listed: dict[int, dict[str, Any]] = {}
    for row in record.list_changes(path).to_dict("records"):
        counts = {what: row[what] for what in ("added", "changed", "removed")}
        about = listed.setdefault(
            row["change_id"],
            {
                "change_id": row["change_id"],
                "at": dt.datetime.fromisoformat(row["at"]).astimezone(zone),
                "kind": row["kind"],
                "role": row["role"],
                "undoes": None if pd.isna(row["undoes"]) else int(row["undoes"]),
                "undone": row["undone"],
                "layers": {},
            },
        )
        about["layers"][row["layer"]] = counts
    return list(listed.values())


def undo_change(
    path: Path,
    change_id: int | None = None,
    *,
    at: dt.datetime | None = None,
    role: Role = "planner",
) -> Report:
    """
    Take a change back: every row it touched is as it was before, to the last digit.

    Parameters
    ----------
    path
        The precinct file.
    change_id
        Which; by default the last that still stands. To do something again, undo its undo.
    at
        When; by default now.
    role
        Of who undoes it.

    Raises
    ------
    InputError
        If there is nothing to undo, or a row was changed since; nothing is written then.
    """
    settings = store.read_settings(path)
    change = Change("undo", at or dt.datetime.now(ZoneInfo(settings.zone)), role, change_id)
    with record.undoing(path, change, ("cells",)) as (before, changed):
        if "schools" in changed and len(before["cells"]):  # they follow the schools
            changed["cells"] = cut_cells(changed["schools"], settings)
    rows = {layer: len(frame) for layer, frame in changed.items() if layer != "notes"}
    last = list_changes(path)[0]
    return Report(Path(path), rows, {"undone": last["undoes"], "change_id": last["change_id"]})


def changes_table(changes: list[dict[str, Any]], language: Language) -> pd.DataFrame:
    """Put what `list_changes` gives into words, one row a change."""
    _ = translator(language)
    return pd.DataFrame(
        {
            _("No."): [change["change_id"] for change in changes],
            _("When"): [f"{change['at']:%Y-%m-%d %H:%M}" for change in changes],
            _("Change"): [change_title(change, language) for change in changes],
            _("Rows"): [rows_words(change, language) for change in changes],
        }
    )


def change_title(change: dict[str, Any], language: Language) -> str:
    """Name a change, and say if it was undone."""
    _ = translator(language)
    titles = {
        "edit": _("Edited by hand"),
        "fix": _("Fix taken"),
        "update": _("Updated by a list"),
        "replace": _("Replaced by a list"),
        "cases": _("Cases opened for distances"),
        "undo": _("Undone: no. {number}"),
    }
    title = titles[change["kind"]].format(number=change["undoes"])
    if not change["undone"]:
        return title
    undone = _("undone since")
    return f"{title}（{undone}）" if language == "zh" else f"{title} ({undone})"


def rows_words(change: dict[str, Any], language: Language) -> str:
    """Say how many rows of which layers a change added, changed and removed."""
    _ = translator(language)
    colon, comma, semicolon = ("：", "，", "；") if language == "zh" else (": ", ", ", "; ")
    words = {"added": _("added"), "changed": _("changed"), "removed": _("removed")}
    return semicolon.join(
        f"{CONTRACTS[layer].title(language)}{colon}"
        + comma.join(f"{words[what]} {count}" for what, count in counts.items() if count)
        for layer, counts in change["layers"].items()
        if layer != "notes"  # they tell of the change and are none
    )
