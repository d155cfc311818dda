"""The accounts page: what is wrong with an account, in the reader's language."""

from sqlalchemy import update

from app.models import AccountState
from tests.desk.conftest import Desk


def test_what_a_check_found_is_said_in_the_readers_language(office_desk: Desk) -> None:
    found = {"problem": "Rights are missing: connect the account again and allow all that is asked."}
    with office_desk.database.unit_of_work() as session:
        session.execute(update(AccountState).values(health=found))
    page = office_desk.client(office_desk.office.chief).get("/desk/accounts").text
    assert "Er ontbreken rechten: verbind het account opnieuw" in page


def test_the_ledger_sets_a_dot_between_two_words_and_none_behind_the_last(office_desk: Desk) -> None:
    with office_desk.database.unit_of_work() as session:
        session.execute(update(AccountState).values(repeated=2, unauthentic=1))
    page = " ".join(office_desk.client(office_desk.office.chief).get("/desk/ledger").text.split())
    assert "2 herhalingen herkend · 1 bericht met een foute handtekening · nog niet" in page
