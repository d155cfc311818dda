"""The fictional municipality: made once, through the same doors as real reactions, and ready to work in."""

from collections.abc import Iterator

import pytest
from sqlalchemy import text

from app.demo import seed, town
from app.identity.passwords import passwords
from app.intake import ledger
from app.polls import count
from app.polls.poll import PollState, by_id, listed
from app.settings import Settings
from app.system import System, open_system
from tests.journey.hall import furnish


@pytest.fixture
def system(database_settings: Settings) -> Iterator[System]:
    with open_system(database_settings) as opened:
        yield opened


def rows(system: System, query: str) -> list[tuple[object, ...]]:
    with system.database.read_only() as session:
        return [tuple(row) for row in session.execute(text(query))]


def test_the_clerk_has_the_comment_about_waste_with_its_theme_and_the_reason_why(system: System) -> None:
    assert seed.demo(system).fresh
    found = rows(system, f"""
        SELECT h.key, t.name, a.email, d.trace IS NOT NULL
        FROM ticket k JOIN theme h ON h.id = k.theme_id JOIN team t ON t.id = k.team_id LEFT JOIN agent a ON a.id = k.agent_id
        JOIN decision d ON d.id = k.decision_id WHERE k.subject_key = '{town.PAGE}' ORDER BY k.id
    """)  # fmt: skip
    assert found == [("afval", "Afval en straten", town.CLERK, True)] * 2
    said = "SELECT DISTINCT a.kind, m.publication FROM message m JOIN account a ON a.id = m.account_id WHERE m.kind = 'reaction'"
    assert set(rows(system, said)) == {("comments.form", "published"), ("polls.own", None)}


def test_a_team_that_takes_the_next_one_keeps_its_ticket_in_its_queue(system: System) -> None:
    seed.demo(system)
    queued = (
        "SELECT DISTINCT t.name FROM ticket k JOIN team t ON t.id = k.team_id WHERE k.agent_id IS NULL ORDER BY t.name"
    )
    assert rows(system, queued) == [("Groen en parken",), ("Klantcontact",)]


def test_it_may_run_at_every_start(system: System) -> None:
    first = seed.demo(system)
    counts = """
        SELECT (SELECT count(*) FROM agent), (SELECT count(*) FROM ticket), (SELECT count(*) FROM account),
            (SELECT count(*) FROM site), (SELECT count(*) FROM template), (SELECT count(*) FROM policy),
            (SELECT count(*) FROM poll), (SELECT count(*) FROM vote)
    """
    before = rows(system, counts)
    again = seed.demo(system)
    assert (first.fresh, again.fresh) == (True, False)
    assert rows(system, counts) == before
    assert first.words == again.words


def test_it_leaves_an_installation_alone_in_which_somebody_works(system: System) -> None:
    furnish(system)
    assert not seed.demo(system).fresh
    assert rows(system, "SELECT count(*) FROM agent") == [(1,)]
    assert rows(system, "SELECT count(*) FROM account") == [(0,)]


def test_what_the_terminal_shows_opens_the_desk(system: System) -> None:
    shown = seed.demo(system).words
    for wanted in (
        f"{system.settings.base_url}/desk",
        f"{system.settings.base_url}/example",
        town.CLERK,
        town.PASSWORD,
    ):
        assert wanted in shown
    [(stored,)] = rows(system, f"SELECT password_hash FROM agent WHERE email = '{town.CLERK}'")
    assert passwords("low").matches(town.PASSWORD, str(stored))


def test_everybody_in_it_is_plainly_fictional(system: System) -> None:
    seed.demo(system)
    assert all(str(email).endswith("@voorbeeldstad.example") for (email,) in rows(system, "SELECT email FROM agent"))
    assert rows(system, "SELECT address FROM contact_address WHERE kind = 'email'") == []


def test_its_ledger_holds_and_its_blocks_come_in_both_languages(system: System) -> None:
    seed.demo(system)
    with system.database.read_only(snapshot=True) as session:
        accounts = {account.kind: account for account in ledger.read(session)}
    assert all(account.difference == 0 for account in accounts.values())
    assert accounts["comments.form"].seen == len(town.COMMENTS)
    languages = rows(system, "SELECT language, count(*) FROM template GROUP BY language ORDER BY language")
    assert languages == [("en", 2), ("nl", 2)]


def test_it_has_an_open_poll_with_votes_and_a_closed_one_with_its_result(system: System) -> None:
    seed.demo(system)
    with system.database.read_only() as session:
        library, square = (by_id(session, row.id) for row in listed(session))
        results = {poll.state: count.counted(session, poll) for poll in (library, square)}
    assert (library.state, square.state) == (PollState.CLOSED, PollState.OPEN)
    assert results[PollState.OPEN].votes == (8, 7)
    assert results[PollState.OPEN].apart == {"repeat": 1}
    assert [line.votes.counted for line in results[PollState.CLOSED].questions[0].lines] == [4, 16, 3]
    assert library.answer_nl
    assert library.answer_en
    about = rows(system, "SELECT subject_title FROM ticket WHERE subject_key LIKE 'poll:%' ORDER BY id")
    assert len(about) == 3
    assert all("–" in str(title) for (title,) in about)
