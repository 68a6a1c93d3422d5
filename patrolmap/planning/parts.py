"""
Stops that count in part: a post for three that two stand at is worth two thirds of it.

To the search such a post is a choice: all its people, or any smaller number of them for
their share of the prize, and one of these at most. Whoever is needed there by role comes
with the whole number only: two auxiliaries at a post for an officer and one more fill one
of its places.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import pandas as pd

from patrolmap.model.plan import Route
from patrolmap.planning.request import Request


@dataclass(frozen=True)
class Parted:
    """A request as the search sees it, and which of its stops are parts of which."""

    request: Request
    whole_of: Mapping[str, str]

    def told(self, route: Route) -> Route:
        """Name the stops that a route serves in part as they were asked for."""
        visits = [
            replace(visit, stop_id=self.whole_of.get(visit.stop_id, visit.stop_id))
            for visit in route.visits
        ]
        return replace(route, visits=tuple(visits))


def with_parts(request: Request) -> Parted:
    """Offer the search every smaller number of people at the stops that count in part."""
    stops = request.stops
    begun = {visit.stop_id for past in request.history.values() for visit in past}
    open_ids = [
        str(stop_id)
        for stop_id, people, role in stops.loc[
            stops["in_part"] & (stops["people"] > 1), ["people", "role_needed"]
        ].itertuples()
        if stop_id not in begun and _may_fall_short(request, people, role)
    ]
    if not open_ids:
        return Parted(request, {})
    own = pd.Series(open_ids, open_ids)
    alternative = stops["alternative"].where(stops["alternative"] != "", own)
    stops = stops.assign(alternative=alternative.fillna(""))
    whole_of = {
        f"{stop_id}\n{people}": stop_id
        for stop_id in open_ids
        for people in range(1, int(stops["people"][stop_id]))
    }
    return Parted(
        replace(
            request,
            stops=pd.concat([stops, _parts(stops, whole_of)]),
            bound={
                **request.bound,
                **{part: request.bound[i] for part, i in whole_of.items() if i in request.bound},
            },
            locked=request.locked | {part for part, i in whole_of.items() if i in request.locked},
        ),
        whole_of,
    )


def _may_fall_short(request: Request, people: int, role: str) -> bool:
    """Say whether any crew alone would leave a place empty there."""
    return any(
        unit.headcount < people or bool(role and not unit.people.get(role, 0))
        for unit in request.units
    )


def _parts(stops: pd.DataFrame, whole_of: Mapping[str, str]) -> pd.DataFrame:
    wholes = list(whole_of.values())
    parts = stops.loc[wholes].set_axis(list(whole_of), axis=0)
    people = pd.Series([int(part.rpartition("\n")[2]) for part in whole_of], parts.index)
    share = people / parts["people"]
    return parts.assign(people=people, prize=parts["prize"] * share, role_needed="")
