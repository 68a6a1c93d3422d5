"""Chinese and English through one gettext catalogue; English is the key."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Literal, get_args

from babel.dates import format_date
from babel.messages.pofile import read_po

from patrolmap.errors import InputError

Language = Literal["zh", "en"]
LANGUAGES: tuple[Language, ...] = get_args(Language)
CATALOGUES = Path(__file__).parent.parent / "locale"


@cache
def read_catalogue(language: Language) -> dict[str, str]:
    """
    Read the messages of one language; English needs none and has none.

    Raises
    ------
    InputError
        If the language is neither `zh` nor `en`.
    """
    if language not in LANGUAGES:
        raise InputError(f"'{language}' is no language of patrolmap. Choose zh or en.")
    path = CATALOGUES / f"{language}.po"
    if not path.exists():
        return {}
    with path.open("rb") as file:
        messages = read_po(file, locale=language)
    return {str(m.id): str(m.string) for m in messages if m.id and m.string}


def translator(language: Language) -> Callable[[str], str]:
    """
    Make the `_` of one language: text in English in, text in that language out.

    An untranslated text comes back in English; a test keeps the catalogue complete.

    Examples
    --------
    >>> translator("en")("Schools")
    'Schools'
    """
    messages = read_catalogue(language)
    return lambda text: messages.get(text, text)


def day_words(date: dt.date, language: Language) -> str:
    """
    Write a date with its weekday.

    Examples
    --------
    >>> day_words(dt.date(2026, 11, 24), "zh"), day_words(dt.date(2026, 11, 24), "en")
    ('2026-11-24 周二', '2026-11-24 Tue')
    """
    return str(format_date(date, "yyyy-MM-dd EEE", locale=language))
