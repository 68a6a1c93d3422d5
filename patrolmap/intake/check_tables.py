"""What is wrong between the tables: references, bells, dates, times, headcounts."""

from __future__ import annotations

from itertools import combinations
from typing import Any, Final

import pandas as pd

from patrolmap.errors import LayerError
from patrolmap.intake.findings import Finding, Findings, Fix, Layers
from patrolmap.model.calendar import WINDOW_OF_BELL
from patrolmap.model.layers import split_codes
from patrolmap.model.units import units_from_table

HOUR_S: Final = 3600
# When each bell may ring [h]: wide enough for boarders' mornings and the last evening class.
BELL_HOURS: Final = {"arrive": (6, 15), "dismiss": (10, 20), "evening_end": (18, 23)}
MOST_PUPILS: Final = 20_000  # the largest schools of China have about that
LARGEST_CREW: Final = 12  # a minibus full
MOST_HELPERS: Final = 100  # of one role in one window
# Of so few incidents, or so small a share, midnight may be the truth.
MIDNIGHTS: Final = 3
MIDNIGHT_SHARE: Final = 0.1

_CREW_FAULTS_ZH: Final = {
    "the shift ends before it starts": "下班早于上班",
    "nobody is in the crew": "组内没有人员",
    "the break needs from, until and minutes": "休息须同时填写最早、最晚和分钟",
    "the break's latest start is before its earliest": "休息最晚早于最早",
    "the break lies outside the shift": "休息不在班次之内",
}


def check_tables(layers: Layers, *, zone: str) -> Findings:
    """
    Find what is wrong in and between tables, whatever the places are.

    Parameters
    ----------
    layers
        All layers and tables by name.
    zone
        The precinct's time zone, in which a day begins.
    """
    for layer in ("schools", "streets", "bases", "units"):
        if layers[layer].empty:
            yield Finding(f"no_{layer}", layer)
    for check in (_references, _bells, _bell_times, _windows, _schools, _dates, _crews, _posts):
        yield from check(layers)
    yield from _midnights(layers["incidents"], zone)
    yield from find_assumed_rows(layers)


def find_assumed_rows(layers: Layers) -> Findings:
    """Count in each layer the rows that patrolmap proposed or assumed."""
    for layer, frame in layers.items():
        if "provenance" in frame and (count := int((frame["provenance"] != "given").sum())):
            yield Finding("assumed", layer, "", (str(count), str(len(frame))), "provenance")


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
            yield Finding(code, layer, str(row_id), (str(name),), column)


def _bells(layers: Layers) -> Findings:
    school_of = layers["gates"]["school_id"].to_dict()
    pupils_of = layers["schools"]["pupils"].dropna().to_dict()
    bells = layers["bells"]
    for row_id, bell in bells.iterrows():
        for gate in split_codes(bell.gate_ids):
            if gate not in school_of:
                yield Finding("unknown_gate", "bells", str(row_id), (gate,), "gate_ids")
            elif school_of[gate] != bell.school_id:
                words = (gate, school_of[gate])
                yield Finding("foreign_gate", "bells", str(row_id), words, "gate_ids")
        whole = pupils_of.get(bell.school_id)
        if whole and pd.notna(bell.pupils) and bell.pupils > whole:
            words = (str(bell.pupils), str(whole))
            yield Finding("bell_pupils", "bells", str(row_id), words, "pupils")
    for _, alike in bells.groupby(["school_id", "kind", "group"]):
        for (first_id, first), (second_id, second) in combinations(alike["weekdays"].items(), 2):
            if set(first) & set(second):
                yield Finding("bell_twice", "bells", str(second_id), (str(first_id),), "weekdays")


def _bell_times(layers: Layers) -> Findings:
    bells = layers["bells"]
    for row_id, kind, time_s in zip(bells.index, bells["kind"], bells["time_s"], strict=True):
        earliest, latest = BELL_HOURS[kind]
        if not earliest * HOUR_S <= time_s <= latest * HOUR_S:
            yield Finding("odd_bell_time", "bells", str(row_id), (_clock(time_s),), "time_s")
    for _, alike in bells.groupby(["school_id", "group"]):
        arrive = alike.loc[alike["kind"] == "arrive", "time_s"].min()
        early = alike[(alike["kind"] != "arrive") & (alike["time_s"] <= arrive)]
        for row_id, time_s in early["time_s"].items():
            words = (f"{_clock(arrive)}-{_clock(time_s)}",)
            yield Finding("bells_reversed", "bells", str(row_id), words, "time_s")


def _clock(time_s: Any) -> str:  # noqa: ANN401 - a number of whatever kind
    return f"{int(time_s) // HOUR_S:02d}:{int(time_s) % HOUR_S // 60:02d}"


