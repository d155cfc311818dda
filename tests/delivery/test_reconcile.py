"""What became of a delivery whose worker fell silent, or whose peer did: looked for, and never sent again on a guess."""

import pytest

from app.channels.contract import Sent, Uncertain, Unreachable
from app.delivery.claim import MOST_TRIES, begin, claim
from app.delivery.deliver import deliver_waiting
from app.delivery.reconcile import recover
from app.vocabulary import DeliveryState
from tests.delivery.conftest import Office, Post


def _once(office: Office) -> None:
    deliver_waiting(office.database, office.accounts, office.keys, office.blobs, office.settings, "w")


@pytest.mark.parametrize(
    ("finds", "state"),
    [
        (Uncertain("weet niet"), DeliveryState.UNCERTAIN),
        (Sent("<gevonden@x>"), DeliveryState.SENT),
        (None, DeliveryState.FAILED),
        (Unreachable("weg"), DeliveryState.UNCERTAIN),
    ],
)
def test_in_doubt_the_channel_is_asked_first(
    office: Office, post: Post, finds: Sent | Exception | None, state: DeliveryState
) -> None:
    post.fails = [Uncertain("stil na de punt")]
    post.finds = finds  # type: ignore[assignment]
    delivery = office.answer()
    _once(office)
    assert office.state(delivery) is state
    assert post.asked == 1


def test_a_worker_that_falls_silent_before_it_began_is_relieved(office: Office, post: Post) -> None:
    delivery = office.answer()
    with office.database.unit_of_work() as session:
        assert claim(session, "stil", 60) is not None
    assert office.deliver() == 0
    office.pass_time(61)
    assert office.deliver() == 2
    assert office.state(delivery) is DeliveryState.SENT
    assert len(post.sent) == 1


def test_a_worker_that_falls_silent_after_it_began_leaves_doubt(office: Office, post: Post) -> None:
    delivery = office.answer()
    with office.database.unit_of_work() as session:
        taken = claim(session, "stil", 60)
        assert taken is not None
        assert begin(session, taken)
    office.pass_time(61)
    office.deliver()
    assert (office.state(delivery), post.asked) == (DeliveryState.UNCERTAIN, 1)
    assert post.sent == []
    assert office.events() == ["delivery_uncertain"]


def test_what_certainly_did_not_go_out_is_sent_again(office: Office, post: Post) -> None:
    post.finds = None
    office.answer()
    with office.database.unit_of_work() as session:
        taken = claim(session, "stil", 60)
        assert taken is not None
        begin(session, taken)
    office.pass_time(61)
    office.deliver()
    assert len(post.sent) == 1


@pytest.mark.parametrize("begun", [False, True])
def test_an_answer_that_kills_every_worker_is_given_to_a_person(office: Office, post: Post, begun: bool) -> None:
    post.finds = None  # it certainly did not go out
    delivery = office.answer()
    for _ in range(MOST_TRIES + 5):
        with office.database.unit_of_work() as session:
            taken = claim(session, "sterft", 60)
            if taken is not None and begun:
                begin(session, taken)
        office.pass_time(61)
        recover(office.database, office.accounts, office.keys, office.blobs, office.settings)
    row = office.row(delivery)
    assert (row.state, row.tries) == (DeliveryState.UNCERTAIN if begun else DeliveryState.REFUSED, MOST_TRIES)
    assert office.events()[-1] == ("delivery_uncertain" if begun else "delivery_refused")


def test_a_slow_worker_that_did_send_settles_what_was_doubted_meanwhile(office: Office, post: Post) -> None:
    delivery = office.answer()

    def meanwhile() -> None:
        post.before = lambda: None
        office.pass_time(61)
        _once(office)
        assert office.state(delivery) is DeliveryState.UNCERTAIN

    post.before = meanwhile
    office.deliver()
    assert office.state(delivery) is DeliveryState.SENT
    assert len(post.sent) == 1


def test_what_another_delivery_sent_is_not_taken_for_this_one(office: Office, post: Post) -> None:
    first = office.answer()
    office.deliver()
    post.fails, post.finds = [Uncertain("stil")], Sent(office.row(first).external_id)
    second = office.answer()
    office.deliver()
    assert office.state(second) is DeliveryState.UNCERTAIN
    assert office.row(second).problem.startswith("Another answer with the same words")
