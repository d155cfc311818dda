"""The call-back list, and calling somebody from a ticket: now, or at a moment that was agreed."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Form, Request
from sqlalchemy import select, update
from sqlalchemy.orm import Session
from starlette.responses import Response

from app import clock
from app.channels.phone_number import shown
from app.desk.call_words import OUTCOMES, ended
from app.desk.enter_form import NO_MOMENT, moment
from app.desk.frame import Notice, go, show, trouble
from app.errors import DomainError, Fault, Invalid
from app.identity.principal import Principal
from app.models import Account, Agent, ContactAddress
from app.tickets import call_back_list, call_backs, read
from app.tickets.call import CALLS, call, own_number
from app.vocabulary import AddressKind
from app.web.formats import ZONE
from app.web.principal import CurrentAgent
from app.web.text import Text
from app.web.transaction import Transaction

router = APIRouter(prefix="/desk", include_in_schema=False)


@router.get("/call-backs")
def listed(request: Request, session: Transaction, me: CurrentAgent) -> Response:
    """Who is to be called."""
    return _list(request, session, me)


@router.post("/call-backs/{call_back_id}")
def settle(
    request: Request,
    session: Transaction,
    me: CurrentAgent,
    call_back_id: int,
    outcome: Annotated[Text, Form()],
    note: Annotated[Text, Form()] = "",
    again: Annotated[Text, Form()] = "",
) -> Response:
    """What came of a call; with `again` it stands on the list anew when nobody was reached."""
    return _settle(request, session, me, partial(call_backs.settle, session, me, call_back_id), outcome, note, again)


@router.post("/tickets/{ticket_id}/called")
def settle_caller(
    request: Request,
    session: Transaction,
    me: CurrentAgent,
    ticket_id: int,
    outcome: Annotated[Text, Form()],
    note: Annotated[Text, Form()] = "",
    again: Annotated[Text, Form()] = "",
) -> Response:
    """The same for somebody who rang, and whom nobody had promised a moment."""
    return _settle(
        request, session, me, partial(call_backs.settle_caller, session, me, ticket_id), outcome, note, again
    )


@router.get("/tickets/{ticket_id}/call")
def offered(request: Request, session: Transaction, me: CurrentAgent, ticket_id: int) -> Response:
    """Call this citizen, or agree when."""
    return _offer(request, session, me, ticket_id)


@router.post("/tickets/{ticket_id}/call")
def call_now(
    request: Request,
    session: Transaction,
    me: CurrentAgent,
    ticket_id: int,
    through: Annotated[Text, Form()] = "",
    note: Annotated[Text, Form()] = "",
) -> Response:
    """Ring my telephone, then theirs. My number is kept for the next time."""
    try:
        with session.begin_nested():
            call(session, me, ticket_id, through=through, note=note)
    except DomainError as error:
        return _offer(request, session, me, ticket_id, error)
    mine = {**me.preferences, "phone": own_number(through)}
    session.execute(update(Agent).where(Agent.id == me.agent_id).values(preferences=mine))
    return go(f"/desk/tickets/{ticket_id}")


@router.post("/tickets/{ticket_id}/call-back")
def promise(
    request: Request,
    session: Transaction,
    me: CurrentAgent,
    ticket_id: int,
    at: Annotated[Text, Form()] = "",
    note: Annotated[Text, Form()] = "",
) -> Response:
    """Put it on the list."""
    try:
        with session.begin_nested():
            call_backs.promise_on(session, me, ticket_id, at=_agreed(at), note=note)
    except DomainError as error:
        return _offer(request, session, me, ticket_id, error)
    return go("/desk/call-backs", "saved")


def _settle(
    request: Request, session: Session, me: Principal, verb: Callable[..., object], outcome: str, note: str, again: str
) -> Response:
    """The next try is filled in beforehand, so it counts only where nobody was reached."""
    try:
        with session.begin_nested():
            verb(outcome, note=note, again=_moment(again) if outcome in call_backs.ONCE_MORE else None)
    except DomainError as error:
        return _list(request, session, me, error)
    return go("/desk/call-backs", "settled")


def _list(request: Request, session: Session, me: Principal, error: DomainError | None = None) -> Response:
    context = {
        "lines": call_back_list.waiting(session, me),
        "outcomes": list(OUTCOMES.items()),
        "ended": ended,
        "local": lambda at: at.astimezone(ZONE).strftime("%Y-%m-%dT%H:%M"),
        "now": clock.now(),
        "shown": shown,
    }
    notices = [trouble(error, me.language)] if error else []
    return show(request, session, me, "call_backs.html", context, status=409 if error else 200, notices=notices)


def _offer(
    request: Request, session: Session, me: Principal, ticket_id: int, error: DomainError | None = None
) -> Response:
    head = read.ticket(session, me, ticket_id, limit=1).head
    phones = (ContactAddress.contact_id == head.contact_id, ContactAddress.kind == AddressKind.PHONE)
    numbers = session.scalars(select(ContactAddress.address).where(*phones).order_by(ContactAddress.id.desc()))
    calls = session.scalar(select(Account.id).where(Account.kind == CALLS, Account.active).limit(1)) is not None
    context = {
        "head": head,
        "numbers": [shown(number) for number in numbers],
        "calls": calls,
        "mine": shown(me.preferences.get("phone", "")),
        "faults": {fault.field: fault.fix for fault in error.faults} if error else {},
    }
    notices: list[Notice] = [trouble(error, me.language)] if error else []
    return show(request, session, me, "call.html", context, status=400 if error else 200, notices=notices)


def _agreed(text: str) -> datetime:
    when = _moment(text)
    if when is None:
        raise Invalid("call_back_at", NO_MOMENT, [Fault("at", "moment", NO_MOMENT)])
    return when


def _moment(text: str) -> datetime | None:
    faults: list[Fault] = []
    found = moment(text, "at", faults)
    if faults:
        raise Invalid("call_back_at", NO_MOMENT, faults)
    return found
