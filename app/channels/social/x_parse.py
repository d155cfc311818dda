"""What a post on X means to us. Pure.

An item is `{"data": post, "includes": …}`, as the API gives it, or a pushed event `{"data": {"event_type", "payload", …}}`.
X is renaming its fields (tweet → post): both names are read everywhere.

An edit on X is another post with its own id that names its earlier versions. A reaction keeps the id of its first version.
"""

import html
from collections.abc import Mapping, Sequence

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
from app.channels.social.json_fields import Record, identifier, moment, record, record_of, records, text
from app.channels.social.pictures import attachment
from app.vocabulary import AddressKind, Visibility

SERVICE = "x"
MENTION, OWN, EDITED, GONE, EVENT = "mention", "own", "edited", "gone", "event"
MENTIONED, REPLIED, DELETED = "post.mention.create", "post.reply.create", "post.delete"
SITE = "https://x.com"


def parse_post(item: RawItem, own_id: str) -> Sequence[Incoming]:
    """The reaction, revision, withdrawal or own post in an item. Raises `Unreadable`."""
    data = record_of(item.body)
    what = item.meta.get("what", MENTION)
    if what == EVENT:
        what, data = _opened(data)
    post = record(data, "data")
    if what == GONE:
        return (Withdrawal(first_version(post)),)
    if what not in (MENTION, OWN, EDITED):
        return ()
    if what == OWN or (own_id and identifier(post, "author_id", needed=False) == own_id):
        return (_own_post(post, data),)
    if what == EDITED:
        return (Revision(first_version(post), words(post), revised_at=moment(post.get("created_at"))),)
    return (_reaction(post, data, item.completed, own_id),)


def either(post: Record, name: str) -> str:
    """The name under which a field stands in this post: `referenced_tweets`, or `referenced_posts`."""
    renamed = name.replace("tweet", "post")
    return renamed if renamed in post else name


def versions(post: Record) -> Sequence[str]:
    """The ids of its versions, oldest first; its own where X names none."""
    ids = post.get(either(post, "edit_history_tweet_ids"))
    if ids is None:
        return (identifier(post, "id"),)
    if not isinstance(ids, list) or not ids or not all(isinstance(one, str) and one for one in ids):
        raise Unreadable("the versions of this post are no ids")
    return ids


def first_version(post: Record) -> str:
    """The id that a post keeps while it is edited."""
    return versions(post)[0]


def replied_to(post: Record) -> str:
    """The id of the post that this one answers; empty when it answers none."""
    for reference in records(post, either(post, "referenced_tweets")):
        if text(reference, "type") == "replied_to":
            return identifier(reference, "id")
    return ""


def words(post: Record) -> str:
    """What its author wrote: the whole of a long post, with addresses as they were typed and not as X shortened them."""
    note = record(post, either(post, "note_tweet"))
    said = text(note, "text") or text(post, "text")
    for source in (note, post):
        for url in records(record(source, "entities"), "urls"):
            short, long = text(url, "url"), text(url, "expanded_url")
            if short and long:
                said = said.replace(short, long)
    return html.unescape(said)


def pictures_of(data: Record) -> Sequence[tuple[str, str]]:
    """(id, address) of the pictures that came along, of a film its first picture."""
    return [
        (identifier(one, "media_key"), url)
        for one in records(record(data, "includes"), "media")
        if (url := text(one, "url") or text(one, "preview_image_url"))
    ]


def _opened(event: Record) -> tuple[str, Record]:
    """What a pushed event is, in the form that the API gives posts."""
    data = record(event, "data")
    kind = text(data, "event_type")
    opened = {"data": record(data, "payload"), "includes": record(data, "includes")}
    if kind == DELETED:
        return GONE, opened
    if kind not in (MENTIONED, REPLIED):
        return kind, opened
    return (EDITED if len(versions(opened["data"])) > 1 else MENTION), opened


def _reaction(post: Record, data: Record, completed: Mapping[str, bytes], own_id: str) -> Reaction:
    first, root = first_version(post), identifier(post, "conversation_id", needed=False)
    to_us = bool(own_id) and identifier(post, "in_reply_to_user_id", needed=False) == own_id
    return Reaction(
        external_id=first,
        author=_author(post, data),
        text=words(post),
        sent_at=moment(post.get("created_at")),
        language=text(post, "lang")[:2].lower(),
        visibility=Visibility.PUBLIC,
        parent_id=replied_to(post),
        root_id=root,
        references=(root,) if root and root != first else (),
        subject=Subject(key=root) if to_us and root else None,
        attachments=tuple(
            attachment(
                identifier(one, "media_key"),
                text(one, "url") or text(one, "preview_image_url"),
                completed,
                alt=text(one, "alt_text"),
            )
            for one in records(record(data, "includes"), "media")
        ),
    )


def _author(post: Record, data: Record) -> Author:
    author_id = identifier(post, "author_id")
    users = records(record(data, "includes"), "users")
    user: Record = next((one for one in users if one.get("id") == author_id), {})
    username = text(user, "username")
    return Author(
        kind=AddressKind.HANDLE,
        address=author_address(SERVICE, author_id),
        name=text(user, "name") or username,
        verified=True,
        handle=f"@{username}" if username else "",
        url=f"{SITE}/{username}" if username else f"{SITE}/i/user/{author_id}",
    )


def _own_post(post: Record, data: Record) -> OwnPost:
    root, first = identifier(post, "conversation_id", needed=False), first_version(post)
    users = records(record(data, "includes"), "users")
    return OwnPost(
        external_id=first,
        text=words(post),
        parent_id=replied_to(post),
        author_name=text(users[0], "name") if users else "",
        sent_at=moment(post.get("created_at")),
        references=(root,) if root and root != first else (),
    )
