"""Invitations: unguessable rights to vote once. Made in a batch, shown once, kept as digests."""

import hashlib

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from app.errors import Conflict, Fault, Invalid
from app.identity import audit
from app.identity.principal import Principal
from app.models import PollInvitation
from app.polls.make import may_run
from app.polls.poll import PollState, by_id
from app.unguessable import unguessable

MOST_AT_ONCE = 10_000
CLOSED = "The poll is closed: nobody can vote any more."
HOW_MANY = "Make 1 to 10,000 invitations at a time."


def make(session: Session, principal: Principal, poll_id: int, count: int) -> list[str]:
    """`count` new tokens, each of 131 random bits. Whoever loses them makes new ones; we cannot tell them again.

    Raises `Forbidden`, `NotFound`, `Conflict` once the poll is closed, `Invalid` for an impossible number.
    """
    may_run(principal)
    if by_id(session, poll_id, lock=True).state is PollState.CLOSED:
        raise Conflict("closed", CLOSED)
    if not 1 <= count <= MOST_AT_ONCE:
        raise Invalid("count", HOW_MANY, [Fault("count", "range", HOW_MANY)])
    tokens = [unguessable() for _ in range(count)]
    session.execute(insert(PollInvitation), [{"poll_id": poll_id, "digest": _digest(token)} for token in tokens])
    audit.record(session, "poll.invited", by=principal, on=("poll", poll_id), count=count)
    return tokens


def known(session: Session, poll_id: int, token: str) -> bool:
    """Whether this is an invitation to this poll."""
    found = select(PollInvitation.id).where(PollInvitation.poll_id == poll_id, PollInvitation.digest == _digest(token))
    return session.scalar(found) is not None


def count(session: Session, poll_id: int) -> int:
    """How many were made."""
    return session.scalar(select(func.count()).where(PollInvitation.poll_id == poll_id)) or 0


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode(errors="surrogatepass")).hexdigest()
