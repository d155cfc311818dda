"""Whatever arrives: a meaning or `Unreadable`, nothing else, in bounded time."""

# ruff: noqa: E501  (lines of mail are as long as they are)

import time

from hypothesis import given, settings
from hypothesis import strategies as st

from app.channels.contract import DeliveryReport, OwnPost, Reaction, Unreadable
from app.channels.mail.parse import parse_mail
from tests.channels.mail.reading import MAILS, OWN

RECORDED = [path.read_bytes() for path in sorted(MAILS.glob("*.eml"))]
PIECES = [
    b"\r\n", b"\n", b"\r", b"\x00", b"\xff\xfe", b"--b", b"--b--", b"Content-Type: multipart/mixed; boundary=b\r\n\r\n",
    b"Content-Type: message/rfc822\r\n\r\n", b"Content-Type: text/html\r\n\r\n", b"Content-Transfer-Encoding: base64\r\n",
    b"From: info@voorbeeldstad.example\r\n", b"=?utf-8?b?", b"?=", b"<", b">", b'"', b"(", b";", b"E-mail: ", b"> ", b"Van: ",
    b"Content-Type: message/delivery-status\r\n\r\n", b"; filename*0*=utf-8''%", b"; charset=utf-7", b"\xf0\x9f", b"begin 644 x\n",
    b"Content-Type: application/pkcs7-mime\r\n", b"Content-Type: application/ms-tnef\r\n\r\n", b"\x78\x9f\x3e\x22", b"Date: ",
    b"Auto-Submitted: auto-replied\r\n", b"Return-Path: <>\r\nSubject: Undeliverable\r\n", b"References: <", b"+tag@",
]  # fmt: skip


def _check(raw: bytes) -> None:
    began = time.process_time()
    try:
        found = parse_mail(raw, own=OWN, meta={"recipient": "info@voorbeeldstad.example"})
    except Unreadable:
        return
    assert time.process_time() - began < 2
    assert found
    for one in found:
        assert isinstance(one, Reaction | DeliveryReport | OwnPost)
        repr(one).encode("utf-8", "surrogatepass")
        if isinstance(one, Reaction):
            _check_reaction(one)


def _check_reaction(reaction: Reaction) -> None:
    for text in (reaction.external_id, reaction.text, reaction.html, reaction.title, reaction.author.name, reaction.author.address,
                 *reaction.references, *reaction.tokens, *reaction.recipients, *reaction.advice.values(),
                 *(f.name + f.content_type + f.cid for f in reaction.attachments)):  # fmt: skip
        text.encode("utf-8")
        assert "\x00" not in text
    at = 0
    for fold in reaction.folds:
        assert at <= fold.start < fold.end <= len(reaction.text)
        at = fold.end


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=600))
def test_arbitrary_bytes_have_a_meaning_or_are_unreadable(raw: bytes) -> None:
    _check(raw)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.one_of(st.sampled_from(PIECES), st.binary(max_size=12)), max_size=40).map(b"".join))
def test_pieces_of_mail_in_any_order_have_a_meaning_or_are_unreadable(raw: bytes) -> None:
    _check(raw)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(RECORDED), st.data())
def test_damaged_recordings_have_a_meaning_or_are_unreadable(raw: bytes, data: st.DataObject) -> None:
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(raw)))
        length = data.draw(st.integers(0, 60))
        new = data.draw(st.one_of(st.sampled_from(PIECES), st.binary(max_size=20)))
        raw = raw[:start] + new + raw[start + length :]
    _check(raw)
