"""Group 11: files that come along."""

import base64
import dataclasses

import pytest

from tests.channels.mail.reading import OWN, mail, part, parts, read

PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 20


def _file(content: bytes, content_type: str, disposition: str = "attachment") -> bytes:
    encoded = base64.encodebytes(content)
    return part(content_type, encoded, content_disposition=disposition, content_transfer_encoding="base64")


def _name(disposition: str, content_type: str = "application/octet-stream") -> str:
    return read(parts(part("text/plain", "x"), _file(b"inhoud", content_type, disposition))).attachments[0].name


@pytest.mark.parametrize(
    ("disposition", "name"),
    [
        ("attachment; filename=brief.pdf", "brief.pdf"),
        ('attachment; filename="een \\"mooie\\" brief.pdf"', "een _mooie_ brief.pdf"),
        ("attachment; filename*=utf-8''ge%C3%ABrgerd.pdf", "geërgerd.pdf"),
        ("attachment; filename*0=lange-; filename*1=naam.pdf", "lange-naam.pdf"),
        ("attachment; filename*1*=%ABrgerd.pdf; filename*0*=utf-8''ge%C3", "geërgerd.pdf"),
        ("attachment; filename*0*=utf-8''ge%C3%AB; filename*1=rgerd.pdf", "geërgerd.pdf"),
        ("attachment; filename*=utf-8''ge%EBrgerd.pdf", "geërgerd.pdf"),  # the charset is wrong
        ("attachment; filename*=nergens''brief.pdf", "brief.pdf"),
        ("attachment; filename*=brief.pdf", "brief.pdf"),
        ("attachment; filename==?utf-8?q?ge=C3=ABrgerd=2Epdf?=", "geërgerd.pdf"),
        ('attachment; filename="=?utf-8?b?Z2XDq3JnZXJkLnBkZg==?="', "geërgerd.pdf"),
        ("attachment; filename=brief.pdf; filename=ander.pdf", "brief.pdf"),
        ('attachment; filename="../../etc/passwd"', "passwd"),
        ('attachment; filename="C:\\\\Windows\\\\system.ini"', "system.ini"),
        ('attachment; filename="..."', "attachment-1.txt"),
        ('attachment; filename=""', "attachment-1.txt"),
        ("attachment", "attachment-1.txt"),
        ('attachment; filename="factuur\u202efdp.exe"', "facturfdp.exe".replace("factur", "factuur")),
        ('attachment; filename="a\tb\x07c.pdf"', "a b c.pdf"),
        ('attachment; filename="niet gesloten.pdf', "niet gesloten.pdf"),
    ],
)
def test_a_name_is_read_and_made_harmless(disposition: str, name: str) -> None:
    assert _name(disposition) == name


def test_the_name_may_stand_in_the_content_type() -> None:
    assert _name("attachment", "application/pdf; name=brief.pdf") == "brief.pdf"


def test_a_very_long_name_keeps_its_ending() -> None:
    name = _name(f'attachment; filename="{"x" * 2_000}.docx"')
    assert len(name) <= 200
    assert name.endswith(".docx")


