"""Guard posts: who must stand at which gate in which window, and whom helpers replace."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import geopandas as gpd
import pandas as pd

from patrolmap.errors import InputError
from patrolmap.model.calendar import PeakWindow
from patrolmap.model.kinds import codes
from patrolmap.model.layers import check_layer, empty_layer
from patrolmap.model.units import ROLES_OF_CREWS, Unit

# Assumption: no norm says how many people a gate needs. Press reports tell of one officer a
# school (Haidian); where several hundred pupils pass one gate, one more keeps the road.
MANY_PUPILS: Final = 600
_SOURCE: Final = f"assumed: 1 person a gate, 2 at a main gate with {MANY_PUPILS} pupils or more"


def make_posts(
    windows: Sequence[PeakWindow], gates: gpd.GeoDataFrame, *, posts: gpd.GeoDataFrame | None = None
) -> gpd.GeoDataFrame:
    """
    Ask for people at every gate that pupils use in every peak window.

    Parameters
    ----------
    windows
        The windows of the day; those between the peaks need no post.
    gates
        Checked layer.
    posts
        The station's own posts, which come before the assumed ones of the same gate and
        window. Those whose window is not in `windows` rest that day.

    Returns
    -------
    posts
        Checked layer, index ``post_id`` (gate and window): people and the role that one
        of them must have. Assumed rows say so.

    Raises
    ------
    InputError
        If a post of the station is at a gate that does not exist.
    """
    own = empty_layer("posts") if posts is None else posts
    if nowhere := sorted(set(own["gate_id"]) - set(gates.index)):
        raise InputError(
            f"posts name the gate {', '.join(nowhere)}, which does not exist. "
            "Add it, or correct the posts."
        )
    own = own[own["window_id"].isin([window.window_id for window in windows])]
    told = set(zip(own["gate_id"], own["window_id"], strict=True))
    rows = [
        _assumed(window, gate_id, gates)
        for window in windows
        for gate_id in window.gate_ids
        if (gate_id, window.window_id) not in told
    ]
    if not rows:
        return own
    frame = gpd.GeoDataFrame(rows, geometry="geometry", crs=gates.crs).set_index("post_id")
    assumed = check_layer(frame, "posts")
    return check_layer(pd.concat([own, assumed]), "posts") if len(own) else assumed


def _assumed(window: PeakWindow, gate_id: str, gates: gpd.GeoDataFrame) -> dict[str, object]:
    gate = gates.loc[gate_id]
    crowded = gate.kind == "main" and window.pupils / len(window.gate_ids) >= MANY_PUPILS
    return {
        "post_id": f"{gate_id}:{window.window_id}",
        "name": f"{window.name} {gate['name']}".strip(),
        "gate_id": gate_id,
        "school_id": window.school_id,
        "window_id": window.window_id,
        "people": 2 if crowded else 1,
        "role_needed": "officer" if gate.kind == "main" else "auxiliary",
        "provenance": "assumed",
        "source": _SOURCE,
        "geometry": gate.geometry,
    }


def staff_posts(posts: pd.DataFrame, helpers: pd.DataFrame, units: Sequence[Unit]) -> pd.DataFrame:
    """
    Let helpers stand where the rules let them; the rest is left for crews.

    Helpers (school guards, volunteers, parents) are counted by school and window. They
    fill the posts that need most people first, school guards before volunteers before
    parents, but never the place of a role that crews bring: nobody stands in for the police.

    Parameters
    ----------
    posts
        Checked layer.
    helpers
        Checked table; may be empty.
    units
        The crews, whose roles only they can fill.

    Returns
    -------
    staffed
        The posts in their order with three columns: ``helpers``, how many helpers stand
        there; ``helper_roles``, who they are, such as ``school_guard=1,parent=2``; and
        ``left``, the people still to come from crews.
    """
    police = set(ROLES_OF_CREWS).union(*(unit.people for unit in units))
    kept = posts["role_needed"].isin(police).astype("int64")
    room = (posts["people"].astype("int64") - kept).clip(lower=0)
    standing: dict[object, dict[str, int]] = {post_id: {} for post_id in posts.index}
    at_hand = _count_helpers(helpers)
    for post_id in sorted(posts.index, key=lambda post: (-room[post], str(post))):
        place = (posts["school_id"][post_id], posts["window_id"][post_id])
        standing[post_id] = _send(at_hand.get(place, {}), int(room[post_id]))
    placed = pd.Series({post: sum(sent.values()) for post, sent in standing.items()}, dtype="int64")
    roles = {post: ",".join(f"{r}={n}" for r, n in sent.items()) for post, sent in standing.items()}
    return posts.assign(
        helpers=placed,
        helper_roles=pd.Series(roles, dtype="str"),
        left=posts["people"].astype("int64") - placed,
    )


def _count_helpers(helpers: pd.DataFrame) -> dict[tuple[str, str], dict[str, int]]:
    """Count helpers by school and window, and there by role, in the order they are sent."""
    order = list(codes("role"))
    counts: dict[tuple[str, str], dict[str, int]] = {}
    for row in sorted(helpers.itertuples(), key=lambda row: order.index(row.role)):
        at_place = counts.setdefault((row.school_id, row.window_id), {})
        at_place[row.role] = at_place.get(row.role, 0) + int(row.count)
    return counts


def _send(at_hand: dict[str, int], most: int) -> dict[str, int]:
    """Take up to so many of the helpers at hand, and leave the others."""
    sent: dict[str, int] = {}
    for role, count in at_hand.items():
        number = min(count, most - sum(sent.values()))
        if number > 0:
            sent[role] = number
            at_hand[role] -= number
    return sent
