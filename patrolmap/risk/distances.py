"""
Distances that the law asks for between venues and schools: measured, judged, and cited.

A verdict is only as sure as what it rests on. Where a grey kind of venue, an unknown datum, a
campus known as a point, a gate nobody has confirmed, a missing street network or a text that
does not say how to measure could turn it, a person decides, and the reason says why.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from patrolmap.errors import InputError
from patrolmap.model.contracts import AREA, CRS
from patrolmap.model.layers import split_codes
from patrolmap.model.network import Network
from patrolmap.model.rules import COUNTRY, VERDICTS, DistanceRule, make_doubt
from patrolmap.model.space import choose_metric_crs, metric
from patrolmap.risk.lattice import Shapes
from patrolmap.risk.walking import open_footways, shortest_walks

Flags = NDArray[np.bool_]
Rows = NDArray[np.int64]


# Assumptions: how far a wall may lie from a school that is known as a point; how far apart
# places lie along a wall from which ways on foot are tried; and how far a place may lie from
# the street it is reached by.
CAMPUS_M: Final = 300.0
ALONG_WALL_M: Final = 10.0
TIE_M: Final = 100.0
# GCJ-02 moves places by up to 0.7 km (facts of the public formula), BD-09 by as much again.
UNKNOWN_DATUM_M: Final = 1500.0
LOOK_TIMES: Final = 3.0  # ways on foot are looked for up to so many times the rule's metres

COLUMNS: Final = (
    "verdict", "reason", "rule_id", "venue_id", "school_id", "gate_id", "distance_m", "within_m",
    "error_m", "origin", "metric", "region", "citation", "status",
)  # fmt: skip
_NUMBERS: Final = ("distance_m", "within_m", "error_m")


def check_distances(  # noqa: PLR0913 - its public signature
    schools: gpd.GeoDataFrame,
    gates: gpd.GeoDataFrame,
    venues: gpd.GeoDataFrame,
    rules: Sequence[DistanceRule],
    *,
    network: Network | None = None,
    region: str | None = None,
    on_date: dt.date | None = None,
    datum_error_m: float | None = 0.0,
    metric_crs: str | None = None,
) -> gpd.GeoDataFrame:
    """
    Judge every venue by every rule that holds there and then.

    Parameters
    ----------
    schools, gates, venues
        Checked layers; any may be empty.
    rules
        Of any regions and times.
    network
        For rules that measure on foot; campuses closed to walkers are not walked through.
    region
        Of the precinct, a GB/T 2260 code such as ``"320412"``; without one only the
        country's rules hold.
    on_date
        The day the rules must be in force; by default those that have not ended.
    datum_error_m
        By how much the layers may be off against one another [m]; None where their datum is
        not known.
    metric_crs
        The precinct's metric CRS; by default the one chosen for the schools.

    Returns
    -------
    findings
        GeoDataFrame in EPSG:4326, worst verdicts first. A row for each rule, venue and
        school that is not clear; for a venue clear of all schools a row with the nearest; and
        a row where no rule gives a number. Columns:

        - ``verdict``: ``breach``, ``near`` (the limit lies within the measuring error),
          ``needs_human_decision``, ``unknown`` (no rule gives a number) or ``clear``;
        - ``reason``: why a person decides or nothing is known, as a code with its detail;
          where a way on foot is longer than was looked for, ``longer_than``;
        - ``rule_id``, ``citation``, ``region``, ``status``: of the rule;
        - ``venue_id``, ``school_id``, ``gate_id``: between which was measured;
        - ``distance_m``, ``within_m``, ``error_m``: as measured, as allowed, and the error
          [m]; missing where nothing was measured;
        - ``origin``, ``metric``: how; geometry: the line measured, or none.

    Raises
    ------
    InputError
        If `datum_error_m` is negative.

    Notes
    -----
    A distance below the limit is a breach. Lines from the boundary are measured from the
    campus polygon, 0 where the venue lies in it; lines from gates are the shortest from any
    gate. Ways on foot count the straight ends between a place and its street. A way on foot
    is never shorter than the straight line, and no gate lies nearer than the boundary: what
    is clear by the one is clear by the other.

    Sources stand with the rules; see `patrolmap.model.rules`.
    """
    if datum_error_m is not None and not datum_error_m >= 0:
        raise InputError(f"datum_error_m is {datum_error_m}; give metres from 0 up.")
    here = [r for r in rules if r.in_force(on_date) and r.holds_in(region or "")]
    rows = _unknown(here, region or "")
    known = [rule for rule in here if rule.within_m is not None]
    if len(schools) and len(venues) and known:
        crs = metric_crs or choose_metric_crs([schools])
        campus, gate, venue = (
            np.asarray(metric(layer, crs).geometry.array) for layer in (schools, gates, venues)
        )
        ground = _Ground(
            schools, gates, venues, campus, gate, venue, crs,
            None if network is None else open_footways(network),
            UNKNOWN_DATUM_M if datum_error_m is None else float(datum_error_m),
            datum_error_m is not None,
        )  # fmt: skip
        rows += [row for rule in known for row in _judge_rule(ground, rule)]
    return _table(rows)


def _unknown(rules: Sequence[DistanceRule], region: str) -> list[dict[str, Any]]:
    """Say for what no number is known: of the whole region, and of each law without one."""
    rows = []
    if not any(rule.region != COUNTRY for rule in rules):
        reason = make_doubt("no_pack", region) if region else make_doubt("no_region")
        rows.append({"verdict": "unknown", "reason": reason})
    for rule in rules:
        if rule.within_m is not None:
            continue
        numbered = {
            kind
            for other in rules
            if other.within_m is not None and set(other.schools) & set(rule.schools)
            for kind in other.venues
        }
        left = [kind for kind in rule.venues if kind not in numbered]
        if left:
            reason = make_doubt("no_number", ",".join(left))
            rows.append({**_of_rule(rule), "verdict": "unknown", "reason": reason})
    return rows


def _of_rule(rule: DistanceRule) -> dict[str, Any]:
    return {
        "rule_id": rule.rule_id, "within_m": rule.within_m, "origin": rule.origin or "",
        "metric": rule.metric or "", "region": rule.region, "citation": rule.citation,
        "status": rule.status,
    }  # fmt: skip


def _table(rows: list[dict[str, Any]]) -> gpd.GeoDataFrame:
    lines = gpd.GeoSeries([row.get("geometry") for row in rows], crs=CRS)
    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    texts = [column for column in COLUMNS if column not in _NUMBERS]
    frame[texts] = frame[texts].astype(object).fillna("").astype("str")
    frame[list(_NUMBERS)] = frame[list(_NUMBERS)].astype("float64")
    rank = frame["verdict"].map({verdict: at for at, verdict in enumerate(VERDICTS)})
    order = frame.assign(rank=rank).sort_values(["rank", "distance_m"], kind="stable").index
    return gpd.GeoDataFrame(frame, geometry=lines).loc[order].reset_index(drop=True)


# ---------------------------------------------------------------- measuring


class _Ground(NamedTuple):
    """The layers, and their shapes in metres."""

    schools: gpd.GeoDataFrame
    gates: gpd.GeoDataFrame
    venues: gpd.GeoDataFrame
    campus: Shapes
    gate: Shapes
    venue: Shapes
    crs: str
    network: Network | None
    error_m: float
    datum_known: bool


def _judge_rule(ground: _Ground, rule: DistanceRule) -> list[dict[str, Any]]:
    """Judge all venues of a rule's kinds against all schools of its kinds."""
    pairs = _pairs(ground, rule)
    if pairs.empty:
        return []
    pairs = pairs.join(_judged(ground, rule, pairs))
    if rule.metric == "walking":
        pairs = _on_foot(ground, rule, pairs)
    told = pairs[pairs["verdict"] != "clear"]
    rest = pairs[~pairs["venue"].isin(told["venue"])]
    nearest = rest.loc[rest.groupby("venue")["metres"].idxmin()]
    return [_row(ground, rule, pair) for pair in pd.concat([told, nearest]).itertuples()]


