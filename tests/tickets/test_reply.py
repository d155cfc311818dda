"""Answering: the send guard, the draft that survives, whom it goes to, what may not be sent, calling it back."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update

from app.channels.contract import Audience, Limits
from app.errors import Conflict, DomainError, Forbidden, NotFound
from app.identity.principal import SYSTEM, Principal
from app.models import Attachment, Delivery, Draft, Message, TicketEvent
from app.storage.database import Database
from app.tickets import drafts, read
from app.tickets.cancel_reply import cancel_reply
from app.tickets.note import note
from app.tickets.release_draft import release_draft
from app.tickets.reply import Replied, reply
from app.tickets.take import take
from app.vocabulary import (
    AttachmentState,
    DeliveryState,
    EventType,
    MandateLevel,
    MessageKind,
    TicketStatus,
    Visibility,
)
from tests.tickets.together import together
from tests.tickets.town import MAIL, Town, build


def answer(town: Town, who: Principal, ticket_id: int, text: str = "Wij komen kijken.", **options: Any) -> Replied:
    """An answer by somebody who has just looked at the ticket, unless `options` say otherwise."""
    seen = options.pop("seen_message_id", None)
    if seen is None:
        seen = read.ticket(town.session, who, ticket_id).seen_message_id
    options = {"limits": MAIL, "undo_seconds": 10, **options}
    return reply(town.session, who, ticket_id, text=text, seen_message_id=seen, **options)


def refused(town: Town, who: Principal, ticket_id: int, text: str = "Wij komen kijken.", **options: Any) -> DomainError:
    with pytest.raises(DomainError) as caught:
        answer(town, who, ticket_id, text, **options)
    return caught.value


def codes(error: DomainError) -> set[str]:
    return {fault.code for fault in error.faults}


def test_an_answer_is_a_message_a_delivery_and_an_event_at_once(town: Town) -> None:
    citizen = town.citizen()
    ticket_id = town.ticket(citizen=citizen, agent_id=town.ann.agent_id, status=TicketStatus.OPEN)
    asked = town.session.scalars(select(Message).where(Message.ticket_id == ticket_id)).one()
    made = answer(town, town.ann, ticket_id, copies=["wijkraad@voorbeeld.example"])
    message = town.session.get_one(Message, made.message_id)
    delivery = town.session.get_one(Delivery, made.delivery_id)
    assert (message.kind, message.text, message.agent_id) == (MessageKind.REPLY, "Wij komen kijken.", town.ann.agent_id)
    assert (message.parent_id, message.root_id, message.references) == (
        asked.external_id,
        asked.external_id,
        [asked.external_id],
    )
    assert message.recipients == ["wijkraad@voorbeeld.example"]
    assert (delivery.state, delivery.address_id, delivery.account_id) == (
        DeliveryState.WAITING,
        citizen[1],
        town.mailbox,
    )
    now = town.session.scalar(select(func.now()))
    assert now is not None
    assert timedelta(seconds=9) < delivery.not_before - now <= timedelta(seconds=11)
    ticket = town.read(ticket_id)
    assert (ticket.status, ticket.version) == (TicketStatus.PENDING, 2)
    assert ticket.last_outbound_at is not None
    event = town.session.scalars(select(TicketEvent).where(TicketEvent.message_id == made.message_id)).one()
    assert (event.type, event.data["delivery_id"]) == (EventType.REPLIED, made.delivery_id)


def test_an_answer_can_solve_and_a_free_ticket_becomes_the_writers(town: Town) -> None:
    ticket_id = town.ticket()
    answer(town, town.ann, ticket_id, status_after=TicketStatus.SOLVED)
    ticket = town.read(ticket_id)
    assert (ticket.status, ticket.agent_id) == (TicketStatus.SOLVED, town.ann.agent_id)
    assert ticket.solved_at is not None


def test_what_came_in_meanwhile_stops_the_answer_and_says_what_it_was(town: Town) -> None:
    ticket_id = town.ticket()
    seen = read.ticket(town.session, town.ann, ticket_id).seen_message_id
    drafts.save(town.session, town.ann, ticket_id, text="Mijn antwoord", seen_message_id=seen)
    new = town.writes(ticket_id, "Het is al opgelost, dank!")
    error = refused(town, town.ann, ticket_id, "Mijn antwoord", seen_message_id=seen)
    assert isinstance(error, Conflict)
    assert (error.code, [fault.field for fault in error.faults]) == ("thread_changed", [f"message/{new}"])
    assert [draft.text for draft in drafts.read(town.session, town.ann, ticket_id)] == ["Mijn antwoord"]
    assert town.session.scalar(select(func.count()).select_from(Delivery).where(Delivery.ticket_id == ticket_id)) == 0
    answer(town, town.ann, ticket_id, "Mijn antwoord")


def test_a_colleagues_answer_stops_mine_and_a_note_does_not(town: Town) -> None:
    ticket_id = town.ticket()
    seen = read.ticket(town.session, town.ann, ticket_id).seen_message_id
    note(town.session, town.bob, ticket_id, text="Ik ken deze mevrouw")
    answer(town, town.bob, ticket_id, seen_message_id=seen)
    assert refused(town, town.ann, ticket_id, seen_message_id=seen).code == "thread_changed"


def test_an_answer_that_was_called_back_stops_nobody(town: Town) -> None:
    ticket_id = town.ticket()
    seen = read.ticket(town.session, town.ann, ticket_id).seen_message_id
    made = answer(town, town.bob, ticket_id, seen_message_id=seen)
    cancel_reply(town.session, town.bob, made.delivery_id)
    answer(town, town.ann, ticket_id, seen_message_id=seen)


def test_an_outdated_version_stops_the_answer_where_one_is_given(town: Town) -> None:
    ticket_id = town.ticket()
    take(town.session, town.bob, ticket_id)
    assert refused(town, town.ann, ticket_id, version=1).code == "changed"


def test_everything_wrong_with_an_answer_is_said_at_once(town: Town) -> None:
    ticket_id = town.ticket()
    draft_id = drafts.save(town.session, town.ann, ticket_id, text="…")
    for name in ("a.pdf", "b.pdf"):
        drafts.attach(
            town.session, town.ann, draft_id, sha256="0" * 64, name=name, content_type="application/pdf", size=99
        )
    small = Limits(audience=Audience(False, {}), max_length=5, max_attachments=1, max_attachment_bytes=10)
    error = refused(
        town, town.ann, ticket_id, "Te lang", limits=small, copies=["geen adres"], visibility=Visibility.PUBLIC,
        status_after=TicketStatus.NEW,
    )  # fmt: skip
    assert codes(error) == {"too_long", "too_many", "too_large", "address", "wider", "status"}
    assert "It counts 7; this channel takes 5." in error.faults[0].fix


def test_a_text_is_measured_as_the_channel_counts(town: Town) -> None:
    utf16 = Limits(audience=Audience(True, {}), max_length=4, measure=lambda text: len(text.encode("utf-16-le")) // 2)
    assert codes(refused(town, town.ann, town.ticket(), "🌳🌳🌳", limits=utf16)) == {"too_long"}
    answer(town, town.ann, town.ticket(), "🌳🌳", limits=utf16)


@pytest.mark.parametrize("text", ["", "  \n "])
def test_an_empty_answer_is_none(town: Town, text: str) -> None:
    assert codes(refused(town, town.ann, town.ticket(), text)) == {"empty"}


def test_a_channel_that_takes_no_late_answers_says_so_before_anybody_sends(town: Town) -> None:
    day = Limits(audience=Audience(False, {}), reply_window=timedelta(hours=24))
    assert codes(refused(town, town.ann, town.ticket(), limits=day)) == {"window_closed"}
    late = Limits(audience=Audience(False, {}), reply_window=timedelta(days=10_000))
    answer(town, town.ann, town.ticket(), limits=late)


def test_what_was_said_in_private_is_never_answered_in_public(town: Town) -> None:
    ticket_id = town.ticket(message={"visibility": Visibility.DIRECT}, is_public=True)
    for wider in (Visibility.PRIVATE, Visibility.UNLISTED, Visibility.PUBLIC):
        assert codes(refused(town, town.ann, ticket_id, visibility=wider)) == {"wider"}
    made = answer(town, town.ann, ticket_id)
    assert town.session.get_one(Message, made.message_id).visibility is Visibility.DIRECT


def test_a_public_reaction_may_be_answered_in_private(town: Town) -> None:
    ticket_id = town.ticket(message={"visibility": Visibility.PUBLIC}, is_public=True)
    made = answer(town, town.ann, ticket_id, visibility=Visibility.PRIVATE)
    assert town.session.get_one(Message, made.message_id).visibility is Visibility.PRIVATE


def test_the_contacts_newest_reaction_is_answered_unless_another_is_chosen(town: Town) -> None:
    citizen, other = town.citizen(), town.citizen("Buurvrouw")
    ticket_id = town.ticket(citizen=citizen)
    own = town.writes(ticket_id, "Nog iets")
    neighbour = town.writes(ticket_id, "Ik ook", contact_id=other[0], address_id=other[1])
    made = answer(town, town.ann, ticket_id)
    assert town.session.get_one(Delivery, made.delivery_id).address_id == citizen[1]
    assert town.session.get_one(Message, made.message_id).parent_id == town.session.get_one(Message, own).external_id
    second = answer(town, town.ann, ticket_id, answers=neighbour)
    assert town.session.get_one(Delivery, second.delivery_id).address_id == other[1]
    assert refused(town, town.ann, ticket_id, answers=made.message_id).code == "nobody_to_answer"


def test_what_its_writer_withdrew_is_not_answered(town: Town) -> None:
    ticket_id = town.ticket()
    town.session.execute(update(Message).where(Message.ticket_id == ticket_id).values(withdrawn_at=func.now()))
    assert refused(town, town.ann, ticket_id, seen_message_id=2**40).code == "nobody_to_answer"


def test_the_drafts_files_go_along_and_the_draft_goes(town: Town) -> None:
    ticket_id = town.ticket()
    draft_id = drafts.save(town.session, town.ann, ticket_id, text="Zie de bijlage")
    attached = [
        drafts.attach(
            town.session, town.ann, draft_id, sha256="0" * 64, name=name, content_type="image/png", size=9, alt="Kaart"
        )
        for name in ("kaart.png", "plan.png")
    ]
    made = answer(town, town.ann, ticket_id)
    files = town.session.scalars(
        select(Attachment).where(Attachment.message_id == made.message_id).order_by(Attachment.id)
    ).all()
    assert [(file.id, file.draft_id, file.alt) for file in files] == [
        (attached[0], None, "Kaart"),
        (attached[1], None, "Kaart"),
    ]
    assert drafts.read(town.session, town.ann, ticket_id) == []


def test_a_file_of_somebody_elses_draft_goes_nowhere(town: Town) -> None:
    ticket_id = town.ticket()
    draft_id = drafts.save(town.session, town.bob, ticket_id, text="Van Bob")
    file_id = drafts.attach(
        town.session, town.bob, draft_id, sha256="0" * 64, name="x", content_type="image/png", size=9
    )
    drafts.save(town.session, town.ann, ticket_id, text="Van Ann")
    assert codes(refused(town, town.ann, ticket_id, attachments=[file_id])) == {"unknown"}
    with pytest.raises(NotFound):
        drafts.attach(town.session, town.ann, draft_id, sha256="0" * 64, name="x", content_type="image/png", size=9)
    drafts.detach(town.session, town.ann, file_id)
    assert town.session.get(Attachment, file_id) is not None


def test_an_infected_file_is_not_sent(town: Town) -> None:
    ticket_id = town.ticket()
    draft_id = drafts.save(town.session, town.ann, ticket_id, text="Zie de bijlage")
    drafts.attach(town.session, town.ann, draft_id, sha256="0" * 64, name="x", content_type="image/png", size=9)
    town.session.execute(
        update(Attachment).where(Attachment.draft_id == draft_id).values(state=AttachmentState.INFECTED)
    )
    assert codes(refused(town, town.ann, ticket_id)) == {"infected"}


def test_who_may_draft_is_told_to_ask_for_release_and_another_pair_of_eyes_sends_it(town: Town) -> None:
    town.mandate(MandateLevel.DRAFT, agent_id=town.bob.agent_id)
    ticket_id = town.ticket()
    error = refused(town, town.bob, ticket_id)
    assert isinstance(error, Forbidden)
    assert (error.code, "release" in error.fix) == ("mandate_draft", True)
    draft_id = drafts.save(town.session, town.bob, ticket_id, text="Van Bob", for_release=True)
    assert [waiting.draft_id for waiting in drafts.waiting(town.session, town.ann)] == [draft_id]
    seen = read.ticket(town.session, town.ann, ticket_id).seen_message_id
    options: dict[str, Any] = {"limits": MAIL, "undo_seconds": 0, "seen_message_id": seen}
    with pytest.raises(Forbidden):
        release_draft(town.session, town.bob, draft_id, **options)
    made = release_draft(town.session, town.ann, draft_id, **options, text="Van Bob, verbeterd")
    message = town.session.get_one(Message, made.message_id)
    assert (message.agent_id, message.text) == (town.bob.agent_id, "Van Bob, verbeterd")
    event = town.session.scalars(select(TicketEvent).where(TicketEvent.message_id == made.message_id)).one()
    assert (event.agent_id, event.data["author_id"]) == (town.ann.agent_id, town.bob.agent_id)
    with pytest.raises(NotFound):
        release_draft(town.session, town.ann, draft_id, **options)


def test_nobody_releases_their_own_draft_even_with_the_mandate(town: Town) -> None:
    ticket_id = town.ticket()
    draft_id = drafts.save(town.session, town.ann, ticket_id, text="Van Ann", for_release=True)
    with pytest.raises(Forbidden) as caught:
        release_draft(town.session, town.ann, draft_id, limits=MAIL, undo_seconds=0, seen_message_id=2**40)
    assert caught.value.code == "own_draft"


def test_the_system_and_strangers_answer_nobody(town: Town) -> None:
    ticket_id = town.ticket()
    assert refused(town, SYSTEM, ticket_id).code == "agent_needed"
    assert refused(town, town.cas, ticket_id).code == "mandate_read"


def test_calling_back_gives_text_files_status_and_freedom_back(town: Town) -> None:
    ticket_id = town.ticket()
    draft_id = drafts.save(town.session, town.ann, ticket_id, text="Zie de bijlage")
    file_id = drafts.attach(
        town.session, town.ann, draft_id, sha256="0" * 64, name="x", content_type="image/png", size=9
    )
    made = answer(town, town.ann, ticket_id, "Zie de bijlage")
    drafts.save(town.session, town.ann, ticket_id, text="En nog iets")
    cancel_reply(town.session, town.ann, made.delivery_id)
    (draft,) = drafts.read(town.session, town.ann, ticket_id)
    assert draft.text == "Zie de bijlage\n\nEn nog iets"
    assert [file["id"] for file in draft.attachments] == [file_id]
    ticket = town.read(ticket_id)
    assert (ticket.status, ticket.agent_id, ticket.last_outbound_at) == (TicketStatus.NEW, None, None)
    assert town.session.get_one(Delivery, made.delivery_id).state is DeliveryState.CANCELLED
    assert town.session.get_one(Message, made.message_id).withdrawn_at is not None


@pytest.mark.parametrize("state", [s for s in DeliveryState if s is not DeliveryState.WAITING])
def test_what_is_on_its_way_is_not_called_back(town: Town, state: DeliveryState) -> None:
    made = answer(town, town.ann, ticket_id := town.ticket())
    town.session.execute(update(Delivery).where(Delivery.id == made.delivery_id).values(state=state))
    with pytest.raises(Conflict) as caught:
        cancel_reply(town.session, town.ann, made.delivery_id)
    assert caught.value.code == "too_late"
    assert town.read(ticket_id).status is TicketStatus.PENDING


def test_the_note_of_a_call_or_a_receipt_never_becomes_the_draft_of_an_answer(town: Town) -> None:
    for kind in (MessageKind.CALL_NOTE, MessageKind.RECEIPT):
        made = answer(town, town.ann, town.ticket())
        town.session.execute(update(Message).where(Message.id == made.message_id).values(kind=kind))
        with pytest.raises(Conflict) as caught:
            cancel_reply(town.session, town.ann, made.delivery_id)
        assert caught.value.code == "not_an_answer"


def test_calling_back_leaves_alone_what_a_colleague_changed_since(town: Town) -> None:
    ticket_id = town.ticket(agent_id=town.ann.agent_id, status=TicketStatus.OPEN)
    made = answer(town, town.ann, ticket_id)
    take(town.session, town.bob, ticket_id, reason="Spoed")
    cancel_reply(town.session, town.ann, made.delivery_id)
    assert (town.read(ticket_id).status, town.read(ticket_id).agent_id) == (TicketStatus.OPEN, town.bob.agent_id)


def test_of_two_answers_at_the_same_moment_exactly_one_goes_two_hundred_times(database: Database) -> None:
    with database.unit_of_work() as session:
        town = build(session)
        tickets = [town.ticket() for _ in range(200)]
        seen = {ticket_id: read.ticket(session, town.ann, ticket_id).seen_message_id for ticket_id in tickets}
    outcomes: dict[int, list[str]] = {ticket_id: [] for ticket_id in tickets}

    def attempt(who: Principal, ticket_id: int) -> str:
        text = f"Antwoord van {who.name}"
        try:
            with database.unit_of_work() as session:
                reply(session, who, ticket_id, text=text, seen_message_id=seen[ticket_id], limits=MAIL, undo_seconds=0)
        except Conflict as error:
            with database.unit_of_work() as session:
                drafts.save(session, who, ticket_id, text=text, seen_message_id=seen[ticket_id])
            return error.code
        return "sent"

    def answering(who: Principal) -> Callable[[int], None]:
        return lambda number: outcomes[tickets[number]].append(attempt(who, tickets[number]))

    together(len(tickets), answering(town.ann), answering(town.bob))
    assert all(sorted(outcome) == ["sent", "thread_changed"] for outcome in outcomes.values())
    with database.read_only() as session:
        assert session.scalar(select(func.count()).select_from(Delivery)) == 200
        assert session.scalar(select(func.count()).select_from(Draft)) == 200


def test_calling_back_and_the_workers_claim_never_both_succeed(database: Database) -> None:
    with database.unit_of_work() as session:
        town = build(session)
        made = [answer(town, town.ann, town.ticket(), undo_seconds=0) for _ in range(40)]
    won: dict[int, list[str]] = {sent.delivery_id: [] for sent in made}

    def calling_back(number: int) -> None:
        try:
            with database.unit_of_work() as session:
                cancel_reply(session, town.ann, made[number].delivery_id)
            won[made[number].delivery_id].append("called back")
        except Conflict:
            return

    def claiming(number: int) -> None:
        waiting = (Delivery.id == made[number].delivery_id, Delivery.state == DeliveryState.WAITING)
        with database.unit_of_work() as session:
            claim = update(Delivery).where(*waiting).values(state=DeliveryState.CLAIMED).returning(Delivery.id)
            claimed = session.execute(claim).all()
        if claimed:
            won[made[number].delivery_id].append("claimed")

    together(len(made), calling_back, claiming)
    assert all(len(winners) == 1 for winners in won.values())
