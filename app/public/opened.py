"""The channel behind a page or a door that is open to everybody."""

from app import log
from app.accounts.directory import AccountRow
from app.channels.contract import Channel, Unreachable
from app.errors import Invalid
from app.web.state import State

AGAIN_SECONDS = 60


def opened(state: State, account: AccountRow) -> Channel:
    """Its channel. Raises `Unreachable` (503) while its settings cannot be opened, as when a key was lost.

    Why not the 400 that an administrator hears: to a service, and to the element in somebody's browser, that means that what
    they sent is wrong, and they would throw it away. Told that we are out of order, both keep it and send it again.
    """
    try:
        return state.accounts.channel_of(account)
    except Invalid as error:
        log.trouble("public.account_shut", account=account.id, reason=error.code)
        raise Unreachable("Nothing was lost. Try again in a minute.", retry_after=AGAIN_SECONDS) from error
