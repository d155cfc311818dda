"""Fetching what an item only points to (a recording, a picture), before it is parsed and outside every transaction.

What was fetched is stored beside the original, never in it; `raw_item.completed` names the files, and that it is filled
tells that nothing is left to fetch.
"""

from dataclasses import replace

from pydantic_core import to_json
from sqlalchemy import text

from app.channels.contract import Channel, Completes, RawItem
from app.intake.means import Claimed, Means
from app.intake.trouble import storing

LARGEST = 256 * 1024 * 1024  # bytes of one fetched file
FILES = "files"

_STORE = text("UPDATE raw_item SET completed = CAST(:completed AS jsonb) WHERE id = :id")


def needed(channel: Channel, item: Claimed) -> bool:
    """Whether something must still be fetched."""
    return isinstance(channel, Completes) and FILES not in item.completed


def complete(means: Means, channel: Channel, item: Claimed, raw: RawItem) -> RawItem:
    """The item with what it points to, stored. Raises `Unreachable` (later again) and `Unreadable` (set aside)."""
    if not isinstance(channel, Completes) or FILES in item.completed:
        return raw
    fetched = channel.complete(raw).completed
    if not fetched:
        return raw
    with storing():
        names = {name: means.blobs.put(content, LARGEST).digest for name, content in fetched.items()}
    with means.database.unit_of_work() as session:
        session.execute(_STORE, {"id": item.id, "completed": to_json({FILES: names}).decode()})
    return replace(raw, completed=fetched)
