"""What people take away: maps, tables, files for phones and other programs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import geopandas as gpd
import pandas as pd

from patrolmap.delivery.assets import static_folder
from patrolmap.delivery.basemap import keep_basemap
from patrolmap.delivery.exchange import write_plan
from patrolmap.delivery.figures import figure_table
from patrolmap.delivery.files import write_whole
from patrolmap.delivery.gpx import gpx_text
from patrolmap.delivery.maps import draw_map, map_html
from patrolmap.delivery.wording import Call, calls, caveats, data_caveats, plan_title
from patrolmap.errors import InputError
from patrolmap.model.contracts import CONTRACTS
from patrolmap.model.kinds import kind_name
from patrolmap.model.language import Language, translator
from patrolmap.model.plan import Plan, clock_time
from patrolmap.model.reasons import advise, describe_reason
from patrolmap.store import geopackage as store
from patrolmap.workflow.files import file_names, make_folder
from patrolmap.workflow.precinct import Precinct, open_precinct
from patrolmap.workflow.schoolday import Day
from patrolmap.workflow.shortage import shortage_text

FORMATS: Final = ("gpx", "geojson", "html")
SITE_LAYERS: Final = ("schools", "gates", "venues", "traffic_points", "hazards", "bases")


def list_plans(path: Path) -> pd.DataFrame:
    """List the stored plans, oldest first: date, status, and counts of crews and stops."""
    return store.list_plans(path)


def read_plan(path: Path | str, plan_id: str | None = None) -> Plan:
    """Read a stored plan, by default the newest."""
    return store.read_plan(path, plan_id)


def stop_table(plan: Plan, language: Language, *, unit_id: str | None = None) -> pd.DataFrame:
    """
    List the stops of all crews, or of one, in order of time, as people read them.

    Returns
    -------
    table
        Crew, number, kind, place, arrival, start and end as times of day, and the reason.
    """
    _ = translator(language)
    routes = [plan.route(unit_id)] if unit_id else plan.routes
    rows = [
        {
            _("Crew"): route.unit_id,
            _("No."): call.number,
            _("Kind"): kind_name("stop", call.kind, language),
            _("Place"): call.name,
            _("Arrive"): clock_time(call.visit.arrive_s),
            _("From"): clock_time(call.visit.start_s),
            _("Until"): clock_time(call.visit.end_s),
            _("Why"): call.reason,
        }
        for route in routes
        for call in calls(plan, route, language)
    ]
    return pd.DataFrame(rows)


def route_calls(plan: Plan, unit_id: str, language: Language) -> list[Call]:
    """List the stops of one crew in order, worded; breaks are not among them."""
    return list(calls(plan, plan.route(unit_id), language))


def unserved_table(plan: Plan, language: Language, *, required_only: bool = False) -> pd.DataFrame:
    """List what is not served, guard posts first: people missing, why, and what can be done."""
    _ = translator(language)
    left_out = plan.unserved.join(plan.stops[["name", "kind", "tw_early_s", "required", "prize"]])
    left_out = left_out[left_out["required"]] if required_only else left_out
    left_out = left_out.sort_values(["required", "prize"], ascending=False)
    return pd.DataFrame(
        {
            _("Kind"): left_out["kind"].map(lambda kind: kind_name("stop", kind, language)),
            _("Place"): left_out["name"],
            _("From"): left_out["tw_early_s"].map(clock_time),
            _("People missing"): left_out["people_missing"],
            _("Why"): left_out["reason"].map(lambda reason: describe_reason(reason, language)),
            _("What to do"): left_out["reason"].map(lambda reason: advise(reason, language)),
        }
    )


def findings_table(findings: pd.DataFrame, language: Language) -> pd.DataFrame:
    """Put what `check_precinct` found into words: severity, layer, row, what and what to do."""
    _ = translator(language)
    severities = {"error": _("error"), "warning": _("warning"), "note": _("note")}
    return pd.DataFrame(
        {
            _("Severity"): findings["severity"].map(severities),
            _("Layer"): findings["layer"].map(lambda layer: CONTRACTS[layer].title(language)),
            _("Row"): findings["row_id"],
            _("What is wrong"): findings["what"],
            _("What to do"): findings["cure"],
        }
    )


# ---------------------------------------------------------------- maps


def precinct_map(precinct: Precinct, *, language: Language = "zh", inline: bool = False) -> str:
    """Draw all layers of a precinct; `inline` makes one file that opens from disk."""
    return _html(precinct, language, inline=inline, title=precinct.settings.name)


def distance_map(
    precinct: Precinct, findings: gpd.GeoDataFrame, *, language: Language = "zh"
) -> str:
    """Draw what `find_distances` found: the lines measured, and what they lie between."""
    title, between = precinct.settings.name, ("schools", "gates", "venues")
    return _html(precinct, language, inline=False, layers=between, title=title, findings=findings)


def hotspot_map(
    precinct: Precinct, day: Day, window: str, *, language: Language = "zh", inline: bool = False
) -> str:
    """Draw the cells of a window by their priority."""
    title = f"{day.date} {kind_name('window', window, language)}"
    return _html(precinct, language, inline=inline, title=title, priority=day.priority[window])


def plan_map(
    precinct: Precinct,
    plan: Plan,
    *,
    unit_id: str | None = None,
    language: Language = "zh",
    inline: bool = False,
) -> str:
    """Draw the routes of a plan, or of one crew."""
    title = plan_title(plan, language, unit_id)
    return _html(precinct, language, inline=inline, title=title, plan=plan, unit_id=unit_id)


def _html(
    precinct: Precinct,
    language: Language,
    *,
    inline: bool,
    layers: Sequence[str] = ("cells", *SITE_LAYERS),
    **shown: Any,  # noqa: ANN401 - as draw_map
) -> str:
    # a file to send away needs nothing from the app's folder, which may not be writable
    with TemporaryDirectory(prefix="patrolmap-") as folder:
        kept = Path(folder) if inline else static_folder() / "basemaps"
        drawn = draw_map(
            **shown,
            **{layer: precinct[layer] for layer in layers},
            basemap=keep_basemap(precinct["streets"], precinct["basemap"], kept),
            caveats=_said(precinct, shown.get("plan"), language, shown.get("unit_id")),
            language=language,
        )
        return map_html(drawn, assets="inline" if inline else "static")


def _said(
    precinct: Precinct, plan: Plan | None, language: Language, unit_id: str | None
) -> list[str]:
    """List what must be said on a map: of the plan, or of the precinct where there is none."""
    if plan is not None:
        short = shortage_text(plan, language)
        return [*([short] if short else []), *caveats(plan, language, unit_id)]
    settings = precinct.settings
    known = {"synthetic": settings.synthetic, "attribution": settings.attribution}
    return data_caveats({**known, "assumed": precinct.assumed}, language)


# ---------------------------------------------------------------- files


def gpx(plan: Plan, unit_id: str, *, language: Language = "zh") -> str:
    """Write one crew's route as GPX 1.1."""
    return gpx_text(plan, [unit_id], language=language)


