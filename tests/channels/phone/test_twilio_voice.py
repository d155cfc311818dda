"""Calls through the emulated Twilio."""

import json
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from app.channels.contract import (
    Completes,
    DeliveryReport,
    Incoming,
    NotAuthentic,
    Pulls,
    RawItem,
    Reaction,
    Receives,
    Recipient,
    Refused,
    Revision,
    Sends,
    Uncertain,
    Unreachable,
    Unreadable,
    WebhookRequest,
)
from app.channels.phone.pushed import FORM
from app.channels.phone.twilio_voice import TwilioVoice
from app.channels.phone.voice_settings import VoiceSettings
from app.vocabulary import AddressKind
from tests.channels.phone.office import CITIZEN, EMPLOYEE, HOOK, NOW, Hook, base, config, to, voice
from tests.emulators.faults import Faulty
from tests.emulators.twilio_state import NUMBER, Twilio


def parsed(channel: TwilioVoice, hook: Hook) -> list[Incoming]:
    return [part for item in hook.items.values() for part in channel.parse(channel.complete(item))]


def spoken(twiml: bytes) -> list[tuple[str, str]]:
    return [(say.get("language", ""), say.text or "") for say in ET.fromstring(twiml).iter("Say")]


def verbs(twiml: bytes) -> list[str]:
    return [child.tag for child in ET.fromstring(twiml)]


def action(twiml: bytes, verb: str, name: str = "action") -> str:
    found = next(ET.fromstring(twiml).iter(verb))
    return found.get(name, "")


def test_it_can_what_the_contract_says(server: Twilio) -> None:
    for promised in (Receives, Pulls, Completes, Sends):
        assert isinstance(voice(server), promised)


def test_a_caller_hears_in_two_languages_that_we_call_back_and_is_written_down(server: Twilio, hook: Hook) -> None:
    channel = voice(server, organisation="gemeente Voorbeeldstad & Co")
    sid, twiml = server.called(CITIZEN)
    assert [language for language, _ in spoken(twiml)] == ["nl-NL", "en-GB", "nl-NL", "en-GB"]
    assert spoken(twiml)[0][1] == "Goedendag, u belt met gemeente Voorbeeldstad & Co."
    assert "bellen u terug" in spoken(twiml)[2][1]
    assert verbs(twiml) == ["Say"] * 4 + ["Hangup"]
    [reaction] = parsed(channel, hook)
    assert isinstance(reaction, Reaction)
    assert (reaction.external_id, reaction.title) == (sid, "Terugbelverzoek")
    assert reaction.text == "Vraagt om te worden teruggebeld.\nNummer: 06 12345678"
    assert (reaction.author.kind, reaction.author.address) == (AddressKind.PHONE, CITIZEN)


def test_an_english_account_speaks_and_writes_english_first(server: Twilio, hook: Hook) -> None:
    channel = voice(server, "en")
    _, twiml = server.called("+442079460000")
    assert spoken(twiml)[0][0] == "en-GB"
    [reaction] = parsed(channel, hook)
    assert isinstance(reaction, Reaction)
    assert reaction.text == "Asks to be called back.\nNumber: +44 20 7946 0000"


def test_whoever_rings_again_is_in_the_same_conversation_and_a_hidden_number_in_none(
    server: Twilio, hook: Hook
) -> None:
    channel = voice(server)
    for caller in (CITIZEN, CITIZEN, "anonymous"):
        server.called(caller)
    calls = [part for part in parsed(channel, hook) if isinstance(part, Reaction)]
    assert [call.conversation for call in calls] == [True, True, False]


@pytest.mark.parametrize("caller", ["+266696687", "anonymous", "Restricted"])
def test_a_hidden_number_is_told_that_it_cannot_be_called_back(server: Twilio, hook: Hook, caller: str) -> None:
    channel = voice(server)
    sid, twiml = server.called(caller)
    assert "niet zichtbaar" in spoken(twiml)[2][1]
    [reaction] = parsed(channel, hook)
    assert isinstance(reaction, Reaction)
    assert (reaction.author.kind, reaction.author.address, reaction.author.name) == (
        AddressKind.HANDLE, f"twilio:{sid}", "",
    )  # fmt: skip


def test_menu_recording_and_transcription_are_off_until_they_are_turned_on() -> None:
    settings = VoiceSettings(**base("https://api.twilio.com"))
    assert (settings.menu, settings.recording, settings.transcription) == (False, False, False)
    with pytest.raises(ValidationError, match="turn recording on"):
        VoiceSettings(**base("https://api.twilio.com"), transcription=True)


