"""Mails that belong to no ticket, one to each of many people, with a delivery's promise: once, or "nobody can tell".

    waiting ─claim─► claimed ─begin─► begun ─► sent | failed (again at) | refused | uncertain

Why not deliveries: a delivery belongs to a ticket, whose deliveries go in order and whose colleagues read its text. Here a
thousand strangers would wait for the first whose mail server is slow, and an invitation would be read by others than its owner.
"""

import secrets
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from sqlalchemy import and_, func, insert, or_, select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session

from app import log
from app.accounts.directory import Accounts
from app.channels.contract import (
    Channel,
    ChannelError,
    DeliveryReport,
    OutgoingMessage,
    Recipient,
    Refused,
    Sends,
    Sent,
    Uncertain,
    Unreachable,
)
from app.delivery import settle
from app.delivery.claim import MOST_TRIES, given_back
from app.delivery.reconcile import look_for
from app.errors import DomainError
from app.models import Mailing, Poll
from app.settings import Settings
from app.storage.database import Database
from app.storage.keys import Keys
from app.storage.queue import wake
from app.vocabulary import AddressKind, DeliveryState

TOPIC = "mailing"
WAITS = (DeliveryState.WAITING, DeliveryState.FAILED)
LONGEST_DETAIL = 500
_COLUMNS = (
    Mailing.id, Mailing.account_id, Mailing.address, Mailing.language, Mailing.title, Mailing.sealed, Mailing.key,
    Mailing.tries, Mailing.claimed_by,
)  # fmt: skip
_DUE = (
    select(Mailing.id)
    .where(Mailing.state.in_(WAITS), Mailing.not_before <= func.clock_timestamp())
    .order_by(Mailing.not_before, Mailing.id)
    .limit(1)
    .with_for_update(skip_locked=True)
)
_TOO_LATE = (
    update(Mailing)
    .where(
        Mailing.state.in_(WAITS), Mailing.poll_id.in_(select(Poll.id).where(Poll.closes_at <= func.clock_timestamp()))
    )
    .values(state=DeliveryState.CANCELLED, sealed=b"")
)
"""The link in it leads nowhere any more."""

Outcome = Sent | ChannelError


def post(
    session: Session, keys: Keys, *, poll_id: int, account_id: int, language: str, title: str,
    mails: Iterable[tuple[str, str]],
) -> None:  # fmt: skip
    """Let these mails, (address, text), wait to be sent when this transaction commits. Nobody is written to twice."""
    same = {"poll_id": poll_id, "account_id": account_id, "language": language, "title": title}
    rows = [
        {
            **same, "address": address, "sealed": keys.fernet.encrypt(said.encode()), "key": secrets.token_hex(16),
            "state": DeliveryState.WAITING, "not_before": func.now(),
        }
        for address, said in mails
    ]  # fmt: skip
    for row in rows:
        session.execute(insert(Mailing).values(row))
    wake(session, TOPIC)


def send_waiting(database: Database, accounts: Accounts, keys: Keys, settings: Settings, worker: str) -> int:
    """Drop what a poll that ended by itself left, recover what silent workers left, then send the mail that has been due
    longest; gives how many it handled.
    """
    with database.unit_of_work() as session:
        session.execute(_TOO_LATE)
    recovered = _recover(database, accounts, keys)
    with database.unit_of_work() as session:
        taken = _claim(session, worker, settings.lease_seconds)
    if taken is None:
        return recovered
    outcome = _sent(database, accounts, keys, taken)
    if outcome is not None:
        with database.unit_of_work() as session:
            _settle(session, taken, outcome, settings.back_off_seconds)
        log.event("mailing.settled", mailing=taken.id, outcome=type(outcome).__name__, tries=taken.tries)
    return recovered + 1


def apply_report(session: Session, account_id: int, report: DeliveryReport) -> bool:
    """Write down what became of one of these mails; False when the report is about none of them."""
    key = report.external_id.partition("@")[0].strip("<>")
    ours = or_(and_(Mailing.account_id == account_id, Mailing.external_id == report.external_id), Mailing.key == key)
    found = session.scalar(select(Mailing.id).where(ours).limit(1)) if report.external_id else None
    if found is None:
        return False
    if report.outcome == "failed":
        values = {"state": DeliveryState.REFUSED, "problem": report.detail[:LONGEST_DETAIL]}
        session.execute(update(Mailing).where(Mailing.id == found).values(**values, code=report.code or "bounced"))
    return True


def _claim(session: Session, worker: str, lease_seconds: float) -> Any:
    taken = update(Mailing).where(Mailing.id == _DUE.scalar_subquery())
    values = {
        "state": DeliveryState.CLAIMED, "claimed_by": f"{worker}:{secrets.token_hex(6)}", "tries": Mailing.tries + 1,
        "lease_until": func.clock_timestamp() + timedelta(seconds=lease_seconds),
    }  # fmt: skip
    return session.execute(taken.values(values).returning(*_COLUMNS)).one_or_none()


