"""Text messages through Twilio.

In: a signed webhook per message, and the list of messages read back, under the same ids. Out: a message, whose status
comes back by a callback that carries the delivery's key, so that even one that overtakes our own settling is understood;
a lost one is made good by the list, under the same key of the raw item. The list also holds what a colleague typed in
Twilio's own console.

SMS has no threads: two numbers have one conversation, by the number that the network gave. Which ticket that goes on in is
intake's to say.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated

from pydantic import Field

from app.channels.contract import (
    AccountConfig,
    AttachmentIn,
    Audience,
    Channel,
    DeliveryReport,
    Health,
    Incoming,
    Kind,
    Limits,
    OutgoingMessage,
    OwnPost,
    Page,
    RawItem,
    Reaction,
    Refused,
    Sent,
    Uncertain,
    Unreachable,
    Unreadable,
    WebhookAnswer,
    WebhookRequest,
)
from app.channels.phone import backfill, twiml
from app.channels.phone.api import Http, Twilio
from app.channels.phone.caller import author, reachable
from app.channels.phone.number_check import checked
from app.channels.phone.pushed import FORM, asked, form, opened
from app.channels.phone.segments import CHARACTERS, segments
from app.channels.phone.twilio_account import TwilioAccount, labels
from app.clock import Clock, now
from app.fetch import fetch
from app.vocabulary import AddressKind, Visibility

AUDIENCE = Audience(public=False, labels={"nl": "Alleen de ontvanger, als sms", "en": "Only the recipient, as an SMS"})
UNIT = {"nl": "sms-delen", "en": "SMS parts"}
OUTCOMES = {"delivered": "delivered", "undelivered": "failed", "failed": "failed"}
"""Twilio's final statuses; the others say that it is still on its way."""

TWILIOS_OWN = "outbound-reply"
"""What answered a message by itself: Twilio's words to STOP, START and HELP, since our own TwiML says nothing."""

WENT_OUT = frozenset({"sent", "delivered", "read"})
"""Statuses of a message that has left Twilio."""

SENT, STATUS = "sent", "status"
MOST_MEDIA = 10
EMPTY = twiml.response().encode()


class SmsSettings(TwilioAccount):
    """Settings of `phone.twilio_sms`."""

    max_segments: Annotated[int, Field(ge=1, le=10)] = Field(
        4,
        description="Every part is charged: 160 characters, or 70 with an emoji or other letters.",
        json_schema_extra=labels("Meeste sms-delen per antwoord", "Most SMS parts per answer"),
    )


@dataclass(frozen=True, slots=True)
class Text:
    """A message as either way in gives it."""

    sid: str
    sender: str
    body: str
    media: int
    sent_at: datetime | None = None
    opted_out: str = ""


class TwilioSms:
    """One number that is texted."""

    def __init__(self, config: AccountConfig, *, http: Http = fetch, clock: Clock = now) -> None:
        """`http` and `clock` are for tests; both have real defaults."""
        assert isinstance(config.settings, SmsSettings)
        self._settings = config.settings
        self._public_url = config.public_url
        self._twilio = Twilio(config.settings, http)
        self._clock = clock
        self.limits = Limits(audience=AUDIENCE, max_length=config.settings.max_segments, measure=segments, unit=UNIT)

    def receive(self, request: WebhookRequest) -> WebhookAnswer:
        """A message that came in, or the status of one of ours. The answer is TwiML that says nothing back."""
        fields = opened(request, self._settings, self._public_url)
        return WebhookAnswer(self._items(request, fields), 200, EMPTY, twiml.MEDIA_TYPE)

    def pull(self, cursor: str | None) -> Iterator[Page]:
        """What came in, and what became of what went out, read back."""
        held = backfill.Held("Messages", "DateSent", "date_sent", self._settings.number, _went_out)
        return backfill.pages(self._twilio, held, cursor, self._clock(), self._settings.backfill_days)

    def complete(self, item: RawItem) -> RawItem:
        """The pictures that came along."""
        if "delivery" in item.meta or "row" in item.meta:
            return item
        text = _text(item)
        if not text.media:
            return item
        files = {f"{place} {kind}": self._twilio.file(url) for place, (url, kind) in enumerate(self._media(item, text))}
        return RawItem(item.key, item.body, item.media_type, item.meta, files)

    def parse(self, item: RawItem) -> Sequence[Incoming]:
        """A reaction, what became of a message of ours, or what a colleague said elsewhere."""
        if "delivery" in item.meta:
            fields = dict(form(item.body))
            report = _report(
                fields.get("MessageSid", ""), fields.get("MessageStatus", ""), fields.get("ErrorCode", ""), fields.get("To", "")
            )  # fmt: skip
            return (replace(report, key=item.meta["delivery"]),)
        if "row" in item.meta:
            return _of_ours(backfill.row_of(item.body), item.meta["row"])
        text = _text(item)
        by = author(text.sender, text.sid)
        return (
            Reaction(
                external_id=text.sid,
                author=by,
                text=text.body,
                sent_at=text.sent_at,
                conversation=by.kind is AddressKind.PHONE,
                attachments=[_attachment(name, content) for name, content in item.completed.items()],
                advice={"opted_out": text.opted_out} if text.opted_out else {},
            ),
        )

    def check(self) -> Health:
        """Whether the number is there and pushes to us."""
        return checked(self._twilio, self._settings.number, "sms_url", self._public_url)

    def send(self, message: OutgoingMessage) -> Sent:
        """An SMS, in as many parts as it takes."""
        to, text = reachable(message), message.text.strip()
        self._must_fit(message, text)
        callback = f"{self._public_url}?delivery={message.key}"
        fields = [("To", to), ("From", self._settings.number), ("Body", text), ("StatusCallback", callback)]
        made = self._twilio.create("Messages", fields)
        return Sent(str(made["sid"]), sent_at=self._clock())

    def find_sent(self, message: OutgoingMessage) -> Sent | None:
        """A message to this number with this text, since it was written. Raises `Uncertain` when Twilio cannot be asked."""
        to, text = reachable(message), message.text.strip()
        since = backfill.since_written(message, self._clock())
        try:
            for row in self._twilio.rows("Messages", [("To", to), ("From", self._settings.number)]):
                if (backfill.moment(row, "date_created") or since) < since:
                    return None
                if row.get("body") == text and str(row.get("direction", "")).startswith("outbound"):
                    return Sent(str(row.get("sid", "")), sent_at=backfill.moment(row, "date_sent"))
        except Unreachable as error:
            raise Uncertain(error.detail) from error
        return None

    def _items(self, request: WebhookRequest, fields: Mapping[str, str]) -> Sequence[RawItem]:
        sid = fields.get("MessageSid", "")
        if not sid:
            raise Unreadable("a message without its id")
        if "MessageStatus" not in fields:
            return (RawItem(sid, request.body, FORM),)
        status, key = fields["MessageStatus"], asked(request).get("delivery", "")
        if status not in OUTCOMES:
            return ()
        return (RawItem(f"status:{sid}:{status}", request.body, FORM, {"delivery": key}),)

    def _media(self, item: RawItem, text: Text) -> Sequence[tuple[str, str]]:
        if item.media_type == FORM:
            fields = dict(form(item.body))
            return [
                (fields.get(f"MediaUrl{place}", ""), fields.get(f"MediaContentType{place}", ""))
                for place in range(min(text.media, MOST_MEDIA))
            ]
        rows = list(self._twilio.rows(f"Messages/{text.sid}/Media", (), "media_list"))[:MOST_MEDIA]
        uris = [(str(row.get("uri", "")).removesuffix(".json"), str(row.get("content_type", ""))) for row in rows]
        return [(f"{self._settings.api_url}{uri}", kind) for uri, kind in uris]

    def _must_fit(self, message: OutgoingMessage, text: str) -> None:
        used = segments(text)
        if not text or used > self._settings.max_segments or len(text) > CHARACTERS:
            raise Refused(f"It takes {used} SMS parts; {self._settings.max_segments} are allowed.", code="too_long")
        if message.attachments:
            raise Refused("An SMS takes no files: send a link, or answer by mail.", code="attachments")


