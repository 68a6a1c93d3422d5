"""Real extracts through the command line, once each: new, grid, plan, export."""

from __future__ import annotations

import io
import json
import sys
from contextlib import redirect_stdout
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest

from patrolmap import cli
from tests.workflow.judging import Judged

DATE = "2026-11-24"  # a Tuesday
EXTRACTS = {"nanjing": "nanjing-centre.osm.pbf", "changzhou": "changzhou-wujin.osm.pbf"}
FORMATS = ("gpx", "geojson", "html")


def patrolmap(*words: object) -> Any:
    """Run a command with ``--json`` and give its answer."""
    said = io.StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(said):
        patch.setattr(sys, "argv", ["patrolmap", *map(str, words), "--json"])
        with pytest.raises(SystemExit) as ended:
            cli.main()
    assert not ended.value.code
    return json.loads(said.getvalue())


@dataclass(frozen=True)
class Real:
    """What the commands made of an extract, and what they answered."""

    extract: str
    path: Path
    new: dict[str, Any]
    grid: dict[str, Any]
    plan: dict[str, Any]
    files: dict[str, list[Path]]

    @cached_property
    def judged(self) -> Judged:
        """The precinct opened, with its plan."""
        return Judged.newest(self.path)

    def text(self, form: str) -> str:
        """Read all files of a format as one text."""
        return "\n".join(file.read_text(encoding="utf-8") for file in self.files[form])


@pytest.fixture(scope="module", params=EXTRACTS.values(), ids=EXTRACTS)
def real(
    request: pytest.FixtureRequest, shared_data: Path, tmp_path_factory: pytest.TempPathFactory
) -> Real:
    """Take an extract from its file to routes."""
    folder = tmp_path_factory.mktemp("real")
    path = folder / "p.gpkg"
    new = patrolmap("new", path, "--osm", shared_data / "osm" / request.param)
    grid = patrolmap("grid", path)
    plan = patrolmap("plan", path, "--date", DATE, "--iterations", "200")
    files = {
        form: [
            Path(file)
            for file in patrolmap("export", path, "--out", folder / form, "--format", form)["files"]
        ]
        for form in FORMATS
    }
    return Real(request.param, path, new, grid, plan, files)
