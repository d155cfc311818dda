"""Writing down how sending ended: in a transaction of its own, after the fact, and only for the claim that sent.

Why a claim may settle what was called uncertain meanwhile: a worker that was slow, not dead, knows better than the one that
gave up on it.
"""

from datetime import timedelta
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app.accounts.health import LONGEST_REST, next_wait
from app.channels.contract import Refused, Sent, Unreachable
from app.delivery.claim import MOST_TRIES, WAITS, Claim, ours
from app.models import Delivery
from app.tickets import events
from app.tickets.gone_out import gone_out, taken_back
from app.tickets.standing import GONE
from app.vocabulary import DeliveryState, EventType

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
    gone_out(session, done, done.sent_at, receipt.external_id)
    _tell(session, done, EventType.DELIVERY_SENT)
    return True


def refused(session: Session, claim: Claim, error: Refused) -> None:
    """The other side will never take it: the agent sees why."""
    values = {
        "state": DeliveryState.REFUSED,
        "problem": words(error.detail),
        "code": words(error.code or ""),
        "lease_until": None,
    }
    done = _settle(session, ours(claim), values)
    if done is None:
        return
    if (error.gone or GONE in done.payload) and done.message_id is not None:
        taken_back(session, done.message_id)
    _tell(session, done, EventType.DELIVERY_REFUSED)


def unreachable(session: Session, claim: Claim, error: Unreachable, back_off: float) -> None:
    """Nothing happened over there: again later, and the account's other deliveries wait along when it is the account.

    What a correction took away is remembered: the last try may not know.
    """
    if error.gone:
        _remember_gone(session, ours(claim))
    if claim.tries >= MOST_TRIES:
        refused(session, claim, Refused(error.detail, code="gave_up"))
        return
    until = func.clock_timestamp() + timedelta(seconds=wait_of(error, claim.tries, back_off))
    values = {"state": DeliveryState.FAILED, "problem": words(error.detail), "not_before": until, "lease_until": None}
    done = _settle(session, ours(claim), values)
    if done is None:
        return
    _tell(session, done, EventType.DELIVERY_FAILED)
    if error.whole_account:
        waiting = (Delivery.account_id == claim.account_id, Delivery.state.in_(WAITS), Delivery.not_before < until)
        session.execute(update(Delivery).where(*waiting).values(not_before=until))


def wait_of(error: Unreachable, tries: int, back_off: float) -> float:
    """Seconds until the next try: what the other side asks for within reason, else twice as long each time."""
    if error.retry_after is not None:
        return min(error.retry_after, LONGEST_REST)
    return next_wait(back_off * 2 ** (tries - 1), back_off)


def uncertain(session: Session, condition: Any, detail: str, *, gone: bool = False) -> bool:
    """It may have gone out, and nobody can tell but a person. `gone` as `ChannelError` has it."""
    if gone:
        _remember_gone(session, condition)
    values = {"state": DeliveryState.UNCERTAIN, "problem": words(detail), "lease_until": None}
    done = _settle(session, condition, values)
    if done is not None:
        _tell(session, done, EventType.DELIVERY_UNCERTAIN)
    return done is not None


def uncertain_because(session: Session, condition: Any, detail: str) -> None:
    """It stays uncertain, which was told already; now there is a sentence why."""
    session.execute(update(Delivery).where(condition).values(problem=words(detail)))


def again(session: Session, condition: Any) -> bool:
    """It certainly did not go out: back to waiting."""
    values = {"state": DeliveryState.WAITING, "problem": "", "claimed_by": "", "lease_until": None}
    return _settle(session, condition, values) is not None


def words(detail: str) -> str:
    """What the other side said, as PostgreSQL can hold it: an answer that breaks its own writing down would be lost."""
    return detail[:LONGEST_PROBLEM].replace("\0", "\N{REPLACEMENT CHARACTER}").encode("utf-8", "replace").decode()


def _remember_gone(session: Session, condition: Any) -> None:
    remembered = Delivery.payload.op("||")(func.jsonb_build_object(GONE, True))
    session.execute(update(Delivery).where(condition).values(payload=remembered))


def _settle(session: Session, condition: Any, values: dict[str, Any]) -> Any:
    columns = (
        Delivery.id,
        Delivery.ticket_id,
        Delivery.message_id,
        Delivery.account_id,
        Delivery.action,
        Delivery.payload,
        Delivery.sent_at,
    )
    return session.execute(update(Delivery).where(condition).values(values).returning(*columns)).one_or_none()


def _tell(session: Session, done: Any, type_: EventType) -> None:
    events.record(session, done.ticket_id, type_, message_id=done.message_id, delivery=done.id, action=done.action)


def state_of(session: Session, delivery_id: int) -> DeliveryState | None:
    """Where a delivery stands now."""
    return session.scalar(select(Delivery.state).where(Delivery.id == delivery_id))
