"""What a service allows an account, on the accounts page."""

from sqlalchemy import select, update

from app.desk.allowance import allowance
from app.models import AccountState
from app.vocabulary import Language
from tests.desk.conftest import Desk

HEALTH = {
    "problem": None,
    "missing_scopes": ["write:statuses"],
    "expires_at": "2026-12-24T10:00:00+00:00",
    "quotas": [
        {"unit": "calls (reading)", "used": 40.0, "limit": 300.0, "resets_at": "2026-11-24T21:30:00+00:00"},
        {"unit": "posts", "used": 1500.0, "limit": None, "resets_at": None},
    ],
}


def test_quotas_money_and_the_end_of_a_connection_are_said_in_words() -> None:
    found = allowance(HEALTH, 1.234, Language.DUTCH)
    assert list(found.lines) == [
        "40 van 300 aanroepen (lezen) gebruikt, opnieuw om 24 nov 22:30",
        "1.500 berichten gebruikt",
        "$1.23 uitgegeven",
        "de verbinding eindigt op 24 dec 2026 11:00",
    ]
    assert list(found.warnings) == ["ontbrekende rechten: write:statuses"]


def test_an_account_that_told_nothing_has_nothing_to_show() -> None:
    assert allowance({}, 0, Language.ENGLISH) == allowance(None, None, Language.ENGLISH)
    assert not allowance({}, 0, Language.ENGLISH).lines


def test_the_accounts_page_shows_what_is_left_and_what_was_spent(busy_desk: Desk) -> None:
    with busy_desk.database.unit_of_work() as session:
        first = session.scalars(select(AccountState.account_id).order_by(AccountState.account_id)).first()
        state = update(AccountState).where(AccountState.account_id == first)
        session.execute(state.values(health=HEALTH, spent=12.5, behind=3))
    page = busy_desk.client(busy_desk.office.chief).get("/desk/accounts").text
    for words in ("$12.50 uitgegeven", "40 van 300 aanroepen", "ontbrekende rechten", "nog 3 te lezen"):
        assert words in page
