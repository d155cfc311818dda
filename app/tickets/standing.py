"""An answer that went out and stands at the service, as far as we know: what can be corrected or taken back."""

from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import Conflict
from app.identity import mandates
from app.identity.principal import Principal
from app.models import Delivery, Message
from app.tickets import held
from app.tickets.held import Held
from app.vocabulary import DeliveryState, MessageKind, Visibility

SEND, PART, CORRECT, TAKE_BACK = "send", "part", "amend", "retract"
GONE = "gone"
"""In the payload of a correction that took away what stood there, and has not said it anew."""
OVER = (DeliveryState.REFUSED, DeliveryState.CANCELLED)


class Standing(NamedTuple):
    """`posts` are the ids that it stands under, the first one first."""

    ticket: Held
    message_id: int
    account_id: int
    text: str
    visibility: Visibility
    posts: list[str]


def find(session: Session, principal: Principal, message_id: int, *, able: bool) -> Standing:
    """The answer, for somebody with the mandate to answer; `able`: its channel implements `Amends`.

    Raises `Conflict` "no_way_back", "not_sent" and "taken_back".
    """
    columns = (
        Message.account_id,
        Message.kind,
        Message.withdrawn_at,
        Message.text,
        Message.visibility,
    )
    ticket_id = session.scalar(select(Message.ticket_id).where(Message.id == message_id))
    if ticket_id is None:
        raise mandates.unknown()
    ticket = held.to_read(session, principal, ticket_id)
    # Only now: whoever settles what is under way holds the ticket, and has written both when we get it.
    message = session.execute(select(*columns).where(Message.id == message_id)).one()
    mandates.must_answer(session, principal, ticket)
    if not able:
        raise Conflict("no_way_back", "This channel changes nothing that was sent. Send a second message instead.")
    posts = _posts(session, message_id, message.account_id) if message.kind is MessageKind.REPLY else []
    if not posts:
        raise Conflict("not_sent", "This is no answer that went out over a channel, so there is nothing to change.")
    if message.withdrawn_at is not None or under_way(session, message_id, TAKE_BACK):
        raise Conflict("taken_back", "It was taken back already, or is being taken back now. Look again.")
    return Standing(ticket, message_id, message.account_id, message.text, message.visibility, posts)


def under_way(session: Session, message_id: int, action: str, *, done: bool = False) -> bool:
    """Whether this is being done with the answer; with `done` also whether it was."""
    over = OVER if done else (*OVER, DeliveryState.SENT)
    tried = (Delivery.message_id == message_id, Delivery.action == action, Delivery.state.not_in(over))
    return session.scalar(select(Delivery.id).where(*tried).limit(1)) is not None


def _posts(session: Session, message_id: int, account_id: int | None) -> list[str]:
    went_out = (Delivery.state == DeliveryState.SENT, Delivery.external_id != "", Delivery.account_id == account_id)
    query = select(Delivery.action, Delivery.external_id).where(Delivery.message_id == message_id, *went_out)
    rows = session.execute(query.where(Delivery.action.in_((SEND, PART, CORRECT))).order_by(Delivery.id)).all()
    corrected = [row.external_id for row in rows if row.action == CORRECT]
    return corrected[-1:] or [row.external_id for row in rows]
