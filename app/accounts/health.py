"""How an account is doing: the last success, since when it fails and why, and when it is tried again.

One failing account never delays another: the wait is the account's own, doubles up to a quarter of an hour with jitter,
and a service's own Retry-After goes before it.
"""

import random
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import case, func, select, update
from sqlalchemy.orm import Session

from app.channels.contract import Health, Quota, Unreachable
from app.models import AccountState
from app.storage.queue import wake

LONGEST_WAIT = 900.0
LONGEST_REST = 86_400.0
"""What a service may ask for at most: a header that says a thousand years must not end an account for good."""


def succeeded(session: Session, account_id: int, *, behind: int | None = None) -> None:
    """The service answered. Ends a failure; `behind` is what is still waiting over there, where known."""
    values = {
        "tried_at": func.now(), "succeeded_at": func.now(), "failing_since": None, "problem": "", "retry_at": None,
        "behind": behind,
    }  # fmt: skip
    session.execute(update(AccountState).where(AccountState.account_id == account_id).values(values))


def failed(
    session: Session, account_id: int, problem: str, *, back_off: float, retry_after: float | None = None
) -> float:
    """It did not. Gives the seconds until the next try; `back_off` is the first wait, doubled since the failure began."""
    since = session.scalar(
        select(func.extract("epoch", func.now() - AccountState.failing_since)).where(
            AccountState.account_id == account_id
        )
    )
    wait = min(retry_after, LONGEST_REST) if retry_after is not None else next_wait(float(since or 0), back_off)
    values = {
        "tried_at": func.now(), "problem": problem, "retry_at": func.now() + timedelta(seconds=wait),
        "failing_since": case((AccountState.failing_since.is_(None), func.now()), else_=AccountState.failing_since),
    }  # fmt: skip
    session.execute(update(AccountState).where(AccountState.account_id == account_id).values(values))
    return wait


def next_wait(failing_for: float, back_off: float) -> float:
    """Seconds to wait after failing for so long: as long again, at least `back_off`, at most a quarter of an hour.

    The jitter (a fifth, either way) keeps accounts of one broken service from knocking all at the same moment.
    """
    wait = min(max(failing_for, back_off), LONGEST_WAIT)
    return wait * random.uniform(0.8, 1.2)


def may_try(session: Session, account_id: int) -> bool:
    """Whether its wait, by the database's clock, is over."""
    over = select(AccountState.retry_at.is_(None) | (AccountState.retry_at <= func.now())).where(
        AccountState.account_id == account_id
    )
    return bool(session.scalar(over))


def checked(session: Session, account_id: int, health: Health) -> None:
    """Keep what `Channel.check` found: the problem in words, missing rights, quotas, and when the connection ends."""
    found = {
        "problem": health.problem,
        "missing_scopes": list(health.missing_scopes),
        "quotas": [_plain(quota) for quota in health.quotas],
        "expires_at": health.expires_at.isoformat() if health.expires_at else None,
    }
    session.execute(update(AccountState).where(AccountState.account_id == account_id).values(health=found))


def told(session: Session, account_id: int, quotas: Sequence[Quota], spent: float) -> None:
    """What the service said of our allowance with a page, and what the page cost in US dollars."""
    if not quotas and not spent:
        return
    values: dict[str, Any] = {"spent": AccountState.spent + spent}
    if quotas:
        values["health"] = AccountState.health.op("||")({"quotas": [_plain(q) for q in quotas]})
    session.execute(update(AccountState).where(AccountState.account_id == account_id).values(values))


def _plain(quota: Quota) -> dict[str, Any]:
    ends = quota.resets_at.isoformat() if quota.resets_at else None
    return {"unit": quota.unit, "used": quota.used, "limit": quota.limit, "resets_at": ends}


def unauthentic(session: Session, account_id: int) -> None:
    """Count a push with a wrong signature: nothing else of it is kept."""
    session.execute(
        update(AccountState)
        .where(AccountState.account_id == account_id)
        .values(unauthentic=AccountState.unauthentic + 1)
    )


def record_failure(session: Session, account_id: int, error: Unreachable, *, back_off: float) -> float:
    """`failed` for what a channel raised; wakes nobody, since the sweep finds the time."""
    return failed(session, account_id, error.detail, back_off=back_off, retry_after=error.retry_after)


def try_now(session: Session, account_id: int) -> None:
    """Somebody asked to try again at once."""
    session.execute(update(AccountState).where(AccountState.account_id == account_id).values(retry_at=None))
    wake(session, "account", str(account_id))
