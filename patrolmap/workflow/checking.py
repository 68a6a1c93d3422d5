"""What is wrong in a precinct, and the fixes a person takes: each recorded, each to be undone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import pandas as pd

from patrolmap.errors import InputError
from patrolmap.intake import fixes
from patrolmap.intake.checks import check_precinct as find_faults
from patrolmap.intake.checks import find_assumed
from patrolmap.model.contracts import CONTRACTS
from patrolmap.model.language import Language, translator
from patrolmap.model.layers import check_layer
from patrolmap.store import geopackage as store
from patrolmap.store.history import Change, Role
from patrolmap.workflow.precinct import complete, cut_cells, join_notes
from patrolmap.workflow.report import Report

SHOWN: Final = ["severity", "layer", "row_id", "column", "what", "cure", "finding_id", "fix"]


def check_precinct(path: Path, *, language: Language = "zh") -> pd.DataFrame:
    """
    List what is wrong or missing in a precinct, worst first, and what is assumed instead.

    Returns
    -------
    findings
        Columns severity, layer, row_id, column, what, cure, finding_id and fix, which says
        what `fix_findings` would do and is empty where it can do nothing; in the language
        asked for.
    """
    settings, frames = store.read_settings(path), store.read_frames(path)
    found = find_faults(frames, metric_crs=settings.metric_crs, zone=settings.zone)
    assumed = find_assumed(complete(frames, settings))
    findings = pd.concat([found[found["code"] != "assumed"], assumed], ignore_index=True)
    words = {f"{column}_{language}": column for column in ("what", "cure", "fix")}
    return findings.drop(columns="fix").rename(columns=words)[SHOWN]


def fixes_table(findings: pd.DataFrame, language: Language) -> pd.DataFrame:
    """List the findings of `check_precinct` that patrolmap can mend, by the id to ask for."""
    _ = translator(language)
    fixable = findings[findings["fix"] != ""]
    return pd.DataFrame(
        {
            _("Finding"): fixable["finding_id"],
            _("What is wrong"): fixable["what"],
            _("Fix"): fixable["fix"],
        }
    )


def fix_findings(
    path: Path, wanted: Sequence[str], *, at: dt.datetime | None = None, role: Role = "planner"
) -> Report:
    """
    Mend findings as `check_precinct` proposes, all of them or none, and record what was done.

    Parameters
    ----------
    path
        The precinct file.
    wanted
        Ids of findings, such as ``"same_place:schools:S07"``; ``"same_place"`` alone means
        every finding of that kind that has a fix.
    at
        When; by default now.
    role
        Of who takes the fixes.

    Returns
    -------
    report
        The rows of the layers changed, and a note for every fix.

    Raises
    ------
    InputError
        If there is no such finding, or it has no fix.
    """
    settings = store.read_settings(path)
    now = at or dt.datetime.now(ZoneInfo(settings.zone))
    change = Change("fix", now, role)
    with store.changing_frames(path, tuple(CONTRACTS), change=change) as (before, changed):
        found = find_faults(before, metric_crs=settings.metric_crs, zone=settings.zone)
        taken = _choose(found, wanted)
        layers = dict(before)
        for finding in taken.to_dict("records"):
            done = fixes.apply_fix(layers, finding)
            layers.update(done)
            changed.update(done)
        notes = _notes(taken)
        changed["notes"] = join_notes(before["notes"], notes)
        if "schools" in changed and len(before["cells"]):  # cut around schools that may be gone
            changed["cells"] = cut_cells(changed["schools"], settings)
    rows = {layer: len(frame) for layer, frame in changed.items() if layer != "notes"}
    return Report(Path(path), rows, {"fixed": taken["finding_id"].tolist()}, notes)


def _choose(found: pd.DataFrame, wanted: Sequence[str]) -> pd.DataFrame:
    fixable = found[found["fix"] != ""]
    missing = [name for name in wanted if name not in {*fixable["finding_id"], *fixable["code"]}]
    if missing or not wanted:
        known = ", ".join(fixable["finding_id"].head(10)) or "none"
        raise InputError(
            f"There is no finding with a fix called {', '.join(missing) or 'nothing'}. "
            f"Findings that can be fixed: {known}."
        )
    return fixable[fixable["finding_id"].isin(wanted) | fixable["code"].isin(wanted)]


def _notes(taken: pd.DataFrame) -> pd.DataFrame:
    table = pd.DataFrame(
        {
            "layer": taken["layer"],
            "subject": taken["row_id"],
            "code": "fix_taken",
            "detail": taken["finding_id"] + " → " + taken["fix"] + " " + taken["fix_to"],
        }
    )
    ids = [f"fix-{number}" for number in range(1, len(table) + 1)]
    return check_layer(table.set_axis(ids).apply(lambda cells: cells.str.strip()), "notes")
