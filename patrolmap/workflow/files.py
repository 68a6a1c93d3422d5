"""Folders to write to, and names for files that no call-sign can spoil."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import count
from pathlib import Path
from typing import Final

from patrolmap.errors import StoreError

LONGEST_NAME: Final = 40  # characters of a call-sign in the name of a file


def make_folder(folder: Path) -> None:
    """
    Make a folder, and those above it, unless it is there.

    Raises
    ------
    StoreError
        If that cannot be.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(
            f"{folder} cannot be made: {error.strerror}. Choose another folder."
        ) from error


def remove_file(path: Path) -> None:
    """
    Remove a file that may be there.

    Raises
    ------
    StoreError
        If it cannot be removed, or is a folder.
    """
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise StoreError(
            f"{path} cannot be replaced: {error.strerror}. Choose another folder."
        ) from error


def file_names(call_signs: Iterable[str]) -> list[str]:
    """
    Keep call-signs from leaving the folder, and two that look alike from sharing a file.

    Examples
    --------
    >>> file_names(["A/1", "A:1", "a_1"])
    ['A_1', 'A_1-2', 'a_1-3']
    """
    names: list[str] = []
    taken: set[str] = set()  # without capitals: on Windows and macOS they make no difference
    for call_sign in call_signs:
        plain = "".join(c if c.isalnum() or c in "-_" else "_" for c in call_sign[:LONGEST_NAME])
        name = next(name for name in _numbered(plain) if name.casefold() not in taken)
        taken.add(name.casefold())
        names.append(name)
    return names


def _numbered(name: str) -> Iterator[str]:
    yield name
    yield from (f"{name}-{number}" for number in count(2))
