"""The automatic word that something arrived, with its reference and private status link.

One per ticket. At most five a day to one address, none to machines, and where an unverified person's address was typed into
a website's form, no more in an hour than a site has a use for: a form must not become a cannon. A formal kind always gets
its receipt, with the time of arrival, since the statutory period runs from there.

The text is stored as it goes out but for the status link, which is filled on the way out and never shown at the desk.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from babel.dates import format_datetime
from sqlalchemy import BigInteger, Text, bindparam, func, or_, select, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from app.accounts import mailboxes
from app.models import (
    Account,
    ContactAddress,
    Message,
    Ticket,
    TicketEvent,
)
from app.tickets import reference
from app.tickets.default_templates import DEFAULTS, RECEIPT, RECEIPT_FORMAL
from app.tickets.filling import filled
from app.vocabulary import FORMAL_KINDS, AddressKind, EventType, Language, MessageKind, TicketKind, Visibility

A_DAY = 5
FORM_AN_HOUR = 60
HERE = ZoneInfo("Europe/Amsterdam")


@dataclass(frozen=True, slots=True)
class Owed:
    """What decides whether a receipt goes out, and what stands in it. `machine`: something tells that no person wrote it.

    `typed`: the address was typed into a website's form and nobody vouches for it. `mail_account_id`: the mailbox that mails
    it where the account itself does not; then a comment that everybody sees has its receipt too.
    """

    ticket_id: int
    account_id: int
    organisation_id: int
    kind: TicketKind
    language: Language
    received_at: datetime
    contact_id: int | None
    address_id: int | None
    address_kind: AddressKind
    visibility: Visibility
    name: str = ""
    machine: bool = False
    typed: bool = False
    wanted: bool = True
    mail_account_id: int | None = None


def owe(session: Session, owed: Owed) -> int | None:
    """Put a receipt on its way if one is due; gives the delivery. Called once, when the ticket is opened."""
    formal = owed.kind in FORMAL_KINDS
    reachable = owed.address_id is not None and owed.address_kind is AddressKind.EMAIL
    private = owed.mail_account_id is not None or owed.visibility in (Visibility.PRIVATE, Visibility.DIRECT)
    if not (reachable and private) or not (formal or (owed.wanted and not owed.machine)):
        return None
    if not formal and not _within_limits(session, owed):
        return None
    title, words = _words(session, owed, RECEIPT_FORMAL if formal else RECEIPT)
    values = {
        "ticket_id": owed.ticket_id, "account_id": owed.mail_account_id or owed.account_id, "contact_id": owed.contact_id,
        "address_id": owed.address_id, "title": title, "text": words, "language": owed.language.value,
        "data": {"formal": formal}, "secret": secrets.token_hex(8),
    }  # fmt: skip
    delivery_id: int = session.execute(_SEND, values).one().id
    return delivery_id


def owe_formal(session: Session, ticket_id: int) -> int | None:
    """The receipt of a ticket that was found to be of a formal kind later, unless it has had one or nothing can mail it.

    An ordinary receipt does not count: it lacks the time of arrival.
    """
    row = session.execute(_TICKET.where(Ticket.id == ticket_id)).one_or_none()
    if row is None or row.receipts or row.kind not in FORMAL_KINDS:
        return None
    known = Language(row.language) if row.language in set(Language) else row.account_language
    owed = Owed(
        ticket_id=ticket_id, account_id=row.account_id, organisation_id=row.organisation_id, kind=row.kind, language=known,
        received_at=row.received_at, contact_id=row.contact_id, address_id=row.address_id, address_kind=row.address_kind,
        visibility=row.visibility, mail_account_id=row.mail_account_id,
    )  # fmt: skip
    return owe(session, owed)


_FORMAL_RECEIPTS = (
    select(func.count())
    .where(
        TicketEvent.ticket_id == Ticket.id,
        TicketEvent.type == EventType.RECEIPT_SENT,
        TicketEvent.data["formal"].as_boolean(),
    )
    .correlate(Ticket)
    .scalar_subquery()
)
_FIRST = (
    select(func.min(Message.id))
    .where(Message.ticket_id == Ticket.id, Message.kind == MessageKind.REACTION)
    .correlate(Ticket)
    .scalar_subquery()
)
_TICKET = (
    select(
        Ticket.kind, Message.account_id, Ticket.language, Ticket.received_at, Account.organisation_id,
        Account.language.label("account_language"), Account.mail_account_id, Message.contact_id, Message.address_id,
        Message.visibility, ContactAddress.kind.label("address_kind"), _FORMAL_RECEIPTS.label("receipts"),
    )
    .join(Message, Message.id == _FIRST)
    .join(Account, Account.id == Message.account_id)
    .join(ContactAddress, ContactAddress.id == Message.address_id)
    .where(or_(Account.kind == mailboxes.KIND, Account.mail_account_id.is_not(None)))
)  # fmt: skip


def _within_limits(session: Session, owed: Owed) -> bool:
    form = {"key": f"receipt:{owed.account_id}", "most": FORM_AN_HOUR}
    if owed.typed and session.execute(_COUNT_FORM, form).one_or_none() is None:
        return False
    return session.execute(_COUNT_DAY, {"address_id": owed.address_id, "most": A_DAY}).one_or_none() is not None


def _words(session: Session, owed: Owed, purpose: str) -> tuple[str, str]:
    known = {"purpose": purpose, "language": owed.language.value, "organisation": owed.organisation_id}
    row = session.execute(_OWN_WORDS, known).one()
    default = DEFAULTS[purpose, owed.language]
    signature = row.signature_nl if owed.language is Language.DUTCH else row.signature_en
    values = {
        "reference": reference.of(owed.ticket_id),
        "organisation": row.name,
        "signature": signature or row.name,
        "name": owed.name,
        "received_at": moment(owed.received_at, owed.language),
    }
    return filled(row.title or default.title, values), filled(row.text or default.text, values)


# Every mail that opens a ticket comes by here, so the statements are made once, with their parameters apart.
_COUNT_DAY = text("""
    INSERT INTO receipt_count (address_id, day, count) VALUES (:address_id, timezone('UTC', now())::date, 1)
    ON CONFLICT (address_id, day) DO UPDATE SET count = receipt_count.count + 1 WHERE receipt_count.count < :most
    RETURNING count
