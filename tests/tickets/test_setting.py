"""Setting what a ticket is: status, kind, theme, priority, confidentiality, spam, tags."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select, update

from app.errors import Conflict, DomainError, Forbidden, Invalid, NotFound
from app.models import Agent, Message, TicketEvent, TicketTag
from app.tickets import set_status as statuses
from app.tickets.mark_spam import mark_spam
from app.tickets.no_answer_needed import no_answer_needed
from app.tickets.set_confidentiality import set_confidentiality
from app.tickets.set_kind import set_kind
from app.tickets.set_priority import set_priority
from app.tickets.set_status import set_status
from app.tickets.set_theme import set_theme
from app.tickets.tag import tag, untag
from app.vocabulary import Confidentiality, EventType, MessageKind, Presence, Priority, TicketKind, TicketStatus
from tests.tickets.town import MONDAY, Town


@pytest.mark.parametrize("before", list(TicketStatus))
@pytest.mark.parametrize("after", list(TicketStatus))
def test_a_status_goes_only_where_the_table_says(town: Town, before: TicketStatus, after: TicketStatus) -> None:
    ticket_id = town.ticket(status=before, agent_id=town.ann.agent_id)
    if after is before:
        assert set_status(town.session, town.ann, ticket_id, after) == 1
    elif after in statuses.TRANSITIONS[before]:
        assert set_status(town.session, town.ann, ticket_id, after) == 2
        assert town.read(ticket_id).status is after
    else:
        with pytest.raises(Conflict) as refused:
            set_status(town.session, town.ann, ticket_id, after)
        assert refused.value.code == "transition"
        assert town.read(ticket_id).status is before


def test_solving_and_closing_say_when_and_opening_forgets_it(town: Town) -> None:
    ticket_id = town.ticket(agent_id=town.ann.agent_id)
    set_status(town.session, town.ann, ticket_id, TicketStatus.SOLVED)
    solved = town.read(ticket_id).solved_at
    assert solved is not None
    assert town.session.get_one(Agent, town.ann.agent_id).idle_since is not None
    set_status(town.session, town.ann, ticket_id, TicketStatus.CLOSED)
    assert (town.read(ticket_id).solved_at, town.read(ticket_id).closed_at is None) == (solved, False)
    set_status(town.session, town.ann, ticket_id, TicketStatus.OPEN)
    assert (town.read(ticket_id).solved_at, town.read(ticket_id).closed_at) == (None, None)


def test_what_is_opened_again_without_an_owner_is_routed_again(town: Town) -> None:
    ticket_id = town.ticket(status=TicketStatus.SOLVED, decision_id=5)
    set_status(town.session, town.ann, ticket_id, TicketStatus.OPEN)
    assert town.read(ticket_id).decision_id is None


def test_what_is_opened_again_and_belongs_to_who_left_is_routed_again(town: Town) -> None:
    gone, here = (
        town.ticket(status=TicketStatus.SOLVED, decision_id=5, agent_id=who.agent_id) for who in (town.bob, town.ann)
    )
    town.session.execute(update(Agent).values(presence=Presence.AVAILABLE))
    town.session.execute(update(Agent).where(Agent.id == town.bob.agent_id).values(active=False))
    for ticket_id in (gone, here):
        set_status(town.session, town.lead, ticket_id, TicketStatus.OPEN)
    assert (town.read(gone).decision_id, town.read(here).decision_id) == (None, 5)
    assert town.read(gone).reopened_at is not None, "only then may the engine pass over its owner"


def test_whoever_opens_their_own_again_is_there_whatever_they_last_said(town: Town) -> None:
    ticket_id = town.ticket(status=TicketStatus.SOLVED, decision_id=5, agent_id=town.ann.agent_id)
    town.session.execute(update(Agent).values(presence=Presence.AWAY))
    set_status(town.session, town.ann, ticket_id, TicketStatus.OPEN)
    assert town.read(ticket_id).decision_id == 5


def test_no_answer_needed_solves_with_a_reason_and_a_new_reaction_asks_again(town: Town) -> None:
    ticket_id = town.ticket()
    with pytest.raises(Invalid):
        no_answer_needed(town.session, town.ann, ticket_id, reason="")
    no_answer_needed(town.session, town.ann, ticket_id, reason="Een bedankje")
    assert (town.read(ticket_id).status, town.read(ticket_id).no_answer_needed) == (TicketStatus.SOLVED, True)
    town.writes(ticket_id)
    assert (town.read(ticket_id).status, town.read(ticket_id).no_answer_needed) == (TicketStatus.OPEN, False)


def test_a_formal_kind_is_always_answered(town: Town) -> None:
    with pytest.raises(Conflict) as refused:
        no_answer_needed(town.session, town.ann, town.ticket(kind=TicketKind.OBJECTION), reason="Weinig zin")
    assert refused.value.code == "formal"


def test_what_is_closed_is_not_solved_again(town: Town) -> None:
    with pytest.raises(Conflict, match="closed already"):
        no_answer_needed(town.session, town.ann, town.ticket(status=TicketStatus.CLOSED), reason="Een bedankje")


def test_a_formal_kind_keeps_its_time_of_arrival_and_sends_the_formal_receipt_once(town: Town) -> None:
    ticket_id = town.ticket(decision_id=5)
    set_kind(town.session, town.ann, ticket_id, TicketKind.VIEW_ON_PLAN)
    ticket = town.read(ticket_id)
    assert (ticket.kind, ticket.received_at, ticket.fixed, ticket.decision_id) == (
        TicketKind.VIEW_ON_PLAN,
        MONDAY,
        ["kind"],
        None,
    )
    receipts = select(Message).where(Message.ticket_id == ticket_id, Message.kind == MessageKind.RECEIPT)
    (receipt,) = town.session.scalars(receipts).all()
    assert "2 november 2026" in receipt.text
    set_kind(town.session, town.ann, ticket_id, TicketKind.QUESTION)
    set_kind(town.session, town.ann, ticket_id, TicketKind.VIEW_ON_PLAN)
    assert len(town.session.scalars(receipts).all()) == 1


def test_an_informal_kind_changes_nothing_else(town: Town) -> None:
    ticket_id = town.ticket(decision_id=5, agent_id=town.ann.agent_id)
    set_kind(town.session, town.ann, ticket_id, TicketKind.REPORT)
    assert (town.read(ticket_id).decision_id, town.read(ticket_id).agent_id) == (5, town.ann.agent_id)


def test_a_theme_set_by_a_person_routes_again_and_stands(town: Town) -> None:
    ticket_id = town.ticket(agent_id=town.ann.agent_id, fixed=["team"], decision_id=5)
    set_theme(town.session, town.ann, ticket_id, town.trees)
    ticket = town.read(ticket_id)
    assert (ticket.theme_id, ticket.team_id, ticket.agent_id, ticket.decision_id) == (town.trees, None, None, None)
    assert ticket.fixed == ["theme"]


def test_a_theme_can_be_set_without_routing_again(town: Town) -> None:
    ticket_id = town.ticket(agent_id=town.ann.agent_id, decision_id=5)
    set_theme(town.session, town.ann, ticket_id, town.trees, reroute=False)
    ticket = town.read(ticket_id)
    assert (ticket.theme_id, ticket.team_id, ticket.agent_id, ticket.decision_id) == (
        town.trees,
        town.streets,
        town.ann.agent_id,
        5,
    )


def test_a_theme_that_is_not_there_is_not_set(town: Town) -> None:
    with pytest.raises(NotFound):
        set_theme(town.session, town.ann, town.ticket(), 2**40)


def test_priority_decides_the_place_in_the_queue(town: Town) -> None:
    ticket_id = town.ticket()
    set_priority(town.session, town.ann, ticket_id, Priority.URGENT)
    assert (town.read(ticket_id).rank, town.read(ticket_id).fixed) == (0, ["priority"])


def test_anyone_who_works_on_it_closes_it_off_and_only_a_lead_opens_it_up(town: Town) -> None:
    ticket_id = town.ticket()
    set_confidentiality(town.session, town.ann, ticket_id, Confidentiality.TEAM)
    with pytest.raises(Forbidden):
        set_confidentiality(town.session, town.ann, ticket_id, Confidentiality.NORMAL, reason="Mag wel")
    with pytest.raises(Invalid):
        set_confidentiality(town.session, town.lead, ticket_id, Confidentiality.NORMAL)
    set_confidentiality(town.session, town.lead, ticket_id, Confidentiality.NORMAL, reason="Was een vergissing")
    assert town.read(ticket_id).confidentiality is Confidentiality.NORMAL


def test_spam_leaves_the_queues_and_comes_back_to_be_routed(town: Town) -> None:
    ticket_id = town.ticket(decision_id=5)
    mark_spam(town.session, town.ann, ticket_id)
    assert (town.read(ticket_id).spam, town.read(ticket_id).decision_id) == (True, 5)
    mark_spam(town.session, town.ann, ticket_id, False)
    assert (town.read(ticket_id).spam, town.read(ticket_id).decision_id) == (False, None)


def test_tags_are_put_once_and_taken_off(town: Town) -> None:
    ticket_id = town.ticket()
    assert tag(town.session, town.ann, ticket_id, "  Kapotte   Lamp ") == 2
    assert tag(town.session, town.ann, ticket_id, "kapotte lamp") == 2
    assert town.session.scalars(select(TicketTag.tag).where(TicketTag.ticket_id == ticket_id)).all() == ["kapotte lamp"]
    assert untag(town.session, town.ann, ticket_id, "KAPOTTE LAMP") == 3
    assert untag(town.session, town.ann, ticket_id, "kapotte lamp") == 3
    assert town.session.scalars(select(TicketTag.tag).where(TicketTag.ticket_id == ticket_id)).all() == []


@pytest.mark.parametrize("word", ["", "   ", "x" * 51, "a\x07b"])
def test_a_tag_is_a_word(town: Town, word: str) -> None:
    with pytest.raises(Invalid):
        tag(town.session, town.ann, town.ticket(), word)


CHANGES: dict[str, tuple[EventType, Callable[[Town, int, int | None], Any]]] = {
    "status": (EventType.STATUS_SET, lambda t, i, v: set_status(t.session, t.ann, i, TicketStatus.OPEN, version=v)),
    "kind": (EventType.KIND_SET, lambda t, i, v: set_kind(t.session, t.ann, i, TicketKind.PRESS, version=v)),
    "theme": (EventType.THEME_SET, lambda t, i, v: set_theme(t.session, t.ann, i, t.trees, version=v)),
    "priority": (EventType.PRIORITY_SET, lambda t, i, v: set_priority(t.session, t.ann, i, Priority.LOW, version=v)),
    "confidentiality": (
        EventType.CONFIDENTIALITY_SET,
        lambda t, i, v: set_confidentiality(t.session, t.ann, i, Confidentiality.TEAM, version=v),
    ),
    "spam": (EventType.SPAM_SET, lambda t, i, v: mark_spam(t.session, t.ann, i, version=v)),
    "tag": (EventType.TAGGED, lambda t, i, v: tag(t.session, t.ann, i, "lamp", version=v)),
    "no answer": (
        EventType.NO_ANSWER_NEEDED,
        lambda t, i, v: no_answer_needed(t.session, t.ann, i, reason="Dank", version=v),
    ),
}


@pytest.mark.parametrize("name", list(CHANGES))
def test_every_change_is_an_event_that_raises_the_version(town: Town, name: str) -> None:
    type_, change = CHANGES[name]
    ticket_id = town.ticket()
    assert change(town, ticket_id, 1) == 2
    newest = select(TicketEvent).where(TicketEvent.ticket_id == ticket_id).order_by(TicketEvent.id.desc()).limit(1)
    event = town.session.scalars(newest).one()
    assert (event.type, event.agent_id, event.data["version"]) == (type_, town.ann.agent_id, 2)
    assert town.read(ticket_id).version == 2


@pytest.mark.parametrize("name", list(CHANGES))
def test_every_change_is_refused_on_an_outdated_view_or_without_a_mandate(town: Town, name: str) -> None:
    _type, change = CHANGES[name]
    ticket_id = town.ticket()
    town.writes(ticket_id)
    with town.session.begin_nested() as savepoint:
        with pytest.raises(Conflict) as outdated:
            change(town, ticket_id, 1)
        savepoint.rollback()
    assert outdated.value.code == "changed"
    town.ann = town.cas
    with pytest.raises(DomainError) as refused:
        change(town, ticket_id, 2)
    assert refused.value.code == "mandate_read"
    assert town.read(ticket_id).version == 2
