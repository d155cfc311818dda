"""The desk's lists: order, pages, campaigns, who sees what, and what they cost."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import text

from app.identity.principal import Principal
from app.models import Campaign, Contact, Draft, Theme, TicketTag
from app.storage.database import Database
from app.tickets import lists
from app.tickets.lists import Filters
from app.vocabulary import Confidentiality, Language, Priority, TicketKind, TicketStatus
from tests.tickets.statements import plan_of, statements_of
from tests.tickets.town import MONDAY, Town, build


def ids(lines: list[lists.Line]) -> list[int]:
    return [line.id for line in lines]


def test_a_queue_goes_by_urgency_then_deadline_then_number(town: Town) -> None:
    late = town.ticket(due_at=MONDAY + timedelta(days=3))
    soon = town.ticket(due_at=MONDAY + timedelta(days=1))
    same = town.ticket(due_at=MONDAY + timedelta(days=1))
    urgent = town.ticket(due_at=MONDAY + timedelta(days=9), priority=Priority.URGENT)
    town.ticket(team_id=town.parks)
    assert ids(lists.queue(town.session, town.ann, town.streets).lines) == [urgent, soon, same, late]


def test_pages_follow_each_other_without_gap_or_repeat(town: Town) -> None:
    made = [town.ticket(due_at=MONDAY + timedelta(hours=n % 3)) for n in range(7)]
    seen: list[int] = []
    after = None
    while True:
        page = lists.queue(town.session, town.ann, town.streets, after=after, limit=2)
        seen += ids(page.lines)
        after = page.next
        if after is None:
            break
    assert sorted(seen) == sorted(made)
    assert len(seen) == 7


def test_only_open_unmerged_tickets_that_are_no_spam_are_work(town: Town) -> None:
    kept = [town.ticket(), town.ticket(status=TicketStatus.OPEN)]
    for status in (TicketStatus.PENDING, TicketStatus.ON_HOLD, TicketStatus.SOLVED, TicketStatus.CLOSED):
        town.ticket(status=status)
    town.ticket(spam=True)
    town.ticket(merged_into_id=kept[0])
    town.ticket(agent_id=town.bob.agent_id)
    assert ids(lists.queue(town.session, town.ann, town.streets).lines) == kept


def test_my_work_is_mine_and_what_nobody_has_is_of_all_teams(town: Town) -> None:
    own = town.ticket(agent_id=town.ann.agent_id, status=TicketStatus.OPEN)
    other = town.ticket(team_id=town.parks)
    free = town.ticket(team_id=None)
    assert ids(lists.mine(town.session, town.ann).lines) == [own]
    assert ids(lists.unassigned(town.session, town.ann).lines) == [other, free]


def test_a_line_carries_the_names_that_a_row_shows(town: Town) -> None:
    ticket_id = town.ticket(agent_id=town.ann.agent_id, citizen=town.citizen("Mevrouw Voorbeeld"))
    (line,) = lists.mine(town.session, town.ann).lines
    assert (line.id, line.contact_name, line.agent_name) == (ticket_id, "Mevrouw Voorbeeld", "Ann")
    assert (line.theme_nl, line.theme_en) == ("wegen", "roads")
    assert (line.account_kind, line.campaign_size, line.snippet) == ("mail", 0, "De stoep is stuk.")


def test_a_campaign_is_one_row_counted_as_many(town: Town) -> None:
    campaign = Campaign(name="Geen kap", fingerprint="f1")
    town.session.add(campaign)
    town.session.flush()
    members = [town.ticket(campaign_id=campaign.id) for _ in range(4)]
    single = town.ticket()
    town.ticket(campaign_id=campaign.id, agent_id=town.bob.agent_id)
    lines = lists.queue(town.session, town.ann, town.streets).lines
    assert ids(lines) == [members[0], single]
    assert lines[0].campaign_size == 4
    assert lists.counts(town.session, town.ann).queues[town.streets] == 5
    everything = lists.all_tickets(town.session, town.ann, Filters(campaign_id=campaign.id))
    assert len(everything) == 5
    collapsed = lists.all_tickets(town.session, town.ann, Filters(team_id=town.streets))
    assert [(line.campaign_id, line.campaign_size) for line in collapsed] == [(campaign.id, 5), (None, 0)]


def test_a_campaigns_row_is_one_that_the_asker_may_see(town: Town) -> None:
    campaign = Campaign(name="Geen kap", fingerprint="f2")
    town.session.add(campaign)
    town.session.flush()
    town.ticket(campaign_id=campaign.id, confidentiality=Confidentiality.STRICT)
    seen = town.ticket(campaign_id=campaign.id)
    (line,) = lists.queue(town.session, town.ann, town.streets).lines
    assert (line.id, line.campaign_size) == (seen, 1)


def test_what_the_asker_may_not_see_is_in_no_list_and_no_count(town: Town) -> None:
    town.ticket(confidentiality=Confidentiality.TEAM)
    town.ticket(confidentiality=Confidentiality.STRICT)
    shown = town.ticket()
    assert ids(lists.queue(town.session, town.cas, town.streets).lines) == [shown]
    assert ids(lists.all_tickets(town.session, town.cas, Filters())) == [shown]
    assert lists.how_many(town.session, town.cas, Filters()) == 1
    assert lists.counts(town.session, town.cas).queues == {town.streets: 1}
    assert len(lists.queue(town.session, town.lead, town.streets).lines) == 3
    assert lists.counts(town.session, town.lead).unassigned == 3


@pytest.mark.parametrize(
    ("filters", "fits"),
    [
        (Filters(status=frozenset({TicketStatus.SOLVED, TicketStatus.CLOSED})), {"solved"}),
        (Filters(kind=TicketKind.WOO_REQUEST), {"woo"}),
        (Filters(language="en"), {"english"}),
        (Filters(tag="lamp"), {"tagged"}),
        (Filters(priority=Priority.HIGH), {"high"}),
        (Filters(confidentiality=Confidentiality.STRICT), {"strict"}),
        (Filters(spam=True), {"spam"}),
        (Filters(merged=True), {"merged"}),
        (Filters(), {"solved", "woo", "english", "tagged", "high", "strict"}),
        (Filters(spam=None, merged=None), {"solved", "woo", "english", "tagged", "high", "strict", "spam", "merged"}),
    ],
)
def test_everything_can_be_narrowed(town: Town, filters: Filters, fits: set[str]) -> None:
    made = {
        "solved": town.ticket(status=TicketStatus.SOLVED),
        "woo": town.ticket(kind=TicketKind.WOO_REQUEST),
        "english": town.ticket(language="en"),
        "tagged": town.ticket(),
        "high": town.ticket(priority=Priority.HIGH),
        "strict": town.ticket(confidentiality=Confidentiality.STRICT),
        "spam": town.ticket(spam=True),
    }
    made["merged"] = town.ticket(merged_into_id=made["solved"])
    town.session.add(TicketTag(ticket_id=made["tagged"], tag="lamp"))
    town.session.flush()
    found = lists.all_tickets(town.session, town.lead, filters)
    assert set(ids(found)) == {made[name] for name in fits}
    assert lists.how_many(town.session, town.lead, filters) == len(fits)
    assert ids(found) == sorted(ids(found), reverse=True)


def test_pages_of_everything_go_on_below_the_last_number(town: Town) -> None:
    made = [town.ticket() for _ in range(5)]
    first = lists.all_tickets(town.session, town.ann, Filters(), limit=3)
    rest = lists.all_tickets(town.session, town.ann, Filters(), after=first[-1].id, limit=3)
    assert ids(first + rest) == made[::-1]


def test_other_counts_stop_above_ninety_nine(town: Town) -> None:
    ticket_id = town.ticket()
    columns = "account_id, received_at, due_at, kind, status, priority, confidentiality, subject, language, "
    columns += "subject_key, subject_url, subject_title, is_public"
    town.session.execute(
        text(f"INSERT INTO ticket ({columns}) SELECT {columns} FROM ticket, generate_series(1, 150) WHERE id = :id"),
        {"id": ticket_id},
    )
    assert lists.how_many(town.session, town.ann, Filters()) == lists.CAP + 1


def test_the_menus_counts_are_one_statement(town: Town) -> None:
    ticket_id = town.ticket(agent_id=town.ann.agent_id)
    town.ticket()
    town.ticket(team_id=None)
    town.session.add(Draft(ticket_id=ticket_id, agent_id=town.bob.agent_id, text="…", for_release=True))
    town.session.flush()
    with statements_of(town.session) as sent:
        found = lists.counts(town.session, town.ann)
    assert len(sent) == 1
    assert (found.mine, found.unassigned, found.to_release) == (1, 2, 1)
    assert found.queues == {town.streets: 1, None: 1}


@pytest.mark.parametrize("rows", [1, 40])
def test_a_page_is_one_statement_however_many_rows(town: Town, rows: int) -> None:
    for _ in range(rows):
        town.ticket(agent_id=town.ann.agent_id)
    pages: list[Callable[[], list[lists.Line]]] = [
        lambda: lists.mine(town.session, town.ann).lines,
        lambda: lists.all_tickets(town.session, town.ann, Filters()),
    ]
    for page in pages:
        with statements_of(town.session) as sent:
            assert len(page()) == rows
        assert len(sent) == 1


def test_the_lists_of_open_work_read_only_what_they_show(database: Database) -> None:
    # A database of its own: what other tests rolled back would change PostgreSQL's estimates.
    with database.unit_of_work() as session:
        lists_use_their_indexes(build(session))


def lists_use_their_indexes(town: Town) -> None:
    ticket_id = town.ticket()
    columns = "account_id, received_at, kind, priority, confidentiality, subject, language, subject_key, subject_url, "
    columns += "subject_title, is_public"
    # One in twenty is open, over two teams; as many are somebody's as nobody's.
    town.session.execute(
        text(
            f"INSERT INTO ticket ({columns}, due_at, status, team_id, agent_id) SELECT {columns}, "
            "received_at + n * interval '1 minute', CASE n % 20 WHEN 0 THEN 'open' ELSE 'closed' END, "
            "CASE n / 20 % 2 WHEN 0 THEN CAST(:streets AS bigint) ELSE :parks END, "
            "CASE n / 40 % 2 WHEN 0 THEN CAST(:agent AS bigint) END FROM ticket, generate_series(1, 20000) AS n WHERE id = :id"
        ),
        {"id": ticket_id, "streets": town.streets, "parks": town.parks, "agent": town.ann.agent_id},
    )
    town.session.execute(text("ANALYZE ticket"))
    for index, ask in (
        ("ix_ticket_mine", lambda: lists.mine(town.session, town.ann)),
        ("ix_ticket_queue", lambda: lists.queue(town.session, town.ann, town.streets)),
        ("ix_ticket_unassigned", lambda: lists.unassigned(town.session, town.ann)),
    ):
        assert index in plan_of(town.session, ask)


def test_what_was_written_about_one_thing_is_found_by_index_among_a_hundred_thousand(database: Database) -> None:
    with database.unit_of_work() as session:
        written_answers_use_their_index(build(session))


def written_answers_use_their_index(town: Town) -> None:
    ticket_id = town.ticket()
    copied = (
        "INSERT INTO ticket (account_id, kind, status, priority, confidentiality, subject, language, subject_url, "
        "subject_title, is_public, received_at, due_at, subject_key) SELECT account_id, kind, status, priority, "
        "confidentiality, '', '', '', '', false, received_at, due_at, "
        "CASE n % 4 WHEN 0 THEN 'poll:p' || n % 1000 ELSE '' END FROM ticket, generate_series(1, 100000) AS n WHERE id = :id"
    )
    town.session.execute(text(copied), {"id": ticket_id})
    town.session.execute(text("ANALYZE ticket"))
    for asker in (town.admin, town.lead, town.ann):

        def ask(asker: Principal = asker) -> list[lists.Line]:
            return lists.about(town.session, asker, town.mailbox, "poll:p4", limit=25)

        assert "ix_ticket_subject" in plan_of(town.session, ask)
        assert ids(ask()) == sorted(ids(ask()), reverse=True)
        assert len(ask()) == 25


def test_names_of_another_language_come_along(town: Town) -> None:
    theme = town.session.get_one(Theme, town.roads)
    contact = Contact(name="J. Doe", language=Language.ENGLISH)
    town.session.add(contact)
    town.session.flush()
    town.ticket(contact_id=contact.id, agent_id=town.ann.agent_id)
    (line,) = lists.mine(town.session, town.ann).lines
    assert (line.theme_en, line.contact_name) == (theme.name_en, "J. Doe")