""")
_COUNT_FORM = text("""
    INSERT INTO throttle (key, hour, count) VALUES (:key, date_trunc('hour', now()), 1)
    ON CONFLICT (key, hour) DO UPDATE SET count = throttle.count + 1 WHERE throttle.count < :most
    RETURNING count
""")
_OWN_WORDS = text("""
    SELECT o.name, o.signature_nl, o.signature_en, t.title, t.text
    FROM organisation o LEFT JOIN template t ON t.purpose = :purpose AND t.language = :language AND t.active
    WHERE o.id = :organisation ORDER BY t.id LIMIT 1
""")
# The key has the form that `outbox.enqueue` gives it.
_SEND = text("""
    WITH said AS (
        INSERT INTO message (ticket_id, account_id, kind, visibility, contact_id, address_id, automatic, title, text, language)
        VALUES (:ticket_id, :account_id, 'receipt', 'private', :contact_id, :address_id, true, :title, :text, :language)
        RETURNING id, ticket_id
    ), told AS (
        INSERT INTO ticket_event (ticket_id, message_id, type, data)
        SELECT ticket_id, id, 'receipt_sent', :data FROM said RETURNING id, ticket_id
    ), due AS (
        INSERT INTO delivery (ticket_id, message_id, account_id, address_id, key, state, not_before)
        SELECT ticket_id, id, :account_id, :address_id, 'wk' || id || '.' || :secret, 'waiting', clock_timestamp() FROM said
        RETURNING id
    )
    SELECT due.id, pg_notify('event', told.id || ':' || told.ticket_id), pg_notify('delivery', '') FROM due, told
""").bindparams(
    *(bindparam(name, type_=BigInteger) for name in ("ticket_id", "account_id", "contact_id", "address_id")),
    *(bindparam(name, type_=Text) for name in ("title", "text", "language", "secret")),
    bindparam("data", type_=JSONB),
)


def moment(at: datetime, language: Language) -> str:
    """A moment as a citizen reads it, in the Netherlands' time: "24 november 2026 om 14:05"."""
    pattern = "d MMMM y 'om' HH:mm" if language is Language.DUTCH else "d MMMM y 'at' HH:mm"
    return format_datetime(at.astimezone(HERE), pattern, locale=language.value)
