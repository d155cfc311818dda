"""Putting the bytes of raw items where they are safe, before the row that names them: large ones in the blob store.

Writing and flushing a file is I/O, so this happens before the transaction of `journal`, never within it. A crash in between
leaves a file that no row names.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.channels.contract import RawItem
from app.intake import clean
from app.storage.blobs import BlobStore

IN_ROW = 256 * 1024  # bytes; larger bodies would make the table slow to read and to vacuum
LARGEST = 256 * 1024 * 1024  # bytes; of a larger body the head and the digest are kept, and the item is set aside
CUT = "weerklank_cut"


@dataclass(frozen=True, slots=True)
class Stowed:
    """A raw item as its row holds it: `body` or the name of a `blob`, never both. `size` is of the whole, in bytes."""

    key: str
    media_type: str
    meta: Mapping[str, str]
    body: bytes | None
    blob: str | None
    size: int


def stow(blobs: BlobStore, items: Sequence[RawItem], largest: int = LARGEST) -> list[Stowed]:
    """The items, each durable or small enough for its row. Raises what the store raises; then nothing is journalled."""
    return [_stowed(blobs, item, largest) for item in items]


def _stowed(blobs: BlobStore, item: RawItem, largest: int) -> Stowed:
    size = len(item.body)
    meta = {clean.text(k, 100): clean.text(v, 10_000) for k, v in item.meta.items()}
    body: bytes | None = item.body
    blob = None
    if size > largest:
        meta[CUT] = hashlib.sha256(item.body).hexdigest()
        body = item.body[:IN_ROW]
    elif size > IN_ROW:
        blob, body = blobs.put(item.body, largest).digest, None
    return Stowed(key_of(item.key), clean.text(item.media_type, 200), meta, body, blob, size)


def key_of(key: str) -> str:
    """A key as its row holds it: what is too long for an index is kept as a digest, so that two stay two."""
    kept = clean.text(key, len(key))
    if len(kept) <= 500 and kept == key:
        return kept
    return f"{kept[:200]}#{hashlib.sha256(key.encode('utf-8', 'surrogatepass')).hexdigest()}"
