"""How calls end, told by a callback or read back; and what Twilio's lists make good of lost webhooks."""

from datetime import timedelta

import pytest

from app.channels.contract import (
    DeliveryReport,
    Reaction,
    Unreadable,
)
from app.channels.phone.twilio_voice import TwilioVoice
from tests.channels.phone.office import CITIZEN, HOOK, NOW, Hook, to, voice
from tests.channels.phone.test_twilio_voice import action, parsed
from tests.emulators.faults import Faulty
from tests.emulators.twilio_state import Twilio


def read_back(channel: TwilioVoice, hook: Hook) -> None:
    for page in channel.pull(None):
        for item in page.items:
            hook.items.setdefault(item.key, item)


def test_a_message_whose_webhook_was_lost_is_read_back_under_the_same_key(server: Twilio, hook: Hook) -> None:
    channel = voice(server, recording=True)
    sid, twiml = server.called(CITIZEN)
    recording = server.recorded(sid, action(twiml, "Record"), b"ID3 sound", seconds=12, pushes=False)
    other, _ = server.called("+31687654321", pushes=False)
    server.calls[-1]["to"] = "+31209999999"
    server.recorded(other, HOOK, b"ID3 elsewhere", pushes=False)
    server.recorded(sid, HOOK, b"", seconds=0, pushes=False)
    read_back(channel, hook)
    item = hook.items[f"recording:{recording}"]
    [message] = channel.parse(channel.complete(item))
    assert isinstance(message, Reaction)
    assert (message.external_id, message.parent_id, message.author.address) == (recording, sid, CITIZEN)
    assert [(file.name, file.content) for file in message.attachments] == [("12s.mp3", b"ID3 sound")]
    [elsewhere] = [one for key, one in hook.items.items() if key.startswith("recording:") and one is not item]
    assert channel.parse(channel.complete(elsewhere)) == (), "it was left at another number of the account"
    server.step(sid, action(twiml, "Record"), RecordingSid=recording, RecordingDuration="12", RecordingUrl="x")
    assert hook.items[f"recording:{recording}"] is item


def test_no_recordings_are_asked_for_where_none_are_made(server: Twilio, faults: Faulty) -> None:
    list(voice(server).pull(None))
    assert not [path for path in faults.requests if "Recordings" in str(path)]


def test_a_recording_of_a_call_that_was_removed_is_set_aside(server: Twilio, hook: Hook) -> None:
    channel = voice(server, recording=True)
    sid, _ = server.called(CITIZEN)
    recording = server.recorded(sid, HOOK, b"ID3", pushes=False)
    read_back(channel, hook)
    server.calls.clear()
    with pytest.raises(Unreadable, match="removed"):
        channel.complete(hook.items[f"recording:{recording}"])


@pytest.mark.parametrize("pushes", [True, False], ids=["told", "read back"])
@pytest.mark.parametrize("status", ["busy", "no-answer", "failed", "canceled"])
def test_a_call_that_nobody_answers_says_whose_telephone_and_why(
    server: Twilio, hook: Hook, status: str, pushes: bool
) -> None:
    channel = voice(server)
    first, second = channel.send(to()), channel.send(to())
    server.ends(first.external_id, status, pushes=pushes)
    server.picks_up(second.external_id, status, pushes=pushes)
    if not pushes:
        read_back(channel, hook)
    reports = {part.external_id: part for part in parsed(channel, hook) if isinstance(part, DeliveryReport)}
    ours, theirs = reports[first.external_id], reports[second.external_id]
    word = status.replace("-", "_")
    assert (ours.outcome, ours.code) == ("failed", f"employee_{word}")
    assert (theirs.outcome, theirs.code) == ("failed", f"citizen_{word}")
    assert "colleague" in ours.detail or status == "canceled"
    assert ("citizen" in theirs.detail, len(reports)) == (True, 2)


@pytest.mark.parametrize("pushes", [True, False], ids=["told", "read back"])
@pytest.mark.parametrize(
    ("answered_by", "known"), [("machine_start", True), ("fax", True), ("human", False), ("unknown", False)]
)
def test_an_answering_machine_is_told_where_that_is_asked_for(
    server: Twilio, hook: Hook, answered_by: str, known: bool, pushes: bool
) -> None:
    channel = voice(server, answering_machines=True)
    server.picks_up(channel.send(to()).external_id, answered_by=answered_by, pushes=pushes)
    if not pushes:
        read_back(channel, hook)
    reports = [part for part in parsed(channel, hook) if isinstance(part, DeliveryReport)]
    assert [part.code for part in reports] == (["citizen_machine", ""] if known else [""])
    assert reports[-1].outcome == "delivered"


def test_what_is_told_and_what_is_read_back_is_the_same_item(server: Twilio, hook: Hook) -> None:
    channel = voice(server, answering_machines=True)
    server.picks_up(channel.send(to()).external_id, answered_by="machine_start")
    told = set(hook.items)
    read_back(channel, hook)
    assert set(hook.items) == told


def test_a_lost_webhook_is_made_good_by_reading_back(server: Twilio) -> None:
    channel = voice(server)
    lost, _ = server.called(CITIZEN, at=NOW - timedelta(hours=3), pushes=False)
    channel.send(to())
    items = [item for page in channel.pull(None) for item in page.items]
    assert [item.key for item in items] == [lost]
    [reaction] = channel.parse(items[0])
    assert isinstance(reaction, Reaction)
    assert (reaction.author.address, reaction.sent_at) == (CITIZEN, NOW - timedelta(hours=3))
