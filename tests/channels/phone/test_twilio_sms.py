"""Text messages through the emulated Twilio."""

import json
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from app.channels.contract import (
    Channel,
    Completes,
    DeliveryReport,
    Incoming,
    NotAuthentic,
    OutgoingMessage,
    Pulls,
    RawItem,
    Reaction,
    Receives,
    Recipient,
    Refused,
    Sends,
    Uncertain,
    Unreachable,
    Unreadable,
    WebhookRequest,
)
from app.channels.phone.pushed import FORM
from app.channels.phone.signature import HEADER
from app.channels.phone.twilio_sms import KIND, SmsSettings, TwilioSms
from app.vocabulary import AddressKind
from tests.channels.phone.office import CITIZEN, HOOK, NOW, Hook, base, config, sms, to
from tests.emulators.faults import Faulty
from tests.emulators.twilio_state import NUMBER, SID, TOKEN, Twilio, sign


def parsed(channel: TwilioSms, hook: Hook) -> list[Incoming]:
    return [part for item in hook.items.values() for part in channel.parse(channel.complete(item))]


def test_it_can_what_the_contract_says(server: Twilio) -> None:
    channel = sms(server)
    for promised in (Channel, Receives, Pulls, Completes, Sends):
        assert isinstance(channel, promised)
    assert KIND.family == "phone"


def test_a_text_becomes_a_reaction_of_the_number_it_came_from(server: Twilio, hook: Hook) -> None:
    channel = sms(server)
    sid = server.texted(CITIZEN, "De lantaarn is stuk: é € 😀")
    [reaction] = parsed(channel, hook)
    assert isinstance(reaction, Reaction)
    assert (reaction.external_id, reaction.text) == (sid, "De lantaarn is stuk: é € 😀")
    assert (reaction.author.kind, reaction.author.address) == (AddressKind.PHONE, CITIZEN)
    assert reaction.author.verified
    assert hook.answers[0].body == b'<?xml version="1.0" encoding="UTF-8"?><Response/>'
    assert hook.answers[0].media_type == "text/xml"


def test_the_same_webhook_again_is_the_same_item(server: Twilio, hook: Hook) -> None:
    sms(server)
    sid = server.texted(CITIZEN, "Hallo")
    server.push_text(sid)
    assert list(hook.items) == [sid]
    assert len(hook.answers) == 2


@pytest.mark.parametrize("sender", ["2300", "VoorbeeldBV", "+1", "anonymous"])
def test_a_short_code_or_a_name_is_no_number_to_answer(server: Twilio, hook: Hook, sender: str) -> None:
    channel = sms(server)
    sid = server.texted(sender, "Uw pakket komt eraan")
    [reaction] = parsed(channel, hook)
    assert isinstance(reaction, Reaction)
    assert (reaction.author.kind, reaction.author.address) == (AddressKind.HANDLE, f"twilio:{sid}")


def test_pictures_come_along_with_the_secret_only_to_the_service(server: Twilio, hook: Hook) -> None:
    channel = sms(server)
    server.stored_elsewhere = True
    server.texted(CITIZEN, "Kijk", media=[("image/png", b"png bytes"), ("image/jpeg", b"jpeg bytes")])
    [reaction] = parsed(channel, hook)
    assert isinstance(reaction, Reaction)
    found = [(file.name, file.content_type, file.content) for file in reaction.attachments]
    assert found == [("mms-1.png", "image/png", b"png bytes"), ("mms-2.jpeg", "image/jpeg", b"jpeg bytes")]


def test_a_picture_elsewhere_is_not_fetched(server: Twilio) -> None:
    fields = {
        "MessageSid": "SM1",
        "NumMedia": "1",
        "MediaUrl0": "http://127.0.0.1:1/x",
        "MediaContentType0": "image/png",
    }
    with pytest.raises(Unreadable, match="outside"):
        sms(server).complete(RawItem("SM1", urlencode(fields).encode(), FORM))


@pytest.mark.parametrize("change", ["body", "signature", "address", "account", "nothing signed"])
def test_what_is_not_twilios_is_refused(server: Twilio, change: str) -> None:
    channel = sms(server)
    fields = {"MessageSid": "SM1", "AccountSid": SID, "From": CITIZEN, "To": NUMBER, "Body": "Hallo"}
    if change == "account":
        fields["AccountSid"] = "AC" + "f" * 32
    headers = {HEADER: sign(HOOK, fields)}
    body, url = urlencode(fields).encode(), HOOK
    if change == "body":
        body = urlencode(fields | {"Body": "Hallo!"}).encode()
    if change == "signature":
        headers = {HEADER: sign(HOOK, fields, "another token")}
    if change == "address":
        url = HOOK + "?delivery=wk9.stolen"
    if change == "nothing signed":
        headers = {}
    with pytest.raises(NotAuthentic):
        channel.receive(WebhookRequest("POST", url, headers, body, "127.0.0.1", NOW))


