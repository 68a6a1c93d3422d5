"""A plan changed while it is carried out: from where crews are, and lawful in every part."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import shapely

from patrolmap import workflow
from patrolmap.errors import InputError
from patrolmap.model.plan import Plan, Route, Visit
from patrolmap.workflow import Changes, Incident
from patrolmap.workflow.demo import DEMO_DATE
from patrolmap.workflow.scene import Scene
from tests.plan_checker import GoingOn, faults
from tests.workflow.building import FEW

AT = dt.time(7, 52)
AT_S = 7 * 3600 + 52 * 60
BUDGET = {"iterations": FEW, "time_limit_s": 600.0}
PLAN_ID = f"{DEMO_DATE}-1"


@pytest.fixture
def demo_copy(demo_file: Path, tmp_path: Path) -> Path:
    """The demo precinct with one plan; a copy of one's own."""
    return Path(shutil.copy(demo_file, tmp_path / "demo.gpkg"))


@pytest.fixture
def change(demo_copy: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Plan]:
    """Change the demo's plan, and have the result judged by the matrices of the change."""
    scenes: list[Scene] = []
    finish = Scene.finish

    def noted(self: Scene, *told: object) -> Plan:
        scenes.append(self)
        return finish(self, *told)

    def changed(at: dt.time = AT, **what: object) -> Plan:
        monkeypatch.setattr(Scene, "finish", noted)
        _, plan = workflow.replan_day(demo_copy, PLAN_ID, at, Changes(**what), **BUDGET)
        scene = scenes[-1]
        going_on = {
            unit_id: GoingOn(scene.at_s, **told)
            for unit_id, told in plan.settings["replanned"]["crews"].items()
        }
        metres = {mode: known.metres for mode, known in scene.travel.items()}
        assert faults(plan, scene.ground.units, scene.times, metres, going_on=going_on) == []
        _past_stays(workflow.read_plan(demo_copy, PLAN_ID), plan, scene.at_s)
        return plan

    return changed


def _past_stays(before: Plan, after: Plan, at_s: int) -> None:
    """What was done by then stays; what was being done stays or is broken off."""
    for route in before.routes:
        past = [visit for visit in route.visits if visit.start_s < at_s]
        kept = after.route(route.unit_id).visits[: len(past)]
        over = [visit for visit in past if visit.end_s <= at_s]
        assert list(kept[: len(over)]) == over
        assert [visit.start_s for visit in kept] == [visit.start_s for visit in past]


