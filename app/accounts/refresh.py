"""Renewing tokens that end: one at a time per account, since a service may end the old refresh token at its first use.

Two workers that renewed together would each get a token, and the one that is stored last may be the one that is dead.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from pydantic import BaseModel
from sqlalchemy import func, select

from app import log
from app.accounts.change import update_account
from app.accounts.directory import AccountRow, Accounts
from app.accounts.health import failed
from app.channels.contract import Refreshes, Refused, Unreachable
from app.storage.database import Database
from app.storage.keys import Keys

LOCK = 0x52454652
"""Half of the advisory lock's name; the account's id is the other half."""


def refresh_all(database: Database, accounts: Accounts, keys: Keys, *, back_off: float) -> int:
    """Renew whatever ends soon; gives how many accounts got new tokens. One that cannot is said on its page."""
    renewed = 0
    for row in accounts.active():
        try:
            renewed += _refresh(database, accounts, keys, row, back_off)
        except Exception as error:  # noqa: BLE001  (one account that cannot be opened lets no other's token end)
            log.trouble("account.not_refreshed", account=row.id, error=error)
    return renewed


def _refresh(database: Database, accounts: Accounts, keys: Keys, row: AccountRow, back_off: float) -> bool:
    if not isinstance(accounts.channel_of(row), Refreshes):
        return False
    with _alone(database, row.id) as alone:
        settings = _renewed(database, accounts, row.id, back_off) if alone else None
        if settings is None:
            return False
        with database.unit_of_work() as session:
            update_account(session, keys, row.id, settings=settings)
    log.event("account.refreshed", account=row.id)
    return True


def _renewed(database: Database, accounts: Accounts, account_id: int, back_off: float) -> BaseModel | None:
    """What the service gives, asked under the lock for the account as it is now: somebody may have renewed it a moment ago."""
    channel = accounts.channel(account_id)
    assert isinstance(channel, Refreshes)
    try:
        return channel.refreshed()
    except (Refused, Unreachable) as error:
        log.trouble("account.not_refreshed", account=account_id, reason=type(error).__name__)
        with database.unit_of_work() as session:
            failed(session, account_id, error.detail, back_off=back_off)
        return None


@contextmanager
def _alone(database: Database, account_id: int) -> Iterator[bool]:
    """Whether the lock is ours, which belongs to a connection: no transaction is open while the service is asked."""
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        alone = bool(connection.scalar(select(func.pg_try_advisory_lock(LOCK, account_id))))
        try:
            yield alone
        finally:
            if alone:
                connection.execute(select(func.pg_advisory_unlock(LOCK, account_id)))
