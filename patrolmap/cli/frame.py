"""What every verb shares: the program itself, its options, and how it speaks."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from patrolmap.errors import InputError
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


def tell(text: str) -> None:
    """Print as it is: square brackets are no colours, and no path is broken in two."""
    console.print(text, highlight=False, markup=False, soft_wrap=True)


@contextmanager
def show_progress(*, quiet: bool, language: Language = "en") -> Iterator[OnStep]:
    """Show long work as a bar on a terminal; stay silent where a program or a log listens."""
    _ = translator(language)
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    hidden = quiet or not complaints.is_terminal
    with Progress(*columns, console=complaints, transient=True, disable=hidden) as bars:
        task = bars.add_task("", total=1.0)
        yield lambda what, share: bars.update(task, description=_(what), completed=share)


def say(record: dict[str, Any], text: str, *, as_json: bool) -> None:
    """Answer as a record for a program, or as a text for people."""
    if as_json:
        typer.echo(json.dumps(record, ensure_ascii=False, default=str))
    else:
        tell(text)


def read_date(text: str) -> dt.date:
    """Read a day from the command line."""
    try:
        return dt.date.fromisoformat(text)
    except ValueError as error:
        raise InputError(f"'{text}' is no date. Write it as 2026-11-24.") from error


def read_time(text: str) -> dt.time:
    """Read a time of day from the command line."""
    try:
        return dt.time.fromisoformat(text)
    except ValueError as error:
        raise InputError(f"'{text}' is no time of day. Write it as 07:52.") from error


def show_table(frame: pd.DataFrame, title: str) -> None:
    """Print a frame as a table; what it holds is text and no markup."""
    table = Table(title=Text(title), title_justify="left")
    for column in frame.columns:
        table.add_column(str(column), overflow="fold")
    for row in frame.astype("str").itertuples(index=False):
        table.add_row(*(Text(cell) for cell in row))
    console.print(table)
