"""Every file of the corpus ends in a right precinct or in a clear error, and loses no row."""

from __future__ import annotations

import json
import shutil
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from patrolmap import cli, workflow
from patrolmap.errors import PatrolmapError
from patrolmap.model.layers import empty_layer
from patrolmap.store import geopackage as store
from tests import tiny
from tests.intake import corpus
from tests.intake.corpus import CASES, Case

BAD_INPUT = 1
KEPT = ("streets", "schools", "bases")


class Answer(NamedTuple):
    code: int
    out: str
    err: str


@pytest.fixture(scope="module")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny precinct with its streets, schools and bases alone."""
    path = tmp_path_factory.mktemp("corpus") / "tiny.gpkg"
    frames = {name: f for name, f in tiny.precinct().items() if name in KEPT}
    store.create_precinct(path, tiny.SETTINGS, frames)
    return path


@pytest.fixture
def precinct(made_once: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(made_once, tmp_path / "tiny.gpkg"))


@pytest.fixture
def add(
    precinct: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Answer]:
    def run(case: Case, file: Path, *options: str) -> Answer:
        words = ["add", precinct, case.layer, file, *case.options, *options]
        monkeypatch.setattr(sys, "argv", ["patrolmap", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        return Answer(int(ended.value.code or 0), *capfd.readouterr())

    return run


def _written(case: Case, tmp_path: Path) -> Path:
    file = tmp_path / case.name
    file.write_bytes(case.content)
    return file


def _says_no_secret(case: Case, text: str) -> None:
    said = [secret for secret in corpus.SECRETS if secret in text]
    assert said == [], case.name


def test_there_are_enough_of_them_and_no_two_have_one_name():
    assert len(CASES) >= 60
    assert Counter(case.name for case in CASES).most_common(1)[0][1] == 1


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_dry_run_and_an_addition_end_in_rows_or_in_a_clear_error(case, add, precinct, tmp_path):
    file = _written(case, tmp_path)
    before = precinct.read_bytes()
    rows_before = set(store.read_frame(precinct, case.layer).index)
    dry = add(case, file, "--dry-run", "--json")
    assert precinct.read_bytes() == before
    done = add(case, file)
    for answer in (dry, done):
        _says_no_secret(case, answer.out + answer.err)
        assert "Traceback" not in answer.err
        assert answer.code == (BAD_INPUT if case.refused else 0), answer.err
    if case.refused:
        assert precinct.read_bytes() == before
        for words in case.refused:
            assert words in done.err, done.err
        return
    told = json.loads(dry.out)["preview"]
    assert told["rows_in"] == case.rows == told["rows_kept"] + len(told["left_out"])
    assert {left["row"]: left["why"] for left in told["left_out"]} == case.left_out
    frame = store.read_frame(precinct, case.layer)
    assert told["rows_kept"] == case.stored
    assert len(set(frame.index) - rows_before) <= case.stored <= len(frame)
    assert case.checks is None or case.checks(frame.loc[~frame.index.isin(rows_before)])


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_preview_stores_nothing_and_every_row_is_kept_or_told(case, precinct, tmp_path):
    """The same function stands behind the page."""
    file = _written(case, tmp_path)
    before = precinct.read_bytes()
    choices = _choices(case)
    found, refusal = _previewed(precinct, case, file, choices)
    if refusal is not None:
        assert case.refused, str(refusal)
        _says_no_secret(case, _chain(refusal))
    else:
        _says_no_secret(case, repr(found) + str(workflow.preview_record(_listed(found, choices))))
        whole = found.frame is not None
        assert found.rows_in == found.rows_kept + len(found.left_out) if whole else found.problems
        wrong = bool(found.problems or found.datum_from == "missing")
        assert wrong == bool(case.refused or choices.leave_out_wrong)
    assert precinct.read_bytes() == before


def _previewed(precinct, case, file, choices):
    try:
        return workflow.preview_list(precinct, case.layer, file, choices).found, None
    except PatrolmapError as error:
        return None, error


def _listed(found, choices):
    return workflow.ListPreview(found, choices, None)


def _chain(error: BaseException | None) -> str:
    said = ""
    while error is not None:
        said += f"{error!r} {error}"
        error = error.__cause__ or error.__context__
    return said


def _choices(case: Case) -> workflow.Choices:
    """Read the options of a case as the command line does."""
    words = list(case.options)
    given: dict[str, list[str]] = {}
    while words:
        name = words.pop(0)
        value = [] if name == "--leave-out-wrong" else [words.pop(0)]
        given.setdefault(name, []).extend(value)

    def one(name: str) -> str | None:
        return given.get(name, [None])[0]

    def pairs(name: str) -> dict[str, str]:
        return dict(pair.rsplit("=", 1) for pair in given.get(name, []))

    row = one("--header-row")
    return workflow.Choices(
        one("--datum"), one("--encoding"), one("--sheet"), int(row) if row else None,
        pairs("--columns"), pairs("--kinds"), "--leave-out-wrong" in given,
    )  # fmt: skip


def test_an_empty_layer_is_where_each_begins(made_once):
    assert store.read_frame(made_once, "venues").equals(empty_layer("venues"))
