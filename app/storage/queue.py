"""Rows that wait: saying that there is one, and claiming some. Rows are the truth, wake-ups are hints.

Why not a job per row, or one waiting "wake-up" job: the first costs twice the CPU, the second loses rows (the waiting job
belongs to an earlier row, is taken before our row is visible, and nothing is left to come back). A notification is sent at
commit, costs least and merges with its like; a lost one is made good by the listener's sweep.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, Select, func, select
from sqlalchemy.orm import Session

PAYLOAD_BYTES = 7999  # PostgreSQL refuses 8000 and more


def wake(session: Session, channel: str, payload: str = "") -> None:
    """Tell the listeners of `channel` to look, when and only when this transaction commits.

    `payload` carries ids at most, never content; equal ones within a transaction arrive once.
    """
    if len(payload.encode()) > PAYLOAD_BYTES:
        raise ValueError("a wake-up carries ids, not content")
    session.execute(select(func.pg_notify(channel, payload)))


def claim_batch(
    session: Session, waiting: Select[*tuple[Any, ...]], limit: int, of: Any = None
) -> Sequence[Row[*tuple[Any, ...]]]:
    """Lock up to `limit` rows of `waiting` until the transaction ends, passing over those that somebody else holds.

    `waiting` selects the rows that wait, in the order in which they should be done; with joins, `of` names the table to lock.
    Two workers never get the same row, and neither waits for the other.
    """
    return session.execute(waiting.limit(limit).with_for_update(skip_locked=True, of=of)).all()
