"""The call-back list: who was promised a call and when, and who rang and wants to be called."""

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import func, insert, literal, null, or_, select, union_all, update
from sqlalchemy.orm import Session

from app import clock
from app.errors import Conflict, Fault, Invalid, NotFound
from app.identity import mandates
from app.identity.principal import Principal
from app.models import Account, Agent, CallBack, Contact, ContactAddress, Message, Ticket
from app.tickets import held
from app.tickets.entry_checks import SLACK
from app.tickets.note import note as write_note
from app.vocabulary import ACTIVE_STATUSES, AddressKind, MessageKind

OUTCOMES = ("reached", "not_reached", "dropped")
RINGS = "phone.twilio_voice"
"""The kind of account at which a caller is written down who wants to be called back."""

LONGEST_NOTE = 1_000
MOST = 200
_ACTIVE = (Ticket.status.in_(ACTIVE_STATUSES), Ticket.merged_into_id.is_(None), ~Ticket.spam)


class Line(NamedTuple):
    """One call to make. `id` is None for a caller whom nobody promised a moment; `at` is then when they rang."""

    id: int | None
    ticket_id: int
    at: datetime
    note: str
    subject: str
    contact_name: str | None
    number: str | None
    promised_by: str | None
    owner: str | None


def promise(
    session: Session, principal: Principal, ticket_id: int, *, at: datetime, address_id: int | None, note: str = ""
) -> int:
    """Put an appointment on the list, on a ticket that the asker may see; its id."""
    agent_id = held.employee(principal)
    if len(note) > LONGEST_NOTE:
        raise Invalid("note", f"Write at most {LONGEST_NOTE} characters.")
    row = {"ticket_id": ticket_id, "agent_id": agent_id, "at": at, "address_id": address_id, "note": note.strip()}
    made: int = session.execute(insert(CallBack).values(row).returning(CallBack.id)).scalar_one()
    return made


def promise_on(session: Session, principal: Principal, ticket_id: int, *, at: datetime, note: str = "") -> int:
    """An appointment on a ticket that is there already, at the newest number of its contact."""
    if at < clock.now() - SLACK:
        fix = "Choose a moment that is still to come."
        raise Invalid("call_back_at", fix, [Fault("at", "past", fix)])
    ticket = held.to_read(session, principal, ticket_id)
    numbers = (ContactAddress.contact_id == ticket.contact_id, ContactAddress.kind == AddressKind.PHONE)
    address_id = session.scalar(select(ContactAddress.id).where(*numbers).order_by(ContactAddress.id.desc()).limit(1))
    return promise(session, principal, ticket_id, at=at, address_id=address_id, note=note)


def waiting(session: Session, principal: Principal) -> list[Line]:
    """The calls to make on tickets that the asker may see, first the one that is due longest. At most 200."""
    promised, rang = _promised(principal), _rang(principal)
    both = union_all(promised, rang).subquery()
    return [Line(*row) for row in session.execute(select(both).order_by(both.c.at, both.c.ticket_id).limit(MOST))]


def settle(session: Session, principal: Principal, call_back_id: int, outcome: str, *, note: str = "") -> int:
    """Say what came of a call; with `note` it stands in the conversation too. Gives the ticket.

    Raises `NotFound`, `Conflict` when somebody else was first, `Invalid`.
    """
    agent_id = held.employee(principal)
    if outcome not in OUTCOMES:
        raise Invalid("outcome", f"Choose one of: {', '.join(OUTCOMES)}.")
    found = session.execute(
        select(CallBack.ticket_id, CallBack.done_at)
        .join(Ticket, Ticket.id == CallBack.ticket_id)
        .where(CallBack.id == call_back_id, mandates.visible(principal))
        .with_for_update(of=CallBack)
    ).one_or_none()
    if found is None:
        raise NotFound("call_back", "There is no such appointment, or it is not open to you.")
    if found.done_at is not None:
        raise Conflict("call_back_done", "A colleague made this call already.")
    done = {"outcome": outcome, "done_at": func.now(), "done_by": agent_id}
    session.execute(update(CallBack).where(CallBack.id == call_back_id).values(done))
    if note.strip():
        write_note(session, principal, found.ticket_id, text=note, kind=MessageKind.CALL_NOTE)
    return int(found.ticket_id)


_owner = select(Agent.name).where(Agent.id == Ticket.agent_id).correlate(Ticket).scalar_subquery()
_promiser = select(Agent.name).where(Agent.id == CallBack.agent_id).correlate(CallBack).scalar_subquery()


def _promised(principal: Principal) -> Any:
    return (
        select(
            CallBack.id, Ticket.id.label("ticket_id"), CallBack.at.label("at"), CallBack.note.label("note"),
            Ticket.subject, Contact.name.label("contact_name"), ContactAddress.address.label("number"),
            _promiser.label("promised_by"), _owner.label("owner"),
        )
        .join(Ticket, Ticket.id == CallBack.ticket_id)
        .outerjoin(ContactAddress, ContactAddress.id == CallBack.address_id)
        .outerjoin(Contact, Contact.id == Ticket.contact_id)
        .where(CallBack.done_at.is_(None), mandates.visible(principal))
    )  # fmt: skip


def _rang(principal: Principal) -> Any:
    """Open tickets that a call opened and that nobody has answered or promised anything since."""
    number = (
        select(ContactAddress.address)
        .where(ContactAddress.contact_id == Ticket.contact_id, ContactAddress.kind == AddressKind.PHONE)
        .order_by(ContactAddress.id)
        .limit(1)
        .correlate(Ticket)
        .scalar_subquery()
    )
    called = select(Message.id).where(Message.ticket_id == Ticket.id, Message.kind == MessageKind.CALL_NOTE)
    promised = select(CallBack.id).where(CallBack.ticket_id == Ticket.id)
    return (
        select(
            null(), Ticket.id, Ticket.received_at, literal(""), Ticket.subject, Contact.name, number, null(), _owner
        )
        .join(Account, Account.id == Ticket.account_id)
        .outerjoin(Contact, Contact.id == Ticket.contact_id)
        .where(
            Account.kind == RINGS, *_ACTIVE, mandates.visible(principal),
            or_(Ticket.last_outbound_at.is_(None), Ticket.last_outbound_at < Ticket.last_inbound_at),
            ~called.correlate(Ticket).exists(), ~promised.correlate(Ticket).exists(),
        )
    )  # fmt: skip
