"""An emulated Flickr: OAuth 1.0a, one endpoint that answers 200 also when it fails, JSON and XML.

Sources: flickr.com/services/api and /auth.oauth.html. Signatures are checked here by the text of RFC 5849, apart from the
libraries that make them. Consent is given at once by whoever opens the page.
"""

import base64
import hashlib
import hmac
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlencode
from xml.sax.saxutils import escape, quoteattr

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from tests.emulators.faults import Faulty
from tests.emulators.flickr_state import OWN, State, comment_json, photo_json
from tests.emulators.page import Shown, page

API_KEY, API_SECRET = "apikey-f", "apisecret-f"
TOKEN, TOKEN_SECRET = "72157-token", "tokensecret"
Given = Mapping[str, str]


class Fail(Exception):
    """What Flickr answers instead, by its number."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


class Flickr(State):
    """The service. `app` is what to serve; `faults` makes it fail; `failures` are codes for the next calls."""

    def __init__(self) -> None:
        super().__init__()
        self.perms, self.valid = "write", True
        self.failures: list[int] = []
        self.pages_comments = True
        self.secrets = {"": "", TOKEN: TOKEN_SECRET}
        self.callbacks: dict[str, str] = {}
        self.nonces: set[str] = set()
        self.faults = Faulty(Starlette(routes=self._routes()))
        self.app = self.faults

    def _routes(self) -> list[Route]:
        both = ["GET", "POST"]
        return [
            Route("/", self._page),
            Route("/services/oauth/request_token", self._request_token, methods=both),
            Route("/services/oauth/authorize", self._authorize),
            Route("/services/oauth/access_token", self._access_token, methods=both),
            Route("/services/rest/", self._rest, methods=both),
        ]

    async def _page(self, _request: Request) -> Response:
        shown: list[Shown] = []
        for photo in self.photos.values():
            said = [(one, "edited" if one.edited else "") for one in photo.comments]
            shown.append(Shown(photo.id, OWN[2], photo.title, 0, True, "photo"))
            shown += [Shown(one.id, one.author[2], one.text, 1, one.author == OWN, notes) for one, notes in said]
        return HTMLResponse(page("Flickr", shown))

    async def _request_token(self, request: Request) -> Response:
        given = await _given(request)
        if problem := self._problem(request, given):
            return PlainTextResponse(f"oauth_problem={problem}", 401)
        token = f"request-{len(self.callbacks) + 1}"
        self.secrets[token], self.callbacks[token] = f"secret-of-{token}", given["oauth_callback"]
        answer = {"oauth_callback_confirmed": "true", "oauth_token": token, "oauth_token_secret": self.secrets[token]}
        return PlainTextResponse(urlencode(answer))

    async def _authorize(self, request: Request) -> Response:
        token = request.query_params["oauth_token"]
        back, self.perms = self.callbacks[token], request.query_params["perms"]
        return RedirectResponse(
            f"{back}{'&' if '?' in back else '?'}{urlencode({'oauth_token': token, 'oauth_verifier': 'v-1'})}", 302
        )

    async def _access_token(self, request: Request) -> Response:
        given = await _given(request)
        problem = self._problem(request, given)
        if problem or given.get("oauth_verifier") != "v-1":
            return PlainTextResponse(f"oauth_problem={problem or 'verifier_invalid'}", 401)
        self.secrets.pop(given["oauth_token"])
        answer = {
            "fullname": OWN[2], "oauth_token": TOKEN, "oauth_token_secret": TOKEN_SECRET, "user_nsid": OWN[0],
            "username": OWN[1],
        }  # fmt: skip
        return PlainTextResponse(urlencode(answer))

    async def _rest(self, request: Request) -> Response:
        given = await _given(request)
        try:
            if self.failures:
                raise Fail(self.failures.pop(0), "emulated")
            if problem := self._problem(request, given):
                code = 96 if problem == "signature_invalid" else 98
                raise Fail(code, f"Invalid {problem}")
            answer = {**self._method(given), "stat": "ok"}
        except Fail as fail:
            answer = {"stat": "fail", "code": fail.code, "message": str(fail)}
        if given.get("format") == "json":
            return JSONResponse(answer)
        return Response(_xml(answer), media_type="text/xml")

    def _method(self, given: Given) -> dict[str, Any]:
        methods: dict[str, Callable[[Given], dict[str, Any]]] = {
            "flickr.auth.oauth.checkToken": self._check,
            "flickr.photos.recentlyUpdated": self._updated,
            "flickr.photos.comments.getList": self._list,
            "flickr.photos.comments.addComment": self._add,
            "flickr.photos.comments.editComment": self._edit,
            "flickr.photos.comments.deleteComment": self._delete,
        }
        name = given.get("method", "")
        if name not in methods:
            raise Fail(112, f'Method "{name}" not found')
        if name.rpartition(".")[2] in ("addComment", "editComment", "deleteComment") and self.perms == "read":
            raise Fail(99, "Insufficient permissions. Method requires write privileges; read granted.")
        return methods[name](given)

    def _check(self, _given: Given) -> dict[str, Any]:
        user = {"nsid": OWN[0], "username": OWN[1], "fullname": OWN[2]}
        return {"oauth": {"token": {"_content": TOKEN}, "perms": {"_content": self.perms}, "user": user}}

    def _updated(self, given: Given) -> dict[str, Any]:
        since = datetime.fromtimestamp(int(given["min_date"]), UTC)
        found = sorted(
            (one for one in self.photos.values() if one.updated >= since), key=lambda one: one.updated, reverse=True
        )
        size, number = min(int(given.get("per_page", "100")), 500), int(given.get("page", "1"))
        batch = [photo_json(one) for one in found[(number - 1) * size : number * size]]
        pages = -(-len(found) // size)
        return {"photos": {"page": number, "pages": pages, "perpage": size, "total": len(found), "photo": batch}}

    def _list(self, given: Given) -> dict[str, Any]:
        photo = self.photos.get(given["photo_id"])
        if photo is None:
            raise Fail(1, "Photo not found")
        since = datetime.fromtimestamp(int(given.get("min_comment_date", "0")), UTC)
        found = [one for one in photo.comments if one.made >= since]
        if self.pages_comments and "per_page" in given:
            size, number = int(given["per_page"]), int(given.get("page", "1"))
            found = found[(number - 1) * size : number * size]
        shown = {"comment": [comment_json(one) for one in found]} if found else {}
        return {"comments": {"photo_id": photo.id, **shown}}

    def _add(self, given: Given) -> dict[str, Any]:
        if given.get("photo_id") not in self.photos:
            raise Fail(1, "Photo not found")
        if not given.get("comment_text", "").strip():
            raise Fail(8, "Blank comment")
        return {"comment": {"id": self.comment(given["photo_id"], given["comment_text"], OWN)}}

    def _edit(self, given: Given) -> dict[str, Any]:
        _, comment = self._own(given, "comment_id")
        if comment.author != OWN:
            raise Fail(3, "Comment does not belong to user")
        self.edit(comment.id, given["comment_text"])
        return {}

    def _delete(self, given: Given) -> dict[str, Any]:
        _, comment = self._own(given, "comment_id")
        self.remove(comment.id)
        return {}

    def _own(self, given: Given, name: str) -> Any:
        try:
            return self.at(given[name])
        except KeyError:
            raise Fail(2, "Comment not found") from None

    def _problem(self, request: Request, given: Given) -> str:
        """What is wrong with the signature, in the words of OAuth Problem Reporting; empty when it is right."""
        token = given.get("oauth_token", "")
        if given.get("oauth_consumer_key") != API_KEY or given.get("oauth_version", "1.0") != "1.0":
            return "consumer_key_unknown"
        if token not in self.secrets or (token == TOKEN and not self.valid):
            return "token_rejected"
        nonce = f"{given.get('oauth_timestamp')} {given.get('oauth_nonce')}"
        if nonce in self.nonces:
            return "nonce_used"
        self.nonces.add(nonce)
        expected = signature(request.method, str(request.url.replace(query="")), given, self.secrets[token])
        return "" if hmac.compare_digest(expected, given.get("oauth_signature", "")) else "signature_invalid"


def signature(method: str, url: str, given: Given, token_secret: str) -> str:
    """RFC 5849, 3.4: HMAC-SHA1 over method, address and all parameters but the signature itself."""
    pairs = sorted((_quoted(name), _quoted(value)) for name, value in given.items() if name != "oauth_signature")
    parameters = "&".join(f"{name}={value}" for name, value in pairs)
    base = f"{method}&{_quoted(url)}&{_quoted(parameters)}"
    key = f"{_quoted(API_SECRET)}&{_quoted(token_secret)}"
    return base64.b64encode(hmac.new(key.encode(), base.encode(), hashlib.sha1).digest()).decode()


def _quoted(text: str) -> str:
    return quote(text, safe="~")


async def _given(request: Request) -> dict[str, str]:
    """The parameters of the address, of a form and of the Authorization header, together."""
    given = dict(parse_qsl(request.url.query, keep_blank_values=True))
    given |= dict(parse_qsl((await request.body()).decode(), keep_blank_values=True))
    header = request.headers.get("authorization", "").removeprefix("OAuth ")
    for part in header.split(","):
        name, _, value = part.strip().partition("=")
        if name.startswith("oauth_"):
            given[name] = unquote(value.strip('"'))
    return given


def _xml(answer: Mapping[str, Any]) -> str:
    """The same answer as XML, as far as the official client asks for it."""
    if answer["stat"] == "fail":
        return f'<rsp stat="fail"><err code="{answer["code"]}" msg={quoteattr(answer["message"])} /></rsp>'
    inner = "".join(_element(name, value) for name, value in answer.items() if name != "stat")
    return f'<?xml version="1.0" encoding="utf-8" ?><rsp stat="ok">{inner}</rsp>'


def _element(name: str, value: Any) -> str:
    if isinstance(value, list):
        return "".join(_element(name, one) for one in value)
    if not isinstance(value, dict):
        return f"<{name}>{escape(str(value))}</{name}>"
    plain = {key: one for key, one in value.items() if not isinstance(one, dict | list) and key != "_content"}
    attributes = "".join(f" {key}={quoteattr(str(one))}" for key, one in plain.items())
    inner = "".join(_element(key, one) for key, one in value.items() if isinstance(one, dict | list))
    return f"<{name}{attributes}>{escape(str(value.get('_content', '')))}{inner}</{name}>"