def _pairs(ground: _Ground, rule: DistanceRule) -> pd.DataFrame:
    """
    Measure straight lines between schools and venues of a rule.

    Columns school, venue and gate (rows of the layers; gate -1: from the boundary), metres
    from there, wall_m from the boundary, line (None: straight) and what the verdict rests on.
    """
    taught = [bool({*split_codes(k)} & {*rule.schools}) for k in ground.schools["kinds"]]
    school, venue = (
        grid.ravel()
        for grid in np.meshgrid(
            np.flatnonzero(taught),
            np.flatnonzero(ground.venues["kind"].isin(rule.venues)),
            indexing="ij",
        )
    )
    wall_m = shapely.distance(ground.campus[school], ground.venue[venue])
    pairs = pd.DataFrame({"school": school, "venue": venue, "wall_m": wall_m})
    nearest = pairs.assign(gate=-1, metres=wall_m, line=None)
    return _from_gates(ground, nearest) if rule.origin == "gates" else nearest


def _from_gates(ground: _Ground, pairs: pd.DataFrame) -> pd.DataFrame:
    """Measure from the nearest gate of each school; from the boundary where it has none."""
    owner = ground.gates["school_id"].to_numpy()
    parts = []
    for school, some in pairs.groupby("school", sort=False):
        own = np.flatnonzero(owner == ground.schools.index[school])
        if not len(own):
            parts.append(some)
            continue
        away_m = shapely.distance(ground.gate[own][:, None], ground.venue[some["venue"]])
        parts.append(some.assign(gate=own[away_m.argmin(axis=0)], metres=away_m.min(axis=0)))
    return pd.concat(parts) if parts else pairs


