"""Where patrolmap's own files lie: in a clone beside the package, in a wheel within it."""

from __future__ import annotations

from pathlib import Path

from patrolmap.errors import StoreError

_PACKAGE = Path(__file__).parents[1]


def _find(name: str) -> Path:
    for folder in (_PACKAGE, _PACKAGE.parent):
        if (folder / name).exists():
            return folder / name
    raise StoreError(f"'{name}' is missing from this installation. Install patrolmap again.")


def app_script() -> Path:
    """Find the script that Streamlit runs."""
    return _find("app.py")


def demo_folder() -> Path:
    """Find the files of the demo precinct."""
    return _find("data") / "demo"


def rules_folder() -> Path:
    """Find the packs of distance rules."""
    return _find("data") / "rules"