def time_of(at_s: int) -> dt.time:
    return dt.time(at_s // 3600, at_s // 60 % 60, at_s % 60)


def first(plan: Plan, wanted: Callable[[Route, Visit], bool]) -> tuple[str, Visit]:
    """Find the first visit of a kind, and its crew."""
    return next(
        (route.unit_id, visit)
        for route in plan.routes
        for visit in route.visits
        if not visit.is_break and wanted(route, visit)
    )


def test_where_nothing_happened_nothing_changes(demo_file: Path, change: Callable[..., Plan]):
    before, after = workflow.read_plan(demo_file, PLAN_ID), change()
    told = after.settings["changes"]
    assert (told["moved"], told["dropped"], told["added"]) == (0, 0, 0)
    assert told["kept"] > 100
    for old, new in zip(before.routes, after.routes, strict=True):
        assert old.visits == new.visits
        assert [leg.stop_id for leg in old.legs] == [leg.stop_id for leg in new.legs]


def test_the_old_plan_is_not_touched_and_the_new_one_says_where_it_comes_from(demo_copy: Path):
    before = workflow.read_plan(demo_copy, PLAN_ID)
    new_id, plan = workflow.replan_day(demo_copy, None, AT, Changes(), **BUDGET)
    assert new_id == f"{DEMO_DATE}-2"
    assert workflow.read_plan(demo_copy, PLAN_ID).routes == before.routes
    assert plan.status == "draft"
    assert plan.settings["replanned"]["of"] == PLAN_ID
    assert plan.settings["replanned"]["at_s"] == AT_S
    assert set(plan.stops.index) == set(before.stops.index)


def test_a_changed_plan_can_be_changed_again(demo_copy: Path):
    gate = workflow.open_precinct(demo_copy)["gates"].geometry.iloc[0]
    for number, at in enumerate((dt.time(9), dt.time(10), dt.time(11)), start=2):
        incident = Incident(gate.x, gate.y)
        changes = Changes(incidents=(incident,))
        new_id, plan = workflow.replan_day(demo_copy, None, at, changes, **BUDGET)
        assert new_id == f"{DEMO_DATE}-{number}"
    calls = plan.stops.index[plan.stops["kind"] == "incident"]
    assert len(calls) == 3
    assert plan.unserved.index.intersection(calls).empty


def test_a_crew_on_its_way_is_turned_on_the_spot(demo_file: Path):
    """Its position is on the line of its leg, where the leg's times say it is at that time."""
    plan, precinct = workflow.read_plan(demo_file, PLAN_ID), workflow.open_precinct(demo_file)
    leg, unit_id = next(
        (leg, route.unit_id)
        for route in plan.routes
        for leg in route.legs
        if leg.kind == "travel" and leg.times_s[-1] - leg.times_s[0] > 120 and leg.stop_id
    )
    at_s = int(sum(leg.times_s[:: len(leg.times_s) - 1]) / 2)
    scene = Scene.set(precinct, plan, at_s, Changes())
    known = scene.crews[unit_id]
    assert known.underway.free_s == at_s
    assert known.point.distance(leg.line) < 1e-9
    gone = leg.line.project(known.point, normalized=True)
    vertices = [leg.line.project(type(known.point)(xy), normalized=True) for xy in leg.line.coords]
    assert np.interp(at_s, leg.times_s, vertices) == pytest.approx(gone, abs=1e-3)


def test_the_rest_of_a_way_takes_what_the_streets_say_to_a_second(demo_file: Path):
    """A crew that just goes on arrives as planned; the streets agree but for rounding."""
    plan, precinct = workflow.read_plan(demo_file, PLAN_ID), workflow.open_precinct(demo_file)
    scene = Scene.set(precinct, plan, 9 * 3600 + 1234, Changes())
    turned = {u: known for u, known in scene.crews.items() if known.point is not None}
    assert turned
    modes = {unit.unit_id: unit.mode for unit in scene.ground.units}
    for unit_id, known in turned.items():
        to = plan.stops["place_id"][known.heading.stop_id]
        here, mode = known.underway.place_id, modes[unit_id]
        measured = scene.travel[mode].seconds.loc[here, to]
        assert abs(scene.times[mode].loc[here, to] - measured) <= 3


def test_a_crew_nearby_goes_to_an_incident_at_once_and_breaks_off_its_patrol(
    demo_file: Path, change: Callable[..., Plan]
):
    before = workflow.read_plan(demo_file, PLAN_ID)
    unit_id, visit = first(
        before,
        lambda _, visit: (
            before.stops["kind"][visit.stop_id] == "patrol" and visit.start_s > 9 * 3600
        ),
    )
    spot = before.stops.loc[visit.stop_id]
    at_s = visit.start_s + 120
    at = time_of(at_s)
    plan = change(at, incidents=(Incident(spot.lon, spot.lat, minutes=20),))
    (answer,) = plan.settings["replanned"]["calls"][f"incident:{at_s}:1"]
    assert answer["unit_id"] == unit_id
    assert answer["arrive_s"] - at_s < 600
    assert {"unit_id": unit_id, "stop_id": visit.stop_id} in plan.settings["replanned"][
        "broken_off"
    ]
    call = f"incident:{at_s}:1"
    stays = {v.stop_id: v for v in plan.route(unit_id).visits}
    assert stays[visit.stop_id].end_s == at_s
    assert stays[call].start_s == answer["arrive_s"]
    assert stays[call].end_s - stays[call].start_s == 20 * 60


def test_people_nobody_can_send_are_told(demo_file: Path, change: Callable[..., Plan]):
    gate = workflow.open_precinct(demo_file)["gates"].geometry.iloc[0]
    plan = change(dt.time(9), incidents=(Incident(gate.x, gate.y, people=99),))
    missing = f"incident:{9 * 3600}:1:missing"
    assert plan.unserved["people_missing"][missing] > 70
    assert "is there at 09:" in workflow.calls_text(plan, "en")[0]


def test_a_crew_lost_from_a_post_is_relieved_and_leaves_what_it_did(
    demo_file: Path, change: Callable[..., Plan]
):
    before = workflow.read_plan(demo_file, PLAN_ID)
    unit_id, visit = first(
        before,
        lambda _, visit: (
            before.stops["required"][visit.stop_id] and visit.end_s - visit.start_s > 1800
        ),
    )
    plan = change(time_of(visit.start_s + 300), lost={unit_id: None})
    last = plan.route(unit_id).visits[-1]
    assert (last.start_s, last.end_s) == (visit.start_s, visit.start_s + 300)
    relief = [i for i in plan.stops.index if ":relief:" in i]
    assert relief
    assert plan.settings["replanned"]["lost"] == {unit_id: visit.start_s + 300}


def test_a_crew_that_leaves_later_is_home_by_then(change: Callable[..., Plan]):
    plan = change(dt.time(9), lost={"澄03": 11 * 3600})
    last = plan.route("澄03").visits[-1]
    assert 9 * 3600 < last.end_s <= 11 * 3600


def test_a_stop_taken_out_and_cells_that_are_closed_say_so(
    demo_file: Path, change: Callable[..., Plan]
):
    before = workflow.read_plan(demo_file, PLAN_ID)
    unit_id, out = first(before, lambda _, visit: visit.start_s > 10 * 3600)
    visits = [visit for visit in before.route(unit_id).visits if not visit.is_break]
    number = 1 + visits.index(out)
    label = workflow.open_precinct(demo_file)["cells"]["label"].iloc[5]
    cell = workflow.open_precinct(demo_file)["cells"].index[5]
    plan = change(dt.time(9), excluded=(f"{unit_id}:{number}",), banned_cells=(label,))
    assert plan.unserved["reason"][out.stop_id] == "taken_out"
    to_come = [v.stop_id for r in plan.routes for v in r.visits if v.start_s >= 9 * 3600]
    places = plan.stops["place_id"].reindex(to_come).dropna()
    assert f"cell:{cell}" not in set(places)


def test_a_locked_stop_stays_with_its_crew(demo_file: Path, change: Callable[..., Plan]):
    before = workflow.read_plan(demo_file, PLAN_ID)
    unit_id, stop = first(before, lambda _, visit: visit.start_s > 12 * 3600)
    plan = change(dt.time(9), locked=(stop.stop_id,), lost={"澄03": None})
    if unit_id != "澄03":
        assert stop.stop_id in {visit.stop_id for visit in plan.route(unit_id).visits}


def test_nobody_uses_a_closed_street(demo_file: Path, change: Callable[..., Plan]):
    """The street that most legs to come pass in the old plan carries none in the new one."""
    before, precinct = workflow.read_plan(demo_file, PLAN_ID), workflow.open_precinct(demo_file)
    streets = precinct["streets"]
    at_s = 10 * 3600
    to_come = [
        leg.line
        for route in before.routes
        for leg in route.legs
        if leg.kind == "travel" and leg.times_s[0] >= at_s
    ]
    lines = pd.Series(to_come)
    points = shapely.line_interpolate_point(streets.geometry.to_numpy(), 0.5, normalized=True)
    middle = pd.Series(points, streets.index)
    busiest = max(middle.index, key=lambda i: int((lines.map(middle[i].distance) < 1e-7).sum()))
    plan = change(dt.time(10), banned_streets=(busiest,))
    fresh = [
        leg.line
        for route in plan.routes
        for leg in route.legs
        if leg.times_s[0] >= at_s and leg.kind == "travel"
    ]
    assert not any(line.distance(middle[busiest]) < 1e-7 for line in fresh)


def test_crews_may_join(change: Callable[..., Plan], write: Callable[..., Path], demo_file: Path):
    base = workflow.open_precinct(demo_file)["bases"].index[0]
    file = write(
        "more.csv",
        "unit_id,mode,start_id,end_id,shift_start_s,shift_end_s,officers,auxiliaries",
        f"增01,walk,{base},{base},08:00,18:00,2,0",
    )
    plan = change(units_file=file)
    assert plan.settings["replanned"]["joined"] == ["增01"]
    assert len(plan.route("增01").visits) > 3


@pytest.mark.parametrize(
    ("what", "words"),
    [
        ({"lost": {"P99": None}}, "no crew P99"),
        ({"excluded": ("P99:3",)}, "no stop 'P99:3'"),
        ({"banned_cells": ("X9",)}, "No cell is called X9"),
        ({"banned_streets": ("no-street",)}, "No street is called no-street"),
        ({"locked": ("澄02:1",)}, "began at"),
    ],
)
def test_what_is_not_there_is_refused(demo_copy: Path, what: dict[str, object], words: str):
    with pytest.raises(InputError, match=words):
        workflow.replan_day(demo_copy, PLAN_ID, dt.time(12), Changes(**what), **BUDGET)
    assert len(workflow.list_plans(demo_copy)) == 1


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_summary_says_who_stays_and_what_changes_for_whom(
    change: Callable[..., Plan], language: str
):
    plan = change(dt.time(9), lost={"澄03": None})
    text, table = workflow.replan_summary(plan, language), workflow.replan_table(plan, language)
    assert "09:00" in text.splitlines()[0]
    assert "澄03" in set(table.iloc[:, 0])
    assert len(text.splitlines()) > len(table)


@pytest.mark.parametrize(
    ("text", "minutes", "people"),
    [("G041", 15, 1), ("G041,20", 20, 1), ("G041, 20, 3", 20, 3), ("119.97,31.775,5,2", 5, 2)],
)
def test_an_incident_is_read_from_a_text(demo_file: Path, text: str, minutes: int, people: int):
    incident = workflow.read_incident(workflow.open_precinct(demo_file), text)
    assert (incident.minutes, incident.people) == (minutes, people)


@pytest.mark.parametrize("text", ["nowhere", "31.775,119.97", "G041,0", "G041,x", "G041,1,2,3"])
def test_an_incident_nobody_can_find_is_refused(demo_file: Path, text: str):
    with pytest.raises(InputError):
        workflow.read_incident(workflow.open_precinct(demo_file), text)


def test_a_plan_kept_without_its_crews_is_changed_with_the_precincts(demo_file: Path):
    plan, precinct = workflow.read_plan(demo_file, PLAN_ID), workflow.open_precinct(demo_file)
    older = replace(plan, settings={k: v for k, v in plan.settings.items() if k != "crews"})
    one, two = (Scene.set(precinct, each, AT_S, Changes()).ground.units for each in (plan, older))
    assert one == two
