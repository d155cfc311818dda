"""Group 13: mail that no person wrote by hand."""

import pytest

from app.channels.contract import MachineMark
from tests.channels.mail.reading import mail, part, parts, read

AUTO, GENERATED, BULK, NO_REPLY = (
    MachineMark.AUTO_REPLY, MachineMark.AUTO_GENERATED, MachineMark.BULK, MachineMark.NO_REPLY,
)  # fmt: skip


@pytest.mark.parametrize(
    ("headers", "marks"),
    [
        ({}, set()),
        ({"auto_submitted": "no"}, set()),
        ({"auto_submitted": "auto-replied"}, {AUTO}),
        ({"auto_submitted": "auto-replied (vacation)"}, {AUTO}),
        ({"auto_submitted": "Auto-Replied; owner-email=x@y"}, {AUTO}),
        ({"auto_submitted": "auto-notified"}, {AUTO}),
        ({"auto_submitted": "auto-generated"}, {GENERATED}),
        ({"x_autoreply": "yes"}, {AUTO}),
        ({"x_autorespond": "vacation"}, {AUTO}),
        ({"x_autoreply": "no"}, set()),
        ({"precedence": "auto_reply"}, {AUTO}),
        ({"precedence": "bulk"}, {BULK}),
        ({"precedence": "list"}, {BULK}),
        ({"list_unsubscribe": "<https://x.example>"}, {BULK}),
        ({"list_id": "<buurt.lijst.example>"}, {BULK}),
        ({"auto_submitted": "auto-generated", "precedence": "bulk"}, {GENERATED, BULK}),
        ({"subject": "Automatisch antwoord: Een vraag"}, {AUTO}),
        ({"subject": "Automatic reply: Een vraag"}, {AUTO}),
        ({"subject": "Out of office: Een vraag"}, {AUTO}),
        ({"subject": "Afwezigheidsbericht: tot maandag"}, {AUTO}),
        ({"subject": "Afwezigheid: Uw vraag", "in_reply_to": "<wk1@voorbeeldstad.example>"}, {AUTO}),
        ({"subject": "Niet aanwezig - Uw vraag", "references": "<wk1@voorbeeldstad.example>"}, {AUTO}),
        ({"from": "noreply@webwinkel.example"}, {NO_REPLY}),
        ({"from": "Do Not Reply <do-not-reply@webwinkel.example>"}, {NO_REPLY}),
        ({"from": "niet-beantwoorden@instantie.example"}, {NO_REPLY}),
        ({"from": "norbert@burger.example"}, set()),
        ({"return_path": "<>"}, {GENERATED}),  # nobody wants to hear back
        ({"return_path": "<sanne@burger.example>"}, set()),
        (
            {"x_auto_response_suppress": "All"},
            set(),
        ),  # only asks for no automatic answer; Outlook puts it in ordinary mail
    ],
)
def test_headers_tell_what_a_machine_sent(headers: dict[str, str], marks: set[MachineMark]) -> None:
    assert read(mail(**headers)).marks == marks


@pytest.mark.parametrize(
    "text", ["Ik ben met vakantie tot maandag.", "Automatisch antwoord: ik ben er niet", "Out of office"]
)
def test_words_in_the_text_are_no_mark(text: str) -> None:
    assert read(mail(text)).marks == set()


@pytest.mark.parametrize(
    "subject",
    [
        "Over het automatisch antwoord",
        "Afwezigheid wethouder",
        "Afwezigheid: mijn zoon is ziek",
        "Niet aanwezig - container",
        "Reply to automatic reply",
    ],
)
def test_talking_about_automatic_answers_is_no_mark(subject: str) -> None:
    assert read(mail(subject=subject)).marks == set()


def test_a_read_receipt_is_marked() -> None:
    raw = parts(
        part("text/plain", "Gelezen"),
        part(
            "message/disposition-notification",
            "Final-Recipient: rfc822; sanne@burger.example\nDisposition: automatic-action/MDN-sent-automatically; displayed",
        ),
        kind="report; report-type=disposition-notification",
    )
    assert read(raw).marks == {MachineMark.READ_RECEIPT}


def test_an_abuse_report_is_marked() -> None:
    raw = parts(
        part("text/plain", "Klacht over spam"),
        part("message/feedback-report", "Feedback-Type: abuse\nVersion: 1"),
        part("message/rfc822", "Subject: x\n\nx"),
        kind="report; report-type=feedback-report",
    )
    assert read(raw).marks == {MachineMark.ABUSE_REPORT}
