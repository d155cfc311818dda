"""Claiming raw items: each try is counted, and committed, before anybody reads the bytes.

So an item that kills its worker is known by its tries. Items that were tried before are claimed one at a time, lest the
innocent ones of a killed worker's batch be counted along with the guilty one.

A claim is a lease (`not_before`, by the database's clock): a dead worker's items are taken up when it ends. It saves work
and decides nothing; that an item is admitted once is decided by its conditional update at the end.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import ARRAY, BigInteger, Double, Interval, Row, Text, bindparam, text
from sqlalchemy.orm import Session

from app.accounts.directory import AccountRow
from app.intake.means import Claimed, Means
from app.vocabulary import Language

MOST_TRIES = 3

_DUE = "state = 'new' AND (not_before IS NULL OR not_before <= now())"
_FRESH_AND_ONE_TRIED = f"""
    fresh AS (SELECT id FROM raw_item WHERE {_DUE} AND tries = 0 ORDER BY id LIMIT :limit FOR UPDATE SKIP LOCKED),
    tried AS (SELECT id FROM raw_item WHERE {_DUE} AND tries > 0 ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED),
    picked AS (SELECT id FROM fresh UNION ALL SELECT id FROM tried)
"""  # noqa: S608  (constants)
_THE_ONE = f"""
    picked AS (SELECT id FROM raw_item WHERE {_DUE} AND account_id = :account_id AND key = :key FOR UPDATE SKIP LOCKED)
"""  # noqa: S608
# Losing a count to a power cut costs nothing, so this commit need not reach the disk: every other one must.
_CLAIM = """
    WITH {picked}
    UPDATE raw_item r SET tries = r.tries + 1, not_before = now() + :lease
    FROM picked p, account a, set_config('synchronous_commit', 'off', true)
    WHERE r.id = p.id AND a.id = r.account_id
    RETURNING r.id, r.key, r.media_type, r.meta, r.body, r.blob, r.completed, r.tries, r.received_at,
        extract(epoch FROM now() - r.received_at) AS age, a.id, a.kind, a.name, a.organisation_id, a.theme_id,
        a.process_id, a.language, a.receipts, a.active, a.public_key, a.version,
        a.mail_account_id
"""
_LEASE = bindparam("lease", type_=Interval)
_SOME = text(_CLAIM.format(picked=_FRESH_AND_ONE_TRIED)).bindparams(_LEASE, bindparam("limit", type_=BigInteger))
_THIS = text(_CLAIM.format(picked=_THE_ONE)).bindparams(
    _LEASE, bindparam("account_id", type_=BigInteger), bindparam("key", type_=Text)
)
_GIVE_BACK = text("""
    UPDATE raw_item r SET tries = greatest(r.tries - 1, 0),
        not_before = CASE WHEN owed.rest > 0 THEN now() + make_interval(secs => owed.rest) END
    FROM unnest(:ids, :rests) AS owed (id, rest) WHERE r.id = owed.id AND r.state = 'new'
""").bindparams(bindparam("ids", type_=ARRAY(BigInteger)), bindparam("rests", type_=ARRAY(Double)))
_LATER = text("""
    UPDATE raw_item SET tries = CASE WHEN :counts THEN tries ELSE 0 END, not_before = now() + :wait, reason = :reason
    WHERE id = :id AND state = 'new'
""").bindparams(bindparam("wait", type_=Interval), bindparam("reason", type_=Text))


def claim(means: Means, limit: int) -> Sequence[Claimed]:
    """Up to `limit` fresh items and one that was tried before, oldest first."""
    owed = list(means.owed)
    with means.database.unit_of_work() as session:
        if owed:
            session.execute(_GIVE_BACK, {"ids": [id_ for id_, _ in owed], "rests": [rest for _, rest in owed]})
        rows = session.execute(_SOME, {"limit": limit, "lease": timedelta(seconds=means.lease_seconds)}).all()
    del means.owed[: len(owed)]
    return sorted((_claimed(row) for row in rows), key=lambda c: c.id)


def claim_this(means: Means, account_id: int, key: str) -> Claimed | None:
    """One item by its key; None when it is settled, waits for its time, or somebody has it in hand."""
    values = {"account_id": account_id, "key": key, "lease": timedelta(seconds=means.lease_seconds)}
    with means.database.unit_of_work() as session:
        row = session.execute(_THIS, values).one_or_none()
    return _claimed(row) if row is not None else None


def later(session: Session, item: Claimed, reason: str, seconds: float, *, counts: bool) -> None:
    """Look at an item again after so long; `counts` tells whether the try was a failure of the item itself."""
    wait = timedelta(seconds=seconds)
    session.execute(_LATER, {"id": item.id, "reason": reason, "wait": wait, "counts": counts})


def _claimed(row: Row[Any]) -> Claimed:
    """The first ten columns are the item's, the others its account's."""
    values: tuple[Any, ...] = tuple(row)
    id_, key, media_type, meta, body, blob, completed, tries, received_at, age = values[:10]
    account = list(values[10:])
    account[6] = Language(account[6])
    whole = bytes(body) if body is not None else None
    return Claimed(
        id_, key, media_type, meta, whole, blob, completed, tries, received_at, float(age), AccountRow(*account)
    )
