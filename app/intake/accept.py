"""Bytes that a program on this machine hands over (LMTP, an MTA's pipe): ours from the moment that this returns."""

from collections.abc import Sequence

from app import log
from app.channels.contract import Accepts, HandedOver, RawItem, Refused, Unreachable
from app.errors import DomainError
from app.intake.journal import journal
from app.intake.means import Means
from app.intake.stow import stow


def accept(means: Means, handed: HandedOver) -> Sequence[int]:
    """The raw items that the bytes became, committed; empty when they were known already.

    Raises `Refused` when no account takes this recipient: final. Every other error (`Unreachable`: it may belong to an
    account that cannot be opened now) means that nothing was stored and the sender must keep it (4xx, or exit code 75).
    """
    made: list[int] = []
    takers = _takers(means, handed)
    stowed = [(account_id, stow(means.blobs, [item])) for account_id, item in takers]
    with means.database.unit_of_work() as session:
        for account_id, items in stowed:
            made.extend(journal(session, account_id, items).ids)
    return made


def accepts(means: Means, recipient: str) -> bool:
    """Whether an account takes this recipient: what an MTA is told before it sends the bytes. Raises `Unreachable`."""
    doors, closed = _doors(means)
    if any(channel.takes(recipient) for _, channel in doors):
        return True
    if closed:
        raise _perhaps_later()
    return False


def _doors(means: Means) -> tuple[list[tuple[int, Accepts]], bool]:
    """The accounts that are handed mail, and whether there is one more whose settings cannot be opened.

    Such an account must not close the door for the others; and its own mail must not be refused for good. Accounts of a kind
    that is never handed anything are not even opened; kinds that this process does not know are among them.
    """
    takers = {key for key in means.accounts.kinds if "Accepts" in means.accounts.capabilities(key)}
    doors: list[tuple[int, Accepts]] = []
    closed = False
    for account in means.accounts.active():
        if account.kind not in takers:
            continue
        try:
            channel = means.accounts.channel_of(account)
        except DomainError as error:
            log.trouble("account.not_built", account=account.id, reason=error.code)
            closed = True
            continue
        if isinstance(channel, Accepts):
            doors.append((account.id, channel))
    return doors, closed


def _takers(means: Means, handed: HandedOver) -> list[tuple[int, RawItem]]:
    takers: list[tuple[int, RawItem]] = []
    refused = Refused(f"no mailbox here has the address of this recipient ({handed.door})", "550")
    doors, closed = _doors(means)
    for account_id, channel in doors:
        try:
            takers.append((account_id, channel.accept(handed)))
        except Refused as error:
            refused = error
    if not takers:
        raise _perhaps_later() if closed else refused
    return takers


def _perhaps_later() -> Unreachable:
    return Unreachable("an account cannot be opened now; keep the mail and try again")
