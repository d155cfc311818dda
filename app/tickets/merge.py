"""Merge a ticket into another: two reactions that ask for the same work, from then on one ticket.

The source's messages and their deliveries move to the target, its people join as participants, later mail to it goes to the
target (`create.append` follows). Nothing is copied and nothing is lost: `unmerge` moves exactly those messages back.

What a merge must not do, it refuses: show a closed ticket to other people (the target must be at least as confidential, in the
same hands), let a formal kind and its statutory clock vanish in something else, or merge into what was itself merged away.

Both tickets' `token_round` is raised; `app/tickets/tokens.py` says what older tokens still do.
"""

from typing import Any

from sqlalchemy import func, insert, literal, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from app.errors import Conflict, Invalid
from app.identity.principal import Principal
from app.models import Draft, Merge, TicketParticipant
from app.tickets import events, held, versions
from app.tickets.come_back import look_for_somebody
from app.tickets.held import Held
from app.tickets.set_confidentiality import STRICTNESS
from app.tickets.set_status import values_of
from app.tickets.tables import DELIVERY, MESSAGE, PARTICIPANT, TICKET
from app.vocabulary import ACTIVE_STATUSES, FORMAL_KINDS, Confidentiality, EventType, TicketStatus


def merge(
    session: Session,
    principal: Principal,
    source_id: int,
    target_id: int,
    *,
    version: int | None = None,
    target_version: int | None = None,
) -> int:
    """Merge `source_id` into `target_id`; returns the merge's id. The asker must be allowed to work on both.

    A target that was done opens again when the source still waited for somebody. The versions, when given, are what the
    asker last saw of each. Raises `Invalid` (same, confidentiality, formal), `Conflict` (merged, changed, draft_waiting),
    `NotFound`, `Forbidden`.
    """
    if source_id == target_id:
        raise Invalid("same", "A ticket cannot be merged into itself.")
    both = {ticket_id: held.to_work(session, principal, ticket_id) for ticket_id in sorted((source_id, target_id))}
    source, target = both[source_id], both[target_id]
    _allowed(source, target)
    _no_answer_waits(session, source_id)
    message_ids = _moved(session, source_id, target_id)
    joined = _joined(session, source, target)
    merge_id = _written(session, principal, source, target, message_ids, joined)
    gone = {"merged_into_id": target_id, **values_of(TicketStatus.CLOSED)}
    said = {"merge_id": merge_id, "messages": len(message_ids)}
    _changed(session, principal, source_id, version, gone, {**said, "target_id": target_id})
    reopens = source.status in ACTIVE_STATUSES and target.status not in ACTIVE_STATUSES
    came: dict[str, Any] = values_of(TicketStatus.OPEN) if reopens else {}
    _changed(
        session, principal, target_id, target_version, {**came, **latest(target_id)}, {**said, "source_id": source_id}
    )
    if reopens:
        look_for_somebody(session, target_id)
    if source.status in ACTIVE_STATUSES:
        held.let_go(session, source.agent_id)
    return merge_id


def latest(ticket_id: int) -> dict[str, Any]:
    """When citizens last wrote in a ticket, reckoned from the messages that are in it now."""
    newest = select(func.max(MESSAGE.c.received_at)).where(
        MESSAGE.c.ticket_id == ticket_id, MESSAGE.c.kind == "reaction"
    )
    return {"last_inbound_at": newest.scalar_subquery()}


def _allowed(source: Held, target: Held) -> None:
    if STRICTNESS[source.confidentiality] > STRICTNESS[target.confidentiality]:
        fix = "More people may see the target. Make it as confidential as this ticket first."
        raise Invalid("confidentiality", fix)
    if not _read_by_the_same(source, target):
        fix = "Other people may see the target. Hand this ticket over to its team, or to its owner, first."
        raise Invalid("confidentiality", fix)
    if source.kind in FORMAL_KINDS and source.kind is not target.kind:
        fix = "This kind has its own statutory clock. Merge it with one of the same kind, or set its kind first."
        raise Invalid("formal", fix)


def _no_answer_waits(session: Session, source_id: int) -> None:
    """An answer that waits for release was written to the source's citizen: in the target it would go to another."""
    if session.scalar(select(Draft.id).where(Draft.ticket_id == source_id, Draft.for_release).limit(1)) is not None:
        fix = "An answer waits for release here. Release it first, or have its writer take it back."
        raise Conflict("draft_waiting", fix)


def _read_by_the_same(source: Held, target: Held) -> bool:
    """Whether nobody reads the target who did not read the source: as confidential is not as closed in another team."""
    if source.confidentiality is Confidentiality.NORMAL:
        return True
    others = source.confidentiality is Confidentiality.STRICT and target.agent_id not in (None, source.agent_id)
    return source.team_id == target.team_id and not others


def _moved(session: Session, source_id: int, target_id: int) -> list[int]:
    move = update(MESSAGE).where(MESSAGE.c.ticket_id == source_id).values(ticket_id=target_id)
    message_ids = sorted(session.scalars(move.returning(MESSAGE.c.id)))
    session.execute(update(DELIVERY).where(DELIVERY.c.ticket_id == source_id).values(ticket_id=target_id))
    return message_ids


def _joined(session: Session, source: Held, target: Held) -> list[int]:
    """The source's people become participants of the target; returns the contacts that were not yet."""
    people = select(literal(target.id), TicketParticipant.contact_id, TicketParticipant.address_id).where(
        TicketParticipant.ticket_id == source.id
    )
    owner = select(literal(target.id), TICKET.c.contact_id, literal(None, PARTICIPANT.c.address_id.type)).where(
        TICKET.c.id == source.id, TICKET.c.contact_id.is_not(None)
    )
    everybody = owner.union_all(people).subquery()
    contact_id = everybody.c[1]
    not_theirs = select(*everybody.c).where(contact_id.is_distinct_from(target.contact_id))
    added = upsert(PARTICIPANT).from_select(["ticket_id", "contact_id", "address_id"], not_theirs)
    return sorted(session.scalars(added.on_conflict_do_nothing().returning(PARTICIPANT.c.contact_id)))


def _written(
    session: Session, principal: Principal, source: Held, target: Held, message_ids: list[int], joined: list[int]
) -> int:
    row = {
        "ticket_id": source.id,
        "target_id": target.id,
        "agent_id": principal.agent_id,
        "message_ids": message_ids,
        "participant_ids": joined,
        "status": source.status.value,
        "target_status": target.status.value,
    }
    return int(session.execute(insert(Merge).values(row).returning(Merge.id)).scalar_one())


def _changed(
    session: Session,
    principal: Principal,
    ticket_id: int,
    version: int | None,
    values: dict[str, Any],
    said: dict[str, Any],
) -> None:
    values = {**values, "token_round": TICKET.c.token_round + 1}
    new = versions.bump(session, ticket_id, version, **values)
    events.record(session, ticket_id, EventType.MERGED, agent_id=principal.agent_id, version=new, **said)
