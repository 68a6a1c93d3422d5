"""Names of files that no call-sign can spoil."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patrolmap.errors import StoreError
from patrolmap.workflow.files import file_names, make_folder


@given(st.lists(st.text(min_size=1, max_size=60), max_size=12))
def test_every_call_sign_gets_a_safe_name_of_its_own(call_signs: list[str]) -> None:
    names = file_names(call_signs)
    assert len({name.casefold() for name in names}) == len(call_signs)
    for name in names:
        assert Path(name).name == name
        assert 1 <= len(name) <= 44
        assert all(letter.isalnum() or letter in "-_" for letter in name)


def test_a_folder_is_made_with_those_above_it_and_may_be_there(tmp_path: Path) -> None:
    make_folder(tmp_path / "a" / "b")
    make_folder(tmp_path / "a" / "b")
    assert (tmp_path / "a" / "b").is_dir()


def test_a_folder_that_cannot_be_made_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("")
    with pytest.raises(StoreError, match="another folder"):
        make_folder(tmp_path / "a" / "b")
