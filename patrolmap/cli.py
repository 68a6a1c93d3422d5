"""The command line: each verb is one function of `patrolmap.workflow`."""

from __future__ import annotations

import datetime as dt
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from patrolmap.errors import InputError, PatrolmapError
from patrolmap.model.language import Language, translator

if TYPE_CHECKING:
    import pandas as pd

    from patrolmap.workflow import OnStep

app = typer.Typer(
    help="Plan school-safety patrols: who stands at which gate, who walks which streets.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
console = Console()
complaints = Console(stderr=True)

Precinct = Annotated[Path, typer.Argument(metavar="PRECINCT.gpkg", help="The precinct file.")]
AsJson = Annotated[bool, typer.Option("--json", help="Answer in JSON, for another program.")]
OnDate = Annotated[str, typer.Option("--date", help="A school day, such as 2026-11-24.")]
InLanguage = Annotated[Language, typer.Option("--language", help="Of what is shown or written.")]


class Format(StrEnum):
    """What a plan can be exported as."""

    gpx = "gpx"
    geojson = "geojson"
    html = "html"


def main() -> None:
    """Run the command line; every foreseen error is one message and exit code 1."""
    try:
        app(prog_name="patrolmap")
    except PatrolmapError as error:
        complaints.print(Text.assemble(("× ", "bold red"), str(error)), soft_wrap=True)
        sys.exit(1)


def _tell(text: str) -> None:
    """Print as it is: square brackets are no colours, and no path is broken in two."""
    console.print(text, highlight=False, markup=False, soft_wrap=True)


@contextmanager
def _progress(*, quiet: bool, language: Language = "en") -> Iterator[OnStep]:
    """Show long work as a bar on a terminal; stay silent where a program or a log listens."""
    _ = translator(language)
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    hidden = quiet or not complaints.is_terminal
    with Progress(*columns, console=complaints, transient=True, disable=hidden) as bars:
        task = bars.add_task("", total=1.0)
        yield lambda what, share: bars.update(task, description=_(what), completed=share)


def _say(record: dict[str, Any], text: str, *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(record, ensure_ascii=False, default=str))
    else:
        _tell(text)


def _date(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError as error:
        raise InputError(f"'{text}' is no date. Write it as 2026-11-24.") from error


def _table(frame: pd.DataFrame, title: str) -> None:
    table = Table(title=Text(title), title_justify="left")
    for column in frame.columns:
        table.add_column(str(column), overflow="fold")
    for row in frame.astype("str").itertuples(index=False):
        table.add_row(*(Text(cell) for cell in row))
    console.print(table)


@app.command()
def demo(
    out: Annotated[Path, typer.Option(help="Where the files go.")] = Path("out"),
    *,
    no_app: Annotated[bool, typer.Option("--no-app", help="Do not open the app.")] = False,
    language: InLanguage = "zh",
) -> None:
    """Build the synthetic demo precinct, plan a school day, write maps and routes, open the app."""
    from patrolmap import workflow

    with _progress(quiet=False, language=language) as on_step:
        result = workflow.build_demo(out, language=language, on_step=on_step)
    for path in result.files:
        _tell(f"  {path}")
    _tell(result.summary)
    if not no_app:
        _serve(result.precinct)


@app.command()
def new(
    precinct: Precinct,
    osm: Annotated[Path, typer.Option(help="OpenStreetMap file: .osm, .osm.gz, .osm.bz2, .pbf.")],
    *,
    name: Annotated[str, typer.Option(help="What the precinct is called.")] = "",
    zone: Annotated[str, typer.Option(help="Time zone.")] = "Asia/Shanghai",
    country: Annotated[str, typer.Option(help="Whose public holidays count.")] = "CN",
    as_json: AsJson = False,
) -> None:
    """Make a precinct file from an OpenStreetMap extract."""
    from patrolmap import workflow

    with _progress(quiet=as_json) as on_step:
        report = workflow.new_precinct(
            precinct, osm=osm, name=name, zone=zone, country=country, on_step=on_step
        )
    _say(report.record(), report.text(), as_json=as_json)


@app.command()
def add(
    precinct: Precinct,
    layer: Annotated[str, typer.Argument(help="schools, gates, venues, bells, units …")],
    file: Annotated[Path, typer.Argument(help="CSV, XLSX, GeoJSON, GeoPackage or Shapefile.")],
    *,
    datum: Annotated[str | None, typer.Option(help="wgs84, cgcs2000, gcj02 or bd09.")] = None,
    encoding: Annotated[str | None, typer.Option(help="Of a CSV file, such as gb18030.")] = None,
    columns: Annotated[
        list[str] | None, typer.Option(help="FILE COLUMN=layer column; may be repeated.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check only, write nothing.")] = False,
    as_json: AsJson = False,
) -> None:
    """Make a list the layer of the precinct: the list is the authority from then on."""
    from patrolmap import workflow

    report = workflow.add_layer(
        precinct, layer, file,
        datum=datum, encoding=encoding, columns=_mapping(columns or []), dry_run=dry_run,
    )  # fmt: skip
    _say(report.record(), report.text(), as_json=as_json)


def _mapping(pairs: list[str]) -> dict[str, str]:
    wrong = [pair for pair in pairs if "=" not in pair]
    if wrong:
        raise InputError(f"--columns {wrong[0]!r}: write 'FILE COLUMN=layer column'.")
    return dict(pair.rsplit("=", 1) for pair in pairs)


@app.command()
def check(precinct: Precinct, *, language: InLanguage = "zh", as_json: AsJson = False) -> None:
    """List what is wrong or missing in a precinct, and what patrolmap assumes instead."""
    from patrolmap import workflow

    findings = workflow.check_precinct(precinct, language=language)
    if as_json:
        typer.echo(findings.to_json(orient="records", force_ascii=False))
    else:
        _table(workflow.findings_table(findings, language), str(precinct))


@app.command()
def grid(
    precinct: Precinct,
    *,
    cell_size_m: Annotated[float | None, typer.Option(help="Side of a cell.")] = None,
    reach_m: Annotated[float | None, typer.Option(help="How far around each campus.")] = None,
    as_json: AsJson = False,
) -> None:
    """Cut the surroundings of every campus into patrol cells."""
    from patrolmap import workflow

    cells = workflow.make_cells(precinct, cell_size_m=cell_size_m, reach_m=reach_m)
    rings = {int(ring): int(n) for ring, n in cells["ring"].value_counts().sort_index().items()}
    record = {"cells": len(cells), "rings": rings}
    _say(record, f"{len(cells)} cells; by ring: {rings}", as_json=as_json)


@app.command()
def hotspots(
    precinct: Precinct,
    date: OnDate,
    *,
    top: Annotated[int, typer.Option(min=1, help="How many cells of each window.")] = 10,
    as_json: AsJson = False,
) -> None:
    """Rank the cells of each window by priority, with the parts each is made of."""
    import pandas as pd

    from patrolmap import workflow

    opened = workflow.open_precinct(precinct)
    day = workflow.read_day(opened, _date(date))
    ranking = pd.concat(
        workflow.rank_cells(opened, day, window, top=top)
        for window in day.priority.columns.unique("window")
    )
    if not day.announced:
        complaints.print("The public holidays of that year are not announced yet.")
    if as_json:
        typer.echo(ranking.to_json(orient="records", force_ascii=False))
    else:
        _table(ranking.round(3), f"{precinct} {date}")


@app.command()
def plan(
    precinct: Precinct,
    date: OnDate,
    *,
    units: Annotated[Path | None, typer.Option(help="Table of crews, for this plan only.")] = None,
    seed: Annotated[int, typer.Option(help="Same seed and iterations, same plan.")] = 0,
    iterations: Annotated[
        int | None, typer.Option(help="Rounds of the search, instead of time.")
    ] = None,
    time_limit_s: Annotated[
        float | None, typer.Option(help="Stop searching then; 5, or never if iterations are given.")
    ] = None,
    language: InLanguage = "zh",
    as_json: AsJson = False,
) -> None:
    """Plan a school day and keep the plan in the precinct file."""
    from patrolmap import workflow

    with _progress(quiet=as_json, language=language) as on_step:
        plan_id, planned = workflow.plan_day(
            precinct, _date(date), units_file=units, seed=seed, iterations=iterations,
            time_limit_s=time_limit_s, on_step=on_step,
        )  # fmt: skip
    told = {name: planned.settings[name] for name in ("assumed", "holidays_announced")}
    record = {"plan_id": plan_id, **told, **planned.settings["scorecard"]}
    _say(record, workflow.plan_summary(planned, language), as_json=as_json)


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
    _say({"files": files}, "\n".join(str(path) for path in files), as_json=as_json)


@app.command(name="app")
def open_app(
    precinct: Annotated[Path | None, typer.Argument(help="The precinct to open.")] = None,
    *,
    port: Annotated[int, typer.Option(help="Local port.")] = 8501,
    address: Annotated[
        str, typer.Option(help="localhost keeps the app on this machine.")
    ] = "localhost",
) -> None:
    """Open the map app in the browser; it listens on this machine only unless told otherwise."""
    _serve(precinct, port=port, address=address)


def _serve(precinct: Path | None, *, port: int = 8501, address: str = "localhost") -> None:
    from patrolmap import workflow

    script = workflow.app_script()
    environment = dict(os.environ)
    if precinct is not None:
        workflow.revision(precinct)  # an error now, not on the page
        environment["PATROLMAP_PRECINCT"] = str(precinct.resolve())
    command = [sys.executable, "-m", "streamlit", "run", str(script)]
    command += ["--server.port", str(port), "--server.address", address]
    console.print(f"http://{address}:{port}", highlight=False)
    try:
        subprocess.run(command, env=environment, cwd=script.parent, check=True)  # noqa: S603 - our own command
    except KeyboardInterrupt:
        return
    except subprocess.CalledProcessError as error:
        raise InputError(
            f"The app stopped with code {error.returncode}. Is port {port} taken?"
        ) from error


@app.command()
def doctor(*, as_json: AsJson = False) -> None:
    """Say what is installed and whether everything works offline."""
    from patrolmap import workflow

    report = workflow.doctor()
    if as_json:
        typer.echo(report.to_json(orient="records", force_ascii=False))
    else:
        _table(report, "patrolmap doctor")


if __name__ == "__main__":
    main()
