"""Bytes that a program on this machine hands over (LMTP, an MTA's pipe): ours from the moment that this returns."""

from collections.abc import Iterator, Sequence

from app import log
from app.channels.contract import Accepts, HandedOver, RawItem, Refused
from app.errors import DomainError
from app.intake.journal import journal
from app.intake.means import Means
from app.intake.stow import stow


def accept(means: Means, handed: HandedOver) -> Sequence[int]:
    """The raw items that the bytes became, committed; empty when they were known already.

    Raises `Refused` when no account takes this recipient, or the message is larger than its account allows: final. Every
    other error means that nothing was stored and the sender must keep it (4xx, or exit code 75).
    """
    made: list[int] = []
    takers = _takers(means, handed)
    stowed = [(account_id, stow(means.blobs, [item])) for account_id, item in takers]
    with means.database.unit_of_work() as session:
        for account_id, items in stowed:
            made.extend(journal(session, account_id, items).ids)
    return made


def accepts(means: Means, recipient: str) -> bool:
    """Whether an account takes this recipient: what an MTA is told before it sends the bytes."""
    return any(channel.takes(recipient) for _, channel in _doors(means))


def _doors(means: Means) -> Iterator[tuple[int, Accepts]]:
    """The accounts that are handed mail. One whose settings cannot be opened must not close the door for the others."""
    for account in means.accounts.active():
        try:
            channel = means.accounts.channel_of(account)
        except DomainError as error:
            log.trouble("account.not_built", account=account.id, reason=error.code)
            continue
        if isinstance(channel, Accepts):
            yield account.id, channel


def _takers(means: Means, handed: HandedOver) -> list[tuple[int, RawItem]]:
    takers: list[tuple[int, RawItem]] = []
    refused = Refused(f"no mailbox here has the address of this recipient ({handed.door})", "5.1.1")
    for account_id, channel in _doors(means):
        try:
            takers.append((account_id, channel.accept(handed)))
        except Refused as error:
            refused = error
    if not takers:
        raise refused
    return takers