@pytest.mark.parametrize(
    ("content", "declared", "kept"),
    [
        (PNG, "application/octet-stream", "image/png"),
        (b"<html><script>alert(1)</script>", "image/jpeg", "text/html"),
        (b"<!DOCTYPE html><p>", "image/png", "text/html"),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='x()'/>", "image/png", "image/svg+xml"),
        (b"MZ\x90\x00", "application/pdf", "application/x-msdownload"),
        (b"geen plaatje", "image/png", "text/plain"),
        (b"\x00\x01\x02", "image/png", "application/octet-stream"),
        (b"%PDF-1.7", "text/plain", "application/pdf"),
        (b"PK\x03\x04" + b"\x00" * 26 + b"[Content_Types].xml" + b"word/document.xml", "application/zip",
         "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        (b"PK\x03\x04rest", "image/png", "application/zip"),
        (b"PK\x03\x04" + b"\x00" * 26 + b"mimetypeapplication/vnd.oasis.opendocument.textPK", "application/zip",
         "application/vnd.oasis.opendocument.text"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/octet-stream", "application/x-ole-storage"),
        (b"a,b\n1,2\n", "text/csv", "text/csv"),
        (b"BEGIN:VCALENDAR\r\nEND:VCALENDAR", "text/plain", "text/calendar"),
        (b"tekst", "onzin", "text/plain"),
        (b"", "image/png", "application/octet-stream"),
        (b"alert(1)", "text/javascript", "text/plain"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "image/jpeg", "image/webp"),
        (b"\x00\x00\x00\x18ftypheic", "image/jpeg", "image/heic"),
    ],
)  # fmt: skip
def test_the_type_is_what_the_content_is(content: bytes, declared: str, kept: str) -> None:
    raw = parts(part("text/plain", "x"), _file(content, declared))
    assert read(raw).attachments[0].content_type == kept


def test_a_page_named_as_a_picture_is_told() -> None:
    reaction = read(
        parts(part("text/plain", "x"), _file(b"<html><body>", "image/jpeg", "attachment; filename=foto.jpg"))
    )
    assert reaction.advice["file_type_differs"] == "foto.jpg"
    assert reaction.advice["dangerous_file"] == "foto.jpg"


@pytest.mark.parametrize("name", ["factuur.pdf.exe", "brief.docm", "brief.JS", "kaart.svg", "schijf.iso"])
def test_a_program_is_told(name: str) -> None:
    reaction = read(
        parts(part("text/plain", "x"), _file(b"x", "application/octet-stream", f"attachment; filename={name}"))
    )
    assert reaction.advice["dangerous_file"] == name


def test_an_ordinary_file_is_not_commented_on() -> None:
    reaction = read(parts(part("text/plain", "x"), _file(PNG, "image/png", "attachment; filename=foto.png")))
    assert set(reaction.advice) == {"auth", "date_unbelievable"}


@pytest.mark.parametrize("disposition", ["inline", "inline; filename=foto.png", ""])
def test_an_inline_picture_keeps_the_id_that_the_html_names(disposition: str) -> None:
    headers = {"content_id": "<foto@x>", **({"content_disposition": disposition} if disposition else {})}
    raw = parts(
        part("text/html", "<p>Zie <img src='cid:foto@x'></p>"), part("image/png", PNG, **headers), kind="related"
    )
    reaction = read(raw)
    assert reaction.attachments[0].cid == "foto@x"
    assert 'src="cid:foto@x"' in reaction.html


def test_a_file_too_large_keeps_its_entry_without_content() -> None:
    own = dataclasses.replace(OWN, max_attachment_bytes=10)
    reaction = read(parts(part("text/plain", "x"), _file(b"x" * 11, "text/csv"), _file(b"y" * 10, "text/csv")), own)
    assert [(f.content, f.size) for f in reaction.attachments] == [(None, 11), (b"y" * 10, 10)]
    assert reaction.advice["incomplete"] == "attachment_too_large"


def test_all_files_together_are_bounded() -> None:
    own = dataclasses.replace(OWN, max_attachments_bytes=25)
    reaction = read(parts(part("text/plain", "x"), *[_file(b"x" * 10, "text/csv")] * 4), own)
    assert [f.content is not None for f in reaction.attachments] == [True, True, False, False]


def test_seventy_files_come_through_and_more_than_allowed_is_told() -> None:
    raw = parts(part("text/plain", "x"), *[_file(b"%d" % n, "text/csv") for n in range(70)])
    assert len(read(raw).attachments) == 70
    reaction = read(raw, dataclasses.replace(OWN, max_attachments=50))
    assert len(reaction.attachments) == 50
    assert reaction.advice["incomplete"] == "attachments_left_out"


def test_a_zip_is_kept_as_it_came_and_never_opened() -> None:
    bomb = b"PK\x03\x04" + b"\x00" * 1_000
    assert read(parts(part("text/plain", "x"), _file(bomb, "application/zip"))).attachments[0].content == bomb


def test_a_calendar_invitation_is_a_file_that_is_told() -> None:
    ics = "BEGIN:VCALENDAR\nMETHOD:REQUEST\nEND:VCALENDAR\n"
    raw = parts(
        part("text/plain", "Komt u?"), part("text/calendar; method=REQUEST; name=afspraak.ics", ics), kind="alternative"
    )
    reaction = read(raw)
    assert reaction.text == "Komt u?"
    assert reaction.advice["calendar_invite"] == "afspraak.ics"


def test_an_attached_outlook_message_is_known() -> None:
    ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 100
    raw = parts(part("text/plain", "x"), _file(ole, "application/octet-stream", "attachment; filename=klacht.msg"))
    assert read(raw).attachments[0].content_type == "application/vnd.ms-outlook"


def test_a_mail_that_is_one_file_has_it_as_attachment() -> None:
    raw = mail(
        base64.encodebytes(b"%PDF-1.7"),
        content_type="application/pdf; name=brief.pdf",
        content_transfer_encoding="base64",
    )
    assert [(f.name, f.content) for f in read(raw).attachments] == [("brief.pdf", b"%PDF-1.7")]
