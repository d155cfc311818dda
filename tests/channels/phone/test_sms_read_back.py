"""What Twilio's list of messages makes good: lost webhooks, lost statuses, and what a colleague typed in the console."""

from datetime import timedelta

import pytest

from app.channels.contract import (
    Author,
    DeliveryReport,
    OwnPost,
    RawItem,
    Reaction,
)
from app.channels.phone.twilio_sms import SmsSettings, TwilioSms
from app.vocabulary import AddressKind, Visibility
from tests.channels.phone.office import CITIZEN, NOW, Hook, base, config, deadlined, sms, to
from tests.emulators.faults import Faulty
from tests.emulators.twilio_state import Twilio


def pulled(channel: TwilioSms, cursor: str | None = None) -> list[RawItem]:
    return [item for page in channel.pull(cursor) for item in page.items]


def test_a_lost_webhook_is_made_good_by_reading_back(server: Twilio, hook: Hook) -> None:
    channel = sms(server)
    seen = server.texted(CITIZEN, "Deze kwam aan", at=NOW - timedelta(days=2))
    lost = server.texted(CITIZEN, "Deze raakte zoek", at=NOW - timedelta(hours=3), pushes=False)
    server.texted(CITIZEN, "Te oud", at=NOW - timedelta(days=9), pushes=False)
    channel.send(to())
    items = pulled(channel)
    assert [item.key for item in items] == [seen, lost]
    [reaction] = channel.parse(items[1])
    assert isinstance(reaction, Reaction)
    assert (reaction.text, reaction.sent_at) == ("Deze raakte zoek", NOW - timedelta(hours=3))
    assert items[0].key in hook.items, "the same id by both ways"


def test_reading_on_starts_where_it_ended_and_repeats_an_hour_at_most(server: Twilio) -> None:
    channel = sms(server)
    server.texted(CITIZEN, "Vanochtend", at=NOW - timedelta(hours=3), pushes=False)
    *_, last = channel.pull(None)
    server.texted(CITIZEN, "Net nog", at=NOW - timedelta(minutes=10), pushes=False)
    items = pulled(channel, last.cursor)
    assert [part.text for item in items for part in channel.parse(item) if isinstance(part, Reaction)] == ["Net nog"]


def test_pictures_of_a_message_read_back_come_along_too(server: Twilio) -> None:
    channel = sms(server)
    server.texted(CITIZEN, "Kijk", media=[("image/png", b"png bytes")], pushes=False)
    [item] = pulled(channel)
    [reaction] = channel.parse(channel.complete(item))
    assert isinstance(reaction, Reaction)
    assert [file.content for file in reaction.attachments] == [b"png bytes"]


def test_what_a_colleague_typed_in_the_console_is_read_as_said_by_us(server: Twilio) -> None:
    channel = sms(server)
    at = NOW - timedelta(hours=2)
    sid = server.typed(CITIZEN, "Wij komen morgen langs.", at=at)
    said, status = pulled(channel)
    assert channel.complete(said) == said
    assert channel.parse(said) == (
        OwnPost(
            sid, "Wij komen morgen langs.", sent_at=at, visibility=Visibility.PRIVATE,
            to=Author(AddressKind.PHONE, CITIZEN, verified=True),
        ),
    )  # fmt: skip
    assert channel.parse(status) == (DeliveryReport(sid, "delivered", recipient=CITIZEN),)


def test_what_never_left_twilio_was_not_said(server: Twilio) -> None:
    channel = sms(server)
    for status in ("queued", "sending", "accepted", "scheduled", "canceled"):
        server.typed(CITIZEN, "Nog niet", status=status)
    assert pulled(channel) == []
    server.typed(CITIZEN, "Mislukt", status="failed")
    assert [item.key.partition(":")[0] for item in pulled(channel)] == ["status"]


def test_what_twilio_itself_answers_to_stop_is_no_answer_of_a_colleague(server: Twilio) -> None:
    channel = sms(server)
    server.texted(CITIZEN, "STOP", pushes=False)
    server.typed(CITIZEN, "You have successfully been unsubscribed.", direction="outbound-reply")
    [stop] = pulled(channel)
    [reaction] = channel.parse(stop)
    assert isinstance(reaction, Reaction)
    server.typed(CITIZEN, "Wij bellen u.")
    said = [part.text for item in pulled(channel) for part in channel.parse(item) if isinstance(part, OwnPost)]
    assert said == ["Wij bellen u."]


@pytest.mark.parametrize(
    ("status", "code", "outcome"), [("delivered", "", "delivered"), ("undelivered", "30006", "failed")]
)
def test_a_lost_status_is_made_good_under_the_key_that_its_callback_has(
    server: Twilio, hook: Hook, status: str, code: str, outcome: str
) -> None:
    channel = sms(server)
    sent = channel.send(to())
    server.reports(sent.external_id, status, code, pushes=False)
    *_, item = pulled(channel)
    [report] = channel.parse(item)
    assert isinstance(report, DeliveryReport)
    assert (report.external_id, report.outcome, report.code) == (sent.external_id, outcome, code)
    server.reports(sent.external_id, status, code)
    assert list(hook.items) == [item.key]


def test_what_went_out_is_looked_at_again_for_half_a_day_and_not_at_every_reading(
    server: Twilio, faults: Faulty
) -> None:
    channel = sms(server)
    slow = server.typed(CITIZEN, "Komt later aan", at=NOW - timedelta(hours=9), status="sent")
    *_, last = channel.pull(None)
    server.reports(slow, "undelivered", "30003", pushes=False)
    asked = len(faults.requests)
    assert pulled(channel, last.cursor) == []
    assert len(faults.requests) - asked == 1, "what came in was asked for, what went out was not yet"
    later = TwilioSms(config(SmsSettings(**base(server.url))), http=deadlined, clock=lambda: NOW + timedelta(minutes=6))
    assert [item.key for item in pulled(later, last.cursor)] == [f"status:{slow}:undelivered"]
