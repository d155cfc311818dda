"""A refused answer asks for attention until somebody saw it, or answered otherwise."""

import pytest
from sqlalchemy import update

from app.errors import Conflict, Forbidden
from app.models import Delivery
from app.tickets import lists
from app.tickets.acknowledge import acknowledge
from app.tickets.cancel_reply import cancel_reply
from app.vocabulary import DeliveryState
from tests.tickets.test_reply import answer
from tests.tickets.town import Town


def refused(town: Town, ticket_id: int) -> int:
    """An answer that the other side refused."""
    made = answer(town, town.ann, ticket_id, undo_seconds=0)
    no = {"state": DeliveryState.REFUSED, "problem": "No such user.", "code": "550"}
    town.session.execute(update(Delivery).where(Delivery.id == made.delivery_id).values(no))
    return made.delivery_id


def to_decide(town: Town) -> int:
    return lists.counts(town.session, town.ann).uncertain


def test_a_refusal_waits_until_who_may_answer_has_seen_it_and_stays_refused(town: Town) -> None:
    delivery = refused(town, town.ticket())
    assert to_decide(town) == 1
    with pytest.raises(Forbidden):
        acknowledge(town.session, town.cas, delivery)
    acknowledge(town.session, town.ann, delivery)
    with pytest.raises(Conflict, match="colleague"):
        acknowledge(town.session, town.bob, delivery)
    town.session.expire_all()
    assert (to_decide(town), town.session.get_one(Delivery, delivery).state) == (0, DeliveryState.REFUSED)


def test_a_new_answer_settles_the_refused_ones_of_its_own_ticket(town: Town) -> None:
    here, elsewhere = town.ticket(), town.ticket()
    refused(town, here)
    refused(town, elsewhere)
    answer(town, town.ann, here, "Wij bellen u.")
    assert to_decide(town) == 1


def test_a_new_answer_that_is_called_back_settles_nothing_after_all(town: Town) -> None:
    ticket = town.ticket()
    refused(town, ticket)
    new = answer(town, town.ann, ticket, "Wij bellen u.", undo_seconds=60)
    assert to_decide(town) == 0
    cancel_reply(town.session, town.ann, new.delivery_id)
    assert to_decide(town) == 1
    again = answer(town, town.ann, ticket, "Wij bellen u.", undo_seconds=60)
    answer(town, town.ann, ticket, "Of morgen.", undo_seconds=60)
    cancel_reply(town.session, town.ann, again.delivery_id)
    assert to_decide(town) == 0, "there is another answer"


def test_what_is_only_uncertain_cannot_be_called_seen(town: Town) -> None:
    delivery = refused(town, town.ticket())
    doubt = update(Delivery).where(Delivery.id == delivery).values(state=DeliveryState.UNCERTAIN)
    town.session.execute(doubt)
    with pytest.raises(Conflict):
        acknowledge(town.session, town.ann, delivery)
    assert to_decide(town) == 1