def test_the_menu_listens_for_keys_and_speech_and_forgives_silence(server: Twilio, hook: Hook) -> None:
    channel = voice(server, menu=True)
    sid, twiml = server.called(CITIZEN)
    gather = next(ET.fromstring(twiml).iter("Gather"))
    assert (gather.get("input"), gather.get("language"), gather.get("numDigits")) == ("dtmf speech", "nl-NL", "1")
    assert "drie" not in str(spoken(twiml)), "there is nothing to record to"
    silence = server.step(sid, next(ET.fromstring(twiml).iter("Redirect")).text or "")
    assert "bellen u terug" in spoken(silence)[0][1]
    assert list(hook.items) == [sid]
    english = server.step(sid, action(twiml, "Gather"), Digits="2")
    assert spoken(english) == [("en-GB", "We have noted your number and will call you back. You can hang up now.")]
    _, revision = parsed(channel, hook)
    assert isinstance(revision, Revision)
    assert revision.external_id == sid
    assert revision.text.endswith("Koos in het menu: terugbellen in het Engels.")


@pytest.mark.parametrize(
    ("said", "chosen"),
    [("Ik wil een bericht inspreken.", "message"), ("English please", "english"), ("terugbellen", "call_back")],
)
def test_a_choice_may_be_spoken(server: Twilio, hook: Hook, said: str, chosen: str) -> None:
    voice(server, menu=True, recording=True)
    sid, twiml = server.called(CITIZEN)
    server.step(sid, action(twiml, "Gather"), SpeechResult=said)
    assert hook.items[f"{sid}:menu"].meta["choice"] == chosen


def test_a_message_is_recorded_fetched_and_written_out_later(server: Twilio, hook: Hook) -> None:
    channel = voice(server, recording=True, transcription=True)
    sid, twiml = server.called(CITIZEN)
    assert "Het wordt opgenomen" in str(spoken(twiml))
    recording = server.recorded(sid, action(twiml, "Record"), b"ID3 sound", seconds=12)
    server.transcribed(sid, recording, action(twiml, "Record", "transcribeCallback"), "de lantaarn is stuk")
    request, message, transcript = parsed(channel, hook)
    assert isinstance(request, Reaction)
    assert isinstance(message, Reaction)
    assert (message.parent_id, message.author) == (request.external_id, request.author)
    assert request.conversation
    assert message.conversation
    [file] = message.attachments
    assert (file.name, file.content_type, file.content) == ("12s.mp3", "audio/mpeg", b"ID3 sound")
    assert isinstance(transcript, Revision)
    assert transcript.external_id == message.external_id == recording
    assert transcript.text.startswith(message.text)
    assert transcript.text.endswith("Door een machine uitgeschreven:\nde lantaarn is stuk")


def test_without_transcription_nothing_is_asked_to_be_written_out(server: Twilio) -> None:
    voice(server, recording=True)
    _, twiml = server.called(CITIZEN)
    record = next(ET.fromstring(twiml).iter("Record"))
    assert (record.get("transcribe"), record.get("transcribeCallback")) == (None, None)


def test_a_caller_who_says_nothing_leaves_no_recording(server: Twilio, hook: Hook) -> None:
    voice(server, recording=True)
    sid, twiml = server.called(CITIZEN)
    server.recorded(sid, action(twiml, "Record"), b"", seconds=0)
    assert list(hook.items) == [sid]


def test_a_recording_that_is_not_ready_is_asked_for_again(server: Twilio, hook: Hook) -> None:
    channel = voice(server, recording=True)
    sid, twiml = server.called(CITIZEN)
    recording = server.recorded(sid, action(twiml, "Record"), b"ID3")
    server.files.clear()
    with pytest.raises(Unreachable) as raised:
        channel.complete(hook.items[f"recording:{recording}"])
    assert raised.value.retry_after == 10
    assert not raised.value.whole_account


def test_a_recording_larger_than_we_keep_does_not_fill_the_memory(server: Twilio, faults: Faulty, hook: Hook) -> None:
    channel = voice(server, recording=True)
    sid, twiml = server.called(CITIZEN)
    recording = server.recorded(sid, action(twiml, "Record"), b"ID3")
    faults.endless()
    with pytest.raises(Unreachable, match=r"larger than|deadline"):
        channel.complete(hook.items[f"recording:{recording}"])


def test_a_call_back_rings_the_employee_first_and_then_connects_the_citizen(server: Twilio, hook: Hook) -> None:
    channel = voice(server)
    sent = channel.send(to(through=Recipient(AddressKind.PHONE, "+31687654321")))
    [call] = server.calls
    assert (call["sid"], call["to"], call["from"]) == (sent.external_id, "+31687654321", NUMBER)
    assert "Dial" not in verbs(call["twiml"].encode()), "nobody is called before somebody of ours is there"
    dial = next(
        ET.fromstring(server.step(call["sid"], action(call["twiml"].encode(), "Gather"), Digits="1")).iter("Dial")
    )
    assert (dial.get("callerId"), dial[0].text) == (NUMBER, CITIZEN)
    server.picks_up(sent.external_id)
    assert parsed(channel, hook) == [DeliveryReport(sent.external_id, "delivered", key="wk1.abc")]


def test_the_voicemail_of_an_employee_is_not_connected_to_a_citizen(server: Twilio, hook: Hook) -> None:
    channel = voice(server)
    sent = channel.send(to())
    server.voicemail_takes(sent.external_id)
    assert [call["to"] for call in server.calls] == [EMPLOYEE]
    [report] = parsed(channel, hook)
    assert isinstance(report, DeliveryReport)
    assert (report.external_id, report.key, report.code) == (sent.external_id, "wk1.abc", "employee_no_answer")
    assert verbs(hook.answers[0].body) == ["Hangup"]


