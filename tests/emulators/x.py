"""An emulated X: OAuth 2.0 with PKCE, mentions, own posts, replies under the "summoned" rule, limits, prices.

Source: docs.x.com (OpenAPI 2.167 and guides, 2026-08). Consent is given at once by whoever opens the authorize page, unless
`denies` is set.
"""

import base64
import hashlib
import warnings
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from tests.emulators.faults import Faulty
from tests.emulators.page import Shown, page
from tests.emulators.x_state import CREATE, CREATE_SUMMONED, CREATE_WITH_ADDRESS, OWN_READ, READ, Post, State

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # the library asks for a module that setuptools takes away
    from twitter_text import extract_urls, parse_tweet

NOT_SUMMONED = "mentioned or otherwise engaged by the author"
PROBLEMS = "https://api.twitter.com/2/problems/"
ALL_SCOPES = "tweet.read users.read tweet.write offline.access"
PICTURE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGNgYPj/HwADAgH/p0cL4QAAAABJRU5ErkJggg=="
)
Handler = Callable[[Request], Awaitable[Response]]


class X(State):
    """The service. `app` is what to serve; `faults` makes it fail; `spent` is what we owe it."""

    def __init__(self) -> None:
        super().__init__()
        self.enterprise = False
        self.denies = False
        self.granted: str | None = None
        self.most_listed = 800
        self.limits = {"mentions": 300, "tweets": 900, "create": 100}
        self.used: dict[str, int] = {}
        self.spent = 0.0
        self.codes: dict[str, dict[str, str]] = {}
        self.tokens: dict[str, str] = {"token-of-voorbeeldstad": ALL_SCOPES}
        self.refresh_tokens: dict[str, str] = {}
        self.faults = Faulty(Starlette(routes=self._routes()))
        self.app = self.faults

    def picture(self, base: str, alt: str) -> dict[str, Any]:
        """A picture to hang on a post, served at `base`."""
        return {"media_key": "3_77", "type": "photo", "url": f"{base}/media/picture.png", "alt_text": alt}

    def _routes(self) -> list[Route]:
        return [
            Route("/", self._page),
            Route("/media/picture.png", self._picture),
            Route("/i/oauth2/authorize", self._authorize),
            Route("/2/oauth2/token", self._token, methods=["POST"]),
            Route("/2/oauth2/revoke", self._revoke, methods=["POST"]),
            Route("/2/users/me", self._guarded(self._me, "users.read", "tweets")),
            Route("/2/users/{id}/mentions", self._guarded(self._list_mentions, "tweet.read", "mentions")),
            Route("/2/users/{id}/tweets", self._guarded(self._own_posts, "tweet.read", "tweets")),
            Route("/2/tweets", self._guarded(self._several, "tweet.read", "tweets")),
            Route("/2/tweets", self._guarded(self._create, "tweet.write", "create"), methods=["POST"]),
            Route("/2/tweets/{id}", self._guarded(self._remove, "tweet.write", "create"), methods=["DELETE"]),
        ]

    def _guarded(self, handler: Handler, scope: str, bucket: str) -> Handler:
        async def guarded(request: Request) -> Response:
            scopes = self.tokens.get(request.headers.get("authorization", "").removeprefix("Bearer "))
            if scopes is None:
                return _problem(401, "Unauthorized", "Unauthorized", "about:blank")
            if scope not in scopes.split():
                return _problem(403, "Forbidden", f"Your client lacks the scope {scope}.")
            used = self.used[bucket] = self.used.get(bucket, 0) + 1
            left = self.limits[bucket] - used
            response = await handler(request) if left >= 0 else _problem(429, "Too Many Requests", "Too Many Requests")
            reset = int((self.now() + timedelta(minutes=15)).timestamp())
            response.headers["x-rate-limit-limit"] = str(self.limits[bucket])
            response.headers["x-rate-limit-remaining"] = str(max(0, left))
            response.headers["x-rate-limit-reset"] = str(reset)
            return response

        return guarded

    async def _page(self, _request: Request) -> Response:
        roots = [p for p in self.posts.values() if p.reply_to is None]
        return HTMLResponse(page("X", [shown for root in roots for shown in self._thread(root, 0)]))

    def _thread(self, post: Post, depth: int) -> list[Shown]:
        notes = "edited" if len(post.history) > 1 else ""
        shown = Shown(
            post.id, f"@{post.author.username}", post.note or post.text, depth, post.author is self.own, notes
        )
        below = [p for p in self.posts.values() if p.reply_to is not None and p.reply_to.history[0] == post.history[0]]
        return [shown, *(one for p in below for one in self._thread(p, depth + 1))]

    async def _picture(self, _request: Request) -> Response:
        return Response(PICTURE, media_type="image/png")

    async def _authorize(self, request: Request) -> Response:
        asked = dict(request.query_params)
        if self.denies:
            back = {"error": "access_denied", "state": asked["state"]}
        else:
            code = f"code-{len(self.codes) + 1}"
            self.codes[code] = asked
            back = {"code": code, "state": asked["state"]}
        return RedirectResponse(f"{asked['redirect_uri']}?{urlencode(back)}", 302)

    async def _token(self, request: Request) -> Response:
        form = dict(parse_qsl((await request.body()).decode()))
        basic = "Basic " + base64.b64encode(b"client:client-secret").decode()
        if request.headers.get("authorization") != basic:
            return JSONResponse(
                {"error": "unauthorized_client", "error_description": "Missing valid authorization header"}, 401
            )
        if form.get("grant_type") == "refresh_token":
            scope = self.refresh_tokens.pop(form["refresh_token"], None)
        else:
            asked = self.codes.pop(form.get("code", ""), None)
            scope = asked["scope"] if asked is not None and _proves(asked, form) else None
        if scope is None:
            return JSONResponse(
                {"error": "invalid_request", "error_description": "Value passed for the token was invalid."}, 400
            )
        return self._fresh(self.granted or scope)

    async def _revoke(self, request: Request) -> Response:
        form = dict(parse_qsl((await request.body()).decode()))
        basic = "Basic " + base64.b64encode(b"client:client-secret").decode()
        if request.headers.get("authorization") != basic or form.get("client_id") != "client":
            return JSONResponse(
                {"error": "unauthorized_client", "error_description": "Missing valid authorization header"}, 401
            )
        self.tokens.pop(form["token"], None)
        self.refresh_tokens.pop(form["token"], None)
        return JSONResponse({"revoked": True})

    def _fresh(self, scope: str) -> Response:
        number = len(self.tokens) + 1
        self.tokens[f"access-{number}"] = scope
        made = {"token_type": "bearer", "expires_in": 7200, "access_token": f"access-{number}", "scope": scope}
        if "offline.access" in scope:
            self.refresh_tokens[f"refresh-{number}"] = scope
            made["refresh_token"] = f"refresh-{number}"
        return JSONResponse(made)

    async def _me(self, _request: Request) -> Response:
        return JSONResponse({"data": self.user_json(self.own)})

    async def _list_mentions(self, request: Request) -> Response:
        return self._listed(request, self.mentions()[: self.most_listed], OWN_READ)

    async def _own_posts(self, request: Request) -> Response:
        if request.path_params["id"] != self.own.id:
            return _problem(404, "Not Found Error", "Could not find user", PROBLEMS + "resource-not-found")
        return self._listed(request, self.posted()[::-1], OWN_READ)

    def _listed(self, request: Request, posts: list[Post], price: float) -> Response:
        query = request.query_params
        size = int(query.get("max_results", 10))
        if not 5 <= size <= 100:
            return _problem(
                400, "Invalid Request", f"`max_results` [{size}] is not between 5 and 100", PROBLEMS + "invalid-request"
            )
        posts = [p for p in posts if _within(p, query.get("since_id"), query.get("until_id"), query.get("start_time"))]
        start = int(query.get("pagination_token", "t0")[1:])
        batch = posts[start : start + size]
        self.spent += price * len(batch)
        meta: dict[str, Any] = {"result_count": len(batch)}
        if batch:
            meta |= {"newest_id": batch[0].id, "oldest_id": batch[-1].id}
        if start + size < len(posts):
            meta["next_token"] = f"t{start + size}"
        if start:
            meta["previous_token"] = f"t{max(0, start - size)}"
        return JSONResponse(self._body(request, batch) | {"meta": meta})

    def _body(self, request: Request, posts: list[Post]) -> dict[str, Any]:
        query = request.query_params
        fields = (query.get("tweet.fields") or query.get("post.fields") or "").split(",")
        if not posts:
            return {}
        includes = self.includes(posts, query.get("expansions", ""), query.get("user.fields", ""))
        return {"data": [self.post_json(p, fields) for p in posts]} | ({"includes": includes} if includes else {})

    async def _several(self, request: Request) -> Response:
        ids = request.query_params.get("ids", "").split(",")
        found = [self.posts[i] for i in ids if i in self.posts]
        self.spent += READ * len(found)
        errors = [
            {"value": i, "resource_id": i, "resource_type": self.names, "title": "Not Found Error",
             "detail": f"Could not find {self.names} with ids: [{i}].", "type": PROBLEMS + "resource-not-found"}
            for i in ids if i not in self.posts
        ]  # fmt: skip
        return JSONResponse(self._body(request, found) | ({"errors": errors} if errors else {}))

    async def _create(self, request: Request) -> Response:
        asked = await request.json()
        text, parent_id = asked["text"], asked.get("reply", {}).get("in_reply_to_tweet_id")
        parent = self._version(parent_id) if parent_id else None
        if refusal := self._refusal(text, parent_id, parent):
            return refusal
        self.spent += (
            CREATE_SUMMONED
            if parent and not extract_urls(text)
            else CREATE_WITH_ADDRESS
            if extract_urls(text)
            else CREATE
        )
        post = self.add(self.own, text, reply_to=parent.id if parent else None)
        return JSONResponse({"data": self.post_json(post, ())}, 201)

    def _version(self, post_id: str) -> Post | None:
        return next((p for p in self.posts.values() if post_id in p.history), None)

    def _refusal(self, text: str, parent_id: str | None, parent: Post | None) -> Response | None:
        if parent_id and parent is None:
            return _problem(
                403, "Forbidden", "You attempted to reply to a Tweet that is deleted or not visible to you."
            )
        if parse_tweet(text).weightedLength > 280:
            return _problem(403, "Forbidden", "Your Tweet text is too long.")
        if any(p.text == text for p in self.posted()[-20:]):
            return _problem(403, "Forbidden", "You are not allowed to create a Tweet with duplicate content.")
        if parent is not None and not self.enterprise and not self.summons(parent):
            detail = f"Reply is not allowed because you have not been {NOT_SUMMONED}."
            return _problem(403, "Forbidden", detail, PROBLEMS + "client-forbidden")
        return None

    async def _remove(self, request: Request) -> Response:
        gone = self._version(request.path_params["id"])
        if gone is None or gone.author is not self.own:
            return _problem(404, "Not Found Error", "Could not find tweet", PROBLEMS + "resource-not-found")
        self.delete(gone.id)
        return JSONResponse({"data": {"deleted": True}})


def _within(post: Post, since_id: str | None, until_id: str | None, start_time: str | None) -> bool:
    if since_id and int(post.id) <= int(since_id):
        return False
    if until_id and int(post.id) >= int(until_id):
        return False
    return not start_time or post.created_at >= datetime.fromisoformat(start_time)


def _proves(asked: dict[str, str], form: dict[str, str]) -> bool:
    digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
    proof = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    return asked["redirect_uri"] == form.get("redirect_uri") and asked["code_challenge"] == proof


def _problem(status: int, title: str, detail: str, kind: str = "about:blank") -> Response:
    body = {"title": title, "detail": detail, "type": kind, "status": status}
    return JSONResponse(body, status, media_type="application/problem+json")
