"""Events: in order, complete for a reader that goes by number, and told at commit."""

from sqlalchemy import text

from app.storage.database import Database
from app.tickets import events
from app.vocabulary import Confidentiality, EventType
from tests.tickets.town import Town, build


def test_a_reader_that_goes_by_number_misses_no_late_commit(database: Database) -> None:
    with database.unit_of_work() as session:
        town = build(session)
        ticket_id = town.ticket()
    with database.read_only() as session:
        start = events.after(session, town.ann, 0)[-1].id
    with database.unit_of_work() as slow:
        first = events.record(slow, ticket_id, EventType.NOTED)
        with database.unit_of_work() as quick:
            second = events.record(quick, ticket_id, EventType.TAGGED, tag="lamp")
        with database.read_only() as session:
            assert events.after(session, town.ann, start) == []
            assert [event.id for event in events.named(session, town.ann, [second])] == [second]
    with database.read_only() as session:
        assert [event.id for event in events.after(session, town.ann, start)] == [first, second]
        assert [event.id for event in events.after(session, town.ann, start, limit=1)] == [first]


def test_an_event_with_a_lower_number_in_a_younger_transaction_is_not_passed_over(database: Database) -> None:
    with database.unit_of_work() as session:
        town = build(session)
        ticket_id = town.ticket()
    with database.read_only() as session:
        start = events.after(session, town.ann, 0)[-1].id
    with database.unit_of_work() as younger:
        with database.unit_of_work() as older:
            older.execute(text("SELECT pg_current_xact_id()"))
            first = events.record(younger, ticket_id, EventType.NOTED)
            second = events.record(older, ticket_id, EventType.TAGGED, tag="lamp")
        with database.read_only() as session:
            assert [event.id for event in events.after(session, town.ann, start)] == [second]
    with database.read_only() as session:
        assert [event.id for event in events.after(session, town.ann, second)] == [first]
        assert [event.id for event in events.after(session, town.ann, start)] == [second, first]


def test_an_event_says_who_what_and_to_which_message(town: Town) -> None:
    ticket_id = town.ticket()
    message_id = town.writes(ticket_id)
    event_id = events.record(
        town.session, ticket_id, EventType.NOTED, agent_id=town.ann.agent_id, message_id=message_id, version=9
    )
    (event,) = events.named(town.session, town.ann, [event_id])
    assert (event.ticket_id, event.type, event.message_id) == (ticket_id, EventType.NOTED, message_id)
    assert (event.agent_id, event.data) == (town.ann.agent_id, {"version": 9})


def test_events_of_tickets_that_the_asker_may_not_see_are_left_out(town: Town) -> None:
    ticket_id = town.ticket(confidentiality=Confidentiality.STRICT)
    event_id = events.record(town.session, ticket_id, EventType.NOTED)
    assert events.named(town.session, town.ann, [event_id]) == []
    assert len(events.named(town.session, town.lead, [event_id])) == 1
