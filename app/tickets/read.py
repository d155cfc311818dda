"""Everything that a ticket's page shows, in two statements however much there is to show.

Columns only. Files, passages and routes come along with their messages as JSON. A long thread gives its newest messages;
`earlier` gives those before. HTML is asked for one message at a time (`html`), since most readers never want it.
"""

from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from app.identity import mandates
from app.identity.principal import Principal
from app.models import Message, Ticket
from app.storage.gathered import Gathered
from app.storage.rows import rows
from app.tickets import recipient, thread_rows, ticket_rows
from app.tickets.recipient import Answered
from app.tickets.thread_rows import Entry
from app.tickets.ticket_rows import DecisionRow, DeliveryRow, DraftRow, EventRow, Head, ProposalRow
from app.vocabulary import MandateLevel

MESSAGES = 100
EVENTS = 200


@dataclass(frozen=True, slots=True)
class TicketView:
    """A ticket as its page and the API show it.

    `level` is what the asker may do. `messages` are oldest first; `earlier` tells that there are more before them. `answers`
    is whom an answer would go to. `drafts` are the asker's own, and those of others that wait for release. A merged ticket's
    messages stand in its target; `head.merged_into_id` says which.
    """

    head: Head
    level: MandateLevel
    messages: list[Entry]
    earlier: bool
    events: list[EventRow]
    proposals: list[ProposalRow]
    deliveries: list[DeliveryRow]
    decision: DecisionRow | None
    drafts: list[DraftRow]
    answers: Answered | None

    @property
    def seen_message_id(self) -> int:
        """The newest message that citizens and we exchanged, for the send guard; 0 when there is none."""
        return max((entry.id for entry in self.messages if entry.exchanged), default=0)


def ticket(session: Session, principal: Principal, ticket_id: int, *, limit: int = MESSAGES) -> TicketView:
    """The whole page, with the newest `limit` messages.

    Raises `NotFound` for a ticket that is not there or that the asker may not see.
    """
    asked = {"ticket_id": ticket_id, "agent_id": principal.agent_id, "limit": EVENTS, **mandates.values(principal)}
    heads, answers, events, proposals, deliveries, decisions, drafts = _round(mandates.sight(principal)).ask(
        session, asked
    )
    if not heads:
        raise mandates.unknown()
    entries = thread_rows.newest(session, ticket_id, limit + 1)
    return TicketView(
        head=heads[0],
        level=_level(principal, heads[0]),
        messages=entries[-limit:],
        earlier=len(entries) > limit,
        events=events,
        proposals=proposals,
        deliveries=deliveries,
        decision=decisions[0] if decisions else None,
        drafts=drafts,
        answers=answers[0] if answers else None,
    )


def earlier(session: Session, principal: Principal, ticket_id: int, before: int) -> list[Entry]:
    """The messages before message `before`, oldest first, at most `MESSAGES`."""
    _head(session, principal, ticket_id)
    return thread_rows.newest(session, ticket_id, MESSAGES, before)


def since(session: Session, principal: Principal, ticket_id: int, message_id: int) -> list[Entry]:
    """The messages after `message_id`, oldest first: what is new for a writer whom the send guard stopped."""
    _head(session, principal, ticket_id)
    return thread_rows.after(session, ticket_id, message_id, MESSAGES)


def html(session: Session, principal: Principal, message_id: int) -> str:
    """One message's HTML, already made harmless by intake; empty when it has none."""
    statement = (
        select(Message.html)
        .join(Ticket, Ticket.id == Message.ticket_id)
        .where(Message.id == message_id, mandates.visible(principal))
    )
    found = session.execute(statement).scalar_one_or_none()
    if found is None:
        raise mandates.unknown()
    return found


def _head(session: Session, principal: Principal, ticket_id: int) -> Head:
    found: Any = rows(
        session, _heads(mandates.sight(principal)), {**mandates.values(principal), "ticket_id": ticket_id}
    )
    if not found:
        raise mandates.unknown()
    return Head(*found[0])


@cache
def _heads(way: mandates.Sight) -> Select[*tuple[Any, ...]]:
    return ticket_rows.HEAD.where(mandates.seen_in(way))


def _level(principal: Principal, head: Head) -> MandateLevel:
    """A site's own program sees its tickets without acting on them."""
    return MandateLevel.READ if principal.site_id is not None else mandates.by_rows(principal, head, head.mandates)


@cache
def _round(way: mandates.Sight) -> Gathered:
    return Gathered(
        (Head, _heads(way)),
        (recipient.answered, recipient.NEWEST),
        (EventRow, ticket_rows.EVENTS),
        (ProposalRow, ticket_rows.proposals(way)),
        (DeliveryRow, ticket_rows.DELIVERIES),
        (DecisionRow, ticket_rows.DECISION),
        (DraftRow, ticket_rows.DRAFTS),
    )
