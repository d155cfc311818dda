"""Tickets: found by filter, read whole. What can be done with one is in `verbs.py`, a verb per address."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from app.api import changes, pages
from app.api.asked import After, Filter, Limit, Number, TicketsRead
from app.api.schemas.tickets import Delivery, Message, Proposal, Ticket, TicketLine
from app.identity.principal import Principal
from app.tickets import lists, read
from app.vocabulary import Confidentiality, Priority, TicketKind, TicketStatus
from app.web import etag
from app.web.strict import LARGEST, Given
from app.web.transaction import Transaction

router = APIRouter(prefix="/tickets", tags=["tickets"])


class Filters(Given):
    """The query of a list of tickets; several statuses may be given. Without `spam` and `merged` those are left out."""

    status: list[TicketStatus] = []  # noqa: RUF012  (Pydantic copies it)
    priority: Priority | None = None
    kind: TicketKind | None = None
    confidentiality: Confidentiality | None = None
    theme_id: Filter = None
    team_id: Filter = None
    agent_id: Filter = None
    contact_id: Filter = None
    account_id: Filter = None
    process_id: Filter = None
    campaign_id: Filter = None
    language: Annotated[str | None, Query(max_length=8)] = None
    tag: Annotated[str | None, Query(max_length=60)] = None
    spam: bool = False
    merged: bool = False
    after: After = None
    limit: Limit = 50

    def wanted(self) -> lists.Filters:
        """As the lists take it."""
        values = {
            name: getattr(self, name) for name in type(self).model_fields if name not in ("after", "limit", "status")
        }
        return lists.Filters(status=frozenset(self.status) or None, **values)


@router.get("")
def list_tickets(session: Transaction, me: TicketsRead, asked: Annotated[Filters, Query()]) -> pages.Page[TicketLine]:
    """The tickets that fit, newest first."""
    lines = lists.all_tickets(session, me, asked.wanted(), after=asked.after, limit=asked.limit + 1)
    return pages.cut(lines, asked.limit, TicketLine)


@router.get("/{ticket}", response_model=Ticket, responses={304: {"description": "You have this version already."}})
def read_ticket(ticket: Number, request: Request, session: Transaction, me: TicketsRead) -> Response:
    """One ticket, without its conversation."""
    found = shown(session, me, ticket)
    if etag.unchanged(request, found.version):
        return Response(status_code=304, headers=etag.headers(found.version))
    return changes.told(found)


@router.get("/{ticket}/messages")
def list_messages(
    ticket: Number,
    session: Transaction,
    me: TicketsRead,
    before: Annotated[int | None, Query(ge=1, le=LARGEST)] = None,
    after: Annotated[int | None, Query(ge=0, le=LARGEST)] = None,
) -> list[Message]:
    """The newest messages of the conversation, oldest first; older ones with `before`, later ones with `after`, by id."""
    if after is not None:
        entries = read.since(session, me, ticket, after)
    else:
        entries = read.earlier(session, me, ticket, before or LARGEST)
    return [Message.model_validate(entry) for entry in entries]


@router.get("/{ticket}/deliveries")
def list_deliveries(ticket: Number, session: Transaction, me: TicketsRead) -> list[Delivery]:
    """What goes, went or did not go out for this ticket."""
    return [Delivery.model_validate(row) for row in read.ticket(session, me, ticket, limit=1).deliveries]


@router.get("/{ticket}/proposals")
def list_proposals(ticket: Number, session: Transaction, me: TicketsRead) -> list[Proposal]:
    """Tickets that this one may continue, or that may continue it."""
    return [Proposal.model_validate(row) for row in read.ticket(session, me, ticket, limit=1).proposals]


def shown(session: Session, me: Principal, ticket: int) -> Ticket:
    """A ticket as the API shows it; raises `NotFound`."""
    view = read.ticket(session, me, ticket, limit=1)
    return Ticket.of(view.head, view.level)
