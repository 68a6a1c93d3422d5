"""The verbs of a precinct: its lists, what is wrong with them, and venues too near to schools."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from patrolmap.cli.frame import (
    AsJson,
    InLanguage,
    OnDate,
    Precinct,
    app,
    read_date,
    say,
    show_progress,
    show_table,
    tell,
)
from patrolmap.errors import InputError


@app.command()
def new(
    precinct: Precinct,
    *,
    osm: Annotated[
        Path | None, typer.Option(help="OpenStreetMap file: .osm, .osm.gz, .osm.bz2, .pbf.")
    ] = None,
    place: Annotated[
        str, typer.Option(help="Or a place to fetch from OpenStreetMap's servers; needs internet.")
    ] = "",
    name: Annotated[str, typer.Option(help="What the precinct is called.")] = "",
    zone: Annotated[str, typer.Option(help="Time zone.")] = "Asia/Shanghai",
    country: Annotated[str, typer.Option(help="Whose public holidays count.")] = "CN",
    language: InLanguage = "zh",
    as_json: AsJson = False,
) -> None:
    """Make a precinct file from an OpenStreetMap extract, or from a place's map fetched online."""
    if (osm is None) == (not place):
        raise typer.BadParameter("Give either --osm FILE or --place NAME.")
    from patrolmap import workflow

    with show_progress(quiet=as_json, language=language) as on_step:
        report = workflow.new_precinct(
            precinct, osm=osm, place=place, name=name, zone=zone, country=country, on_step=on_step
        )
    say(report.record(), report.text(language), as_json=as_json)


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
    kinds: Annotated[
        list[str] | None, typer.Option(help="WORD IN THE FILE=kind; may be repeated.")
    ] = None,
    sheet: Annotated[str | None, typer.Option(help="Of a workbook with several.")] = None,
    header_row: Annotated[
        int | None, typer.Option(min=1, help="Where the headings stand, if not found.")
    ] = None,
    leave_out_wrong: Annotated[
        bool, typer.Option("--leave-out-wrong", help="Take the other rows where some are wrong.")
    ] = False,
    no_memory: Annotated[
        bool, typer.Option("--no-memory", help="Do not use what was chosen for such lists before.")
    ] = False,
    datum_sure: Annotated[
        bool, typer.Option("--datum-sure", help="The datum is right, whatever the map says.")
    ] = False,
    remove_gone: Annotated[
        bool, typer.Option("--remove-gone", help="Remove rows of earlier lists it lacks.")
    ] = False,
    take_new: Annotated[
        bool, typer.Option("--take-new", help="Let the list overrule values set by hand.")
    ] = False,
    keep_map: Annotated[
        bool, typer.Option("--keep-map", help="Keep rows of the map that it lacks.")
    ] = False,
    replace: Annotated[
        bool, typer.Option("--replace", help="Forget the layer as it was: the list is the layer.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show every guess and change, write nothing.")
    ] = False,
    language: InLanguage = "zh",
    as_json: AsJson = False,
) -> None:
    """Bring a layer up to date with a list; what the map had for it gives way to the first."""
    from patrolmap import workflow

    choices = workflow.Choices(
        datum, encoding, sheet, header_row,
        columns=_mapping("--columns", columns), kinds=_mapping("--kinds", kinds),
        leave_out_wrong=leave_out_wrong, use_memory=not no_memory,
    )  # fmt: skip
    listed = workflow.preview_list(precinct, layer, file, choices) if dry_run else None
    if listed and not as_json:
        tell(workflow.preview_text(listed, language))
    report = workflow.add_layer(
        precinct, layer, file,
        choices=choices,
        datum_sure=datum_sure, dry_run=dry_run,
        policy=workflow.Policy(remove_gone, take_new, keep_map, replace),
    )  # fmt: skip
    preview = {"preview": workflow.preview_record(listed)} if listed else {}
    say({**report.record(), **preview}, report.text(language), as_json=as_json)


def _mapping(option: str, pairs: list[str] | None) -> dict[str, str]:
    pairs = pairs or []
    wrong = [pair for pair in pairs if "=" not in pair]
    if wrong:
        raise InputError(f"{option} {wrong[0]!r}: write 'FILE COLUMN=layer column'.")
    return dict(pair.rsplit("=", 1) for pair in pairs)


@app.command()
def check(
    precinct: Precinct,
    *,
    fix: Annotated[
        list[str] | None,
        typer.Option(help="Take the fix of this finding, or of all of its kind; may be repeated."),
    ] = None,
    language: InLanguage = "zh",
    as_json: AsJson = False,
) -> None:
    """List what is wrong or missing in a precinct, or mend what patrolmap can: --fix FINDING."""
    from patrolmap import workflow

    if fix:
        report = workflow.fix_findings(precinct, fix)
        say(report.record(), report.text(language), as_json=as_json)
        return
    findings = workflow.check_precinct(precinct, language=language)
    if as_json:
        typer.echo(findings.to_json(orient="records", force_ascii=False))
        return
    show_table(workflow.findings_table(findings, language), str(precinct))
    if len(fixes := workflow.fixes_table(findings, language)):
        show_table(fixes, f"patrolmap check {precinct} --fix …")


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
    say(record, f"{len(cells)} cells; by ring: {rings}", as_json=as_json)


@app.command()
def findings(
    precinct: Precinct,
    date: OnDate,
    *,
    region: Annotated[
        str | None, typer.Option(help="GB/T 2260 code, such as 320412; by default the precinct's.")
    ] = None,
    set_region: Annotated[
        bool, typer.Option("--set-region", help="Keep the region as the precinct's.")
    ] = False,
    open_cases: Annotated[
        bool, typer.Option("--open-cases", help="Open a case in hazards for every breach.")
    ] = False,
    language: InLanguage = "zh",
    as_json: AsJson = False,
) -> None:
    """List the venues too near to a school: by which rule, measured how, who says so."""
    from patrolmap import workflow

    on_date = read_date(date)
    if set_region:
        if region is None:
            raise typer.BadParameter("--set-region keeps what --region says: give both.")
        workflow.set_region(precinct, region)
    if open_cases:
        report = workflow.open_cases(precinct, on_date, region=region)
        say(report.record(), report.text(language), as_json=as_json)
        return
    opened = workflow.open_precinct(precinct)
    found = workflow.find_distances(opened, on_date, region=region)
    if as_json:
        typer.echo(json.dumps(workflow.distances_record(found), ensure_ascii=False))
        return
    tell(workflow.distances_text(opened, found, language))
