"""Calls through Twilio: a call that comes in is a request to be called back; a call back connects our employee first.

In: signed webhooks at each step of a call, and the list of calls read back. The first step already is the reaction, so a
caller who hangs up is not lost. A choice in the menu revises it; a recording is a reaction of its own under it, and its
transcript revises that. Whoever rings again is still in the same conversation. Out: Twilio calls the employee, and when they
pick up, the citizen. Two calls, one delivery: what becomes of each comes back with the delivery's key, or is read back.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from app.channels.contract import (
    AccountConfig,
    AttachmentIn,
    Audience,
    Channel,
    Health,
    Incoming,
    Kind,
    Limits,
    OutgoingMessage,
    Page,
    RawItem,
    Reaction,
    Refused,
    Revision,
    Sent,
    Uncertain,
    Unreachable,
    Unreadable,
    WebhookAnswer,
    WebhookRequest,
)
from app.channels.phone import backfill, call_outcome, recordings, spoken, twiml
from app.channels.phone.api import Http, Twilio
from app.channels.phone.call_answers import CallAnswers
from app.channels.phone.caller import author, reachable, whole
from app.channels.phone.number_check import checked
from app.channels.phone.pushed import FORM, Fields, asked, form, opened
from app.channels.phone.voice_settings import VoiceSettings
from app.channels.phone_number import e164, shown
from app.clock import Clock, now
from app.fetch import fetch
from app.vocabulary import AddressKind

AUDIENCE = Audience(
    public=False,
    labels={
        "nl": "Niemand leest dit: uw telefoon gaat, daarna wordt de beller verbonden. De tekst is uw belnotitie.",
        "en": "Nobody reads this: your telephone rings, then the caller is connected. The text is your call note.",
    },
)
RECORDING_TYPE = "audio/mpeg"
EMPTY = twiml.response()


class TwilioVoice:
    """One number that is called."""

    def __init__(self, config: AccountConfig, *, http: Http = fetch, clock: Clock = now) -> None:
        """`http` and `clock` are for tests; both have real defaults."""
        assert isinstance(config.settings, VoiceSettings)
        self._settings = config.settings
        self._public_url = config.public_url
        self._language = "en" if config.language == "en" else "nl"
        self._answers = CallAnswers(config.settings, config.public_url, self._language)
        self._twilio = Twilio(config.settings, http)
        self._clock = clock
        self.limits = Limits(audience=AUDIENCE)

    def receive(self, request: WebhookRequest) -> WebhookAnswer:
        """One step of a call. Stored is what it tells; the answer is what the caller hears next."""
        fields = opened(request, self._settings, self._public_url)
        if not fields.get("CallSid"):
            raise Unreadable("a call without its id")
        query = asked(request)
        items, said = self._step(query.get("step", ""), fields, query, request.body)
        return WebhookAnswer(items, 200, said.encode(), twiml.MEDIA_TYPE)

    def pull(self, cursor: str | None) -> Iterator[Page]:
        """Who called, what they left, and what became of our own calls, read back."""
        held = backfill.Held("Calls", "StartTime", "start_time", self._settings.number, call_outcome.went_out)
        at, back = self._clock(), self._settings.backfill_days
        if self._settings.recording:
            since = backfill.since(cursor, at, back)
            again = cursor or f"{(since + backfill.OVERLAP).isoformat()}|"
            yield from recordings.pages(self._twilio, since, at, again)
        yield from backfill.pages(self._twilio, held, cursor, at, back)

    def complete(self, item: RawItem) -> RawItem:
        """The recording, once Twilio has it ready."""
        if item.meta.get("row") == recordings.RECORDING:
            return recordings.complete(self._twilio, item, self._settings.number)
        if item.meta.get("step") != "recorded":
            return item
        url = dict(form(item.body)).get("RecordingUrl", "")
        return RawItem(item.key, item.body, item.media_type, item.meta, {"recording": self._twilio.file(f"{url}.mp3")})

    def parse(self, item: RawItem) -> Sequence[Incoming]:
        """A request to be called back, a choice, a recording, its transcript, or what became of a call of ours."""
        if item.media_type != FORM:
            row = backfill.row_of(item.body)
            if item.meta.get("row") == recordings.RECORDING:
                return self._left(row, item)
            if "row" in item.meta:
                return (call_outcome.read(row, item.meta["row"]),)
            at = backfill.moment(row, "start_time")
            return (self._called(row["sid"], backfill.word(row, "from"), at),)
        fields = dict(form(item.body))
        match item.meta.get("step", ""):
            case "menu":
                return (self._chose(fields, item.meta.get("choice", "")),)
            case "recorded":
                return (self._recorded(fields, item),)
            case "transcript":
                text = spoken.message_text(_language(item, self._language), fields.get("TranscriptionText", "").strip())
                return (Revision(_named(fields, "RecordingSid"), text),)
            case call_outcome.STATUS | call_outcome.MACHINE | call_outcome.NOBODY:
                return (call_outcome.told(fields, item.meta),)
        return (self._called(_named(fields, "CallSid"), fields.get("From", ""), None),)

    def check(self) -> Health:
        """Whether the number is there and pushes to us."""
        return checked(self._twilio, self._settings.number, "voice_url", self._public_url)

    def send(self, message: OutgoingMessage) -> Sent:
        """Call our employee (`message.through`, else the desk's number) and connect the recipient when they pick up."""
        citizen, employee = reachable(message), self._employee(message)
        told = f"{self._public_url}?step=status&leg=employee&delivery={message.key}"
        fields = [
            ("To", employee),
            ("From", self._settings.number),
            ("Twiml", self._answers.connect(citizen, message.key)),
            ("Timeout", str(self._settings.ring_seconds)),
            ("StatusCallback", told),
            ("StatusCallbackMethod", "POST"),
        ]
        made = self._twilio.create("Calls", fields)
        return Sent(str(made["sid"]), sent_at=self._clock())

    def find_sent(self, message: OutgoingMessage) -> Sent | None:
        """A call to our employee, since it was asked for, that went on to this citizen.

        Raises `Uncertain` when there is one that went on to nobody: it may be this one, not picked up.
        """
        citizen, employee = reachable(message), self._employee(message)
        since = backfill.since_written(message, self._clock())
        try:
            calls = [sid for sid, _ in self._calls([("To", employee), ("From", self._settings.number)], since)]
            for sid in calls:
                legs = [to for _, to in self._calls([("ParentCallSid", sid)], since)]
                if citizen in legs:
                    return Sent(sid, sent_at=self._clock())
                if not legs:
                    raise Uncertain("A call was made and nobody was connected: look whether it was this one.")
        except Unreachable as error:
            raise Uncertain(error.detail) from error
        return None

    def _step(self, step: str, fields: Fields, query: Mapping[str, str], body: bytes) -> tuple[Sequence[RawItem], str]:
        sid, visible = fields["CallSid"], e164(fields.get("From", "")) is not None
        language = "en" if query.get("language", self._language) == "en" else "nl"
        match step:
            case "":
                return (RawItem(sid, body, FORM),), self._answers.greeting(visible)
            case "menu":
                choice = spoken.chosen(fields.get("Digits", ""), fields.get("SpeechResult", ""))
                meta = {"step": step, "choice": choice}
                items = (RawItem(f"{sid}:menu", body, FORM, meta),) if choice else ()
                return items, self._answers.after_menu(choice, visible)
            case "recorded":
                key = f"recording:{fields.get('RecordingSid', '')}"
                meta = {"step": step, "language": language}
                items = (RawItem(key, body, FORM, meta),) if fields.get("RecordingDuration", "0") != "0" else ()
                return items, self._answers.thanks(language)
            case "transcript":
                key = f"transcript:{fields.get('TranscriptionSid', '')}"
                meta = {"step": step, "language": language}
                return (RawItem(key, body, FORM, meta),) if fields.get("TranscriptionText") else (), EMPTY
            case "dial" if (citizen := e164(query.get("citizen", ""))) is not None:
                return (), self._answers.dial(citizen, query.get("delivery", ""))
            case call_outcome.NOBODY:
                return call_outcome.pushed(step, fields, query, body), self._answers.ended()
            case call_outcome.STATUS | call_outcome.MACHINE:
                return call_outcome.pushed(step, fields, query, body), EMPTY
        raise Unreadable("there is no such step of a call")

    def _called(self, sid: str, caller: str, at: datetime | None) -> Reaction:
        by = author(caller, sid)
        number = shown(by.address) if by.kind is AddressKind.PHONE else ""
        return Reaction(
            external_id=sid,
            author=by,
            title=spoken.TITLE[self._language],
            text=spoken.request_text(self._language, number),
            sent_at=at,
            language=self._language,
            conversation=by.kind is AddressKind.PHONE,
        )

    def _chose(self, fields: Fields, choice: str) -> Revision:
        number = e164(fields.get("From", ""))
        text = spoken.request_text(self._language, shown(number) if number else "", choice)
        return Revision(_named(fields, "CallSid"), text)

    def _left(self, row: backfill.Row, item: RawItem) -> Sequence[Incoming]:
        """A message that was read back; nothing when it was left at another of the account's numbers."""
        call = recordings.call_of(item.completed)
        if not recordings.to_us(call, self._settings.number):
            return ()
        told = {
            "CallSid": call["sid"], "From": backfill.word(call, "from"), "RecordingSid": row["sid"],
            "RecordingDuration": backfill.word(row, "duration"),
        }  # fmt: skip
        return (self._recorded(told, item),)

    def _recorded(self, fields: Fields, item: RawItem) -> Reaction:
        call, language = _named(fields, "CallSid"), _language(item, self._language)
        content = item.completed.get("recording")
        name = f"{fields.get('RecordingDuration', '')[:6]}s.mp3"
        files = [AttachmentIn(name, RECORDING_TYPE, content, len(content))] if content is not None else []
        by = author(fields.get("From", ""), call)
        return Reaction(
            external_id=_named(fields, "RecordingSid"),
            author=by,
            title=spoken.TITLE[language],
            text=spoken.message_text(language),
            language=language,
            parent_id=call,
            conversation=by.kind is AddressKind.PHONE,
            attachments=files,
        )

    def _employee(self, message: OutgoingMessage) -> str:
        if message.through is not None:
            return whole(message.through)
        if not self._settings.desk_number:
            fix = "Say on which telephone you want to be called, or let an administrator set the desk's number."
            raise Refused(fix, code="no_telephone")
        return self._settings.desk_number

    def _calls(self, query: Sequence[tuple[str, str]], since: datetime) -> Iterator[tuple[str, str]]:
        """(id, to) of the calls since then, newest first."""
        for row in self._twilio.rows("Calls", query):
            if (backfill.moment(row, "date_created") or since) < since:
                return
            yield str(row.get("sid", "")), str(row.get("to", ""))


def _language(item: RawItem, otherwise: str) -> str:
    given = item.meta.get("language", otherwise)
    return given if given in spoken.TITLE else otherwise


def _named(fields: Fields, name: str) -> str:
    if not fields.get(name):
        raise Unreadable(f"there is no {name}")
    return fields[name]


def build(config: AccountConfig) -> Channel:
    """The channel of one account; opens nothing."""
    return TwilioVoice(config)


KIND = Kind(
    key="phone.twilio_voice",
    labels={"nl": "Telefoon (Twilio)", "en": "Telephone (Twilio)"},
    settings=VoiceSettings,
    channel=TwilioVoice,
    build=build,
)
