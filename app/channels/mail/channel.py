"""The mail channel: what an account can do with the servers that were filled in.

Everybody takes what an MTA hands over (LMTP, `mail-in`). With an IMAP server an account also reads a mailbox; with an
SMTP server it also answers. Four classes, made of three, since what a channel can do is which protocols it implements.
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from threading import Event

from app import clock
from app.channels.contract import (
    AccountConfig,
    Audience,
    HandedOver,
    Health,
    Incoming,
    Kind,
    Limits,
    OutgoingMessage,
    Page,
    RawItem,
    Refused,
    Sent,
    Uncertain,
    Unreachable,
    Unreadable,
)
from app.channels.mail.compose import From, compose
from app.channels.mail.envelope import is_ours
from app.channels.mail.health import health
from app.channels.mail.imap import Mailbox
from app.channels.mail.listen import LOOK_SECONDS, RENEW_SECONDS, listen
from app.channels.mail.message_id import message_id
from app.channels.mail.own import OwnMail, without_tag
from app.channels.mail.parse import parse_mail
from app.channels.mail.pull import INCOMPLETE, MEDIA_TYPE, WHOLE, keys, pages, whole
from app.channels.mail.server import Server
from app.channels.mail.settings import MailSettings
from app.channels.mail.smtp import hand_over

AUDIENCE = Audience(False, {"nl": "Alleen de ontvanger van deze mail", "en": "Only the recipient of this mail"})
LIMITS = Limits(AUDIENCE, max_attachments=20, max_attachment_bytes=18 * 1_048_576, html=True)  # 25 MB once encoded
NO_SENDING = Limits(AUDIENCE, html=True)


class HandedMailChannel:
    """An account to which mail is handed over on this machine."""

    def __init__(self, settings: MailSettings, language: str = "nl") -> None:
        self._settings = settings
        self._language = language
        self._own = _own(settings)

    @property
    def limits(self) -> Limits:
        """Answers are read by their recipient alone; files may be sent where mail can be sent at all."""
        return LIMITS if self._settings.smtp else NO_SENDING

    def parse(self, item: RawItem) -> Sequence[Incoming]:
        """What the mail means. Raises `Unreadable` for one that could not be taken whole."""
        body = item.completed.get(WHOLE)
        if body is None and (why := item.meta.get(INCOMPLETE)):
            raise Unreadable(why)
        return parse_mail(item.body if body is None else body, own=self._own, meta=item.meta)

    def check(self) -> Health:
        """Whether both servers can be reached, signed in to and used."""
        s = self._settings
        return health(s.imap, s.imap_folder, s.imap_sent_folder, s.smtp, self._language)

    def takes(self, recipient: str) -> bool:
        """Whether mail to this address is for this account."""
        own = (self._settings.address, *self._settings.aliases)
        return is_ours(recipient, own, self._settings.reply_template)

    def accept(self, handed: HandedOver) -> RawItem:
        """The raw item; the same bytes for the same recipient are the same item (the MTA asked twice).

        Raises `Refused` for a recipient who is not ours; an empty one is the account's own address.
        """
        if handed.recipient and not self.takes(handed.recipient):
            raise Refused("this address belongs to no account here", code="550")
        name = hashlib.sha256(handed.recipient.lower().encode("utf-8", "replace") + b"\0" + handed.body).hexdigest()
        meta = {"door": handed.door, "sender": handed.sender, "recipient": handed.recipient}
        return RawItem(f"{handed.door}:{name}", handed.body, MEDIA_TYPE, meta)


class _Reads(HandedMailChannel):
    """With a mailbox."""

    def __init__(
        self,
        settings: MailSettings,
        language: str = "nl",
        renew_seconds: float = RENEW_SECONDS,
        look_seconds: float = LOOK_SECONDS,
    ) -> None:
        super().__init__(settings, language)
        self._renew_seconds = renew_seconds
        self._look_seconds = look_seconds

    def pull(self, cursor: str | None) -> Iterator[Page]:
        """Mail after `cursor`; changes nothing at the server. Raises `Unreachable`."""
        return pages(self._mailbox, cursor, self._settings.backfill_since, self._settings.max_bytes)

    def listen(self, wake: Callable[[], None], stop: Event) -> None:
        """Block until `stop`; `wake` at new mail. Raises `Unreachable`, after which a new call connects anew."""
        listen(self._mailbox, wake, stop, self._renew_seconds, self._look_seconds)

    def complete(self, item: RawItem) -> RawItem:
        """The whole mail, where the server gave only some of it. One that is too large is not asked for again."""
        most = self._settings.max_bytes
        if INCOMPLETE not in item.meta or int(item.meta.get("size", 0)) > most:
            return item
        return whole(self._mailbox, item, most)

    def inventory(self) -> Iterator[str]:
        """Keys of the mails that are in the folder now. Raises `Unreachable`."""
        return keys(self._mailbox, self._settings.backfill_since)

    def _mailbox(self) -> Mailbox:
        return Mailbox(_present(self._settings.imap), self._settings.imap_folder)


class _Writes(HandedMailChannel):
    """With a server to send by."""

    def send(self, message: OutgoingMessage) -> Sent:
        """One SMTP transaction. Raises `Unreachable`, `Refused` or `Uncertain`."""
        at = clock.now()
        mail = compose(message, self._from(), at)
        accepted = hand_over(mail, _present(self._settings.smtp))
        return Sent(mail.message_id, sent_at=at, detail={"answer": accepted.words, "sender": mail.sender})

    def find_sent(self, message: OutgoingMessage) -> Sent | None:
        """Found in the Sent folder, where the server keeps one. Otherwise mail cannot tell: raises `Uncertain`."""
        own_id = message_id(message.key, self._settings.id_domain)
        server, folder = self._settings.imap, self._settings.imap_sent_folder
        if server is None or not folder:
            raise Uncertain("mail has no way to look it up; ask the recipient, or send it again")
        try:
            with Mailbox(server, folder) as sent:
                found = sent.with_message_id(own_id)
        except Unreachable as error:
            raise Uncertain(f"the folder with sent mail cannot be read: {error.detail}") from error
        if not found:
            raise Uncertain("it is not in the folder with sent mail, which does not prove that it was not sent")
        return Sent(own_id, detail={"found": folder})

    def _from(self) -> From:
        s = self._settings
        return From(s.address, s.display_name, s.reply_template, s.id_domain)


class ReadingMailChannel(_Reads):
    """A mailbox to read, nobody to answer."""


class SendingMailChannel(_Writes):
    """Mail handed over by an MTA, answers by SMTP."""


class MailChannel(_Reads, _Writes):
    """All that mail can do."""


def build(config: AccountConfig) -> HandedMailChannel:
    """The channel for what was filled in; opens nothing."""
    settings = config.settings
    assert isinstance(settings, MailSettings)
    made: type[HandedMailChannel]
    if settings.imap:
        made = MailChannel if settings.smtp else ReadingMailChannel
    else:
        made = SendingMailChannel if settings.smtp else HandedMailChannel
    return made(settings, config.language)


KIND = Kind(
    key="mail",
    labels={"nl": "E-mail", "en": "Mail"},
    settings=MailSettings,
    channel=MailChannel,
    build=build,
    points=lambda meta: INCOMPLETE in meta,
)


def _own(settings: MailSettings) -> OwnMail:
    addresses = (settings.address, *settings.aliases)
    return OwnMail(
        own_addresses=frozenset(without_tag(a.lower()) for a in addresses),
        own_domain=settings.id_domain.lower(),
        authserv_ids=frozenset(a.lower() for a in settings.authserv_ids),
        form_senders=frozenset(a.lower() for a in settings.form_senders),
        reply_template=settings.reply_template,
    )


def _present(server: Server | None) -> Server:
    assert server is not None, "build() gives this class only where the server is filled in"
    return server
