"""An emulated Mastodon server: apps and OAuth, notifications, statuses, limits.

Source: docs.joinmastodon.org/methods; limits from the server's rack_attack.rb. Consent is given at once by whoever opens
the authorize page, unless `denies` is set.
"""

import base64
import hashlib
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from tests.emulators.faults import Faulty
from tests.emulators.mastodon_state import State, Status, account_json, length, notification_json, status_json
from tests.emulators.page import Shown, page

PICTURE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGNgYPj/HwADAgH/p0cL4QAAAABJRU5ErkJggg=="
)
PAGING = ("max_id", "min_id", "since_id")
Handler = Callable[[Request], Awaitable[Response]]


class Mastodon(State):
    """The server. `app` is what to serve; `faults` makes it fail."""

    def __init__(self, host: str = "social.voorbeeldstad.example") -> None:
        super().__init__(host)
        self.max_characters = 500
        self.page_limit, self.page_used = 300, 0
        self.denies = False
        self.granted: str | None = None  # scopes given instead of those asked for
        self.applications: dict[str, dict[str, str]] = {}
        self.codes: dict[str, dict[str, str]] = {}
        self.tokens: dict[str, str] = {"token-of-gemeente": "read write"}
        self.idempotent: dict[str, Status] = {}
        self.faults = Faulty(Starlette(routes=self._routes()))
        self.app = self.faults

    def picture(self, base: str, alt: str = "") -> dict[str, Any]:
        """A picture to hang on a post, served at `base`."""
        url = f"{base}/media/picture.png"
        return {"id": "77", "type": "image", "url": url, "preview_url": url, "description": alt, "meta": {}}

    def _routes(self) -> list[Route]:
        return [
            Route("/", self._page),
            Route("/media/picture.png", self._picture),
            Route("/api/v1/apps", self._register, methods=["POST"]),
            Route("/.well-known/oauth-authorization-server", self._metadata),
            Route("/oauth/authorize", self._authorize),
            Route("/oauth/token", self._token, methods=["POST"]),
            Route("/oauth/revoke", self._revoke, methods=["POST"]),
            Route("/api/v2/instance", self._instance),
            Route("/api/v2/instance/", self._instance),
            Route("/api/v1/accounts/verify_credentials", self._guarded(self._who, "read:accounts")),
            Route("/api/v1/accounts/{id}/statuses", self._guarded(self._own_statuses, "read:statuses")),
            Route("/api/v1/notifications", self._guarded(self._list_notifications, "read:notifications")),
            Route("/api/v1/statuses", self._guarded(self._several, "read:statuses")),
            Route("/api/v1/statuses", self._guarded(self._create, "write:statuses"), methods=["POST"]),
            Route("/api/v1/statuses/{id}", self._guarded(self._one, "read:statuses")),
            Route("/api/v1/statuses/{id}", self._guarded(self._edit, "write:statuses"), methods=["PUT"]),
            Route("/api/v1/statuses/{id}", self._guarded(self._remove, "write:statuses"), methods=["DELETE"]),
            Route("/api/v1/statuses/{id}/context", self._guarded(self._context, "read:statuses")),
        ]

    def _guarded(self, handler: Handler, scope: str) -> Handler:
        async def guarded(request: Request) -> Response:
            token = request.headers.get("authorization", "").removeprefix("Bearer ")
            scopes = self.tokens.get(token)
            if scopes is None:
                return JSONResponse({"error": "The access token is invalid"}, 401)
            if scope not in scopes.split() and scope.partition(":")[0] not in scopes.split():
                return JSONResponse({"error": "This action is outside the authorized scopes"}, 403)
            return self._counted(request, await self._throttled(request, handler))

        return guarded

    async def _throttled(self, request: Request, handler: Handler) -> Response:
        if any(name in request.query_params for name in PAGING):
            if self.page_used >= self.page_limit:
                return JSONResponse({"error": "Too many requests"}, 429)
            self.page_used += 1
        return await handler(request)

    def _counted(self, request: Request, response: Response) -> Response:
        paged = any(name in request.query_params for name in PAGING)
        limit, left = (self.page_limit, self.page_limit - self.page_used) if paged else (300, 290)
        response.headers["x-ratelimit-limit"] = str(limit)
        response.headers["x-ratelimit-remaining"] = str(max(0, left))
        ends = (self.now() + timedelta(minutes=15)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        response.headers["x-ratelimit-reset"] = ends
        return response

    async def _page(self, _request: Request) -> Response:
        roots = [s for s in self.statuses.values() if s.reply_to is None]
        return HTMLResponse(page("Mastodon", [shown for root in roots for shown in self._thread(root, 0)]))

    def _thread(self, status: Status, depth: int) -> list[Shown]:
        notes = f"{status.visibility}, edited" if status.edited_at else status.visibility
        shown = Shown(status.id, f"@{status.account.acct}", status.text, depth, status.account is self.own, notes)
        below = [s for s in self.statuses.values() if s.reply_to is status]
        return [shown, *(one for s in below for one in self._thread(s, depth + 1))]

    async def _picture(self, _request: Request) -> Response:
        return Response(PICTURE, media_type="image/png")

    async def _register(self, request: Request) -> Response:
        form = await _fields(request)
        number = str(len(self.applications) + 1)
        self.applications[f"client-{number}"] = {"secret": f"secret-{number}", **form}
        return JSONResponse(
            {"id": number, "name": form["client_name"], "redirect_uri": form["redirect_uris"], "website": None,
             "client_id": f"client-{number}", "client_secret": f"secret-{number}"}
        )  # fmt: skip

    async def _metadata(self, request: Request) -> Response:
        base = str(request.base_url).rstrip("/")
        return JSONResponse(
            {"issuer": f"{base}/", "token_endpoint": f"{base}/oauth/token",
             "authorization_endpoint": f"{base}/oauth/authorize", "grant_types_supported": ["authorization_code"],
             "code_challenge_methods_supported": ["S256"]}
        )  # fmt: skip

    async def _authorize(self, request: Request) -> Response:
        asked = dict(request.query_params)
        application = self.applications.get(asked.get("client_id", ""))
        if application is None or asked["redirect_uri"] not in application["redirect_uris"].split("\n"):
            return JSONResponse({"error": "invalid_client"}, 401)
        state = {"state": asked["state"]} if asked.get("state") else {}
        if self.denies:
            back = {"error": "access_denied", "error_description": "The resource owner denied the request.", **state}
            return RedirectResponse(f"{asked['redirect_uri']}?{urlencode(back)}", 302)
        code = f"code-{len(self.codes) + 1}"
        self.codes[code] = asked
        return RedirectResponse(f"{asked['redirect_uri']}?{urlencode({'code': code, **state})}", 302)

    async def _token(self, request: Request) -> Response:
        form = await _fields(request)
        asked = self.codes.pop(form.get("code", ""), None)
        application = self.applications.get(form.get("client_id", ""), {})
        if asked is None or application.get("secret") != form.get("client_secret") or not _proves(asked, form):
            return JSONResponse({"error": "invalid_grant", "error_description": "The grant is invalid."}, 400)
        scope = self.granted if self.granted is not None else asked["scope"]
        token = f"token-{len(self.tokens) + 1}"
        self.tokens[token] = scope
        return JSONResponse(
            {"access_token": token, "token_type": "Bearer", "scope": scope, "created_at": 1_760_000_000}
        )

    async def _revoke(self, request: Request) -> Response:
        form = await _fields(request)
        application = self.applications.get(form.get("client_id", ""), {})
        if application.get("secret") != form.get("client_secret"):
            said = "You are not authorized to revoke this token"
            return JSONResponse({"error": "unauthorized_client", "error_description": said}, 403)
        self.tokens.pop(form["token"], None)
        return JSONResponse({})

    async def _instance(self, _request: Request) -> Response:
        statuses = {
            "max_characters": self.max_characters, "max_media_attachments": 4, "characters_reserved_per_url": 23
        }  # fmt: skip
        return JSONResponse(
            {
                "domain": self.host,
                "title": "Voorbeeldstad",
                "version": "4.5.0",
                "api_versions": {"mastodon": 7},
                "configuration": {"statuses": statuses},
            }
        )

    async def _who(self, _request: Request) -> Response:
        return JSONResponse(account_json(self, self.own) | {"source": {"privacy": "public", "note": "", "fields": []}})

    async def _list_notifications(self, request: Request) -> Response:
        types = request.query_params.getlist("types[]")
        filtered_too = request.query_params.get("include_filtered") == "true"
        found = [
            n for n in self.notifications if (not types or "mention" in types) and (filtered_too or not n.filtered)
        ]  # fmt: skip
        return self._listed(request, found, 80, lambda one: notification_json(self, one))

    async def _own_statuses(self, request: Request) -> Response:
        found = [s for s in self.statuses.values() if s.account.id == request.path_params["id"]]
        return self._listed(request, found, 40, lambda one: status_json(self, one))

    def _listed(self, request: Request, all_: Sequence[Any], most: int, shown: Callable[[Any], Any]) -> Response:
        query = request.query_params
        limit = min(int(query.get("limit", most // 2)), most)
        ordered = sorted(all_, key=lambda one: int(one.id))
        if "max_id" in query:
            ordered = [one for one in ordered if int(one.id) < int(query["max_id"])]
        if "since_id" in query:
            ordered = [one for one in ordered if int(one.id) > int(query["since_id"])]
        if "min_id" in query:
            batch = [one for one in ordered if int(one.id) > int(query["min_id"])][:limit][::-1]
        else:
            batch = ordered[::-1][:limit]
        return JSONResponse([shown(one) for one in batch], headers=_links(request, batch))

    async def _several(self, request: Request) -> Response:
        ids = request.query_params.getlist("id[]")[:20]
        return JSONResponse([status_json(self, self.statuses[i]) for i in ids if i in self.statuses])

    async def _one(self, request: Request) -> Response:
        status = self.statuses.get(request.path_params["id"])
        return JSONResponse(status_json(self, status)) if status else _not_found()

    async def _context(self, request: Request) -> Response:
        status = self.statuses.get(request.path_params["id"])
        if status is None:
            return _not_found()
        above: list[Status] = []
        one = status.reply_to
        while one is not None:
            above.insert(0, one)
            one = one.reply_to
        shown = [[status_json(self, s) for s in part] for part in (above, self.below(status))]
        return JSONResponse({"ancestors": shown[0], "descendants": shown[1]})

    async def _create(self, request: Request) -> Response:
        form = await _fields(request)
        key = request.headers.get("idempotency-key")
        if key and key in self.idempotent:
            return JSONResponse(status_json(self, self.idempotent[key]))
        if refusal := self._refusal(form):
            return refusal
        token = request.headers["authorization"].removeprefix("Bearer ")
        status = self.add(
            self.own, form["status"], visibility=form.get("visibility", "public"), language=form.get("language", "nl"),
            reply_to=form.get("in_reply_to_id"), application="Weerklank" if token else "Web",
        )  # fmt: skip
        if key:
            self.idempotent[key] = status
        return JSONResponse(status_json(self, status))

    def _refusal(self, form: dict[str, str]) -> Response | None:
        if not form.get("status", "").strip():
            return JSONResponse({"error": "Validation failed: Text can't be blank"}, 422)
        if length(form["status"]) > self.max_characters:
            error = f"Validation failed: Text character limit of {self.max_characters} exceeded"
            return JSONResponse({"error": error}, 422)
        if form.get("in_reply_to_id") and form["in_reply_to_id"] not in self.statuses:
            return JSONResponse({"error": "The post you are trying to reply to does not appear to exist."}, 404)
        return None

    async def _edit(self, request: Request) -> Response:
        form = await _fields(request)
        status = self.statuses.get(request.path_params["id"])
        if status is None or status.account is not self.own:
            return _not_found()
        if refusal := self._refusal({"status": form.get("status", "")}):
            return refusal
        self.edit(status.id, form["status"])
        return JSONResponse(status_json(self, status))

    async def _remove(self, request: Request) -> Response:
        status = self.statuses.get(request.path_params["id"])
        if status is None or status.account is not self.own:
            return _not_found()
        shown = status_json(self, status) | {"text": status.text}
        self.delete(status.id)
        return JSONResponse(shown)


async def _fields(request: Request) -> dict[str, str]:
    body = await request.body()
    if request.headers.get("content-type", "").startswith("application/json"):
        return {name: str(value) for name, value in (await request.json()).items()}
    return dict(parse_qsl(body.decode(), keep_blank_values=True))


def _links(request: Request, batch: Sequence[Any]) -> dict[str, str]:
    if not batch:
        return {}
    base = request.url.remove_query_params(PAGING)
    older, newer = base.include_query_params(max_id=batch[-1].id), base.include_query_params(min_id=batch[0].id)
    return {"link": f'<{older}>; rel="next", <{newer}>; rel="prev"'}


def _proves(asked: dict[str, str], form: dict[str, str]) -> bool:
    """PKCE: who brings the code is who asked for it (RFC 7636, 4.6)."""
    if asked["redirect_uri"] != form.get("redirect_uri"):
        return False
    if "code_challenge" not in asked:
        return True
    digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == asked["code_challenge"]


def _not_found() -> Response:
    return JSONResponse({"error": "Record not found"}, 404)
