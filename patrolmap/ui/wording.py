"""Words for the pages: names kept from acting as markup, days in words."""

from __future__ import annotations

import datetime as dt
import re
from typing import Final

from babel.dates import format_date

from patrolmap.model.language import Language

# Everything that Markdown, and what Streamlit adds to it, gives a meaning to.
_MARKUP: Final = re.compile(r"([\\`*_{}\[\]()#+\-.!|<>~$:&@/])")


def plain(text: str) -> str:
    r"""
    Keep a text from being read as Markdown: a name could load a picture from elsewhere.

    Line breaks stay.

    Examples
    --------
    >>> plain("![x](http://a)")
    '\\!\\[x\\]\\(http\\:\\/\\/a\\)'
    """
    return _MARKUP.sub(r"\\\1", text).replace("\n", "  \n")


def day_words(date: dt.date, language: Language) -> str:
    """
    Write a date with its weekday.

    Examples
    --------
    >>> day_words(dt.date(2026, 11, 24), "zh"), day_words(dt.date(2026, 11, 24), "en")
    ('2026-11-24 周二', '2026-11-24 Tue')
    """
    return str(format_date(date, "yyyy-MM-dd EEE", locale=language))
