"""Demo, messy precinct and Nanjing: the people-minutes at posts are the most there can be."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from patrolmap import workflow
from patrolmap.planning.engine import plan_patrol
from patrolmap.planning.scorecard import summarize
from patrolmap.workflow.demo import DEMO_DATE
from patrolmap.workflow.task import set_task, survey
from tests.planning.staffing import best_staffing, filled_places, person_seconds
from tests.workflow.building import build_demo_lists, build_messy

ITERATIONS = 4000  # about two seconds of the five that a plan takes


def build_nanjing(path: Path, shared_data: Path) -> None:
    workflow.new_precinct(path, osm=shared_data / "osm" / "nanjing-centre.osm.pbf")
    workflow.make_cells(path)


BUILDERS: dict[str, Callable[[Path, Path], object]] = {
    "demo": lambda path, _: build_demo_lists(path),
    "messy": lambda path, _: build_messy(path),
    "nanjing": build_nanjing,
}
# people-minutes asked of crews, and the most that those there are can give
KNOWN = {"demo": (960, 890), "messy": (12_785, 1_480), "nanjing": (3_250, 2_790)}


@pytest.mark.parametrize("name", BUILDERS)
def test_posts_are_manned_as_much_as_crews_can_and_then_by_pupils(
    name: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    data = request.getfixturevalue("shared_data") if name == "nanjing" else tmp_path
    path = tmp_path / "p.gpkg"
    BUILDERS[name](path, data)
    precinct = workflow.open_precinct(path)
    task = set_task(survey(precinct), workflow.read_day(precinct, DEMO_DATE))
    units = task.ground.units
    plan = plan_patrol(
        task.stops, units, task.times, distances=task.distances, seed=1,
        iterations=ITERATIONS, time_limit_s=None,
    )  # fmt: skip
    posts = task.stops[task.stops["kind"] == "post"]
    filled, each_s = filled_places(posts, plan.unserved), person_seconds(posts)
    most_s = best_staffing(posts, units, task.times, each_s)
    figures = summarize(plan, units=units)
    asked, given = (figures[f"post_people_min_{what}"] for what in ("required", "manned"))
    assert (asked, given) == KNOWN[name]
    assert given == (filled * each_s).sum() / 60 == most_s / 60
    pupils = posts["pupils"] / posts["people"]
    best = best_staffing(posts, units, task.times, pupils, at_least=(each_s, most_s))
    assert (filled * pupils).sum() == pytest.approx(best, rel=1e-6)
