"""
Guard posts: who must stand at which gate in which window, and whom helpers replace.

A post asks for people, one of whom must have a role. Several roles at one gate are several
posts of one window, a row each: an officer, an auxiliary, two of anyone. Rows add up.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

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
        If a post of the station is at a gate that does not exist, or for a school whose
        window or gate it is not.

    Notes
    -----
    A post that names no school is that of its window's school. A gate may serve two
    schools: a post may stand at the other's gate where the window uses it.
    """
    own = empty_layer("posts") if posts is None else posts
    if nowhere := sorted(set(own["gate_id"]) - set(gates.index)):
        raise InputError(
            f"posts name the gate {', '.join(nowhere)}, which does not exist. "
            "Add it, or correct the posts."
        )
    by_id = {window.window_id: window for window in windows}
    own = own[own["window_id"].isin(by_id)]
    own = own.assign(school_id=[_school_of(p, by_id[p.window_id], gates) for p in own.itertuples()])
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


def _school_of(post: Any, window: PeakWindow, gates: gpd.GeoDataFrame) -> str:  # noqa: ANN401
    """Give the school a post is for; all that names it must agree."""
    school_id = post.school_id or window.school_id
    if school_id != window.school_id:
        raise InputError(
            f"posts: {post.Index} is for the school '{school_id}', but its window "
            f"'{window.window_id}' is one of '{window.school_id}'. Correct one of them."
        )
    owner = gates["school_id"][post.gate_id]
    if owner != school_id and post.gate_id not in window.gate_ids:
        raise InputError(
            f"posts: {post.Index} is for the school '{school_id}', but the gate "
            f"'{post.gate_id}' is one of '{owner}'. Correct one of them, or let the bells of "
            f"'{school_id}' name the gate."
        )
    return str(school_id)


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

    Helpers (school guards, volunteers, parents) are counted by school and window. First
    each goes where somebody of his role must be; an auxiliary's place may also be an
    officer's. The others then fill the posts that need most people first, in the order of
    the vocabulary: school guards before volunteers before parents. The place of a role that
    crews bring is never filled by another: nobody stands in for the police.

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
        The posts in their order with four columns: ``helpers``, how many helpers stand
        there; ``helper_roles``, who they are, such as ``school_guard=1,parent=2``;
        ``left``, the people still to come from crews; and ``role_left``, the role one of
        those must have, empty where anybody will do.
    """
    police = set(ROLES_OF_CREWS).union(*(unit.people for unit in units))
    people = posts["people"].astype("int64")
    at_hand = _count_helpers(helpers)
    standing: dict[object, dict[str, int]] = {post_id: {} for post_id in posts.index}
    role_left = {}
    for post_id, role in sorted(posts["role_needed"].items(), key=_officers_first):
        asked = {"auxiliary": ("auxiliary", "officer")}.get(role, (role,))
        pool = at_hand.get((posts["school_id"][post_id], posts["window_id"][post_id]), {})
        standing[post_id] = _send(pool, 1, asked)
        role_left[post_id] = "" if standing[post_id] or role not in police else role
    room = {i: n - max(_count(standing[i]), int(role_left[i] != "")) for i, n in people.items()}
    for post_id in sorted(posts.index, key=lambda post: (-room[post], str(post))):
        pool = at_hand.get((posts["school_id"][post_id], posts["window_id"][post_id]), {})
        for role, sent in _send(pool, room[post_id], tuple(pool)).items():
            standing[post_id][role] = standing[post_id].get(role, 0) + sent
    placed = pd.Series({post: _count(sent) for post, sent in standing.items()}, dtype="int64")
    roles = {post: ",".join(f"{r}={n}" for r, n in sent.items()) for post, sent in standing.items()}
    return posts.assign(
        helpers=placed,
        helper_roles=pd.Series(roles, dtype="str"),
        left=people - placed,
        role_left=pd.Series(role_left, dtype="str"),
    )


def _officers_first(post: tuple[object, str]) -> tuple[bool, str]:
    """Order posts so that no officer takes an auxiliary's place before all officers' are filled."""
    post_id, role = post
    return role != "officer", str(post_id)


def _count(standing: Mapping[str, int]) -> int:
    return sum(standing.values())


def _count_helpers(helpers: pd.DataFrame) -> dict[tuple[str, str], dict[str, int]]:
    """Count helpers by school and window, and there by role, in the order they are sent."""
    order = list(codes("role"))
    counts: dict[tuple[str, str], dict[str, int]] = {}
    for row in sorted(helpers.itertuples(), key=lambda row: order.index(row.role)):
        at_place = counts.setdefault((row.school_id, row.window_id), {})
        at_place[row.role] = at_place.get(row.role, 0) + int(row.count)
    return counts


def _send(at_hand: dict[str, int], most: int, roles: Sequence[str]) -> dict[str, int]:
    """Take up to so many of the helpers at hand who have one of the roles; leave the others."""
    sent: dict[str, int] = {}
    for role in roles:
        number = min(at_hand.get(role, 0), most - _count(sent))
        if number > 0:
            sent[role] = number
            at_hand[role] -= number
    return sent
