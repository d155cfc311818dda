"""A ticket's page: everything on it, in a number of statements that does not grow, and only for who may see it."""

import pytest

from app.errors import NotFound
from app.models import (
    Attachment,
    Decision,
    Draft,
    Message,
    MessageTheme,
    Policy,
    Proposal,
    TicketParticipant,
    WorldVersion,
)
from app.tickets import events, read
from app.vocabulary import Confidentiality, EventType, MandateLevel, MessageKind, TicketStatus
from tests.tickets.statements import statements_of
from tests.tickets.town import Town


def fill(town: Town, ticket_id: int, many: int) -> None:
    """Give a ticket `many` of everything that its page shows."""
    session = town.session
    other = town.ticket()
    policy = Policy(rules=[])
    world = WorldVersion(digest=f"w{ticket_id}", staff={})
    session.add_all([policy, world])
    session.flush()
    for number in range(many):
        message_id = town.writes(ticket_id)
        contact_id, address_id = town.citizen()
        session.add_all(
            [
                Attachment(
                    message_id=message_id, sha256=f"{number:064}", name="foto.jpg", content_type="image/jpeg", size=9
                ),
                MessageTheme(message_id=message_id, theme_id=town.trees, start=0, end=4),
                TicketParticipant(ticket_id=ticket_id, contact_id=contact_id, address_id=address_id),
                Proposal(ticket_id=town.ticket(), target_id=ticket_id, reason="same_subject"),
            ]
        )
        events.record(session, ticket_id, EventType.NOTED)
        decision = Decision(
            ticket_id=ticket_id,
            engine_version=1,
            policy_id=policy.id,
            world_version_id=world.id,
            facts={},
            trace=["why"],
        )
        session.add(decision)
    session.add(Proposal(ticket_id=ticket_id, target_id=other, reason="same_sender"))
    session.add(Draft(ticket_id=ticket_id, agent_id=town.bob.agent_id, text="Van Bob", for_release=True))
    session.flush()


@pytest.mark.parametrize("many", [1, 30])
def test_a_page_is_ten_statements_however_much_there_is(town: Town, many: int) -> None:
    ticket_id = town.ticket()
    fill(town, ticket_id, many)
    with statements_of(town.session) as sent:
        view = read.ticket(town.session, town.ann, ticket_id)
    assert len(sent) <= 10
    assert len(view.messages) == many + 1
    assert len(view.head.participants) == many
    assert len(view.proposals) == many + 1
    assert view.messages[-1].attachments[0]["name"] == "foto.jpg"
    assert view.messages[-1].passages[0]["theme_id"] == town.trees
    assert view.decision is not None
    assert view.decision.trace == ["why"]
    assert [draft.text for draft in view.drafts] == ["Van Bob"]


def test_names_dates_and_the_next_step_are_there(town: Town) -> None:
    citizen = town.citizen("De heer Voorbeeld")
    ticket_id = town.ticket(citizen=citizen, agent_id=town.ann.agent_id, status=TicketStatus.OPEN)
    town.ticket(citizen=citizen)
    view = read.ticket(town.session, town.ann, ticket_id)
    head = view.head
    assert (head.contact_name, head.agent_name, head.theme_nl, head.account_kind) == (
        "De heer Voorbeeld",
        "Ann",
        "wegen",
        "mail",
    )
    assert head.other_tickets == 1
    assert view.answers is not None
    assert (view.answers.message_id, view.answers.address_id) == (view.messages[0].id, citizen[1])
    assert view.seen_message_id == view.messages[0].id
    assert view.level is MandateLevel.ANSWER


def test_a_note_is_no_news_for_the_send_guard(town: Town) -> None:
    ticket_id = town.ticket()
    before = read.ticket(town.session, town.ann, ticket_id).seen_message_id
    town.session.add(
        Message(ticket_id=ticket_id, kind=MessageKind.NOTE, text="Even bellen", agent_id=town.bob.agent_id)
    )
    town.session.flush()
    assert read.ticket(town.session, town.ann, ticket_id).seen_message_id == before


@pytest.mark.parametrize("confidentiality", [Confidentiality.TEAM, Confidentiality.STRICT])
def test_a_ticket_that_is_not_open_to_the_asker_does_not_exist(town: Town, confidentiality: Confidentiality) -> None:
    ticket_id = town.ticket(confidentiality=confidentiality)
    hidden = pytest.raises(NotFound)
    with hidden as foreign:
        read.ticket(town.session, town.cas, ticket_id)
    with pytest.raises(NotFound) as missing:
        read.ticket(town.session, town.cas, 2**40)
    assert str(foreign.value) == str(missing.value)
    message_id = town.writes(ticket_id)
    for ask in (
        lambda: read.earlier(town.session, town.cas, ticket_id, message_id),
        lambda: read.since(town.session, town.cas, ticket_id, 0),
        lambda: read.html(town.session, town.cas, message_id),
    ):
        with pytest.raises(NotFound):
            ask()


def test_the_subject_of_a_closed_ticket_stands_in_nobody_elses_proposal(town: Town) -> None:
    ticket_id, closed = town.ticket(), town.ticket(confidentiality=Confidentiality.STRICT, subject="Over een collega")
    town.session.add(Proposal(ticket_id=ticket_id, target_id=closed, reason="reference"))
    town.session.flush()
    assert read.ticket(town.session, town.ann, ticket_id).proposals == []
    (shown,) = read.ticket(town.session, town.lead, ticket_id).proposals
    assert (shown.target_id, shown.other_subject) == (closed, "Over een collega")


def test_another_persons_draft_is_theirs_until_it_waits_for_release(town: Town) -> None:
    ticket_id = town.ticket()
    town.session.add(Draft(ticket_id=ticket_id, agent_id=town.bob.agent_id, text="Privé"))
    town.session.flush()
    assert read.ticket(town.session, town.ann, ticket_id).drafts == []
    assert [draft.text for draft in read.ticket(town.session, town.bob, ticket_id).drafts] == ["Privé"]


def test_a_long_thread_gives_its_newest_part_and_the_rest_on_request(town: Town) -> None:
    ticket_id = town.ticket()
    made = [town.writes(ticket_id) for _ in range(5)]
    view = read.ticket(town.session, town.ann, ticket_id, limit=3)
    assert [entry.id for entry in view.messages] == made[2:]
    assert view.earlier
    before = read.earlier(town.session, town.ann, ticket_id, made[2])
    assert [entry.id for entry in before][1:] == made[:2]
    assert [entry.id for entry in read.since(town.session, town.ann, ticket_id, made[3])] == made[4:]


def test_html_comes_apart_and_only_when_there_is_some(town: Town) -> None:
    ticket_id = town.ticket(message={"html": "<p>Hallo</p>"})
    view = read.ticket(town.session, town.ann, ticket_id)
    assert view.messages[0].has_html
    assert read.html(town.session, town.ann, view.messages[0].id) == "<p>Hallo</p>"


def test_a_ticket_shows_what_was_merged_into_it(town: Town) -> None:
    target = town.ticket()
    source = town.ticket(merged_into_id=target)
    events.record(town.session, source, EventType.NOTED)
    view = read.ticket(town.session, town.ann, target)
    assert view.head.merged_from == [source]
    assert {event.ticket_id for event in view.events} == {source, target}
