"""Files that came along: their bytes into the blob store before the transaction, their rows within it."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import insert
from sqlalchemy.orm import Session

from app.channels.contract import AttachmentIn
from app.errors import Invalid
from app.storage.blobs import BlobStore
from app.tickets.tables import ATTACHMENT
from app.vocabulary import AttachmentState

LARGEST = 64 * 1024 * 1024  # bytes; a larger one stays visible as a name without content

_INSERT = insert(ATTACHMENT)


class Kept(NamedTuple):
    """A file whose bytes are safe; `sha256` is empty when it was too large to keep."""

    file: AttachmentIn
    sha256: str


def keep(blobs: BlobStore, files: Sequence[AttachmentIn]) -> list[Kept]:
    """Each file, written and flushed. Raises what the store raises."""
    return [Kept(file, _stored(blobs, file)) for file in files]


def write(session: Session, message_id: int, files: Sequence[Kept]) -> None:
    """The rows that name the files of a message."""
    if files:
        session.execute(_INSERT, [_row(message_id, kept) for kept in files])


def _stored(blobs: BlobStore, file: AttachmentIn) -> str:
    if file.content is None:
        return ""
    try:
        return blobs.put(file.content, LARGEST).digest
    except Invalid:
        return ""


def _row(message_id: int, kept: Kept) -> dict[str, Any]:
    file = kept.file
    return {
        "message_id": message_id,
        "draft_id": None,
        "sha256": kept.sha256,
        "name": file.name,
        "content_type": file.content_type,
        "size": file.size,
        "cid": file.cid,
        "alt": file.alt,
        "state": AttachmentState.NOT_SCANNED if kept.sha256 else AttachmentState.TOO_LARGE,
    }
