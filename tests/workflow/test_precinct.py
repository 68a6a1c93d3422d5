"""From files to a precinct: every layer of the demo, what gives way, what is assumed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from threading import Thread

import pandas as pd
import pytest

from patrolmap import workflow
from patrolmap.errors import DatumError, InputError, LayerError, StoreError
from patrolmap.model.contracts import CONTRACTS
from patrolmap.store import geopackage as store
from patrolmap.workflow import precinct as precinct_module
from patrolmap.workflow.demo import DOORS, STREETS
from patrolmap.workflow.places import demo_folder
from tests import tiny
from tests.osm_maps import OsmMap
from tests.workflow.building import build_tiny
from tests.workflow.judging import Judged

Reports = dict[str, workflow.Report]
Write = Callable[..., Path]
HEADINGS = "id,name,kinds,pupils,lon,lat"
IN_S01 = "{},{},primary,300,{:.6f},{:.6f}".format("L1", "一小", *tiny.lonlat(50, 50))


def rows_of(path: Path, layer: str) -> pd.DataFrame:
    return store.read_frame(path, layer)


@pytest.fixture
def mapped_file(tiny_file: Path) -> Path:
    """The tiny precinct, all of it read from a map; a copy of one's own."""
    frames = store.read_frames(tiny_file, ("schools", "gates", "exceptions", "bells"))
    store.write_frames(tiny_file, {n: f.assign(source="osm:way/1") for n, f in frames.items()})
    return tiny_file


# ---------------------------------------------------------------- the demo's files


def test_every_list_of_the_demo_comes_in_whole(demo_reports: Reports) -> None:
    """Rows of the reports are those of the files; nothing is left out."""
    for door in DOORS:
        report = demo_reports[door.layer]
        file = demo_folder() / door.file
        raw = pd.read_excel(file) if file.suffix == ".xlsx" else _raw_csv(file, door.encoding)
        told = (report.rows[door.layer], report.details["rows_read"])
        assert told == (len(raw), len(raw))
        assert len(rows_of(report.precinct, door.layer)) == len(raw)


def _raw_csv(file: Path, encoding: str | None) -> pd.DataFrame:
    return pd.read_csv(file, encoding=encoding or "utf-8-sig")


def test_a_report_says_how_its_file_was_read(demo_reports: Reports) -> None:
    venues = demo_reports["venues"].record()
    assert (venues["datum"], venues["encoding"], venues["file"]) == (
        "gcj02", "gb18030", "场所.csv",  # the whole of which GBK is a part
    )  # fmt: skip
    assert venues["columns"]["经度"] == "lon"
    assert venues["rows"] == {"venues": 100}
    text = demo_reports["venues"].text()
    assert "venues: 100" in text
    assert "名称 → name" in text
    assert "None" not in text


def test_what_the_map_had_for_a_list_is_said_to_be_replaced(demo_reports: Reports) -> None:
    """The demo's map holds shops, crossings, gates and stations of its own."""
    assert demo_reports["venues"].details["changed"] > 50
    assert demo_reports["traffic_points"].details["gave_way"] > 0
    assert demo_reports["units"].details["gave_way"] == 0


def test_listed_schools_of_the_demo_adopt_their_campuses(demo_reports: Reports) -> None:
    """One campus of the map is a point; the list's point stays a point."""
    schools = rows_of(demo_reports["schools"].precinct, "schools")
    assert Counter(schools.geom_type.map(lambda kind: kind != "Point")) == {True: 6, False: 1}
    notes = demo_reports["schools"].notes
    assert (notes["code"] == "campus_adopted").sum() == 6


def test_the_demo_has_nothing_to_mend(demo_reports: Reports) -> None:
    findings = workflow.check_precinct(demo_reports["schools"].precinct)
    assert {"severity", "layer", "row_id", "what", "cure"} <= set(findings.columns)
    assert set(findings["severity"]) <= {"note", "warning"}


def test_nothing_of_the_demo_is_assumed_but_the_people_at_its_posts(demo: Judged) -> None:
    assert demo.precinct.assumed == ()
    assert [layer for layer, _, _ in demo.plan.settings["assumed"]] == ["posts"]
    assert demo.precinct.settings.synthetic


# ---------------------------------------------------------------- new


def test_a_new_precinct_holds_the_layers_of_its_map(tmp_path: Path) -> None:
    path = tmp_path / "p.gpkg"
    report = workflow.new_precinct(path, osm=demo_folder() / STREETS, name="示范")
    for layer, count in report.rows.items():
        assert len(rows_of(path, layer)) == count
    settings = store.read_settings(path)
    assert (settings.name, settings.metric_crs) == ("示范", "EPSG:4549")
    assert settings.attribution == "© OpenStreetMap contributors"


