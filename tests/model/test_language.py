"""English is the key; Chinese comes from the catalogue; a gap falls back to English."""

from __future__ import annotations

import pytest

from patrolmap.errors import InputError
from patrolmap.model import language as language_module
from patrolmap.model.language import LANGUAGES, read_catalogue, translator

CATALOGUE = """
msgid ""
msgstr "Content-Type: text/plain; charset=utf-8\\n"

msgid "Schools"
msgstr "学校"

msgid "Gates"
msgstr ""
"""


@pytest.fixture
def catalogue(tmp_path, monkeypatch):
    """A catalogue that knows one word."""
    (tmp_path / "zh.po").write_text(CATALOGUE, encoding="utf-8")
    monkeypatch.setattr(language_module, "CATALOGUES", tmp_path)
    read_catalogue.cache_clear()
    yield
    read_catalogue.cache_clear()


@pytest.mark.usefixtures("catalogue")
def test_a_text_is_translated_and_a_gap_stays_english():
    _ = translator("zh")
    assert [_(text) for text in ("Schools", "Gates", "Zoo", "")] == ["学校", "Gates", "Zoo", ""]


@pytest.mark.usefixtures("catalogue")
def test_english_needs_no_catalogue():
    assert translator("en")("Schools") == "Schools"
    assert read_catalogue("en") == {}


def test_there_are_two_languages_and_no_third():
    assert LANGUAGES == ("zh", "en")
    with pytest.raises(InputError, match=r"'fr' is no language of patrolmap. Choose zh or en"):
        translator("fr")  # type: ignore[arg-type]
