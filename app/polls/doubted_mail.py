"""Invitations of which nobody can tell whether their mail went out: where they are, and what somebody who looked says."""

from collections.abc import Sequence
from typing import Any, Literal

from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session

from app.delivery import mailing
from app.errors import Conflict
from app.identity import audit
from app.identity.principal import Principal
from app.models import Mailing, Poll
from app.models.mailing import DOUBTED
from app.polls.invite import CLOSED
from app.polls.make import may_run
from app.polls.poll import OPEN, PollState, by_id
from app.storage.queue import wake
from app.vocabulary import DeliveryState

Choice = Literal["sent", "again"]
SETTLED = "This is not uncertain any more: a colleague decided, or the other side answered."
SHOWN = 50
_IN_DOUBT = text(DOUBTED)
_OF_OPEN = select(Mailing.id).join(Poll, Poll.id == Mailing.poll_id).where(_IN_DOUBT, OPEN)
HOW_MANY = select(func.count()).select_from(_OF_OPEN.subquery()).scalar_subquery()
"""How many there are. Once a poll is closed nobody can vote by them, so nothing is left to decide."""
_POLLS = (
    select(Poll.id, Poll.title_nl, Poll.title_en, func.count().label("doubted"))
    .join(Mailing, Mailing.poll_id == Poll.id)
    .where(_IN_DOUBT, OPEN)
    .group_by(Poll.id)
    .order_by(Poll.id.desc())
    .limit(SHOWN)
)


def polls(session: Session) -> Sequence[Any]:
    """(id, title_nl, title_en, doubted): the open polls that have some, newest first."""
    return session.execute(_POLLS).all()


def settle(session: Session, principal: Principal, poll_id: int, choice: Choice, mailing_id: int | None = None) -> int:
    """`sent`: it did go out, leave it. `again`: it did not, send it with the same link. Without `mailing_id` all of the poll.

    Gives how many. Raises `Forbidden`, `NotFound`, and `Conflict`: "settled" where nothing is in doubt any more, "closed" where
    nobody could vote by a link that is sent again.
    """
    may_run(principal)
    if by_id(session, poll_id, lock=True).state is PollState.CLOSED and choice == "again":
        raise Conflict("closed", CLOSED)
    asked = select(Mailing.id).where(Mailing.poll_id == poll_id, _IN_DOUBT).with_for_update()
    mails = session.scalars(asked if mailing_id is None else asked.where(Mailing.id == mailing_id)).all()
    if not mails:
        raise Conflict("settled", SETTLED)
    if choice == "again":
        repeat(session, mails)
    else:
        gone = {"state": DeliveryState.SENT, "sealed": b"", "problem": "", "code": "", "sent_at": func.now()}
        session.execute(update(Mailing).where(Mailing.id.in_(mails)).values(gone))
    audit.record(session, "poll.mail_settled", by=principal, on=("poll", poll_id), count=len(mails), choice=choice)
    return len(mails)


def repeat(session: Session, mails: Sequence[int]) -> None:
    """The same mail with the same link: should the first have arrived after all, it is still one vote."""
    values = {"state": DeliveryState.WAITING, "problem": "", "code": "", "tries": 0, "not_before": func.now()}
    if mails:
        session.execute(update(Mailing).where(Mailing.id.in_(mails)).values(values))
        wake(session, mailing.TOPIC)
