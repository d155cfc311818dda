"""The account at which what is entered by hand arrives."""

from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import func, insert, select, update

from app.accounts.directory import Accounts
from app.channels.registry import KINDS
from app.models import Account
from app.storage.database import Database
from app.storage.keys import Keys
from app.tickets import by_hand
from tests.web import made


def test_it_is_made_once_however_many_need_it_at_the_same_moment(database: Database, keys: Keys) -> None:
    accounts = Accounts(database, keys, {kind.key: kind for kind in KINDS}, "http://127.0.0.1:8000")
    with database.unit_of_work() as session:
        organisation = made.organisation(session)
        taken = {
            "organisation_id": organisation,
            "kind": "mail",
            "name": by_hand.NAME,
            "settings": b"",
            "public_key": "k",
        }
        session.execute(insert(Account).values(taken))

    def needed(_: int) -> int:
        with database.unit_of_work() as session:
            return by_hand.account(session, accounts, keys)

    with ThreadPoolExecutor(4) as pool:
        found = set(pool.map(needed, range(8)))
    assert len(found) == 1
    with database.unit_of_work() as session:
        assert session.scalar(select(func.count()).where(Account.kind == by_hand.KIND)) == 1
        session.execute(update(Account).where(Account.kind == by_hand.KIND).values(active=False, name="Balie"))
    assert needed(0) not in found