def test_a_map_without_streets_makes_no_precinct(tmp_path: Path) -> None:
    drawn = OsmMap()
    drawn.node(1, 0, 0, "amenity=school name=一小")
    (tmp_path / "map.osm").write_text(drawn.text(), encoding="utf-8")
    with pytest.raises(InputError, match="no streets"):
        workflow.new_precinct(tmp_path / "p.gpkg", osm=tmp_path / "map.osm")
    assert not (tmp_path / "p.gpkg").exists()


def test_a_new_precinct_never_takes_the_place_of_another(tiny_file: Path) -> None:
    before = tiny_file.read_bytes()
    with pytest.raises(StoreError, match="exists already"):
        workflow.new_precinct(tiny_file, osm=demo_folder() / STREETS)
    assert tiny_file.read_bytes() == before


# ---------------------------------------------------------------- add


def test_a_dry_run_reports_the_same_and_writes_nothing(tiny_file: Path, write: Write) -> None:
    file = write("schools.csv", HEADINGS, IN_S01)
    before = tiny_file.read_bytes()
    dry = workflow.add_layer(tiny_file, "schools", file, datum="wgs84", dry_run=True)
    assert tiny_file.read_bytes() == before
    wet = workflow.add_layer(tiny_file, "schools", file, datum="wgs84")
    assert dry.rows == wet.rows
    assert dry.notes.equals(wet.notes)
    assert (dry.details.pop("dry_run"), wet.details.pop("dry_run")) == (True, False)
    assert dry.details == wet.details


@pytest.mark.parametrize(
    ("line", "datum", "error", "words"),
    [
        ("S9,二小,primary,300,119.97", "wgs84", LayerError, "lat"),
        ("S9,二小,primary,viele,119.97,31.70", "wgs84", LayerError, "row 2, column 'pupils'"),
        ("S9,二小,primary,300,119.97,31.70", None, DatumError, "datum"),
        ("S9,二小,primary,300,119.97,31.70", "wgs72", DatumError, "wgs72"),
        ("S9,二小,primary,300,31.70,119.97", "wgs84", LayerError, "row 2"),
        ("S9,二小,primary,300,121.47,31.23", "wgs84", LayerError, "outside the precinct"),
        ("S9,二小,castle,300,119.97,31.70", "wgs84", LayerError, "castle"),
        ("S9,二小 13912345678,primary,300,119.97,31.70", "wgs84", LayerError, "row 2"),
    ],
)
def test_a_list_with_a_fault_leaves_the_file_as_it_was(
    tiny_file: Path, write: Write, line: str, datum: str | None, error: type[Exception], words: str
) -> None:
    before = tiny_file.read_bytes()
    with pytest.raises(error, match=words):
        workflow.add_layer(tiny_file, "schools", write("s.csv", HEADINGS, line), datum=datum)
    assert tiny_file.read_bytes() == before


def test_every_fault_of_a_list_is_told_at_once(tiny_file: Path, write: Write) -> None:
    file = write("s.csv", HEADINGS, IN_S01, "S9,,castle,-4,119.97,31.70", "S9,x,primary,1,0,0")
    with pytest.raises(LayerError) as caught:
        workflow.add_layer(tiny_file, "schools", file, datum="wgs84")
    places = {(problem.row, problem.column) for problem in caught.value.problems}
    assert {(3, "kinds"), (3, "pupils"), (4, "id")} & places
    assert len(caught.value.problems) >= 3


def test_an_unknown_layer_or_precinct_is_an_error(tiny_file: Path, write: Write) -> None:
    file = write("s.csv", HEADINGS, IN_S01)
    with pytest.raises(InputError, match="castles"):
        workflow.add_layer(tiny_file, "castles", file, datum="wgs84")
    with pytest.raises(StoreError, match=r"nowhere\.gpkg"):
        workflow.add_layer(tiny_file.with_name("nowhere.gpkg"), "schools", file, datum="wgs84")


def test_a_listed_school_adopts_the_campus_and_its_gates(mapped_file: Path, write: Write) -> None:
    """L1 lies in S01, whose two gates become its own; the gates of others go with them."""
    report = workflow.add_layer(
        mapped_file, "schools", write("s.csv", HEADINGS, IN_S01), datum="wgs84"
    )
    assert rows_of(mapped_file, "schools").geom_type.to_dict() == {"L1": "Polygon"}
    assert rows_of(mapped_file, "gates")["school_id"].to_dict() == {"G1": "L1", "G2": "L1"}
    assert (report.details["gave_way"], report.details["changed"]) == (2, 1)
    told = report.notes.set_index("subject")["code"]
    assert told.to_dict() == {
        "Nine-Year School": "campus_adopted",
        "High School": "not_in_list",
        "Kindergarten": "not_in_list",
    }
    assert set(rows_of(mapped_file, "notes")["code"]) >= set(told)


