"""Words for the pages: names kept from acting as markup, days in words."""

from __future__ import annotations

import re
from typing import Final

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