def test_without_the_key_the_citizen_is_called_at_once(server: Twilio) -> None:
    voice(server, press_key=False).send(to())
    assert verbs(server.calls[0]["twiml"].encode()) == ["Say", "Dial"]


def test_only_a_real_number_is_dialled_at_the_press_of_a_key(server: Twilio) -> None:
    channel = voice(server)
    sent = channel.send(to())
    with pytest.raises(Unreadable):
        server.step(sent.external_id, f"{HOOK}?step=dial&citizen=112&delivery=wk1.abc", Digits="1")


def test_without_a_telephone_of_their_own_the_desks_number_rings(server: Twilio) -> None:
    voice(server).send(to())
    assert server.calls[0]["to"] == EMPLOYEE
    with pytest.raises(Refused, match="which telephone"):
        voice(server, desk_number="").send(to())


def test_nobody_listens_for_machines_unless_it_was_asked_for(server: Twilio) -> None:
    voice(server, press_key=False).send(to())
    assert "machineDetection" not in server.calls[0]["twiml"]


@pytest.mark.parametrize("number", ["112", "+3114020", "+319001234"])
def test_short_and_paid_numbers_are_never_called(server: Twilio, faults: Faulty, number: str) -> None:
    with pytest.raises(Refused):
        voice(server).send(to(number))
    with pytest.raises(Refused):
        voice(server).send(to(through=Recipient(AddressKind.PHONE, number)))
    assert faults.requests == []


def test_after_silence_the_call_is_found_by_whom_it_connected(server: Twilio, faults: Faulty) -> None:
    channel = voice(server)
    faults.silent_after_accepting()
    with pytest.raises(Uncertain):
        channel.send(to())
    with pytest.raises(Uncertain, match="nobody was connected"):
        channel.find_sent(to())
    server.picks_up(server.calls[0]["sid"])
    found = channel.find_sent(to())
    assert found is not None
    assert found.external_id == server.calls[0]["sid"]


def test_a_call_that_was_never_made_is_certainly_not_there(server: Twilio) -> None:
    channel = voice(server)
    other = channel.send(to("+31687654321"))
    server.picks_up(other.external_id)
    assert channel.find_sent(to()) is None


def test_a_call_from_before_this_one_was_asked_for_is_another_call(server: Twilio) -> None:
    channel = voice(server)
    server.clock = lambda: NOW - timedelta(minutes=10)
    server.picks_up(channel.send(to()).external_id)
    assert channel.find_sent(to(made_at=NOW - timedelta(minutes=5))) is None
    assert channel.find_sent(to(made_at=NOW - timedelta(minutes=10))) is not None


def test_a_step_that_twilio_did_not_sign_is_refused(server: Twilio) -> None:
    body = urlencode({"CallSid": "CA1", "From": CITIZEN}).encode()
    with pytest.raises(NotAuthentic):
        voice(server).receive(WebhookRequest("POST", f"{HOOK}?step=menu", {}, body, "", NOW))


STEPS = st.sampled_from(["", "menu", "recorded", "transcript", "status", "machine", "nobody"])
FIELDS = st.sampled_from(["CallSid", "From", "CallStatus", "RecordingSid", "RecordingDuration", "TranscriptionText"])


@given(
    fields=st.dictionaries(FIELDS, st.text(max_size=20)), step=STEPS, leg=st.sampled_from(["employee", "citizen", "x"]),
    language=st.sampled_from(["nl", "en", "xx"]), choice=st.sampled_from(["", "call_back", "nonsense"]),
)  # fmt: skip
def test_whatever_stands_in_an_item_is_parsed_or_unreadable(
    fields: dict[str, str], step: str, leg: str, language: str, choice: str
) -> None:
    channel = TwilioVoice(config(VoiceSettings(**base("https://api.twilio.com"))))
    meta = {"step": step, "leg": leg, "language": language, "choice": choice}
    try:
        found: Sequence[Incoming] = channel.parse(RawItem("k", urlencode(fields).encode(), FORM, meta))
    except Unreadable:
        return
    assert found


ROWS = st.dictionaries(
    st.sampled_from(["sid", "from", "status", "parent_call_sid", "start_time"]),
    st.none() | st.text(max_size=12) | st.integers(),
).map(lambda row: json.dumps(row).encode())
JSON = "application/json"


@given(st.binary(max_size=80) | ROWS)
def test_any_bytes_read_back_are_parsed_or_unreadable(body: bytes) -> None:
    channel = TwilioVoice(config(VoiceSettings(**base("https://api.twilio.com"))))
    for media_type, meta in (
        (FORM, {}),
        (JSON, {}),
        (JSON, {"row": "status"}),
        (JSON, {"row": "machine"}),
        (JSON, {"row": "recording"}),
    ):
        try:
            channel.parse(RawItem("k", body, media_type, meta))
        except Unreadable:
            continue
