"""Group 9: structure, sound and illegal; and the reader held against the standard library's."""

# ruff: noqa: E501  (lines of mail are as long as they are)

import email
from email.message import Message

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.channels.mail.mime import read_headers, read_mail
from tests.channels.mail.reading import MAILS, mail, part, parts, read, recorded


def _types(raw: bytes) -> list[str]:
    return [leaf.content_type for leaf in read_mail(raw).root.leaves()]


def test_parts_are_cut_at_their_boundary_without_the_line_break_before_it() -> None:
    raw = parts(part("text/plain", "een\n"), part("text/plain", "twee"))
    assert [leaf.content() for leaf in read_mail(raw).root.leaves()] == [b"een\r\n", b"twee"]


def test_a_boundary_that_begins_like_another_is_not_that_other() -> None:
    inner = b'Content-Type: multipart/alternative; boundary="grens-2"\n\n--grens-2\n\nplat\n--grens-2\nContent-Type: text/html\n\n<p>plat</p>\n--grens-2--\n'
    assert _types(parts(inner, part("application/pdf", "%PDF-"))) == ["text/plain", "text/html", "application/pdf"]


def test_a_missing_end_boundary_loses_nothing() -> None:
    raw = mail("--grens\n\neen\n--grens\n\ntwee", content_type="multipart/mixed; boundary=grens")
    assert read(raw).text == "een\n\ntwee"


def test_a_multipart_without_parts_is_somebodys_text() -> None:
    assert read(mail("Toch een tekst", content_type="multipart/mixed; boundary=nergens")).text == "Toch een tekst"
    assert read(mail("Toch een tekst", content_type="multipart/alternative")).text == "Toch een tekst"


def test_an_empty_multipart_is_an_empty_text() -> None:
    reaction = read(mail("--grens--\n", content_type="multipart/mixed; boundary=grens"))
    assert reaction.text in ("", "--grens--")
    assert reaction.attachments == ()


@pytest.mark.parametrize("declared", ["text", "plain", "", "text; charset=utf-8"])
def test_a_type_without_a_subtype_is_plain_text(declared: str) -> None:
    assert read(mail("Hallo", content_type=declared or " ")).text == "Hallo"


def test_a_part_without_a_content_type_is_plain_text() -> None:
    assert read(parts(b"\nHallo", part("image/png", b"\x89PNG\r\n\x1a\n"))).text == "Hallo"


def test_an_attached_message_keeps_its_bytes_and_is_no_part_of_the_text() -> None:
    inner = b"From: x@y.example\nSubject: Binnenin\nDKIM-Signature: v=1;\n\tb=abc\n\nGeheim"
    reaction = read(parts(part("text/plain", "Zie bijlage"), b"Content-Type: message/rfc822\n\n" + inner))
    assert reaction.text == "Zie bijlage"
    (file,) = reaction.attachments
    assert (file.name, file.content_type) == ("Binnenin.eml", "message/rfc822")
    assert file.content == inner.replace(b"\n", b"\r\n")


def test_a_digest_holds_messages() -> None:
    raw = parts(b"\nSubject: een\n\n1", b"\nSubject: twee\n\n2", kind="digest")
    assert [f.name for f in read(raw).attachments] == ["een.eml", "twee.eml"]


def test_a_partial_message_is_kept_as_a_file() -> None:
    assert len(read(mail("half", content_type="message/partial; number=1; total=2; id=x")).attachments) == 1


def test_four_nested_messages_are_one_file() -> None:
    inner = b"Content-Type: message/rfc822\n\n" * 4 + b"Subject: x\n\nx"
    assert len(read(parts(part("text/plain", "x"), inner)).attachments) == 1


def test_a_mailbox_line_and_empty_lines_before_the_headers_are_skipped() -> None:
    assert read(b"\r\n\r\nFrom jan Tue Nov  3 10:00:00 2026\r\n" + mail()).title == "Een vraag"


def test_bare_carriage_returns_end_lines_too() -> None:
    assert read(mail("een\ntwee").replace(b"\r\n", b"\r")).text == "een\ntwee"


def test_the_first_line_that_is_no_header_begins_the_text() -> None:
    reaction = read(b"From: jan@burger.example\nDit is al tekst\nSubject: geen onderwerp\n")
    assert reaction.text.startswith("Dit is al tekst")
    assert reaction.title == ""


def test_a_mail_without_any_header_is_read_as_text() -> None:
    assert read(b"Alleen tekst\nmeer niet").text == "Alleen tekst\nmeer niet"


def test_header_values_are_unfolded() -> None:
    headers, body = read_headers(b"A: een\r\n twee\r\n\tdrie\r\nB: x\r\n\r\ntekst")
    assert headers.first("a") == "een twee\tdrie"
    assert headers.order[1] == ("b", "x")
    assert body == len(b"A: een\r\n twee\r\n\tdrie\r\nB: x\r\n\r\n")


@pytest.mark.parametrize("name", [path.stem for path in sorted(MAILS.glob("*.eml"))])
def test_recorded_mails_have_the_parts_that_the_standard_library_finds(name: str) -> None:
    raw = recorded(name)
    theirs = _standard(email.message_from_bytes(raw))
    ours = [(leaf.content_type, leaf.content()) for leaf in read_mail(raw).root.leaves()]
    assert [kind for kind, _ in ours] == [kind for kind, _ in theirs]
    for (_, mine), (kind, other) in zip(ours, theirs, strict=True):
        if not kind.startswith("message/"):
            assert mine == other


def _standard(message: Message) -> list[tuple[str, bytes]]:
    if message.get_content_maintype() == "multipart" and message.is_multipart():
        return [leaf for child in message.get_payload() for leaf in _standard(child)]  # type: ignore[arg-type]
    content = message.get_payload(decode=True)
    return [(message.get_content_type(), content if isinstance(content, bytes) else b"")]


@settings(deadline=None)
@given(st.lists(st.binary(max_size=40), max_size=8), st.sampled_from([b"b", b"b b", b"a=b", b"'x'"]))
def test_parts_never_lie_outside_the_mail(bodies: list[bytes], boundary: bytes) -> None:
    raw = (
        b'Content-Type: multipart/mixed; boundary="'
        + boundary
        + b'"\n\n'
        + b"".join(b"--" + boundary + b"\n" + one for one in bodies)
    )
    for node in read_mail(raw).root.walk():
        assert 0 <= node.start <= node.end <= len(raw)
