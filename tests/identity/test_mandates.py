"""Who sees a ticket and who may do what: role × confidentiality × own or foreign × verb, and mandates on top."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import DomainError, NotFound
from app.identity import mandates
from app.identity.principal import SYSTEM, Principal
from app.models import Site, Ticket, TicketEvent
from app.tickets import drafts, events, lists, read, search
from app.tickets.hand_over import hand_over
from app.tickets.mark_spam import mark_spam
from app.tickets.merge import merge
from app.tickets.no_answer_needed import no_answer_needed
from app.tickets.note import note
from app.tickets.reply import reply
from app.tickets.set_confidentiality import set_confidentiality
from app.tickets.set_kind import set_kind
from app.tickets.set_priority import set_priority
from app.tickets.set_status import set_status
from app.tickets.set_theme import set_theme
from app.tickets.tag import tag
from app.tickets.take import take
from app.vocabulary import Confidentiality, MandateLevel, Priority, Role, TicketKind, TicketStatus
from tests.tickets.statements import statements_of
from tests.tickets.town import MAIL, Town, build

ANSWER, DRAFT, READ = MandateLevel.ANSWER, MandateLevel.DRAFT, MandateLevel.READ
NORMAL, TEAM, STRICT = Confidentiality.NORMAL, Confidentiality.TEAM, Confidentiality.STRICT


@pytest.fixture
def town(session: Session) -> Town:
    return build(session)


# Who they are to the ticket: its team's member, its team's lead, its owner from another team, somebody of another team, the
# lead of another team, an administrator, the system. With each confidentiality: how far they may go; None = it is not there.
EXPECTED: dict[str, dict[Confidentiality, MandateLevel | None]] = {
    "member": {NORMAL: ANSWER, TEAM: ANSWER, STRICT: None},
    "lead": {NORMAL: ANSWER, TEAM: ANSWER, STRICT: ANSWER},
    "owner in the team": {NORMAL: ANSWER, TEAM: ANSWER, STRICT: ANSWER},
    "owner outside": {NORMAL: READ, TEAM: READ, STRICT: READ},
    "foreigner": {NORMAL: READ, TEAM: None, STRICT: None},
    "foreign lead": {NORMAL: READ, TEAM: None, STRICT: None},
    "foreigner who may draft": {NORMAL: DRAFT, TEAM: None, STRICT: None},
    "foreigner who may answer": {NORMAL: ANSWER, TEAM: None, STRICT: None},
    "member who may draft": {NORMAL: DRAFT, TEAM: DRAFT, STRICT: None},
    "member who may read": {NORMAL: READ, TEAM: READ, STRICT: None},
    "administrator": {NORMAL: ANSWER, TEAM: ANSWER, STRICT: ANSWER},
    "a site's program": {NORMAL: None, TEAM: None, STRICT: None},
    "nobody": {NORMAL: None, TEAM: None, STRICT: None},
}


def who(town: Town, name: str) -> Principal:
    if name == "administrator":
        return town.admin
    if name == "a site's program":
        return Principal(None, "site", Role.AGENT, site_id=1)
    if name == "nobody":
        return Principal(None, "nobody", Role.AGENT)
    home = name.startswith(("member", "lead", "owner in"))
    leads = [town.streets if home else town.parks] if "lead" in name else []
    principal = town.agent(name, Role.LEAD if leads else Role.AGENT, [town.streets if home else town.parks], leads)
    for level in MandateLevel:
        if name.endswith(f"may {level}"):
            town.mandate(level, agent_id=principal.agent_id, theme_id=town.roads)
    return principal


def placed(town: Town, name: str, confidentiality: Confidentiality) -> tuple[Principal, int]:
    principal = who(town, name)
    owner = principal.agent_id if name.startswith("owner") else None
    return principal, town.ticket(confidentiality=confidentiality, agent_id=owner)


matrix = pytest.mark.parametrize(
    ("name", "confidentiality"), [(name, confidentiality) for name in EXPECTED for confidentiality in Confidentiality]
)


@matrix
def test_the_level_is_that_of_the_table(town: Town, name: str, confidentiality: Confidentiality) -> None:
    principal, ticket_id = placed(town, name, confidentiality)
    assert mandates.level(town.session, principal, town.read(ticket_id)) is EXPECTED[name][confidentiality]


@matrix
def test_lists_search_counts_events_and_pages_show_what_may_be_seen(
    town: Town, name: str, confidentiality: Confidentiality
) -> None:
    principal, ticket_id = placed(town, name, confidentiality)
    seen = EXPECTED[name][confidentiality] is not None
    session = town.session
    assert (
        session.scalar(select(Ticket.id).where(Ticket.id == ticket_id, mandates.visible(principal))) is not None
    ) is seen
    assert bool(lists.all_tickets(session, principal, lists.Filters())) is seen
    assert (lists.how_many(session, principal, lists.Filters()) == 1) is seen
    assert bool(search.search(session, principal, "stoep")) is seen
    event_ids = list(session.scalars(select(TicketEvent.id).where(TicketEvent.ticket_id == ticket_id)))
    assert events.named(session, SYSTEM, event_ids)
    assert bool(events.named(session, principal, event_ids)) is seen
    if not seen:
        with pytest.raises(NotFound):
            read.ticket(session, principal, ticket_id)
    else:
        assert read.ticket(session, principal, ticket_id).level is EXPECTED[name][confidentiality]


Verb = Callable[[Town, Principal, int], Any]
READING: dict[str, Verb] = {
    "note": lambda t, p, i: note(t.session, p, i, text="Let op"),
    "draft": lambda t, p, i: drafts.save(t.session, p, i, text="Concept"),
}
HANDLING: dict[str, Verb] = {
    "take": lambda t, p, i: take(t.session, p, i, reason="Nu ik"),
    "hand over": lambda t, p, i: hand_over(t.session, p, i, team_id=t.parks, reason="Bomen"),
    "status": lambda t, p, i: set_status(t.session, p, i, TicketStatus.PENDING),
    "kind": lambda t, p, i: set_kind(t.session, p, i, TicketKind.PRESS),
    "theme": lambda t, p, i: set_theme(t.session, p, i, t.trees),
    "priority": lambda t, p, i: set_priority(t.session, p, i, Priority.LOW),
    "confidentiality": lambda t, p, i: set_confidentiality(t.session, p, i, STRICT),
    "spam": lambda t, p, i: mark_spam(t.session, p, i),
    "tag": lambda t, p, i: tag(t.session, p, i, "lamp"),
    "no answer": lambda t, p, i: no_answer_needed(t.session, p, i, reason="Dank"),
    "merge": lambda t, p, i: merge(t.session, p, i, t.ticket(confidentiality=t.read(i).confidentiality)),
}
ANSWERING: dict[str, Verb] = {
    "reply": lambda t, p, i: reply(
        t.session, p, i, text="Wij komen", seen_message_id=2**40, limits=MAIL, undo_seconds=1
    ),
}


def expected_code(level: MandateLevel | None, verb: str) -> str | None:
    """What stops this verb, if anything does."""
    if level is None:
        return "ticket_unknown"
    if verb in READING:
        return None
    if level is READ:
        return "mandate_read"
    return "mandate_draft" if verb in ANSWERING and level is DRAFT else None


@matrix
def test_each_verb_is_allowed_or_refused_as_the_level_says(
    town: Town, name: str, confidentiality: Confidentiality
) -> None:
    principal, ticket_id = placed(town, name, confidentiality)
    level = EXPECTED[name][confidentiality]
    for verb, act in {**READING, **HANDLING, **ANSWERING}.items():
        expected = expected_code(level, verb)
        if principal.agent_id is None and expected is not None:
            expected = "ticket_unknown"
        if verb == "merge" and level is not None and confidentiality is STRICT and name == "owner in the team":
            expected = "ticket_unknown"  # their own ticket, but not the one to merge with
        with town.session.begin_nested() as savepoint:
            code = outcome(town, principal, ticket_id, act)
            savepoint.rollback()
        town.session.expire_all()
        if principal.agent_id is None:
            assert code in ("ticket_unknown", "agent_needed"), verb
        else:
            assert code == expected, verb


def outcome(town: Town, principal: Principal, ticket_id: int, act: Verb) -> str | None:
    try:
        act(town, principal, ticket_id)
    except DomainError as error:
        return error.code
    return None


def test_a_mandate_counts_on_its_account_and_theme_only(town: Town) -> None:
    ticket = town.read(town.ticket())
    town.mandate(ANSWER, agent_id=town.cas.agent_id, theme_id=town.trees)
    assert mandates.level(town.session, town.cas, ticket) is READ
    town.mandate(DRAFT, agent_id=town.cas.agent_id, account_id=town.mailbox)
    assert mandates.level(town.session, town.cas, ticket) is DRAFT
    town.mandate(ANSWER, team_id=town.parks, account_id=town.mailbox, theme_id=town.roads)
    assert mandates.level(town.session, town.cas, ticket) is ANSWER


def test_a_row_of_another_team_takes_nothing_from_a_member(town: Town) -> None:
    both = town.agent("Dubbel", teams=[town.streets, town.parks])
    town.mandate(READ, team_id=town.parks)
    assert mandates.level(town.session, both, town.read(town.ticket())) is ANSWER
    town.mandate(DRAFT, team_id=town.streets)
    assert mandates.level(town.session, both, town.read(town.ticket())) is DRAFT


def test_what_has_no_team_yet_is_sorted_out_by_leads(town: Town) -> None:
    ticket = town.read(town.ticket(team_id=None))
    assert mandates.level(town.session, town.lead, ticket) is ANSWER
    assert mandates.level(town.session, town.ann, ticket) is READ


def test_a_sites_program_sees_the_tickets_of_its_account_only(town: Town) -> None:
    site = Site(account_id=town.mailbox, key="site", name="Voorbeeldstad")
    town.session.add(site)
    town.session.flush()
    ticket_id = town.ticket()
    program = Principal(None, "site", Role.AGENT, site_id=site.id)
    assert [line.id for line in lists.all_tickets(town.session, program, lists.Filters())] == [ticket_id]
    assert read.ticket(town.session, program, ticket_id).level is READ
    other = Principal(None, "site", Role.AGENT, site_id=site.id + 1)
    assert lists.all_tickets(town.session, other, lists.Filters()) == []


def test_the_level_costs_one_statement_at_most(town: Town) -> None:

    ticket = town.read(town.ticket())
    for principal, cost in ((town.ann, 1), (town.admin, 0), (town.cas, 1)):
        with statements_of(town.session) as sent:
            mandates.level(town.session, principal, ticket)
        assert len(sent) == cost


def test_a_colleague_who_left_receives_nothing(town: Town) -> None:
    assert mandates.as_agent(town.session, town.lead.agent_id or 0).led_team_ids == frozenset({town.streets})
    with pytest.raises(NotFound):
        mandates.as_agent(town.session, 2**40)
