"""A wrong datum is found by the map, and none that is right is accused."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from functools import cache
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from patrolmap.errors import DatumError
from patrolmap.intake.osm import OsmExtract, read_osm
from patrolmap.intake.shift import MOST_PLACES, datum_evidence
from patrolmap.model.contracts import CRS
from patrolmap.model.layers import empty_layer
from tests import tiny
from tests.intake.shift_cases import LISTS, RIGHT, SHIFTED, ask, draw_list, misdeclare

Read = Callable[[str], OsmExtract]


@pytest.fixture(scope="module")
def read(shared_data: Path) -> Read:
    """Read an extract by name, each but once."""
    return cache(lambda name: read_osm(shared_data / "osm" / name))


def _verdicts(
    read: Read, size: int | None, pairs: tuple[tuple[str, str], ...], *, known: bool
) -> Counter[str]:
    """Count right, wrong and undecided over lists of a size that the map holds or not."""
    found: Counter[str] = Counter()
    for seed, (file, layer) in enumerate(LISTS):
        extract = read(file)
        if len(getattr(extract, layer)) < (size or 0):
            continue
        listed, others = draw_list(extract, layer, size, seed)
        instead = {} if known else {layer: others}
        for true, declared in pairs:
            told = ask(extract, misdeclare(listed, true, declared), layer, declared, **instead)
            decided = told.verdict != "undecided"
            right = told.best == true and (told.verdict == "shifted") == (true != declared)
            found["undecided" if not decided else "right" if right else "wrong"] += 1
    return found


@pytest.mark.parametrize(("size", "at_least"), [(3, 0.8), (5, 0.9), (10, 0.95), (30, 1), (None, 1)])
def test_a_list_of_places_the_map_has_is_found_shifted(read, size, at_least):
    found = _verdicts(read, size, SHIFTED, known=True)
    assert found["wrong"] == 0
    assert found["right"] >= at_least * found.total()


@pytest.mark.parametrize("size", [3, 10, None])
def test_a_list_of_places_new_to_the_map_is_never_judged_wrong(read, size):
    """Streets and buildings alone decide fewer lists, but those they decide they decide right."""
    assert _verdicts(read, size, SHIFTED[:2], known=False)["wrong"] == 0


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize("size", [3, 5, 10, 30, None])
def test_a_list_that_is_right_is_never_accused(read, size, known):
    assert _verdicts(read, size, RIGHT, known=known)["wrong"] == 0


def test_shops_set_back_from_the_streets_are_not_accused(read):
    """25 m from some street and unknown to the map: of 60 lists at most one may be accused."""
    extract = read("nanjing-centre.osm.pbf")
    random = np.random.default_rng(1)
    lines = extract.streets.geometry.to_crs("EPSG:4548")
    accused = 0
    for _ in range(60):
        size = int(random.choice([3, 5, 10, 30]))
        along = lines.iloc[random.integers(0, len(lines), size)]
        spots = shapely.get_coordinates(along.interpolate(random.random(size), normalized=True))
        angle = random.random(size) * 2 * np.pi
        spots += 25 * np.column_stack([np.cos(angle), np.sin(angle)])
        rows = extract.venues.iloc[random.integers(0, len(extract.venues), size)]
        places = gpd.GeoSeries(shapely.points(spots), index=rows.index, crs=lines.crs).to_crs(CRS)
        listed = rows.assign(name="新店").set_geometry(places)
        accused += ask(extract, listed, "venues", "wgs84").verdict == "shifted"
    assert accused <= 1


def test_the_metres_are_those_of_the_shift(read):
    extract = read("nanjing-centre.osm.pbf")
    drawn, _ = draw_list(extract, "schools", None, 0)
    listed = misdeclare(drawn, "gcj02", "wgs84")
    told = ask(extract, listed, "schools", "wgs84")
    assert (told.verdict, told.best) == ("shifted", "gcj02")
    assert told.shift_m == pytest.approx(530, abs=30)
    own, best, _ = told.fits
    assert (own.datum, own.shift_m, own.named) == ("wgs84", 0, 0)
    assert best.named >= 12
    assert told.record()["fits"]["gcj02"]["near"] == best.near


def test_a_list_of_two_sources_is_left_undecided(read):
    """Half of the shops came from GPS, half from Amap: neither datum may be blamed for all."""
    extract = read("nanjing-centre.osm.pbf")
    listed, _ = draw_list(extract, "venues", 60, 2)
    mixed = pd.concat([listed.iloc[::2], misdeclare(listed.iloc[1::2], "gcj02", "wgs84")])
    assert ask(extract, mixed, "venues", "wgs84").verdict == "undecided"


def test_a_list_that_reaches_beyond_the_map_is_judged_by_what_lies_on_it(read):
    extract = read("nanjing-centre.osm.pbf")
    listed, _ = draw_list(extract, "venues", 40, 3)
    beyond = listed.iloc[:20].set_geometry(listed.geometry.iloc[:20].translate(0.2, 0.1))
    both = pd.concat([listed, beyond.set_axis([f"x{i}" for i in range(20)])])
    assert ask(extract, both, "venues", "wgs84").verdict == "fits"
    assert ask(extract, misdeclare(both, "gcj02", "wgs84"), "venues", "wgs84").best == "gcj02"


def test_one_place_is_no_evidence(read):
    extract = read("nanjing-centre.osm.pbf")
    listed, _ = draw_list(extract, "schools", 1, 4)
    told = ask(extract, misdeclare(listed, "gcj02", "wgs84"), "schools", "wgs84")
    assert told.verdict == "undecided"


def test_an_earlier_list_is_no_evidence(read):
    """Only what was read from the map counts: an earlier list may be shifted likewise."""
    extract = read("nanjing-centre.osm.pbf")
    listed, _ = draw_list(extract, "schools", 10, 5)
    earlier = extract.schools.assign(source="schools.csv")
    assert ask(extract, listed, "schools", "wgs84", schools=earlier).verdict == "undecided"


def test_outside_china_there_is_one_datum(read):
    extract = read("porto-centre.osm.pbf")
    listed = extract.schools.set_geometry(extract.schools.geometry.translate(0.005, 0.002))
    told = ask(extract, listed, "schools", "wgs84")
    assert (told.verdict, told.shift_m, told.fits) == ("fits", 0.0, ())
    with pytest.raises(DatumError, match="no datum"):
        ask(extract, listed, "schools", "utm")


def test_without_streets_or_places_nothing_is_said():
    nothing = {"schools": empty_layer("schools")}
    for listed, streets in (
        (empty_layer("gates"), tiny.streets()), (tiny.gates(), empty_layer("streets"))
    ):  # fmt: skip
        told = datum_evidence(listed, "wgs84", layer="gates", streets=streets, places=nothing)
        assert told.verdict == "undecided"


def test_a_long_list_is_sampled_alike_every_time(read):
    extract = read("shanghai-streets.osm.pbf")
    assert len(extract.traffic_points) > MOST_PLACES
    one, two = (ask(extract, extract.traffic_points, "traffic_points", "wgs84") for _ in range(2))
    assert one == two
    assert one.fits[0].on_map == MOST_PLACES
    assert one.places == len(extract.traffic_points)
