"""
A route as GPX 1.1: `wpt` for each stop, `rte` of the stops, `trk` along the streets.

Phones differ in what they read, so all three are written; the track is the one that
every app draws as planned. Times are UTC, as the schema wants.
See http://www.topografix.com/GPX/1/1/ for the format.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final

import gpxpy.gpx as gpx_format

from patrolmap.delivery.wording import Call, calls, caveats, plan_title
from patrolmap.errors import InputError
from patrolmap.model.kinds import kind_name
from patrolmap.model.language import Language
from patrolmap.model.plan import Leg, Plan, Route, moment

# Everything outside the characters of XML 1.0 makes a file that no reader opens.
_NOT_XML: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_SYMBOLS: Final = {"post": "Flag, Blue", "patrol": "Pin, Green"}


def gpx_text(
    plan: Plan, unit_ids: Iterable[str] | None = None, *, language: Language = "zh"
) -> str:
    """
    Write the routes of some crews (by default of all) as one GPX 1.1 document.

    Parameters
    ----------
    plan
        A plan whose routes have been laid along the streets.
    unit_ids
        The crews to write, in this order.
    language
        Of names and reasons.

    Returns
    -------
    text
        A document valid against the GPX 1.1 schema; WGS-84, times in UTC.

    Raises
    ------
    InputError
        If a crew is unknown, a route is not laid, or a coordinate is none on Earth.
    """
    wanted = list(unit_ids) if unit_ids is not None else [route.unit_id for route in plan.routes]
    document = gpx_format.GPX()
    document.creator = "patrolmap"
    only = wanted[0] if len(wanted) == 1 else None
    document.name = _clean(plan_title(plan, language, only))
    document.description = _clean("\n".join(caveats(plan, language, only)))
    document.time = _utc(plan, 0)
    for route in (plan.route(unit_id) for unit_id in wanted):
        _add_route(document, plan, route, language)
    return document.to_xml(version="1.1")


def _add_route(document: gpx_format.GPX, plan: Plan, route: Route, language: Language) -> None:
    if route.travel_s and not route.legs:  # a crew posted at its own base has no way to go
        raise InputError(f"The route of {route.unit_id} has no line yet. Lay the routes first.")
    stops = list(calls(plan, route, language))
    document.waypoints.extend(_waypoint(plan, call, language) for call in stops)
    line = gpx_format.GPXRoute(name=_clean(route.unit_id))
    line.points.extend(_route_point(call) for call in stops)
    if stops:
        document.routes.append(line)
    track = gpx_format.GPXTrack(name=_clean(plan_title(plan, language, route.unit_id)))
    track.segments.extend(_segment(plan, leg) for leg in route.legs)
    if track.segments:
        document.tracks.append(track)


def _waypoint(plan: Plan, call: Call, language: Language) -> gpx_format.GPXWaypoint:
    lon, lat = _on_earth(call.lon, call.lat, call.title)
    return gpx_format.GPXWaypoint(
        latitude=lat,
        longitude=lon,
        time=_utc(plan, call.visit.start_s),
        name=_clean(call.title),
        description=_clean(call.reason),
        symbol=_SYMBOLS.get(call.kind),
        type=_clean(kind_name("stop", call.kind, language)),
    )


def _route_point(call: Call) -> gpx_format.GPXRoutePoint:
    lon, lat = _on_earth(call.lon, call.lat, call.title)
    return gpx_format.GPXRoutePoint(latitude=lat, longitude=lon, name=_clean(call.title))


def _segment(plan: Plan, leg: Leg) -> gpx_format.GPXTrackSegment:
    points = []
    for (x, y), at_s in zip(leg.line.coords, leg.times_s, strict=True):
        lon, lat = _on_earth(x, y, leg.stop_id)
        points.append(gpx_format.GPXTrackPoint(latitude=lat, longitude=lon, time=_utc(plan, at_s)))
    return gpx_format.GPXTrackSegment(points=points)


def _on_earth(lon: float, lat: float, where: str) -> tuple[float, float]:
    if not (math.isfinite(lon) and math.isfinite(lat) and abs(lon) <= 180 and abs(lat) <= 90):
        raise InputError(f"'{where}' lies at {lon}, {lat}, which is nowhere. Correct its place.")
    return round(lon, 7), round(lat, 7)


def _utc(plan: Plan, at_s: float) -> datetime:
    """Whole milliseconds: gpxpy writes at most those, and rounding must not swap two points."""
    return moment(plan.date, math.floor(at_s * 1000) / 1000, plan.zone).astimezone(UTC)


def _clean(text: str) -> str:
    """
    Drop the characters that XML cannot hold.

    Examples
    --------
    >>> _clean("gate" + chr(7))
    'gate'
    """
    return _NOT_XML.sub("", text)
