"""What a comment under a photo means to us. Pure.

`meta["what"]` says how it came: `comment` (not looked at before), `edited` or `gone`. The comments under a photo are one flat
list: who answers whom is a matter of custom (a link to a person, in square brackets). `meta["references"]` holds the
earlier comments that this one belongs with, as far as whoever read the list could tell (`flickr_pull.py`).

Why a comment is a reaction *and* a revision: see `vimeo_parse.py`; here too only recent ones are remembered.
"""

import hashlib
import re
from collections.abc import Sequence
from datetime import UTC, datetime

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
from app.channels.social.author_address import account_of, author_address
from app.channels.social.html_text import html_to_text
from app.channels.social.json_fields import Record, identifier, moment, record_of, text
from app.vocabulary import AddressKind, Publication, Visibility

SERVICE = "flickr"
COMMENT, EDITED, GONE = "comment", "edited", "gone"
_MENTIONED = re.compile(r"/(?:photos|people)/(\d{1,20}@[nN]\d\d)(?![\w@])", re.ASCII)

_ADDRESSED = re.compile(r"\A\s*(?:\[https?://[^\]\s]{1,200}\]|\[?<a\s[^>]{0,300}>[^<]{0,200}</a>\]?)")


def parse_comment(item: RawItem, own_id: str) -> Sequence[Incoming]:
    """The reaction, revision, withdrawal or own post in an item. Raises `Unreadable`."""
    data = record_of(item.body)
    comment_id = identifier(data, "id")
    match item.meta.get("what", ""):
        case "comment":
            return _comment(data, item, comment_id, own_id)
        case "edited":
            return (Revision(comment_id, words(data), revised_at=moment(item.meta.get("seen_at"))),)
        case "gone":
            return (Withdrawal(comment_id, moment(item.meta.get("seen_at"))),)
        case other:
            raise Unreadable(f"nothing is known of items that are {other[:40]!r}")


def words(comment: Record) -> str:
    """The text of a comment: HTML, in which a line break is just that."""
    return html_to_text(text(comment, "_content").replace("\n", "<br>"))


def after_the_link(comment: Record) -> str:
    """The text without the link in front of it that says whom it answers."""
    return words({"_content": _ADDRESSED.sub("", text(comment, "_content"), count=1)})


def version(comment: Record) -> str:
    """Changes when a comment's words do."""
    return hashlib.sha256(repr(comment.get("_content")).encode()).hexdigest()[:8]


def mentioned(comment: Record) -> str:
    """The account that a comment is addressed to by custom: the first whose page it links to; empty for none."""
    content = comment.get("_content")
    found = _MENTIONED.search(content) if isinstance(content, str) else None
    return found[1].upper() if found else ""


def nsid_of(address: str) -> str:
    """The account in an author's address, as Flickr writes it (`12037949754@N01`)."""
    return account_of(SERVICE, address).upper()


def made(comment: Record) -> int:
    """When, in unix seconds, which Flickr gives as text; 0 where it does not."""
    value = str(comment.get("datecreate", ""))
    return int(value) if value.isascii() and value.isdigit() and len(value) < 12 else 0


def _comment(data: Record, item: RawItem, comment_id: str, own_id: str) -> Sequence[Incoming]:
    references = tuple(one for one in item.meta.get("references", "").split() if one)
    at = datetime.fromtimestamp(made(data), UTC) if made(data) else None
    author, said = identifier(data, "author"), words(data)
    if own_id and author == own_id:  # whom it answers is known by the references; in the text it would be said twice
        return (
            OwnPost(
                comment_id, after_the_link(data), references[0] if references else "", text(data, "authorname"), at
            ),
        )
    reaction = Reaction(
        external_id=comment_id,
        author=Author(
            kind=AddressKind.HANDLE,
            address=author_address(SERVICE, author),
            name=text(data, "realname") or text(data, "authorname"),
            verified=True,
            handle=text(data, "authorname"),
        ),
        text=said,
        sent_at=at,
        visibility=Visibility.UNLISTED if item.meta.get("limited") else Visibility.PUBLIC,
        publication=Publication.PUBLISHED,
        references=references,
        subject=Subject(item.meta.get("photo", ""), item.meta.get("title", ""), item.meta.get("link", "")),
        advice={"permalink": link} if (link := text(data, "permalink")) else {},
    )
    return (reaction, Revision(comment_id, said, revised_at=moment(item.meta.get("seen_at"))))
