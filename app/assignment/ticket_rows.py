"""Tickets from rows to the engine's `TicketFacts`: one statement for a whole batch."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, cast

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session, aliased

from app.models import Account, ContactAddress, Message, Site, Ticket, TicketTag
from app.routing.facts import Fixed, TicketFacts, folded_subject, folded_text
from app.routing.words import TEXT_LIMIT
from app.vocabulary import AddressKind, MessageKind

WEIGHTS: Mapping[str, int] = {"phone": 3}
"""What a ticket of a channel family costs of an agent's capacity; 1 where not named."""

_theirs = aliased(Ticket)
_newest = (
    select(Message.id)
    .where(Message.ticket_id == Ticket.id, Message.kind == MessageKind.REACTION)
    .order_by(Message.id.desc())
    .limit(1)
    .correlate(Ticket)
    .scalar_subquery()
)
_answered_last = (
    select(_theirs.agent_id)
    .where(_theirs.contact_id == Ticket.contact_id, _theirs.id != Ticket.id, _theirs.agent_id.is_not(None))
    .order_by(_theirs.id.desc())
    .limit(1)
    .correlate(Ticket)
    .scalar_subquery()
)
_tags = (
    select(func.array_agg(TicketTag.tag)).where(TicketTag.ticket_id == Ticket.id).correlate(Ticket).scalar_subquery()
)
FACTS = (
    select(
        Ticket.id, Ticket.account_id, Account.kind.label("channel"), Ticket.received_at, Ticket.kind, Ticket.priority,
        func.coalesce(Ticket.theme_id, Account.theme_id).label("theme_id"), Ticket.team_id, Ticket.fixed, Site.key.label("site"),
        Ticket.subject_key, Ticket.language, Ticket.subject, func.left(Message.text, TEXT_LIMIT).label("text"),
        Ticket.contact_id, _answered_last.label("contact_agent_id"), Ticket.agent_id, Ticket.reopened_at, Ticket.assigned_at,
        Ticket.due_at, Ticket.is_public, Ticket.confidentiality, Ticket.process_id, _tags.label("tags"),
        Ticket.passed_agents, Ticket.version, Ticket.decision_id, Ticket.last_inbound_at, Ticket.status,
        ContactAddress.kind.label("address_kind"), ContactAddress.address,
    )
    .join(Account, Account.id == Ticket.account_id)
    .outerjoin(Site, Site.account_id == Ticket.account_id)
    .outerjoin(Message, Message.id == _newest)
    .outerjoin(ContactAddress, ContactAddress.id == Message.address_id)
)  # fmt: skip


def read(session: Session, ticket_ids: Sequence[int]) -> list[Row[Any]]:
    """The rows of these tickets, in the order of `ticket_ids`."""
    found: Sequence[Any] = session.execute(FACTS.where(Ticket.id.in_(ticket_ids))).all()
    rows: dict[int, Row[Any]] = {row.id: row for row in found}
    return [rows[ticket_id] for ticket_id in ticket_ids if ticket_id in rows]


def facts(row: Row[Any]) -> TicketFacts:
    """One row as the engine sees it. The team is a fact only where a person chose it."""
    fixed = tuple(sorted(row.fixed))
    family = row.channel.partition(".")[0]
    return TicketFacts(
        id=row.id,
        account_id=row.account_id,
        channel=row.channel,
        family=family,
        received_at=row.received_at,
        kind=row.kind,
        priority=row.priority,
        theme_id=row.theme_id,
        team_id=row.team_id if "team" in fixed else None,
        fixed=cast("tuple[Fixed, ...]", fixed),
        site=row.site,
        page=row.subject_key or None,
        language=row.language or None,
        sender_domain=_domain(row),
        subject=folded_subject(row.subject),
        text=folded_text(row.text or ""),
        contact_id=row.contact_id,
        contact_agent_id=row.contact_agent_id,
        owner_id=row.agent_id if came_back(row) else None,
        weight=WEIGHTS.get(family, 1),
        due_at=row.due_at,
        is_public=row.is_public,
        confidentiality=row.confidentiality,
        process_id=row.process_id,
        tags=tuple(sorted(row.tags or ())),
        excluded=tuple(sorted(set(row.passed_agents))),
    )


def standing(row: Row[Any]) -> TicketFacts:
    """A ticket as it stands in its team's queue: no rule moves it any more."""
    return replace(facts(row), theme_id=row.theme_id, team_id=row.team_id, fixed=("kind", "priority", "team", "theme"))


def came_back(row: Row[Any]) -> bool:
    """Whether a reaction brought it back after its owner got it: then the owner has to be there to keep it."""
    if row.agent_id is None or row.reopened_at is None:
        return False
    return row.assigned_at is None or bool(row.reopened_at > row.assigned_at)


def _domain(row: Row[Any]) -> str | None:
    return row.address.rpartition("@")[2] if row.address_kind is AddressKind.EMAIL else None
