"""What an emulated Twilio account holds, and what happens to it outside: people who text and call, answer and hang up.

`push` posts a signed webhook to where the number points; a test may hand in another way.
"""

import hmac
import xml.etree.ElementTree as ET
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from itertools import count
from threading import Lock
from typing import Any
from urllib.parse import urlencode

import httpx

SID = "AC" + "0123456789abcdef" * 2
TOKEN = "the auth token of nobody"
NUMBER = "+31201234567"
FORM = "application/x-www-form-urlencoded"
PAGE = "/2010-04-01/Accounts/{account}"

Push = Callable[[str, Mapping[str, str], bytes], bytes]


def post(url: str, headers: Mapping[str, str], body: bytes) -> bytes:
    """The real thing: what the other side answered."""
    return httpx.post(url, headers=dict(headers), content=body, timeout=15).content


@dataclass
class Twilio:
    """One account with one number; everything that it holds, and what a test lets happen."""

    push: Push = post
    url: str = ""
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    messages: list[dict[str, Any]] = field(default_factory=list)
    calls: list[dict[str, Any]] = field(default_factory=list)
    recordings: list[dict[str, Any]] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)
    media: dict[str, list[dict[str, str]]] = field(default_factory=dict)
    sms_url: str = ""
    voice_url: str = ""
    status: str = "active"
    refused: dict[str, int] = field(default_factory=dict)
    stored_elsewhere: bool = False
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))
    lock: Lock = field(default_factory=Lock)

    # --- what happens outside ---------------------------------------------------------------------------------------

    def texted(
        self, sender: str, body: str, media: Sequence[tuple[str, bytes]] = (), *, at: datetime | None = None,
        pushes: bool = True,
    ) -> str:  # fmt: skip
        """Somebody texts our number; the message's id. Without `pushes` the webhook gets lost."""
        sid = self.sid("SM")
        row = self.message(sid, sender, NUMBER, body, "inbound", "received", at)
        row["num_media"] = str(len(media))
        self.media[sid] = [self._keep(sid, kind, content) for kind, content in media]
        if pushes:
            self.push_text(sid)
        return sid

    def push_text(self, sid: str) -> bytes:
        """The webhook of a message, once more if it went before; what was answered."""
        return self._pushed(self.sms_url, self.text_fields(sid))

    def text_fields(self, sid: str) -> dict[str, str]:
        """The fields of a message's webhook."""
        row = next(row for row in self.messages if row["sid"] == sid)
        fields = {
            "ToCountry": "NL", "MessageSid": sid, "SmsMessageSid": sid, "SmsSid": sid, "AccountSid": SID,
            "NumMedia": row["num_media"], "NumSegments": "1", "SmsStatus": "received", "From": row["from"],
            "To": row["to"], "Body": row["body"], "FromCity": "", "ApiVersion": "2010-04-01",
        }  # fmt: skip
        for place, file in enumerate(self.media.get(sid, ())):
            fields[f"MediaUrl{place}"] = self.url + file["uri"].removesuffix(".json")
            fields[f"MediaContentType{place}"] = file["content_type"]
        return fields

    def typed(
        self, to: str, body: str, *, at: datetime | None = None, status: str = "delivered",
        direction: str = "outbound-api",
    ) -> str:  # fmt: skip
        """A colleague sends a message in the console, or Twilio answers by itself (`outbound-reply`); its id."""
        sid = self.sid("SM")
        self.message(sid, NUMBER, to, body, direction, status, at)
        return sid

    def reports(self, sid: str, status: str, error: str = "", *, pushes: bool = True) -> bytes:
        """What became of a message that we sent: its status callback. Without `pushes` that gets lost."""
        row = next(row for row in self.messages if row["sid"] == sid)
        row["status"], row["error_code"] = status, int(error) if error else None
        fields = {
            "MessageSid": sid, "MessageStatus": status, "SmsSid": sid, "SmsStatus": status, "AccountSid": SID,
            "From": row["from"], "To": row["to"], "ApiVersion": "2010-04-01",
        }  # fmt: skip
        return self._pushed(row["status_callback"], fields | ({"ErrorCode": error} if error else {})) if pushes else b""

    def called(self, caller: str, *, at: datetime | None = None, pushes: bool = True) -> tuple[str, bytes]:
        """Somebody calls our number: the call's id and the TwiML that they hear."""
        sid = self.sid("CA")
        self.call(sid, caller, NUMBER, "inbound", "in-progress", at=at)
        return sid, self.step(sid, self.voice_url) if pushes else b""

    def step(self, sid: str, url: str, **more: str) -> bytes:
        """The next step of a call: a webhook to `url` with the call's fields and what is given."""
        row = self._of(sid)
        fields = {
            "CallSid": sid, "AccountSid": SID, "From": row["from"], "Caller": row["from"], "To": row["to"],
            "Called": row["to"], "CallStatus": row["status"], "Direction": row["direction"], "ApiVersion": "2010-04-01",
        }  # fmt: skip
        parent = {"ParentCallSid": row["parent_call_sid"]} if row["parent_call_sid"] else {}
        return self._pushed(url, fields | parent | more)

    def recorded(
        self, sid: str, url: str, content: bytes, seconds: int = 12, *, at: datetime | None = None, pushes: bool = True
    ) -> str:
        """The caller spoke into the tone: the recording's id. `url` is the Record verb's action."""
        recording = self.sid("RE")
        moment = format_datetime(at or self.clock())
        row: dict[str, Any] = {
            "sid": recording, "account_sid": SID, "call_sid": sid, "status": "completed", "duration": str(seconds),
            "channels": 1, "source": "RecordVerb", "date_created": moment, "date_updated": moment, "start_time": moment,
            "price": None, "price_unit": "USD", "api_version": "2010-04-01", "error_code": None,
            "uri": f"{PAGE.format(account=SID)}/Recordings/{recording}.json", "subresource_uris": {},
        }  # fmt: skip
        with self.lock:
            self.recordings.append(row)
        self.files[f"{PAGE.format(account=SID)}/Recordings/{recording}.mp3"] = content
        place = f"{self.url}{PAGE.format(account=SID)}/Recordings/{recording}"
        told = {"RecordingSid": recording, "RecordingUrl": place, "RecordingDuration": str(seconds), "Digits": "hangup"}
        if pushes:
            self.step(sid, url, **told)
        return recording

    def transcribed(self, sid: str, recording: str, url: str, text: str) -> None:
        """The transcript is ready; it tells neither who called nor when."""
        fields = {
            "TranscriptionSid": self.sid("TR"), "TranscriptionText": text, "TranscriptionStatus": "completed",
            "RecordingSid": recording, "CallSid": sid, "AccountSid": SID, "ApiVersion": "2010-04-01",
        }  # fmt: skip
        self._pushed(url, fields)

    def ends(self, sid: str, status: str, *, pushes: bool = True) -> None:
        """A call that we made ends as `status` without anybody being connected."""
        row = self._of(sid)
        row["status"] = status
        if pushes and row["status_callback"]:
            self.step(sid, row["status_callback"])

    def picks_up(self, sid: str, then: str = "completed", *, answered_by: str = "human", pushes: bool = True) -> str:
        """Our employee picks up and the citizen is dialled, which ends as `then`; the second call's id.

        Who or what answered is found out only where that was asked for.
        """
        heard = ET.fromstring(self._of(sid)["twiml"])
        if (asked := heard.find("Gather")) is not None:
            heard = ET.fromstring(self.step(sid, asked.get("action", ""), Digits="1"))
        dial = heard.find("Dial")
        assert dial is not None
        number = dial.find("Number")
        assert number is not None
        child = self.sid("CA")
        self.call(child, dial.get("callerId", ""), number.text or "", "outbound-dial", then, parent=sid)
        self._of(child)["status_callback"] = number.get("statusCallback", "")
        if then == "completed" and number.get("machineDetection"):
            self._of(child)["answered_by"] = answered_by
            if pushes:
                self.step(child, number.get("amdStatusCallback", ""), AnsweredBy=answered_by)
        self.ends(child, then, pushes=pushes)
        self.ends(sid, "completed", pushes=pushes)
        return child

    def voicemail_takes(self, sid: str) -> None:
        """The voicemail of our employee picks up and presses nothing."""
        redirect = ET.fromstring(self._of(sid)["twiml"]).find("Redirect")
        assert redirect is not None
        self.step(sid, redirect.text or "")
        self.ends(sid, "completed")

    # --- signing ----------------------------------------------------------------------------------------------------

    def _pushed(self, url: str, fields: Mapping[str, str]) -> bytes:
        headers = {"content-type": FORM, "x-twilio-signature": sign(url, fields), "user-agent": "TwilioProxy/1.1"}
        return self.push(url, headers, urlencode(fields).encode())

    # --- rows -------------------------------------------------------------------------------------------------------

    def sid(self, kind: str) -> str:
        return f"{kind}{next(self._numbers):032x}"

    def _of(self, sid: str) -> dict[str, Any]:
        return next(row for row in self.calls if row["sid"] == sid)

    def message(
        self, sid: str, sender: str, to: str, body: str, direction: str, status: str, at: datetime | None = None
    ) -> dict[str, Any]:
        moment = format_datetime(at or self.clock())
        row: dict[str, Any] = {
            "sid": sid, "account_sid": SID, "from": sender, "to": to, "body": body, "direction": direction,
            "status": status, "num_segments": "1", "num_media": "0", "price": None, "price_unit": "USD",
            "error_code": None, "error_message": None, "date_created": moment, "date_updated": moment,
            "date_sent": moment, "api_version": "2010-04-01", "messaging_service_sid": None, "subresource_uris": {},
            "uri": f"{PAGE.format(account=SID)}/Messages/{sid}.json", "status_callback": "",
        }  # fmt: skip
        with self.lock:
            self.messages.append(row)
        return row

    def call(
        self,
        sid: str,
        caller: str,
        to: str,
        direction: str,
        status: str,
        *,
        at: datetime | None = None,
        parent: str = "",
    ) -> dict[str, Any]:
        moment = format_datetime(at or self.clock())
        row: dict[str, Any] = {
            "sid": sid, "account_sid": SID, "from": caller, "to": to, "direction": direction, "status": status,
            "start_time": moment, "end_time": None, "date_created": moment, "date_updated": moment, "duration": "0",
            "parent_call_sid": parent or None, "price": None, "price_unit": "USD", "api_version": "2010-04-01",
            "uri": f"{PAGE.format(account=SID)}/Calls/{sid}.json", "subresource_uris": {}, "status_callback": "",
            "answered_by": None,
            "twiml": "",
        }  # fmt: skip
        with self.lock:
            self.calls.append(row)
        return row

    def _keep(self, message: str, kind: str, content: bytes) -> dict[str, str]:
        uri = f"{PAGE.format(account=SID)}/Messages/{message}/Media/{self.sid('ME')}"
        self.files[uri] = content
        return {"sid": uri.rpartition("/")[2], "content_type": kind, "uri": f"{uri}.json", "parent_sid": message}


def sign(url: str, fields: Mapping[str, str], token: str = TOKEN) -> str:
    """Twilio's signature, written a second time: the adapter's own must not prove itself."""
    text = url
    for name in sorted(fields):
        text += name
        text += fields[name]
    return b64encode(hmac.digest(token.encode(), text.encode(), "sha1")).decode()
