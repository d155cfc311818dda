"""Where mail for a ticket belongs now: follows merges, and undone ones for those who had come along."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models import Merge, Ticket, TicketParticipant


def destination(session: Session, ticket_id: int, contact_id: int | None = None) -> int | None:
    """The ticket that a message for `ticket_id` from this contact joins; None when there is no such ticket.

    A merged ticket's mail goes to its target. After an unmerge, somebody of the source may still answer a mail that was sent
    while the tickets were one and names the target: theirs goes to the source again, since they are nobody in the target.
    """
    row: Any = session.execute(
        select(Ticket.contact_id, Ticket.merged_into_id).where(Ticket.id == ticket_id)
    ).one_or_none()
    if row is None:
        return None
    if row.merged_into_id is not None:
        return destination(session, row.merged_into_id, contact_id)
    if contact_id is None or row.contact_id == contact_id or _takes_part(session, ticket_id, contact_id):
        return ticket_id
    source = (
        select(Merge.ticket_id)
        .join(Ticket, Ticket.id == Merge.ticket_id)
        .where(Merge.target_id == ticket_id, Merge.undone_at.is_not(None), Ticket.merged_into_id.is_(None))
        .where(Merge.participant_ids.contains([contact_id]))
        .order_by(Merge.id.desc())
        .limit(1)
    )
    return session.scalar(source) or ticket_id


def _takes_part(session: Session, ticket_id: int, contact_id: int) -> bool:
    found = select(TicketParticipant.contact_id).filter_by(ticket_id=ticket_id, contact_id=contact_id)
    return session.scalar(found) is not None
