"""A plan as overlays of the map: one per crew, and what nobody serves."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from patrolmap.delivery.map_items import Item, Overlay, card, is_said, line, pin
from patrolmap.delivery.map_style import crew_colour
from patrolmap.delivery.wording import Call, calls
from patrolmap.model.kinds import kind_name
from patrolmap.model.language import Language, translator
from patrolmap.model.plan import Leg, Plan, Route, clock_time
from patrolmap.model.reasons import describe_reason


def plan_overlays(plan: Plan, language: Language, *, unit_id: str | None = None) -> list[Overlay]:
    """
    Draw each crew's route and numbered stops, and the stops left out.

    A crew drawn alone keeps the colour it has among the others.

    Raises
    ------
    InputError
        If the crew is unknown, or the plan's stops do not say where they are.
    """
    wanted = {plan.route(unit_id).unit_id} if unit_id else {r.unit_id for r in plan.routes}
    taken: dict[tuple[float, float], int] = {}
    crews = [
        _crew(plan, route, number, taken, language)
        for number, route in enumerate(plan.routes)
        if route.unit_id in wanted and (route.visits or route.legs)
    ]
    if unit_id:
        return crews
    left_out = _unserved(plan, language)
    return [*crews, left_out] if left_out.items else crews


def _crew(
    plan: Plan, route: Route, number: int, taken: dict[tuple[float, float], int], language: Language
) -> Overlay:
    _ = translator(language)
    colour = crew_colour(number)
    stops = list(calls(plan, route, language))
    items = [item for leg in route.legs for item in _leg(leg, colour)]
    by_place: dict[tuple[float, float], list[Call]] = {}
    for call in stops:
        by_place.setdefault((call.lat, call.lon), []).append(call)
    for at, at_place in by_place.items():
        slot = taken.get(at, 0)  # crews at one gate stand side by side
        taken[at] = slot + 1
        items.append(_sign(list(at), at_place, colour, slot, route.unit_id, language))
    distance = f"{route.distance_m / 1000:.1f} km"
    return Overlay(
        route.unit_id, _("Crews"), items, {"look": "route", "colour": colour},
        detail=f"{len(stops)} {_('stops')} · {distance}",
    )  # fmt: skip


def _leg(leg: Leg, colour: str) -> Iterator[Item]:
    """Draw the ways between a place and its street apart from the streets themselves."""
    coords = list(leg.line.coords)
    first, last = (int(metres > 0) for metres in leg.connector_m)
    if first:
        yield line(coords[:2], "connector", colour=colour)
    if last:
        yield line(coords[-2:], "connector", colour=colour)
    along = coords[first : len(coords) - last]
    if len(along) > 1:
        yield line(along, leg.kind, colour=colour)


def _sign(
    at: list[float], at_place: list[Call], colour: str, slot: int, unit_id: str, language: Language
) -> Item:
    rows = [(_hours(call), f"{call.number}. {call.reason}") for call in at_place]
    first = at_place[0]
    told = card(f"{unit_id} · {first.name}", rows)
    kind = kind_name("stop", first.kind, language)
    return pin(
        at, f"stop {first.kind}", text="·".join(str(call.number) for call in at_place),
        prefix=unit_id, colour=colour, slot=slot, card=told,
        tip=f"{unit_id} {kind} {_hours(first)}",
    )  # fmt: skip


def _hours(call: Call) -> str:
    return f"{clock_time(call.visit.start_s)}–{clock_time(call.visit.end_s)}"


def _unserved(plan: Plan, language: Language) -> Overlay:
    _ = translator(language)
    left_out = plan.unserved.join(plan.stops.drop(columns="reason"))
    items = [_missed(stop, language) for _id, stop in left_out.iterrows() if _has_place(stop)]
    return Overlay(
        _("Unserved stops"), _("Crews"), items, {"look": "unserved", "icon": "xmark"},
        shown=False, detail=str(len(left_out)),
    )  # fmt: skip


def _has_place(stop: pd.Series) -> bool:
    return is_said(stop.get("lon")) and is_said(stop.get("lat"))


def _missed(stop: pd.Series, language: Language) -> Item:
    _ = translator(language)
    reason = describe_reason(str(stop.reason), language)
    kind = kind_name("stop", str(stop.get("kind", "")), language)
    hours = f"{clock_time(stop.tw_early_s)}–{clock_time(stop.tw_late_s)}"
    people = stop.people_missing or None
    rows = [(kind, hours), (_("why"), reason), (_("people missing"), people)]
    at = [round(float(stop.lat), 6), round(float(stop.lon), 6)]
    told = card(str(stop.get("name", "")), rows)
    return pin(at, "unserved", icon="xmark", card=told, tip=reason)