def export_plan(
    path: Path,
    out: Path,
    *,
    format: str = "gpx",  # noqa: A002 - the name the command line uses
    plan_id: str | None = None,
    language: Language = "zh",
) -> list[Path]:
    """
    Write a stored plan to files in a folder: GPX one a crew, GeoJSON and HTML one in all.

    Every file has the plan's number in its name: another plan of the day, and crews that are
    in one and not in the other, are never mixed up.

    Raises
    ------
    InputError
        If the format or the plan is unknown.
    StoreError
        If the folder cannot be written to.
    """
    if format not in FORMATS:
        raise InputError(f"'{format}' is no export format. Choose {', '.join(FORMATS)}.")
    known = list_plans(path).index
    plan_id = str(known[-1]) if plan_id is None and len(known) else plan_id
    plan = read_plan(path, plan_id)
    make_folder(out)
    (stem,) = file_names([str(plan_id)])
    context = {"language": language}
    if format == "html":
        file = out / f"{stem}.html"
        write_whole(file, plan_map(open_precinct(path), plan, language=language, inline=True))
        return [file]
    if format == "geojson":
        file = out / f"{stem}.geojson"
        write_plan(plan, file, context=context)
        return [file]
    files = {unit_id: out / name for unit_id, name in gpx_names(plan, str(plan_id)).items()}
    for unit_id, file in files.items():
        write_plan(plan, file, unit_id=unit_id, context=context)
    return list(files.values())


def gpx_names(plan: Plan, plan_id: str) -> dict[str, str]:
    """Name the GPX file of each crew that has something to do in a stored plan."""
    (stem,) = file_names([plan_id])
    units = [route.unit_id for route in plan.routes if route.visits]
    names = file_names(units)
    return {unit: f"{stem}-{name}.gpx" for unit, name in zip(units, names, strict=True)}


def plan_summary(plan: Plan, language: Language) -> str:
    """Say in a few lines what a plan does, what it leaves out, and what it rests on."""
    colon = "：" if language == "zh" else ": "
    figures = [
        f"  {row.figure}{colon}{row.value}"
        for row in figure_table(plan.settings["scorecard"], language).itertuples()
    ]
    missing = unserved_table(plan, language, required_only=True)
    short = [
        "  × " + "  ".join(str(cell) for cell in row) for row in missing.itertuples(index=False)
    ]
    told = [f"  ! {caveat}" for caveat in caveats(plan, language)]
    closing = [shortage_text(plan, language)] * bool(short)
    return "\n".join([plan_title(plan, language), *figures, *short, *closing, *told])


def figures_table(plan: Plan, language: Language) -> pd.DataFrame:
    """Give the figures of a plan's scorecard in words, with units and aims."""
    _ = translator(language)
    table = figure_table(plan.settings["scorecard"], language)
    return table.rename(columns={"figure": _("Figure"), "value": _("Value"), "aim": _("Aim")})


def scorecard_csv(plan: Plan, language: Language) -> bytes:
    """
    Write the scorecard as a table for a spreadsheet, and under it what must be said of the plan.

    It starts with a byte-order mark, so that Excel reads the Chinese.
    """
    _ = translator(language)
    table = figures_table(plan, language)
    said = pd.DataFrame(
        [(_("note"), text, "") for text in caveats(plan, language)], columns=table.columns
    )
    text: str = pd.concat([table, said]).to_csv(index=False)
    return text.encode("utf-8-sig")