def _sent(database: Database, accounts: Accounts, keys: Keys, taken: Any) -> Outcome | None:
    """What came of sending; None when the lease was lost before the first byte left."""
    prepared = _prepared(accounts, keys, taken)
    if isinstance(prepared, Unreachable):
        return prepared
    channel, message = prepared
    with database.unit_of_work() as session:
        mine = (Mailing.id == taken.id, Mailing.claimed_by == taken.claimed_by, Mailing.state == DeliveryState.CLAIMED)
        begun = update(Mailing).where(*mine, Mailing.lease_until > func.clock_timestamp())
        if session.execute(begun.values(state=DeliveryState.BEGUN).returning(Mailing.id)).one_or_none() is None:
            log.trouble("mailing.lease_lost", mailing=taken.id)
            return None
    outcome = _carry_out(channel, message)
    return look_for(channel, message, outcome) if isinstance(outcome, Uncertain) else outcome


def _carry_out(channel: Channel, message: OutgoingMessage) -> Outcome:
    if not isinstance(channel, Sends):
        return Refused("This account cannot send mail.", code="not_possible")
    try:
        return channel.send(message)
    except ChannelError as error:
        return error
    except (DBAPIError, PoolTimeout):
        raise
    except Exception as error:  # noqa: BLE001  (a fault in a channel's code: what it did before we cannot know)
        log.trouble("mailing.channel_failed", key=message.key, error=error)
        return Uncertain(f"The channel failed: {type(error).__name__}.")


def _prepared(accounts: Accounts, keys: Keys, row: Any) -> tuple[Channel, OutgoingMessage] | Unreachable:
    """What sends it, and what is sent. A fault here is met by one mail alone; nothing went out, and it is counted."""
    try:
        return accounts.channel(row.account_id), _message(keys, row)
    except DomainError as error:
        return Unreachable(error.fix, whole_account=False)
    except (DBAPIError, PoolTimeout):
        raise
    except Exception as error:  # noqa: BLE001  (an account's settings, or a key that was taken away: whatever it is)
        log.trouble("mailing.not_prepared", mailing=row.id, error=error)
        return Unreachable(f"It cannot be prepared: {type(error).__name__}.", whole_account=False)


def _message(keys: Keys, row: Any) -> OutgoingMessage:
    said = keys.fernet.decrypt(row.sealed).decode()
    recipient = Recipient(AddressKind.EMAIL, row.address)
    return OutgoingMessage(key=row.key, recipient=recipient, text=said, title=row.title, language=row.language)


def _settle(session: Session, taken: Any, outcome: Outcome, back_off: float) -> None:
    ours = and_(
        Mailing.id == taken.id, Mailing.claimed_by == taken.claimed_by,
        Mailing.state.in_((DeliveryState.CLAIMED, DeliveryState.BEGUN, DeliveryState.UNCERTAIN)),
    )  # fmt: skip
    if isinstance(outcome, Unreachable) and taken.tries < MOST_TRIES:
        until = func.clock_timestamp() + timedelta(seconds=settle.wait_of(outcome, taken.tries, back_off))
        values: dict[str, Any] = {
            "state": DeliveryState.FAILED, "problem": settle.words(outcome.detail), "not_before": until,
        }  # fmt: skip
        session.execute(update(Mailing).where(ours).values(values))
        if outcome.whole_account:
            others = (Mailing.account_id == taken.account_id, Mailing.state.in_(WAITS), Mailing.not_before < until)
            session.execute(update(Mailing).where(*others).values(not_before=until))
        return
    session.execute(update(Mailing).where(ours).values(_ended(outcome)))


def _ended(outcome: Outcome) -> dict[str, Any]:
    if isinstance(outcome, Sent):
        return {
            "state": DeliveryState.SENT, "external_id": outcome.external_id, "problem": "", "code": "", "sealed": b"",
            "sent_at": outcome.sent_at or func.clock_timestamp(),
        }  # fmt: skip
    uncertain = isinstance(outcome, Uncertain)
    code = "" if uncertain else getattr(outcome, "code", "") or "gave_up"
    state = DeliveryState.UNCERTAIN if uncertain else DeliveryState.REFUSED
    return {"state": state, "problem": settle.words(outcome.detail), "code": settle.words(code)}


def _recover(database: Database, accounts: Accounts, keys: Keys) -> int:
    """Claims whose lease ended: before *begun* they wait again, after it the mailbox is asked, and then nobody can tell."""
    silent = Mailing.lease_until < func.clock_timestamp()
    with database.unit_of_work() as session:
        back = update(Mailing).where(Mailing.state == DeliveryState.CLAIMED, silent)
        again = session.scalars(back.values(**given_back(Mailing.tries), claimed_by="").returning(Mailing.id)).all()
        lost = update(Mailing).where(Mailing.state == DeliveryState.BEGUN, silent)
        said = {"state": DeliveryState.UNCERTAIN, "problem": "The worker that was sending it fell silent."}
        doubted = session.execute(lost.values(said).returning(*_COLUMNS)).all()
    for row in doubted:
        prepared = _prepared(accounts, keys, row)
        if isinstance(prepared, Unreachable):
            continue  # it stays uncertain, which is what is known of it
        found = look_for(*prepared, Uncertain("The worker that was sending it fell silent."))
        with database.unit_of_work() as session:
            _settle(session, row, found, 0)
    return len(again) + len(doubted)
