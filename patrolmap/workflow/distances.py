"""Which venues are too near to a school, by which rule; and the cases this opens."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import geopandas as gpd
import pandas as pd

from patrolmap.delivery.distance_table import counted, distance_lines
from patrolmap.errors import InputError
from patrolmap.intake.rules import read_rules
from patrolmap.model.language import Language
from patrolmap.model.layers import check_layer
from patrolmap.model.rules import COUNTRY, DistanceRule
from patrolmap.risk.distances import check_distances
from patrolmap.store import geopackage as store
from patrolmap.store.history import Change, Role
from patrolmap.workflow.places import rules_folder
from patrolmap.workflow.precinct import Precinct, open_precinct
from patrolmap.workflow.report import Report
from patrolmap.workflow.streets import street_network

# Assumption: places read off a map or taken with a GPS in the open are good to about so much.
MAP_ERROR_M: Final = 5.0
CASE_VERDICTS: Final = ("breach",)


def find_distances(
    precinct: Precinct, on_date: dt.date, *, region: str | None = None
) -> gpd.GeoDataFrame:
    """
    Judge the venues of a precinct by the rules of its region.

    Parameters
    ----------
    precinct
        Opened.
    on_date
        The day the rules must be in force.
    region
        A GB/T 2260 code to use instead of the precinct's.

    Returns
    -------
    findings
        As `patrolmap.risk.distances.check_distances` gives them; every list declared its
        datum when it was brought in, so places are taken to be good to `MAP_ERROR_M`. No rule
        is known outside China.
    """
    settings = precinct.settings if region is None else replace(precinct.settings, region=region)
    rules = known_rules() if settings.country == COUNTRY else ()
    return check_distances(
        precinct["schools"], precinct["gates"], precinct["venues"], rules,
        network=street_network(precinct), region=settings.region, on_date=on_date,
        datum_error_m=MAP_ERROR_M, metric_crs=settings.metric_crs or None,
    )  # fmt: skip


def known_rules() -> tuple[DistanceRule, ...]:
    """Read the rule packs patrolmap comes with."""
    return read_rules(rules_folder())


def known_regions(language: Language) -> dict[str, str]:
    """Name the regions there are rules for, by their code."""
    return {r.region: r.named(language) for r in known_rules() if r.region != COUNTRY}


def set_region(path: Path, region: str) -> None:
    """
    Say in which region a precinct lies.

    Raises
    ------
    InputError
        If it is no GB/T 2260 code.
    """
    settings = replace(store.read_settings(path), region=region)
    with store.changing_frames(path, (), settings=settings):
        pass


def distances_lines(
    precinct: Precinct, findings: gpd.GeoDataFrame, language: Language
) -> list[tuple[str, str, str]]:
    """Say each finding in three parts: about what, what was measured and allowed, and the rule."""
    return distance_lines(findings, precinct["schools"], precinct["venues"], language)


def distances_text(precinct: Precinct, findings: gpd.GeoDataFrame, language: Language) -> str:
    """Count verdicts, say each finding that is not clear in a line, and each rule's text once."""
    counts = distances_counted(findings, language)
    lines = distances_lines(precinct, findings[findings["verdict"] != "clear"], language)
    rules = dict.fromkeys(rule for *_, rule in lines if rule)
    return "\n".join(
        [
            "  ".join(f"{verdict} {count}" for verdict, count in counts.items()),
            *(f"{about}  {said}  {rule.partition(' ')[0]}".rstrip() for about, said, rule in lines),
            *rules,
        ]
    )


def distances_counted(findings: gpd.GeoDataFrame, language: Language) -> dict[str, str]:
    """Count findings by verdict, in words."""
    return counted(findings, language)


def distances_record(findings: gpd.GeoDataFrame) -> list[dict[str, Any]]:
    """Give findings to another program; what was not measured is null."""
    plain = pd.DataFrame(findings.drop(columns="geometry")).astype(object)
    return list(plain.where(plain.notna(), None).to_dict("records"))


def open_cases(
    path: Path,
    on_date: dt.date,
    *,
    region: str | None = None,
    at: dt.datetime | None = None,
    role: Role = "planner",
) -> Report:
    """
    Open a case among the hazards for every breach that has none.

    A case has an id of its rule, venue and school, so that none is opened twice; one that was
    closed stays closed and is told, since the venue is still where it was.

    Raises
    ------
    InputError
        If nothing breaks a rule.
    """
    precinct = open_precinct(path)
    findings = find_distances(precinct, on_date, region=region)
    breaches = findings[findings["verdict"].isin(CASE_VERDICTS)]
    if breaches.empty:
        raise InputError(f"{path.name}: no venue breaks a rule on {on_date}: no case to open.")
    cases = _cases(precinct, breaches, on_date)
    now = at or dt.datetime.now(ZoneInfo(precinct.settings.zone))
    with store.changing_frames(path, ("hazards",), change=Change("cases", now, role)) as both:
        before, changed = both
        known = before["hazards"]
        fresh = cases[~cases.index.isin(known.index)]
        if len(fresh):
            changed["hazards"] = check_layer(pd.concat([known, fresh]), "hazards")
    there = known.loc[known.index.intersection(cases.index)]
    closed = int(((there["status"] == "closed") | there["closed_on"].notna()).sum())
    details = {
        "cases_opened": len(fresh), "cases_open_before": len(there) - closed,
        "cases_closed_before": closed,
    }  # fmt: skip
    return Report(Path(path), {"hazards": len(known) + len(fresh)}, details)


def _cases(precinct: Precinct, breaches: gpd.GeoDataFrame, on_date: dt.date) -> gpd.GeoDataFrame:
    venues, schools = precinct["venues"], precinct["schools"]
    ids = [f"near:{r.rule_id}:{r.venue_id}:{r.school_id}" for r in breaches.itertuples()]
    names = [
        f"{venues['name'][r.venue_id]} – {schools['name'][r.school_id]}: "
        f"{r.distance_m:.0f} m < {r.within_m:g} m ({r.rule_id})"
        for r in breaches.itertuples()
    ]
    places = venues.geometry.loc[breaches["venue_id"]].representative_point()
    frame = gpd.GeoDataFrame(
        {"name": names, "kind": "near_venue", "found_on": on_date, "source": "distance rules"},
        index=pd.Index(ids, name="hazard_id"), geometry=places.to_numpy(), crs=venues.crs,
    )  # fmt: skip
    return check_layer(frame, "hazards")
