"""Something that our side said elsewhere: the echo of our own delivery, or a colleague's answer in the platform's app."""

from sqlalchemy import DateTime, bindparam, text
from sqlalchemy.orm import Session

from app.channels.contract import OwnPost
from app.delivery.reports import apply_echo
from app.intake import identity
from app.intake.conversation import by_external_id
from app.intake.means import InHand, Waits
from app.intake.outcome import Outcome
from app.tickets import create, events, versions
from app.tickets.create import NewMessage
from app.vocabulary import EventType, MessageKind, RawState

WHAT = "own_post"
PATIENCE = 600.0  # seconds: the comment that it answers may arrive after it

_KNOWN = text("SELECT id, ticket_id FROM message WHERE identity = :identity")
_ANSWERED = text("UPDATE ticket SET last_outbound_at = greatest(last_outbound_at, :at) WHERE id = :id").bindparams(
    bindparam("at", type_=DateTime(timezone=True))
)


def admit(session: Session, hand: InHand, post: OwnPost) -> Outcome:
    """The post in the ticket that it answers. Raises `Waits` and `Again`."""
    if (ticket_id := apply_echo(session, hand.account.id, post)) is not None:
        return Outcome(RawState.APPLIED, WHAT, "echo", ticket_id)
    name = identity.of_post(hand.account.id, post.external_id)
    known = session.execute(_KNOWN, {"identity": name}).one_or_none()
    if known is not None:
        return Outcome(RawState.DUPLICATE, WHAT, "known_already", known.ticket_id, known.id, arrived=True)
    found = by_external_id(session, hand.account.id, *([post.parent_id] if post.parent_id else []), *post.references)
    if found is None:
        return _without_ticket(hand, post)
    return _beside(session, hand, post, name, found[1])


def _without_ticket(hand: InHand, post: OwnPost) -> Outcome:
    answers = bool(post.parent_id or post.references)
    if answers and hand.item.age < PATIENCE:
        raise Waits("parent_missing")
    return Outcome(RawState.IGNORED, WHAT, "answers_nothing_of_ours" if answers else "publication")


def _beside(session: Session, hand: InHand, post: OwnPost, name: str, ticket_id: int) -> Outcome:
    message = NewMessage(
        kind=MessageKind.OWN_POST,
        account_id=hand.account.id,
        visibility=post.visibility,
        identity=name,
        external_id=post.external_id,
        parent_id=post.parent_id,
        author_name=post.author_name,
        text=post.text,
        sent_at=post.sent_at,
        received_at=hand.item.received_at,
    )
    message_id = create.insert_message(session, ticket_id, message)
    session.execute(_ANSWERED, {"id": ticket_id, "at": post.sent_at or hand.item.received_at})
    version = versions.bump(session, ticket_id)
    events.record(session, ticket_id, EventType.REPLIED, message_id=message_id, version=version, own_post=True)
    return Outcome(RawState.APPLIED, WHAT, "", ticket_id, message_id, arrived=True)
