"""What intake writes: tickets, messages, search words, and what wakes whom."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.errors import NotFound
from app.models import Agent, Message, TicketEvent
from app.storage.database import Database
from app.tickets.create import NewMessage, NewTicket, append, open_ticket
from app.vocabulary import EventType, Presence, Priority, TicketStatus
from tests.tickets.statements import statements_of
from tests.tickets.town import MONDAY, Town, build
from tests.until import until


def test_a_ticket_its_message_and_its_event_are_one_statement(town: Town) -> None:
    contact_id, address_id = town.citizen()
    message = NewMessage(**town.said(contact_id, address_id, "Hallo"))
    with statements_of(town.session) as statements:
        opened = open_ticket(town.session, NewTicket(account_id=town.mailbox, received_at=MONDAY), message)
    assert len(statements) == 1
    assert town.session.get_one(Message, opened.message_id).ticket_id == opened.ticket_id
    assert town.session.get_one(TicketEvent, opened.event_id).type is EventType.CREATED


def test_everything_that_was_given_stands_in_the_rows(town: Town) -> None:
    contact_id, address_id = town.citizen()
    ticket_id = town.ticket(
        citizen=(contact_id, address_id),
        priority=Priority.URGENT,
        message={
            "references": ["<a@x>", "<b@x>"],
            "folds": [[0, 2, "quote"]],
            "advice": {"spf": "fail"},
            "text": "Bomen",
        },
    )
    ticket = town.read(ticket_id)
    message = town.session.scalars(select(Message).where(Message.ticket_id == ticket_id)).one()
    assert (ticket.status, ticket.rank, ticket.version, ticket.token_round) == (TicketStatus.NEW, 0, 1, 1)
    assert ticket.last_inbound_at == ticket.due_at == ticket.received_at == MONDAY
    assert (ticket.passed_agents, ticket.fixed) == ([], [])
    assert message.references == ["<a@x>", "<b@x>"]
    assert message.folds == [[0, 2, "quote"]]
    assert message.advice == {"spf": "fail"}
    assert "'boom'" in message.terms


@pytest.mark.parametrize(
    "status", [TicketStatus.PENDING, TicketStatus.ON_HOLD, TicketStatus.SOLVED, TicketStatus.CLOSED]
)
def test_a_reaction_brings_back_a_ticket_that_waited_or_was_done(town: Town, status: TicketStatus) -> None:
    town.session.execute(update(Agent).values(presence=Presence.AVAILABLE))
    ticket_id = town.ticket(status=status, agent_id=town.ann.agent_id, solved_at=MONDAY, no_answer_needed=True)
    town.writes(ticket_id, received_at=MONDAY + timedelta(days=1))
    ticket = town.read(ticket_id)
    assert ticket.status is TicketStatus.OPEN
    assert ticket.reopened_at is not None
    assert ticket.solved_at is None
    assert not ticket.no_answer_needed
    assert ticket.agent_id == town.ann.agent_id
    assert ticket.decision_id == 1
    assert ticket.last_inbound_at == MONDAY + timedelta(days=1)


def test_a_ticket_that_comes_back_to_nobody_is_routed_again(town: Town) -> None:
    ticket_id = town.ticket(status=TicketStatus.SOLVED)
    town.writes(ticket_id)
    assert town.read(ticket_id).decision_id is None


def test_a_reaction_to_an_open_ticket_raises_its_version_and_nothing_else(town: Town) -> None:
    ticket_id = town.ticket(status=TicketStatus.OPEN)
    town.writes(ticket_id)
    ticket = town.read(ticket_id)
    assert (ticket.version, ticket.reopened_at, ticket.decision_id) == (2, None, 1)
    types = town.session.scalars(
        select(TicketEvent.type).where(TicketEvent.ticket_id == ticket_id).order_by(TicketEvent.id)
    ).all()
    assert types == [EventType.CREATED, EventType.REACTION_RECEIVED]


def test_mail_to_a_merged_ticket_goes_to_where_it_was_merged_into(town: Town) -> None:
    third = town.ticket()
    second = town.ticket(merged_into_id=third)
    first = town.ticket(merged_into_id=second)
    appended = append(town.session, first, NewMessage(**town.said(*town.citizen(), "Nog iets")))
    assert appended.ticket_id == third


def test_the_same_identity_twice_is_refused_by_the_index(town: Town) -> None:
    said = town.said(*town.citizen(), "Hallo")
    ticket_id = town.ticket(message=said)
    with pytest.raises(IntegrityError):
        append(town.session, ticket_id, NewMessage(**said))


def test_a_ticket_that_is_not_there_takes_no_message(town: Town) -> None:
    with pytest.raises(NotFound):
        append(town.session, 2**40, NewMessage(**town.said(*town.citizen(), "Hallo")))


def test_routing_and_the_desk_are_woken_at_commit_and_told_ids_only(database: Database) -> None:
    heard: list[tuple[str, str]] = []
    with database.engine.connect() as connection:
        connection.execute(text("LISTEN event"))
        connection.execute(text("LISTEN route"))
        connection.commit()
        with database.unit_of_work() as session:
            ticket_id = build(session).ticket()
        raw = connection.connection.driver_connection
        assert raw is not None

        def both() -> bool:
            heard.extend((note.channel, note.payload) for note in raw.notifies(timeout=0.1))
            return {channel for channel, _ in heard} == {"event", "route"}

        until(both, saying="both notifications")
    (payload,) = [payload for channel, payload in heard if channel == "event"]
    assert payload.endswith(f":{ticket_id}")


def test_a_very_long_text_is_stored_whole_and_searched_in_part(town: Town, session: Session) -> None:
    long = " ".join(f"woord{number}" for number in range(50_000)) + " " + "x" * 5_000
    ticket_id = town.ticket(message={"text": long})
    message = session.scalars(select(Message).where(Message.ticket_id == ticket_id)).one()
    assert message.text == long
    assert len(json.dumps(message.terms)) < 200_000