def _on_foot(ground: _Ground, rule: DistanceRule, pairs: pd.DataFrame) -> pd.DataFrame:
    """Judge by the shortest way on foot what is not clear by the straight line."""
    look_m = LOOK_TIMES * float(rule.within_m or 0.0) + ground.error_m
    doubtful = pairs[pairs["verdict"] != "clear"]
    clear = pairs.drop(index=doubtful.index).assign(reason=make_doubt("straight_enough"))
    if ground.network is None:
        decided = doubtful.assign(verdict="needs_human_decision", reason=make_doubt("no_network"))
        return pd.concat([clear, decided])
    parts = [clear]
    for school, some in doubtful.groupby("school", sort=False):
        starts, doors = _ends(ground, rule, int(school), some["venue"].to_numpy())
        walks = shortest_walks(ground.network, starts, doors, limit_m=look_m, tie_m=TIE_M)
        walked = some.assign(
            metres=[walk.metres for walk in walks], line=[walk.line for walk in walks]
        ).drop(columns=["verdict", "reason"])
        again = walked.join(_judged(ground, rule, walked))
        lost, far = walked["metres"].isna(), np.isinf(walked["metres"])
        again.loc[lost, ["verdict", "reason"]] = (
            "needs_human_decision", make_doubt("off_street", f"{TIE_M:.0f}")
        )  # fmt: skip
        again.loc[far, ["verdict", "reason"]] = "clear", make_doubt("longer_than", f"{look_m:.0f}")
        again["metres"] = again["metres"].where(~lost & ~far, some["metres"])
        again["line"] = again["line"].where(~lost & ~far, None)
        parts.append(again)
    return pd.concat(parts)


