"""What a Mastodon status means to us. Pure.

`meta["what"]` says how it came: `mention` (a notification), `own` (our own account's status), `edited` (a status looked at
again that had changed) or `gone` (one that was no longer there).
"""

from collections.abc import Mapping, Sequence

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
from app.channels.social.html_text import html_to_text
from app.channels.social.json_fields import Record, identifier, moment, record, record_of, records, text
from app.channels.social.pictures import attachment
from app.vocabulary import AddressKind, Visibility

SERVICE = "mastodon"
MENTION, OWN, EDITED, GONE = "mention", "own", "edited", "gone"
_VISIBILITIES = {
    "public": Visibility.PUBLIC,
    "unlisted": Visibility.UNLISTED,
    "private": Visibility.PRIVATE,
    "direct": Visibility.DIRECT,
}


def parse_status(item: RawItem, own_id: str, host: str) -> Sequence[Incoming]:
    """The reaction, revision, withdrawal or own post in an item. Raises `Unreadable`."""
    data = record_of(item.body)
    match item.meta.get("what", MENTION):
        case "mention":
            return _mention(data, item.completed, own_id, host)
        case "own":
            return (_own_post(data),) if not record(data, "reblog") else ()
        case "edited":
            return (_revision(data),)
        case "gone":
            return (Withdrawal(identifier(data, "id")),)
        case other:
            raise Unreadable(f"nothing is known of items that are {other[:40]!r}")


def visibility_of(status: Record) -> Visibility:
    """Who sees it; a word that we do not know is taken for the narrowest."""
    return _VISIBILITIES.get(text(status, "visibility"), Visibility.DIRECT)


def full_handle(account: Record, host: str) -> str:
    """`name@server`, also for accounts of our own server, which it gives without its name."""
    acct = identifier(account, "acct")
    return acct if "@" in acct else f"{acct}@{host}"


def status_text(status: Record) -> str:
    """The words of a status: with what its author wrote over it (a content warning) in front."""
    warning, body = text(status, "spoiler_text").strip(), html_to_text(text(status, "content"))
    return f"{warning}\n\n{body}".strip() if warning else body


def _mention(data: Record, completed: Mapping[str, bytes], own_id: str, host: str) -> Sequence[Incoming]:
    status = record(data, "status")
    if text(data, "type") != "mention":
        return ()
    author = record(status, "account")
    if own_id and identifier(author, "id") == own_id:
        return (_own_post(status),)
    parent = identifier(status, "in_reply_to_id", needed=False)
    ours = bool(own_id) and identifier(status, "in_reply_to_account_id", needed=False) == own_id
    return (
        Reaction(
            external_id=identifier(status, "id"),
            author=_author(author, host),
            text=status_text(status),
            sent_at=moment(status.get("created_at")),
            language=text(status, "language")[:2].lower(),
            visibility=visibility_of(status),
            parent_id=parent,
            subject=Subject(key=parent) if ours and parent else None,
            attachments=_attachments(status, completed),
        ),
    )


def _author(account: Record, host: str) -> Author:
    handle = full_handle(account, host)
    return Author(
        kind=AddressKind.HANDLE,
        address=author_address(SERVICE, handle),
        name=text(account, "display_name").strip() or handle,
        verified=True,
        handle=f"@{handle}",
        url=text(account, "url"),
    )


def pictures_of(status: Record) -> Sequence[tuple[str, str]]:
    """(id, address) of the previews that came along."""
    return [
        (identifier(media, "id"), url)
        for media in records(status, "media_attachments")
        if (url := text(media, "preview_url"))
    ]


def _attachments(status: Record, completed: Mapping[str, bytes]) -> tuple[AttachmentIn, ...]:
    return tuple(
        attachment(
            identifier(media, "id"),
            text(media, "preview_url") or text(media, "url"),
            completed,
            alt=text(media, "description"),
        )
        for media in records(status, "media_attachments")
    )


def _revision(status: Record) -> Revision:
    return Revision(identifier(status, "id"), status_text(status), revised_at=moment(status.get("edited_at")))


def _own_post(status: Record) -> OwnPost:
    account = record(status, "account")
    return OwnPost(
        external_id=identifier(status, "id"),
        text=status_text(status),
        parent_id=identifier(status, "in_reply_to_id", needed=False),
        author_name=text(account, "display_name") or text(account, "acct"),
        sent_at=moment(status.get("created_at")),
        visibility=visibility_of(status),
    )
