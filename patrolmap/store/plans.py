"""Plans as JSON: every part of a `Plan`, and back again, without loss."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import asdict
from typing import Any, Final

import numpy as np
import pandas as pd
from shapely import LineString
from shapely.errors import ShapelyError

from patrolmap.errors import InputError, StoreError
from patrolmap.model.plan import Leg, Plan, Route, Visit

_KNOWN_DTYPES: Final = frozenset(
    {"str", "object", "bool", "boolean", "int64", "Int64", "float64", "Float64"}
)


def plan_to_json(plan: Plan) -> str:
    """
    Write a plan as JSON.

    Raises
    ------
    InputError
        If the stops or settings hold what JSON cannot.

    Notes
    -----
    A cell of the stops that holds several values comes back as a tuple; in the settings,
    where JSON knows lists alone, tuples come back as lists.
    """
    record = {
        "date": plan.date.isoformat(),
        "zone": plan.zone,
        "stops": _frame_to_record(plan.stops),
        "routes": [_route_to_record(route) for route in plan.routes],
        "unserved": _frame_to_record(plan.unserved),
        "seed": plan.seed,
        "settings": plan.settings,
        "status": plan.status,
    }
    try:
        return json.dumps(record, ensure_ascii=False, default=_plain)
    except (TypeError, ValueError) as error:
        raise InputError(f"The plan cannot be kept: {error}.") from error


def plan_from_json(text: str) -> Plan:
    """
    Read a plan back.

    Raises
    ------
    StoreError
        If the text is no plan.
    """
    try:
        record = json.loads(text)
        return Plan(
            date=dt.date.fromisoformat(record["date"]),
            zone=record["zone"],
            stops=_frame_from_record(record["stops"]),
            routes=tuple(_route_from_record(route) for route in record["routes"]),
            unserved=_frame_from_record(record["unserved"]),
            seed=record["seed"],
            settings=record["settings"],
            status=record["status"],
        )
    except (LookupError, TypeError, ValueError, AttributeError, ShapelyError) as error:
        raise StoreError(f"a plan in the precinct file is damaged: {error!r}.") from error


def _plain(value: object) -> object:
    if isinstance(value, np.generic):
        return value.item()
    raise TypeError(f"{type(value).__name__} is no JSON value")


def _frame_to_record(frame: pd.DataFrame) -> dict[str, Any]:
    return {
        "index": {"name": frame.index.name, **_series_to_record(frame.index.to_series())},
        "columns": {str(name): _series_to_record(frame[name]) for name in frame.columns},
    }


def _series_to_record(series: pd.Series) -> dict[str, Any]:
    dtype = str(series.dtype)
    if dtype not in _KNOWN_DTYPES:
        raise InputError(f"The plan cannot be kept: '{series.name}' is of type {dtype}.")
    gaps = series.isna().to_numpy()
    values = [None if gap else value for value, gap in zip(series.tolist(), gaps, strict=True)]
    return {"dtype": dtype, "values": values}


def _frame_from_record(record: dict[str, Any]) -> pd.DataFrame:
    index = pd.Index(_series_from_record(record["index"]), name=record["index"]["name"])
    columns = {name: _series_from_record(one).array for name, one in record["columns"].items()}
    return pd.DataFrame(columns, index=index, columns=pd.Index(list(columns), dtype="str"))


def _series_from_record(record: dict[str, Any]) -> pd.Series:
    values = [tuple(v) if isinstance(v, list) else v for v in record["values"]]
    return pd.Series(values, dtype=record["dtype"])


def _route_to_record(route: Route) -> dict[str, Any]:
    return {
        "unit_id": route.unit_id,
        "visits": [asdict(visit) for visit in route.visits],
        "distance_m": route.distance_m,
        "travel_s": route.travel_s,
        "legs": [_leg_to_record(leg) for leg in route.legs],
    }


def _route_from_record(record: dict[str, Any]) -> Route:
    return Route(
        unit_id=record["unit_id"],
        visits=tuple(Visit(**visit) for visit in record["visits"]),
        distance_m=record["distance_m"],
        travel_s=record["travel_s"],
        legs=tuple(_leg_from_record(leg) for leg in record["legs"]),
    )


def _leg_to_record(leg: Leg) -> dict[str, Any]:
    return {
        "line": list(leg.line.coords),
        "times_s": leg.times_s,
        "kind": leg.kind,
        "stop_id": leg.stop_id,
        "connector_m": leg.connector_m,
    }


def _leg_from_record(record: dict[str, Any]) -> Leg:
    return Leg(
        line=LineString(record["line"]),
        times_s=tuple(record["times_s"]),
        kind=record["kind"],
        stop_id=record["stop_id"],
        connector_m=tuple(record["connector_m"]),
    )
