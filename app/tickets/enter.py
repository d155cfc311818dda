"""Enter by hand what came by no channel of ours: a call that was taken, a letter, a visit, a card of a meeting evening.

It becomes a reaction like every other: a ticket of its own (routed, counted, searchable), or one more reaction in a ticket
that the employee chose. The account that it stands at says that it was entered by hand; the message's own account says by
which channel it can be answered, and is empty where only the employee can do that (then an answer is a note of how).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from app import clock
from app.channels.phone_number import e164
from app.errors import Invalid
from app.identity.principal import Principal
from app.models import Account, TicketTag
from app.tickets import call_backs, contact_by_hand, create, held, receipt
from app.tickets.come_back import UNTIL_ROUTED
from app.tickets.contact_by_hand import Known
from app.tickets.create import NewMessage, NewTicket
from app.tickets.entry_checks import faults_of
from app.tickets.tables import ATTACHMENT, TICKET
from app.tickets.tag import normal
from app.tickets.take_part import take_part
from app.vocabulary import AddressKind, TicketKind

SUBJECT_LENGTH = 120


class Way(StrEnum):
    """How it reached us."""

    CALL = "call"
    LETTER = "letter"
    COUNTER = "counter"
    MEETING = "meeting"


class AnswerBy(StrEnum):
    """By which channel it is to be answered. AUTO: what fits what was left, calling back first for a call."""

    AUTO = "auto"
    MAIL = "mail"
    CALL = "call"
    SMS = "sms"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Scan:
    """A file that is stored already: a scanned letter, a photo of a card."""

    sha256: str
    name: str
    content_type: str
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What an employee wrote down. `phone` and `email` as they were given; `language` is what the person speaks (`nl`, `ar`).

    `interpreter` tells that an interpreter is needed, so that the ticket itself is worked in Dutch. `ticket_id` puts it
    into that ticket instead of opening one. `meeting` names the evening or the counter, and becomes a tag.
    """

    way: Way
    text: str
    name: str = ""
    phone: str = ""
    email: str = ""
    subject: str = ""
    language: str = "nl"
    interpreter: bool = False
    meeting: str = ""
    kind: TicketKind | None = None
    theme_id: int | None = None
    process_id: int | None = None
    received_at: datetime | None = None
    call_back_at: datetime | None = None
    call_back_note: str = ""
    answer_by: AnswerBy = AnswerBy.AUTO
    ticket_id: int | None = None
    scans: Sequence[Scan] = field(default=())


class Entered(NamedTuple):
    """What was made. `call_back_id` is None without an appointment."""

    ticket_id: int
    message_id: int
    contact_id: int | None
    call_back_id: int | None


def enter(session: Session, principal: Principal, entry: Entry, *, account_id: int) -> Entered:
    """Write it in, at the account for what is entered by hand (`by_hand.account`).

    Raises `Forbidden` for programs that act for nobody, `Invalid` with every fault at once, and what `held.to_read` raises
    for a ticket that was chosen.
    """
    held.employee(principal)
    if faults := faults_of(session, entry):
        raise Invalid("entry", "Correct what is marked; nothing was lost.", faults)
    given = addresses(entry)
    who = contact_by_hand.find_or_make(session, entry.name.strip(), _worked_in(entry), given)
    message = _message(session, principal, entry, who)
    if entry.ticket_id is None:
        opened = create.open_ticket(session, _ticket(entry, account_id, who), message)
        ticket_id, message_id = opened.ticket_id, opened.message_id
        _fix(session, ticket_id, entry)
        receipt.owe_formal(session, ticket_id)
    else:
        held.to_read(session, principal, entry.ticket_id)
        appended = create.append(session, entry.ticket_id, message)
        ticket_id, message_id = appended.ticket_id, appended.message_id
        if who.contact_id is not None:  # the employee says who it is
            take_part(session, ticket_id, who.contact_id, message.address_id)
    _keep(session, message_id, entry.scans)
    _tag(session, ticket_id, entry)
    return Entered(ticket_id, message_id, who.contact_id, _promise(session, principal, ticket_id, entry, who))


def addresses(entry: Entry) -> dict[AddressKind, str]:
    """What was left, in its one form; the number first where somebody called."""
    phone, email = e164(entry.phone) if entry.phone.strip() else None, entry.email.strip().lower()
    found = [(AddressKind.PHONE, phone or ""), (AddressKind.EMAIL, email)]
    return {kind: address for kind, address in (found if entry.way is Way.CALL else found[::-1]) if address}


