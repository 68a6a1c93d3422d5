"""Maps in pieces make precincts one can use: every school is reached, or reported."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest

from patrolmap import workflow
from patrolmap.intake.checks import check_precinct
from patrolmap.model.network import build_network
from patrolmap.planning.travel import travel_times
from patrolmap.store import geopackage as store

# Extract: schools kept, and in how many pieces its walkable streets are at least.
EXTRACTS = {"porto-centre.osm.pbf": (47, 500), "nanjing-centre.osm.pbf": (14, 40)}


@dataclass(frozen=True)
class Torn:
    """A precinct of a map in pieces."""

    name: str
    path: Path
    precinct: workflow.Precinct

    def reached(self) -> set[str]:
        """Find the schools whose gates most others can be walked to from."""
        gates, crs = self.precinct["gates"], self.precinct.settings.metric_crs
        network = build_network(self.precinct["streets"], metric_crs=crs)
        seconds = travel_times(network, gates.geometry, mode="walk").seconds
        joined = seconds.notna().sum(axis=1) > len(gates) / 2
        return set(gates.loc[joined[joined].index, "school_id"])

    def cut_off(self, **changed: pd.DataFrame) -> set[str]:
        """Give the schools reported as cut off."""
        frames = store.read_frames(self.path) | changed
        found = check_precinct(frames, metric_crs=self.precinct.settings.metric_crs)
        return set(found.loc[found["code"] == "school_cut_off", "row_id"])


@pytest.fixture(scope="module", params=EXTRACTS)
def torn(
    request: pytest.FixtureRequest, shared_data: Path, tmp_path_factory: pytest.TempPathFactory
) -> Torn:
    path = tmp_path_factory.mktemp("torn") / "p.gpkg"
    workflow.new_precinct(path, osm=shared_data / "osm" / request.param)
    return Torn(request.param, path, workflow.open_precinct(path))


def test_every_school_is_reached_or_reported(torn: Torn) -> None:
    schools = set(torn.precinct["schools"].index)
    assert len(schools) == EXTRACTS[torn.name][0]
    assert torn.reached() | torn.cut_off() == schools
    assert torn.reached() & torn.cut_off() == set()


def test_the_pieces_are_counted_with_the_share_of_the_largest(torn: Torn) -> None:
    found = workflow.check_precinct(torn.path, language="en")
    said = found.loc[found["finding_id"] == "streets_in_pieces:streets", "what"].item()
    assert int(said.split("are in ")[1].split()[0]) >= EXTRACTS[torn.name][1]
    assert "the largest holds" in said


def test_a_school_whose_streets_are_severed_is_reported(torn: Torn) -> None:
    """Take away the streets 60 to 1,200 m around one school: it stands on an island."""
    crs = torn.precinct.settings.metric_crs
    gates, streets = torn.precinct["gates"], torn.precinct["streets"]
    school = min(torn.reached())
    centre = gates[gates["school_id"] == school].to_crs(crs).geometry.union_all()
    lines = streets.geometry.to_crs(crs)
    ring = centre.buffer(1200).difference(centre.buffer(60))
    left: gpd.GeoDataFrame = streets[~lines.intersects(ring)]
    assert school in torn.cut_off(streets=left)


def test_no_school_of_a_usable_map_is_wrongly_called_none(torn: Torn) -> None:
    found = workflow.check_precinct(torn.path, language="en")
    codes = set(found["finding_id"].str.split(":").str[0])
    assert codes.isdisjoint({"not_for_pupils", "swapped", "outside", "gate_elsewhere"})
    assert not found["finding_id"].str.startswith("same_place:schools").any()
