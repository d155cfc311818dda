"""Writing down how sending ended: in a transaction of its own, after the fact, and only for the claim that sent.

Why a claim may settle what was called uncertain meanwhile: a worker that was slow, not dead, knows better than the one that
gave up on it.
"""

from datetime import timedelta
from typing import Any

from sqlalchemy import and_, case, func, select, update
from sqlalchemy.orm import Session

from app.accounts.health import LONGEST_REST, next_wait
from app.channels.contract import Refused, Sent, Unreachable
from app.delivery.claim import MOST_TRIES, WAITS, Claim, ours
from app.models import Delivery, Message, Ticket
from app.tickets import events
from app.tickets.correct import corrected
from app.vocabulary import DeliveryState, EventType, MessageKind, Publication, Visibility

LONGEST_PROBLEM = 2_000


def sent(session: Session, condition: Any, receipt: Sent) -> bool:
    """It went out. `condition` says which delivery, and in which states it may still be settled."""
    values = {
        "state": DeliveryState.SENT, "external_id": receipt.external_id, "url": receipt.url, "problem": "", "code": "",
        "sent_at": receipt.sent_at or func.clock_timestamp(), "lease_until": None,
    }  # fmt: skip
    done = _settle(session, condition, values)
    if done is None:
        return False
    if done.message_id is not None and done.action == "send":
        _said(session, done, receipt.external_id)
    elif done.message_id is not None and done.action == "amend":  # a correction may stand under another id (X)
        corrected(session, done.message_id, str(done.payload.get("text", "")), receipt.external_id)
    elif done.message_id is not None and done.action == "retract":
        gone = case((Message.publication.is_not(None), Publication.WITHDRAWN.value), else_=None)
        taken_back = update(Message).where(Message.id == done.message_id)
        session.execute(taken_back.values(withdrawn_at=func.clock_timestamp(), publication=gone))
    _tell(session, done, EventType.DELIVERY_SENT)
    return True


def refused(session: Session, claim: Claim, error: Refused) -> None:
    """The other side will never take it: the agent sees why."""
    values = {
        "state": DeliveryState.REFUSED,
        "problem": _words(error.detail),
        "code": _words(error.code or ""),
        "lease_until": None,
    }
    done = _settle(session, ours(claim), values)
    if done is not None:
        _tell(session, done, EventType.DELIVERY_REFUSED)


def unreachable(session: Session, claim: Claim, error: Unreachable, back_off: float) -> None:
    """Nothing happened over there: again later, and the account's other deliveries wait along when it is the account."""
    if claim.tries >= MOST_TRIES:
        refused(session, claim, Refused(error.detail, code="gave_up"))
        return
    wait = (
        min(error.retry_after, LONGEST_REST)
        if error.retry_after is not None
        else next_wait(back_off * 2 ** (claim.tries - 1), back_off)
    )
    until = func.clock_timestamp() + timedelta(seconds=wait)
    values = {"state": DeliveryState.FAILED, "problem": _words(error.detail), "not_before": until, "lease_until": None}
    done = _settle(session, ours(claim), values)
    if done is None:
        return
    _tell(session, done, EventType.DELIVERY_FAILED)
    if error.whole_account:
        waiting = (Delivery.account_id == claim.account_id, Delivery.state.in_(WAITS), Delivery.not_before < until)
        session.execute(update(Delivery).where(*waiting).values(not_before=until))


def uncertain(session: Session, condition: Any, detail: str) -> bool:
    """It may have gone out, and nobody can tell but a person."""
    values = {"state": DeliveryState.UNCERTAIN, "problem": _words(detail), "lease_until": None}
    done = _settle(session, condition, values)
    if done is not None:
        _tell(session, done, EventType.DELIVERY_UNCERTAIN)
    return done is not None


def uncertain_because(session: Session, condition: Any, detail: str) -> None:
    """It stays uncertain, which was told already; now there is a sentence why."""
    session.execute(update(Delivery).where(condition).values(problem=_words(detail)))


def again(session: Session, condition: Any) -> bool:
    """It certainly did not go out: back to waiting."""
    values = {"state": DeliveryState.WAITING, "problem": "", "claimed_by": "", "lease_until": None}
    return _settle(session, condition, values) is not None


def _words(detail: str) -> str:
    """What the other side said, as PostgreSQL can hold it: an answer that breaks its own writing down would be lost."""
    return detail[:LONGEST_PROBLEM].replace("\0", "\N{REPLACEMENT CHARACTER}").encode("utf-8", "replace").decode()


# Not before it was sent: during the undo window nobody may see it.
_PUBLIC_REPLY = and_(
    Message.kind == MessageKind.REPLY, Message.visibility.in_((Visibility.PUBLIC, Visibility.UNLISTED))
)


def _settle(session: Session, condition: Any, values: dict[str, Any]) -> Any:
    columns = (
        Delivery.id,
        Delivery.ticket_id,
        Delivery.message_id,
        Delivery.account_id,
        Delivery.action,
        Delivery.payload,
    )
    return session.execute(update(Delivery).where(condition).values(values).returning(*columns)).one_or_none()


def _said(session: Session, done: Any, external_id: str) -> None:
    """From now on answers to this id are answers to this message, and the ticket was answered.

    A copy by mail tells nothing of the message itself, which stands elsewhere; answers to the copy are known by its delivery.
    """
    kind = session.execute(
        update(Message)
        .where(Message.id == done.message_id, func.coalesce(Message.account_id, done.account_id) == done.account_id)
        .values(
            external_id=case((Message.external_id == "", external_id), else_=Message.external_id),
            sent_at=func.clock_timestamp(),
            publication=case((_PUBLIC_REPLY, Publication.PUBLISHED.value), else_=Message.publication),
        )
        .returning(Message.kind)
    ).scalar_one_or_none()
    if kind is MessageKind.REPLY:
        session.execute(
            update(Ticket).where(Ticket.id == done.ticket_id).values(last_outbound_at=func.clock_timestamp())
        )


def _tell(session: Session, done: Any, type_: EventType) -> None:
    events.record(session, done.ticket_id, type_, message_id=done.message_id, delivery=done.id, action=done.action)


def state_of(session: Session, delivery_id: int) -> DeliveryState | None:
    """Where a delivery stands now."""
    return session.scalar(select(Delivery.state).where(Delivery.id == delivery_id))
