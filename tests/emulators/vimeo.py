"""An emulated Vimeo: consent, videos, comments and replies in pages, limits and Vimeo's error codes.

Source: developer.vimeo.com/api/reference. Consent is given at once by whoever opens the page, unless `denies` is set.
"""

import base64
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from tests.emulators.faults import Faulty
from tests.emulators.page import Shown, page
from tests.emulators.vimeo_state import OWN, Comment, State, Video, comment_json, user_json, video_json

CLIENT = ("client-v", "geheim-v")
TOKEN = "token-of-vimeo"
SCOPES = "public private interact edit delete"
Handler = Callable[[Request], Awaitable[Response]]


class Vimeo(State):
    """The service. `app` is what to serve; `faults` makes it fail."""

    def __init__(self) -> None:
        super().__init__()
        self.limit, self.used = 250, 0
        self.scopes = SCOPES
        self.denies, self.valid = False, True
        self.faults = Faulty(Starlette(routes=self._routes()))
        self.app = self.faults

    def _routes(self) -> list[Route]:
        comment = "/videos/{video}/comments/{comment}"
        return [
            Route("/", self._page),
            Route("/oauth/authorize", self._authorize),
            Route("/oauth/access_token", self._token, methods=["POST"]),
            Route("/tokens", self._guarded(self._revoke, "public"), methods=["DELETE"]),
            Route("/me", self._guarded(self._me, "public")),
            Route("/me/videos", self._guarded(self._videos, "private")),
            Route("/videos/{video}/comments", self._guarded(self._listed, "public")),
            Route("/videos/{video}/comments", self._guarded(self._create, "interact"), methods=["POST"]),
            Route(f"{comment}/replies", self._guarded(self._listed, "public")),
            Route(f"{comment}/replies", self._guarded(self._create, "interact"), methods=["POST"]),
            Route(comment, self._guarded(self._one, "public")),
            Route(comment, self._guarded(self._edit, "edit"), methods=["PATCH"]),
            Route(comment, self._guarded(self._remove, "delete"), methods=["DELETE"]),
        ]

    def _guarded(self, handler: Handler, scope: str) -> Handler:
        async def guarded(request: Request) -> Response:
            if not self.valid or request.headers.get("authorization", "").lower() != f"bearer {TOKEN}":
                return _error(401, 8003, "The app didn't receive the user's credentials.")
            self.used += 1
            response = await self._answered(request, handler, scope)
            response.headers["x-ratelimit-limit"] = str(self.limit)
            response.headers["x-ratelimit-remaining"] = str(max(0, self.limit - self.used))
            response.headers["x-ratelimit-reset"] = (self.now() + timedelta(minutes=1)).isoformat()
            response.headers["content-type"] = "application/vnd.vimeo.video+json"
            return response

        return guarded

    async def _answered(self, request: Request, handler: Handler, scope: str) -> Response:
        if self.used > self.limit:
            return _error(429, 9000, "Too many API requests. Wait an hour or so, then try again.")
        if scope not in self.scopes.split():
            return _error(403, 3200, "Your access token doesn't have the scope for this.")
        try:
            return await handler(request)
        except KeyError:
            return _error(404, 5000, "The requested comment couldn't be found.")

    async def _page(self, _request: Request) -> Response:
        return HTMLResponse(page("Vimeo", [part for video in self.videos.values() for part in self._shown(video)]))

    def _shown(self, video: Video) -> list[Shown]:
        found = [Shown(video.id, OWN[1], video.name, 0, True, "video")]
        for above in [one for one in video.comments if one.parent is None]:
            found.append(_shown(above, 1))
            found += [_shown(one, 2) for one in video.comments if one.parent is above]
        return found

    async def _authorize(self, request: Request) -> Response:
        asked = request.query_params
        if asked["client_id"] != CLIENT[0] or asked["response_type"] != "code":
            return _error(400, 2200, "The client id isn't valid.")
        answer = {"error": "access_denied"} if self.denies else {"code": "code-v"}
        return RedirectResponse(f"{asked['redirect_uri']}?{urlencode(answer | {'state': asked['state']})}", 302)

    async def _token(self, request: Request) -> Response:
        kind, _, given = request.headers.get("authorization", "").partition(" ")
        form = dict(parse_qsl((await request.body()).decode()))
        known = base64.b64encode(":".join(CLIENT).encode()).decode()
        if kind.lower() != "basic" or given != known or form.get("code") != "code-v" or not form.get("redirect_uri"):
            return JSONResponse({"error": "invalid_grant", "error_description": "The code isn't valid."}, 400)
        return JSONResponse(
            {"access_token": TOKEN, "token_type": "bearer", "scope": self.scopes, "user": user_json(OWN)}
        )

    async def _revoke(self, _request: Request) -> Response:
        self.valid = False
        return Response(status_code=204)

    async def _me(self, _request: Request) -> Response:
        return JSONResponse(user_json(OWN))

    async def _videos(self, request: Request) -> Response:
        return self._collection(request, [video_json(one) for one in reversed(self.videos.values())])

    async def _listed(self, request: Request) -> Response:
        video = self.videos[request.path_params["video"]]
        if video.closed:
            return _error(403, 3413, "Comments are disabled on this video.")
        above = self._above(request)
        found = [one for one in video.comments if one.parent is above]
        if request.query_params.get("direction") == "desc":
            found.reverse()
        return self._collection(request, found)

    async def _create(self, request: Request) -> Response:
        video, above = self.videos[request.path_params["video"]], self._above(request)
        given = await request.json()
        if not str(given.get("text") or "").strip():
            return _error(400, 2207, "You must provide a text.")
        if video.closed:
            return _error(403, 3413, "Comments are disabled on this video.")
        if "spam" in given["text"]:
            return _error(403, 3301, "Your comment was taken for spam.")
        made = self.at(self.comment(above.uri if above else f"/videos/{video.id}", given["text"], OWN))
        return JSONResponse(comment_json(made), 201, {"location": made.uri})

    async def _one(self, request: Request) -> Response:
        return JSONResponse(comment_json(self.at(request.url.path)))

    async def _edit(self, request: Request) -> Response:
        comment = self.at(request.url.path)
        if comment.author != OWN:
            return _error(403, 3425, "You can't edit this comment.")
        self.edit(comment.uri, (await request.json())["text"])
        return JSONResponse(comment_json(comment))

    async def _remove(self, request: Request) -> Response:
        self.remove(request.url.path)
        return Response(status_code=204)

    def _above(self, request: Request) -> Comment | None:
        number = request.path_params.get("comment")
        return self.at(f"/videos/{request.path_params['video']}/comments/{number}") if number else None

    def _collection(self, request: Request, found: Sequence[Any]) -> Response:
        """The envelope that the description does not mention."""
        query = request.query_params
        size, number = min(int(query.get("per_page", "25")), 100), int(query.get("page", "1"))
        last = max(1, -(-len(found) // size))
        if number > last:
            return _error(400, 2286, "The page number is out of range.")
        part = found[(number - 1) * size : number * size]
        batch = [comment_json(one) if isinstance(one, Comment) else one for one in part]

        def to(page_number: int) -> str:
            return f"{request.url.path}?{urlencode(dict(query) | {'page': str(page_number)})}"

        paging = {
            "next": to(number + 1) if number < last else None, "previous": to(number - 1) if number > 1 else None,
            "first": to(1), "last": to(last),
        }  # fmt: skip
        return JSONResponse({"total": len(found), "page": number, "per_page": size, "paging": paging, "data": batch})


def _shown(comment: Comment, depth: int) -> Shown:
    name = comment.author[1] if comment.author else "Somebody who left"
    notes = "edited" if comment.edited else ""
    return Shown(comment.id, name, comment.text, depth, comment.author == OWN, notes)


def _error(status: int, code: int, words: str) -> Response:
    return JSONResponse(
        {"error": words, "link": None, "developer_message": f"{words} (for developers)", "error_code": code}, status
    )
