"""Decide about a public comment: approve, hide, restore, remove; with the reason that its author is told."""

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.errors import Conflict, Invalid
from app.identity import mandates
from app.identity.principal import Principal
from app.models import Message
from app.tickets import held, versions
from app.tickets.outbox import enqueue
from app.tickets.tables import MESSAGE
from app.vocabulary import EventType, MessageKind, Publication, Verdict

# verdict: from which states, to which.
VERDICTS: dict[Verdict, tuple[frozenset[Publication], Publication]] = {
    Verdict.APPROVE: (frozenset({Publication.HELD}), Publication.PUBLISHED),
    Verdict.HIDE: (frozenset({Publication.PUBLISHED}), Publication.HIDDEN),
    Verdict.RESTORE: (frozenset({Publication.HIDDEN, Publication.REMOVED}), Publication.PUBLISHED),
    Verdict.REMOVE: (frozenset({Publication.HELD, Publication.PUBLISHED, Publication.HIDDEN}), Publication.REMOVED),
}
NEEDS_REASON = frozenset({Verdict.HIDE, Verdict.REMOVE})


def moderate(
    session: Session,
    principal: Principal,
    message_id: int,
    verdict: Verdict,
    reason: str = "",
    *,
    elsewhere: bool = False,
    version: int | None = None,
) -> int:
    """Carry out a verdict on a reaction that has a place in public; returns the ticket's version.

    To hide or remove takes a reason: it is stored with the comment, where its author's status page shows it, and what was
    published is never deleted. `elsewhere` = the channel keeps the comment itself (it implements `Moderates`): a delivery then
    carries the verdict there. What the author withdrew stays withdrawn (`Conflict` "publication").
    """
    if verdict in NEEDS_REASON:
        reason = held.because(reason, "it is not shown; its author reads this")
    ticket_id = session.scalar(select(Message.ticket_id).where(Message.id == message_id))
    if ticket_id is None:
        raise mandates.unknown()
    ticket = held.to_work(session, principal, ticket_id)
    before, after = VERDICTS[verdict]
    changed = (
        update(MESSAGE)
        .where(MESSAGE.c.id == message_id, MESSAGE.c.ticket_id == ticket.id, MESSAGE.c.publication.in_(sorted(before)))
        .where(MESSAGE.c.kind == MessageKind.REACTION)
        .values(publication=after, publication_reason=reason.strip())
        .returning(MESSAGE.c.account_id, MESSAGE.c.external_id)
    )
    comment = session.execute(changed).one_or_none()
    if comment is None:
        raise _refused(session, message_id)
    if elsewhere:
        asked = {"external_id": comment.external_id, "verdict": verdict.value, "reason": reason.strip()}
        of = {"ticket_id": ticket.id, "message_id": message_id, "account_id": comment.account_id}
        enqueue(session, **of, action="moderate", payload=asked)
    said = {"verdict": verdict, "publication": after, "reason": reason.strip()}
    return versions.change(
        session, principal, ticket.id, EventType.MODERATED, expected=version, message_id=message_id, data=said
    )


def _refused(session: Session, message_id: int) -> Exception:
    if session.scalar(select(Message.publication).where(Message.id == message_id)) is None:
        return Invalid("not_public", "This message has no place in public, so there is nothing to decide.")
    return Conflict("publication", "It stands otherwise by now, so this does not apply to it any more. Look again.")
