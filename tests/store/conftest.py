"""A precinct file, new and empty, for each test that asks for one."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from patrolmap.store.geopackage import create_precinct
from tests import tiny


@pytest.fixture(scope="session")
def new_precinct(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file every other is a copy of; nobody writes to it."""
    path = tmp_path_factory.mktemp("new") / "precinct.gpkg"
    create_precinct(path, tiny.SETTINGS)
    return path


@pytest.fixture
def path(tmp_path: Path, new_precinct: Path) -> Path:
    """A new, empty precinct file with the settings of the tiny precinct."""
    return Path(shutil.copy(new_precinct, tmp_path / "precinct.gpkg"))
