"""The verbs of plans: make one, and take it away."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from patrolmap.cli.frame import (
    AsJson,
    InLanguage,
    OnDate,
    Precinct,
    app,
    read_date,
    read_time,
    say,
    show_progress,
    show_table,
    tell,
)


class Format(StrEnum):
    """What a plan can be exported as."""

    gpx = "gpx"
    geojson = "geojson"
    html = "html"


@app.command()
def plan(
    precinct: Precinct,
    date: OnDate,
    *,
    days: Annotated[
        int, typer.Option(help="So many school days from there on, drawn so that none is guessed.")
    ] = 1,
    units: Annotated[Path | None, typer.Option(help="Table of crews, for this plan only.")] = None,
    seed: Annotated[int, typer.Option(help="Same seed and iterations, same plan.")] = 0,
    iterations: Annotated[
        int | None, typer.Option(help="Rounds of the search, instead of time.")
    ] = None,
    time_limit_s: Annotated[
        float | None,
        typer.Option(help="Stop searching then; 5, 40 for several days, or never with iterations."),
    ] = None,
    language: InLanguage = "zh",
    as_json: AsJson = False,
) -> None:
    """Plan a school day, or several, and keep the plans in the precinct file."""
    from patrolmap import workflow

    asked: dict[str, Any] = {
        "units_file": units, "seed": seed, "iterations": iterations, "time_limit_s": time_limit_s,
    }  # fmt: skip
    with show_progress(quiet=as_json, language=language) as on_step:
        asked["on_step"] = on_step
        if days != 1:
            week = workflow.plan_week(precinct, read_date(date), days, **asked)
        else:
            plan_id, planned = workflow.plan_day(precinct, read_date(date), **asked)
    if days != 1:
        say(week.record(), workflow.week_summary(week, language), as_json=as_json)
        return
    told = {name: planned.settings[name] for name in ("assumed", "holidays_announced")}
    record = {"plan_id": plan_id, **told, **planned.settings["scorecard"]}
    say(record, workflow.plan_summary(planned, language), as_json=as_json)


@app.command()
def replan(
    precinct: Precinct,
    at: Annotated[str, typer.Option(help="From when on, such as 07:52; what began before stays.")],
    *,
    plan_id: Annotated[str | None, typer.Option(help="By default the newest.")] = None,
    lock: Annotated[
        list[str] | None,
        typer.Option(help="A stop that stays with its crew: its id, or CREW:NUMBER as in lists."),
    ] = None,
    exclude: Annotated[list[str] | None, typer.Option(help="A stop not to be served.")] = None,
    ban_street: Annotated[
        list[str] | None, typer.Option(help="The id of a street that nobody may use.")
    ] = None,
    ban_cell: Annotated[
        list[str] | None, typer.Option(help="The label of a cell that no patrol goes to.")
    ] = None,
    lose: Annotated[
        list[str] | None, typer.Option(help="A crew that is gone, at once or from CREW@10:30 on.")
    ] = None,
    units: Annotated[Path | None, typer.Option(help="Table of crews that join.")] = None,
    incident: Annotated[
        list[str] | None,
        typer.Option(help="PLACE or LON,LAT, then ,MINUTES,PEOPLE: where crews go at once."),
    ] = None,
    seed: Annotated[int, typer.Option(help="Same seed and iterations, same plan.")] = 0,
    iterations: Annotated[
        int | None, typer.Option(help="Rounds of the search, instead of time.")
    ] = None,
    time_limit_s: Annotated[float | None, typer.Option(help="Stop searching then; 0.8.")] = None,
    language: InLanguage = "zh",
    as_json: AsJson = False,
) -> None:
    """Change a plan during its day, as little as can be, and keep it as a new plan."""
    from patrolmap import workflow

    known = workflow.open_precinct(precinct) if incident else None
    changes = workflow.Changes(
        locked=tuple(lock or ()),
        excluded=tuple(exclude or ()),
        banned_streets=tuple(ban_street or ()),
        banned_cells=tuple(ban_cell or ()),
        lost=dict(_lost(text) for text in lose or ()),
        units_file=units,
        incidents=tuple(workflow.read_incident(known, text) for text in incident or () if known),
    )
    with show_progress(quiet=as_json, language=language) as on_step:
        new_id, changed = workflow.replan_day(
            precinct, plan_id, read_time(at), changes,
            seed=seed, iterations=iterations, time_limit_s=time_limit_s, on_step=on_step,
        )  # fmt: skip
    told = {name: changed.settings[name] for name in ("replanned", "changes", "scorecard")}
    record = {"plan_id": new_id, **told}
    say(record, workflow.replan_summary(changed, language), as_json=as_json)


def _lost(text: str) -> tuple[str, int | None]:
    """Read a crew, and from when it is gone if that is told."""
    unit_id, told, time = text.rpartition("@")
    if not told:
        return text, None
    from_time = read_time(time)
    return unit_id, from_time.hour * 3600 + from_time.minute * 60


@app.command()
def compare(
    precinct: Precinct,
    *,
    plan_id: Annotated[str | None, typer.Option(help="By default the newest.")] = None,
    with_: Annotated[str | None, typer.Option("--with", help="Another stored plan.")] = None,
    hand: Annotated[
        Path | None,
        typer.Option(help="A plan made by hand: a table of crew, place, from and until."),
    ] = None,
    encoding: Annotated[str | None, typer.Option(help="Of that table.")] = None,
    language: InLanguage = "zh",
    as_json: AsJson = False,
) -> None:
    """Measure a plan beside those made from the same data without a planner."""
    from patrolmap import workflow

    with show_progress(quiet=as_json, language=language) as on_step:
        found = workflow.compare_plan(
            precinct, plan_id, other_id=with_, hand=hand, encoding=encoding, on_step=on_step
        )
    if as_json:
        say(found.record(), "", as_json=True)
        return
    tell(found.text(language))
    show_table(found.table(language), found.plan_id)
    if len(found.faults):
        show_table(found.fault_table(language), str(hand))


@app.command()
def export(
    precinct: Precinct,
    out: Annotated[Path, typer.Option(help="The folder to write to.")],
    *,
    format: Annotated[Format, typer.Option(help="gpx: one file a crew.")] = Format.gpx,  # noqa: A002 - the option's name
    plan_id: Annotated[str | None, typer.Option(help="By default the newest.")] = None,
    language: InLanguage = "zh",
    as_json: AsJson = False,
) -> None:
    """Write a plan for phones, maps and other programs."""
    from patrolmap import workflow

    files = workflow.export_plan(
        precinct, out, format=format.value, plan_id=plan_id, language=language
    )
    say({"files": files}, "\n".join(str(path) for path in files), as_json=as_json)
