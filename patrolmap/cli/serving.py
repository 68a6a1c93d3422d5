"""The verbs that open the app, and the one that looks whether it can."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

from patrolmap.cli.frame import AsJson, InLanguage, app, console, show_progress, show_table, tell
from patrolmap.errors import InputError


@app.command()
def demo(
    out: Annotated[Path, typer.Option(help="Where the files go.")] = Path("out"),
    *,
    no_app: Annotated[bool, typer.Option("--no-app", help="Do not open the app.")] = False,
    language: InLanguage = "zh",
) -> None:
    """Build the synthetic demo precinct, plan a school day, write maps and routes, open the app."""
    from patrolmap import workflow

    with show_progress(quiet=False, language=language) as on_step:
        result = workflow.build_demo(out, language=language, on_step=on_step)
    for path in result.files:
        tell(f"  {path}")
    tell(result.summary)
    if not no_app:
        serve(result.precinct)


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
    serve(precinct, port=port, address=address)


def serve(precinct: Path | None, *, port: int = 8501, address: str = "localhost") -> None:
    """Open the app, and wait until it ends."""
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
        show_table(report, "patrolmap doctor")
