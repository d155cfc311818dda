"""The emulated Twilio speaks what Twilio's own client speaks, and signs what its own RequestValidator accepts."""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import parse_qs, parse_qsl

import pytest
from twilio.base.exceptions import TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.request_validator import RequestValidator
from twilio.rest import Client

from tests.emulators.faults import Faulty
from tests.emulators.twilio import twilio
from tests.emulators.twilio_state import NUMBER, SID, TOKEN, Twilio

HOOK = "https://weerklank.voorbeeldstad.example/hooks/abc"
CITIZEN = "+31612345678"
EMPLOYEE = "+31201112233"


class Here(TwilioHttpClient):  # type: ignore[misc]
    """The client's own HTTP, sent to the emulator instead of to the service."""

    def __init__(self, url: str) -> None:
        super().__init__(timeout=10)
        self._url = url

    def request(self, method: str, url: str, *more: Any, **named: Any) -> Any:
        return super().request(method, url.replace("https://api.twilio.com", self._url), *more, **named)


class Heard:
    """Keeps what was pushed."""

    def __init__(self) -> None:
        self.pushed: list[tuple[str, Mapping[str, str], bytes]] = []

    def __call__(self, url: str, headers: Mapping[str, str], body: bytes) -> bytes:
        self.pushed.append((url, headers, body))
        return b""


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def emulated(heard: Heard) -> Iterator[tuple[Twilio, Faulty]]:
    with twilio(Twilio(push=heard, sms_url=HOOK, voice_url=HOOK)) as running:
        yield running


@pytest.fixture
def server(emulated: tuple[Twilio, Faulty]) -> Twilio:
    return emulated[0]


@pytest.fixture
def client(server: Twilio) -> Iterator[Any]:
    http = Here(server.url)
    yield Client(SID, TOKEN, http_client=http)
    http.session.close()


def test_it_sends_and_lists_a_message(client: Any, server: Twilio) -> None:
    sent = client.messages.create(to=CITIZEN, from_=NUMBER, body="Goedemiddag", status_callback=f"{HOOK}?delivery=k")
    assert (sent.status, sent.direction, sent.body) == ("queued", "outbound-api", "Goedemiddag")
    server.texted(CITIZEN, "Dank u")
    assert [row.body for row in client.messages.list()] == ["Dank u", "Goedemiddag"]
    assert [row.sid for row in client.messages.list(to=CITIZEN)] == [sent.sid]
    assert client.messages.list(date_sent=date(2020, 1, 1)) == []


def test_it_pages_through_a_long_list(client: Any, server: Twilio) -> None:
    for number in range(25):
        server.texted(CITIZEN, f"bericht {number}", pushes=False)
    rows = client.messages.list(page_size=10)
    assert [row.body for row in rows] == [f"bericht {number}" for number in reversed(range(25))]
    assert rows[0].date_sent.tzinfo is not None


def test_it_makes_a_call_and_shows_its_second_leg(client: Any, server: Twilio) -> None:
    twiml = f"<Response><Dial callerId='{NUMBER}'><Number>{CITIZEN}</Number></Dial></Response>"
    made = client.calls.create(to=EMPLOYEE, from_=NUMBER, twiml=twiml, status_callback=HOOK)
    assert made.status == "queued"
    child = server.picks_up(made.sid)
    [leg] = client.calls.list(parent_call_sid=made.sid)
    assert (leg.sid, leg.to, leg.status) == (child, CITIZEN, "completed")


def test_it_lists_recordings_by_day_and_shows_the_call_of_each(client: Any, server: Twilio) -> None:
    call, _ = server.called(CITIZEN, pushes=False)
    recording = server.recorded(call, HOOK, b"ID3", at=datetime(2026, 11, 3, 12, 0, tzinfo=UTC), pushes=False)
    [found] = client.recordings.list(date_created=date(2026, 11, 3))
    assert (found.sid, found.call_sid, found.duration, found.status) == (recording, call, "12", "completed")
    assert client.recordings.list(date_created=date(2026, 11, 4)) == []
    assert (client.calls(call).fetch().to, client.calls(call).fetch().direction) == (NUMBER, "inbound")
    with pytest.raises(TwilioRestException) as gone:
        client.calls("CA" + "9" * 32).fetch()
    assert gone.value.status == 404


def test_it_filters_calls_by_day(client: Any, server: Twilio) -> None:
    server.called(CITIZEN, at=datetime(2026, 11, 3, 12, 0, tzinfo=UTC), pushes=False)
    assert len(client.calls.list(start_time=date(2026, 11, 3))) == 1
    assert client.calls.list(start_time=date(2026, 11, 4)) == []


def test_it_knows_its_number_and_its_account(client: Any) -> None:
    [number] = client.incoming_phone_numbers.list(phone_number=NUMBER)
    assert (number.sms_url, number.voice_url) == (HOOK, HOOK)
    assert client.api.accounts(SID).fetch().status == "active"


def test_it_refuses_a_wrong_secret_a_wrong_sender_and_a_number_that_cannot_be_reached(server: Twilio) -> None:
    http = Here(server.url)
    stranger = Client(SID, "wrong", http_client=http)
    with pytest.raises(TwilioRestException) as unknown:
        stranger.api.accounts(SID).fetch()
    assert (unknown.value.status, unknown.value.code) == (401, 20003)
    known = Client(SID, TOKEN, http_client=http)
    server.refused[CITIZEN] = 21610
    with pytest.raises(TwilioRestException) as unsubscribed:
        known.messages.create(to=CITIZEN, from_=NUMBER, body="Goedemiddag")
    assert unsubscribed.value.code == 21610
    with pytest.raises(TwilioRestException) as sender:
        known.messages.create(to="+31687654321", from_="+31209999999", body="Goedemiddag")
    assert sender.value.code == 21606
    http.session.close()


def test_it_fails_on_command(client: Any, emulated: tuple[Twilio, Faulty]) -> None:
    emulated[1].fail(429, retry_after="3")
    with pytest.raises(TwilioRestException) as slow:
        client.api.accounts(SID).fetch()
    assert slow.value.status == 429
    assert client.messages.list() == []


def test_its_recordings_are_files_behind_the_secret(client: Any, server: Twilio) -> None:
    sid, _ = server.called(CITIZEN)
    recording = server.recorded(sid, f"{HOOK}?step=recorded", b"ID3 sound")
    assert server.files[f"/2010-04-01/Accounts/{SID}/Recordings/{recording}.mp3"] == b"ID3 sound"
    answer = client.request("GET", f"{server.url}/2010-04-01/Accounts/{SID}/Recordings/{recording}.mp3")
    assert (answer.status_code, answer.text) == (200, "ID3 sound")


def test_everything_pushed_passes_twilios_own_validator(server: Twilio, heard: Heard) -> None:
    validator = RequestValidator(TOKEN)
    server.texted(CITIZEN, "Zwaar weer: é, € en 😀 & meer", media=[("image/png", b"png")])
    sid, _ = server.called(CITIZEN)
    server.step(sid, f"{HOOK}?step=menu", Digits="1")
    recording = server.recorded(sid, f"{HOOK}?step=recorded&language=nl", b"ID3")
    server.transcribed(sid, recording, f"{HOOK}?step=transcript&language=nl", "hallo")
    assert len(heard.pushed) == 5
    for url, headers, body in heard.pushed:
        fields = dict(parse_qsl(body.decode(), keep_blank_values=True))
        assert validator.validate(url, fields, headers["x-twilio-signature"])
        assert not validator.validate(url + "x", fields, headers["x-twilio-signature"])
        assert parse_qs(body.decode())["AccountSid"] == [SID]
