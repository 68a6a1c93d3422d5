"""The command line: every verb, its answer for programs, its exit codes, and bad input refused."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import osmium
import pandas as pd
import pytest
import typer
from lxml import etree, html

from patrolmap import cli
from patrolmap.store import geopackage as store
from patrolmap.workflow import demo as demo_steps
from patrolmap.workflow.demo import DEMO_DATE, STREETS
from patrolmap.workflow.places import app_script, demo_folder
from tests import tiny
from tests.workflow.building import FEW, build_tiny, plan_few

ROOT = Path(__file__).parents[1]
READMES = ("README.md", "README.zh-CN.md")
VERBS = {
    "demo",
    "new",
    "add",
    "history",
    "undo",
    "check",
    "grid",
    "hotspots",
    "findings",
    "plan",
    "replan",
    "export",
    "app",
    "doctor",
    "compare",
}
DONE, BAD_INPUT, WRONG_USAGE = 0, 1, 2
DAY = str(tiny.DAY)
HEAVY = ("geopandas", "pandas", "numpy", "numba", "folium", "streamlit", "osmium")
SCRIPT = "<script>alert(1)</script>"


class Answer(NamedTuple):
    """What a command said and how it ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Patrolmap = Callable[..., Answer]


@pytest.fixture
def patrolmap(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Patrolmap:
    """Run a command as its program does."""

    def run(*words: object) -> Answer:
        monkeypatch.setattr(sys, "argv", ["patrolmap", *map(str, words)])
        capfd.readouterr()
        with pytest.raises(SystemExit) as ended:
            cli.main()
        return Answer(int(ended.value.code or 0), *capfd.readouterr())

    return run


@pytest.fixture(scope="session")
def planned_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = build_tiny(tmp_path_factory.mktemp("cli") / "tiny.gpkg")
    plan_few(path, tiny.DAY)
    return path


@pytest.fixture
def precinct(planned_once: Path, tmp_path: Path) -> Path:
    """The tiny precinct with one plan; a copy of one's own."""
    return Path(shutil.copy(planned_once, tmp_path / "tiny.gpkg"))


def _school_list(**changed: str) -> str:
    """List the tiny precinct's schools as a station would; `changed` replaces names."""
    rows = [
        f"{school_id},{changed.get(school_id, row['name'])},小学,600,{{:.6f}},{{:.6f}}".format(
            *row.geometry.representative_point().coords[0]
        )
        for school_id, row in tiny.schools().iterrows()
    ]
    return "\n".join(["编号,名称,类别,学生人数,经度,纬度", *rows, ""])


# ---------------------------------------------------------------- the program


def test_help_names_every_verb_and_loads_no_heavy_library() -> None:
    """In a process of its own: this one has loaded everything already."""
    program = (
        "import sys; sys.argv = ['patrolmap', '--help']\n"
        "from patrolmap import cli\n"
        "try: cli.main()\n"
        f"finally: print('LOADED', [name for name in {HEAVY} if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, encoding="utf-8", check=True
    )
    assert "LOADED []" in done.stdout
    assert all(verb in done.stdout for verb in VERBS)


def test_the_program_ends_with_one_message_and_the_code_of_bad_input(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "patrolmap.cli", "check", str(tmp_path / "none.gpkg")]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    assert (done.returncode, done.stdout) == (BAD_INPUT, "")
    assert "none.gpkg" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_verbs_are_those_of_the_design() -> None:
    assert set(typer.main.get_command(cli.app).commands) == VERBS


@pytest.mark.parametrize("readme", READMES)
def test_every_command_of_a_readme_is_a_verb_with_those_options(readme: str) -> None:
    """Each line of its code blocks is parsed as the program would, and not run."""
    text = (ROOT / readme).read_text(encoding="utf-8")
    blocks = "\n".join(re.findall(r"^```\w+\n(.*?)^```", text, re.DOTALL | re.MULTILINE))
    lines = re.findall(r"^(?:\S*[/\\])?patrolmap ([^#\n]*)", blocks, re.MULTILINE)
    assert len(lines) >= 9
    commands = typer.main.get_command(cli.app).commands
    for verb, *words in map(str.split, lines):
        with commands[verb].make_context(verb, words):
            pass


@pytest.mark.parametrize(
    "words",
    [
        "nonsense",
        "demo --nope",
        "new p.gpkg",
        "plan p.gpkg",
        "export p.gpkg --out x --format pdf",
        "grid p.gpkg --cell-size-m wide",
        "app --port abc",
    ],
)
def test_wrong_usage_is_code_2_and_said_on_stderr(patrolmap: Patrolmap, words: str) -> None:
    answer = patrolmap(*words.split())
    assert (answer.code, answer.out) == (WRONG_USAGE, "")
    assert "Usage: patrolmap" in answer.err


# ---------------------------------------------------------------- the verbs


def test_demo_writes_all_it_promises(
    patrolmap: Patrolmap, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(demo_steps, "DEMO_ITERATIONS", FEW)
    out = tmp_path / "out [1]"  # brackets are no colours
    answer = patrolmap("demo", "--no-app", "--out", out, "--language", "en")
    assert answer.code == DONE, answer.err
    written = {file.name for file in out.iterdir()}
    crews = pd.read_csv(demo_folder() / "巡组.csv")["编号"]
    promised = {f"{DEMO_DATE}-1{tail}" for tail in (".html", ".geojson", "-scorecard.csv")}
    promised |= {f"{DEMO_DATE}-1-{crew}.gpx" for crew in crews} | {"demo.gpkg"}
    assert promised <= written
    assert all(str(out / name) in answer.out for name in promised)


def test_a_change_is_listed_undone_and_listed_again(patrolmap: Patrolmap, tmp_path: Path) -> None:
    path = build_tiny(tmp_path / "p.gpkg")
    assert "no changes yet" in patrolmap("history", path, "--language", "en").out
    file = tmp_path / "days.csv"
    file.write_text("id,date,is_school_day\nE7,2026-10-01,0\n", encoding="utf-8")
    words = ("--remove-gone", "--dry-run", "--language", "en")
    dry = patrolmap("add", path, "exceptions", file, *words)
    assert "added: E7" in dry.out
    assert "removed: E1" in dry.out
    done = patrolmap("add", path, "exceptions", file, "--remove-gone", "--json").json
    assert (done["added"], done["removed"]) == (1, 1)
    (change,) = patrolmap("history", path, "--json").json["changes"]
    assert change["layers"] == {"exceptions": {"added": 1, "changed": 0, "removed": 1}}
    assert patrolmap("undo", path, "--json").json["undone"] == change["change_id"]
    assert store.read_frame(path, "exceptions").index.tolist() == ["E1"]
    assert "undone since" in patrolmap("history", path, "--language", "en").out
    failed = patrolmap("undo", path, "--change", "1")
    assert failed.code == BAD_INPUT
    assert "undone already" in failed.err


def test_new_makes_a_precinct_and_tells_its_rows(patrolmap: Patrolmap, tmp_path: Path) -> None:
    path = tmp_path / "p.gpkg"
    answer = patrolmap("new", path, "--osm", demo_folder() / STREETS, "--name", "示范", "--json")
    assert (answer.code, answer.err) == (DONE, "")
    assert answer.json["rows"]["schools"] == 7
    assert path.exists()


def test_add_tells_a_program_what_came_in_and_a_dry_run_writes_nothing(
    patrolmap: Patrolmap, precinct: Path, tmp_path: Path
) -> None:
    file = tmp_path / "学校.csv"
    file.write_text(_school_list().replace("名称", "叫法"), "utf-8")
    words = ("add", precinct, "schools", file, "--datum", "wgs84", "--columns", "叫法=name")
    before = precinct.read_bytes()
    dry = patrolmap(*words, "--json", "--dry-run")
    assert (dry.code, dry.json["dry_run"], precinct.read_bytes()) == (DONE, True, before)
    wet = patrolmap(*words, "--json")
    assert (wet.code, wet.json["rows"]["schools"]) == (DONE, 3)
    assert precinct.read_bytes() != before


@pytest.mark.parametrize(
    ("words", "keys"),
    [
        (("check",), {"severity", "layer", "row_id", "what", "cure"}),
        (("hotspots", "--date", DAY, "--top", "2"), {"window", "rank", "cell", "total"}),
    ],
)
def test_tables_are_lists_of_records_for_a_program(
    patrolmap: Patrolmap, precinct: Path, words: tuple[str, ...], keys: set[str]
) -> None:
    verb, *options = words
    answer = patrolmap(verb, precinct, *options, "--json")
    assert (answer.code, answer.err) == (DONE, "")
    assert all(keys <= set(record) for record in answer.json)
    assert patrolmap(verb, precinct, *options).code == DONE


def test_grid_counts_the_cells_of_each_ring(patrolmap: Patrolmap, precinct: Path) -> None:
    answer = patrolmap("grid", precinct, "--cell-size-m", "50", "--json")
    assert answer.code == DONE
    assert answer.json["cells"] == sum(answer.json["rings"].values()) > 0


def test_plan_gives_the_number_and_the_figures_of_the_plan(
    patrolmap: Patrolmap, precinct: Path
) -> None:
    words = ("plan", precinct, "--date", DAY, "--iterations", FEW)
    told = patrolmap(*words, "--json")
    assert (told.code, told.err) == (DONE, "")
    assert told.json["plan_id"]
    assert told.json["post_people_min_required"] > 0
    assert patrolmap(*words, "--language", "en").out.strip()


def test_replan_tells_what_changes_and_keeps_a_new_plan(
    patrolmap: Patrolmap, precinct: Path
) -> None:
    words = ("replan", precinct, "--at", "07:52", "--lose", "U2@10:30", "--incident", "G1,20,1")
    told = patrolmap(*words, "--iterations", FEW, "--json")
    assert (told.code, told.err) == (DONE, "")
    assert told.json["plan_id"] == f"{DAY}-2"
    assert told.json["replanned"]["of"] == f"{DAY}-1"
    assert told.json["replanned"]["lost"] == {"U2": 10 * 3600 + 30 * 60}
    assert {"kept", "moved", "dropped", "added", "visits"} == set(told.json["changes"])
    said = patrolmap(*words, "--plan-id", f"{DAY}-1", "--iterations", FEW, "--language", "zh").out
    assert said.startswith("自 07:52 起调整")


@pytest.mark.parametrize("form", ["gpx", "geojson", "html"])
def test_export_names_the_files_it_wrote(
    patrolmap: Patrolmap, precinct: Path, tmp_path: Path, form: str
) -> None:
    answer = patrolmap("export", precinct, "--format", form, "--out", tmp_path / "out", "--json")
    assert answer.code == DONE
    files = [Path(file) for file in answer.json["files"]]
    assert files
    assert all(file.suffix == f".{form}" and file.stat().st_size > 100 for file in files)
    plain = patrolmap("export", precinct, "--format", form, "--out", tmp_path / "out")
    assert plain.out.splitlines() == [str(file) for file in files]  # one a line, however long


def test_doctor_says_what_is_installed(patrolmap: Patrolmap) -> None:
    answer = patrolmap("doctor", "--json")
    assert answer.code == DONE
    assert {"what", "ok", "detail"} <= set(answer.json[0])
    assert patrolmap("doctor").code == DONE


def test_app_opens_the_precinct_on_this_machine_only(
    patrolmap: Patrolmap, precinct: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[tuple[list[str], dict[str, Any]]] = []
    monkeypatch.setattr(subprocess, "run", lambda command, **how: calls.append((command, how)))
    assert patrolmap("app", precinct).code == DONE
    command, how = calls[0]
    assert command[1:5] == ["-m", "streamlit", "run", str(app_script())]
    assert command[-2:] == ["--server.address", "localhost"]
    assert how["env"]["PATROLMAP_PRECINCT"] == str(precinct.resolve())


def test_an_app_that_stops_is_one_message(
    patrolmap: Patrolmap, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(command: list[str], **_how: object) -> None:
        raise subprocess.CalledProcessError(3, command)

    monkeypatch.setattr(subprocess, "run", stop)
    answer = patrolmap("app", "--port", "8599")
    assert answer.code == BAD_INPUT
    assert "code 3. Is port 8599 taken?" in answer.err


# ---------------------------------------------------------------- bad input


BAD_LISTS = {
    "a missing column": (
        _school_list().replace("名称", "样子").encode(),
        ("--datum", "wgs84"),
        ("column 'name': the column is missing", "--columns"),
    ),
    "an unknown datum": (
        _school_list().encode(),
        ("--datum", "beijing54"),
        ("'beijing54' is no datum. Choose wgs84",),
    ),
    "no datum": (_school_list().encode(), (), ("学校.csv", "--datum wgs84")),
    "a place outside the precinct": (
        _school_list().replace(",119.", ",129.", 1).encode(),
        ("--datum", "wgs84"),
        ("学校.csv", "row 2", "outside the precinct", "Check the datum"),
    ),
    "an empty file": (b"", ("--datum", "wgs84"), ("学校.csv", "empty")),
    "a wrong encoding": (
        _school_list().encode("gbk"),
        ("--datum", "wgs84", "--encoding", "utf-8"),
        ("学校.csv: row 1: byte", "is not utf-8"),
    ),
    "a wrong cell": (
        _school_list().replace("600", "many", 1).encode(),
        ("--datum", "wgs84"),
        ("row 2, column '学生人数': is not a whole number (found 'many')",),
    ),
    "a mapping of columns that is none": (
        _school_list().encode(),
        ("--datum", "wgs84", "--columns", "名称"),
        ("--columns '名称': write 'FILE COLUMN=layer column'",),
    ),
}


def _refused(answer: Answer, *said: str) -> None:
    """Bad input is code 1, one message on stderr, nothing on stdout, and no traceback."""
    assert answer.code == BAD_INPUT
    assert answer.out == ""
    assert answer.err.startswith("× ")
    assert "Traceback" not in answer.err
    assert not [words for words in said if words not in answer.err], answer.err


@pytest.mark.parametrize("case", BAD_LISTS)
@pytest.mark.parametrize("form", [(), ("--json",)])
def test_a_bad_list_is_refused_and_the_precinct_stays_as_it_was(
    patrolmap: Patrolmap, precinct: Path, tmp_path: Path, case: str, form: tuple[str, ...]
) -> None:
    content, options, said = BAD_LISTS[case]
    file = tmp_path / "学校.csv"
    file.write_bytes(content)
    before = precinct.read_bytes()
    _refused(patrolmap("add", precinct, "schools", file, *options, *form), *said)
    assert precinct.read_bytes() == before


@pytest.fixture(scope="session")
def whole_pbf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo's streets as a .osm.pbf file."""
    path = tmp_path_factory.mktemp("pbf") / "whole.osm.pbf"
    writer = osmium.SimpleWriter(str(path))
    for thing in osmium.FileProcessor(str(demo_folder() / STREETS)):
        writer.add(thing)
    writer.close()
    return path


@pytest.mark.parametrize("share", [0.0, 0.001, 0.3, 0.6, 0.999])
def test_a_truncated_pbf_makes_no_precinct(
    patrolmap: Patrolmap, whole_pbf: Path, tmp_path: Path, share: float
) -> None:
    content = whole_pbf.read_bytes()
    (tmp_path / "cut.osm.pbf").write_bytes(content[: int(share * len(content))])
    answer = patrolmap("new", tmp_path / "p.gpkg", "--osm", tmp_path / "cut.osm.pbf")
    _refused(answer, "cut.osm.pbf")
    assert {file.name for file in tmp_path.iterdir()} == {"cut.osm.pbf"}


def test_a_whole_pbf_makes_one(patrolmap: Patrolmap, whole_pbf: Path, tmp_path: Path) -> None:
    assert patrolmap("new", tmp_path / "p.gpkg", "--osm", whole_pbf).code == DONE
    assert (tmp_path / "p.gpkg").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("plan", "--date", "tomorrow"), "'tomorrow' is no date. Write it as 2026-11-24."),
        (("plan", "--date", "2026-10-01"), "2026-10-01 is no school day. The next school day is"),
        (("plan", "--date", DAY, "--units", "none.csv"), "none.csv"),
        (("hotspots", "--date", "2026-13-01"), "'2026-13-01' is no date"),
        (("export", "--out", "out", "--plan-id", "999"), "999"),
        (("replan", "--at", "noon"), "'noon' is no time of day. Write it as 07:52."),
        (("replan", "--at", "07:52", "--lose", "P9"), "The plan has no crew P9"),
        (("replan", "--at", "07:52", "--lose", "U1@x"), "'x' is no time of day"),
        (("replan", "--at", "07:52", "--lock", "U1:99"), "The plan has no stop 'U1:99'"),
        (("replan", "--at", "07:52", "--ban-cell", "ZZ"), "No cell is called ZZ"),
        (("replan", "--at", "07:52", "--incident", "moon"), "No gate or cell is called 'moon'"),
        (("replan", "--at", "07:52", "--time-limit-s", "inf"), "time_limit_s is inf"),
        (("plan", "--date", DAY, "--time-limit-s", "inf"), "time_limit_s is inf"),
        (("grid", "--cell-size-m", "1"), "cell_size_m is not within 20 to 1000"),
        (("add", "nonsense", "none.csv"), "nonsense"),
        (("add", "schools", "none.csv", "--datum", "wgs84"), "none.csv"),
    ],
)
def test_a_bad_wish_is_refused_and_the_precinct_stays_as_it_was(
    patrolmap: Patrolmap,
    precinct: Path,
    monkeypatch: pytest.MonkeyPatch,
    words: tuple[str, ...],
    said: str,
) -> None:
    monkeypatch.chdir(precinct.parent)
    before = precinct.read_bytes()
    verb, *options = words
    _refused(patrolmap(verb, precinct, *options), said)
    assert precinct.read_bytes() == before
    assert not (precinct.parent / "out").exists()


@pytest.mark.parametrize("content", [b"", b"no precinct at all"])
def test_a_file_that_is_no_precinct_is_refused_and_left_alone(
    patrolmap: Patrolmap, tmp_path: Path, content: bytes
) -> None:
    path = tmp_path / "p.gpkg"
    path.write_bytes(content)
    _refused(patrolmap("check", path), "p.gpkg")
    _refused(patrolmap("new", path, "--osm", demo_folder() / STREETS), "exists already")
    assert path.read_bytes() == content


def test_a_script_in_a_school_name_is_text_wherever_it_is_shown(
    patrolmap: Patrolmap, precinct: Path, tmp_path: Path
) -> None:
    file, out = tmp_path / "学校.csv", tmp_path / "out"
    file.write_text(_school_list(S01=SCRIPT), "utf-8")
    steps = (
        ("add", precinct, "schools", file, "--datum", "wgs84"),
        ("plan", precinct, "--date", DAY, "--iterations", FEW),
        ("export", precinct, "--format", "html", "--out", out),
        ("export", precinct, "--format", "gpx", "--out", out),
    )
    for words in steps:
        answer = patrolmap(*words)
        assert answer.code == DONE, answer.err
    page = next(out.glob("*.html")).read_text(encoding="utf-8")
    assert "alert(1)" in page
    assert SCRIPT not in page
    scripts = html.document_fromstring(page.encode()).iter("script")
    assert "alert(1)" not in {(script.text or "").strip() for script in scripts}
    for route in out.glob("*.gpx"):
        assert not list(etree.parse(route).getroot().iter("{*}script"))


def test_check_lists_the_fixes_and_takes_them(patrolmap: Patrolmap, precinct: Path) -> None:
    schools = store.read_frame(precinct, "schools")
    schools.loc["S01", "pupils"] = 0
    store.write_frames(precinct, {"schools": schools})
    told = patrolmap("check", precinct, "--language", "en").out
    assert "odd_pupils:schools:S01" in told
    taken = patrolmap("check", precinct, "--fix", "odd_pupils:schools:S01", "--json").json
    assert taken["fixed"] == ["odd_pupils:schools:S01"]
    assert patrolmap("check", precinct, "--fix", "odd_pupils").code == 1
