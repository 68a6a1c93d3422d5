"""The notebook runs from its first cell to its last, and what it makes keeps the laws."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import nbclient
import nbformat
import pytest
from lxml import etree

from tests.plan_checker import faults

FOLDER = Path(__file__).parents[1] / "notebooks"
NOTEBOOK = FOLDER / "demo.ipynb"
KEPT = ("plan", "units", "times", "distances", "gpx_files", "schools", "cells", "scorecard")
GPX = "{http://www.topografix.com/GPX/1/1}"

# The kernel is another program: its results come back through a file.
KEEP = """
import pickle
Path({file!r}).write_bytes(pickle.dumps({{name: globals()[name] for name in {kept}}}))
"""


def _read() -> nbformat.NotebookNode:
    return nbformat.read(NOTEBOOK, as_version=4)


@pytest.fixture(scope="module")
def executed(tmp_path_factory: pytest.TempPathFactory) -> tuple[nbformat.NotebookNode, Any]:
    """The notebook after its run, and the values its names have at the end."""
    folder = tmp_path_factory.mktemp("notebook")
    notebook = _read()
    keep = KEEP.format(file=str(folder / "kept.pickle"), kept=KEPT)
    notebook.cells.append(nbformat.v4.new_code_cell(keep, id="keep"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TMPDIR", str(folder))
        patch.setenv("IPYTHONDIR", str(folder / "ipython"))
        client = nbclient.NotebookClient(
            notebook, timeout=600, kernel_name="python3", resources={"metadata": {"path": FOLDER}}
        )
        client.execute()
    return notebook, pickle.loads((folder / "kept.pickle").read_bytes())


def test_the_notebook_is_kept_without_outputs_and_without_places_of_a_machine() -> None:
    notebook = _read()
    nbformat.validate(notebook)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert all(cell.outputs == [] and cell.execution_count is None for cell in code)
    source = "".join(cell.source for cell in notebook.cells)
    assert not any(place in source for place in ("/home", "/root", "/tmp", "/work", "C:\\"))


def test_every_step_is_told_and_shows_something(executed: tuple[Any, Any]) -> None:
    cells = executed[0].cells[:-1]
    assert cells[0].cell_type == "markdown"
    steps = [cell for cell in cells if cell.cell_type == "code"][1:]  # the first only imports
    silent = {cell.id for cell in steps if not cell.outputs}
    assert not silent
    spoken = [output for cell in steps for output in cell.outputs if output.output_type == "stream"]
    assert not [output.text for output in spoken if "Warning" in output.text]


def test_the_map_is_shown_and_asks_no_other_computer(executed: tuple[Any, Any]) -> None:
    shown = [
        output.data["text/html"]
        for cell in executed[0].cells
        for output in cell.get("outputs", [])
        if "text/html" in output.get("data", {})
    ]
    maps = [page for page in shown if page.startswith("<iframe")]
    assert len(maps) == 1
    assert "pmtiles" in maps[0]
    assert "src=&quot;http" not in maps[0]


def test_the_plan_keeps_every_law(executed: tuple[Any, Any]) -> None:
    kept = executed[1]
    assert faults(kept["plan"], kept["units"], kept["times"], kept["distances"]) == []
    assert all(route.legs for route in kept["plan"].routes if route.visits)


def test_the_steps_agree_with_one_another(executed: tuple[Any, Any]) -> None:
    kept = executed[1]
    assert set(kept["cells"]["school_id"]) == set(kept["schools"].index)
    assert kept["cells"]["label"].is_unique
    visits = [visit for route in kept["plan"].routes for visit in route.visits]
    patrols = kept["plan"].stops["kind"].reindex([visit.stop_id for visit in visits]) == "patrol"
    assert kept["scorecard"]["patrol_visits"] == patrols.sum()


def test_every_crew_takes_its_stops_and_its_way_along(executed: tuple[Any, Any]) -> None:
    kept = executed[1]
    busy = [route.unit_id for route in kept["plan"].routes if route.visits]
    assert list(kept["gpx_files"]) == busy
    for unit_id, file in kept["gpx_files"].items():
        root = etree.parse(file).getroot()
        assert root.tag == f"{GPX}gpx"
        stops = [visit for visit in kept["plan"].route(unit_id).visits if not visit.is_break]
        assert len(root.findall(f"{GPX}wpt")) == len(stops)
        assert root.find(f"{GPX}trk/{GPX}trkseg/{GPX}trkpt") is not None
