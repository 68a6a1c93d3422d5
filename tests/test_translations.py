"""Every English message of the program has its Chinese, and the catalogue holds nothing else."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

import patrolmap
from patrolmap.model.language import CATALOGUES, read_catalogue

PACKAGE = Path(patrolmap.__file__).parent
# `_` translates; `on_step` is handed English that its receiver translates.
SPEAKERS = {"_", "on_step"}


def _spoken() -> Iterator[ast.expr]:
    """Find what is handed to a speaker, `translator(...)` itself among them."""
    for script in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(script.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and node.args and _speaks(node.func):
                yield node.args[0]


def _speaks(function: ast.expr) -> bool:
    if isinstance(function, ast.Call):
        return ast.unparse(function.func) == "translator"
    return isinstance(function, ast.Name) and function.id in SPEAKERS


def _messages() -> set[str]:
    return {text.value for text in _spoken() if isinstance(text, ast.Constant)}


def test_every_message_has_its_chinese_and_no_chinese_is_left_over():
    assert set(read_catalogue("zh")) == _messages()


def test_a_message_that_no_catalogue_can_hold_is_a_progress_text_passed_on():
    """Anything but a plain text escapes the test above; only `what` of a callback may."""
    unknown = {ast.unparse(text) for text in _spoken() if not isinstance(text, ast.Constant)}
    assert unknown <= {"what"}


@pytest.fixture(scope="module")
def catalogue():
    with (CATALOGUES / "zh.po").open("rb") as file:
        return read_po(file, locale="zh", abort_invalid=True)


def test_the_catalogue_says_each_thing_once_and_nothing_in_doubt(catalogue):
    ids = [line for line in _lines() if line.startswith("msgid ")]
    assert len(ids) == len(set(ids))
    assert [message.id for message in catalogue if message.fuzzy and message.id] == []
    assert list(catalogue.obsolete) == []


def test_chinese_is_chinese_and_ends_as_the_english_does(catalogue):
    for message in catalogue:
        if not message.id:
            continue
        assert any("\u4e00" <= letter <= "\u9fff" for letter in message.string), message.id
        assert message.id.endswith(":") == message.string.endswith("："), message.id
        assert message.id.endswith(".") == message.string.endswith("。") or message.id == "No."


def _lines() -> list[str]:
    return (CATALOGUES / "zh.po").read_text(encoding="utf-8").splitlines()
