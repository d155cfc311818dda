"""Calling back: promising a call, and saying what came of it. Each is an event on the ticket."""

from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from app.errors import Conflict, Fault, Invalid, NotFound
from app.identity import mandates
from app.identity.principal import Principal
from app.models import CallBack, ContactAddress, Ticket
from app.tickets import held, versions
from app.tickets.destination import destination
from app.tickets.entry_checks import not_to_come
from app.tickets.note import note as write_note
from app.vocabulary import AddressKind, EventType, MessageKind

OUTCOMES = ("reached", "not_reached", "voicemail", "dropped")
ONCE_MORE = ("not_reached", "voicemail")
"""After these a next try is of use."""

LONGEST_NOTE = 1_000


def promise(
    session: Session, principal: Principal, ticket_id: int, *, at: datetime, address_id: int | None, note: str = ""
) -> int:
    """Put an appointment on the list, on a ticket that the asker may see; its id."""
    if len(note) > LONGEST_NOTE:
        raise Invalid("note", f"Write at most {LONGEST_NOTE} characters.")
    row = {"ticket_id": ticket_id, "at": at, "address_id": address_id, "note": note.strip()}
    made = _insert(session, principal, row)
    said = {"call_back": made, "at": at.isoformat()}
    versions.change(session, principal, ticket_id, EventType.CALL_BACK_PROMISED, data=said)
    return made


def promise_on(session: Session, principal: Principal, ticket_id: int, *, at: datetime, note: str = "") -> int:
    """An appointment on a ticket that is there already, at the newest number of its contact."""
    _must_be_to_come(at)
    ticket = held.to_read(session, principal, ticket_id)
    return promise(session, principal, ticket_id, at=at, address_id=_number(session, ticket.contact_id), note=note)


def settle(
    session: Session,
    principal: Principal,
    call_back_id: int,
    outcome: str,
    *,
    note: str = "",
    again: datetime | None = None,
) -> int:
    """Say what came of a call; with `note` it stands in the conversation too, of what the ticket was merged into if it was.
    Gives the ticket.

    `again`: when the same number is tried once more, if nobody was reached. Raises `NotFound`, `Conflict` when somebody else
    was first, `Invalid`.
    """
    _known(outcome)
    found = session.execute(
        select(CallBack.ticket_id, CallBack.done_at, CallBack.note, CallBack.address_id)
        .join(Ticket, Ticket.id == CallBack.ticket_id)
        .where(CallBack.id == call_back_id, mandates.visible(principal))
        .with_for_update(of=CallBack)
    ).one_or_none()
    if found is None:
        raise NotFound("call_back", "There is no such appointment, or it is not open to you.")
    if found.done_at is not None:
        raise Conflict("call_back_done", "A colleague made this call already.")
    ending = {"outcome": outcome, "done_at": func.now(), "done_by": held.employee(principal)}
    session.execute(update(CallBack).where(CallBack.id == call_back_id).values(ending))
    here = destination(session, found.ticket_id) or found.ticket_id
    _over(session, principal, here, call_back_id, outcome, note)
    if again is not None and outcome in ONCE_MORE:
        _must_be_to_come(again)
        promise(session, principal, found.ticket_id, at=again, address_id=found.address_id, note=found.note)
    return int(found.ticket_id)


def settle_caller(
    session: Session,
    principal: Principal,
    ticket_id: int,
    outcome: str,
    *,
    note: str = "",
    again: datetime | None = None,
) -> int:
    """Say what came of calling somebody whom nobody had promised a moment. Gives what stands in its place on the list.

    Raises `NotFound`, `Conflict` (merged) and `Invalid`.
    """
    _known(outcome)
    ticket = held.to_read(session, principal, ticket_id)
    row = {
        "ticket_id": ticket_id,
        "at": func.now(),
        "address_id": _number(session, ticket.contact_id),
        "outcome": outcome,
    }
    ending = {"done_at": func.now(), "done_by": held.employee(principal)}
    made = _insert(session, principal, {**row, **ending})
    _over(session, principal, ticket_id, made, outcome, note)
    if again is not None and outcome in ONCE_MORE:
        promise_on(session, principal, ticket_id, at=again)
    return made


def _must_be_to_come(at: datetime) -> None:
    if fix := not_to_come(at):
        raise Invalid("call_back_at", fix, [Fault("at", "moment", fix)])


def _known(outcome: str) -> None:
    if outcome not in OUTCOMES:
        raise Invalid("outcome", f"Choose one of: {', '.join(OUTCOMES)}.")


def _over(session: Session, principal: Principal, ticket_id: int, call_back_id: int, outcome: str, note: str) -> None:
    said = {"call_back": call_back_id, "outcome": outcome}
    versions.change(session, principal, ticket_id, EventType.CALL_BACK_SETTLED, data=said)
    if note.strip():
        write_note(session, principal, ticket_id, text=note, kind=MessageKind.CALL_NOTE)


def _insert(session: Session, principal: Principal, row: dict[str, Any]) -> int:
    given = {**row, "agent_id": held.employee(principal)}
    return int(session.execute(insert(CallBack).values(given).returning(CallBack.id)).scalar_one())


def _number(session: Session, contact_id: int | None) -> int | None:
    theirs = (ContactAddress.contact_id == contact_id, ContactAddress.kind == AddressKind.PHONE)
    return session.scalar(select(ContactAddress.id).where(*theirs).order_by(ContactAddress.id.desc()).limit(1))
