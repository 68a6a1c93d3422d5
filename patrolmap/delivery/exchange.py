"""A plan in the formats other programs read; the suffix of the file decides."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, cast

import pandas as pd

from patrolmap.delivery.files import write_whole
from patrolmap.delivery.gpx import gpx_text
from patrolmap.delivery.wording import calls, caveats, plan_title
from patrolmap.errors import InputError
from patrolmap.model.language import Language
from patrolmap.model.plan import Leg, Plan, Route, moment
from patrolmap.model.reasons import describe_reason

_DIGITS: Final = 7  # RFC 7946 section 11.2: more claims a precision no map has


def write_plan(
    plan: Plan,
    path: str | Path,
    *,
    unit_id: str | None = None,
    context: Mapping[str, Any] | None = None,
) -> None:
    """
    Write a plan, or one crew's part of it, to a file.

    Parameters
    ----------
    plan
        Laid along the streets.
    path
        The file; its suffix chooses the format: ``.gpx`` or ``.geojson``.
    unit_id
        One crew; by default all.
    context
        ``language``: ``zh`` (default) or ``en``.

    Raises
    ------
    InputError
        If the suffix or the crew is unknown.
    StoreError
        If the file cannot be written; an older one is left whole.
    """
    path = Path(path)
    writer = _WRITERS.get(path.suffix.lower())
    if writer is None:
        raise InputError(
            f"{path.name}: no plan is written as '{path.suffix}'. Choose {', '.join(_WRITERS)}."
        )
    language = cast("Language", (context or {}).get("language", "zh"))
    units = [unit_id] if unit_id else [route.unit_id for route in plan.routes]
    write_whole(path, writer(plan, units, language))


def _gpx(plan: Plan, unit_ids: list[str], language: Language) -> str:
    return gpx_text(plan, unit_ids, language=language)


def geojson_text(plan: Plan, unit_ids: list[str], language: Language = "zh") -> str:
    """
    Write routes, stops and what is unserved as GeoJSON (RFC 7946): WGS-84, 7 decimals.

    The member ``patrolmap`` of the collection names the plan and what must be said of it.
    """
    routes = [plan.route(unit_id) for unit_id in unit_ids]
    features = [
        feature
        for route in routes
        for feature in (*_lines(plan, route), *_points(plan, route, language))
    ]
    collection = {
        "type": "FeatureCollection",
        "patrolmap": {
            "title": plan_title(plan, language),
            "date": plan.date.isoformat(),
            "zone": plan.zone,
            "status": plan.status,
            "caveats": caveats(plan, language),
        },
        "features": [*features, *_left_out(plan, language)],
    }
    return json.dumps(collection, ensure_ascii=False, allow_nan=False)


def _lines(plan: Plan, route: Route) -> list[dict[str, Any]]:
    return [_line(plan, route.unit_id, leg) for leg in route.legs]


def _line(plan: Plan, unit_id: str, leg: Leg) -> dict[str, Any]:
    geometry = {
        "type": "LineString",
        "coordinates": [[round(x, _DIGITS), round(y, _DIGITS)] for x, y in leg.line.coords],
    }
    return _feature(
        geometry,
        unit_id=unit_id,
        kind=leg.kind,
        stop_id=leg.stop_id,
        depart_at=_time(plan, leg.times_s[0]),
        arrive_at=_time(plan, leg.times_s[-1]),
        connector_m=[round(metres, 1) for metres in leg.connector_m],
    )


def _points(plan: Plan, route: Route, language: Language) -> list[dict[str, Any]]:
    return [
        _feature(
            _point(call.lon, call.lat),
            unit_id=route.unit_id,
            kind=call.kind,
            number=call.number,
            stop_id=call.visit.stop_id,
            name=call.name,
            start_at=_time(plan, call.visit.start_s),
            end_at=_time(plan, call.visit.end_s),
            reason=call.reason,
        )
        for call in calls(plan, route, language)
    ]


def _left_out(plan: Plan, language: Language) -> list[dict[str, Any]]:
    stops = plan.unserved.join(plan.stops.drop(columns="reason"))
    return [
        _feature(
            _point(stop.get("lon"), stop.get("lat")),
            kind="unserved",
            stop_id=str(stop_id),
            name=str(stop_id) if pd.isna(stop.get("name")) else str(stop["name"]),
            people_missing=int(stop.people_missing),
            reason=describe_reason(str(stop.reason), language),
        )
        for stop_id, stop in stops.iterrows()
    ]


def _point(lon: float | None, lat: float | None) -> dict[str, Any] | None:
    if lon is None or lat is None or pd.isna(lon) or pd.isna(lat):
        return None
    return {
        "type": "Point",
        "coordinates": [round(float(lon), _DIGITS), round(float(lat), _DIGITS)],
    }


def _feature(geometry: dict[str, Any] | None, **properties: object) -> dict[str, Any]:
    return {"type": "Feature", "geometry": geometry, "properties": properties}


def _time(plan: Plan, at_s: float) -> str:
    return moment(plan.date, int(at_s), plan.zone).isoformat()


_WRITERS: Final[dict[str, Callable[[Plan, list[str], Language], str]]] = {
    ".gpx": _gpx,
    ".geojson": geojson_text,
}
