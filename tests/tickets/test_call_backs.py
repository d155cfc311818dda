"""The call-back list: promises, callers, calls that came to nothing, and what came of each."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app import clock
from app.channels.contract import DeliveryReport, Sent
from app.delivery import settle as outcome
from app.delivery.reports import apply_report
from app.errors import Conflict, Invalid, NotFound
from app.models import CallBack, ContactAddress, Delivery, Message, Ticket, TicketEvent
from app.storage.keys import Keys
from app.tickets import call_back_list, call_backs
from app.tickets.call import call
from app.tickets.call_back_list import Line
from app.tickets.enter import Way
from app.tickets.merge import merge
from app.tickets.note import note
from app.vocabulary import AddressKind, Confidentiality, DeliveryState, EventType, MessageKind, TicketStatus
from tests.tickets.test_enter import MOBILE, account, hand, written
from tests.tickets.town import Town

__all__ = ["hand"]


@pytest.fixture
def voice(session: Session, town: Town) -> int:
    return account(session, town, "phone.twilio_voice")


def waiting(town: Town) -> list[Line]:
    return call_back_list.waiting(town.session, town.ann)


def rang(town: Town, voice: int) -> int:
    """A ticket of somebody who rang, with a number."""
    citizen = town.citizen("Beller")
    ticket_id = town.ticket(citizen=citizen, account_id=voice)
    town.session.add(ContactAddress(contact_id=citizen[0], kind=AddressKind.PHONE, address=MOBILE))
    town.session.execute(update(Ticket).where(Ticket.id == ticket_id).values(team_id=town.streets))
    call_in = {"account_id": voice, "external_id": f"CA{ticket_id}"}
    town.session.execute(update(Message).where(Message.ticket_id == ticket_id).values(call_in))
    town.session.flush()
    return ticket_id


def called(town: Town, keys: Keys, ticket_id: int, code: str = "") -> int:
    """A call of ours through Twilio, which came to nothing with `code`."""
    session = town.session
    delivery_id = call(session, town.ann, ticket_id, through="020 123 4567", note="")
    session.execute(update(Delivery).where(Delivery.id == delivery_id).values(state=DeliveryState.BEGUN))
    outcome.sent(session, Delivery.id == delivery_id, Sent("CA1", sent_at=clock.now()))
    if code:
        voice = session.get_one(Delivery, delivery_id).account_id
        assert apply_report(session, keys, voice, DeliveryReport("CA1", "failed", code=code)) == ticket_id
    session.expire_all()
    return delivery_id


def happened(town: Town, ticket_id: int) -> list[tuple[EventType, object]]:
    query = (
        select(TicketEvent.type, TicketEvent.data).where(TicketEvent.ticket_id == ticket_id).order_by(TicketEvent.id)
    )
    return [
        (row.type, row.data.get("outcome") or row.data.get("call_back"))
        for row in town.session.execute(query)
        if row.type.value.startswith("call_back")
    ]


def test_an_appointment_stands_on_the_call_back_list_until_it_is_settled(town: Town, hand: int) -> None:
    later, sooner = clock.now() + timedelta(hours=3), clock.now() + timedelta(hours=1)
    second = written(town, hand, call_back_at=later, name="Inwoner Een")
    first = written(town, hand, call_back_at=sooner, call_back_note="na het eten")
    lines = call_back_list.waiting(town.session, town.bob)
    assert [line.id for line in lines] == [first.call_back_id, second.call_back_id]
    assert (lines[0].number, lines[0].note, lines[0].promised_by, lines[0].at) == (MOBILE, "na het eten", "Ann", sooner)
    assert (lines[0].tried, lines[0].tried_at, lines[0].rang) == ("", None, False)
    assert first.call_back_id is not None
    assert (
        call_backs.settle(town.session, town.bob, first.call_back_id, "reached", note="Uitgelegd.") == first.ticket_id
    )
    assert [line.id for line in call_back_list.waiting(town.session, town.bob)] == [second.call_back_id]
    row = town.session.get_one(CallBack, first.call_back_id)
    assert (row.outcome, row.done_by) == ("reached", town.bob.agent_id)
    notes = select(Message.text).where(Message.ticket_id == first.ticket_id, Message.kind == MessageKind.CALL_NOTE)
    assert town.session.scalars(notes).all() == ["Uitgelegd."]
    with pytest.raises(Conflict):
        call_backs.settle(town.session, town.ann, first.call_back_id, "reached")
    with pytest.raises(Invalid):
        call_backs.settle(town.session, town.ann, second.call_back_id or 0, "perhaps")


def test_every_change_is_an_event_and_a_new_version(town: Town, hand: int) -> None:
    made = written(town, hand, call_back_at=clock.now() + timedelta(hours=1))
    assert made.call_back_id is not None
    before = town.read(made.ticket_id).version
    call_backs.settle(town.session, town.ann, made.call_back_id, "voicemail", again=clock.now() + timedelta(hours=4))
    town.session.expire_all()
    assert town.read(made.ticket_id).version > before
    first, second = town.session.scalars(select(CallBack.id).order_by(CallBack.id)).all()
    assert happened(town, made.ticket_id) == [
        (EventType.CALL_BACK_PROMISED, first),
        (EventType.CALL_BACK_SETTLED, "voicemail"),
        (EventType.CALL_BACK_PROMISED, second),
    ]


@pytest.mark.parametrize(("said", "again"), [("voicemail", 1), ("not_reached", 1), ("reached", 0), ("dropped", 0)])
def test_only_who_was_not_reached_is_tried_again(town: Town, hand: int, said: str, again: int) -> None:
    made = written(town, hand, call_back_at=clock.now() + timedelta(hours=1), call_back_note="na vieren")
    assert made.call_back_id is not None
    at = clock.now() + timedelta(days=1)
    call_backs.settle(town.session, town.ann, made.call_back_id, said, again=at)
    assert [(line.at, line.note, line.number) for line in waiting(town)] == [(at, "na vieren", MOBILE)] * again


def test_what_came_of_a_call_is_told_where_the_conversation_went_on_and_the_number_stays(town: Town, hand: int) -> None:
    made = written(town, hand, call_back_at=clock.now() + timedelta(hours=1))
    assert made.call_back_id is not None
    town.session.get_one(Ticket, made.ticket_id).team_id = town.streets
    target = town.ticket()
    merge(town.session, town.ann, made.ticket_id, target)
    again = clock.now() + timedelta(hours=4)
    call_backs.settle(town.session, town.ann, made.call_back_id, "voicemail", note="Ingesproken.", again=again)
    assert [(line.at, line.number, line.ticket_id) for line in waiting(town)] == [(again, MOBILE, made.ticket_id)]
    noted = select(Message.ticket_id).where(Message.kind == MessageKind.CALL_NOTE, Message.text == "Ingesproken.")
    assert town.session.scalars(noted).all() == [target]


def test_the_number_that_stands_on_the_list_is_called(town: Town, voice: int, hand: int) -> None:
    made = written(town, hand, call_back_at=clock.now() + timedelta(hours=1))
    town.session.get_one(Ticket, made.ticket_id).team_id = town.streets
    newer = ContactAddress(contact_id=made.contact_id, kind=AddressKind.PHONE, address="+31201234567")
    town.session.add(newer)
    town.session.flush()

    def rung() -> int | None:
        delivery_id = call(town.session, town.ann, made.ticket_id, through="020 765 4321", note="")
        return town.session.get_one(Delivery, delivery_id).address_id

    promised = town.session.get_one(CallBack, made.call_back_id).address_id
    assert rung() == promised != newer.id
    call_backs.settle(town.session, town.ann, made.call_back_id or 0, "not_reached")
    assert rung() == newer.id


def test_who_wants_to_be_called_at_anothers_number_is(town: Town, voice: int, hand: int) -> None:
    written(town, hand, name="Buurvrouw")
    at = clock.now() + timedelta(hours=1)
    made = written(town, hand, way=Way.LETTER, email="inwoner@voorbeeld.example", name="Inwoner", call_back_at=at)
    known = written(town, hand, way=Way.LETTER, email="inwoner@voorbeeld.example", name="Inwoner", call_back_at=at)
    assert [line.number for line in waiting(town)] == [MOBILE, MOBILE]
    assert {made.call_back_id, known.call_back_id} == {line.id for line in waiting(town)}


def test_an_appointment_on_a_secret_ticket_is_for_those_who_may_see_it(town: Town) -> None:
    secret = town.ticket(confidentiality=Confidentiality.STRICT)
    made = call_backs.promise_on(town.session, town.lead, secret, at=clock.now() + timedelta(hours=1))
    assert [line.id for line in call_back_list.waiting(town.session, town.lead)] == [made]
    assert call_back_list.waiting(town.session, town.cas) == []
    with pytest.raises(NotFound):
        call_backs.settle(town.session, town.cas, made, "reached")
    with pytest.raises(NotFound):
        call_backs.settle_caller(town.session, town.cas, secret, "reached")


def test_whoever_rang_is_on_the_list_until_a_call_went_through(town: Town, voice: int, keys: Keys) -> None:
    ticket_id = rang(town, voice)
    [line] = waiting(town)
    assert (line.id, line.ticket_id, line.number, line.rang, line.tried) == (None, ticket_id, MOBILE, True, "")
    called(town, keys, ticket_id)
    assert waiting(town) == []


@pytest.mark.parametrize("code", ["citizen_no_answer", "citizen_machine", "employee_no_answer", "21214"])
def test_a_caller_whom_a_call_did_not_reach_stays_on_the_list_with_what_happened(
    town: Town, voice: int, keys: Keys, code: str
) -> None:
    ticket_id = rang(town, voice)
    called(town, keys, ticket_id, code)
    [line] = waiting(town)
    assert (line.ticket_id, line.rang, line.tried) == (ticket_id, True, code)
    assert line.tried_at is not None
    assert line.next_at > clock.now()


def test_a_call_that_is_under_way_is_told_on_the_line_of_its_appointment(town: Town, voice: int, hand: int) -> None:
    made = written(town, hand, call_back_at=clock.now() + timedelta(hours=1))
    town.session.get_one(Ticket, made.ticket_id).team_id = town.streets
    town.session.flush()
    call(town.session, town.ann, made.ticket_id, through="020 123 4567", note="")
    assert [(line.id, line.tried) for line in waiting(town)] == [(made.call_back_id, "under_way")]


def test_who_rings_again_after_being_called_is_on_the_list_again(town: Town, voice: int, keys: Keys) -> None:
    ticket_id = rang(town, voice)
    called(town, keys, ticket_id)
    assert waiting(town) == []
    again: dict[str, Any] = {
        "account_id": voice,
        "external_id": "CA-again",
        "received_at": clock.now() + timedelta(minutes=1),
    }
    town.writes(ticket_id, **again)
    assert [line.ticket_id for line in waiting(town)] == [ticket_id]


@pytest.mark.parametrize("said", ["reached", "not_reached", "dropped"])
def test_what_came_of_calling_a_caller_from_ones_own_telephone_takes_them_off(
    town: Town, voice: int, said: str
) -> None:
    ticket_id = rang(town, voice)
    call_backs.settle_caller(town.session, town.ann, ticket_id, said, note="Gesproken.")
    assert waiting(town) == []
    assert happened(town, ticket_id) == [(EventType.CALL_BACK_SETTLED, said)]


def test_a_caller_who_was_not_reached_gets_a_next_try(town: Town, voice: int) -> None:
    ticket_id = rang(town, voice)
    at = clock.now() + timedelta(hours=5)
    call_backs.settle_caller(town.session, town.ann, ticket_id, "voicemail", again=at)
    [line] = waiting(town)
    assert (line.at, line.number, line.promised_by) == (at, MOBILE, "Ann")


def test_a_call_to_somebody_who_wrote_stands_on_the_list_when_it_came_to_nothing(
    town: Town, voice: int, hand: int, keys: Keys
) -> None:
    made = written(town, hand)
    town.session.get_one(Ticket, made.ticket_id).team_id = town.streets
    town.session.flush()
    assert waiting(town) == []
    called(town, keys, made.ticket_id, "citizen_busy")
    [line] = waiting(town)
    assert (line.id, line.rang, line.tried, line.at) == (None, False, "citizen_busy", line.tried_at)
    note(town.session, town.ann, made.ticket_id, text="Zelf gebeld.", kind=MessageKind.CALL_NOTE)
    assert waiting(town) == []


def test_who_rings_back_after_a_missed_call_is_on_the_list_wherever_the_ticket_came_in(
    town: Town, voice: int, keys: Keys
) -> None:
    citizen = town.citizen("Mailer")
    ticket_id = town.ticket(citizen=citizen)
    assert waiting(town) == []
    ring: dict[str, Any] = {
        "account_id": voice,
        "external_id": "CA-back",
        "received_at": clock.now() + timedelta(minutes=1),
    }
    town.writes(ticket_id, **ring)
    [line] = waiting(town)
    assert (line.ticket_id, line.rang) == (ticket_id, True)


def test_of_two_calls_that_came_to_nothing_the_last_counts_and_one_that_went_through_ends_it(
    town: Town, voice: int, hand: int, keys: Keys
) -> None:
    made = written(town, hand)
    town.session.get_one(Ticket, made.ticket_id).team_id = town.streets
    town.session.flush()
    called(town, keys, made.ticket_id, "citizen_busy")
    town.session.execute(update(Delivery).values(external_id="CA0"))
    called(town, keys, made.ticket_id, "citizen_machine")
    assert [line.tried for line in waiting(town)] == ["citizen_machine"]
    town.session.execute(update(Delivery).values(external_id="CA0"))
    called(town, keys, made.ticket_id)
    assert waiting(town) == []


def test_what_is_solved_is_not_called_for_any_more(town: Town, voice: int, keys: Keys) -> None:
    ticket_id = rang(town, voice)
    called(town, keys, ticket_id, "citizen_busy")
    town.session.execute(update(Ticket).where(Ticket.id == ticket_id).values(status=TicketStatus.SOLVED))
    assert waiting(town) == []