def _ticket(entry: Entry, account_id: int, who: Known) -> NewTicket:
    received_at = entry.received_at or clock.now()
    return NewTicket(
        account_id=account_id,
        received_at=received_at,
        due_at=received_at + UNTIL_ROUTED,
        contact_id=who.contact_id,
        kind=entry.kind or TicketKind.QUESTION,
        subject=entry.subject.strip() or _first_words(entry),
        language=_worked_in(entry),
        theme_id=entry.theme_id,
        process_id=entry.process_id,
    )


def _message(session: Session, principal: Principal, entry: Entry, who: Known) -> NewMessage:
    account_id, address_id = _answered_over(session, entry, who)
    advice = {f"entered_{entry.way}": principal.name}
    if entry.interpreter:
        advice["interpreter"] = entry.language
    return NewMessage(
        account_id=account_id,
        contact_id=who.contact_id,
        address_id=address_id,
        author_name=entry.name.strip(),
        title=entry.subject.strip(),
        text=entry.text.strip(),
        language=entry.language,
        advice=advice,
        received_at=entry.received_at,
    )


_BY_MAIL = (AnswerBy.MAIL, "mail", AddressKind.EMAIL)
_BY_CALL = (AnswerBy.CALL, "phone.twilio_voice", AddressKind.PHONE)
_BY_SMS = (AnswerBy.SMS, "phone.twilio_sms", AddressKind.PHONE)


def _answered_over(session: Session, entry: Entry, who: Known) -> tuple[int | None, int | None]:
    """(account, address) by which an answer can go; no account when only the employee can give one."""
    ways = (_BY_CALL, _BY_MAIL, _BY_SMS) if entry.way is Way.CALL else (_BY_MAIL, _BY_CALL, _BY_SMS)
    wanted = [w for w in ways if w[2] in who.addresses and entry.answer_by in (AnswerBy.AUTO, w[0])]
    in_use = _accounts(session, [kind for _, kind, _ in wanted]) if wanted else {}
    for _, kind, address in wanted:
        if kind in in_use:
            return in_use[kind], who.addresses[address]
    return None, next(iter(who.addresses.values()), None)


def _accounts(session: Session, kinds: Sequence[str]) -> Mapping[str, int]:
    """The oldest account in use of each kind."""
    rows = session.execute(
        select(Account.kind, Account.id).where(Account.kind.in_(kinds), Account.active).order_by(Account.id.desc())
    )
    return {row.kind: row.id for row in rows}


def _worked_in(entry: Entry) -> str:
    """With an interpreter the ticket is worked in Dutch: it needs no colleague who speaks the language."""
    return "nl" if entry.interpreter else entry.language


def _first_words(entry: Entry) -> str:
    line = next((line.strip() for line in entry.text.splitlines() if line.strip()), "")
    return line if len(line) <= SUBJECT_LENGTH else line[: SUBJECT_LENGTH - 1].rstrip() + "…"


def _fix(session: Session, ticket_id: int, entry: Entry) -> None:
    """What a person chose no rule changes."""
    chosen = [name for name, value in (("kind", entry.kind), ("theme", entry.theme_id)) if value is not None]
    if chosen:
        session.execute(update(TICKET).where(TICKET.c.id == ticket_id).values(fixed=chosen))


def _keep(session: Session, message_id: int, scans: Sequence[Scan]) -> None:
    rows: list[dict[str, Any]] = [
        {"message_id": message_id, "sha256": s.sha256, "name": s.name, "content_type": s.content_type, "size": s.size}
        for s in scans
    ]
    if rows:
        session.execute(insert(ATTACHMENT), rows)


def _tag(session: Session, ticket_id: int, entry: Entry) -> None:
    if entry.meeting.strip():
        row = {"ticket_id": ticket_id, "tag": normal(entry.meeting)}
        session.execute(upsert(TicketTag).values(row).on_conflict_do_nothing())


def _promise(session: Session, principal: Principal, ticket_id: int, entry: Entry, who: Known) -> int | None:
    if entry.call_back_at is None:
        return None
    phone = addresses(entry)[AddressKind.PHONE]
    number = who.addresses.get(AddressKind.PHONE) or contact_by_hand.address_id(session, AddressKind.PHONE, phone)
    return call_backs.promise(
        session, principal, ticket_id, at=entry.call_back_at, address_id=number, note=entry.call_back_note
    )
