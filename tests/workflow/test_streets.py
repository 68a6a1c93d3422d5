from __future__ import annotations

from pathlib import Path

import pytest

from patrolmap import workflow
from patrolmap.workflow.streets import sights, street_network


def test_the_streets_of_a_file_are_made_once_and_anew_when_it_changes(tiny_file: Path) -> None:
    precinct = workflow.open_precinct(tiny_file)
    network = street_network(precinct)
    assert street_network(workflow.open_precinct(tiny_file)) is network
    workflow.make_cells(tiny_file, cell_size_m=50)
    assert street_network(workflow.open_precinct(tiny_file)) is not network


def test_walkers_wait_at_the_corners_that_have_a_crossing(tiny_file: Path) -> None:
    """Of T1, T2 and T3 only the signals at (200, 100) stand at a corner."""
    wait_s = street_network(workflow.open_precinct(tiny_file)).wait_s
    assert sorted(wait_s[wait_s > 0]) == [30]


def test_what_a_patrol_should_walk_by_weighs_as_its_part_of_the_priority(tiny_file: Path) -> None:
    """Twelve incidents by severity, eight venues, three crossings, two open hazards, four gates."""
    precinct = workflow.open_precinct(tiny_file)
    found = sights(precinct)
    weights = precinct.settings.weights
    assert found["weight"].sum() == pytest.approx(
        precinct["incidents"]["severity"].sum() * weights["incidents"]
        + 8 * weights["venues"]
        + 3 * weights["traffic"]
        + 2 * weights["hazards"]
        + 4 * weights["pupils"]
    )
