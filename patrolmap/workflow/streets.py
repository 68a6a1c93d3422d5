"""The street network of a precinct, made once for each state of its file."""

from __future__ import annotations

from collections import OrderedDict
from pathlib import Path
from threading import Lock
from typing import Final

import geopandas as gpd
import pandas as pd

from patrolmap.model.contracts import CRS
from patrolmap.model.network import Network, build_network
from patrolmap.planning.street_rules import close_campuses, wait_at_crossings
from patrolmap.workflow.precinct import Precinct

KEPT: Final = 4  # networks; a city's takes some tens of megabytes

_networks: OrderedDict[tuple[Path, int, int], Network] = OrderedDict()
_lock = Lock()


def street_network(precinct: Precinct) -> Network:
    """
    Give the streets as patrols use them: walkers wait at crossings, campuses are closed.

    The network of a file that did not change is made once, and so are the indices it keeps.
    """
    key = (precinct.path.resolve(), precinct.path.stat().st_ino, precinct.revision)
    with _lock:
        if key not in _networks:
            _networks[key] = _build(precinct)
        _networks.move_to_end(key)
        while len(_networks) > KEPT:
            _networks.popitem(last=False)
        return _networks[key]


def sights(precinct: Precinct) -> gpd.GeoDataFrame:
    """
    Gather what a patrol should walk by, with the weight of the priority part it belongs to.

    Incidents count by their severity besides, hazards as long as they are open.
    """
    weights, hazards = precinct.settings.weights, precinct["hazards"]
    incidents, traffic = precinct["incidents"], precinct["traffic_points"]
    crossings = traffic[traffic["kind"].isin(["crossing", "signals"])]
    found = [
        _weighed(incidents, incidents["severity"].astype("float64") * weights["incidents"]),
        _weighed(precinct["venues"], weights["venues"]),
        _weighed(crossings, weights["traffic"]),
        _weighed(hazards[hazards["closed_on"].isna()], weights["hazards"]),
        _weighed(precinct["gates"], weights["pupils"]),
    ]
    return gpd.GeoDataFrame(pd.concat(found, ignore_index=True), crs=CRS)


def _weighed(layer: gpd.GeoDataFrame, weight: float | pd.Series) -> gpd.GeoDataFrame:
    return layer[["geometry"]].assign(weight=weight)


def _build(precinct: Precinct) -> Network:
    settings, streets = precinct.settings, precinct["streets"]
    network = build_network(streets, metric_crs=settings.metric_crs, walk_mps=settings.walk_mps)
    network = wait_at_crossings(
        network,
        precinct["traffic_points"],
        signal_wait_s=settings.signal_wait_s,
        crossing_wait_s=settings.crossing_wait_s,
    )
    return close_campuses(network, streets, precinct["schools"])
