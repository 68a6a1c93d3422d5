"""The verbs that look back at the changes of a precinct and take one back."""

from __future__ import annotations

from typing import Annotated

import typer

from patrolmap.cli.frame import AsJson, InLanguage, Precinct, app, say, show_table, tell


@app.command()
def history(precinct: Precinct, *, language: InLanguage = "zh", as_json: AsJson = False) -> None:
    """List the changes of a precinct, newest first: lists added, fixes taken, what was undone."""
    from patrolmap import workflow

    changes = workflow.list_changes(precinct)
    if as_json:
        say({"changes": changes}, "", as_json=True)
    elif changes:
        show_table(workflow.changes_table(changes, language), str(precinct))
    else:
        tell(f"{precinct}：尚无变更。" if language == "zh" else f"{precinct}: no changes yet.")


@app.command()
def undo(
    precinct: Precinct,
    *,
    change: Annotated[
        int | None, typer.Option(help="Its number in the history; by default the last.")
    ] = None,
    language: InLanguage = "zh",
    as_json: AsJson = False,
) -> None:
    """Take a change back, if no row it touched was changed since."""
    from patrolmap import workflow

    report = workflow.undo_change(precinct, change)
    say(report.record(), report.text(language), as_json=as_json)
