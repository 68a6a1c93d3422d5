"""What a list does to the layers of a precinct: an update in place, or a new beginning."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from patrolmap.intake.merging import adopt_campuses
from patrolmap.intake.references import follow_ids, referring_layers
from patrolmap.intake.updates import COLUMNS, Policy, Update, compare_lists, update_layer
from patrolmap.model.contracts import AREA
from patrolmap.model.layers import check_layer, empty_layer
from patrolmap.model.settings import Settings
from patrolmap.store import changes as record
from patrolmap.store import geopackage as store

Frames = dict[str, pd.DataFrame]


def needed_layers(layer: str) -> tuple[str, ...]:
    """List the layers a list of one layer may change, and those it must know for that."""
    more = ("gates", "notes", "cells") if layer == "schools" else ()
    return tuple(dict.fromkeys((layer, *referring_layers(layer), *more)))


def plan_update(
    path: Path, layer: str, listed: pd.DataFrame, *, policy: Policy | None = None
) -> Update:
    """
    See what a list would do to a layer; nothing is written.

    Parameters
    ----------
    path
        The precinct file.
    layer
        Of the list.
    listed
        As `patrolmap.intake.tables.read_layer` gives it.
    policy
        What the list may do.
    """
    settings = store.read_settings(path)
    before = store.read_frames(path, needed_layers(layer))
    update, _ = apply_list(
        layer, listed, before, {}, settings, by_hand=record.by_hand(path, layer), policy=policy
    )
    return update


def apply_list(
    layer: str,
    listed: pd.DataFrame,
    before: Frames,
    changed: Frames,
    settings: Settings,
    *,
    by_hand: Mapping[str, frozenset[str]],
    policy: Policy | None = None,
) -> tuple[Update, pd.DataFrame]:
    """
    Put into `changed` what a list makes of a layer, and what must change with it.

    Returns
    -------
    update, notes
        What the list did, and for schools what became of those on the map.
    """
    policy = policy or Policy()
    if policy.replace:
        return _replace(layer, listed, before, changed, settings)
    told = listed.attrs["report"]
    update = update_layer(
        before[layer],
        listed,
        layer,
        metric_crs=settings.metric_crs,
        given={*told["columns"].values(), "geometry"},
        ids_given=not told["ids_made"],
        by_hand=by_hand,
        policy=policy,
    )
    changed[layer] = update.rows
    changed.update(follow_ids(before, layer, update.renamed))
    if layer != "schools":
        return update, empty_layer("notes")
    _drop_gates(update, before, changed)
    return update, _school_notes(before["schools"], update)


def _replace(
    layer: str, listed: pd.DataFrame, before: Frames, changed: Frames, settings: Settings
) -> tuple[Update, pd.DataFrame]:
    notes = empty_layer("notes")
    rows = listed
    if layer == "schools":
        rows, changed["gates"], notes = adopt_campuses(
            listed, before["schools"], before["gates"], metric_crs=settings.metric_crs
        )
    changed[layer] = rows
    return compare_lists(before[layer], rows, layer), notes


def _drop_gates(update: Update, before: Frames, changed: Frames) -> None:
    """Let the gates of schools that are no longer there go with them."""
    left = set(before["schools"].index.map(lambda i: update.renamed.get(i, i)))
    gone = left - set(update.rows.index)
    gates = changed.get("gates", before["gates"])
    if gates["school_id"].isin(gone).any():
        changed["gates"] = gates[~gates["school_id"].isin(gone)]


def gates_gone(before: Frames, changed: Frames) -> pd.DataFrame:
    """Tell of the gates that went with their schools, in the columns of `Update.told`."""
    gates = before["gates"]
    gone = gates.loc[gates.index.difference(changed.get("gates", gates).index, sort=False)]
    lines = {"row_id": gone.index, "name": gone["name"].to_numpy(), "old": gone["school_id"]}
    table = pd.DataFrame(lines).assign(what="removed", column="school_id", new="", moved_m=np.nan)
    return table.reset_index(drop=True)[list(COLUMNS)]


def _school_notes(mapped: pd.DataFrame, update: Update) -> pd.DataFrame:
    """Note of each school of before whether the list kept its campus, or lacks it."""
    gone = update.told[update.told["what"].isin(["gave_way", "removed"])]["row_id"]
    rows = []
    for school_id, school in mapped.iterrows():
        now = update.renamed.get(str(school_id), str(school_id))
        if school_id in set(gone) and now not in update.matched:
            rows.append(("not_in_list", str(school["name"]), str(school_id)))
        elif now != school_id and school.geometry.geom_type in AREA and now in update.matched:
            rows.append(("campus_adopted", str(school["name"]), f"{school_id} → {now}"))
    table = pd.DataFrame(rows, columns=["code", "subject", "detail"]).assign(layer="schools")
    return check_layer(table.set_axis([f"merged-{n}" for n in range(len(rows))]), "notes")
