"""An account at the emulated Twilio, without a network between its webhooks and our channel."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from pydantic import SecretStr

from app.channels.contract import (
    AccountConfig,
    NotAuthentic,
    OutgoingMessage,
    RawItem,
    Receives,
    Recipient,
    WebhookAnswer,
    WebhookRequest,
)
from app.channels.phone.twilio_sms import SmsSettings, TwilioSms
from app.channels.phone.twilio_voice import TwilioVoice
from app.channels.phone.voice_settings import VoiceSettings
from app.fetch import fetch
from app.vocabulary import AddressKind
from tests.emulators.twilio_state import NUMBER, SID, TOKEN, Twilio

HOOK = "https://weerklank.voorbeeldstad.example/hooks/abc"
CITIZEN = "+31612345678"
EMPLOYEE = "+31201112233"
NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


@dataclass
class Hook:
    """Where Twilio pushes to: our channel, and what it made of everything. `items` are by key, as the journal keeps them."""

    channel: Receives | None = None
    items: dict[str, RawItem] = field(default_factory=dict)
    answers: list[WebhookAnswer] = field(default_factory=list)
    refused: int = 0

    def __call__(self, url: str, headers: Mapping[str, str], body: bytes) -> bytes:
        assert self.channel is not None
        request = WebhookRequest("POST", url, headers, body, "127.0.0.1", NOW)
        try:
            answer = self.channel.receive(request)
        except NotAuthentic:
            self.refused += 1
            return b""
        self.answers.append(answer)
        for item in answer.items:
            self.items.setdefault(item.key, item)
        return answer.body


def config(settings: Any, language: str = "nl") -> AccountConfig:
    return AccountConfig(7, "Telefoon", settings, HOOK, language)


def base(url: str) -> dict[str, Any]:
    return {"account_sid": SID, "auth_token": SecretStr(TOKEN), "number": NUMBER, "api_url": url}


def sms(server: Twilio, **settings: Any) -> TwilioSms:
    channel = TwilioSms(config(SmsSettings(**base(server.url) | settings)), http=deadlined, clock=lambda: NOW)
    _connect(server, channel)
    return channel


def voice(server: Twilio, language: str = "nl", **settings: Any) -> TwilioVoice:
    made = VoiceSettings(**base(server.url) | {"desk_number": EMPLOYEE} | settings)
    channel = TwilioVoice(config(made, language), http=deadlined, clock=lambda: NOW)
    _connect(server, channel)
    return channel


def deadlined(method: str, url: str, **more: Any) -> Any:
    """Our own HTTP with little patience, so that a test of silence is short."""
    return fetch(method, url, **more | {"deadline": 3.0})


def to(number: str = CITIZEN, text: str = "Goedemiddag, het is gemaakt.", **columns: Any) -> OutgoingMessage:
    return OutgoingMessage(key="wk1.abc", recipient=Recipient(AddressKind.PHONE, number), text=text, **columns)


def _connect(server: Twilio, channel: Receives) -> None:
    assert isinstance(server.push, Hook)
    server.push.channel = channel
