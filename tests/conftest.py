"""What every test may ask for: the tiny precinct, and real extracts where they are at hand."""

from __future__ import annotations

import os
from pathlib import Path

import hypothesis
import pandas as pd
import pytest

from patrolmap.model.settings import Settings
from tests import tiny as tiny_precinct

SHARED_DATA = "PATROLMAP_SHARED_DATA"

# A law holds on a busy machine too: no test is failed by the clock.
hypothesis.settings.register_profile("patrolmap", deadline=None)
hypothesis.settings.load_profile("patrolmap")


@pytest.fixture
def tiny() -> dict[str, pd.DataFrame]:
    """Every layer and table of the tiny precinct by name, fresh for each test."""
    return tiny_precinct.precinct()


@pytest.fixture
def settings() -> Settings:
    """The settings of the tiny precinct: 1.25 m/s on foot, EPSG:4549."""
    return tiny_precinct.SETTINGS


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real extracts; a test that asks for it is skipped where there is none."""
    beside = Path(__file__).parents[2] / "shared" / "data"
    folder = Path(os.environ.get(SHARED_DATA, beside))
    if not folder.is_dir():
        pytest.skip(f"the real extracts are not at hand: no folder {folder} (set {SHARED_DATA})")
    return folder