def _ends(
    ground: _Ground, rule: DistanceRule, school: int, venues: Rows
) -> tuple[gpd.GeoSeries, gpd.GeoSeries]:
    """Give where one sets out, any gate or any place along the wall, and each venue's near side."""
    campus = ground.campus[school]
    own = (ground.gates["school_id"] == ground.schools.index[school]).to_numpy()
    if rule.origin == "gates" and own.any():
        starts = ground.gate[own]
    else:
        wall = shapely.segmentize(campus, ALONG_WALL_M)
        starts = shapely.points(shapely.get_coordinates(wall))
    doors = shapely.get_point(shapely.shortest_line(ground.venue[venues], campus), 0)
    here, there = (gpd.GeoSeries(p, crs=ground.crs).to_crs(CRS) for p in (starts, doors))
    return here, there


# ---------------------------------------------------------------- judging


def _judged(ground: _Ground, rule: DistanceRule, pairs: pd.DataFrame) -> pd.DataFrame:
    """Give verdict and reason of each pair."""
    limit_m, error_m = float(rule.within_m or 0.0), ground.error_m
    metres, wall_m = pairs["metres"].to_numpy(), pairs["wall_m"].to_numpy()
    is_point = ~ground.schools.geom_type.isin(AREA).to_numpy()[pairs["school"]]
    # nothing lies nearer than the wall, which a campus known as a point has somewhere around it
    wall_clear = wall_m - np.where(is_point, CAMPUS_M, 0.0) - error_m > limit_m
    nearer = np.select([metres + error_m < limit_m, metres - error_m > limit_m], [1, -1], 0)
    verdict = np.select([nearer == 1, nearer == -1], ["breach", "clear"], "near").astype(object)
    reason = np.full(len(pairs), "", dtype=object)
    for code, doubtful in _doubts(ground, rule, pairs, is_point, nearer):
        decides = doubtful & ~wall_clear & (reason == "")
        verdict[decides], reason[decides] = "needs_human_decision", make_doubt(code)
    return pd.DataFrame({"verdict": verdict, "reason": reason}, index=pairs.index)


def _doubts(
    ground: _Ground, rule: DistanceRule, pairs: pd.DataFrame, is_point: Flags, nearer: Rows
) -> list[tuple[str, Flags]]:
    """List what could turn a verdict, by reason, and for which pairs it does."""
    every = np.ones(len(pairs), dtype=bool)
    not_clear, undecided = nearer >= 0, nearer == 0
    by_gate, by_wall = rule.origin == "gates", rule.origin == "boundary"
    sure = (ground.gates["provenance"] == "given").groupby(ground.gates["school_id"]).all()
    gates_sure = np.array([sure.get(i, True) for i in ground.schools.index[pairs["school"]]], bool)
    grey = ground.venues["kind"].isin(rule.grey).to_numpy()[pairs["venue"]]
    return [
        ("datum_unknown", undecided & (not ground.datum_known)),
        ("measure_unknown", every & (rule.origin is None or rule.metric is None) & not_clear),
        ("no_gates", every & by_gate & (pairs["gate"] < 0).to_numpy()),
        ("gate_proposed", every & by_gate & ~gates_sure),
        ("campus_is_point", is_point & by_wall & (nearer < 1)),
        ("grey_venue", grey & not_clear),
        ("draft_rule", every & (rule.status == "draft") & not_clear),
    ]


def _row(ground: _Ground, rule: DistanceRule, pair: Any) -> dict[str, Any]:  # noqa: ANN401
    start = ground.gate[pair.gate] if pair.gate >= 0 else ground.campus[pair.school]
    line = pair.line
    if line is None:
        straight = shapely.shortest_line(start, ground.venue[pair.venue])
        line = gpd.GeoSeries([straight], crs=ground.crs).to_crs(CRS).iloc[0]
    return {
        **_of_rule(rule), "verdict": pair.verdict, "reason": pair.reason,
        "venue_id": ground.venues.index[pair.venue],
        "school_id": ground.schools.index[pair.school],
        "gate_id": ground.gates.index[pair.gate] if pair.gate >= 0 else "",
        "distance_m": pair.metres, "error_m": ground.error_m, "geometry": line,
    }  # fmt: skip
