"""The doctor tells what is there and what is missing."""

from __future__ import annotations

import sys
from importlib import metadata

import pytest

from patrolmap.workflow.doctor import doctor

EXAMINED = sys.modules["patrolmap.workflow.doctor"]  # the function hides the module's name


def test_a_sound_installation_is_told_to_be_so() -> None:
    report = doctor().set_index("what")
    assert list(report.columns) == ["ok", "detail"]
    assert report["ok"][["geopandas", "osmium", "numba", "app", "demo", "public holidays"]].all()
    assert report["detail"]["geopandas"] == metadata.version("geopandas")
    assert (
        "2026" in report["detail"]["public holidays"] or "20" in report["detail"]["public holidays"]
    )


def test_what_is_missing_is_told_with_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(EXAMINED, "_PACKAGES", ("no-such-package",))
    monkeypatch.setattr(EXAMINED, "_PROGRAMS", {"no-such-program": "reads minds"})
    report = doctor().set_index("what")
    assert not report["ok"]["no-such-package"]
    assert "install patrolmap again" in report["detail"]["no-such-package"]
    assert not report["ok"]["no-such-program"]
