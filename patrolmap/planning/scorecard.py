"""
The scorecard: how good a plan is, in figures a commander can compare.

Formulas follow the measures that experts judge patrol plans by: cover of posts and of
priority, dwell, return gap, balance, walking; see the references at each.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import pandas as pd
from pyproj import Geod
from shapely import LineString

from patrolmap.model.plan import Plan, Route
from patrolmap.model.settings import MINUTE_S, Settings
from patrolmap.model.units import Unit
from patrolmap.planning.attention import idle_figures, tier_cover
from patrolmap.planning.pool import patrol_prize
from patrolmap.planning.response import response_figures
from patrolmap.planning.watcher import guessed_share, possible_sights, sights

_EARTH: Final = Geod(ellps="WGS84")


def summarize(
    plan: Plan,
    *,
    units: Sequence[Unit],
    settings: Settings | None = None,
    responses: pd.DataFrame | None = None,
    bound: float | None = None,
    seen: Sequence[Plan] = (),
) -> pd.Series:
    """
    Measure a plan.

    Parameters
    ----------
    plan
        Of any state; beat lengths need laid routes and are 0 without.
    units
        Its crews.
    settings
        Gives the dwell that counts as right; by default 10 to 16 minutes.
    responses
        From `response_times`, if known.
    bound
        From `patrol_prize_bound`, if known.
    seen
        Plans of days before, which somebody may have watched.

    Returns
    -------
    scorecard
        By figure, floats; the unit stands in the name:

        - ``post_people_min_required``, ``post_people_min_manned``, ``post_cover_share``:
          people-minutes asked of crews at posts, those given, and their ratio (1 where
          none are asked for);
        - ``posts_short``: posts with fewer people than asked for;
        - ``patrol_visits``, ``priority_cover_share``: visits, and their share of the prize
          of all patrol stops;
        - ``priority_high_cover_share``, ``priority_middle_cover_share``,
          ``priority_low_cover_share``, ``cells_visited_share``: see `tier_cover`;
        - ``gap_to_bound_share``: by how much the prize of optional stops falls short of
          `bound`, which no plan with these posts exceeds; only where it is given;
        - ``dwell_right_share``: visits within the dwell of the settings;
        - ``return_gap_worst_min``, ``return_gap_mean_min``: time between two visits to
          one place in one window, where there are several (0 where there are none): pupils
          who leave are another matter than those who came;
        - ``idleness_worst_min``, ``idleness_mean_min``: see `idleness`;
        - ``response_p50_min``, ``response_p90_min``, ``response_soon_share``: see
          `response_figures`; only where `responses` are given;
        - ``guessed_right_share``: of the guesses of one who watched `seen`; only with them;
        - ``walking_share``: time on the way as a share of the time on the way and at stops;
        - ``duty_balance_cv``: standard deviation of the crews' busy minutes over their mean;
        - ``crew_distance_max_m``, ``distance_sum_m``, ``beat_length_max_m``;
        - ``required_unserved``, ``crews_idle``.

    References
    ----------
    Koper (1995), Justice Quarterly 12:649 (dwell and return); Chen, Cheng and Wise (2015),
    ISPRS II-4/W2 (judging police patrol routes).
    """
    known = settings or Settings()
    return pd.Series(
        {
            **_posts(plan, units),
            **_patrols(plan, known),
            **tier_cover(plan),
            **_gap_to_bound(plan, bound),
            **_return_gaps(plan),
            **idle_figures(plan),
            **({} if responses is None else response_figures(responses)),
            **_guessed(plan, seen),
            **_effort(plan),
            "required_unserved": float(plan.stops["required"].reindex(plan.unserved.index).sum()),
            "crews_idle": float(sum(not route.visits for route in plan.routes)),
        },
        dtype="float64",
        name="scorecard",
    )


def _served(plan: Plan) -> pd.DataFrame:
    """List all visits to stops with what is known of the stop."""
    rows = [
        (route.unit_id, visit.stop_id, visit.start_s, visit.end_s)
        for route in plan.routes
        for visit in route.visits
        if not visit.is_break
    ]
    visits = pd.DataFrame(rows, columns=["unit_id", "stop_id", "start_s", "end_s"])
    return visits.join(plan.stops[["place_id", "window_id", "kind", "prize"]], on="stop_id")


def _posts(plan: Plan, units: Sequence[Unit]) -> dict[str, float]:
    posts = plan.stops[plan.stops["kind"] == "post"]
    people = posts["people"] if "people" in posts else pd.Series(1, index=posts.index)
    filled = _filled(plan, posts, people, {unit.unit_id: unit for unit in units})
    minutes = posts["service_s"] / MINUTE_S
    wanted, manned = float((people * minutes).sum()), float((filled * minutes).sum())
    return {
        "post_people_min_required": wanted,
        "post_people_min_manned": manned,
        "post_cover_share": manned / wanted if wanted else 1.0,
        "posts_short": float((filled < people).sum()),
    }


def _filled(
    plan: Plan, posts: pd.DataFrame, people: pd.Series, units: Mapping[str, Unit]
) -> pd.Series:
    """Count the places filled at each post; that of the role needed only by who has it."""
    visits = _served(plan)
    crews = visits["unit_id"].map(units).groupby(visits["stop_id"]).agg(list)
    role_of = posts.reindex(columns=["role_needed"]).astype(object)["role_needed"].fillna("")
    filled = []
    for stop_id, most in people.items():
        there, role = crews.get(stop_id, []), role_of[stop_id]
        kept = bool(role) and not any(unit.people.get(role, 0) for unit in there)
        filled.append(min(sum(unit.headcount for unit in there), int(most) - kept))
    return pd.Series(filled, posts.index, dtype="float64")


def _patrols(plan: Plan, settings: Settings) -> dict[str, float]:
    visits = _served(plan)
    visits = visits[visits["kind"] == "patrol"]
    worth = float(plan.stops.loc[plan.stops["kind"] == "patrol", "prize"].sum())
    got = float(visits.drop_duplicates("stop_id")["prize"].sum())
    dwell_s = visits["end_s"] - visits["start_s"]
    right = dwell_s.between(settings.dwell_min_s, settings.dwell_max_s)
    return {
        "patrol_visits": float(len(visits)),
        "priority_cover_share": got / worth if worth else 1.0,
        "dwell_right_share": float(right.mean()) if len(visits) else 1.0,
    }


def _gap_to_bound(plan: Plan, bound: float | None) -> dict[str, float]:
    if bound is None:
        return {}
    return {"gap_to_bound_share": 1 - patrol_prize(plan) / bound if bound else 0.0}


def _guessed(plan: Plan, seen: Sequence[Plan]) -> dict[str, float]:
    if not seen:
        return {}
    watched = [sights(earlier) for earlier in seen]
    share = guessed_share(watched, sights(plan), possible_sights(plan.stops))
    return {"guessed_right_share": share}


def _return_gaps(plan: Plan) -> dict[str, float]:
    visits = _served(plan)
    visits = visits[visits["kind"] == "patrol"].sort_values(["place_id", "start_s"])
    left_s = visits.groupby(["place_id", "window_id"])["end_s"].shift()
    gaps_min = ((visits["start_s"] - left_s) / MINUTE_S).dropna()
    return {
        "return_gap_worst_min": float(gaps_min.max()) if len(gaps_min) else 0.0,
        "return_gap_mean_min": float(gaps_min.mean()) if len(gaps_min) else 0.0,
    }


def _effort(plan: Plan) -> dict[str, float]:
    busy_s = np.array([_busy_s(route) for route in plan.routes], dtype=float)
    travel_s = sum(route.travel_s for route in plan.routes)
    distances = [route.distance_m for route in plan.routes]
    beats = [leg for route in plan.routes for leg in route.legs if leg.kind == "beat"]
    total, mean = float(busy_s.sum()), float(busy_s.mean()) if len(busy_s) else 0.0
    return {
        "walking_share": travel_s / total if total else 0.0,
        "duty_balance_cv": float(busy_s.std()) / mean if mean else 0.0,
        "crew_distance_max_m": float(max(distances, default=0.0)),
        "distance_sum_m": float(sum(distances)),
        "beat_length_max_m": max((_length_m(leg.line) for leg in beats), default=0.0),
    }


def _busy_s(route: Route) -> float:
    """Add up the time on the way and at stops; waiting and breaks are not work."""
    served_s = sum(visit.end_s - visit.start_s for visit in route.visits if not visit.is_break)
    return float(route.travel_s + served_s)


def _length_m(line: LineString) -> float:
    return float(_EARTH.geometry_length(line))
