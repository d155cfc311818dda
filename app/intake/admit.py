"""From raw items to tickets: parse → identify → thread → ticket and message, one transaction per item.

Whatever happens to one item, the next one goes on: what cannot be understood is set aside with its reason; what met a
database or a disk that was away stays new, and its try does not count.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import assert_never

from sqlalchemy.orm import Session

from app import log
from app.accounts.health import LONGEST_REST
from app.channels.contract import (
    Channel,
    DeliveryReport,
    Incoming,
    OwnPost,
    RawItem,
    Reaction,
    Revision,
    Sends,
    Signal,
    Unreachable,
    Unreadable,
    Vote,
    Withdrawal,
)
from app.clock import monotonic
from app.errors import DomainError
from app.intake import (
    admit_own_post,
    admit_reaction,
    admit_report,
    admit_revision,
    admit_signal,
    admit_vote,
    admit_withdrawal,
    again,
    clean,
    complete,
    files,
    settle,
    stow,
    trouble,
)
from app.intake.claim import MOST_TRIES, claim, claim_this, later
from app.intake.means import Claimed, InHand, Means, Waits
from app.intake.outcome import Outcome

BATCH = 20
RETRY_SECONDS = 2.0
ACCOUNT_SECONDS = 60.0
PATIENCE = 3600.0
"""Seconds that an edit or a withdrawal waits for what it speaks of."""


def admit_waiting(means: Means, limit: int = BATCH) -> int:
    """Admit up to `limit` items that wait; how many were taken up. Raises when the database is away.

    0 means that nothing waits now. What may kill its worker, or has something to fetch, goes last in the batch. What raises
    here concerns the database or the store; yet the item that met it rests a moment, so that one whose file alone cannot be
    read does not stand before all others for ever.
    """
    items = sorted(claim(means, limit), key=lambda item: (item.tries > 1, _slow(means, item)))
    enough = monotonic() + means.lease_seconds / 2
    done = 0
    try:
        for item in items:
            if done and monotonic() > enough:
                break  # the others of this batch are given back before their lease ends
            _admit(means, item)
            done += 1
    except BaseException:
        means.owed.append((items[done].id, _rest(items[done])))
        done += 1
        raise
    finally:
        means.owed.extend((item.id, 0.0) for item in items[done:])
    return len(items)


def admit_this(means: Means, account_id: int, key: str) -> bool:
    """Admit one item ahead of those that wait, for somebody who is waiting for its reference; whether it was taken up.

    False when it is settled already or a worker has it in hand. Raises as `admit_waiting` does.
    """
    item = claim_this(means, account_id, stow.key_of(key))
    if item is None:
        return False
    try:
        _admit(means, item)
    except BaseException:
        means.owed.append((item.id, _rest(item)))
        raise
    return True


def _rest(item: Claimed) -> float:
    """Seconds: short for what has only just come, since the database may be back at once."""
    return min(max(item.age / 2, 0.5), 60.0)


def _slow(means: Means, item: Claimed) -> bool:
    kind = means.accounts.kinds.get(item.account.kind)
    able = kind is not None and hasattr(kind.channel, "complete") and kind.points(item.meta)
    return able and complete.FILES not in item.completed


def _admit(means: Means, item: Claimed) -> None:
    try:
        if item.tries > MOST_TRIES:
            return _put_aside(means, item, "killed_its_worker", None)
        parts = _understood(means, item)
        return _write(means, item, parts)
    except Unreachable as error:
        _wait(means, item, "unreachable", _asked(error) or min(max(item.age, 5.0), 900.0), counts=False)
    except Unreadable as error:
        _put_aside(means, item, error.detail, error)
    except Waits as order:
        _wait_for_original(means, item, order)
    except Exception as error:  # noqa: BLE001  (a bug of ours that one item met: the next one goes on)
        _failed(means, item, error)


def _asked(error: Unreachable) -> float:
    return min(error.retry_after or 0.0, LONGEST_REST)


def _failed(means: Means, item: Claimed, error: Exception) -> None:
    """The database's or the disk's fault goes up to the worker; a bug of ours sets this one item aside.

    A statement that took too long may be either, so that is tried again a few times.
    """
    if trouble.nobodys_item(error):
        raise error
    log.trouble("intake.failed", error=error, item=item.id, account=item.account.id, tries=item.tries)
    if trouble.too_slow(error) and item.tries < MOST_TRIES:
        return _wait(means, item, "too_slow", RETRY_SECONDS, counts=True)
    return _put_aside(means, item, type(error).__name__, error)


def _understood(means: Means, item: Claimed) -> Sequence[tuple[Incoming, Sequence[files.Kept]]]:
    """The item's parts, clean, with their files kept. No transaction is open."""
    channel = _channel(means, item)
    parts = [clean.incoming(part, item.received_at) for part in channel.parse(_raw(means, channel, item))]
    with trouble.storing():
        return [(part, files.keep(means.blobs, getattr(part, "attachments", ()))) for part in parts]


