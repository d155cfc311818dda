"""Undo a merge: exactly the messages that moved go back, and what came later stays where it came.

Merges may be undone in any order. When the target was itself merged on (S into T, then T into U), S's messages are taken out
of U, and the merge of T forgets them: undoing that one later gives T what was T's. The tickets from the target to the end of
its merges are called the *path*; all of them are held meanwhile, and all of them change.
"""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ARRAY, BigInteger, delete, exists, func, select, update
from sqlalchemy.orm import Session

from app.errors import Conflict, NotFound
from app.identity import mandates
from app.identity.principal import Principal
from app.models import Merge, Ticket, TicketParticipant
from app.storage.queue import wake
from app.tickets import events, versions
from app.tickets.merge import latest
from app.tickets.set_status import values_of
from app.tickets.tables import DELIVERY, MESSAGE, TICKET
from app.vocabulary import ACTIVE_STATUSES, EventType, TicketStatus


def unmerge(session: Session, principal: Principal, merge_id: int) -> int:
    """Give a merged ticket its messages, people and status back; returns its new version.

    The target gets back the status it had, unless somebody wrote or set another one since. Tokens of all tickets concerned go
    to a new round. The asker must be allowed to work on all of them. Raises `Conflict` "unmerged" when it was undone already,
    `NotFound`, `Forbidden`.
    """
    merge = session.execute(select(Merge.ticket_id, Merge.target_id).where(Merge.id == merge_id)).one_or_none()
    if merge is None:
        raise NotFound("merge_unknown", "There is no such merge.")
    path = _path(session, merge.target_id)
    rows = _held(session, principal, [merge.ticket_id, *path])
    undone = _undone(session, merge_id)
    if path != _path(session, merge.target_id):
        raise Conflict("changed", "A colleague merges these tickets at this moment. Look again.")
    _given_back(session, merge.ticket_id, path, undone.message_ids)
    _left(session, path, undone.participant_ids)
    said = {"merge_id": merge_id, "messages": len(undone.message_ids)}
    version = _source_back(session, principal, rows[merge.ticket_id], undone, {**said, "target_id": merge.target_id})
    for ticket_id in path:
        values = {**latest(ticket_id), **(_as_before(session, rows[ticket_id], undone) if ticket_id == path[0] else {})}
        _changed(session, principal, ticket_id, values, {**said, "source_id": merge.ticket_id})
    return version


def _path(session: Session, ticket_id: int) -> list[int]:
    """The target, what it was merged into, and so on to the ticket that holds the messages."""
    path = [ticket_id]
    while (further := session.scalar(select(Ticket.merged_into_id).where(Ticket.id == path[-1]))) is not None:
        path.append(further)
    return path


def _held(session: Session, principal: Principal, ticket_ids: Iterable[int]) -> dict[int, Any]:
    """Lock all rows, in order. `held.to_work` will not do: the source is merged, and the target may be."""
    columns = [getattr(Ticket, name) for name in (*mandates.Place._fields, "id", "status")]
    rows = {}
    for ticket_id in sorted(ticket_ids):
        statement = select(*columns).where(Ticket.id == ticket_id, mandates.visible(principal)).with_for_update()
        row = session.execute(statement).one_or_none()
        if row is None:
            raise mandates.unknown()
        mandates.must_handle(session, principal, row)
        rows[ticket_id] = row
    return rows


def _undone(session: Session, merge_id: int) -> Any:
    undo = update(Merge).where(Merge.id == merge_id, Merge.undone_at.is_(None)).values(undone_at=func.now())
    columns = (Merge.message_ids, Merge.participant_ids, Merge.status, Merge.target_status, Merge.created_at)
    undone = session.execute(undo.returning(*columns)).one_or_none()
    if undone is None:
        raise Conflict("unmerged", "This merge was undone already.")
    return undone


def _given_back(session: Session, source_id: int, path: list[int], message_ids: list[int]) -> None:
    move = update(MESSAGE).where(MESSAGE.c.id.in_(message_ids), MESSAGE.c.ticket_id == path[-1])
    moved = list(session.scalars(move.values(ticket_id=source_id).returning(MESSAGE.c.id)))
    session.execute(update(DELIVERY).where(DELIVERY.c.message_id.in_(moved)).values(ticket_id=source_id))
    live = update(Merge).where(Merge.ticket_id.in_(path[:-1]), Merge.undone_at.is_(None))
    session.execute(live.values(message_ids=_without(Merge.message_ids, moved)))


def _left(session: Session, path: list[int], contact_ids: list[int]) -> None:
    """Those who came along leave every ticket that they came along to, unless they wrote in it since."""
    leaving = set(contact_ids)
    for position, ticket_id in enumerate(path):
        wrote = select(MESSAGE.c.contact_id).where(MESSAGE.c.ticket_id == ticket_id, MESSAGE.c.contact_id.is_not(None))
        gone = delete(TicketParticipant).where(
            TicketParticipant.ticket_id == ticket_id,
            TicketParticipant.contact_id.in_(leaving),
            TicketParticipant.contact_id.not_in(wrote),
        )
        session.execute(gone)
        if position + 1 == len(path):
            return
        live = (Merge.ticket_id == ticket_id, Merge.undone_at.is_(None))
        brought = session.scalar(select(Merge.participant_ids).where(*live)) or []
        leaving &= set(brought)
        session.execute(update(Merge).where(*live).values(participant_ids=_without(Merge.participant_ids, leaving)))


def _without(column: Any, ids: Iterable[int]) -> Any:
    """An array column less some of its members."""
    member = func.unnest(column).column_valued("member")
    kept = select(member).where(member.not_in(list(ids))).order_by(member).scalar_subquery()
    return func.array(kept, type_=ARRAY(BigInteger))


def _source_back(session: Session, principal: Principal, source: Any, undone: Any, said: dict[str, Any]) -> int:
    status = TicketStatus(undone.status)
    values = {"merged_into_id": None, **values_of(status), **latest(source.id)}
    if status in ACTIVE_STATUSES and source.agent_id is None:
        values["decision_id"] = None
        wake(session, "route")
    return _changed(session, principal, source.id, values, said)


def _as_before(session: Session, target: Any, undone: Any) -> dict[str, Any]:
    """The target's status again, when it was the merge that opened it and nothing came since."""
    was = TicketStatus(undone.target_status)
    if was in ACTIVE_STATUSES or target.status is not TicketStatus.OPEN:
        return {}
    since = exists().where(MESSAGE.c.ticket_id == target.id, MESSAGE.c.received_at > undone.created_at)
    return {} if session.scalar(select(since)) else values_of(was)


def _changed(
    session: Session, principal: Principal, ticket_id: int, values: dict[str, Any], said: dict[str, Any]
) -> int:
    version = versions.bump(session, ticket_id, **values, token_round=TICKET.c.token_round + 1)
    events.record(session, ticket_id, EventType.UNMERGED, agent_id=principal.agent_id, version=version, **said)
    return version
