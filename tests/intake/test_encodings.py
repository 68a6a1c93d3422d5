from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patrolmap.errors import InputError
from patrolmap.intake.encodings import decode

LIST = "编号,名称,类别\nS1,常州市第一实验小学,小学\nS2,翠竹幼儿园,幼儿园\n"
TRADITIONAL = "id,name\nS1,臺中市西屯區東海國民小學\nS2,國立臺灣體育學院附屬中學\n"


@pytest.mark.parametrize(
    ("written", "used"),
    [("utf-8", "utf-8"), ("utf-8-sig", "utf-8"), ("gbk", "gb18030"), ("utf-16", "utf-16")],
)
def test_the_usual_encodings_are_recognised(written, used):
    assert decode(LIST.encode(written), None, "a.csv") == (LIST, used)


@given(
    st.text("编号名称类别小学幼儿园abc,\n123", min_size=1), st.sampled_from(["utf-8", "gb18030"])
)
def test_what_is_declared_reads_back(text, encoding):
    assert decode(text.encode(encoding), encoding, "a.csv")[0] == text


@pytest.mark.parametrize("declared", ["gbk", "GB2312", "gb18030", "cp936"])
def test_every_name_of_the_chinese_encodings_means_the_largest(declared):
    assert decode("㐂牛".encode("gb18030"), declared, "a.csv") == ("㐂牛", "gb18030")


def test_a_declared_encoding_wins_over_a_guess():
    assert decode(TRADITIONAL.encode("big5"), "big5", "a.csv") == (TRADITIONAL, "big5")


def test_a_byte_that_does_not_fit_is_named_with_its_row():
    data = "编号,名称\nS1,一小\n".encode() + b"S2,\xb6\xfe\xd0\xa1\n"
    with pytest.raises(InputError, match=r"a\.csv: row 3: byte 0xb6 .* is not utf-8"):
        decode(data, "utf-8", "a.csv")


def test_bytes_of_no_encoding_are_refused():
    with pytest.raises(InputError, match=r"row 1: byte 0xff .* is not gb18030"):
        decode(b"a\xff\xffb", None, "a.csv")


def test_big5_is_recognised_and_not_taken_for_gb18030():
    assert decode(TRADITIONAL.encode("big5"), None, "a.csv") == (TRADITIONAL, "big5")


def test_what_makes_no_sense_in_either_is_refused():
    with pytest.raises(InputError, match="makes no sense"):
        decode("名称,小学校の名前、さくらい\n".encode("shift_jis"), None, "a.csv")


def test_utf8_declared_as_something_else_is_refused():
    with pytest.raises(InputError, match="its bytes are UTF-8"):
        decode(LIST.encode(), "gbk", "a.csv")


def test_an_unknown_encoding_is_refused_with_the_choices():
    for name in ("utf-99", "hex", "\0"):
        with pytest.raises(InputError, match=r"encoding|read as"):
            decode(b"abc", name, "a.csv")
