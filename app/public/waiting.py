"""The private link of something that is stored but has no ticket yet: `p-NUMBER-SIGNATURE`. It leads on once there is one."""

import re
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from app.storage.keys import Keys

_TOKEN = re.compile(r"p-([0-9]{1,18})-([a-z2-7]{26})")
_PURPOSE = "waiting token"
_BECAME = """
    SELECT r.id, r.state, r.received_at, t.id AS ticket_id, t.token_round, m.contact_id, m.publication
    FROM raw_item r
    LEFT JOIN ticket t ON t.id = CAST(r.outcomes -> 0 ->> 'ticket' AS bigint)
    LEFT JOIN message m ON m.id = CAST(r.outcomes -> 0 ->> 'message' AS bigint)
    WHERE
"""
_BY_KEY = text(_BECAME + "r.account_id = :account_id AND r.key = :key")
_BY_ID = text(_BECAME + "r.id = :id")


def token(keys: Keys, raw_item_id: int) -> str:
    """The token for a stored item."""
    return f"p-{raw_item_id}-{keys.sign(_PURPOSE, str(raw_item_id))}"


def find(session: Session, keys: Keys, given: str) -> Row[Any] | None:
    """What the item became, if we made this token for it."""
    match = _TOKEN.fullmatch(given.strip().lower())
    if match is None or not keys.verify(_PURPOSE, match[1], match[2]):
        return None
    return session.execute(_BY_ID, {"id": int(match[1])}).one_or_none()


def became(session: Session, account_id: int, key: str) -> Row[Any]:
    """What an item became, by its key in the journal."""
    return session.execute(_BY_KEY, {"account_id": account_id, "key": key}).one()
