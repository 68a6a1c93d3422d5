"""The public names: all there, said once, and with the parameters people were promised."""

from __future__ import annotations

import ast
import dataclasses
import inspect
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

import patrolmap

# What a script may rely on: parameters in order, keyword-only ones after the star.
SIGNATURES = {
    "read_layer": "path layer * datum encoding columns",
    "read_osm": "path",
    "build_network": "streets",
    "make_grid": "area * cell_size_m",
    "make_school_grid": "schools * cell_size_m reach_m",
    "kernel_density": "points cells * bandwidth_m weights",
    "network_density": "points network * bandwidth_m weights",
    "gi_star": "counts cells * distance_m",
    "check_distances": "schools gates venues rules * network region on_date datum_error_m",
    "pai": "score events cells * coverage size",
    "score_priority": "cells",
    "travel_times": "network places * mode",
    "staff_posts": "posts helpers units",
    "make_stops": "",
    "plan_patrol": "stops units times * distances date previous at_s locked"
    " seed iterations time_limit_s on_progress",
    "lay_routes": "plan network",
    "summarize": "plan",
    "draw_map": "",
    "write_plan": "plan path * unit_id context",
}
DEFAULTS = {
    "read_layer": {"datum": None, "encoding": None, "columns": None},
    "make_grid": {"cell_size_m": 100},
    "make_school_grid": {"cell_size_m": 100, "reach_m": 300},
    "kernel_density": {"weights": None},
    "plan_patrol": {"seed": 0, "iterations": None, "time_limit_s": 5.0, "locked": ()},
    "write_plan": {"unit_id": None, "context": None},
    "check_distances": {"network": None, "region": None, "on_date": None, "datum_error_m": 0.0},
}
NOUNS = {"PeakWindow", "Break", "Unit", "Visit", "Leg", "Route", "Plan"}


def _typed_imports() -> dict[str, str]:
    """Give the names that `__init__` imports for type checkers, with their rooms."""
    tree = ast.parse(Path(patrolmap.__file__).read_text(encoding="utf-8"))
    return {
        name.name: str(found.module).removeprefix("patrolmap.")
        for block in tree.body
        if isinstance(block, ast.If)
        for found in block.body
        if isinstance(found, ast.ImportFrom)
        for name in found.names
    }


@pytest.mark.parametrize("name", patrolmap.__all__)
def test_every_public_name_can_be_imported_and_is_explained(name: str) -> None:
    thing = getattr(patrolmap, name)
    assert thing is getattr(import_module(thing.__module__), name)
    assert inspect.getdoc(thing)


def test_the_three_lists_of_names_agree() -> None:
    assert sorted(patrolmap.__all__) == patrolmap.__all__
    assert set(patrolmap.__all__) == set(patrolmap._HOMES)
    assert _typed_imports() == patrolmap._HOMES
    assert dir(patrolmap) == patrolmap.__all__


def test_names_stand_in_the_rooms_that_own_them() -> None:
    for name, room in patrolmap._HOMES.items():
        assert getattr(patrolmap, name).__module__ == f"patrolmap.{room}"


def test_what_was_promised_is_public() -> None:
    assert set(SIGNATURES) | NOUNS <= set(patrolmap.__all__)
    assert all(dataclasses.is_dataclass(getattr(patrolmap, noun)) for noun in NOUNS)


@pytest.mark.parametrize("name", SIGNATURES)
def test_parameters_keep_their_names_and_order(name: str) -> None:
    """More may follow as keywords; those promised stay where they are."""
    positional, _, keywords = SIGNATURES[name].partition("*")
    known = inspect.signature(getattr(patrolmap, name)).parameters
    assert list(known)[: len(positional.split())] == positional.split()
    assert all(known[key].kind == inspect.Parameter.KEYWORD_ONLY for key in keywords.split())
    defaults = {key: known[key].default for key in DEFAULTS.get(name, {})}
    assert defaults == DEFAULTS.get(name, {})


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'no_such_name'"):
        _ = patrolmap.no_such_name


@pytest.mark.parametrize("name", ["PeakWindow", "Break", "Unit", "Visit", "Leg", "Route", "Plan"])
def test_the_nouns_are_frozen_dataclasses(name: str) -> None:
    assert getattr(patrolmap, name).__dataclass_params__.frozen


def test_importing_the_package_loads_nothing_heavy() -> None:
    script = "import sys, patrolmap; print(*({'geopandas', 'pandas', 'numpy'} & set(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == ""
