"""Decisions beside the thread: comments in public, joins that were proposed, answers on their way, and merges by hand."""

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Form, Request
from sqlalchemy import select
from starlette.responses import Response

from app.desk.act import done
from app.desk.frame import go
from app.desk.posted import Posted, number, text_of
from app.errors import Invalid, NotFound
from app.models import Message
from app.tickets import reference
from app.tickets.acknowledge import acknowledge
from app.tickets.cancel_reply import cancel_reply
from app.tickets.merge import merge
from app.tickets.moderate import moderate
from app.tickets.propose import accept_proposal, decline_proposal
from app.tickets.settle_uncertain import Choice, settle_uncertain
from app.vocabulary import Verdict
from app.web.i18n import _
from app.web.principal import CurrentAgent
from app.web.state import state_of
from app.web.text import Text
from app.web.transaction import Transaction

router = APIRouter(prefix="/desk", include_in_schema=False)


@router.post("/messages/{message_id}/moderate")
def verdict(
    request: Request,
    session: Transaction,
    me: CurrentAgent,
    message_id: int,
    verdict: Annotated[Verdict, Form()],
    reason: Annotated[Text, Form()] = "",
) -> Response:
    """Approve, hide, restore or remove a comment; where the channel keeps the comment itself, it is told."""
    found = session.execute(select(Message.ticket_id, Message.account_id).where(Message.id == message_id)).one_or_none()
    if found is None:
        raise NotFound("message_unknown", _("There is no such message, or it is not open to you."))
    elsewhere = found.account_id is not None and "Moderates" in _can(request, found.account_id)
    verb = partial(moderate, session, me, message_id, verdict, reason, elsewhere=elsewhere)
    return done(request, session, me, found.ticket_id, "moderated", verb)


@router.post("/proposals/{proposal_id}")
def proposal(request: Request, session: Transaction, me: CurrentAgent, proposal_id: int, form: Posted) -> Response:
    """Join the two tickets, or keep them apart."""
    accepted = text_of(form, "decision") == "accept"
    verb = partial(accept_proposal if accepted else decline_proposal, session, me, proposal_id)
    here = number(form.get("back")) or 0
    return done(request, session, me, here, "accepted" if accepted else "declined", verb)


@router.post("/deliveries/{delivery_id}/undo")
def undo(request: Request, session: Transaction, me: CurrentAgent, delivery_id: int, form: Posted) -> Response:
    """Call an answer back while it still can be; its text is a draft again."""
    here = number(form.get("ticket")) or 0
    return done(request, session, me, here, "called_back", partial(cancel_reply, session, me, delivery_id))


@router.post("/deliveries/{delivery_id}/settle")
def settle(request: Request, session: Transaction, me: CurrentAgent, delivery_id: int, form: Posted) -> Response:
    """Somebody looked: it did go out, it is to be sent again, or nothing is left to be done about a refusal."""
    here = number(form.get("ticket")) or 0
    if text_of(form, "outcome") == "seen":
        answer = done(request, session, me, here, "settled", partial(acknowledge, session, me, delivery_id))
        return go("/desk/attention", "settled") if answer.status_code == 303 else answer
    choice: Choice = "again" if text_of(form, "outcome") == "again" else "sent"
    return done(request, session, me, here, "settled", partial(settle_uncertain, session, me, delivery_id, choice))


@router.post("/tickets/{ticket_id}/merge")
def join(request: Request, session: Transaction, me: CurrentAgent, ticket_id: int, form: Posted) -> Response:
    """Make this ticket part of another one, which is named by its reference."""
    target = reference.parse(text_of(form, "target"))

    def verb() -> None:
        if target is None:
            raise Invalid("reference", _("Check the reference: it looks like WK-12-K."))
        merge(session, me, ticket_id, target)

    answer = done(request, session, me, ticket_id, "merged", verb)
    return go(f"/desk/tickets/{target}", "merged") if answer.status_code == 303 else answer


def _can(request: Request, account_id: int) -> tuple[str, ...]:
    accounts = state_of(request).accounts
    return accounts.capabilities(accounts.row(account_id).kind)
