"""Is a plan any better? Beside those made from the same data without a planner, and others."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd

from patrolmap.delivery.comparison import comparison_table, comparison_text, fault_table
from patrolmap.errors import InputError
from patrolmap.intake.hand_plan import read_hand_plan
from patrolmap.model.language import Language
from patrolmap.model.plan import Plan
from patrolmap.model.units import Unit
from patrolmap.planning.baselines import RULES, Rule, make_baseline, repeat_plan
from patrolmap.planning.beats import lay_routes
from patrolmap.planning.bounds import patrol_prize_bound
from patrolmap.planning.by_hand import plan_by_hand
from patrolmap.planning.request import Matrices
from patrolmap.planning.scorecard import summarize
from patrolmap.store import geopackage as store
from patrolmap.workflow.changes import crews_of
from patrolmap.workflow.precinct import Precinct, open_precinct
from patrolmap.workflow.report import OnStep, silent
from patrolmap.workflow.streets import street_network
from patrolmap.workflow.task import Ground, places_of, responses_of, travel_between


@dataclass(frozen=True)
class Comparison:
    """
    A plan beside others.

    `cards` has a row a figure and a column a plan: ``plan`` first, then ``random``,
    ``nearest`` and ``cycle``, and ``before``, ``other`` and ``hand`` where there are such.
    `faults` lists what the plan made by hand does wrong.
    """

    plan_id: str
    plans: dict[str, Plan]
    cards: pd.DataFrame
    faults: pd.DataFrame

    def table(self, language: Language) -> pd.DataFrame:
        """Lay the scorecards side by side, in words."""
        return comparison_table(self.cards, language)

    def text(self, language: Language) -> str:
        """Say in one sentence whether the plan is better."""
        return comparison_text(self.cards, language)

    def fault_table(self, language: Language) -> pd.DataFrame:
        """List what the plan made by hand does wrong, in words."""
        return fault_table(self.faults, language)

    def record(self) -> dict[str, Any]:
        """Give the comparison to another program."""
        cards = {plan: self.cards[plan].dropna().to_dict() for plan in self.cards}
        return {"plan_id": self.plan_id, "cards": cards, "faults": self.faults.to_dict("records")}


def compare_plan(
    path: Path,
    plan_id: str | None = None,
    *,
    other_id: str | None = None,
    hand: Path | None = None,
    encoding: str | None = None,
    on_step: OnStep = silent,
) -> Comparison:
    """
    Measure a stored plan beside those that simple rules make from the same data.

    All have the same stops, crews and posts; only the patrols between the posts differ. Of
    the plans stored for days before, the last is repeated as far as it fits.

    Parameters
    ----------
    path, plan_id
        The precinct file and a plan in it, by default the newest.
    other_id
        Another stored plan, which is measured as it is.
    hand
        A plan made by hand: a table of crew, place, from and until.
    encoding
        Of that table.
    on_step
        Called with what is being done and the share done, 0 to 1.

    Raises
    ------
    InputError
        If a plan or the table cannot be used.
    """
    on_step("Reading the precinct", 0.05)
    precinct = open_precinct(path)
    plan_id = plan_id or _newest(path)
    plan = store.read_plan(path, plan_id)
    on_step("Measuring the streets", 0.2)
    judge = _Judge(precinct, plan, with_all_places=hand is not None)
    plans = {"plan": plan}
    for step, rule in enumerate(RULES):
        on_step("Making plans without a planner", 0.4 + 0.1 * step)
        plans[rule] = judge.by_rule(rule)
    before = _plan_before(path, plan)
    if before is not None:
        plans["before"] = judge.repeating(before)
    faults = pd.DataFrame(columns=["row", "unit_id", "place", "fault", "at_s", "minutes"])
    if hand is not None:
        plans["hand"], faults = judge.by_hand(hand, encoding)
    on_step("Measuring the plans", 0.8)
    cards = {name: judge.card(each) for name, each in plans.items()}
    if other_id is not None:
        plans["other"] = store.read_plan(path, other_id)
        cards["other"] = _Judge(precinct, plans["other"]).card(plans["other"])
    on_step("Done", 1.0)
    return Comparison(plan_id, plans, pd.DataFrame(cards), faults)


def _newest(path: Path) -> str:
    known = store.list_plans(path)
    if known.empty:
        raise InputError(f"{Path(path).name} has no plan yet. Make one: patrolmap plan.")
    return str(known.index[-1])


def _plan_before(path: Path, plan: Plan) -> Plan | None:
    """Find the last plan of the nearest day before."""
    known = store.list_plans(path)
    earlier = known[known["date"] < plan.date.isoformat()]
    if earlier.empty:
        return None
    last = earlier.index[earlier["date"] == earlier["date"].max()][-1]
    return store.read_plan(path, str(last))


class _Judge:
    """Measures plans for the stops, crews and streets of one plan."""

    def __init__(self, precinct: Precinct, plan: Plan, *, with_all_places: bool = False) -> None:
        self.plan = plan
        network = street_network(precinct)
        self.ground = Ground(precinct, crews_of(plan, precinct), network, gpd.GeoDataFrame())
        self.places = places_of(precinct, plan.stops)
        if with_all_places:
            self.places = _with_all(self.places, precinct)
        snap_m = precinct.settings.snap_m
        self.travel = travel_between(network, self.places, self.ground.units, snap_m)
        self.times: Matrices = {mode: known.seconds for mode, known in self.travel.items()}
        self.metres: Matrices = {mode: known.metres for mode, known in self.travel.items()}

    @property
    def units(self) -> list[Unit]:
        """The crews."""
        return self.ground.units

    def by_rule(self, rule: Rule) -> Plan:
        """Make the patrols by a simple rule."""
        made = make_baseline(self.plan, self.units, self.times, rule, distances=self.metres)
        return self._laid(made)

    def repeating(self, before: Plan) -> Plan:
        """Take the patrols of an earlier plan again."""
        made = repeat_plan(self.plan, before, self.units, self.times, distances=self.metres)
        return self._laid(made)

    def _laid(self, plan: Plan) -> Plan:
        return lay_routes(
            plan,
            self.ground.network,
            units=self.units,
            places=self.places,
            cells=self.ground.precinct["cells"],
            travel=self.travel,
        )

    def card(self, plan: Plan) -> pd.Series:
        """Measure a plan."""
        return summarize(
            plan,
            units=self.units,
            settings=self.ground.precinct.settings,
            responses=responses_of(self.ground, self.places, plan),
            bound=patrol_prize_bound(plan, self.units, self.times),
        )

    def by_hand(self, hand: Path, encoding: str | None) -> tuple[Plan, pd.DataFrame]:
        """Read a plan made by hand; its routes are not laid, for they may lead nowhere."""
        known = _names(self.ground.precinct)
        unit_ids = [unit.unit_id for unit in self.units]
        stays = read_hand_plan(hand, unit_ids=unit_ids, places=known, encoding=encoding)
        settings = self.ground.precinct.settings
        made, faults = plan_by_hand(
            stays, self.plan.stops, self.units, self.times, distances=self.metres,
            date=self.plan.date, settings=settings,
        )  # fmt: skip
        sites = self.places.geometry[made.stops["place_id"]]
        placed = made.stops.assign(lon=sites.x.to_numpy(), lat=sites.y.to_numpy())
        return replace(made, stops=placed), faults


def _with_all(places: gpd.GeoDataFrame, precinct: Precinct) -> gpd.GeoDataFrame:
    """Add all gates and the middles of all cells: a plan made by hand may go anywhere."""
    gates = precinct["gates"].geometry.rename(lambda gate: f"gate:{gate}")
    cells = precinct["cells"].geometry
    middles = cells.representative_point().rename(lambda cell: f"cell:{cell}")
    every = pd.concat([places.geometry, gates, middles])
    every = every[~every.index.duplicated()]
    return gpd.GeoDataFrame(geometry=every).rename_axis("place_id")


def _names(precinct: Precinct) -> dict[str, list[str]]:
    """Say what gates and cells may be called."""
    gates, schools = precinct["gates"], precinct["schools"]["name"]
    names: dict[str, list[str]] = {}
    for gate_id, gate in gates.iterrows():
        school = str(schools.get(gate["school_id"], ""))
        for name in (str(gate_id), f"gate:{gate_id}", gate["name"], f"{school}{gate['name']}"):
            if name:
                names.setdefault(name, []).append(f"gate:{gate_id}")
    for cell_id, label in precinct["cells"]["label"].items():
        for name in (str(cell_id), f"cell:{cell_id}", label):
            names.setdefault(name, []).append(f"cell:{cell_id}")
    return names
