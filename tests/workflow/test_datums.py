"""A list that the map says is shifted is asked about, and believed if its owner is sure."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import shapely

from patrolmap.errors import DatumError
from patrolmap.intake.datum import from_wgs84
from patrolmap.store import geopackage as store
from patrolmap.workflow import add_layer, new_precinct


@pytest.fixture(scope="module")
def made(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("datums") / "nanjing.gpkg"
    new_precinct(path, osm=shared_data / "osm" / "nanjing-centre.osm.pbf")
    return path


@pytest.fixture
def schools(made: Path, tmp_path: Path) -> Path:
    """Write the schools of the map as a list from Amap would have them."""
    frame = store.read_frame(made, "schools")
    points = shapely.get_coordinates(frame.geometry.representative_point().array)
    lon, lat = from_wgs84(*points.T, "gcj02")
    table = frame[["name", "kinds"]].assign(lon=np.round(lon, 6), lat=np.round(lat, 6))
    file = tmp_path / "schools.csv"
    table.to_csv(file, index=False)
    return file


def test_a_shifted_list_is_refused_with_numbers_and_a_question(made, schools):
    before = store.revision(made)
    with pytest.raises(DatumError, match=r"is its datum really wgs84\?") as caught:
        add_layer(made, "schools", schools, datum="wgs84")
    for words in ("As gcj02", "about 5", "14 of them by name", "--datum gcj02", "--datum-sure"):
        assert words in str(caught.value)
    assert store.revision(made) == before


def test_the_right_datum_is_taken_and_said_to_fit(made, schools):
    report = add_layer(made, "schools", schools, datum="gcj02", dry_run=True)
    assert report.details["datum_on_map"] == "fits"


def test_who_is_sure_is_believed(made, schools):
    report = add_layer(made, "schools", schools, datum="wgs84", datum_sure=True, dry_run=True)
    assert report.details["datum_on_map"] == "shifted"
