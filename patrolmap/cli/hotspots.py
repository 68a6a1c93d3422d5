"""The verb that says where attention is needed, and why there."""

from __future__ import annotations

from typing import Annotated

import typer

from patrolmap.cli.frame import AsJson, OnDate, Precinct, app, complaints, read_date, show_table


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
    day = workflow.read_day(opened, read_date(date))
    ranking = pd.concat(
        workflow.rank_cells(opened, day, window, top=top)
        for window in day.priority.columns.unique("window")
    )
    if not day.announced:
        complaints.print("The public holidays of that year are not announced yet.")
    if as_json:
        typer.echo(ranking.to_json(orient="records", force_ascii=False))
    else:
        show_table(ranking.round(3), f"{precinct} {date}")
