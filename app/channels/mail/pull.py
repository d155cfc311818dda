"""Read a folder in pages, oldest first.

A page is at most fifty mails and, one very large mail apart, at most eight megabytes, so that memory is bounded and a
crash repeats little. A mail that disappears between listing and fetching is gone, and the others go on. One that the
server holds and will not give, or that is larger than the account keeps, becomes an item that says so and holds its head:
it is seen, never half taken for whole. It is asked for once more when it is taken up, and whenever somebody releases it.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date

from app.channels.contract import Page, RawItem, Unreadable
from app.channels.mail.imap import PIECE, Mailbox, Opener, Unfetchable
from app.channels.mail.position import Position

BATCH = 50
BATCH_BYTES = 8 * 1_048_576
HEAD = 65_536
MEDIA_TYPE = "message/rfc822"
INCOMPLETE = "incomplete"
"""In an item's meta: why it holds a part of the mail only."""
WHOLE = "whole"
"""Under which name a mail is kept that was fetched again."""

Sizes = dict[int, tuple[int, str]]
UNKNOWN = (PIECE + 1, "")  # a mail whose size the server did not tell: read it in pieces


def key_of(numbering: str, uid: int) -> str:
    """The raw item's key; another numbering makes other keys for the same mails, which content identifies."""
    return f"imap:{numbering}:{uid}"


def pages(open_mailbox: Opener, cursor: str | None, since: date | None, max_bytes: int) -> Iterator[Page]:
    """Pages after `cursor`. Raises `Unreachable`; what was yielded before stands."""
    with open_mailbox() as mailbox:
        position = Position.of(cursor, mailbox.numbering, mailbox.last_uid)
        waiting = _unread(mailbox, position, since)
        if not waiting and (settled := position.after(position.until).cursor) != cursor:
            yield Page((), settled, behind=0)
        while waiting:
            sizes = mailbox.sizes(waiting[:BATCH])
            batch = _batch(waiting[:BATCH], sizes)
            waiting = waiting[len(batch) :]
            position = position.after(batch[-1])
            if not waiting:
                position = position.after(position.until)
            yield Page(_items(mailbox, batch, sizes, max_bytes), position.cursor, behind=len(waiting))


def keys(open_mailbox: Opener, since: date | None) -> Iterator[str]:
    """The keys of all mails that are in the folder now, apart from those that the account leaves alone."""
    with open_mailbox() as mailbox:
        for uid in mailbox.between(1, mailbox.last_uid, since):
            yield key_of(mailbox.numbering, uid)


def whole(open_mailbox: Opener, item: RawItem, max_bytes: int) -> RawItem:
    """An item that was not taken whole, with the mail beside it as the server gives it now; without it where the folder's
    numbers have another meaning by now. Raises `Unreachable`, and `Unreadable` where the server still gives no more.
    """
    numbering, _, uid = item.key.removeprefix("imap:").rpartition(":")
    with open_mailbox() as mailbox:
        if mailbox.numbering != numbering or not uid.isdigit():
            return item
        if not mailbox.holding([int(uid)]):
            raise Unreadable("the mail is no longer in the mailbox")
        body, more = _in_pieces(mailbox, int(uid), max_bytes)
    if more:
        raise Unreadable(more[INCOMPLETE])
    return replace(item, completed={WHOLE: body})


def _unread(mailbox: Mailbox, position: Position, since: date | None) -> list[int]:
    old = mailbox.between(position.uid + 1, position.until, since)
    return old + mailbox.above(max(position.uid, position.until))


def _batch(uids: Sequence[int], sizes: Sizes) -> Sequence[int]:
    """The first of `uids` that fit a page together; at least one."""
    total = 0
    for count, uid in enumerate(uids):
        total += sizes.get(uid, UNKNOWN)[0]
        if total > BATCH_BYTES and count:
            return uids[:count]
    return uids


def _items(mailbox: Mailbox, uids: Sequence[int], sizes: Sizes, max_bytes: int) -> list[RawItem]:
    bodies = mailbox.bodies([uid for uid in uids if sizes.get(uid, UNKNOWN)[0] <= PIECE])
    missing = [uid for uid in uids if uid not in bodies]
    there = mailbox.holding(missing) if missing else set()
    return [
        _item(mailbox, uid, sizes.get(uid, UNKNOWN)[1], bodies.get(uid), max_bytes)
        for uid in uids
        if uid in bodies or uid in there
    ]


def _item(mailbox: Mailbox, uid: int, internal_date: str, body: bytes | None, max_bytes: int) -> RawItem:
    meta = {"door": "imap", "internal_date": internal_date}
    if body is None:
        body, more = _in_pieces(mailbox, uid, max_bytes)
        meta |= more
    return RawItem(key_of(mailbox.numbering, uid), body, MEDIA_TYPE, meta)


def _in_pieces(mailbox: Mailbox, uid: int, max_bytes: int) -> tuple[bytes, dict[str, str]]:
    """The mail, or its head with `incomplete` (why), `sha256` and `size` of what the server gave."""
    kept, digest, size, why = bytearray(), hashlib.sha256(), 0, ""
    try:
        for piece in mailbox.pieces(uid):
            size += len(piece)
            digest.update(piece)
            kept += piece
            if size > max_bytes:
                why = f"the mail is larger than the {max_bytes} bytes that this account keeps"
                del kept[HEAD:]
    except Unfetchable as error:
        why = str(error)
    if not why:
        return bytes(kept), {}
    return bytes(kept[:HEAD]), {INCOMPLETE: why, "sha256": digest.hexdigest(), "size": str(size)}
