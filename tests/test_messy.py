"""A precinct as careless as can be: all of it comes in, and the plan stays lawful and honest."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from lxml import etree

from patrolmap import workflow
from patrolmap.model.layers import split_codes
from patrolmap.store import geopackage as store
from tests import messy
from tests.workflow.building import MESSY_DAY, MESSY_NAME, build_messy, plan_few
from tests.workflow.judging import Judged


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The messy precinct with its files and a plan."""
    folder = tmp_path_factory.mktemp("messy")
    build_messy(folder / "messy.gpkg")
    plan_few(folder / "messy.gpkg", MESSY_DAY, iterations=100)
    return folder


@pytest.fixture(scope="module")
def judged(folder: Path) -> Judged:
    return Judged.newest(folder / "messy.gpkg")


@pytest.fixture(scope="module")
def at_place(judged: Judged) -> Callable[[str], pd.DataFrame]:
    """Give the stops of a place, with the reason where they are unserved."""
    left_out = judged.plan.unserved
    stops = judged.plan.stops.assign(why=left_out["reason"], missing=left_out["people_missing"])
    return lambda place_id: stops[stops["place_id"] == place_id]


# ---------------------------------------------------------------- the files


def test_the_same_seed_makes_the_same_files(tmp_path: Path) -> None:
    """Spreadsheets hold the hour they were written, so their rows are compared."""
    folders = [tmp_path / name for name in ("one", "two", "other")]
    for place, seed in zip(folders, (1, 1, 2), strict=True):
        place.mkdir()
        messy.write_messy(place, seed=seed)
    one, two, other = ({f.name: _content(f) for f in place.iterdir()} for place in folders)
    assert one == two
    assert one.keys() == other.keys()
    assert one["schools.csv"] != other["schools.csv"]


def _content(file: Path) -> object:
    if file.suffix == ".xlsx":
        return pd.read_excel(file).astype("str").to_numpy().tolist()
    return file.read_bytes()


def test_everything_comes_in_whole(judged: Judged) -> None:
    stored = {layer: len(frame) for layer, frame in store.read_frames(judged.precinct.path).items()}
    assert stored["schools"] == messy.SCHOOLS
    assert stored["venues"] == 80
    assert stored["incidents"] == 300
    assert stored["hazards"] == 20
    assert stored["units"] == len(messy.CALL_SIGNS)


def test_it_is_as_messy_as_it_says(judged: Judged) -> None:
    """Sixty schools share cells, ring by grade groups, lack pupils and gates; crews are few."""
    stored = store.read_frames(judged.precinct.path)
    assert (stored["cells"]["shared_by"].map(lambda text: len(split_codes(text))) >= 2).mean() > 0.5
    assert stored["schools"]["pupils"].isna().sum() == 20
    assert (~stored["schools"].index.isin(stored["gates"]["school_id"])).sum() == 20
    assert (stored["bells"].groupby(["school_id", "kind"]).size() > 1).sum() > 20
    figures = judged.plan.settings["scorecard"]
    assert figures["post_cover_share"] < 0.5
    assert figures["crews_idle"] == 0
    west, _, east, _ = judged.precinct["streets"].total_bounds
    assert west < 120 < east  # where UTM changes its zone


def test_checks_find_what_is_wrong(folder: Path) -> None:
    found = workflow.check_precinct(folder / "messy.gpkg", language="en")
    told = found.groupby(["severity", "layer"])["row_id"].agg(set)
    assert messy.FIELD_GATE in told["warning", "gates"]
    assert messy.ISLAND_SCHOOL in told["error", "schools"]  # no street leads there
    assert "H-never" in told["warning", "helpers"]
    assert len(told["warning", "schools"]) > 30
    errors = found.loc[found["severity"] == "error", "finding_id"]
    assert set(errors.str.split(":").str[0]) == {"off_street", "school_cut_off"}


# ---------------------------------------------------------------- the plan


def test_the_plan_keeps_every_law(judged: Judged) -> None:
    assert judged.plan_faults() == []
    assert judged.street_faults() == []
    assert judged.post_faults() == []
    assert judged.patrols_without_a_beat() == set()


def test_a_school_on_an_island_is_unserved_because_no_street_leads_there(
    judged: Judged, at_place: Callable[[str], pd.DataFrame]
) -> None:
    gates = judged.precinct["gates"]
    on_island = gates.index[gates["school_id"] == messy.ISLAND_SCHOOL]
    assert len(on_island)
    for gate_id in on_island:
        posts = at_place(f"gate:{gate_id}")
        assert len(posts)
        assert set(posts["why"]) == {"unreachable"}
        assert (posts["missing"] == posts["people"]).all()


