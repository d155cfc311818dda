"""Reactions handed to us by programs: a site's own server posts what its visitors wrote, with its own ids.

The reaction goes the way of every other: it is stored as it came and only then answered with 202. Its own id makes a repeat
harmless, for ever; an Idempotency-Key makes the answer the same too.
"""

import json
from datetime import datetime
from typing import Annotated, Literal
from urllib.parse import quote

from fastapi import APIRouter, Query, Request
from pydantic import Field
from sqlalchemy import ScalarSelect, select
from sqlalchemy.orm import Session
from starlette.responses import Response

from app import clock
from app.accounts.directory import AccountRow, read_row
from app.api.asked import ReactionsCreate
from app.channels.contract import WebhookRequest
from app.errors import Fault, Invalid
from app.identity.mandates import visible
from app.identity.principal import Principal
from app.intake.means import Means
from app.intake.receive import receive
from app.models import Message, Site, Ticket
from app.tickets import reference
from app.vocabulary import Publication, TicketStatus
from app.web.idempotency import Made, OnceOnly
from app.web.state import state_of
from app.web.strict import Given, Id, Told
from app.web.transaction import Transaction

router = APIRouter(prefix="/reactions", tags=["reactions"])
FAMILY = "comments"
OwnId = Annotated[str, Query(alias="id", min_length=1, max_length=200, description="The sender's own id of it.")]
Short = Annotated[str, Field(max_length=200)]


class NewReaction(Given):
    """What somebody wrote. A site's token knows its account; every other names it.

    `id` is the sender's own and makes a repeat harmless. `page` is the site's id of the page, never its address. `user` is
    the site's id of a visitor who is signed in there. `parent` is the `id` of the comment that is answered.
    """

    account_id: Id | None = None
    id: Annotated[str, Field(min_length=1, max_length=200)]
    event: Literal["created", "edited", "withdrawn", "restored"] = "created"
    page: Annotated[str, Field(min_length=1, max_length=200)]
    page_title: Short = ""
    page_url: Annotated[str, Field(max_length=2000)] = ""
    text: Annotated[str, Field(max_length=200_000)] = ""
    name: Short = ""
    email: Annotated[str, Field(max_length=254)] = ""
    user: Short = ""
    parent: Short = ""
    status_token: Short = ""
    language: Annotated[str, Field(max_length=20)] = ""
    private: bool = False


class Accepted(Told):
    """It is stored; a ticket follows within moments."""

    id: str
    account_id: int


class Outcome(Told):
    """A reaction as it stands. `publication` is null for one that was not meant for the page."""

    id: str
    account_id: int
    message_id: int
    ticket_id: int
    reference: str
    status: TicketStatus
    publication: Publication | None
    received_at: datetime
    revised_at: datetime | None
    withdrawn_at: datetime | None


@router.post("", status_code=202, response_model=Accepted)
def create_reaction(
    body: NewReaction, request: Request, session: Transaction, me: ReactionsCreate, once: OnceOnly
) -> Response:
    """Hand over a reaction, an edit of one, its withdrawal, or its return."""
    account = _account(session, me, body.account_id)

    def make() -> Made:
        receive(means_of(request), account, _push(request, me, body))
        place = f"/api/v1/reactions?id={quote(body.id, safe='')}"
        return Made(Accepted(id=body.id, account_id=account.id), place, status=202)

    return once(me, body, make)


@router.get("")
def list_reactions(session: Transaction, me: ReactionsCreate, own_id: OwnId) -> list[Outcome]:
    """What became of a reaction that was handed over under this id: empty until it has a ticket. A site sees its own."""
    seen = visible(me) if me.site_id is None else Message.account_id == _own_account(me)
    query = (
        select(
            Message.account_id, Message.id.label("message_id"), Message.ticket_id, Ticket.status, Message.publication
        )
        .add_columns(Message.received_at, Message.revised_at, Message.withdrawn_at)
        .join(Ticket, Ticket.id == Message.ticket_id)
        .where(Message.external_id == f"site:{own_id}", seen)
        .order_by(Message.id)
        .limit(100)
    )
    return [
        Outcome(id=own_id, reference=reference.of(row.ticket_id), **row._asdict()) for row in session.execute(query)
    ]


def means_of(request: Request) -> Means:
    """What intake works with, of this process."""
    state = state_of(request)
    return Means(state.database, state.accounts, state.keys, state.blobs)


def _account(session: Session, me: Principal, asked: int | None) -> AccountRow:
    own = session.scalar(select(_own_account(me))) if me.site_id is not None else None
    if own is not None and asked not in (None, own):
        raise Invalid("account", "Leave the account out: this token posts into its own site's.", [_FAULT])
    wanted = own or asked
    if wanted is None:
        raise Invalid("account", "Say which account it goes into.", [_FAULT])
    row = read_row(session, wanted)
    if row.family != FAMILY:
        raise Invalid("account", "Choose an account that takes comments.", [_FAULT])
    return row


def _own_account(me: Principal) -> ScalarSelect[int]:
    return select(Site.account_id).where(Site.id == me.site_id).scalar_subquery()


def _push(request: Request, me: Principal, body: NewReaction) -> WebhookRequest:
    """The caller's key names an edit, so that one back to words that stood there before is not taken for that one again."""
    sent = json.dumps(body.model_dump(exclude={"account_id"}, exclude_defaults=True)).encode()
    named = request.headers.get("idempotency-key", "")
    return WebhookRequest(
        method="POST",
        url=str(request.url),
        headers={"content-type": "application/json"} | ({"weerklank-event": named[:200]} if named else {}),
        body=sent,
        remote=request.client.host if request.client else "",
        received_at=clock.now(),
        caller=f"site:{me.site_id}" if me.site_id is not None else f"token:{me.token_id}",
    )


_FAULT = Fault("accountId", "account", "name an account that takes comments")
