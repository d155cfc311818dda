"""Group 8: transfer encodings, whole and broken."""

import base64
import binascii

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.channels.mail.transfer import transfer_decoded
from tests.channels.mail.reading import mail, read


def test_base64_and_quoted_printable_are_undone() -> None:
    encoded = base64.encodebytes("Geërgerd".encode())
    assert (
        read(mail(encoded, content_type="text/plain; charset=utf-8", content_transfer_encoding="BASE64")).text
        == "Geërgerd"
    )
    quoted = "Ge=C3=ABr=\ngerd"
    assert (
        read(mail(quoted, content_type="text/plain; charset=utf-8", content_transfer_encoding="Quoted-Printable")).text
        == "Geërgerd"
    )


def test_cut_off_base64_gives_what_is_whole() -> None:
    encoded = base64.b64encode(b"De stoep ligt los")[:-3]
    assert transfer_decoded(encoded, "base64").startswith(b"De stoep ligt")


def test_junk_between_base64_is_skipped() -> None:
    assert transfer_decoded(b"RGUg!!c3Rv\x00\r\nZXA=", "base64") == b"De stoep"


def test_quoted_printable_with_encoded_line_ends_keeps_its_lines() -> None:
    raw = mail("een=0D=0Atwee", content_type="text/plain", content_transfer_encoding="quoted-printable")
    assert read(raw).text == "een\ntwee"


@pytest.mark.parametrize("encoding", ["", "7bit", "8bit", "binary", "onzin", "7-bit", "utf-8"])
def test_an_empty_or_wrong_encoding_leaves_the_text_as_it_is(encoding: str) -> None:
    assert read(mail("Gewone tekst", content_transfer_encoding=encoding or " ")).text == "Gewone tekst"


def test_uuencode_is_undone() -> None:
    lines = binascii.b2a_uu(b"De stoep ligt los. " * 2)
    raw = b"begin 644 brief.txt\n" + lines + b"`\nend\n"
    assert transfer_decoded(raw, "x-uuencode") == b"De stoep ligt los. " * 2
    assert transfer_decoded(b"geen begin", "uuencode") == b"geen begin"


def test_base64_at_the_root_is_the_text() -> None:
    raw = mail(base64.b64encode(b"<p>Hallo</p>"), content_type="text/html", content_transfer_encoding="base64")
    assert read(raw).text == "Hallo"


@settings(deadline=None)
@given(st.binary(max_size=300), st.sampled_from(["base64", "quoted-printable", "uuencode", "7bit", "x-yenc"]))
def test_no_bytes_break_a_decoder(data: bytes, encoding: str) -> None:
    assert isinstance(transfer_decoded(data, encoding), bytes)


@settings(deadline=None)
@given(st.binary(max_size=300))
def test_what_was_encoded_comes_back(data: bytes) -> None:
    assert transfer_decoded(base64.encodebytes(data), "base64") == data
    assert transfer_decoded(binascii.b2a_qp(data, istext=False), "quoted-printable") == data
