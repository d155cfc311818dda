"""What our own mail server found about a sender, and what somebody only claims that it found."""

# ruff: noqa: E501  (lines of mail are as long as they are)

import pytest

from app.channels.mail.own import OwnMail
from tests.channels.mail.reading import OWN, mail, read

OURS = "Received: from mail.burger.example by mx.voorbeeldstad.example; Tue, 3 Nov 2026 10:00:00 +0100\r\n"
THEIRS = "Received: from x by mail.burger.example; Tue, 3 Nov 2026 09:59:00 +0100\r\n"


def _auth(trace: str, own: OwnMail = OWN, **headers: str) -> str:
    return read(trace.encode() + mail(**headers), own).advice["auth"]


def _results(server: str = "mx.voorbeeldstad.example", dmarc: str = "pass") -> str:
    return f"Authentication-Results: {server};\r\n spf=pass smtp.mailfrom=burger.example; dmarc={dmarc} (p=reject) header.from=x\r\n"


@pytest.mark.parametrize(
    ("dmarc", "auth"), [("pass", "pass"), ("fail", "fail"), ("none", "none"), ("temperror", "none")]
)
def test_the_result_of_our_own_server_is_told(dmarc: str, auth: str) -> None:
    assert _auth(_results(dmarc=dmarc) + OURS + THEIRS) == auth
    assert _auth(OURS + _results(dmarc=dmarc) + THEIRS) == auth


def test_a_claim_under_another_name_is_not_read() -> None:
    assert _auth(_results("mail.burger.example") + OURS) == "none"


def test_a_claim_in_our_name_below_a_strangers_received_is_not_read() -> None:
    assert _auth(OURS + THEIRS + _results()) == "none"


def test_our_own_result_on_top_counts_before_a_forged_one_below_it() -> None:
    assert _auth(_results(dmarc="fail") + OURS + _results(dmarc="pass") + THEIRS) == "fail"


def test_a_result_hidden_in_a_comment_does_not_count() -> None:
    forged = "Authentication-Results: mx.voorbeeldstad.example; spf=fail (dmarc=pass)\r\n"
    assert _auth(forged + OURS) == "none"


def test_without_a_configured_name_nothing_is_read() -> None:
    assert _auth(_results() + OURS, OwnMail()) == "none"


def test_mail_that_says_it_is_from_a_colleague_is_told_as_unverified() -> None:
    reaction = read(mail(**{"from": "wethouder@voorbeeldstad.example"}))
    assert reaction.advice["from_is_staff_domain_unverified"] == "wethouder@voorbeeldstad.example"
    assert "from_is_staff_domain_unverified" not in read(mail()).advice


def test_a_colleague_whose_mail_was_proven_is_not_warned_about() -> None:
    raw = (_results() + OURS).encode() + mail(**{"from": "wethouder@voorbeeldstad.example"})
    assert "from_is_staff_domain_unverified" not in read(raw).advice
