"""Proposals: this may be a continuation of that ticket. Only an employee may say that it is."""

from typing import Any

from sqlalchemy import func, literal_column, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.errors import Conflict, NotFound
from app.identity.principal import Principal
from app.models import Proposal
from app.tickets import events, held, versions
from app.tickets.destination import destination
from app.tickets.merge import merge
from app.vocabulary import EventType, ProposalState


def propose(session: Session, ticket_id: int, target_id: int, message_id: int | None, reason: str) -> int | None:
    """Note that `ticket_id` may belong to `target_id`; `reason` is a code. Returns its id; None when it stands there already.

    For intake, which has found it; asks nobody's permission and changes nothing else.
    """
    row = {"ticket_id": ticket_id, "target_id": target_id, "message_id": message_id, "reason": reason}
    made = insert(Proposal).values(**row, state=ProposalState.OPEN)
    made = made.on_conflict_do_nothing(
        index_elements=["ticket_id", "target_id"], index_where=literal_column("state = 'open'")
    )
    proposal_id = session.execute(made.returning(Proposal.id)).scalar_one_or_none()
    if proposal_id is None:
        return None
    said: dict[str, Any] = {"proposal_id": proposal_id, "target_id": target_id, "reason": reason}
    events.record(session, ticket_id, EventType.PROPOSAL_MADE, message_id=message_id, **said)
    return int(proposal_id)


def accept_proposal(session: Session, principal: Principal, proposal_id: int) -> int:
    """Merge the ticket into the one it continues, or into what that was merged into; returns the merge's id.

    Raises what `merge` raises. Two employees who decide at once: the first counts (`Conflict` "decided").
    """
    ticket_id, target_id, said = _decided(session, principal, proposal_id, ProposalState.ACCEPTED)
    versions.change(session, principal, ticket_id, EventType.PROPOSAL_ACCEPTED, data=said)
    return merge(session, principal, ticket_id, target_id)


def decline_proposal(session: Session, principal: Principal, proposal_id: int) -> int:
    """The two have nothing to do with each other; returns the ticket's version."""
    ticket_id, _target, said = _decided(session, principal, proposal_id, ProposalState.DECLINED)
    return versions.change(session, principal, ticket_id, EventType.PROPOSAL_DECLINED, data=said)


def _decided(
    session: Session, principal: Principal, proposal_id: int, state: ProposalState
) -> tuple[int, int, dict[str, int]]:
    """The ticket, where its target's messages stand now, and what the event says."""
    found = session.execute(
        select(Proposal.ticket_id, Proposal.target_id).where(Proposal.id == proposal_id)
    ).one_or_none()
    if found is None:
        raise NotFound("proposal_unknown", "There is no such proposal.")
    target_id = destination(session, found.target_id) or found.target_id
    # Both tickets, in the order in which a merge holds them.
    for ticket_id in sorted({found.ticket_id, target_id}):
        hold = held.to_work if ticket_id == found.ticket_id else held.to_read
        hold(session, principal, ticket_id)
    decide = (
        update(Proposal)
        .where(Proposal.id == proposal_id, Proposal.state == ProposalState.OPEN)
        .values(state=state, decided_by=principal.agent_id, decided_at=func.now())
        .returning(Proposal.id)
    )
    if session.execute(decide).scalar_one_or_none() is None:
        raise Conflict("decided", "A colleague has decided this already.")
    return found.ticket_id, target_id, {"proposal_id": proposal_id, "target_id": target_id}