def test_lists_added_at_the_same_time_lose_nothing(
    mapped_file: Path, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While schools adopt the map's gates, another program brings the list of gates."""
    schools = write("s.csv", HEADINGS, IN_S01)
    place = "{:.6f},{:.6f}".format(*tiny.lonlat(50, 20))
    gates = write("g.csv", "id,name,school_id,lon,lat", f"X1,东门,L1,{place}")
    other = Thread(target=lambda: workflow.add_layer(mapped_file, "gates", gates, datum="wgs84"))
    apply = precinct_module.apply_list

    def apply_meanwhile(*args: object, **kwargs: object) -> object:
        if args[0] == "schools":
            other.start()
            other.join(timeout=0.5)  # it gets as far as it can
        return apply(*args, **kwargs)

    monkeypatch.setattr(precinct_module, "apply_list", apply_meanwhile)
    workflow.add_layer(mapped_file, "schools", schools, datum="wgs84")
    other.join()
    assert rows_of(mapped_file, "gates").index.tolist() == ["X1"]
    assert rows_of(mapped_file, "schools").index.tolist() == ["L1"]


def test_a_list_added_twice_changes_nothing_more(tiny_file: Path, write: Write) -> None:
    """Campuses adopted the first time are there the second time, and so are their gates."""
    file = write("s.csv", HEADINGS, IN_S01)
    held: list[dict[str, pd.DataFrame]] = []
    for _ in range(2):
        workflow.add_layer(tiny_file, "schools", file, datum="wgs84")
        held.append(store.read_frames(tiny_file, ("schools", "gates", "cells")))
    for layer in ("schools", "gates", "cells"):
        assert held[0][layer].equals(held[1][layer])


def test_new_schools_get_new_cells(mapped_file: Path, write: Write) -> None:
    assert set(rows_of(mapped_file, "cells")["school_id"]) == {"S01", "S02", "S03"}
    workflow.add_layer(mapped_file, "schools", write("s.csv", HEADINGS, IN_S01), datum="wgs84")
    assert set(rows_of(mapped_file, "cells")["school_id"]) == {"L1"}


def test_a_newer_list_leaves_what_it_lacks_unless_it_is_to_go(
    tiny_file: Path, write: Write
) -> None:
    """E1 stands in the file already; the first list brings E7, the second E8."""
    lists = [
        write(f"{day}.csv", "id,date,is_school_day", f"E{day},2026-10-0{day},0") for day in (7, 8)
    ]
    for file in lists:
        report = workflow.add_layer(tiny_file, "exceptions", file)
    assert rows_of(tiny_file, "exceptions").index.tolist() == ["E1", "E7", "E8"]
    assert (report.details["added"], report.details["gone"]) == (1, 2)
    remove = workflow.Policy(remove_gone=True)
    report = workflow.add_layer(tiny_file, "exceptions", lists[0], policy=remove)
    assert rows_of(tiny_file, "exceptions").index.tolist() == ["E7"]
    assert report.details["removed"] == 2


def test_a_list_may_take_the_place_of_the_one_before(tiny_file: Path, write: Write) -> None:
    file = write("2.csv", "id,date,is_school_day", "E8,2026-10-02,0")
    replace = workflow.Policy(replace=True)
    report = workflow.add_layer(tiny_file, "exceptions", file, policy=replace)
    assert rows_of(tiny_file, "exceptions").index.tolist() == ["E8"]
    assert (report.details["added"], report.details["removed"]) == (1, 1)


def test_columns_may_be_named(tiny_file: Path, write: Write) -> None:
    file = write("e.csv", "no,when,open", "E7,2026-10-01,0")
    columns = {"no": "id", "when": "date", "open": "is_school_day"}
    workflow.add_layer(tiny_file, "exceptions", file, columns=columns)
    assert rows_of(tiny_file, "exceptions").index.tolist() == ["E1", "E7"]


# ---------------------------------------------------------------- cells


def test_cells_keep_their_sizes_in_the_file(tiny_file: Path) -> None:
    cells = workflow.make_cells(tiny_file, cell_size_m=50, reach_m=100)
    settings = store.read_settings(tiny_file)
    assert (settings.cell_size_m, settings.reach_m) == (50, 100)
    again = workflow.make_cells(tiny_file)
    assert again.index.tolist() == cells.index.tolist()
    assert rows_of(tiny_file, "cells").index.tolist() == cells.index.tolist()


@pytest.mark.parametrize("sizes", [{"cell_size_m": 5}, {"reach_m": -1}, {"cell_size_m": 1e9}])
def test_cells_of_an_impossible_size_are_refused(tiny_file: Path, sizes: dict[str, float]) -> None:
    before = tiny_file.read_bytes()
    with pytest.raises(InputError, match=next(iter(sizes))):
        workflow.make_cells(tiny_file, **sizes)
    assert tiny_file.read_bytes() == before


def test_without_schools_there_is_nothing_to_cut_cells_around(tmp_path: Path) -> None:
    path = tmp_path / "p.gpkg"
    store.create_precinct(path, tiny.SETTINGS, {"streets": tiny.streets()})
    with pytest.raises(InputError, match="no schools"):
        workflow.make_cells(path)


# ---------------------------------------------------------------- open


def test_opening_changes_nothing(tiny_file: Path) -> None:
    before = tiny_file.read_bytes()
    opened = workflow.open_precinct(tiny_file)
    assert tiny_file.read_bytes() == before
    assert opened.revision == workflow.revision(tiny_file)
    assert set(opened.frames) == set(CONTRACTS)


def test_what_a_map_cannot_know_is_filled_and_marked(tmp_path: Path) -> None:
    """Of the tiny precinct only streets and schools are left, and no pupils."""
    schools = tiny.schools().assign(pupils=pd.array([None] * 3, dtype="Int64"))
    path = tmp_path / "p.gpkg"
    store.create_precinct(path, tiny.SETTINGS, {"streets": tiny.streets(), "schools": schools})
    opened = workflow.open_precinct(path)
    for layer in ("gates", "bells", "bases", "units"):
        assert len(opened[layer])
        assert set(opened[layer]["provenance"]) <= {"proposed", "assumed"}
        assert (opened[layer]["source"] != "").all()
    assert opened["schools"]["pupils"].notna().all()
    assert (opened["schools"]["provenance"] == "assumed").all()
    assert len(opened["cells"])
    told = {layer: count for layer, _, count in opened.assumed}
    assert told == {
        layer: len(opened[layer]) for layer in ("schools", "gates", "bells", "bases", "units")
    }
    text = workflow.assumed_text(opened, "zh")
    assert "校门：3 系统建议" in text
    assert "学校：3 系统假设" in text


def test_checks_list_what_is_assumed_instead_of_what_is_missing(tmp_path: Path) -> None:
    path = tmp_path / "p.gpkg"
    frames = {"streets": tiny.streets(), "schools": tiny.schools()}
    store.create_precinct(path, tiny.SETTINGS, frames)
    found = workflow.check_precinct(path, language="en")
    told = found[found["what"].str.contains("assumed or proposed")].set_index("layer")["what"]
    assert set(told.index) == {"gates", "bells", "bases", "units"}
    assert told["gates"].startswith("3 of 3 rows")
    assert {"schools", "units"} <= set(found.loc[found["severity"] == "warning", "layer"])
    assert store.read_frame(path, "gates").empty


def test_what_is_given_is_never_assumed(tiny_planned: Path) -> None:
    opened = workflow.open_precinct(tiny_planned)
    assert opened.assumed == ()
    assert workflow.assumed_text(opened, "en") == ""


def test_crews_of_a_file_stand_in_for_those_of_the_precinct(
    tiny_planned: Path, write: Write
) -> None:
    file = write("crews.csv", "id,start_id,shift_start_s,shift_end_s", "X1,B1,07:00,18:00")
    opened = workflow.open_precinct(tiny_planned, units_file=file)
    assert opened["units"].index.tolist() == ["X1"]
    assert rows_of(tiny_planned, "units").index.tolist() == ["U1", "U2", "U3", "U4"]


def test_rows_come_in_the_order_of_their_ids(tmp_path: Path) -> None:
    frames = {name: frame.iloc[::-1] for name, frame in tiny.precinct().items()}
    opened = workflow.open_precinct(build_tiny(tmp_path / "p.gpkg", frames))
    for layer in set(CONTRACTS) - {"basemap", "notes"}:
        assert opened[layer].index.is_monotonic_increasing


def test_a_precinct_without_schools_opens_empty(tmp_path: Path) -> None:
    path = tmp_path / "p.gpkg"
    store.create_precinct(path, tiny.SETTINGS, {"streets": tiny.streets()})
    opened = workflow.open_precinct(path)
    assert all(opened[layer].empty for layer in ("schools", "gates", "bells", "cells"))


def test_the_demo_lists_every_layer_a_file_can_bring_but_posts() -> None:
    assert {door.layer for door in DOORS} | {"streets", "posts"} == {
        name for name in CONTRACTS if name not in ("basemap", "notes", "cells")
    }