def _channel(means: Means, item: Claimed) -> Channel:
    """An account whose settings cannot be opened says nothing about its items: they wait until it is repaired."""
    try:
        return means.accounts.channel_of(item.account)
    except DomainError as error:
        raise Unreachable(f"account: {error.code}", retry_after=ACCOUNT_SECONDS) from error


def _raw(means: Means, channel: Channel, item: Claimed) -> RawItem:
    if stow.CUT in item.meta:
        raise Unreadable("too_large")
    with trouble.storing():
        body = item.body if item.body is not None else means.blobs.read(item.blob or "")
    raw = RawItem(item.key, body, item.media_type, item.meta)
    if complete.needed(channel, item):
        return complete.complete(means, channel, item, raw)
    names = item.completed.get(complete.FILES, {})
    with trouble.storing():
        fetched = {name: means.blobs.read(digest) for name, digest in names.items()}
    return replace(raw, completed=fetched) if fetched else raw


def _write(means: Means, item: Claimed, parts: Sequence[tuple[Incoming, Sequence[files.Kept]]]) -> None:
    """One transaction; done again on a fresh view as often as somebody else was first."""
    writes_back = _writes_back(_channel(means, item))
    for last in (*(False,) * (again.TRIES - 1), True):
        try:
            with means.database.unit_of_work() as session:
                outcomes = [_part(session, InHand(means.keys, item, kept, writes_back), part) for part, kept in parts]
                settle.settle(session, item.id, outcomes)
        except settle.Gone:
            return
        except Exception as error:
            if last or not again.lost_a_race(error):
                raise
        else:
            return


def _writes_back(channel: Channel) -> bool:
    """Mail is answered to its sender; under a web page an address is only what somebody typed, and nothing goes there."""
    return isinstance(channel, Sends) and not channel.limits.audience.public


def _part(session: Session, hand: InHand, part: Incoming) -> Outcome:
    match part:
        case Reaction():
            return admit_reaction.admit(session, hand, part)
        case Revision():
            return admit_revision.admit(session, hand, part)
        case Withdrawal():
            return admit_withdrawal.admit(session, hand, part)
        case DeliveryReport():
            return admit_report.admit(session, hand, part)
        case Vote():
            return admit_vote.admit(session, hand, part)
        case Signal():
            return admit_signal.admit(session, hand, part)
        case OwnPost():
            return admit_own_post.admit(session, hand, part)
        case _:
            assert_never(part)


def _put_aside(means: Means, item: Claimed, reason: str, error: BaseException | None) -> None:
    log.event(
        "intake.set_aside", item=item.id, account=item.account.id, reason=type(error).__name__ if error else reason
    )
    try:
        with means.database.unit_of_work() as session:
            settle.set_aside(session, item.id, clean.text(reason, 500), error)
    except settle.Gone:
        return


def _wait_for_original(means: Means, item: Claimed, order: Waits) -> None:
    if item.age > PATIENCE:
        return _put_aside(means, item, order.reason, None)
    return _wait(means, item, order.reason, min(max(item.age / 2, RETRY_SECONDS), 120.0), counts=False)


def _wait(means: Means, item: Claimed, reason: str, seconds: float, *, counts: bool) -> None:
    with means.database.unit_of_work() as session:
        later(session, item, reason, seconds, counts=counts)
