"""Merging and unmerging: nothing is lost, nothing shown to more people, and every merge can be undone in any order."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from app.errors import Conflict, DomainError, Forbidden, Invalid, NotFound
from app.models import Delivery, Merge, Message, Proposal, Ticket, TicketEvent, TicketParticipant
from app.storage.database import Database
from app.tickets import drafts, read
from app.tickets import propose as proposals
from app.tickets.create import NewMessage, append
from app.tickets.destination import destination
from app.tickets.merge import merge
from app.tickets.reply import reply
from app.tickets.unmerge import unmerge
from app.vocabulary import Confidentiality, EventType, ProposalState, TicketKind, TicketStatus
from tests.tickets.together import together
from tests.tickets.town import MAIL, Town, build


def messages_of(town: Town, ticket_id: int) -> list[int]:
    return list(town.session.scalars(select(Message.id).where(Message.ticket_id == ticket_id).order_by(Message.id)))


def people_of(town: Town, ticket_id: int) -> set[int]:
    query = select(TicketParticipant.contact_id).where(TicketParticipant.ticket_id == ticket_id)
    return set(town.session.scalars(query))


def test_messages_deliveries_and_people_go_along_and_the_source_says_where(town: Town) -> None:
    source, target = town.ticket(), town.ticket()
    seen = read.ticket(town.session, town.ann, source).seen_message_id
    made = reply(town.session, town.ann, source, text="Dank", seen_message_id=seen, limits=MAIL, undo_seconds=0)
    moved, kept = messages_of(town, source), messages_of(town, target)
    merge(town.session, town.ann, source, target)
    assert messages_of(town, source) == []
    assert messages_of(town, target) == sorted(moved + kept)
    assert town.session.get_one(Delivery, made.delivery_id).ticket_id == target
    assert people_of(town, target) == {town.read(source).contact_id}
    assert (town.read(source).merged_into_id, town.read(source).status) == (target, TicketStatus.CLOSED)
    assert [town.read(ticket_id).token_round for ticket_id in (source, target)] == [2, 2]
    types = town.session.scalars(select(TicketEvent.ticket_id).where(TicketEvent.type == EventType.MERGED)).all()
    assert set(types) >= {source, target}


def test_unmerging_gives_exactly_those_messages_back_and_leaves_what_came_later(town: Town) -> None:
    source, target = town.ticket(status=TicketStatus.PENDING), town.ticket()
    moved, kept = messages_of(town, source), messages_of(town, target)
    merge_id = merge(town.session, town.ann, source, target)
    later = town.writes(source, "Nog iets over de eerste")
    unmerge(town.session, town.ann, merge_id)
    assert messages_of(town, source) == moved
    assert messages_of(town, target) == [*kept, later]
    ticket = town.read(source)
    assert (ticket.merged_into_id, ticket.status, ticket.token_round) == (None, TicketStatus.PENDING, 3)
    with pytest.raises(Conflict) as twice:
        unmerge(town.session, town.ann, merge_id)
    assert twice.value.code == "unmerged"


def test_who_wrote_in_the_target_since_stays_a_participant(town: Town) -> None:
    source, target = town.ticket(), town.ticket()
    contact_id = town.read(source).contact_id
    merge_id = merge(town.session, town.ann, source, target)
    town.writes(target, "Ik ben erbij", contact_id=contact_id)
    unmerge(town.session, town.ann, merge_id)
    assert people_of(town, target) == {contact_id}


def test_mail_of_the_source_finds_its_way_before_and_after_the_unmerge(town: Town) -> None:
    source, target = town.ticket(), town.ticket()
    theirs, own = town.read(source).contact_id, town.read(target).contact_id
    merge_id = merge(town.session, town.ann, source, target)
    assert destination(town.session, source, theirs) == target
    unmerge(town.session, town.ann, merge_id)
    assert destination(town.session, source, theirs) == source
    assert destination(town.session, target, theirs) == source
    assert destination(town.session, target, own) == target
    assert destination(town.session, target, None) == target
    assert destination(town.session, 2**40, theirs) is None


def test_a_target_that_was_done_opens_for_waiting_work_and_closes_again(town: Town) -> None:
    source, target = town.ticket(), town.ticket(status=TicketStatus.CLOSED)
    merge_id = merge(town.session, town.ann, source, target)
    assert town.read(target).status is TicketStatus.OPEN
    assert town.read(target).decision_id is None, "nobody owns it: the engine looks for somebody"
    unmerge(town.session, town.ann, merge_id)
    assert town.read(target).status is TicketStatus.CLOSED
    assert town.read(source).decision_id is None


def test_a_target_stays_open_when_somebody_wrote_since(town: Town) -> None:
    source, target = town.ticket(), town.ticket(status=TicketStatus.SOLVED)
    merge_id = merge(town.session, town.ann, source, target)
    town.writes(target, "Nieuw", received_at=None)
    town.session.execute(Merge.__table__.update().values(created_at=town.read(target).received_at))  # type: ignore[attr-defined]
    unmerge(town.session, town.ann, merge_id)
    assert town.read(target).status is TicketStatus.OPEN


@pytest.mark.parametrize(
    ("source", "target", "code"),
    [
        ({"confidentiality": Confidentiality.STRICT}, {}, "confidentiality"),
        ({"confidentiality": Confidentiality.TEAM}, {}, "confidentiality"),
        ({"kind": TicketKind.OBJECTION}, {"kind": TicketKind.QUESTION}, "formal"),
        ({"kind": TicketKind.OBJECTION}, {"kind": TicketKind.COMPLAINT}, "formal"),
    ],
)
def test_a_merge_hides_no_clock_and_opens_nothing_up(
    town: Town, source: dict[str, Any], target: dict[str, Any], code: str
) -> None:
    with pytest.raises(Invalid) as refused:
        merge(town.session, town.lead, town.ticket(**source), town.ticket(**target))
    assert refused.value.code == code


def test_a_merge_into_itself_or_into_what_was_merged_is_none(town: Town) -> None:
    first, second, third = (town.ticket() for _ in range(3))
    with pytest.raises(Invalid):
        merge(town.session, town.ann, first, first)
    merge(town.session, town.ann, first, second)
    for source, target in ((third, first), (first, third), (second, first)):
        with pytest.raises(Conflict) as refused:
            merge(town.session, town.ann, source, target)
        assert refused.value.code == "merged"


def test_a_merge_asks_for_a_mandate_on_both(town: Town) -> None:
    mine, theirs = town.ticket(), town.ticket(team_id=town.parks)
    for source, target in ((mine, theirs), (theirs, mine)):
        with pytest.raises(Forbidden):
            merge(town.session, town.ann, source, target)
    hidden = town.ticket(team_id=town.parks, confidentiality=Confidentiality.TEAM)
    with pytest.raises(NotFound):
        merge(town.session, town.ann, mine, hidden)


def test_an_outdated_view_of_either_stops_the_merge(town: Town) -> None:
    for versions in ({"version": 9}, {"target_version": 9}):
        source, target = town.ticket(), town.ticket()
        with town.session.begin_nested() as savepoint:
            with pytest.raises(Conflict) as refused:
                merge(town.session, town.ann, source, target, **versions)
            savepoint.rollback()
        assert refused.value.code == "changed"


# An operation merges or unmerges: (kind, which, into which).
operations = st.lists(
    st.tuples(st.sampled_from(["merge", "unmerge"]), st.integers(0, 4), st.integers(0, 4)), max_size=12
)


@given(operations)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_after_every_merge_is_undone_everything_is_where_it_was(town: Town, steps: list[tuple[str, int, int]]) -> None:
    with town.session.begin_nested() as savepoint:
        tickets = [town.ticket() for _ in range(5)]
        for ticket_id in tickets:
            town.writes(ticket_id)
        before = state(town, tickets)
        for kind, which, other in steps:
            attempt(town, tickets, kind, which, other)
        live = select(Merge.id).where(Merge.undone_at.is_(None), Merge.ticket_id.in_(tickets))
        while remaining := town.session.scalars(live.order_by(Merge.id)).all():
            unmerge(town.session, town.lead, remaining[len(steps) % len(remaining)])
        assert state(town, tickets) == before
        savepoint.rollback()


def attempt(town: Town, tickets: list[int], kind: str, which: int, other: int) -> None:
    try:
        if kind == "merge":
            merge(town.session, town.lead, tickets[which], tickets[other])
        else:
            live = select(Merge.id).where(Merge.undone_at.is_(None), Merge.ticket_id.in_(tickets)).order_by(Merge.id)
            merges = town.session.scalars(live).all()
            if merges:
                unmerge(town.session, town.lead, merges[which % len(merges)])
    except DomainError as error:
        assert error.code in ("same", "merged")  # noqa: PT017


def state(town: Town, tickets: list[int]) -> list[Any]:
    """What a round trip must restore: messages, people, status, target, last word."""
    town.session.expire_all()
    columns = (
        Ticket.id,
        Ticket.status,
        Ticket.merged_into_id,
        Ticket.last_inbound_at,
        Ticket.solved_at,
        Ticket.closed_at,
    )
    rows = town.session.execute(select(*columns).where(Ticket.id.in_(tickets)).order_by(Ticket.id)).all()
    return [(tuple(row), messages_of(town, row.id), people_of(town, row.id)) for row in rows]


def test_an_answer_that_waits_for_release_goes_out_to_whom_it_was_written_before_any_merge(town: Town) -> None:
    source, target = town.ticket(), town.ticket()
    drafts.save(town.session, town.bob, source, text="Wij komen kijken.", for_release=True)
    with pytest.raises(Conflict) as waits:
        merge(town.session, town.ann, source, target)
    assert waits.value.code == "draft_waiting"
    drafts.save(town.session, town.bob, source, text="Toch nog niet.")
    merge(town.session, town.ann, source, target)
    with pytest.raises(Conflict) as merged:
        drafts.save(town.session, town.bob, source, text="Nu wel.", for_release=True)
    assert merged.value.code == "merged"


CLOSED = [Confidentiality.TEAM, Confidentiality.STRICT]


@pytest.mark.parametrize("confidentiality", CLOSED)
def test_a_closed_ticket_is_not_merged_into_one_that_others_read(town: Town, confidentiality: Confidentiality) -> None:
    closed: dict[str, Any] = {"confidentiality": confidentiality}
    source, elsewhere = town.ticket(**closed), town.ticket(**closed, team_id=town.parks)
    with pytest.raises(Invalid) as refused:
        merge(town.session, town.admin, source, elsewhere)
    assert refused.value.code == "confidentiality"
    merge(town.session, town.admin, source, town.ticket(**closed))


def test_a_strictly_closed_ticket_is_not_merged_into_one_of_another_owner(town: Town) -> None:
    strict: dict[str, Any] = {"confidentiality": Confidentiality.STRICT}
    source = town.ticket(**strict, agent_id=town.ann.agent_id)
    with pytest.raises(Invalid) as refused:
        merge(town.session, town.lead, source, town.ticket(**strict, agent_id=town.bob.agent_id))
    assert refused.value.code == "confidentiality"
    merge(town.session, town.lead, source, town.ticket(**strict, agent_id=town.ann.agent_id))


def open_proposals(town: Town, ticket_id: int) -> list[int]:
    rows = read.ticket(town.session, town.ann, ticket_id).proposals
    return [row.id for row in rows if row.state is ProposalState.OPEN]


@pytest.mark.parametrize("accepted", [True, False])
def test_a_proposal_follows_its_target_into_what_that_was_merged_into(town: Town, accepted: bool) -> None:
    source, target, further = town.ticket(), town.ticket(), town.ticket()
    proposal_id = proposals.propose(town.session, source, target, None, "same_sender")
    assert proposal_id is not None
    merge(town.session, town.ann, target, further)
    assert open_proposals(town, source) == [proposal_id]
    decide = proposals.accept_proposal if accepted else proposals.decline_proposal
    decide(town.session, town.ann, proposal_id)
    assert town.read(source).merged_into_id == (further if accepted else None)
    assert open_proposals(town, source) == []


@pytest.mark.parametrize("backwards", [False, True])
def test_what_was_merged_by_hand_leaves_no_proposal_to_decide_until_it_is_undone(town: Town, backwards: bool) -> None:
    source, target = town.ticket(), town.ticket()
    proposal_id = proposals.propose(town.session, source, target, None, "same_sender")
    merge_id = merge(town.session, town.ann, *((target, source) if backwards else (source, target)))
    assert (open_proposals(town, source), open_proposals(town, target)) == ([], [])
    unmerge(town.session, town.ann, merge_id)
    assert (open_proposals(town, source), open_proposals(town, target)) == ([proposal_id], [proposal_id])


def test_a_proposal_is_made_once_and_accepting_it_merges(town: Town) -> None:
    source, target = town.ticket(), town.ticket()
    (message_id,) = messages_of(town, source)
    proposal_id = proposals.propose(town.session, source, target, message_id, "same_subject")
    assert proposal_id is not None
    assert proposals.propose(town.session, source, target, message_id, "same_subject") is None
    with pytest.raises(Forbidden):
        proposals.accept_proposal(town.session, town.cas, proposal_id)
    proposals.accept_proposal(town.session, town.ann, proposal_id)
    assert town.read(source).merged_into_id == target
    decided = town.session.get_one(Proposal, proposal_id)
    assert (decided.state, decided.decided_by) == (ProposalState.ACCEPTED, town.ann.agent_id)
    types = set(town.session.scalars(select(TicketEvent.type).where(TicketEvent.ticket_id == source)))
    assert {EventType.PROPOSAL_MADE, EventType.PROPOSAL_ACCEPTED, EventType.MERGED} <= types


def test_a_declined_proposal_leaves_both_and_is_decided_once(town: Town) -> None:
    source, target = town.ticket(), town.ticket()
    proposal_id = proposals.propose(town.session, source, target, None, "same_sender")
    assert proposal_id is not None
    proposals.decline_proposal(town.session, town.ann, proposal_id)
    with pytest.raises(Conflict) as refused:
        proposals.accept_proposal(town.session, town.bob, proposal_id)
    assert refused.value.code == "decided"
    assert town.read(source).merged_into_id is None
    assert proposals.propose(town.session, source, target, None, "same_sender") is not None
    with pytest.raises(NotFound):
        proposals.decline_proposal(town.session, town.ann, 2**40)


def test_a_reaction_never_lands_in_a_ticket_that_is_merged_at_that_moment(database: Database) -> None:
    with database.unit_of_work() as session:
        town = build(session)
        pairs = [(town.ticket(), town.ticket()) for _ in range(60)]
        said = {source: NewMessage(**town.said(*town.citizen(), "Nog iets")) for source, _target in pairs}

    def merging(number: int) -> None:
        with database.unit_of_work() as session:
            merge_id = merge(session, town.ann, *pairs[number])
        if number % 2:
            with database.unit_of_work() as session:
                unmerge(session, town.ann, merge_id)

    def arriving(number: int) -> None:
        source, _target = pairs[number]
        with database.unit_of_work() as session:
            append(session, source, said[source])

    together(len(pairs), merging, arriving)
    with database.read_only() as session:
        lost = select(func.count()).select_from(Message).join(Ticket, Ticket.id == Message.ticket_id)
        assert session.scalar(lost.where(Ticket.merged_into_id.is_not(None))) == 0
        assert session.scalar(select(func.count()).select_from(Message)) == 60 * 3