def test_nobody_patrols_the_island(judged: Judged) -> None:
    cells = judged.precinct["cells"]
    on_island = set("cell:" + cells.index[cells["school_id"] == messy.ISLAND_SCHOOL])
    place = judged.plan.stops["place_id"]
    stops = place.index[place.isin(on_island)]
    assert set(judged.plan.unserved["reason"].reindex(stops)) <= {"unreachable"}


def test_a_gate_in_a_field_is_unserved_with_the_distance_to_the_nearest_street(
    at_place: Callable[[str], pd.DataFrame],
) -> None:
    posts = at_place(f"gate:{messy.FIELD_GATE}")
    assert len(posts)
    for reason in posts["why"]:
        assert re.fullmatch(r"off_street 8\d\d", reason)


def test_nothing_else_is_said_to_be_out_of_reach(judged: Judged) -> None:
    """Of the town everything that is left undone is so for want of crews."""
    gates, cells = judged.precinct["gates"], judged.precinct["cells"]
    far = {
        *("gate:" + gates.index[gates["school_id"] == messy.ISLAND_SCHOOL]),
        *("cell:" + cells.index[cells["school_id"] == messy.ISLAND_SCHOOL]),
        f"gate:{messy.FIELD_GATE}",
    }
    left_out = judged.plan.unserved.join(judged.plan.stops["place_id"])
    in_town = left_out[~left_out["place_id"].isin(far)]
    reasons = set(in_town["reason"].str.split().str[0])
    assert reasons <= {"no_crew_free", "people_missing", "lower_priority", "outside_shifts"}


def test_a_school_that_is_closed_that_day_needs_nobody(judged: Judged) -> None:
    assert not judged.plan.stops["window_id"].str.contains(f"{messy.CLOSED_SCHOOL}:").any()


def test_what_was_missing_is_marked_everywhere(judged: Judged) -> None:
    opened = judged.precinct
    schools = opened["schools"]
    assert (schools["provenance"] == "assumed").sum() == 20
    assert (opened["gates"]["provenance"] == "proposed").sum() == 20
    told = {layer for layer, _, _ in judged.plan.settings["assumed"]}
    assert told == {"schools", "gates", "bells", "posts"}
    proposed = "gate:" + opened["gates"].index[opened["gates"]["provenance"] == "proposed"]
    stops = judged.plan.stops
    assert set(stops["provenance"][stops["place_id"].isin(proposed)]) == {"proposed"}


# ---------------------------------------------------------------- what is taken away


@pytest.fixture(scope="module")
def out(folder: Path) -> Path:
    """The plan in every format."""
    for form in ("gpx", "geojson", "html"):
        workflow.export_plan(folder / "messy.gpkg", folder / "out", format=form)
    return folder / "out"


def test_every_crew_keeps_its_own_gpx_whatever_it_is_called(out: Path, shared_data: Path) -> None:
    schema = etree.XMLSchema(file=str(shared_data / "gpx" / "gpx-1.1.xsd"))
    called = []
    for file in out.glob("*.gpx"):
        root = etree.parse(file)
        schema.assertValid(root)
        called.append(root.getroot().findtext("{*}rte/{*}name"))
    assert sorted(called) == sorted(messy.CALL_SIGNS)


def test_hostile_names_stay_names(out: Path) -> None:
    """No tag of theirs reaches the page as one, and every name reads as it was written."""
    page = next(out.glob("*.html")).read_text(encoding="utf-8")
    for tag in ("<script>alert", "<svg onload", "<img src=x", "<i>门", "<b>粗体", "<店>", "<b>乱"):
        assert tag not in page, tag
    for name in (*messy.HOSTILE_NAMES, *messy.CALL_SIGNS, MESSY_NAME):
        assert _as_data(name) in _as_data(page), name
    features = next(out.glob("*.geojson")).read_text(encoding="utf-8")
    assert any(name in features for name in messy.HOSTILE_NAMES)


def _as_data(text: str) -> str:
    """Write text as the data of a script, its marks by their numbers."""
    text = text.replace('"', '\\"') if "</html>" not in text else text
    for mark in "<>&{":
        text = text.replace(f"\\u{ord(mark):04x}", mark)
    return text


def test_no_name_is_run_as_a_template(out: Path) -> None:
    for file in out.iterdir():
        assert not re.search(
            r"%\}42小学|乱\S{0,12}42|乙\S{0,12}42", file.read_text(encoding="utf-8")
        )


def test_a_map_of_it_opens_and_its_scripts_end_where_they_should(out: Path) -> None:
    """A name with the end of a script in it does not end ours."""
    page = next(out.glob("*.html")).read_text(encoding="utf-8")
    assert page.count("<script") == page.count("</script>")
