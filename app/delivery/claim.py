"""Claiming a delivery, beginning it, and giving up on claims whose holder fell silent.

    waiting ─claim─► claimed ─begin─► begun ─settle─► sent | failed | refused | uncertain
       ▲                │ lease over     │ lease over
       └────────────────┘                └──────► uncertain, never a blind second send

Every step is one conditional update by the database's clock, so a worker that was frozen past its lease finds it gone
*before* it sends. Deliveries of one ticket over one account go in order; those of another ticket never wait for them, and
neither does a copy by mail for a website that cannot be reached.
"""

import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Select, and_, case, exists, func, or_, select, update
from sqlalchemy.orm import Session, aliased

from app.models import Delivery, Message
from app.tickets.standing import OVER, SEND, TAKE_BACK
from app.vocabulary import DeliveryState, MessageKind

WAITS = (DeliveryState.WAITING, DeliveryState.FAILED)
HELD = (DeliveryState.CLAIMED, DeliveryState.BEGUN)
MOST_TRIES = 30
"""With waits that double to a quarter of an hour this is about six hours; then a person is asked."""

_earlier = aliased(Delivery)
_first_of_its_ticket = ~exists().where(
    _earlier.ticket_id == Delivery.ticket_id,
    _earlier.account_id == Delivery.account_id,
    _earlier.id < Delivery.id,
    _earlier.state.in_((*WAITS, *HELD)),
)


@dataclass(frozen=True, slots=True)
class Claim:
    """A delivery that is ours until the lease ends. `holder` names this very claim, not only the worker."""

    delivery_id: int
    ticket_id: int
    account_id: int
    action: str
    tries: int
    holder: str


def claim(session: Session, worker: str, lease_seconds: float) -> Claim | None:
    """Take the delivery that has been due longest, passing over those that somebody else is taking."""
    due = (
        select(Delivery.id)
        # The literal states are those of the partial index.
        .where(Delivery.state.in_(WAITS), Delivery.not_before <= func.clock_timestamp(), _first_of_its_ticket)
        .order_by(Delivery.not_before, Delivery.id)
        .limit(1)
        .with_for_update(skip_locked=True, of=Delivery)
    )
    taken = (
        update(Delivery)
        .where(Delivery.id == due.scalar_subquery())
        .values(
            state=DeliveryState.CLAIMED,
            claimed_by=f"{worker}:{secrets.token_hex(6)}",
            lease_until=func.clock_timestamp() + timedelta(seconds=lease_seconds),
            tries=Delivery.tries + 1,
        )
        .returning(
            Delivery.id, Delivery.ticket_id, Delivery.account_id, Delivery.action, Delivery.tries, Delivery.claimed_by
        )
    )
    row = session.execute(taken).one_or_none()
    return Claim(*row) if row is not None else None


def begin(session: Session, claim: Claim) -> bool:
    """Say, before the first byte leaves, that it may now have left. False when the lease is no longer ours."""
    begun = (
        update(Delivery)
        .where(
            Delivery.id == claim.delivery_id,
            Delivery.state == DeliveryState.CLAIMED,
            Delivery.claimed_by == claim.holder,
            Delivery.lease_until > func.clock_timestamp(),
        )
        .values(state=DeliveryState.BEGUN, begun_at=func.clock_timestamp())
        .returning(Delivery.id)
    )
    return session.execute(begun).one_or_none() is not None


def drop_taken_back(session: Session, claim: Claim) -> bool:
    """Cancel a copy by mail of an answer that was taken back, or is being, since this was put on its way; whether it was."""
    taking_back = aliased(Delivery)
    being = exists().where(
        taking_back.message_id == Message.id, taking_back.action == TAKE_BACK,
        taking_back.state.not_in((*OVER, DeliveryState.SENT)),
    )  # fmt: skip
    copied = exists().where(
        Message.id == Delivery.message_id, Message.kind == MessageKind.REPLY, Message.account_id != Delivery.account_id,
        or_(Message.withdrawn_at.is_not(None), being),
    )  # fmt: skip
    held = (Delivery.id == claim.delivery_id, Delivery.claimed_by == claim.holder, Delivery.action == SEND)
    dropped = update(Delivery).where(*held, Delivery.state == DeliveryState.CLAIMED, copied)
    cancelled = dropped.values(state=DeliveryState.CANCELLED, lease_until=None).returning(Delivery.id)
    return session.execute(cancelled).one_or_none() is not None


def ours(claim: Claim) -> Any:
    """The condition under which this claim may still settle: begun by it, even when it was called uncertain meanwhile."""
    return and_(
        Delivery.id == claim.delivery_id,
        Delivery.claimed_by == claim.holder,
        Delivery.state.in_((DeliveryState.BEGUN, DeliveryState.UNCERTAIN)),
    )


def give_back_silent(session: Session) -> list[tuple[int, int, bool]]:
    """Claims whose lease ended before they began go back to waiting; gives (delivery, ticket, whether it was given up).

    One that was claimed so often without ever beginning kills whoever prepares it: then a person is asked.
    """
    back = (
        update(Delivery)
        .where(Delivery.id.in_(_silent(DeliveryState.CLAIMED)))
        .values(**given_back(Delivery.tries), claimed_by="", lease_until=None)
        .returning(Delivery.id, Delivery.ticket_id, Delivery.state)
    )
    return [(row.id, row.ticket_id, row.state is DeliveryState.REFUSED) for row in session.execute(back)]


def given_back(tries: Any) -> dict[str, Any]:
    """Where what was claimed and never begun goes: back to waiting, or to a person after so many `tries`."""
    often = tries >= MOST_TRIES
    return {
        "state": case((often, DeliveryState.REFUSED.value), else_=DeliveryState.WAITING.value),
        "code": case((often, "gave_up"), else_=""),
    }


def doubt_silent(session: Session) -> list[tuple[int, int, str]]:
    """Deliveries begun whose lease ended become uncertain; gives (delivery, ticket, action)."""
    doubted = (
        update(Delivery)
        .where(Delivery.id.in_(_silent(DeliveryState.BEGUN)))
        .values(state=DeliveryState.UNCERTAIN, problem="worker_silent")
        .returning(Delivery.id, Delivery.ticket_id, Delivery.action)
    )
    return [(row.id, row.ticket_id, row.action) for row in session.execute(doubted)]


def _silent(state: DeliveryState) -> Select[int]:
    """Whose lease ended. One that a frozen worker holds in an open transaction is passed over, so that it stops nobody."""
    over = select(Delivery.id).where(Delivery.state == state, Delivery.lease_until < func.clock_timestamp())
    return over.with_for_update(skip_locked=True)


def next_due(session: Session) -> float | None:
    """Seconds until the next waiting delivery may be claimed; None when none waits. At least 0."""
    left = select(func.extract("epoch", func.min(Delivery.not_before) - func.clock_timestamp()))
    seconds = session.scalar(left.where(or_(*(Delivery.state == state for state in WAITS))))
    return None if seconds is None else max(0.0, float(seconds))
