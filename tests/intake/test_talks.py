"""Services without threads: what one number says to one account is one conversation."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from app.intake.admit import admit_waiting
from tests.intake.conftest import House
from tests.intake.notes import item

CITIZEN = "+31612345678"
NEIGHBOUR = "+31687654321"


def text(number: int, sender: str = CITIZEN, **given: Any) -> dict[str, Any]:
    by = {"kind": "phone", "address": sender, "verified": True}
    said = {"external_id": f"s{number}", "author": by, "text": f"Sms {number}", "conversation": True}
    return {"is": "reaction", **said, **given}


def typed(number: int, to: str = CITIZEN, **given: Any) -> dict[str, Any]:
    return {"is": "own_post", "external_id": f"o{number}", "text": f"Van ons {number}", "to": to, **given}


def tickets(house: House) -> int:
    return int(house.one("SELECT count(*) FROM ticket"))


def test_three_texts_before_our_first_answer_are_one_ticket(house: House) -> None:
    house.take(*(item(str(n), text(n)) for n in (1, 2, 3)))
    assert [state for state, _ in house.states()] == ["ticketed", "joined", "joined"]
    assert house.states()[1] == ("joined", "conversation")
    assert house.rows("SELECT text, advice FROM message ORDER BY id")[1] == ("Sms 2", {"joined_by": "conversation"})


def test_three_texts_taken_up_at_the_same_moment_are_one_ticket(house: House) -> None:
    house.take(item("0", text(0)))
    house.do("UPDATE ticket SET status = 'closed', closed_at = now() - interval '60 days'")
    house.journal(*(item(str(n), text(n)) for n in range(1, 13)))
    with ThreadPoolExecutor(4) as workers:
        list(workers.map(lambda _: admit_waiting(house.means, 3), range(8)))
    house.admit()
    assert tickets(house) == 2, "the old one and one new"
    assert house.one("SELECT count(*) FROM message") == 13


def test_another_number_and_another_account_are_other_conversations(house: House) -> None:
    house.take(item("1", text(1)), item("2", text(2, NEIGHBOUR)))
    house.take(item("3", text(3)), account_id=house.second_id)
    assert [state for state, _ in house.states()] == ["ticketed"] * 3


@pytest.mark.parametrize("status", ["open", "pending", "on_hold"])
def test_what_is_not_finished_goes_on_however_long_ago(house: House, status: str) -> None:
    house.take(item("1", text(1)))
    house.do(f"UPDATE ticket SET status = '{status}', received_at = now() - interval '200 days'")
    house.take(item("2", text(2)))
    assert tickets(house) == 1
    assert house.one("SELECT status FROM ticket") == "open"


@pytest.mark.parametrize("status", ["solved", "closed"])
def test_thanks_after_the_answer_stand_in_its_ticket_and_a_question_of_next_month_does_not(
    house: House, status: str
) -> None:
    house.take(item("1", text(1)))
    finish = f"UPDATE ticket SET status = '{status}', {status}_at = now() - CAST(:ago AS interval)"
    house.do(finish, ago="13 days")
    house.take(item("2", text(2)))
    assert house.states()[1] == ("joined", "conversation")
    house.do(finish, ago="15 days")
    house.take(item("3", text(3)))
    assert house.states()[2] == ("ticketed", "conversation_over")
    assert house.rows("SELECT state, reason FROM proposal") == [("open", "conversation_over")]
    house.take(item("4", text(4)))
    assert house.rows("SELECT ticket_id FROM message ORDER BY id")[2:] == [(2,), (2,)]


def test_of_two_tickets_the_one_in_which_something_was_said_last_goes_on(house: House) -> None:
    house.take(item("1", text(1)))
    house.do("UPDATE ticket SET status = 'closed', closed_at = now() - interval '60 days'")
    house.take(item("2", text(2)))
    house.do("UPDATE ticket SET status = 'open', closed_at = NULL")
    house.do(
        "INSERT INTO message (ticket_id, account_id, contact_id, address_id, kind, visibility, text)"
        " SELECT 1, account_id, contact_id, address_id, 'reply', 'private', 'Welke straat?' FROM message WHERE id = 1"
    )
    house.take(item("3", text(3)))
    assert house.one("SELECT ticket_id FROM message WHERE external_id = 's3'") == 1


def test_a_merged_ticket_s_conversation_goes_on_where_its_messages_are(house: House) -> None:
    house.take(item("1", text(1)), item("2", text(2, NEIGHBOUR)))
    house.do("UPDATE message SET ticket_id = 2 WHERE ticket_id = 1")
    house.do("UPDATE ticket SET merged_into_id = 2 WHERE id = 1")
    house.do("INSERT INTO ticket_participant SELECT 2, contact_id, address_id FROM message WHERE external_id = 's1'")
    house.take(item("3", text(3)))
    assert house.one("SELECT ticket_id FROM message WHERE external_id = 's3'") == 2


def test_a_colleagues_text_from_elsewhere_stands_in_the_conversation_as_our_answer(house: House) -> None:
    house.take(item("1", text(1)), item("2", typed(1)), item("3", typed(1)))
    assert house.states()[1:] == [("applied", ""), ("duplicate", "known_already")]
    assert house.rows("SELECT kind, text, contact_id FROM message ORDER BY id") == [
        ("reaction", "Sms 1", 1), ("own_post", "Van ons 1", 1),
    ]  # fmt: skip
    assert house.one("SELECT last_outbound_at IS NOT NULL FROM ticket")
    house.take(item("4", text(2)))
    assert tickets(house) == 1


def test_a_colleagues_text_to_somebody_who_never_wrote_waits_a_while_and_is_counted(house: House) -> None:
    house.take(item("1", text(1)), item("2", typed(1, NEIGHBOUR)))
    assert house.states()[1] == ("new", "parent_missing")
    house.do("UPDATE raw_item SET not_before = now(), received_at = now() - interval '11 minutes' WHERE state = 'new'")
    house.admit()
    assert house.states()[1] == ("ignored", "answers_nothing_of_ours")


def test_an_answer_of_before_the_question_is_no_answer_to_it(house: House) -> None:
    house.take(item("1", text(1)), item("2", typed(1, sent_at="2020-01-01T10:00:00+00:00")))
    assert house.states()[1] == ("new", "parent_missing")


def test_our_own_text_that_nobody_was_sure_of_is_its_own_echo(house: House) -> None:
    house.take(item("1", text(1)))
    house.do(
        "INSERT INTO message (ticket_id, account_id, contact_id, address_id, kind, visibility, text)"
        " SELECT ticket_id, account_id, contact_id, address_id, 'reply', 'private', 'Van ons 1' FROM message"
    )
    house.do(
        "INSERT INTO delivery (ticket_id, message_id, account_id, address_id, key, state, not_before, begun_at)"
        " SELECT ticket_id, id, account_id, address_id, 'k-1', 'uncertain', now(), now() FROM message WHERE kind = 'reply'"
    )
    house.take(item("2", typed(1)))
    assert house.states()[1] == ("applied", "echo")
    assert house.rows("SELECT state, external_id FROM delivery") == [("sent", "o1")]
    assert house.one("SELECT count(*) FROM message") == 2


def test_what_a_colleague_typed_and_did_not_arrive_is_marked_so_and_its_ticket_comes_back(house: House) -> None:
    house.take(item("1", text(1)), item("2", typed(1)))
    house.do("UPDATE ticket SET status = 'pending'")
    told = {"is": "report", "external_id": "o1", "outcome": "delivered"}
    house.take(item("3", told))
    assert house.one("SELECT count(*) FROM ticket_event WHERE type = 'bounced'") == 0
    failed = {**told, "outcome": "failed", "code": "30003"}
    house.take(item("4", failed), item("5", {**failed, "external_id": "o9"}))
    assert house.states()[2:] == [("applied", "delivered"), ("applied", "failed"), ("ignored", "unknown_delivery")]
    assert house.one("SELECT status FROM ticket") == "open"
    marked = "SELECT m.text, e.data->>'code' FROM ticket_event e JOIN message m ON m.id = e.message_id WHERE e.type = 'bounced'"
    assert house.rows(marked) == [("Van ons 1", "30003")]
