"""Reading one account: page after page, each stored with its cursor before the next is asked for.

Run by one process per account at a time (whoever holds its advisory lock). No transaction is open while the channel talks
to its service.
"""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from app import log
from app.accounts import health
from app.channels.contract import ChannelError, Page, Pulls, Unreachable
from app.errors import Invalid
from app.intake.journal import Journalled, journal
from app.intake.means import Means
from app.intake.stow import stow
from app.models import AccountState

BACK_OFF = 5.0


@dataclass(frozen=True, slots=True)
class Read:
    """What one run brought. `retry_in` is in seconds, and filled when the service could not be reached."""

    pages: int = 0
    new: int = 0
    repeated: int = 0
    retry_in: float | None = None


def read_account(
    means: Means,
    account_id: int,
    *,
    back_off: float = BACK_OFF,
    stop: Callable[[], bool] = lambda: False,
) -> Read:
    """Everything that the service has for us; ends early when `stop` says so between two pages.

    An unreachable service is noted with the account and its next try; that is no error. Raises `Invalid` for an account
    that cannot be pulled or opened, and what the database and the store raise.
    """
    channel = means.accounts.channel(account_id)
    if not isinstance(channel, Pulls):
        raise Invalid("no_pull", "This kind of account is not read: its items are pushed to us.")
    pages = new = repeated = 0
    behind = None
    try:
        for page in channel.pull(_cursor(means, account_id)):
            stored = _store(means, account_id, page)
            pages, new, repeated = pages + 1, new + stored.new, repeated + stored.repeated
            behind = page.behind
            if stop():
                break
    except Unreachable as error:
        return Read(pages, new, repeated, _failed(means, account_id, error, back_off))
    except (DBAPIError, PoolTimeout):
        raise
    except Exception as error:
        detail = error.detail if isinstance(error, ChannelError) else f"Reading it failed: {type(error).__name__}."
        _failed(means, account_id, Unreachable(detail), back_off)  # an account that is not read must not look well
        raise
    with means.database.unit_of_work() as session:
        health.succeeded(session, account_id, behind=behind)
    return Read(pages, new, repeated)


def _cursor(means: Means, account_id: int) -> str | None:
    with means.database.read_only() as session:
        state = session.get(AccountState, account_id)
        return state.cursor if state is not None else None


def _store(means: Means, account_id: int, page: Page) -> Journalled:
    stowed = stow(means.blobs, page.items)
    with means.database.unit_of_work() as session:
        health.told(session, account_id, page.quotas, page.spent)
        return journal(session, account_id, stowed, page.cursor, page.behind)


def _failed(means: Means, account_id: int, error: Unreachable, back_off: float) -> float:
    with means.database.unit_of_work() as session:
        wait = health.record_failure(session, account_id, error, back_off=back_off)
    log.event("account.unreachable", account=account_id, retry_in=round(wait, 1))
    return wait
