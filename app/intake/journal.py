"""Raw items and the cursor that stands behind them, in one transaction of the caller.

Only when that has committed may a webhook hear 200, a mail server 250, or the next page be asked for. A crash repeats a
page at most, and a key that is known already changes nothing. `account_state.seen` is counted here and nowhere else: the
ledger holds it against the states of the items.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from pydantic_core import to_json
from sqlalchemy import ARRAY, BigInteger, LargeBinary, Text, bindparam, text
from sqlalchemy.orm import Session

from app.intake.stow import Stowed
from app.storage.queue import wake

TOPIC = "raw"

# One statement for a page of any length: arrays keep the text, and so its plan, the same.
_INSERT = text("""
    WITH given AS (
        SELECT * FROM unnest(:keys, :media_types, :metas, :bodies, :blobs, :sizes)
            WITH ORDINALITY AS g (key, media_type, meta, body, blob, size, place)
    ), new AS (
        INSERT INTO raw_item (account_id, key, media_type, meta, body, blob, size, completed, state)
        SELECT :account_id, key, media_type, meta::jsonb, body, blob, size, '{}', 'new' FROM given ORDER BY place
        ON CONFLICT (account_id, key) DO NOTHING
        RETURNING id
    ), counted AS (
        INSERT INTO account_state AS s (account_id, cursor, seen, repeated, behind)
        SELECT :account_id, :cursor, count(*), :given - count(*), :behind FROM new
        ON CONFLICT (account_id) DO UPDATE SET
            cursor = coalesce(excluded.cursor, s.cursor), seen = s.seen + excluded.seen,
            repeated = s.repeated + excluded.repeated, behind = coalesce(excluded.behind, s.behind)
    )
    SELECT id FROM new ORDER BY id
""").bindparams(
    bindparam("keys", type_=ARRAY(Text)),
    bindparam("media_types", type_=ARRAY(Text)),
    bindparam("metas", type_=ARRAY(Text)),
    bindparam("bodies", type_=ARRAY(LargeBinary)),
    bindparam("blobs", type_=ARRAY(Text)),
    bindparam("sizes", type_=ARRAY(BigInteger)),
    bindparam("account_id", type_=BigInteger),
    bindparam("cursor", type_=Text),
    bindparam("behind", type_=BigInteger),
    bindparam("given", type_=BigInteger),
)


@dataclass(frozen=True, slots=True)
class Journalled:
    """How many items were new and how many known already; `ids` are the rows of the new ones, oldest first."""

    new: int
    repeated: int
    ids: tuple[int, ...] = ()


def journal(
    session: Session,
    account_id: int,
    items: Sequence[Stowed],
    cursor: str | None = None,
    behind: int | None = None,
) -> Journalled:
    """Store items (from `stow`) with the cursor behind them; `cursor` None leaves it where it is.

    Whoever journals a page with a cursor must be the only reader of the account (an advisory lock): cursors only follow
    one another.
    """
    values = {
        "account_id": account_id,
        "keys": [i.key for i in items],
        "media_types": [i.media_type for i in items],
        "metas": [to_json(dict(i.meta)).decode() for i in items],
        "bodies": [i.body for i in items],
        "blobs": [i.blob for i in items],
        "sizes": [i.size for i in items],
        "cursor": cursor,
        "behind": behind,
        "given": len(items),
    }
    ids = tuple(session.execute(_INSERT, values).scalars())
    if ids:
        wake(session, TOPIC)
    return Journalled(len(ids), len(items) - len(ids), ids)
