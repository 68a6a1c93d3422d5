"""How a plan is put into words, the same in every file, map and page."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from patrolmap.errors import InputError
from patrolmap.model.contracts import CONTRACTS
from patrolmap.model.kinds import kind_name
from patrolmap.model.language import Language, translator
from patrolmap.model.plan import Plan, Route, Visit, clock_time
from patrolmap.model.reasons import describe_reason


@dataclass(frozen=True)
class Call:
    """One visit of a crew as people read it; `number` counts its stops from 1."""

    number: int
    visit: Visit
    kind: str
    name: str
    title: str
    reason: str
    lon: float
    lat: float


def calls(plan: Plan, route: Route, language: Language) -> Iterator[Call]:
    """
    List the stops of a route in order, worded; breaks are not stops.

    Raises
    ------
    InputError
        If the plan's stops do not say where they are.
    """
    if route.visits and not {"name", "lon", "lat"} <= set(plan.stops.columns):
        raise InputError("The plan's stops have no places (name, lon, lat), so no map can show it.")
    visits = [visit for visit in route.visits if not visit.is_break]
    for number, visit in enumerate(visits, start=1):
        stop = plan.stops.loc[visit.stop_id]
        hours = f"{clock_time(visit.start_s)}–{clock_time(visit.end_s)}"
        yield Call(
            number=number,
            visit=visit,
            kind=str(stop.kind),
            name=str(stop["name"]),
            title=f"{number:02d} {stop['name']} {hours}",
            reason=stop_reason(stop, visit.reason, language),
            lon=float(stop.lon),
            lat=float(stop.lat),
        )


def stop_reason(stop: pd.Series, reason: str, language: Language) -> str:
    """Say why a stop is there, and whether patrolmap put its place there by itself."""
    said = describe_reason(reason, language)
    provenance = stop.get("provenance", "given")
    if provenance == "given":
        return said
    mark = kind_name("provenance", str(provenance), language)
    return f"{said}（{mark}）" if language == "zh" else f"{said} ({mark})"


def caveats(plan: Plan, language: Language, unit_id: str | None = None) -> list[str]:
    """List what must be said wherever the plan, or one crew's part, is shown: `data_caveats`."""
    said_of = plan.settings
    if unit_id is not None:  # a crew is told of its own beats, not of others'
        street_m = said_of.get("beat_street_m", {})
        own = {unit: metres for unit, metres in street_m.items() if unit == unit_id}
        said_of = {**said_of, "beat_street_m": own}
    return data_caveats(said_of, language, is_draft=plan.status == "draft")


def data_caveats(
    said_of: Mapping[str, Any], language: Language, *, is_draft: bool = False
) -> list[str]:
    """
    List what must be said wherever data is shown: invented data, assumptions, drafts.

    Parameters
    ----------
    said_of
        ``synthetic``, ``assumed`` (triples of layer, provenance and count),
        ``holidays_announced``, ``beat_street_m`` (by crew, with ``beat_warn_m`` and
        ``beat_most_m``) and ``attribution`` of the base map, each as far as there is
        something to say.
    language
        Of the words.
    is_draft
        Whether what is shown is a plan nobody has approved.

    Returns
    -------
    caveats
        One sentence each; the attribution comes last.
    """
    _ = translator(language)
    said = []
    if said_of.get("synthetic"):
        said.append(_("Synthetic data: an invented precinct, for trying patrolmap out."))
    for layer, provenance, count in said_of.get("assumed", []):
        mark = kind_name("provenance", provenance, language)
        said.append(f"{CONTRACTS[layer].title(language)}: {count} {mark}")
    if said_of.get("holidays_announced") is False:
        said.append(
            _("The public holidays of that year are not announced yet; only weekends are known.")
        )
    said += _long_beats(said_of, language)
    if is_draft:
        said.append(_("Draft: not approved yet."))
    if said_of.get("attribution"):
        said.append(str(said_of["attribution"]))
    return said


def _long_beats(said_of: Mapping[str, Any], language: Language) -> Iterator[str]:
    """Name the crews on foot with more street on their beats than worked where it was tried."""
    _ = translator(language)
    colon, comma = ("：", "、") if language == "zh" else (": ", ", ")
    warn_m, most_m = (float(said_of.get(key, math.inf)) for key in ("beat_warn_m", "beat_most_m"))
    street_m = said_of.get("beat_street_m", {})
    much = [unit for unit, metres in street_m.items() if warn_m < metres <= most_m]
    too_much = [unit for unit, metres in street_m.items() if metres > most_m]
    for crews, limit_m, words in (
        (much, warn_m, _("More than {km} km of streets on foot in a day, where patrols work less")),
        (too_much, most_m, _("More than {km} km of streets on foot in a day, which had no effect")),
    ):
        if crews:
            named = comma.join(f"{unit} {street_m[unit] / 1000:.1f} km" for unit in crews)
            yield words.format(km=f"{limit_m / 1000:.1f}") + colon + named


def plan_title(plan: Plan, language: Language, unit_id: str | None = None) -> str:
    """
    Name a plan, or one crew's part of it, for headings and files.

    Examples
    --------
    ``"示范辖区 2026-11-24 P1"``
    """
    _ = translator(language)
    precinct = str(plan.settings.get("precinct") or _("Patrol plan"))
    return " ".join([precinct, plan.date.isoformat(), *([unit_id] if unit_id else [])])
