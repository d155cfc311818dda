"""Renewing tokens that end: one at a time per account, since a service may end the old refresh token at its first use.

Two workers that renewed together would each get a token, and the one that is stored last may be the one that is dead.
"""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

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
    with database.unit_of_work() as session:
        if not _alone(session, row.id):
            return False
        # Under the lock, and of the row as it is now: somebody may have renewed it a moment ago.
        channel = accounts.channel_of(accounts.row(row.id))
        assert isinstance(channel, Refreshes)
        try:
            settings = channel.refreshed()
        except (Refused, Unreachable) as error:
            log.trouble("account.not_refreshed", account=row.id, reason=type(error).__name__)
            failed(session, row.id, error.detail, back_off=back_off)
            return False
        if settings is None:
            return False
        update_account(session, keys, row.id, settings=settings)
    log.event("account.refreshed", account=row.id)
    return True


def _alone(session: Session, account_id: int) -> bool:
    return bool(session.scalar(select(func.pg_try_advisory_xact_lock(LOCK, account_id))))
