"""Group 13: what mail servers say about mail of ours."""

# ruff: noqa: E501  (lines of mail are as long as they are)

import pytest

from app.channels.contract import DeliveryReport, Reaction
from tests.channels.mail.reading import mail, part, parts, read_all, read_reports, recorded

ORIGINAL = "From: Voorbeeldstad <info@voorbeeldstad.example>\nTo: weg@burger.example\nReply-To: info+mfrg@voorbeeldstad.example\nMessage-ID: <d-17@voorbeeldstad.example>\nSubject: Re: Een vraag\n"
MACHINE = {
    "from": "MAILER-DAEMON@mx.burger.example",
    "subject": "Undelivered Mail Returned to Sender",
    "return_path": "<>",
}


def _dsn(status: str, original: str = ORIGINAL, kind: str = "text/rfc822-headers", **headers: str) -> bytes:
    return parts(
        part("text/plain", "Uw bericht kon niet worden bezorgd."),
        part("message/delivery-status", status),
        part(kind, original),
        kind="report; report-type=delivery-status",
        **{**MACHINE, **headers},
    )


def test_a_failure_names_our_message_its_recipient_and_the_reason() -> None:
    status = (
        "Reporting-MTA: dns; mx.burger.example\nArrival-Date: Tue, 3 Nov 2026 10:00:00 +0100\n\n"
        "Final-Recipient: rfc822; Weg@burger.example\nAction: failed\nStatus: 5.1.1\n"
        "Diagnostic-Code: smtp; 550 5.1.1 <weg@burger.example>: user\n unknown\n"
    )
    (report,) = read_reports(_dsn(status))
    assert report.external_id == "<d-17@voorbeeldstad.example>"
    assert (report.outcome, report.recipient, report.code) == ("failed", "weg@burger.example", "5.1.1")
    assert "user unknown" in report.detail
    assert "d-17" in report.tokens


def test_a_delay_is_no_failure() -> None:
    (report,) = read_reports(
        _dsn("Reporting-MTA: dns; x\n\nFinal-Recipient: rfc822; a@b.example\nAction: delayed\nStatus: 4.4.1\n")
    )
    assert (report.outcome, report.code) == ("delayed", "4.4.1")


def test_each_recipient_gets_a_report() -> None:
    status = "Reporting-MTA: dns; x\n\n" + "\n".join(
        f"Final-Recipient: rfc822; {name}@b.example\nAction: {action}\nStatus: {code}\n"
        for name, action, code in (
            ("een", "failed", "5.1.1"),
            ("twee", "delayed", "4.2.2"),
            ("drie", "relayed", "2.0.0"),
        )
    )
    assert [(r.recipient, r.outcome) for r in read_reports(_dsn(status))] == [
        ("een@b.example", "failed"), ("twee@b.example", "delayed"), ("drie@b.example", "delivered"),
    ]  # fmt: skip


def test_the_original_may_come_as_a_whole_message() -> None:
    status = "Reporting-MTA: dns; x\n\nFinal-Recipient: rfc822; a@b.example\nAction: failed\n"
    (report,) = read_reports(_dsn(status, ORIGINAL + "\nTekst", "message/rfc822"))
    assert report.external_id == "<d-17@voorbeeldstad.example>"


def test_a_token_in_the_address_that_the_bounce_came_back_to_is_a_candidate() -> None:
    status = "Reporting-MTA: dns; x\n\nFinal-Recipient: rfc822; a@b.example\nAction: failed\n"
    (report,) = read_reports(_dsn(status, original="", to="info+mfrggz@voorbeeldstad.example"))
    assert report.external_id == ""
    assert report.tokens == ("mfrggz",)


def test_a_status_without_a_known_action_is_a_failure() -> None:
    (report,) = read_reports(_dsn("Reporting-MTA: dns; x\n\nOriginal-Recipient: rfc822;a@b.example\nAction: onzin\n"))
    assert (report.outcome, report.recipient) == ("failed", "a@b.example")


def test_a_bounce_of_qmail_is_read() -> None:
    (report,) = read_reports(recorded("bounce_qmail"))
    assert (report.recipient, report.outcome, report.code) == ("weg@burger.example", "failed", "5.1.1")
    assert report.external_id == "<d-17@voorbeeldstad.example>"


def test_failed_recipients_in_a_header_are_read() -> None:
    raw = mail("Bezorgen mislukt", x_failed_recipients="een@b.example, twee@b.example", **{"from": "mailer@b.example"})
    assert [r.recipient for r in read_reports(raw)] == ["een@b.example", "twee@b.example"]


def test_a_bounce_without_a_from_is_read() -> None:
    (report,) = read_reports(
        mail("Onbekend: weg@b.example", subject="Mail delivery failed", return_path="<>", **{"from": ""})
    )
    assert report.recipient == "weg@b.example"


def test_a_bounce_that_says_nothing_of_use_is_still_one_report() -> None:
    (report,) = read_reports(mail("Helaas", subject="Undeliverable: Re: vraag", **{"from": "postmaster@b.example"}))
    assert (report.outcome, report.recipient, report.external_id) == ("failed", "", "")


@pytest.mark.parametrize(
    "headers",
    [
        {"subject": "Mail delivery failed, wat nu?"},  # a person asks about it
        {"from": "postmaster@burger.example", "subject": "Nieuw beleid voor uw mail"},
        {"return_path": "<>", "subject": "Een vraag"},
        {"return_path": "<>", "subject": "Grofvuil: niet afgeleverd, wat nu?"},  # a form on somebody's behalf
        {"return_path": "<>", "subject": "Paspoort niet bezorgd", "from": "info@voorbeeldstad.example"},  # our own form
        {"subject": "Pas niet bezorgd", "from": "formulier@webbouwer.example"},
    ],
)
def test_a_person_writing_about_bounces_is_no_bounce(headers: dict[str, str]) -> None:
    (only,) = read_all(mail("Wat betekent dit?", **headers))
    assert isinstance(only, Reaction)


def test_a_mail_from_nobody_that_quotes_ours_is_a_bounce_whoever_stands_in_from() -> None:
    text = "Deze mail kon niet worden bezorgd.\n\nMessage-ID: <d-17@voorbeeldstad.example>\nTo: weg@burger.example\n"
    (report,) = read_reports(mail(text, return_path="<>", subject="Niet bezorgd: uw mail"))
    assert report.external_id == "<d-17@voorbeeldstad.example>"


def test_thousands_of_recipients_are_bounded() -> None:
    status = "Reporting-MTA: dns; x\n\n" + "Final-Recipient: rfc822; a@b.example\nAction: failed\n\n" * 5_000
    reports = read_reports(_dsn(status))
    assert 0 < len(reports) <= 100
    assert all(isinstance(one, DeliveryReport) for one in reports)
