"""Group 1 of the checklist: charsets as declared, as they are, and as they are not."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.channels.mail.charset import codec_name, decode, one_line
from tests.channels.mail.reading import mail, read


@pytest.mark.parametrize(
    ("declared", "codec", "text"),
    [
        ("gb2312", "gb18030", "市民参与"),
        ("iso-gb2312", "gb18030", "市民参与"),
        ("GB18030", "gb18030", "𠀋市民"),
        ("GBK", "gbk", "市民參與"),
        ("windows-1250", "cp1250", "Žluťoučký kůň"),
        ("windows-1251", "cp1251", "Здравствуйте"),
        ("windows-1258", "cp1258", "Xin chao đ"),
        ("iso-8859-15", "iso8859-15", "Het kost € 5"),
        ("iso-8859-1", "cp1252", "Het kost € 5 “vandaag”"),
        ("Shift-JIS", "cp932", "市民の声"),
        ("x-sjis", "cp932", "市民の声"),
        ("iso-2022-jp", "iso2022_jp", "市民の声"),
        ("ks_c_5601-1987", "cp949", "시민의 목소리"),
        ("koi8-r", "koi8-r", "Здравствуйте"),
        ("utf-7", "utf-7", "Geërgerd €"),
        ("utf8", "utf-8", "Geërgerd ✅"),
        ('"UTF-8"', "utf-8", "Geërgerd"),
        ("x-mac-roman", "mac_roman", "Geërgerd"),
        ("iso-8859-8-i", "iso-8859-8", "שלום"),
        ("big5", "big5hkscs", "市民參與"),
    ],
)
def test_a_body_is_read_in_the_charset_it_declares(declared: str, codec: str, text: str) -> None:
    raw = mail(text.encode(codec), content_type=f"text/plain; charset={declared}", content_transfer_encoding="8bit")
    assert read(raw).text == text


@pytest.mark.parametrize(
    "declared", ["", "x-unknown", "null", "nergens-bekend", "unknown-8bit", "charset", "é", "a" * 500]
)
def test_without_a_usable_charset_utf_8_is_tried_before_windows_1252(declared: str) -> None:
    assert decode("Geërgerd".encode(), declared) == "Geërgerd"
    assert decode("Geërgerd € 5".encode("cp1252"), declared) == "Geërgerd € 5"


def test_a_western_declaration_over_utf_8_bytes_is_read_as_utf_8() -> None:
    assert decode("Geërgerd".encode(), "iso-8859-1") == "Geërgerd"
    assert decode("Geërgerd".encode(), "us-ascii") == "Geërgerd"


def test_utf_8_that_is_windows_1252_in_truth_keeps_its_letters() -> None:
    assert decode("Geërgerd".encode("cp1252"), "utf-8") == "Geërgerd"


def test_long_utf_8_with_one_damaged_character_stays_utf_8() -> None:
    damaged = "ëëëëëëëë".encode() + b"\xc3"
    assert decode(damaged, "utf-8") == "ëëëëëëëë\ufffd"


def test_a_multi_byte_charset_with_a_damaged_character_stays_that_charset() -> None:
    assert decode("市民".encode("cp932") + b"\xff", "shift_jis").startswith("市民")


@pytest.mark.parametrize("name", ["punycode", "idna", "unicode_escape", "undefined", "zlib", "hex", "rot13", "base64"])
def test_codecs_that_are_no_charset_of_a_mail_are_not_used(name: str) -> None:
    assert codec_name(name) == ""


def test_nul_and_lone_surrogates_are_replaced() -> None:
    assert decode(b"a\x00b") == "a\ufffdb"
    assert decode(b"\x00\xd8a\x00", "utf-16-le") == "\ufffda" or "\ud800" not in decode(b"\x00\xd8a\x00", "utf-16-le")
    assert one_line("a\r\nBcc: x\x00\udc80") == "a Bcc: x\ufffd\ufffd"


@settings(deadline=None)
@given(
    st.binary(max_size=200),
    st.sampled_from(["", "utf-8", "utf-7", "gb2312", "iso-2022-jp", "hz", "utf-16", "cp932", "big5"]),
)
def test_every_bytes_give_a_text_that_can_be_stored(data: bytes, declared: str) -> None:
    text = decode(data, declared)
    text.encode("utf-8")
    assert "\x00" not in text


@settings(deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=100))
def test_utf_8_survives(text: str) -> None:
    assert decode(text.encode(), "utf-8") == text
