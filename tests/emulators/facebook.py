"""An emulated Facebook: the Graph API of one page, the consent dialog, signed webhooks, usage headers, Graph's errors.

Sources: developers.facebook.com/docs/graph-api and /docs/pages-api. Consent is given at once by whoever opens the dialog,
unless `denies` is set. `used` is what the usage headers say, in per cent.
"""

import hmac
import json
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from tests.emulators.facebook_state import APP_ID, APP_SECRET, PAGE_ID, PAGE_NAME, PAGE_TOKEN, Entry, State, shown
from tests.emulators.faults import Faulty
from tests.emulators.mastodon import PICTURE
from tests.emulators.page import Shown, page

LONGEST = 8000
PERSON = "70001"
"""Who connected the page."""
SCOPES = [
    "pages_show_list", "pages_read_engagement", "pages_read_user_content", "pages_manage_engagement",
    "pages_manage_metadata", "pages_messaging", "public_profile",
]  # fmt: skip
Handler = Callable[[Request, dict[str, str]], Response]


class Facebook(State):
    """The service. `app` is what to serve; `faults` makes it fail."""

    def __init__(self) -> None:
        super().__init__()
        self.used, self.regain_minutes = 3, 0
        self.denies = False
        self.scopes = list(SCOPES)
        self.pages: list[str] | None = [PAGE_ID]
        self.valid = True
        self.faults = Faulty(Starlette(routes=self._routes()))
        self.app = self.faults

    def graph_error(self, code: int, status: int = 400, subcode: int = 0, times: int = 1, path: str = "/v") -> None:
        """Answer the next calls with an error of Graph's own."""
        body = json.dumps(_error("emulated", code, subcode)).encode()
        self.faults.answer(body, "application/json", path=path, times=times)
        self.faults.waiting[-1].status = status

    def _routes(self) -> list[Route]:
        return [
            Route("/", self._page),
            Route("/media/picture.png", self._picture),
            Route("/{version}/dialog/oauth", self._dialog),
            Route("/{version}/oauth/access_token", self._token),
            Route("/{version}/debug_token", self._debug),
            Route("/{version}/me/accounts", self._guarded(self._accounts, "EAAB-user-long")),
            Route(f"/{{version}}/{PERSON}/permissions", self._revoke, methods=["DELETE"]),
            Route(
                f"/{{version}}/{PAGE_ID}/subscribed_apps", self._guarded(self._subscriptions), methods=["GET", "POST"]
            ),
            Route(f"/{{version}}/{PAGE_ID}/feed", self._guarded(self._feed), methods=["GET", "POST"]),
            Route(f"/{{version}}/{PAGE_ID}/messages", self._guarded(self._message), methods=["POST"]),
            Route("/{version}/{id}/comments", self._guarded(self._comments), methods=["GET", "POST"]),
            Route("/{version}/{id}", self._guarded(self._one), methods=["GET", "POST", "DELETE"]),
        ]

    def _guarded(self, handler: Handler, needed: str = PAGE_TOKEN) -> Callable[[Request], Awaitable[Response]]:
        async def guarded(request: Request) -> Response:
            given = dict(request.query_params) | dict(
                parse_qsl((await request.body()).decode(), keep_blank_values=True)
            )
            token = given.get("access_token", "")
            proof = hmac.new(APP_SECRET.encode(), token.encode(), "sha256").hexdigest()
            if token != needed or not self.valid:
                return _refused("Error validating access token", 190)
            if given.get("appsecret_proof", proof) != proof:
                return _refused("Invalid appsecret_proof provided in the API argument", 100)
            if self.used >= 100:
                return self._counted(_refused("(#32) Page request limit reached", 32))
            return self._counted(handler(request, given))

        return guarded

    def _counted(self, response: Response) -> Response:
        use = {"call_count": self.used, "total_cputime": 1, "total_time": 2}
        response.headers["x-app-usage"] = json.dumps(use)
        case = use | {"type": "pages", "estimated_time_to_regain_access": self.regain_minutes}
        response.headers["x-business-use-case-usage"] = json.dumps({PAGE_ID: [case]})
        return response

    async def _page(self, _request: Request) -> Response:
        posts = [one for one in self.entries.values() if one.post is None]
        return HTMLResponse(page("Facebook", [part for post in posts for part in self._thread(post, 0)]))

    def _thread(self, entry: Entry, depth: int) -> list[Shown]:
        notes = ", ".join(word for word, true in (("hidden", entry.hidden), ("edited", entry.edited)) if true)
        below = [one for one in self.entries.values() if (one.parent or one.post) is entry]
        one = Shown(entry.id, entry.author[1], entry.text, depth, entry.author == self.page, notes)
        alone = [
            Shown(f"m_{entry.id}", self.page[1], text, depth + 1, ours=True, notes="in Messenger")
            for to, text in self.private
            if to == entry.id
        ]
        return [one, *alone, *(part for reply in below for part in self._thread(reply, depth + 1))]

    async def _picture(self, _request: Request) -> Response:
        return Response(PICTURE, media_type="image/png")

    async def _dialog(self, request: Request) -> Response:
        asked = request.query_params
        state = {"state": asked["state"]}
        if self.denies:
            back = {"error": "access_denied", "error_description": "Permissions error", **state}
        else:
            back = {"code": "code-1", **state}
        return RedirectResponse(f"{asked['redirect_uri']}?{urlencode(back)}", 302)

    async def _token(self, request: Request) -> Response:
        given = request.query_params
        if (given.get("client_id"), given.get("client_secret")) != (APP_ID, APP_SECRET):
            return _refused("Error validating client secret.", 1, 400)
        if given.get("fb_exchange_token") == "EAAB-user-short":
            return JSONResponse({"access_token": "EAAB-user-long", "token_type": "bearer", "expires_in": 5_183_944})
        if given.get("code") == "code-1" and given.get("redirect_uri"):
            return JSONResponse({"access_token": "EAAB-user-short", "token_type": "bearer", "expires_in": 5_000})
        return _refused("This authorization code has been used.", 100)

    async def _debug(self, request: Request) -> Response:
        if request.query_params.get("access_token") != f"{APP_ID}|{APP_SECRET}":
            return _refused("Invalid OAuth access token", 190)
        known = self.valid and request.query_params.get("input_token") in (PAGE_TOKEN, "EAAB-user-long")
        data = {
            "app_id": APP_ID, "type": "PAGE", "is_valid": known, "expires_at": 0, "scopes": self.scopes,
            "user_id": PERSON, "profile_id": PAGE_ID,
            "granular_scopes": [{"scope": scope, "target_ids": self.pages} for scope in self.scopes[:5]],
        }  # fmt: skip
        return JSONResponse({"data": data if known else {"is_valid": False, "error": {"code": 190}}})

    async def _revoke(self, request: Request) -> Response:
        if request.query_params.get("access_token") != f"{APP_ID}|{APP_SECRET}":
            return _refused("Invalid OAuth access token", 190)
        self.valid = False
        return JSONResponse({"success": True})

    def _accounts(self, _request: Request, _given: dict[str, str]) -> Response:
        mine = {"id": PAGE_ID, "name": PAGE_NAME, "access_token": PAGE_TOKEN}
        other = {"id": "900100201", "name": "Zwembad Voorbeeldstad", "access_token": "EAAB-other"}
        return JSONResponse({"data": [mine, other], "paging": {"cursors": {"before": "b", "after": "a"}}})

    def _subscriptions(self, request: Request, given: dict[str, str]) -> Response:
        if request.method == "POST":
            self.subscribed = given["subscribed_fields"].split(",")
            return JSONResponse({"success": True})
        apps = [{"id": APP_ID, "name": "Weerklank", "subscribed_fields": self.subscribed}] if self.subscribed else []
        return JSONResponse({"data": apps})

    def _feed(self, request: Request, given: dict[str, str]) -> Response:
        if request.method == "POST":
            return JSONResponse({"id": self.post(given["message"])})
        posts = [one for one in self.entries.values() if one.post is None]
        return _listed(request, sorted(posts, key=lambda one: one.made, reverse=True))

    def _message(self, _request: Request, given: dict[str, str]) -> Response:
        comment_id = json.loads(given["recipient"])["comment_id"]
        if comment_id not in self.entries:
            return _refused("Object does not exist", 100, 400, 33)
        if comment_id in [to for to, _ in self.private]:
            return _refused("(#10900) Activity already replied to", 10_900)
        self.private.append((comment_id, json.loads(given["message"])["text"]))
        return JSONResponse({"recipient_id": "61001", "message_id": f"m_{len(self.private)}"})

    def _comments(self, request: Request, given: dict[str, str]) -> Response:
        above = self.entries.get(request.path_params["id"])
        if above is None:
            return _refused("Unsupported get request. Object does not exist", 100, 400, 33)
        if request.method == "POST":
            if not given.get("message", "").strip() or len(given["message"]) > LONGEST:
                return _refused("Invalid parameter", 100)
            return JSONResponse({"id": self.comment(above.id, given["message"], self.page)})
        stream = given.get("filter") == "stream"
        below = [
            one for one in self.entries.values()
            if one.parent is above or (one.post is above and (stream or one.parent is None))
        ]  # fmt: skip
        newest_first = given.get("order") == "reverse_chronological"
        return _listed(request, sorted(below, key=lambda one: (one.made, one.id), reverse=newest_first))

    def _one(self, request: Request, given: dict[str, str]) -> Response:
        entry = self.entries.get(request.path_params["id"])
        if entry is None:
            return _refused("Unsupported request. Object does not exist", 100, 400, 33)
        if request.method == "DELETE":
            self.remove(entry.id)
        elif request.method == "POST" and "is_hidden" in given:
            self.hide(entry.id, given["is_hidden"] == "true")
        elif request.method == "POST":
            if entry.author != self.page:
                return _refused("(#200) Permissions error", 200, 403)
            self.edit(entry.id, given["message"])
        else:
            return JSONResponse(shown(entry, given.get("fields", "message,created_time")))
        return JSONResponse({"success": True})


