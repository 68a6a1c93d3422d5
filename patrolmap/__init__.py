"""
patrolmap plans school-safety patrols: places and times, never people.

The public names are loaded when they are first used, so that the command line starts
at once and a script pays only for the rooms it enters.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from patrolmap.delivery.exchange import write_plan
    from patrolmap.delivery.maps import draw_map
    from patrolmap.intake.osm import OsmExtract, read_osm
    from patrolmap.intake.tables import read_layer
    from patrolmap.model.calendar import PeakWindow
    from patrolmap.model.network import Network, build_network
    from patrolmap.model.plan import Leg, Plan, Route, Visit
    from patrolmap.model.units import Break, Unit
    from patrolmap.planning.beats import lay_routes
    from patrolmap.planning.engine import plan_patrol
    from patrolmap.planning.posts import staff_posts
    from patrolmap.planning.scorecard import summarize
    from patrolmap.planning.stops import make_stops
    from patrolmap.planning.travel import Travel, travel_times
    from patrolmap.planning.week import plan_days
    from patrolmap.risk.distances import check_distances
    from patrolmap.risk.evaluation import pai
    from patrolmap.risk.grid import make_grid, make_school_grid
    from patrolmap.risk.hotspots import gi_star, kernel_density
    from patrolmap.risk.priority import score_priority
    from patrolmap.risk.street_density import network_density

_HOMES = {
    "Break": "model.units",
    "Leg": "model.plan",
    "Network": "model.network",
    "OsmExtract": "intake.osm",
    "PeakWindow": "model.calendar",
    "Plan": "model.plan",
    "Route": "model.plan",
    "Travel": "planning.travel",
    "Unit": "model.units",
    "Visit": "model.plan",
    "build_network": "model.network",
    "check_distances": "risk.distances",
    "draw_map": "delivery.maps",
    "gi_star": "risk.hotspots",
    "kernel_density": "risk.hotspots",
    "lay_routes": "planning.beats",
    "make_grid": "risk.grid",
    "make_school_grid": "risk.grid",
    "make_stops": "planning.stops",
    "network_density": "risk.street_density",
    "pai": "risk.evaluation",
    "plan_days": "planning.week",
    "plan_patrol": "planning.engine",
    "read_layer": "intake.tables",
    "read_osm": "intake.osm",
    "score_priority": "risk.priority",
    "staff_posts": "planning.posts",
    "summarize": "planning.scorecard",
    "travel_times": "planning.travel",
    "write_plan": "delivery.exchange",
}

__all__ = [
    "Break",
    "Leg",
    "Network",
    "OsmExtract",
    "PeakWindow",
    "Plan",
    "Route",
    "Travel",
    "Unit",
    "Visit",
    "build_network",
    "check_distances",
    "draw_map",
    "gi_star",
    "kernel_density",
    "lay_routes",
    "make_grid",
    "make_school_grid",
    "make_stops",
    "network_density",
    "pai",
    "plan_days",
    "plan_patrol",
    "read_layer",
    "read_osm",
    "score_priority",
    "staff_posts",
    "summarize",
    "travel_times",
    "write_plan",
]


def __getattr__(name: str) -> object:
    """Load a public name from its room."""
    if name not in _HOMES:
        raise AttributeError(f"module 'patrolmap' has no attribute '{name}'")
    return getattr(import_module(f"patrolmap.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    """List the public names."""
    return __all__
