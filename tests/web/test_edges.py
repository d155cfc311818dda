"""Small things at the edge: where to go next, what a file is, which language, dates and tags."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from app import clock
from app.api.messages import disposition
from app.errors import Conflict
from app.vocabulary import Language
from app.web import etag, formats, i18n
from app.web.next_address import safe
from app.web.sniff import content_type
from app.web.text import clean

NL, EN = Language.DUTCH, Language.ENGLISH

ELSEWHERE = [
    "//evil.example", "///evil.example", "/\\evil.example", "\\\\evil.example", "/\\/evil.example", "https://evil.example",
    "http:evil.example", "javascript:alert(1)", "data:text/html,x", "evil.example", " /desk", "\t//evil.example",
    "/\t/evil.example",
    "/\n/evil.example", "/desk\r\nSet-Cookie: x=1", "/\x00", "", "desk", "?x", "#x", "/desk\\..\\", "@evil.example",
    "//evil.example/%2f..", "/ /evil.example", "////", "ftp://x", "mailto:x@y", "\x01/desk", "/\u0000", "/x" * 2000,
]  # fmt: skip


@pytest.mark.parametrize("address", ELSEWHERE)
def test_an_address_elsewhere_is_never_the_next(address: str) -> None:
    assert safe(address, "/desk") == "/desk"


@pytest.mark.parametrize("address", ["/", "/desk", "/desk/tickets/1?x=//y#z", "/desk/?q=a%20b", "/é"])
def test_a_path_of_ours_is_the_next(address: str) -> None:
    assert safe(address, "/") == address


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"\x89PNG\r\n\x1a\n....", "image/png"),
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"%PDF-1.7", "application/pdf"),
        (b"RIFF1234WEBPVP8 ", "image/webp"),
        (b"<html><script>", "text/plain"),
        (b"<svg xmlns=", "text/plain"),
        (b"GEPLAND: kap\r\n\xc3", "text/plain"),
        (b"\x00\x01\x02", "application/octet-stream"),
        (b"", "application/octet-stream"),
        (b"MZ\x90\x00", "application/octet-stream"),
    ],
)
def test_a_file_is_what_its_bytes_say(head: bytes, kind: str) -> None:
    assert content_type(head) == kind


@given(st.text(max_size=60))
def test_no_name_escapes_its_download(name: str) -> None:
    header = disposition(name)
    plain = header.split('"')[1]
    assert header.isascii()
    assert header.count('"') == 2
    assert not any(c in plain for c in "/\\\r\n\0")
    assert plain.strip(". ") != "" or plain == "attachment"


@given(
    st.recursive(
        st.text() | st.integers() | st.none(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
    )
)
def test_everything_cleaned_can_be_stored(value: object) -> None:
    text = str(clean(value))
    assert "\x00" not in text
    text.encode()


def test_half_a_pair_and_nul_leave_a_trace() -> None:
    assert clean({"a\x00": ["b\ud800"]}) == {"a�": ["b�"]}


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", NL), ("nl-NL,nl;q=0.9,en;q=0.8", NL), ("en-GB,en;q=0.9", EN), ("fr,de;q=0.5", NL), ("fr,en;q=0.5", EN),
        ("en;q=0.1,nl;q=0.9", NL), ("en;q=0", NL), (";;;q=x,,", NL), ("*", NL), ("x" * 10_000, NL), ("en;q=nan", NL),
    ],
)  # fmt: skip
def test_the_browsers_preference_counts(header: str, language: Language) -> None:
    assert i18n.preferred(header) is language


def test_dates_stand_on_the_clocks_of_the_netherlands() -> None:
    winter, summer = datetime(2026, 11, 3, 13, 5, tzinfo=UTC), datetime(2026, 7, 1, 22, 30, tzinfo=UTC)
    assert formats.when(winter, NL) == "3 nov 2026 14:05"
    assert formats.when(winter, EN) == "3 Nov 2026 14:05"
    assert formats.day(summer, NL) == "2 juli 2026"
    assert formats.when(None, NL) == ""
    assert formats.ago(clock.now() - timedelta(hours=5), NL) == "5 uur geleden"
    assert formats.number(12345.6, NL) == "12.345,6"
    assert [formats.size(n, NL) for n in (0, 999, 1400, 25_000_000)] == ["0 bytes", "999 bytes", "1,4 kB", "25 MB"]


class Thing(BaseModel):
    name: str


def test_if_match_is_needed_and_compared() -> None:
    with pytest.raises(Conflict, match="if_match_missing"):
        etag.given(None)
    assert etag.expected("*") is None
    assert etag.expected('"7"') == 7
    with pytest.raises(Conflict, match="changed"):
        etag.expected('W/"7"')
    etag.check(etag.of(Thing(name="a")), Thing(name="a"))
    etag.check("*", Thing(name="a"))
    with pytest.raises(Conflict, match="changed"):
        etag.check(etag.of(Thing(name="a")), Thing(name="b"))