def test_the_configured_address_counts_and_not_the_one_behind_a_proxy(server: Twilio) -> None:
    fields = {"MessageSid": "SM1", "AccountSid": SID, "From": CITIZEN, "To": NUMBER, "Body": "Hallo"}
    inside = "http://10.0.0.7:8000/hooks/abc"
    request = WebhookRequest("POST", inside, {HEADER: sign(HOOK, fields)}, urlencode(fields).encode(), "10.0.0.1", NOW)
    assert [item.key for item in sms(server).receive(request).items] == ["SM1"]


def test_a_port_in_the_signed_address_makes_no_difference(server: Twilio) -> None:
    fields = {"MessageSid": "SM1", "AccountSid": SID, "From": CITIZEN}
    with_port = HOOK.replace(".example/", ".example:443/")
    request = WebhookRequest("POST", HOOK, {HEADER: sign(with_port, fields)}, urlencode(fields).encode(), "", NOW)
    assert sms(server).receive(request).items


def test_an_answer_goes_out_and_its_arrival_comes_back_by_the_deliverys_key(server: Twilio, hook: Hook) -> None:
    channel = sms(server)
    sent = channel.send(to())
    [row] = server.messages
    assert (row["to"], row["from"], row["body"]) == (CITIZEN, NUMBER, "Goedemiddag, het is gemaakt.")
    assert sent.external_id == row["sid"]
    server.reports(row["sid"], "sent")
    assert hook.items == {}
    server.reports(row["sid"], "delivered")
    assert parsed(channel, hook) == [DeliveryReport(row["sid"], "delivered", recipient=CITIZEN, key="wk1.abc")]


def test_a_message_that_did_not_arrive_is_reported_with_twilios_code(server: Twilio, hook: Hook) -> None:
    channel = sms(server)
    channel.send(to())
    server.reports(server.messages[0]["sid"], "undelivered", "30006")
    [report] = parsed(channel, hook)
    assert isinstance(report, DeliveryReport)
    assert (report.outcome, report.code, report.detail) == ("failed", "30006", "The SMS did not arrive.")


def test_what_a_number_texts_is_one_conversation_and_what_has_no_number_is_none(server: Twilio, hook: Hook) -> None:
    channel = sms(server)
    for sender in (CITIZEN, "VoorbeeldBV"):
        server.texted(sender, "Dank u")
    known, nobody = parsed(channel, hook)
    assert isinstance(known, Reaction)
    assert isinstance(nobody, Reaction)
    assert (known.conversation, nobody.conversation) == (True, False)
    assert not known.parent_id


@pytest.mark.parametrize("number", ["2300", "112", "+3114020", "+319001234", "+3112", "geen nummer"])
def test_short_codes_and_paid_numbers_are_refused_before_any_call(server: Twilio, faults: Faulty, number: str) -> None:
    with pytest.raises(Refused):
        sms(server).send(to(number))
    assert faults.requests == []


def test_somebody_without_a_number_cannot_be_texted(server: Twilio) -> None:
    letter = OutgoingMessage("wk1.abc", Recipient(AddressKind.EMAIL, "inwoner@voorbeeld.example"), "Hallo")
    with pytest.raises(Refused, match="no telephone number"):
        sms(server).send(letter)


def test_a_text_over_the_limit_is_refused_before_any_call(server: Twilio, faults: Faulty) -> None:
    channel = sms(server, max_segments=2)
    assert channel.limits.max_length == 2
    assert channel.limits.measure("a" * 306) == 2
    with pytest.raises(Refused, match="3 SMS parts; 2"):
        channel.send(to(text="a" * 307))
    assert faults.requests == []


@pytest.mark.parametrize(
    ("status", "error"),
    [(429, Unreachable), (401, Unreachable), (403, Unreachable), (500, Uncertain), (503, Uncertain)],
)
def test_each_failure_says_what_to_do_next(server: Twilio, faults: Faulty, status: int, error: type) -> None:
    faults.fail(status, method="POST", retry_after="4")
    with pytest.raises(error) as raised:
        sms(server).send(to())
    if status == 429:
        assert isinstance(raised.value, Unreachable)
        assert raised.value.retry_after == 4


def test_a_number_that_unsubscribed_is_refused_with_twilios_code(server: Twilio) -> None:
    server.refused[CITIZEN] = 21610
    with pytest.raises(Refused) as refused:
        sms(server).send(to())
    assert refused.value.code == "21610"


def test_after_silence_it_is_found_instead_of_sent_again(server: Twilio, faults: Faulty) -> None:
    channel = sms(server)
    faults.silent_after_accepting()
    with pytest.raises(Uncertain):
        channel.send(to())
    found = channel.find_sent(to())
    assert found is not None
    assert found.external_id == server.messages[0]["sid"]


