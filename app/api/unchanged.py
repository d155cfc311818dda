"""If-Match on what belongs to a ticket (a message, a delivery, a proposal, a merge): the version is the ticket's.

The ticket is held from the check on, so that nobody can change it between the check and the change.
"""

from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from app.identity import mandates
from app.identity.principal import Principal
from app.models import CallBack, Delivery, Draft, Merge, Message, MessageTheme, Proposal, Ticket
from app.tickets import versions

MESSAGE = select(Message.ticket_id)
CALL_BACK = select(CallBack.ticket_id)
DRAFT = select(Draft.ticket_id)
DELIVERY = select(Delivery.ticket_id)
PASSAGE = select(Message.ticket_id).join(MessageTheme, MessageTheme.message_id == Message.id)
PROPOSAL = select(Proposal.ticket_id, Proposal.target_id)
MERGE = select(Merge.ticket_id, Merge.target_id)


def unchanged(
    session: Session, me: Principal, belonging: Select[*tuple[Any, ...]], condition: Any, expected: int | None
) -> None:
    """Hold the ticket that something belongs to (the first column; others are held beside it), and check its version.

    Raises `Conflict` "changed" (412) when it is no longer `expected`, with what happened since; `NotFound` for a ticket that
    the asker may not see. What does not exist is left to the verb to say.
    """
    row = session.execute(belonging.where(condition)).one_or_none()
    if row is None or row[0] is None:
        return
    held = {number: _version(session, me, number) for number in sorted(filter(None, row))}
    if expected is not None and held[row[0]] != expected:
        raise versions.changed_since(session, row[0], expected)


def _version(session: Session, me: Principal, ticket: int) -> int:
    hold = select(Ticket.version).where(Ticket.id == ticket, mandates.visible(me)).with_for_update()
    version = session.scalar(hold)
    if version is None:
        raise mandates.unknown()
    return version
