"""What an emulated Vimeo holds: one account's videos with their comments, and what tests do to them.

JSON shapes: the API's OpenAPI description (version 3.4), with the collection envelope that the real service puts round lists.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from typing import Any

OWN = ("7000001", "Gemeente Voorbeeldstad")
ANNA = ("7000055", "Anna Voorbeeld")


@dataclass(slots=True)
class Comment:
    """A comment, or with a `parent` a reply. `author` is (number, name), or None for who has left."""

    id: str
    video: str
    author: tuple[str, str] | None
    text: str
    made: datetime
    parent: "Comment | None" = None
    edited: bool = False
    replies: int = 0

    @property
    def uri(self) -> str:
        """Its address at the API."""
        return f"/videos/{self.video}/comments/{self.id}"


@dataclass(slots=True)
class Video:
    """A video. `closed`: nobody may comment, and its comments cannot be read."""

    id: str
    name: str
    closed: bool = False
    comments: list[Comment] = field(default_factory=list)


class State:
    """One account with its videos."""

    def __init__(self) -> None:
        self.videos: dict[str, Video] = {}
        self.moment: datetime | None = None
        self._ids = count(5001)

    def now(self) -> datetime:
        """Vimeo's time; a test may stop it in `moment`."""
        return self.moment or datetime.now(UTC)

    def video(self, name: str) -> str:
        """A new video; its address."""
        made = Video(str(next(self._ids)), name)
        self.videos[made.id] = made
        return f"/videos/{made.id}"

    def comment(self, under: str, text: str, author: tuple[str, str] | None = ANNA) -> str:
        """A comment under a video, or a reply under a comment (one level deep); its address."""
        parent = None if "/comments/" not in under else self.at(under)
        video = self.videos[under.split("/")[2]]
        parent = parent.parent or parent if parent else None
        made = Comment(str(next(self._ids)), video.id, author, text, self.now(), parent)
        video.comments.append(made)
        if parent:
            parent.replies += 1
        return made.uri

    def at(self, uri: str) -> Comment:
        """The comment with this address. Raises `KeyError`."""
        _, _, video, _, number = uri.split("/")
        found = [one for one in self.videos[video].comments if one.id == number]
        if not found:
            raise KeyError(uri)
        return found[0]

    def edit(self, uri: str, text: str) -> None:
        """Its author changes it: nothing else tells that they did."""
        comment = self.at(uri)
        comment.text, comment.edited = text, True

    def remove(self, uri: str) -> None:
        """It goes, with the replies to it."""
        comment = self.at(uri)
        video = self.videos[comment.video]
        if comment.parent:
            comment.parent.replies -= 1
        video.comments = [one for one in video.comments if one is not comment and one.parent is not comment]

    def said(self) -> list[str]:
        """What the account itself said."""
        return [one.text for video in self.videos.values() for one in video.comments if one.author == OWN]


def user_json(user: tuple[str, str]) -> dict[str, Any]:
    """A user, as far as anybody reads it."""
    return {"uri": f"/users/{user[0]}", "name": user[1], "link": f"https://vimeo.com/user{user[0]}", "account": "free"}


def comment_json(comment: Comment) -> dict[str, Any]:
    """A comment. It has no field for its parent."""
    connection = {"uri": f"{comment.uri}/replies", "options": ["GET", "POST"], "total": comment.replies}
    return {
        "uri": comment.uri,
        "type": "video",
        "text": comment.text,
        "created_on": comment.made.isoformat(),
        "user": user_json(comment.author) if comment.author else None,
        "resource_key": f"{int(comment.id):040x}",
        "metadata": {"connections": {"replies": connection if comment.parent is None else None}},
    }


def video_json(video: Video) -> dict[str, Any]:
    """A video. Its number of comments counts the replies too."""
    uri = f"/videos/{video.id}"
    comments = {"uri": f"{uri}/comments", "options": ["GET", "POST"], "total": len(video.comments)}
    return {
        "uri": uri, "name": video.name, "link": f"https://vimeo.com/{video.id}", "duration": 61,
        "metadata": {"connections": {"comments": comments}},
    }  # fmt: skip
