"""What an emulated Flickr holds: one account's photos with their comments, and what tests do to them.

JSON shapes: Flickr's own descriptions of its methods (flickr.reflection.getMethodInfo).
"""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from html import escape
from itertools import count
from typing import Any

OWN = ("66001122@N02", "voorbeeldstad", "Gemeente Voorbeeldstad")
ANNA = ("35468159852@N01", "anna_v", "Anna Voorbeeld")
BAS = ("35468159853@N01", "bas_a", "Bas Anders")
PEOPLE = {person[0]: person for person in (OWN, ANNA, BAS)}
_PERSON = re.compile(r"\[https?://[^\]\s]*/photos/(\d+@N\d\d)/?\]")


@dataclass(slots=True)
class Comment:
    """A comment. `author` is (account, user name, real name)."""

    id: str
    author: tuple[str, str, str]
    text: str
    made: datetime
    edited: bool = False

    @property
    def content(self) -> str:
        """As Flickr gives it: HTML, with a link for a person in square brackets."""
        return _PERSON.sub(_link, escape(self.text, quote=False))


@dataclass(slots=True)
class Photo:
    """A photo with its comments, oldest first."""

    id: str
    title: str
    updated: datetime
    public: bool = True
    comments: list[Comment] = field(default_factory=list)


class State:
    """One account with its photos."""

    def __init__(self) -> None:
        self.photos: dict[str, Photo] = {}
        self.moment: datetime | None = None
        self._ids = count(54_800_000_001)

    def now(self) -> datetime:
        """Flickr's time; a test may stop it in `moment`."""
        return self.moment or datetime.now(UTC)

    def photo(self, title: str, public: bool = True) -> str:
        """A new photo; its id."""
        made = Photo(str(next(self._ids)), title, self.now(), public)
        self.photos[made.id] = made
        return made.id

    def comment(self, photo_id: str, text: str, author: tuple[str, str, str] = ANNA) -> str:
        """Somebody says something under a photo; the comment's id."""
        photo = self.photos[photo_id]
        photo.comments.append(Comment(f"66001122-{photo_id}-7215{next(self._ids)}", author, text, self.now()))
        photo.updated = self.now()
        return photo.comments[-1].id

    def at(self, comment_id: str) -> tuple[Photo, Comment]:
        """A comment and its photo. Raises `KeyError`."""
        for photo in self.photos.values():
            for comment in photo.comments:
                if comment.id == comment_id:
                    return photo, comment
        raise KeyError(comment_id)

    def edit(self, comment_id: str, text: str) -> None:
        """Its author changes it: nothing else tells that they did."""
        _, comment = self.at(comment_id)
        comment.text, comment.edited = text, True

    def remove(self, comment_id: str) -> None:
        """It goes, and nothing tells that either."""
        photo, comment = self.at(comment_id)
        photo.comments.remove(comment)

    def said(self) -> list[str]:
        """What the account itself said."""
        return [one.text for photo in self.photos.values() for one in photo.comments if one.author == OWN]


def _link(found: re.Match[str]) -> str:
    name = PEOPLE.get(found[1], (found[1], found[1], ""))[1]
    return f'<a href="https://www.flickr.com/photos/{found[1]}/">{escape(name)}</a>'


def comment_json(comment: Comment) -> dict[str, Any]:
    """A comment in a list."""
    return {
        "id": comment.id, "author": comment.author[0], "author_is_deleted": 0, "authorname": comment.author[1],
        "iconserver": "65535", "iconfarm": 66, "datecreate": str(int(comment.made.timestamp())),
        "permalink": f"https://www.flickr.com/photos/{OWN[1]}/{comment.id.split('-')[1]}/#comment{comment.id}",
        "path_alias": comment.author[1], "realname": comment.author[2], "_content": comment.content,
    }  # fmt: skip


def photo_json(photo: Photo) -> dict[str, Any]:
    """A photo in a list."""
    public = int(photo.public)
    return {
        "id": photo.id, "owner": OWN[0], "secret": "abc", "server": "65535", "farm": 66, "title": photo.title,
        "ispublic": public, "isfriend": 0, "isfamily": 1 - public, "lastupdate": str(int(photo.updated.timestamp())),
    }  # fmt: skip
