"""Bytes to text: UTF-8, GB18030 and Big5 are recognised, anything else must be declared."""

from __future__ import annotations

import codecs
import re
from typing import Final

from patrolmap.errors import InputError

_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_UTF8_LEAD: Final = re.compile(rb"[\xc2-\xf4]")
# So many characters that are valid UTF-8 are no accident: each has a chance of about 1 in 7.
_NO_ACCIDENT: Final = 8
# Of real Chinese text nearly all lies in GB 2312; of Big5 or Shift-JIS read as GB18030, about half.
_COMMON_SHARE: Final = 0.8
# The characters each code puts first, by how often they are used, and their marks: the first
# level of GB 2312 (rows 16 to 55), the 5401 frequent ones of Big5.
_GB_COMMON: Final = range(0xA1, 0xD8)
_BIG5_COMMON: Final = range(0xA1, 0xC7)
_CLEARLY: Final = 0.2
_SAMPLE: Final = 100_000  # characters; a judgement needs no more


def decode(data: bytes, encoding: str | None, subject: str) -> tuple[str, str]:
    """
    Decode a text file, strictly.

    Parameters
    ----------
    data
        The whole file.
    encoding
        As declared; None to recognise a byte order mark, UTF-8, GB18030
        or Big5.
    subject
        The file as the user knows it, for messages.

    Returns
    -------
    text, encoding
        Without byte order mark; the encoding that was used.

    Raises
    ------
    InputError
        If bytes do not fit the encoding (the row and the byte are named), the
        declared encoding is unknown, or the file is plainly UTF-8 and was declared
        otherwise.

    Examples
    --------
    >>> decode("名称".encode("gbk"), None, "a.csv")
    ('名称', 'gb18030')
    """
    if encoding is not None:
        return _decode_declared(data, encoding, subject)
    for mark, name in _BOMS:
        if data.startswith(mark):
            return _decode_strictly(data, name, subject), name.removesuffix("-sig")
    if data.count(0) > len(data) / 8:
        raise InputError(
            f"{subject}: looks like UTF-16 without the mark that says so. Declare it: "
            "--encoding utf-16-le, or save the file as UTF-8."
        )
    if is_utf8(data):
        return data.decode("utf-8"), "utf-8"
    if (text := _decode_big5(data)) is not None:
        return text, "big5"
    text = _decode_strictly(data, "gb18030", subject)
    if _common_share(text, "gb2312") < _COMMON_SHARE:
        raise InputError(
            f"{subject}: is not UTF-8, and read as GB18030 or Big5 it makes no sense. "
            "Declare its encoding, for example --encoding big5."
        )
    return text, "gb18030"


def _decode_big5(data: bytes) -> str | None:
    """Decode Big5 where it makes much more sense than GB18030, which nearly any bytes are."""
    try:
        traditional = data.decode("big5")
    except UnicodeDecodeError:
        return None
    simplified = data.decode("gb18030", "replace")
    sense = _common_share(traditional, "big5", _BIG5_COMMON)
    other = _common_share(simplified, "gb2312", _GB_COMMON)
    return traditional if sense >= _COMMON_SHARE and sense > other + _CLEARLY else None


def is_utf8(data: bytes) -> bool:
    """Tell whether bytes are valid UTF-8 (plain ASCII is)."""
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _decode_declared(data: bytes, encoding: str, subject: str) -> tuple[str, str]:
    try:
        name = codecs.lookup(encoding.strip()).name
    except (LookupError, ValueError) as error:
        raise InputError(
            f"'{encoding}' is no known encoding. Choose utf-8, gb18030 or big5, or leave it out."
        ) from error
    if name in ("gbk", "gb2312"):
        name = "gb18030"  # what programs call GBK often holds more than GBK
    if not name.startswith("utf") and _is_plainly_utf8(data):
        raise InputError(
            f"{subject}: is declared {encoding}, but its bytes are UTF-8. Leave --encoding out."
        )
    return _decode_strictly(data, "utf-8-sig" if name == "utf-8" else name, subject), name


def _is_plainly_utf8(data: bytes) -> bool:
    return is_utf8(data) and len(_UTF8_LEAD.findall(data)) >= _NO_ACCIDENT


def _common_share(text: str, encoding: str, lead: range = range(0xA1, 0xFF)) -> float:
    """Measure which share of the characters beyond ASCII a code counts among its common ones."""
    foreign = re.sub("[\x00-\x7f]+", "", text[:_SAMPLE])
    if not foreign:
        return 1.0
    leads = foreign.encode(encoding, "ignore")[::2]
    common = leads.translate(None, bytes(byte for byte in range(256) if byte not in lead))
    return len(common) / len(foreign)


def _decode_strictly(data: bytes, name: str, subject: str) -> str:
    try:
        return data.decode(name)
    except UnicodeDecodeError as error:
        row = data.count(b"\n", 0, error.start) + 1
        raise InputError(
            f"{subject}: row {row}: byte 0x{data[error.start]:02x} (number {error.start + 1}) "
            f"is not {name.removesuffix('-sig')}. "
            "Declare the right encoding, for example --encoding gb18030, or save the file as UTF-8."
        ) from error
    except (LookupError, UnicodeError) as error:
        raise InputError(f"{subject}: cannot be read as {name}: {error}.") from error
