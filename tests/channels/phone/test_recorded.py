"""Items as Twilio's documentation shows them, what they mean, and what happens when their bytes are not what they were."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.channels.contract import Channel, Incoming, RawItem, Reaction, Unreadable
from app.channels.phone.twilio_sms import SmsSettings, TwilioSms
from app.channels.phone.twilio_voice import TwilioVoice
from app.channels.phone.voice_settings import VoiceSettings
from tests.channels.phone.office import base, config

RECORDED = {
    path.stem: json.loads(path.read_text("utf-8")) for path in sorted(Path(__file__).parent.glob("recorded/*.json"))
}
CHANNELS: dict[str, Channel] = {
    "sms": TwilioSms(config(SmsSettings(**base("https://api.twilio.com")))),
    "voice": TwilioVoice(config(VoiceSettings(**base("https://api.twilio.com")))),
}


def item(recorded: dict[str, Any], body: bytes | None = None) -> RawItem:
    fetched = {name: text.encode() for name, text in recorded["completed"].items()}
    return RawItem(
        "k", recorded["body"].encode() if body is None else body, recorded["media_type"], recorded["meta"], fetched
    )


def told(part: Incoming, wanted: dict[str, Any]) -> dict[str, Any]:
    """What was expected of this part, as it is."""
    found: dict[str, Any] = {"type": type(part).__name__}
    for name in wanted.keys() - {"type"}:
        value = getattr(part, name)
        if name == "author":
            value = [value.kind.value, value.address]
        if name == "attachments":
            value = [[file.name, file.content_type, file.size] for file in value]
        found[name] = value.isoformat() if name == "sent_at" else value
    return found


@pytest.mark.parametrize("name", RECORDED)
def test_a_recorded_item_means_what_it_should(name: str) -> None:
    recorded = RECORDED[name]
    parts = CHANNELS[recorded["kind"]].parse(item(recorded))
    assert len(parts) == len(recorded["expected"])
    for part, wanted in zip(parts, recorded["expected"], strict=True):
        assert told(part, wanted) == wanted


@given(data=st.data(), name=st.sampled_from(sorted(RECORDED)))
def test_a_damaged_item_is_parsed_or_unreadable(data: st.DataObject, name: str) -> None:
    recorded = RECORDED[name]
    body = bytearray(recorded["body"].encode())
    for _ in range(data.draw(st.integers(1, 8))):
        place = data.draw(st.integers(0, len(body) - 1))
        body[place : place + data.draw(st.integers(0, 6))] = data.draw(st.binary(max_size=6))
        body = body or bytearray(b"x")
    try:
        parts = CHANNELS[recorded["kind"]].parse(item(recorded, bytes(body)))
    except Unreadable:
        return
    assert all(part.external_id for part in parts if isinstance(part, Reaction))
