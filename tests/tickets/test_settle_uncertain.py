"""Deciding about what may have gone out: once, by who may answer, and what was sent is shown as sent."""

from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import func, select, update

from app.errors import Conflict, Forbidden
from app.models import Delivery, Message
from app.tickets import standing
from app.tickets.outbox import enqueue
from app.tickets.reply import Replied
from app.tickets.settle_uncertain import settle_uncertain
from app.vocabulary import DeliveryState, Publication, Visibility
from tests.tickets.test_reply import answer
from tests.tickets.town import Town


def doubt(town: Town, delivery_id: int) -> datetime:
    """Nobody can tell any more whether it went out; when it was begun."""
    values = {"state": DeliveryState.UNCERTAIN, "claimed_by": "w1", "begun_at": func.now()}
    doubtful = update(Delivery).where(Delivery.id == delivery_id).values(**values).returning(Delivery.begun_at)
    return town.session.scalars(doubtful).one()  # type: ignore[return-value]


def said(town: Town, **message: Any) -> Replied:
    """An answer to somebody, which arrived."""
    made = answer(town, town.ann, town.ticket(message=message), undo_seconds=0)
    gone = {"state": DeliveryState.SENT, "external_id": "post-1", "sent_at": func.now()}
    town.session.execute(update(Delivery).where(Delivery.id == made.delivery_id).values(**gone))
    return made


def test_an_uncertain_answer_is_settled_once_by_who_may_answer(town: Town) -> None:
    first, second = (answer(town, town.ann, town.ticket()) for _ in range(2))
    for made in (first, second):
        doubt(town, made.delivery_id)
    with pytest.raises(Forbidden):
        settle_uncertain(town.session, town.cas, first.delivery_id, "sent")
    settle_uncertain(town.session, town.ann, first.delivery_id, "sent")
    with pytest.raises(Conflict):
        settle_uncertain(town.session, town.bob, first.delivery_id, "again")
    key = town.session.get_one(Delivery, second.delivery_id).key
    settle_uncertain(town.session, town.ann, second.delivery_id, "again")
    town.session.expire_all()
    sent, again = (town.session.get_one(Delivery, made.delivery_id) for made in (first, second))
    assert (sent.state, sent.sent_at is not None) == (DeliveryState.SENT, True)
    assert (again.state, again.begun_at, again.claimed_by, again.key) == (DeliveryState.WAITING, None, "", key)
    assert town.session.get_one(Message, second.message_id).sent_at is None


def test_what_was_tried_to_the_end_gets_all_its_tries_again_when_a_person_says_so(town: Town) -> None:
    made = answer(town, town.ann, town.ticket(), undo_seconds=0)
    doubt(town, made.delivery_id)
    town.session.execute(update(Delivery).where(Delivery.id == made.delivery_id).values(tries=30))
    settle_uncertain(town.session, town.ann, made.delivery_id, "again")
    town.session.expire_all()
    assert town.session.get_one(Delivery, made.delivery_id).tries == 1


@pytest.mark.parametrize(
    ("seen_by", "publication"), [(Visibility.PUBLIC, Publication.PUBLISHED), (Visibility.PRIVATE, None)]
)
def test_an_answer_that_did_go_out_is_shown_to_citizens_from_the_moment_that_it_went(
    town: Town, seen_by: Visibility, publication: Publication | None
) -> None:
    made = answer(town, town.ann, town.ticket(message={"visibility": seen_by}), undo_seconds=0)
    begun = doubt(town, made.delivery_id)
    settle_uncertain(town.session, town.ann, made.delivery_id, "sent")
    town.session.expire_all()
    message = town.session.get_one(Message, made.message_id)
    assert (message.sent_at, message.publication) == (begun, publication)


def test_an_answer_that_was_taken_back_after_all_stands_there_no_longer(town: Town) -> None:
    made = said(town, visibility=Visibility.PUBLIC)
    back = enqueue(
        town.session, ticket_id=town.session.get_one(Message, made.message_id).ticket_id, message_id=made.message_id,
        account_id=town.mailbox, action=standing.TAKE_BACK, payload={"external_id": "post-1"},
    )  # fmt: skip
    doubt(town, back)
    settle_uncertain(town.session, town.ann, back, "sent")
    withdrawn = select(Message.withdrawn_at).where(Message.id == made.message_id)
    assert town.session.scalar(withdrawn) is not None


def test_a_correction_that_took_away_what_stood_there_is_looked_for_when_somebody_saw_it(town: Town) -> None:
    """Under which name it stands only the channel can tell; by the old one it could never be taken back."""
    made = said(town)
    correction = enqueue(
        town.session, ticket_id=town.session.get_one(Message, made.message_id).ticket_id, message_id=made.message_id,
        account_id=town.session.get_one(Delivery, made.delivery_id).account_id, action=standing.CORRECT,
        payload={"external_id": "post-1", "text": "Beter.", standing.GONE: True},
    )  # fmt: skip
    doubt(town, correction)
    settle_uncertain(town.session, town.ann, correction, "sent")
    town.session.expire_all()
    assert town.session.get_one(Delivery, correction).state == DeliveryState.WAITING
    assert town.session.get_one(Message, made.message_id).text != "Beter."