def _listed(request: Request, found: Sequence[Entry]) -> Response:
    """A page of a list: `since`, `limit`, and Graph's opaque cursors (here: the place in the list)."""
    query = request.query_params
    since = datetime.fromtimestamp(int(query.get("since", "0")), UTC)
    recent = [one for one in found if one.made >= since]
    limit, start = min(int(query.get("limit", "25")), 100), int(query.get("after", "c0")[1:])
    batch = recent[start : start + limit]
    answer: dict[str, Any] = {"data": [shown(one, query.get("fields", "message,created_time")) for one in batch]}
    if batch:
        answer["paging"] = {"cursors": {"before": f"c{start}", "after": f"c{start + len(batch)}"}}
        if start + len(batch) < len(recent):
            answer["paging"]["next"] = str(request.url.include_query_params(after=f"c{start + len(batch)}"))
    return JSONResponse(answer)


def _error(message: str, code: int, subcode: int = 0) -> dict[str, Any]:
    error: dict[str, Any] = {"message": message, "type": "OAuthException", "code": code, "fbtrace_id": "A1"}
    return {"error": error | ({"error_subcode": subcode} if subcode else {})}


def _refused(message: str, code: int, status: int = 400, subcode: int = 0) -> Response:
    return JSONResponse(_error(message, code, subcode), status)
