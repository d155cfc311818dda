"""Something that our side said elsewhere: the echo of our own delivery, or a colleague's answer in the platform's app.

An echo is known by the id that its delivery got, and can be read before that is written down. So what our side said waits
while a delivery of that account is under way, which ends with its lease; else a colleague's answer is there at once.
"""

from sqlalchemy import DateTime, bindparam, text
from sqlalchemy.orm import Session

from app.channels.contract import OwnPost
from app.delivery.reports import apply_echo, apply_words, under_way
from app.intake import identity, talks
from app.intake.conversation import by_external_id
from app.intake.means import InHand, Waits
from app.intake.outcome import Outcome
from app.intake.talks import Talk
from app.intake.thread import Joined, ReactionFacts, join
from app.tickets import create, events, versions
from app.tickets.create import NewMessage
from app.vocabulary import EventType, MessageKind, RawState

WHAT = "own_post"
UNDER_WAY = "delivery_under_way"
PATIENCE = 600.0  # seconds: the comment that it answers may arrive after it

_KNOWN = text("SELECT id, ticket_id FROM message WHERE identity = :identity")
_ANSWERED = text("UPDATE ticket SET last_outbound_at = greatest(last_outbound_at, :at) WHERE id = :id").bindparams(
    bindparam("at", type_=DateTime(timezone=True))
)


def admit(session: Session, hand: InHand, post: OwnPost) -> Outcome:
    """The post in the ticket that it answers. Raises `Waits` and `Again`."""
    unsure = under_way(session, hand.account.id, hand.item.received_at)
    if (ticket_id := apply_echo(session, hand.account.id, post)) is not None:
        return Outcome(RawState.APPLIED, WHAT, "echo", ticket_id)
    name = identity.of_post(hand.account.id, post.external_id)
    known = session.execute(_KNOWN, {"identity": name}).one_or_none()
    if known is not None:
        return Outcome(RawState.DUPLICATE, WHAT, "known_already", known.ticket_id, known.id, arrived=True)
    if unsure:
        raise Waits(UNDER_WAY)
    talk = _talk(session, hand, post)
    ticket_id = talk.candidate.ticket_id if talk is not None else _answered(session, hand, post)
    if ticket_id is None:
        return _without_ticket(hand, post)
    echo = apply_words(session, hand.account.id, ticket_id, post)
    if echo is None:
        raise Waits(UNDER_WAY)
    if echo:
        return Outcome(RawState.APPLIED, WHAT, "echo", ticket_id)
    return _beside(session, hand, post, name, ticket_id, talk)


def _answered(session: Session, hand: InHand, post: OwnPost) -> int | None:
    found = by_external_id(session, hand.account.id, *([post.parent_id] if post.parent_id else []), *post.references)
    return found[1] if found is not None else None


def _talk(session: Session, hand: InHand, post: OwnPost) -> Talk | None:
    """Without threads: the conversation in which a word of that person, at that moment, would have stood."""
    if post.to is None:
        return None
    talks.alone(session, hand.account.id, post.to)
    found = talks.find(session, hand.account.id, post.to, until=post.sent_at)
    verdict = join(ReactionFacts(verified=True), [talk.candidate for talk in found])
    ticket_id = verdict.ticket_id if isinstance(verdict, Joined) else None
    return next((talk for talk in found if talk.candidate.ticket_id == ticket_id), None)


def _without_ticket(hand: InHand, post: OwnPost) -> Outcome:
    answers = bool(post.parent_id or post.references or post.to)
    if answers and hand.item.age < PATIENCE:
        raise Waits("parent_missing")
    return Outcome(RawState.IGNORED, WHAT, "answers_nothing_of_ours" if answers else "publication")


def _beside(session: Session, hand: InHand, post: OwnPost, name: str, ticket_id: int, talk: Talk | None) -> Outcome:
    message = NewMessage(
        kind=MessageKind.OWN_POST,
        account_id=hand.account.id,
        visibility=post.visibility,
        identity=name,
        external_id=post.external_id,
        parent_id=post.parent_id,
        contact_id=talk.contact_id if talk is not None else None,
        address_id=talk.address_id if talk is not None else None,
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
