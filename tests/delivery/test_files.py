"""A file is written whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from patrolmap.delivery.files import write_whole
from patrolmap.errors import StoreError


def test_text_is_written_as_utf_8_and_bytes_as_they_are(tmp_path):
    write_whole(tmp_path / "a.txt", "护学岗\n")
    write_whole(tmp_path / "b.bin", b"\x00\xff")
    assert (tmp_path / "a.txt").read_bytes() == "护学岗\n".encode()
    assert (tmp_path / "b.bin").read_bytes() == b"\x00\xff"


@pytest.mark.parametrize("step", ["write", "replace"])
def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch, step):
    path = tmp_path / "plan.gpx"
    write_whole(path, "old")

    def fail(*_args, **_kwargs):
        raise OSError(28, "No space left on device")

    if step == "replace":
        monkeypatch.setattr(Path, "replace", fail)
    else:
        real = os.fdopen

        monkeypatch.setattr(os, "fdopen", lambda *args: _Full(real(*args)))
    with pytest.raises(StoreError, match="No space left on device"):
        write_whole(path, "new")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


class _Full:
    """A file on a disk without room."""

    def __init__(self, file):
        self.file = file

    def __enter__(self):
        return self

    def __exit__(self, *_error):
        self.file.close()

    def write(self, _data):
        raise OSError(28, "No space left on device")


def test_a_missing_folder_is_said_with_its_cure(tmp_path):
    with pytest.raises(StoreError, match=r"cannot be written.*Choose another folder"):
        write_whole(tmp_path / "nowhere" / "plan.gpx", "")


def test_a_folder_is_not_overwritten(tmp_path):
    (tmp_path / "plan.gpx").mkdir()
    with pytest.raises(StoreError, match="cannot be written"):
        write_whole(tmp_path / "plan.gpx", "new")
    assert list(tmp_path.iterdir()) == [tmp_path / "plan.gpx"]
