"""Precinct files, made once, that tests copy or only read."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from patrolmap import workflow
from patrolmap.workflow.demo import DEMO_DATE
from tests import tiny as tiny_precinct
from tests.workflow.building import build_demo_lists, build_tiny, plan_few
from tests.workflow.judging import Judged


@pytest.fixture(scope="session")
def demo_reports(tmp_path_factory: pytest.TempPathFactory) -> dict[str, workflow.Report]:
    """The reports of bringing in the demo's lists; they name the precinct file."""
    return build_demo_lists(tmp_path_factory.mktemp("demo") / "demo.gpkg")


@pytest.fixture(scope="session")
def demo_file(demo_reports: dict[str, workflow.Report]) -> Path:
    """The demo precinct with one plan; only to be read."""
    path = demo_reports["schools"].precinct
    plan_few(path, DEMO_DATE)
    return path


@pytest.fixture(scope="session")
def demo(demo_file: Path) -> Judged:
    """The demo precinct opened, with its plan."""
    return Judged.newest(demo_file)


@pytest.fixture(scope="session")
def tiny_planned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny precinct with one plan; only to be read."""
    path = build_tiny(tmp_path_factory.mktemp("tiny") / "tiny.gpkg")
    plan_few(path, tiny_precinct.DAY)
    return path


@pytest.fixture
def tiny_file(tiny_planned: Path, tmp_path: Path) -> Path:
    """The tiny precinct with one plan; a copy of one's own."""
    return Path(shutil.copy(tiny_planned, tmp_path / "tiny.gpkg"))


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Write a small file into a folder of one's own."""

    def write_lines(name: str, *lines: str, encoding: str = "utf-8") -> Path:
        file = tmp_path / name
        file.write_text("\n".join(lines) + "\n", encoding=encoding)
        return file

    return write_lines
