"""An emulated WordPress: the comments of one page over the REST API, and that page for people.

For the demo and the benches only: our adapter is proven against a real WordPress (`tests/channels/comments`). Shapes:
developer.wordpress.org/rest-api/reference/comments.
"""

from base64 import b64encode
from dataclasses import dataclass, field
from datetime import UTC, datetime
from html import escape, unescape
from itertools import count
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from tests.emulators.faults import Faulty
from tests.emulators.page import Shown, page

USER, PASSWORD = "weerklank", "abcd efgh ijkl mnop"
OWN = 7
POST, TITLE = 12, "Afvalkalender 2026"
COMMENTS, USERS = "/wp/v2/comments", "/wp/v2/users"
VERDICTS = {"approve": "approved", "hold": "hold", "unspam": "approved", "untrash": "approved"}


@dataclass(slots=True)
class Comment:
    """One comment; `author` 0 is a visitor."""

    id: int
    content: str
    made: datetime
    author: int = 0
    name: str = "Een bezoeker"
    agent: str = "Mozilla/5.0"
    parent: int = 0
    status: str = "approved"


@dataclass
class WordPress:
    """One site with one page. `app` is what to serve; `faults` makes it fail."""

    comments: dict[int, Comment] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._ids = count(31)
        self.faults = Faulty(Starlette(routes=[Route("/", self._front, methods=["GET", "POST", "DELETE"])]))
        self.app = self.faults

    def comment(self, text: str, **more: Any) -> int:
        """A comment under the page; its id."""
        made = Comment(next(self._ids), text, datetime.now(UTC).replace(tzinfo=None, microsecond=0), **more)
        self.comments[made.id] = made
        return made.id

    async def _front(self, request: Request) -> Response:
        """The page for people, or the route of the API that is asked for."""
        route = request.query_params.get("rest_route")
        if route is None:
            return self._page()
        given = request.headers.get("authorization", "")
        if given != "Basic " + b64encode(f"{USER}:{PASSWORD}".encode()).decode():
            return _error(401, "rest_not_logged_in", "You are not currently logged in.")
        if route == "/":
            return JSONResponse({"name": "Voorbeeldstad", "gmt_offset": 0})
        if route == f"{USERS}/me":
            return JSONResponse({"id": OWN, "capabilities": {"moderate_comments": True}})
        if route == USERS:
            return JSONResponse([{"id": OWN}])
        if route == COMMENTS:
            return self._create(await request.json()) if request.method == "POST" else self._listed(request)
        return await self._one(request, route.removeprefix(f"{COMMENTS}/"))

    def _listed(self, request: Request) -> Response:
        asked = request.query_params
        status = asked.get("status", "approved")
        shown = ("approved", "hold") if status == "all" else (status,)
        found = [one for one in self.comments.values() if one.status in shown and _fits(one, asked)]
        if asked.get("order", "desc") == "desc":
            found.reverse()
        size, number = int(asked.get("per_page", "10")), int(asked.get("page", "1"))
        rows = [_json(one, str(request.base_url)) for one in found[(number - 1) * size : number * size]]
        return JSONResponse(rows, headers={"x-wp-total": str(len(found))})

    def _create(self, given: dict[str, Any]) -> Response:
        if any(
            one.content == given["content"] and one.parent == given.get("parent", 0) for one in self.comments.values()
        ):
            return _error(
                409, "comment_duplicate", "Duplicate comment detected; it looks as though you said that already!"
            )
        made = self.comment(
            given["content"], author=OWN, name=given.get("author_name", "Gemeente Voorbeeldstad"),
            agent=given.get("author_user_agent", ""), parent=given.get("parent", 0),
        )  # fmt: skip
        return JSONResponse(_json(self.comments[made], ""), 201)

    async def _one(self, request: Request, number: str) -> Response:
        comment = self.comments.get(int(number)) if number.isdigit() else None
        if comment is None:
            return _error(404, "rest_comment_invalid_id", "Invalid comment ID.")
        if request.method == "DELETE":
            comment.status = "trash"
        elif request.method == "POST":
            given = await request.json()
            comment.content = given.get("content", comment.content)
            comment.status = VERDICTS.get(given.get("status", ""), comment.status)
        return JSONResponse(_json(comment, str(request.base_url)))

    def _page(self) -> Response:
        there = [one for one in self.comments.values() if one.status in ("approved", "hold")]
        shown = [part for top in there if top.parent == 0 for part in _thread(top, there, 0)]
        return HTMLResponse(page(f"WordPress: {TITLE}", shown))


def _thread(comment: Comment, there: list[Comment], depth: int) -> list[Shown]:
    notes = "held" if comment.status == "hold" else ""
    words = unescape(comment.content)
    one = Shown(str(comment.id), comment.name, words, depth, comment.author == OWN, notes)
    below = [reply for reply in there if reply.parent == comment.id]
    return [one, *(part for reply in below for part in _thread(reply, there, depth + 1))]


def _fits(comment: Comment, asked: Any) -> bool:
    after = asked.get("after")
    if after and comment.made <= datetime.fromisoformat(after):
        return False
    wanted = (("parent", comment.parent), ("post", POST), ("author", comment.author))
    return all(asked.get(name) in (None, str(value)) for name, value in wanted)


def _json(comment: Comment, base: str) -> dict[str, Any]:
    moment = comment.made.isoformat()
    up = {"id": POST, "title": {"rendered": TITLE}, "link": f"{base}?p={POST}"}
    return {
        "id": comment.id, "post": POST, "parent": comment.parent, "author": comment.author, "author_name": comment.name,
        "author_email": "", "author_user_agent": comment.agent, "date": moment, "date_gmt": moment, "status": comment.status,
        "content": {"raw": comment.content, "rendered": f"<p>{escape(comment.content)}</p>"},
        "link": f"{base}?p={POST}#comment-{comment.id}", "_embedded": {"up": [up]},
    }  # fmt: skip


def _error(status: int, code: str, message: str) -> Response:
    return JSONResponse({"code": code, "message": message, "data": {"status": status}}, status)
