"""What can still be done with an answer that went out: correct it, or take it back, at the service where it stands."""

from functools import partial
from typing import Any

from fastapi import APIRouter, Request
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.responses import Response

from app.channels.contract import Limits
from app.desk.act import done
from app.desk.posted import Posted, text_of
from app.desk.ticket import limits_of
from app.errors import NotFound
from app.models import Message
from app.tickets.correct import correct
from app.tickets.take_back import take_back
from app.web.i18n import _
from app.web.principal import CurrentAgent
from app.web.state import state_of
from app.web.transaction import Transaction

router = APIRouter(prefix="/desk/messages", include_in_schema=False)


@router.post("/{message_id}/take-back")
def take_it_back(request: Request, session: Transaction, me: CurrentAgent, message_id: int) -> Response:
    """Remove it where it stands."""
    found = _found(session, message_id)
    able = _limits(request, session, found.account_id) is not None
    verb = partial(take_back, session, me, message_id, able=able)
    return done(request, session, me, found.ticket_id, "taking_back", verb)


@router.post("/{message_id}/correct")
def correct_it(request: Request, session: Transaction, me: CurrentAgent, message_id: int, form: Posted) -> Response:
    """Give it other words; what was typed stays when that cannot be."""
    found, words = _found(session, message_id), text_of(form, "text")
    verb = partial(correct, session, me, message_id, words, _limits(request, session, found.account_id))
    return done(request, session, me, found.ticket_id, "correcting", verb, correcting=(message_id, words))


def _found(session: Session, message_id: int) -> Any:
    found = session.execute(select(Message.ticket_id, Message.account_id).where(Message.id == message_id)).one_or_none()
    if found is None:
        raise NotFound("message_unknown", _("There is no such message, or it is not open to you."))
    return found


def _limits(request: Request, session: Session, account_id: int | None) -> Limits | None:
    """What an answer over this account may be; None where nothing that was sent can be changed."""
    accounts = state_of(request).accounts
    if account_id is None or "Amends" not in accounts.capabilities(accounts.row(account_id).kind):
        return None
    return limits_of(request, session, account_id)
