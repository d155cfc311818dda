"""What must be kept in order: items that were set aside, the ledger, answers that wait for a colleague or a decision."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from sqlalchemy import select
from starlette.responses import Response

from app.channels.contract import Unreachable
from app.desk.frame import Notice, go, show, trouble
from app.desk.posted import must_manage
from app.errors import DomainError
from app.identity.mandates import visible
from app.intake import ledger, set_aside
from app.intake.compare import compare
from app.intake.means import Means
from app.models import Agent, Delivery, Message, Ticket
from app.polls import doubted_mail
from app.tickets import drafts, lists
from app.vocabulary import RawState, Role
from app.web.i18n import _, translated
from app.web.principal import CurrentAgent
from app.web.state import state_of
from app.web.text import Text
from app.web.transaction import Transaction

router = APIRouter(prefix="/desk", include_in_schema=False)
PAGE = 50
_TROUBLE = (
    select(
        Delivery.id,
        Delivery.ticket_id,
        Delivery.state,
        Delivery.problem,
        Ticket.subject,
        Agent.name.label("agent_name"),
    )
    .join(Ticket, Ticket.id == Delivery.ticket_id)
    .outerjoin(Message, Message.id == Delivery.message_id)
    .outerjoin(Agent, Agent.id == Message.agent_id)
    .where(lists.TROUBLE)
    .order_by(Delivery.id)
    .limit(PAGE)
)


@router.get("/attention")
def attention(request: Request, session: Transaction, me: CurrentAgent) -> Response:
    """Answers that wait for release, and those that did not arrive or may not have; invitations of which nobody can tell."""
    context = {
        "polls": doubted_mail.polls(session) if me.role is not Role.AGENT else [],
        "spoken": me.language,
        "waiting": drafts.waiting(session, me),
        "deliveries": session.execute(_TROUBLE.where(visible(me))).all(),
    }
    return show(request, session, me, "attention.html", context)


@router.get("/set-aside")
def aside(request: Request, session: Transaction, me: CurrentAgent, before: int | None = None) -> Response:
    """What could not be taken in."""
    items = set_aside.waiting(session, me, before=before, limit=PAGE)
    context = {"items": items, "more": items[-1].id if len(items) == PAGE else None}
    return show(request, session, me, "set_aside.html", context)


@router.get("/set-aside/{item_id}")
def one_aside(request: Request, session: Transaction, me: CurrentAgent, item_id: int) -> Response:
    """One item, with its whole error."""
    error = set_aside.error(session, me, item_id)
    item = next(
        (item for item in set_aside.waiting(session, me, before=item_id + 1, limit=1) if item.id == item_id), None
    )
    return show(request, session, me, "set_aside_item.html", {"item": item, "error": error, "item_id": item_id})


@router.post("/set-aside/{item_id}/release")
def again(session: Transaction, me: CurrentAgent, item_id: int) -> Response:
    """Try it again from the start."""
    set_aside.release(session, me, item_id)
    return go("/desk/set-aside", "released_item")


@router.post("/set-aside/{item_id}/discard")
def discard(
    request: Request, session: Transaction, me: CurrentAgent, item_id: int, reason: Annotated[Text, Form()] = ""
) -> Response:
    """Never take it in; the reason stands in the ledger."""
    try:
        set_aside.discard(session, me, item_id, reason)
    except DomainError as error:
        session.rollback()
        items = set_aside.waiting(session, me, limit=PAGE)
        context = {"items": items, "more": None, "wrong": item_id}
        return show(request, session, me, "set_aside.html", context, status=400, notices=[trouble(error, me.language)])
    return go("/desk/set-aside", "discarded")


@router.get("/ledger")
def book(request: Request, session: Transaction, me: CurrentAgent) -> Response:
    """Seen against accounted for, per account."""
    must_manage(me)
    lines = ledger.read(session)
    can = {key: state_of(request).accounts.capabilities(key) for key in state_of(request).accounts.kinds}
    context = {"lines": lines, "states": [state.value for state in RawState], "can": can}
    return show(request, session, me, "ledger.html", context)


@router.post("/ledger/{account_id}/compare")
def hold_against(request: Request, session: Transaction, me: CurrentAgent, account_id: int) -> Response:
    """Compare with what the other side holds, now."""
    must_manage(me)
    state = state_of(request)
    session.rollback()  # the comparison opens its own transactions; this one must not stand open meanwhile
    try:
        compare(Means(state.database, state.accounts, state.keys, state.blobs), account_id)
    except (DomainError, Unreachable) as error:
        text = translated(me.language, error.fix if isinstance(error, DomainError) else error.detail)
        lines = ledger.read(session)
        can = {key: state.accounts.capabilities(key) for key in state.accounts.kinds}
        context = {"lines": lines, "states": [word.value for word in RawState], "can": can}
        said = Notice(translated(me.language, _("It could not be compared: %(why)s"), why=text), "bad")
        return show(request, session, me, "ledger.html", context, status=409, notices=[said])
    return go("/desk/ledger", "changed")
