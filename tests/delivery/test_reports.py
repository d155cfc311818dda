"""Bounces and echoes of what we sent."""

from functools import partial

import pytest
from sqlalchemy import insert, select, text

from app.channels.contract import DeliveryReport, OwnPost, Uncertain, Unreachable
from app.delivery.reports import apply_echo, apply_report
from app.models import Contact, ContactAddress, Ticket
from app.tickets.tokens import reply_token
from app.vocabulary import AddressKind, DeliveryState, TicketStatus
from tests.delivery.conftest import Office, Post


def report(office: Office, found: DeliveryReport) -> int | None:
    with office.database.unit_of_work() as session:
        return apply_report(session, office.keys, office.account_id, found)


def test_a_bounce_brings_the_ticket_back_and_marks_the_address(office: Office) -> None:
    delivery = office.answer()
    office.deliver()
    with office.database.unit_of_work() as session:
        session.execute(text("UPDATE ticket SET status = 'pending'"))
    row = office.row(delivery)
    bounce = DeliveryReport(row.external_id, "failed", "Een@bewoner.example", "5.1.1", "Geen zo'n postbus")
    assert report(office, bounce) == row.ticket_id
    after = office.row(delivery)
    assert (after.state, after.problem, after.code) == (DeliveryState.REFUSED, "Geen zo'n postbus", "5.1.1")
    with office.database.read_only() as session:
        found = session.execute(select(Ticket.status, Ticket.decision_id, Ticket.agent_id)).one()
        assert found == (TicketStatus.OPEN, None, None), "nobody owns it: the engine looks for somebody"
        assert session.scalar(select(ContactAddress.bounced_at)) is not None
    assert office.events() == ["delivery_sent", "bounced"]


def test_a_bounce_that_only_has_our_envelope_token_finds_its_message(office: Office) -> None:
    row = office.row(office.answer())
    office.deliver()
    token = reply_token(office.keys, row.ticket_id, office.contact_id, 1)
    assert report(office, DeliveryReport("", "failed", tokens=(token,))) == row.ticket_id


@pytest.mark.parametrize(
    "token", ["r-1-1-aaaaaaaaaaaaaaaaaaaaaaaaaa", "geen token", "r-99-1-aaaaaaaaaaaaaaaaaaaaaaaaaa"]
)
def test_a_forged_bounce_finds_nothing(office: Office, token: str) -> None:
    delivery = office.answer()
    office.deliver()
    assert report(office, DeliveryReport("<vreemd@x>", "failed", tokens=(token,))) is None
    assert office.state(delivery) is DeliveryState.SENT


def other_address(office: Office) -> str:
    with office.database.unit_of_work() as session:
        contact = session.scalars(insert(Contact).values(name="Bas").returning(Contact.id)).one()
        row = {"contact_id": contact, "kind": AddressKind.EMAIL, "address": "bas@bewoner.example"}
        session.execute(insert(ContactAddress).values(row))
    return "bas@bewoner.example"


def bounced(office: Office) -> list[str]:
    with office.database.read_only() as session:
        return list(session.scalars(select(ContactAddress.address).where(ContactAddress.bounced_at.is_not(None))))


def test_a_bounce_that_names_somebody_else_marks_nobody(office: Office) -> None:
    """Whoever got a message of ours knows its id, and can write a bounce in which another citizen's address stands."""
    row = office.row(office.answer())
    office.deliver()
    report(office, DeliveryReport(f"<{row.key}@voorbeeldstad.example>", "failed", other_address(office)))
    assert bounced(office) == []


def test_a_copy_that_came_back_leaves_the_answer_sent(office: Office) -> None:
    delivery = office.answer(recipients=[other_address(office)])
    office.deliver()
    row = office.row(delivery)
    report(office, DeliveryReport(f"<{row.key}@voorbeeldstad.example>", "failed", "Bas@bewoner.example"))
    assert (office.state(delivery), bounced(office)) == (DeliveryState.SENT, ["bas@bewoner.example"])
    assert office.events()[-1] == "bounced"


def test_a_bounce_with_a_token_is_about_a_message_to_whom_the_token_was_given(office: Office) -> None:
    row = office.row(office.answer())
    office.deliver()
    stranger = reply_token(office.keys, row.ticket_id, office.contact_id + 1, 1)
    assert report(office, DeliveryReport("", "failed", tokens=(stranger,))) is None


def test_a_delay_is_noted_and_changes_nothing(office: Office) -> None:
    delivery = office.answer()
    office.deliver()
    report(office, DeliveryReport(office.row(delivery).external_id, "delayed"))
    assert office.state(delivery) is DeliveryState.SENT
    assert office.events()[-1] == "bounced"


def test_an_echo_settles_what_was_uncertain(office: Office, post: Post) -> None:
    post.fails = [Uncertain("stil")]
    delivery = office.answer()
    office.deliver()
    assert office.state(delivery) is DeliveryState.UNCERTAIN
    key = office.row(delivery).key
    with office.database.unit_of_work() as session:
        assert apply_echo(session, office.account_id, OwnPost(f"<{key}@voorbeeldstad.example>", "x")) is not None
    assert office.state(delivery) is DeliveryState.SENT


def test_an_echo_of_what_is_settled_changes_nothing_and_a_strangers_is_not_ours(office: Office) -> None:
    delivery = office.answer()
    office.deliver()
    before = office.events()
    with office.database.unit_of_work() as session:
        assert apply_echo(session, office.account_id, OwnPost(office.row(delivery).external_id, "x")) is not None
        assert apply_echo(session, office.account_id, OwnPost("<iemand@anders>", "x")) is None
    assert office.events() == before


@pytest.mark.parametrize(("outcome", "state"), [("delivered", DeliveryState.SENT), ("failed", DeliveryState.REFUSED)])
def test_a_report_that_overtakes_our_own_settling_leaves_the_id_by_which_the_answer_is_read_back(
    office: Office, post: Post, outcome: str, state: DeliveryState
) -> None:
    delivery = office.answer()
    key = office.row(delivery).key
    post.before = partial(report, office, DeliveryReport("SM1", outcome, key=key))
    office.deliver()
    assert (office.state(delivery), office.row(delivery).external_id) == (state, "SM1")
    with office.database.unit_of_work() as session:
        assert apply_echo(session, office.account_id, OwnPost("SM1", "Wij komen eraan.")) is not None


def test_what_comes_back_to_us_before_it_is_sent_again_is_not_sent_again(office: Office, post: Post) -> None:
    post.fails = [Unreachable("weg")]
    delivery = office.answer()
    office.deliver()
    key = office.row(delivery).key
    with office.database.unit_of_work() as session:
        apply_echo(session, office.account_id, OwnPost(f"<{key}@voorbeeldstad.example>", "x"))
    office.pass_time()
    office.deliver()
    assert (office.state(delivery), post.sent) == (DeliveryState.SENT, [])