def _windows(layers: Layers) -> Findings:
    bells = layers["bells"]
    kinds = bells["kind"].map(WINDOW_OF_BELL)
    known = set(bells["school_id"] + ":" + kinds + ":" + bells["group"])
    for layer in ("helpers", "posts"):
        meant = layers[layer]["window_id"]
        for row_id, window in meant[~meant.isin(known)].items():
            yield Finding("unknown_window", layer, str(row_id), (str(window),), "window_id")
        school = layers[layer]["school_id"]
        owner = meant.str.split(":").str[0]
        foreign = meant.isin(known) & (owner != school) & (school != "")
        for row_id in meant.index[foreign]:
            words = (str(meant[row_id]), str(owner[row_id]), str(school[row_id]))
            yield Finding("foreign_window", layer, str(row_id), words, "window_id")
    posts = layers["posts"]
    owner = posts["gate_id"].map(layers["gates"]["school_id"])
    foreign = owner.notna() & (owner != posts["school_id"]) & (posts["school_id"] != "")
    for row_id in posts.index[foreign]:
        gate_and_school = (str(posts["gate_id"][row_id]), str(owner[row_id]))
        yield Finding("foreign_gate", "posts", str(row_id), gate_and_school, "gate_id")


def _schools(layers: Layers) -> Findings:
    schools = layers["schools"]
    for code, column, lacking in (
        ("no_gates", "", ~schools.index.isin(layers["gates"]["school_id"])),
        ("no_bells", "", ~schools.index.isin(layers["bells"]["school_id"])),
        ("no_pupils", "pupils", schools["pupils"].isna()),
    ):
        for school_id in schools.index[lacking]:
            yield Finding(code, "schools", str(school_id), (), column)
    odd = schools["pupils"].notna() & ~schools["pupils"].between(1, MOST_PUPILS)
    for school_id, pupils in schools.loc[odd, "pupils"].items():
        fix = Fix("clear", "pupils")
        yield Finding("odd_pupils", "schools", str(school_id), (str(pupils),), "pupils", fix)


def _dates(layers: Layers) -> Findings:
    hazards, incidents, exceptions = (layers[n] for n in ("hazards", "incidents", "exceptions"))
    found, closed = hazards["found_on"], hazards["closed_on"]
    open_end = (hazards["status"] == "closed") & closed.isna()
    for code, layer, column, wrong in (
        ("closed_before_found", "hazards", "closed_on", closed < found),
        ("due_before_found", "hazards", "due_on", hazards["due_on"] < found),
        ("closed_without_date", "hazards", "closed_on", open_end),
        ("ended_before_began", "incidents", "ended_at",
         incidents["ended_at"] < incidents["began_at"]),
        ("until_before_date", "exceptions", "until", exceptions["until"] < exceptions["date"]),
    ):  # fmt: skip
        for row_id in layers[layer].index[wrong]:
            yield Finding(code, layer, str(row_id), (), column)


def _midnights(incidents: pd.DataFrame, zone: str) -> Findings:
    """Suspect many at midnight: a date without a time is read as that."""
    if incidents.empty:
        return
    local = incidents["began_at"].dt.tz_convert(zone)
    at_midnight = (local == local.dt.normalize()) & incidents["ended_at"].isna()
    count = int(at_midnight.sum())
    if count >= max(MIDNIGHTS, MIDNIGHT_SHARE * len(incidents)):
        words = (str(count), str(len(incidents)))
        yield Finding("no_time_of_day", "incidents", "", words, "began_at")


def _crews(layers: Layers) -> Findings:
    units = layers["units"]
    try:
        units_from_table(units)
    except LayerError as error:
        for problem in error.problems:
            said_zh = _CREW_FAULTS_ZH.get(problem.what, problem.what)
            words = (said_zh, problem.what)
            yield Finding("crew_fault", "units", str(problem.row), words, problem.column or "")
    people = units["officers"] + units["auxiliaries"]
    for row_id, count in people[people > LARGEST_CREW].items():
        yield Finding("large_crew", "units", str(row_id), (str(count),), "officers")
    helpers = layers["helpers"]["count"]
    for row_id, count in helpers[helpers > MOST_HELPERS].items():
        yield Finding("many_helpers", "helpers", str(row_id), (str(count),), "count")


def _posts(layers: Layers) -> Findings:
    posts, units, helpers = (layers[name] for name in ("posts", "units", "helpers"))
    if units.empty:
        return
    crews = int((units["officers"] + units["auxiliaries"]).sum())
    by_window = helpers.groupby("window_id")["count"].sum()
    at_hand = posts["window_id"].map(by_window).fillna(0).astype("int64") + crews
    for row_id in posts.index[posts["people"] > at_hand]:
        words = (str(posts["people"][row_id]), str(at_hand[row_id]))
        yield Finding("post_too_large", "posts", str(row_id), words, "people")
