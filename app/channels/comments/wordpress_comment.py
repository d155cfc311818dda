"""A WordPress comment as we keep it, and what it means. Pure.

Source: developer.wordpress.org/rest-api/reference/comments and the Debian source of WordPress 6.1. One shape serves both ways
in: what the REST API lists is brought into it here (its links and the visitor's IP address are left out), and the plugin pushes
it as it is. `meta["what"]` of an item says how it came: `new`, `edited`, `status`, `gone`, or `back` from the trash or the spam.
"""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import cached_property
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from app.channels.comments.wordpress_words import one_line, text_of
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
from app.vocabulary import AddressKind, Publication, Visibility

NEW, EDITED, STATUS, GONE, BACK = "new", "edited", "status", "gone", "back"
APPROVED, HELD = "approved", "hold"
SHOWN = frozenset({APPROVED, HELD})
"""The statuses of a comment that is there; spam, trash and post-trashed are the others."""

AGENT = "Weerklank/"
"""Begins the user agent that an answer of ours is stored with; the delivery's key follows."""

REMOVED = " (removed by Weerklank)"
"""Ends the user agent of a comment that we put in the trash by a verdict: reading takes that for no withdrawal."""

Id = Annotated[int, Field(ge=0, lt=2**63)]
Number = Annotated[int, Field(ge=1, lt=2**63)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class Content(_Part):
    """As stored (`raw`); `rendered` is what WordPress makes of it on its page."""

    raw: str = ""


class PageOf(_Part):
    """The page that is commented on."""

    title: str = ""
    url: str = ""


class Comment(_Part):
    """One comment. `date` is the site's own time, `date_gmt` UTC, both without a zone. `staff`: written by one of us."""

    id: Number
    post: Id = 0
    parent: Id = 0
    author: Id = 0
    author_name: str = ""
    author_email: str = ""
    date: str = ""
    date_gmt: str | None = None
    content: Content = Content()
    status: str = APPROVED
    staff: bool = False
    page: PageOf = PageOf()

    @classmethod
    def of_api(cls, record: Mapping[str, Any], staff: frozenset[int]) -> Self:
        """From what the REST API gives with `context=edit` and the page embedded. Raises `ValidationError`."""
        told = record.get("weerklank_staff")  # the plugin knows; without it we go by the list of users
        ours = told if isinstance(told, bool) else record.get("author") in staff
        return cls.model_validate({**record, "staff": ours, "page": _embedded(record)})

    @cached_property
    def version(self) -> str:
        """What changes when it is edited, approved or held: WordPress keeps no date of that."""
        digest = hashlib.sha256(self.content.raw.encode("utf-8", "surrogatepass")).hexdigest()[:12]
        return digest if self.status == APPROVED else f"{digest}-{HELD}"

    @property
    def sent_at(self) -> datetime | None:
        """When it was written, in UTC; None where WordPress has no usable date."""
        return utc(self.date_gmt)

    def item(self, what: str, key: str) -> RawItem:
        """The raw item for it."""
        return RawItem(key, Kept(comment=self).model_dump_json().encode(), meta={"what": what})


class Kept(_Part):
    """The body of a raw item."""

    comment: Comment


def is_gone(record: Mapping[str, Any] | None) -> bool:
    """Whether somebody else took it away: it is deleted, in the spam, or in the trash without our mark."""
    if record is None:
        return True
    status, agent = record.get("status"), record.get("author_user_agent")
    by_us = status == "trash" and isinstance(agent, str) and agent.endswith(REMOVED)
    return status not in SHOWN and not by_us


def key_of(comment_id: int) -> str:
    """The key of the item that first brings a comment, by whichever way."""
    return f"comment:{comment_id}"


def utc(value: object) -> datetime | None:
    """A moment in UTC that is written without its zone; None where it is none."""
    try:
        found = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return found.replace(tzinfo=UTC) if found is not None and found.tzinfo is None else found


def parse_comment(item: RawItem, host: str) -> Sequence[Incoming]:
    """The reaction, revision, withdrawal or own post in an item. Raises `Unreadable`."""
    try:
        comment = Kept.model_validate_json(item.body).comment
    except ValidationError as error:
        raise Unreadable(f"This is no comment of WordPress: {_where(error)}.") from error
    external_id = str(comment.id)
    match item.meta.get("what", NEW):
        case "new":
            return (_own_post(comment) if comment.staff else _reaction(comment, host),)
        case "edited" | "status":  # held or approved there: the words stay, and an equal revision changes nothing
            return (_revision(comment),)
        case "back":
            return (_revision(comment, back=True),)
        case "gone":
            return (Withdrawal(external_id),)
        case other:
            raise Unreadable(f"nothing is known of items that are {other[:40]!r}")


def _revision(comment: Comment, *, back: bool = False) -> Revision:
    text, publication = text_of(comment.content.raw), _publication(comment)
    return Revision(str(comment.id), text, publication=publication, back=back)


def _reaction(comment: Comment, host: str) -> Reaction:
    return Reaction(
        external_id=str(comment.id),
        author=_author(comment, host),
        text=text_of(comment.content.raw),
        sent_at=comment.sent_at,
        visibility=Visibility.PUBLIC,
        publication=_publication(comment),
        parent_id=_parent(comment),
        subject=Subject(f"post:{comment.post}", one_line(comment.page.title), comment.page.url),
    )


def _author(comment: Comment, host: str) -> Author:
    """A signed-in user is vouched for by the site; a name and a mail address in the form are what somebody typed."""
    name, email = one_line(comment.author_name), one_line(comment.author_email)  # WordPress keeps both as HTML
    if comment.author:
        return Author(AddressKind.SITE_USER, f"wordpress:{host}:{comment.author}", name, verified=True)
    if "@" in email:
        return Author(AddressKind.EMAIL, email.lower(), name)
    return Author(AddressKind.BROWSER, f"wordpress:{host}:comment:{comment.id}", name)


def _own_post(comment: Comment) -> OwnPost:
    return OwnPost(
        external_id=str(comment.id),
        text=text_of(comment.content.raw),
        parent_id=_parent(comment),
        author_name=one_line(comment.author_name),
        sent_at=comment.sent_at,
    )


def _parent(comment: Comment) -> str:
    return str(comment.parent) if comment.parent else ""


def _embedded(record: Mapping[str, Any]) -> Mapping[str, str]:
    """The page's title and address; empty where the user may not see it or WordPress embeds an error."""
    embedded = record.get("_embedded")
    pages = embedded.get("up") if isinstance(embedded, dict) else None
    page = pages[0] if isinstance(pages, list) and pages and isinstance(pages[0], dict) else {}
    title, link = page.get("title"), page.get("link")
    shown = title.get("rendered") if isinstance(title, dict) else ""
    return {"title": shown if isinstance(shown, str) else "", "url": link if isinstance(link, str) else ""}


def _where(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    return f"{'.'.join(str(step) for step in first['loc'])} {first['type']}".strip()[:120]


def _publication(comment: Comment) -> Publication:
    return Publication.PUBLISHED if comment.status == APPROVED else Publication.HELD
