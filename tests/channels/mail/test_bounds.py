"""Group 16 and hostile mail: every amount is bounded, the time too, and what could be read is a reaction that says so."""

import base64
import time

import pytest

from app.channels.contract import Unreadable
from tests.channels.mail.reading import mail, part, parts, read, read_all

BOUND = 5.0  # seconds; each takes well under one on an idle machine


def _nested(depth: int) -> bytes:
    opening = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(depth))
    return (
        b"From: sanne@burger.example\r\nSubject: bom\r\n"
        + opening
        + b"Content-Type: text/plain\r\n\r\nDe stoep ligt los\r\n"
    )


HOSTILE = {
    "a thousand nested multiparts": (_nested(1_000), "depth"),
    "fifty thousand nested multiparts": (_nested(50_000), "depth"),
    "five thousand nested messages": (mail("Content-Type: message/rfc822\r\n\r\n" * 5_000, content_type="message/rfc822"), ""),
    "ten thousand headers": (b"X: y\r\n" * 10_000 + mail(), "headers"),
    "ten megabytes of one header": (b"X: " + b"a\r\n " * 2_500_000 + b"\r\n" + mail(), "headers"),
    "a content type of megabytes": (mail(content_type="multipart/mixed; " + 'a="\\";' * 500_000 + "boundary=x"), "headers"),
    "a million empty parts": (mail(b"--b\r\n\r\n" * 1_000_000, content_type="multipart/mixed; boundary=b"), "parts"),
    "a million boundaries": (mail(b"--b\r\n" * 1_000_000, content_type="multipart/mixed; boundary=b"), "text_cut"),
    "ten million short lines": (mail(b"a\n" * 10_000_000), "text_cut"),
    "a hundred thousand nested elements": (mail("<div>" * 100_000 + "De stoep", content_type="text/html"), "html_left_out"),
    "formatting left open": (
        mail("".join(f"<p><font size={n}>x" for n in range(20_000)), content_type="text/html"), "html_left_out",
    ),
    "a million angle brackets": (mail("<" * 900_000, content_type="text/html"), ""),
    "thousands of open comments": (mail("<!--" * 100_000, content_type="text/html"), ""),
    "thirty thousand parentheses": (mail(**{"from": "(" * 30_000 + "a@b.example"}), ""),
    "encoded words without end": (mail(subject="=?utf-8?q?a?= " * 50_000), "headers"),
    "a hundred thousand quote intros": (mail("Op 12:00 a@b.example schreef\n" * 60_000), ""),
    "a hundred thousand senders in a row": (mail("Van: a@b.example\n" * 100_000), ""),
    "a form of a hundred thousand fields": (mail("naam\n" * 100_000, **{"from": "info@voorbeeldstad.example"}), ""),
    "quotes and words by turns": (mail("> a\nb\n" * 100_000), ""),
    "punycode as a charset": (mail("a-" * 100_000, content_type="text/plain; charset=punycode"), ""),
}  # fmt: skip


@pytest.mark.parametrize("bomb", HOSTILE)
def test_a_bomb_becomes_a_reaction_in_bounded_time(bomb: str) -> None:
    raw, note = HOSTILE[bomb]
    began = time.process_time()
    reaction = read(raw)
    assert time.process_time() - began < BOUND
    assert reaction.advice.get("incomplete", "") == note


def test_what_lies_before_the_bomb_is_read() -> None:
    raw = parts(part("text/plain", "De stoep ligt los"), _nested(500))
    assert read(raw).text == "De stoep ligt los"
    assert read(b"X: y\r\n" * 900 + mail("Hallo")).title == "Een vraag"


def test_a_status_of_a_million_blocks_is_bounded() -> None:
    raw = parts(part("message/delivery-status", "a: b\n\n" * 1_000_000), kind="report; report-type=delivery-status")
    began = time.process_time()
    assert len(read_all(raw)) == 1
    assert time.process_time() - began < BOUND


def test_a_file_of_thirty_megabytes_keeps_its_entry() -> None:
    encoded = base64.encodebytes(b"%PDF-" + b"x" * 30_000_000)
    raw = parts(
        part("text/plain", "Zie bijlage"),
        part("application/pdf; name=a.pdf", encoded, content_transfer_encoding="base64"),
    )
    reaction = read(raw)
    assert reaction.text == "Zie bijlage"
    assert [(f.name, f.size, f.content) for f in reaction.attachments] == [("a.pdf", 30_000_005, None)]


def test_a_text_of_a_megabyte_and_a_half_is_kept_whole() -> None:
    text = "Geacht college, " * 100_000
    assert read(mail(text)).text == text
    assert "incomplete" not in read(mail(text)).advice


@pytest.mark.parametrize("raw", [b"", b"\r\n\r\n", b"\x00" * 1_000, b" \t\n"])
def test_nothing_at_all_is_unreadable_with_a_reason(raw: bytes) -> None:
    with pytest.raises(Unreadable, match="empty"):
        read_all(raw)


def test_the_same_mail_in_two_mailboxes_is_the_same_mail() -> None:
    first = read(b"Delivered-To: info@voorbeeldstad.example\r\n" + mail())
    second = read(b"Delivered-To: wmo@voorbeeldstad.example\r\nX-Spam-Status: No\r\n" + mail())
    assert (first.external_id, first.digest) == (second.external_id, second.digest)
    assert first.recipients != second.recipients
