"""Groups 2 to 4: headers in eight bits, encoded words, subjects."""

import base64

import pytest

from app.channels.mail.words import decode_words
from tests.channels.mail.reading import mail, read


def test_a_raw_utf_8_header_is_read() -> None:
    raw = mail(
        subject="Stoep in de Linnaeuslaan ✅ geërgerd".encode(),
        **{"from": "Zoë Voorbeeld <zoe@burger.example>".encode()},
    )
    assert read(raw).title == "Stoep in de Linnaeuslaan ✅ geërgerd"
    assert read(raw).author.name == "Zoë Voorbeeld"


def test_a_raw_latin_1_header_is_read() -> None:
    assert read(mail(subject="Geërgerd over € 5".encode("cp1252"))).title == "Geërgerd over € 5"


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("=?utf-8?q?Ge=C3=ABrgerd?=", "Geërgerd"),
        ("=?UTF-8?B?R2XDq3JnZXJk?=", "Geërgerd"),
        ("=?utf-8?q?Ge=C3?= =?utf-8?q?=ABrgerd?=", "Geërgerd"),  # cut inside a character
        ("=?utf-8?b?R2XD?=\t=?utf-8?b?q3JnZXJk?=", "Geërgerd"),
        ("=?iso-8859-1?q?Ge=EBrgerd_=80?=", "Geërgerd €"),
        ("=?utf-8?q?een?= =?iso-8859-15?q?_=A4?=", "een €"),
        ("Re: =?utf-8?q?een?= twee", "Re: een twee"),
        ("=?utf-8*nl?q?taal?=", "taal"),
        ('"=?utf-8?q?tussen_haken?="', '"tussen haken"'),
        ("=?utf-8?q?met spaties erin?=", "met spaties erin"),
        ("=?onbekend?q?toch=20leesbaar?=", "toch leesbaar"),
        ("=?utf-8?b?R2XDq3JnZXJ?=", "Geërger"),  # broken padding
        ("=?utf-8?q?niet af", "=?utf-8?q?niet af"),
        ("=?iso-2022-jp?b?GyRCO1RMMRsoQg==?=", "市民"),
        ("=?utf-8?q?a=0D=0ABcc:_x?=", "a Bcc: x"),
    ],
)
def test_encoded_words_are_read_as_senders_write_them(written: str, meant: str) -> None:
    assert decode_words(written) == meant


def test_specials_inside_an_encoded_word_make_no_second_author() -> None:
    raw = mail(**{"from": "=?utf-8?q?Jansen=2C_Jan_=3Ceen=40ander=2Eexample=3E?= <jan@burger.example>"})
    author = read(raw).author
    assert (author.name, author.address) == ("Jansen, Jan <een@ander.example>", "jan@burger.example")


def test_a_folded_subject_is_one_line() -> None:
    assert read(mail(subject="Een\r\n lange\r\n\tregel")).title == "Een lange\tregel".replace("\t", " ")


def test_a_missing_subject_is_an_empty_title() -> None:
    assert read(mail(subject="")).title == ""


@pytest.mark.parametrize("subject", ["x", "Re[5]: AW: Antw: vraag", "🚲🚲", "שאלה לעירייה", "سؤال إلى البلدية"])
def test_a_subject_is_kept_as_it_is(subject: str) -> None:
    encoded = f"=?utf-8?b?{base64.b64encode(subject.encode()).decode()}?="
    assert read(mail(subject=encoded)).title == subject
    assert read(mail(subject=subject.encode())).title == subject


def test_a_very_long_subject_is_bounded() -> None:
    assert len(read(mail(subject="lang " * 10_000)).title) == 998