def _text(item: RawItem) -> Text:
    if item.media_type == FORM:
        fields = dict(form(item.body))
        found = Text(
            fields.get("MessageSid", ""), fields.get("From", ""), fields.get("Body", ""), _count(fields.get("NumMedia")),
            opted_out=fields.get("OptOutType", "")[:20],
        )  # fmt: skip
    else:
        found = _row(item.body)
    if not found.sid:
        raise Unreadable("a message without its id")
    return found


def _row(body: bytes) -> Text:
    row = backfill.row_of(body)
    sent_at = backfill.moment(row, "date_sent")
    sender, said = backfill.word(row, "from"), backfill.word(row, "body")
    return Text(row["sid"], sender, said, _count(row.get("num_media")), sent_at)


def _count(given: object) -> int:
    return int(given) if isinstance(given, str) and given.isascii() and given.isdigit() and len(given) < 4 else 0


def _attachment(name: str, content: bytes) -> AttachmentIn:
    place, _, kind = name.partition(" ")
    kind = kind or "application/octet-stream"
    return AttachmentIn(f"mms-{int(place) + 1}.{kind.rpartition('/')[2]}", kind, content, len(content))


def _report(sid: str, status: str, code: str, recipient: str) -> DeliveryReport:
    outcome = OUTCOMES.get(status)
    if outcome is None:
        raise Unreadable("a status that says nothing")
    detail = "The SMS did not arrive." if outcome == "failed" else ""
    return DeliveryReport(external_id=sid, outcome=outcome, recipient=recipient, code=code, detail=detail)


def _went_out(row: backfill.Row) -> Sequence[RawItem]:
    """That it was said, and what became of it; the latter under the key that its callback has."""
    if row.get("direction") == TWILIOS_OWN:
        return ()
    sid, status = str(row["sid"]), row.get("status")
    said = (backfill.item(f"sent:{sid}", row, SENT),) if status in WENT_OUT else ()
    return (*said, backfill.item(f"status:{sid}:{status}", row, STATUS)) if status in OUTCOMES else said


def _of_ours(row: backfill.Row, what: str) -> Sequence[Incoming]:
    to = backfill.word(row, "to")
    if what == STATUS:
        code = row.get("error_code")
        return (_report(row["sid"], backfill.word(row, "status"), str(code) if code else "", to),)
    person = author(to, row["sid"])
    return (
        OwnPost(
            row["sid"],
            backfill.word(row, "body"),
            sent_at=backfill.moment(row, "date_sent"),
            visibility=Visibility.PRIVATE,
            to=person if person.kind is AddressKind.PHONE else None,
        ),
    )


def build(config: AccountConfig) -> Channel:
    """The channel of one account; opens nothing."""
    return TwilioSms(config)


KIND = Kind(
    key="phone.twilio_sms",
    labels={"nl": "Sms (Twilio)", "en": "SMS (Twilio)"},
    settings=SmsSettings,
    channel=TwilioSms,
    build=build,
)