def test_what_did_not_go_out_is_certainly_not_there(server: Twilio, faults: Faulty) -> None:
    channel = sms(server)
    faults.fail(500, method="POST")
    with pytest.raises(Uncertain):
        channel.send(to())
    assert channel.find_sent(to()) is None
    server.texted(CITIZEN, to().text)
    assert channel.find_sent(to()) is None, "the citizen's own words are not our answer"


def test_the_same_words_of_long_ago_are_another_message(server: Twilio) -> None:
    channel = sms(server)
    server.clock = lambda: NOW - timedelta(days=2)
    channel.send(to())
    assert channel.find_sent(to()) is None


def test_the_same_words_said_before_this_message_was_written_are_another_message(server: Twilio) -> None:
    channel = sms(server)
    server.clock = lambda: NOW - timedelta(minutes=10)
    channel.send(to())
    assert channel.find_sent(to(made_at=NOW - timedelta(minutes=5))) is None
    assert channel.find_sent(to(made_at=NOW - timedelta(minutes=10))) is not None


def test_when_twilio_cannot_be_asked_the_doubt_stays(server: Twilio, faults: Faulty) -> None:
    faults.fail(503)
    with pytest.raises(Uncertain):
        sms(server).find_sent(to())


def broken(faults: Faulty, how: str) -> None:
    bodies = {
        "html": (b"<html>Bad gateway</html>", "text/html"),
        "list": (b"[]", "application/json"),
        "nothing": (b"{}", "application/json"),
    }
    if how in bodies:
        faults.answer(*bodies[how])
    elif how == "half":
        faults.half()
    elif how == "endless":
        faults.endless()
    else:
        faults.redirect()


@pytest.mark.parametrize("how", ["html", "half", "endless", "redirect", "list", "nothing"])
def test_whatever_answers_instead_of_twilio_is_shown_at_the_account(server: Twilio, faults: Faulty, how: str) -> None:
    channel = sms(server)
    broken(faults, how)
    with pytest.raises(Unreachable):
        list(channel.pull(None))
    broken(faults, how)
    assert channel.check().problem is not None


def test_checking_says_what_is_wrong_and_how_to_set_it_right(server: Twilio) -> None:
    channel = sms(server)
    assert channel.check().problem is None
    server.sms_url = "https://elsewhere.example/"
    assert HOOK in str(channel.check().problem)
    assert "number" in str(sms(server, number="+31209999999").check().problem)
    server.status = "suspended"
    assert "suspended" in str(channel.check().problem)
    assert "SID" in str(sms(server, auth_token="wrong").check().problem)


@pytest.mark.parametrize(
    "wrong",
    [{"account_sid": "AC1"}, {"number": "112"}, {"number": "14020"}, {"api_url": "ftp://x"}, {"max_segments": 11}],
)
def test_settings_are_checked(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        SmsSettings(**base("https://api.twilio.com") | wrong)


def test_the_number_is_kept_in_its_one_form() -> None:
    assert SmsSettings(**base("https://api.twilio.com") | {"number": "020 123 4567"}).number == "+31201234567"


WORDS = st.sampled_from(["MessageSid", "From", "Body", "NumMedia", "MessageStatus", "sid", "from", "body", "num_media"])
VALUES = st.one_of(st.none(), st.integers(), st.text(max_size=20), st.lists(st.integers(), max_size=2), st.booleans())


@given(
    body=st.one_of(
        st.binary(max_size=80),
        st.dictionaries(WORDS, st.text(max_size=20)).map(lambda fields: urlencode(fields).encode()),
        st.dictionaries(WORDS, VALUES).map(lambda row: json.dumps(row).encode()),
    ),
    media_type=st.sampled_from([FORM, "application/json"]),
    meta=st.sampled_from([{}, {"delivery": "wk1.abc"}, {"row": "sent"}, {"row": "status"}]),
)
def test_whatever_stands_in_an_item_is_parsed_or_unreadable(body: bytes, media_type: str, meta: dict[str, str]) -> None:
    channel = TwilioSms(config(SmsSettings(**base("https://api.twilio.com"))))
    try:
        found: Sequence[Incoming] = channel.parse(RawItem("k", body, media_type, meta))
    except Unreadable:
        return
    assert found


def test_a_webhook_by_get_or_without_its_id_is_unreadable(server: Twilio) -> None:
    channel = sms(server)
    with pytest.raises(Unreadable):
        channel.receive(WebhookRequest("GET", HOOK, {}, b"", "", NOW))
    fields = {"AccountSid": SID, "From": CITIZEN}
    request = WebhookRequest("POST", HOOK, {HEADER: sign(HOOK, fields, TOKEN)}, urlencode(fields).encode(), "", NOW)
    with pytest.raises(Unreadable):
        channel.receive(request)
