"""What a comment on a Facebook page means to us. Pure.

Two shapes come here: a change that was pushed (`meta["via"] == "push"`, the webhook's `value`) and a comment or post that was
pulled (`pull`, the Graph API's object, with what is known of its post in `meta`).

Why a pulled comment is a reaction *and* a revision: the pull exists since webhooks get lost, and the one that was lost may be
that of an edit. Of a comment that is new the revision changes nothing; of one that we have, the reaction does not.
"""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from app.channels.contract import (
    AttachmentIn,
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
from app.channels.social.pictures import attachment
from app.vocabulary import AddressKind, Publication, Visibility

SERVICE = "facebook"
PUSH, PULL = "push", "pull"
COMMENT = "comment"
SHOWN = frozenset({"hide", "unhide"})
"""Verbs by which a push tells that the page no longer shows a comment, or does again."""
NOW = "comment"
"""The name under which the comment of such a push is fetched: whether a push holds its words is not documented."""
POSTS = frozenset({"post", "status", "photo", "video", "share"})
PICTURE = "picture"
_TITLE = 120
_LONGEST_ID = 100


def parse_item(item: RawItem, page_id: str) -> Sequence[Incoming]:
    """The reaction, revision, withdrawal or own post in an item. Raises `Unreadable`."""
    data = record_of(item.body)
    match item.meta.get("via", ""):
        case "push":
            return _pushed(data, item, page_id)
        case "pull":
            return _pulled(data, item, page_id)
        case other:
            raise Unreadable(f"nothing is known of items that came by {other[:40]!r}")


def author_id(data: Record) -> str:
    """The id of who wrote a comment; empty where Facebook does not tell."""
    author = data.get("from")
    known = author.get("id") if isinstance(author, dict) else None
    return str(known) if isinstance(known, str | int) and len(repr(known)) < _LONGEST_ID else ""


def version(data: Record) -> str:
    """Changes when a comment's words do, or when it is hidden. A picture's address is signed anew each time: not counted."""
    said = repr((data.get("message"), data.get("is_hidden") is True))
    return hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def picture_of(data: Record) -> str:
    """The address of the picture that came along: `photo` in a push, `attachment.media.image` in a pull."""
    image = record(record(record(data, "attachment"), "media"), "image")
    return text(image, "src") or text(data, "photo")


def _pushed(data: Record, item: RawItem, page_id: str) -> Sequence[Incoming]:
    kind, verb = text(data, "item"), text(data, "verb")
    if kind not in POSTS | {COMMENT} or (kind != COMMENT and author_id(data) == page_id):
        return ()
    own_id = identifier(data, "comment_id" if kind == COMMENT else "post_id")
    post_id = identifier(data, "post_id", needed=False)
    parent = identifier(data, "parent_id", needed=False) if kind == COMMENT else ""
    at = _seconds(data.get("created_time"))
    changed = _seconds(int(seen)) if (seen := item.meta.get("time", "")).isascii() and seen.isdigit() else None
    if verb == "remove":
        return (Withdrawal(own_id, changed),)
    if verb == "edited":
        return (Revision(own_id, text(data, "message"), revised_at=changed),)
    if verb in SHOWN:
        return _shown(own_id, item)
    if verb != "add":
        return ()
    if author_id(data) == page_id:
        return (OwnPost(own_id, text(data, "message"), parent or post_id, text(record(data, "from"), "name"), at),)
    subject = Subject(post_id, title(text(record(data, "post"), "message")), _url(record(data, "post")))
    return (_reaction(data, item, own_id, parent, subject, at),)


def _shown(own_id: str, item: RawItem) -> Sequence[Incoming]:
    """A comment that a colleague hid or showed again at Facebook, as it is now; nothing when it is gone since."""
    if NOW not in item.completed:
        return ()
    now = record_of(item.completed[NOW])
    return (Revision(own_id, text(now, "message"), publication=_publication(now)),)


def _pulled(data: Record, item: RawItem, page_id: str) -> Sequence[Incoming]:
    own_id, post_id = identifier(data, "id"), item.meta.get("post_id", "")
    parent = identifier(record(data, "parent"), "id", needed=False) or ("" if own_id == post_id else post_id)
    at = moment(data.get("created_time"))
    if author_id(data) == page_id:
        return (OwnPost(own_id, text(data, "message"), parent, text(record(data, "from"), "name"), at),)
    subject = Subject(post_id, item.meta.get("post_title", ""), item.meta.get("post_url", ""))
    reaction = _reaction(data, item, own_id, parent, subject, at)
    seen = moment(item.meta.get("pulled_at", ""))
    if not reaction.text:
        return (reaction,)
    return (reaction, Revision(own_id, reaction.text, revised_at=seen, publication=reaction.publication))


def _reaction(data: Record, item: RawItem, own_id: str, parent: str, subject: Subject, at: datetime | None) -> Reaction:
    top = parent in ("", subject.key)
    return Reaction(
        external_id=own_id,
        author=_author(data, own_id),
        text=text(data, "message"),
        sent_at=at,
        visibility=Visibility.PUBLIC,
        publication=_publication(data),
        parent_id=parent,
        root_id=own_id if top else parent,
        subject=subject,
        attachments=_attachments(data, item.completed),
    )


def _publication(data: Record) -> Publication:
    return Publication.HIDDEN if data.get("is_hidden") is True else Publication.PUBLISHED


def _author(data: Record, own_id: str) -> Author:
    """`from` is absent where the author's privacy or our rights forbid it: then each comment is of somebody else."""
    known = author_id(data)
    return Author(
        kind=AddressKind.HANDLE,
        address=author_address(SERVICE, known or f"comment:{own_id}"),
        name=text(record(data, "from"), "name"),
        verified=bool(known),
    )


def _attachments(data: Record, completed: Mapping[str, bytes]) -> tuple[AttachmentIn, ...]:
    url = picture_of(data)
    alt = text(record(data, "attachment"), "description")
    return (attachment(PICTURE, url, completed, alt=alt),) if url else ()


def title(message: str) -> str:
    """The first line of a post, cut at a word: what the desk shows as the thing reacted on."""
    line = next((" ".join(line.split()) for line in message.split("\n") if line.strip()), "")
    return line if len(line) <= _TITLE else line[:_TITLE].rsplit(" ", 1)[0] + "…"


def _url(post: Record) -> str:
    return text(post, "permalink_url")


def _seconds(value: object) -> datetime | None:
    """Unix seconds, as pushes have them."""
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value < 10**11:
        return None
    return datetime.fromtimestamp(value, UTC)
