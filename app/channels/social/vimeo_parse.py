"""What a comment under a video means to us. Pure.

`meta["what"]` says how it came: `comment` (not looked at before), `edited` (looked at again, with other words) or `gone`
(looked for again, and no longer there). A comment's address at the API is its id: `/videos/1/comments/12`.

Why a comment is a reaction *and* a revision: only recent comments are remembered between two looks. One that was forgotten
and edited since comes as if it were new; then the reaction changes nothing, and the revision does.
"""

import hashlib
import re
from collections.abc import Sequence

from app.channels.contract import (
    Author,
    Incoming,
    OwnPost,
    RawItem,
    Reaction,
    Revision,
    Subject,
    Unreadable,
    Withdrawal,
)
from app.channels.social.author_address import author_address
from app.channels.social.json_fields import Record, identifier, moment, record, record_of, text
from app.vocabulary import AddressKind, Publication, Visibility

SERVICE = "vimeo"
COMMENT, EDITED, GONE = "comment", "edited", "gone"
ADDRESS = re.compile(r"/videos/\d{1,20}/comments/\d{1,20}\Z", re.ASCII)


def parse_comment(item: RawItem, own_id: str) -> Sequence[Incoming]:
    """The reaction, revision, withdrawal or own post in an item. Raises `Unreadable`."""
    data = record_of(item.body)
    address = identifier(data, "uri")
    if not ADDRESS.match(address):
        raise Unreadable("This is no comment under a video.")
    match item.meta.get("what", ""):
        case "comment":
            return _comment(data, item, address, own_id)
        case "edited":
            return (Revision(address, text(data, "text"), revised_at=moment(item.meta.get("seen_at"))),)
        case "gone":
            return (Withdrawal(address, moment(item.meta.get("seen_at"))),)
        case other:
            raise Unreadable(f"nothing is known of items that are {other[:40]!r}")


def version(comment: Record) -> str:
    """Changes when a comment's words do."""
    return hashlib.sha256(repr(comment.get("text")).encode()).hexdigest()[:8]


def user_id(comment: Record) -> str:
    """The number of who wrote it; empty for somebody who has left Vimeo."""
    user = comment.get("user")
    address = user.get("uri") if isinstance(user, dict) else None
    return address.rpartition("/")[2] if isinstance(address, str) else ""


def _comment(data: Record, item: RawItem, address: str, own_id: str) -> Sequence[Incoming]:
    parent, words, at = item.meta.get("parent", ""), text(data, "text"), moment(data.get("created_on"))
    user = record(data, "user")
    if own_id and user_id(data) == own_id:
        return (OwnPost(address, words, parent, text(user, "name"), at),)
    reaction = Reaction(
        external_id=address,
        author=_author(data, user, address),
        text=words,
        sent_at=at,
        visibility=Visibility.PUBLIC,
        publication=Publication.PUBLISHED,
        parent_id=parent,
        root_id=parent or address,
        subject=Subject(address.partition("/comments/")[0], item.meta.get("title", ""), item.meta.get("link", "")),
    )
    return (reaction, Revision(address, words, revised_at=moment(item.meta.get("seen_at"))))


def _author(data: Record, user: Record, address: str) -> Author:
    known = user_id(data)
    return Author(
        kind=AddressKind.HANDLE,
        address=author_address(SERVICE, known or f"comment:{address}"),
        name=text(user, "name"),
        verified=bool(known),
        url=text(user, "link"),
    )
