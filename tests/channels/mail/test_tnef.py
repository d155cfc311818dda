"""Group 11: Outlook's winmail.dat, whole and damaged."""

import base64
import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.channels.mail.tnef import unpacked
from tests.channels.mail.reading import part, parts, read

ATTACH_REND, ATTACH_TITLE, ATTACH_DATA, VERSION = 0x9002, 0x8010, 0x800F, 0x9006


def _attribute(level: int, name: int, kind: int, data: bytes) -> bytes:
    return struct.pack("<BHHI", level, name, kind, len(data)) + data + struct.pack("<H", sum(data) & 0xFFFF)


def winmail(name: bytes = b"brief.txt", content: bytes = b"Geachte gemeente") -> bytes:
    return (
        struct.pack("<IH", 0x223E9F78, 1)
        + _attribute(1, VERSION, 0x0008, struct.pack("<I", 0x00010000))
        + _attribute(2, ATTACH_REND, 0x0006, b"\x00" * 14)
        + _attribute(2, ATTACH_TITLE, 0x0001, name + b"\x00")
        + _attribute(2, ATTACH_DATA, 0x0006, content)
    )


def _mail(data: bytes) -> bytes:
    encoded = base64.encodebytes(data)
    return parts(
        part("text/plain", "Zie bijlage"),
        part("application/ms-tnef; name=winmail.dat", encoded, content_transfer_encoding="base64"),
    )


def test_the_files_inside_are_the_attachments() -> None:
    (file,) = read(_mail(winmail())).attachments
    assert (file.name, file.content, file.content_type) == ("brief.txt", b"Geachte gemeente", "text/plain")


def test_a_name_inside_is_made_harmless_too() -> None:
    assert read(_mail(winmail(name=b"..\\..\\kwaad.txt"))).attachments[0].name == "kwaad.txt"


@pytest.mark.parametrize(
    "data", [b"", b"\x78\x9f\x3e\x22", winmail()[:40], b"geen tnef", b"\x78\x9f\x3e\x22" + b"\xff" * 500]
)
def test_a_damaged_container_is_kept_itself(data: bytes) -> None:
    (file,) = read(_mail(data)).attachments
    assert (file.name, file.size) == ("winmail.dat", len(data))


def test_garbage_at_the_end_costs_nothing() -> None:
    assert [f.name for f in read(_mail(winmail() + b"\x00garbage")).attachments] == ["brief.txt"]


@settings(deadline=None)
@given(st.binary(max_size=200), st.integers(0, 120))
def test_no_damage_raises(junk: bytes, at: int) -> None:
    whole = winmail()
    assert isinstance(unpacked(whole[:at] + junk + whole[at:]), list)
