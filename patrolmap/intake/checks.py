"""
What is wrong between the layers of a precinct: references, distances, gaps, dates.

A contract looks at one layer alone; these checks see all of them together. An error
makes plans wrong or impossible, a warning should be looked at, a note is good to know.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import combinations
from typing import Any, Final

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from patrolmap.errors import LayerError
from patrolmap.intake.findings import Finding, findings_table
from patrolmap.model.calendar import WINDOW_OF_BELL
from patrolmap.model.contracts import CONTRACTS
from patrolmap.model.layers import empty_layer, split_codes
from patrolmap.model.network import build_network
from patrolmap.model.space import choose_metric_crs, metric
from patrolmap.model.units import units_from_table

# A gate stands in the wall of its campus; maps and lists differ by the width of a street.
GATE_WITHIN_M: Final = 60.0
# Of a school known as a point: and half the diagonal of a campus of 3 ha.
GATE_WITHIN_OF_POINT_M: Final = 180.0
FAR_M: Final = 3_000.0  # from every school: hardly the business of a school patrol
OUTSIDE_M: Final = 20_000.0  # from the middle: no police station's precinct reaches so far
_OF_THE_STATION: Final = ("incidents", "hazards", "bases")
_OF_THE_MAP: Final = ("venues", "traffic_points")  # maps reach beyond a precinct
_PLACED: Final = ("schools", "gates", *_OF_THE_MAP, *_OF_THE_STATION, "posts")

_CREW_FAULTS_ZH: Final = {
    "the shift ends before it starts": "下班早于上班",
    "nobody is in the crew": "组内没有人员",
    "the break needs from, until and minutes": "休息须同时填写最早、最晚和分钟",
    "the break's latest start is before its earliest": "休息最晚早于最早",
    "the break lies outside the shift": "休息不在班次之内",
}

Layers = Mapping[str, Any]  # frames, all of them there
Findings = Iterator[Finding]


def check_precinct(
    layers: Mapping[str, pd.DataFrame], *, metric_crs: str | None = None
) -> pd.DataFrame:
    """
    Find what is wrong or missing between the layers of a precinct.

    Parameters
    ----------
    layers
        Checked layers and tables by name; those that are absent count as empty.
    metric_crs
        The precinct's; by default chosen for its layers.

    Returns
    -------
    findings
        One row per finding, worst first: severity (``error warning note``), code, layer,
        row_id (empty where the layer as a whole is meant), what_zh, what_en, cure_zh,
        cure_en. Empty if all is well.
    """
    whole = {name: layers.get(name, empty_layer(name)) for name in CONTRACTS}
    checks = (_presence, _references, _bells, _windows, _schools, _dates, _crews, _assumed)
    found = [finding for check in checks for finding in check(whole)]
    placed = [whole[name] for name in (*_PLACED, "streets") if len(whole[name])]
    if placed:
        crs = metric_crs or choose_metric_crs(placed)
        for check_places in (_places, _gates_far, _pieces):
            found += check_places(whole, crs)
    return findings_table(found)


def find_assumed(layers: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """
    Count in each layer the rows that patrolmap proposed or assumed.

    Parameters
    ----------
    layers
        Layers and tables by name, filled by `patrolmap.intake.assumptions`.

    Returns
    -------
    findings
        One note a layer that has such rows; columns as those of `check_precinct`.
    """
    return findings_table(list(_assumed(layers)))


def _presence(layers: Layers) -> Findings:
    for layer in ("schools", "streets", "bases", "units"):
        if layers[layer].empty:
            yield Finding(f"no_{layer}", layer)


def _references(layers: Layers) -> Findings:
    """Every id that one layer names in another must exist; an empty one names none."""
    for layer, column, other, code in (
        ("gates", "school_id", "schools", "unknown_school"),
        ("bells", "school_id", "schools", "unknown_school"),
        ("helpers", "school_id", "schools", "unknown_school"),
        ("posts", "school_id", "schools", "unknown_school"),
        ("exceptions", "school_id", "schools", "unknown_school"),
        ("posts", "gate_id", "gates", "unknown_gate"),
        ("units", "start_id", "bases", "unknown_base"),
        ("units", "end_id", "bases", "unknown_base"),
    ):
        named = layers[layer][column]
        for row_id, name in named[~named.isin(layers[other].index) & (named != "")].items():
            yield Finding(code, layer, str(row_id), (str(name),))


def _bells(layers: Layers) -> Findings:
    school_of = layers["gates"]["school_id"].to_dict()
    bells = layers["bells"]
    for row_id, bell in bells.iterrows():
        for gate in split_codes(bell.gate_ids):
            if gate not in school_of:
                yield Finding("unknown_gate", "bells", str(row_id), (gate,))
            elif school_of[gate] != bell.school_id:
                yield Finding("foreign_gate", "bells", str(row_id), (gate, school_of[gate]))
    for _, alike in bells.groupby(["school_id", "kind", "group"]):
        for (first_id, first), (second_id, second) in combinations(alike["weekdays"].items(), 2):
            if set(first) & set(second):
                yield Finding("bell_twice", "bells", str(second_id), (str(first_id),))


def _windows(layers: Layers) -> Findings:
    bells = layers["bells"]
    kinds = bells["kind"].map(WINDOW_OF_BELL)
    known = set(bells["school_id"] + ":" + kinds + ":" + bells["group"])
    for layer in ("helpers", "posts"):
        meant = layers[layer]["window_id"]
        for row_id, window in meant[~meant.isin(known)].items():
            yield Finding("unknown_window", layer, str(row_id), (str(window),))


def _schools(layers: Layers) -> Findings:
    schools = layers["schools"]
    for code, lacking in (
        ("no_gates", ~schools.index.isin(layers["gates"]["school_id"])),
        ("no_bells", ~schools.index.isin(layers["bells"]["school_id"])),
        ("no_pupils", schools["pupils"].isna()),
    ):
        for school_id in schools.index[lacking]:
            yield Finding(code, "schools", str(school_id))


def _dates(layers: Layers) -> Findings:
    hazards, incidents, exceptions = (layers[n] for n in ("hazards", "incidents", "exceptions"))
    found, closed = hazards["found_on"], hazards["closed_on"]
    for code, layer, wrong in (
        ("closed_before_found", "hazards", closed < found),
        ("due_before_found", "hazards", hazards["due_on"] < found),
        ("closed_without_date", "hazards", (hazards["status"] == "closed") & closed.isna()),
        ("ended_before_began", "incidents", incidents["ended_at"] < incidents["began_at"]),
        ("until_before_date", "exceptions", exceptions["until"] < exceptions["date"]),
    ):
        for row_id in layers[layer].index[wrong]:
            yield Finding(code, layer, str(row_id))


def _crews(layers: Layers) -> Findings:
    try:
        units_from_table(layers["units"])
    except LayerError as error:
        for problem in error.problems:
            said_zh = _CREW_FAULTS_ZH.get(problem.what, problem.what)
            yield Finding("crew_fault", "units", str(problem.row), (said_zh, problem.what))


def _assumed(layers: Layers) -> Findings:
    for layer, frame in layers.items():
        if "provenance" in frame and (count := int((frame["provenance"] != "given").sum())):
            yield Finding("assumed", layer, "", (str(count), str(len(frame))))


def _places(layers: Layers, crs: str) -> Findings:
    """Places whose coordinates must be wrong, and places that concern no school."""
    middle = _middle(layers, crs)
    schools = shapely.STRtree(metric(layers["schools"], crs).geometry.array)
    for layer in _PLACED:
        places = metric(layers[layer], crs)
        from_middle_m = places.distance(middle).to_numpy()
        outside = from_middle_m > OUTSIDE_M
        code = "stray" if layer in _OF_THE_MAP else "outside"
        for row_id, far_m in zip(places.index[outside], from_middle_m[outside], strict=True):
            yield Finding(code, layer, str(row_id), (f"{far_m / 1000:.0f}",))
        if layer in _OF_THE_STATION and len(schools.geometries):
            near = places[~outside]
            to_school_m = _nearest_m(schools, near.geometry.array)
            far = to_school_m > FAR_M
            for row_id, far_m in zip(near.index[far], to_school_m[far], strict=True):
                yield Finding("far", layer, str(row_id), (f"{far_m / 1000:.1f}",))


def _middle(layers: Layers, crs: str) -> shapely.Point:
    """Take the median of all vertices, which a few stray places cannot move."""
    frames = [metric(layers[layer], crs) for layer in (*_PLACED, "streets")]
    coordinates = np.vstack([shapely.get_coordinates(frame.geometry.array) for frame in frames])
    return shapely.Point(np.median(coordinates, axis=0))


def _gates_far(layers: Layers, crs: str) -> Findings:
    gates = layers["gates"][layers["gates"]["school_id"].isin(layers["schools"].index)]
    schools = metric(layers["schools"], crs).geometry.loc[gates["school_id"]]
    distance_m = metric(gates, crs).distance(schools, align=False)
    is_point = (schools.geom_type == "Point").to_numpy()
    within_m = np.where(is_point, GATE_WITHIN_OF_POINT_M, GATE_WITHIN_M)
    for gate_id, far_m in distance_m[distance_m.to_numpy() > within_m].items():
        yield Finding("gate_far", "gates", str(gate_id), (f"{far_m:.0f}",))


def _nearest_m(tree: shapely.STRtree, places: Any) -> NDArray[np.float64]:  # noqa: ANN401
    _, distance_m = tree.query_nearest(places, return_distance=True, all_matches=False)
    return np.asarray(distance_m, dtype=float)


def _pieces(layers: Layers, crs: str) -> Findings:
    network = build_network(layers["streets"], metric_crs=crs)
    piece, length_m = network.component["walk"], network.length_m
    by_piece_m = pd.Series(length_m[piece >= 0]).groupby(piece[piece >= 0]).sum()
    if len(by_piece_m) > 1:
        share = by_piece_m.max() / by_piece_m.sum()
        words = (str(len(by_piece_m)), f"{100 * share:.1f}")
        yield Finding("streets_in_pieces", "streets", "", words)
