"""patrolmap finds its own files in a clone and in a wheel."""

from __future__ import annotations

from pathlib import Path

import pytest

from patrolmap.errors import StoreError
from patrolmap.workflow import places


def test_the_files_of_a_clone_are_found() -> None:
    assert places.app_script().name == "app.py"
    assert (places.demo_folder() / "streets.osm.bz2").exists()


def test_the_files_of_a_wheel_lie_within_the_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "app.py").write_text("", encoding="utf-8")
    monkeypatch.setattr(places, "_PACKAGE", tmp_path)
    assert places.app_script() == tmp_path / "app.py"


def test_a_broken_installation_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "_PACKAGE", tmp_path / "patrolmap")
    with pytest.raises(StoreError, match=r"app\.py.*missing"):
        places.app_script()
