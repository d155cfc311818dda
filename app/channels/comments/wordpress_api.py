"""Calling a WordPress site's REST API, with what goes wrong turned into the errors of the contract.

Source: developer.wordpress.org/rest-api and the Debian source of WordPress 6.1. The route goes as `?rest_route=`, which every
site answers, with and without "pretty" addresses. Signing in is by application password, HTTP Basic.

A site is often half broken: a plugin's error page, a warning of PHP in front of the JSON, a firewall's HTML. So only
WordPress's own word (`rest_comment_invalid_id`) means that a comment is gone, never a bare 404.
"""

import json
from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any, NoReturn
from urllib.parse import urlencode

from app.channels.comments.wordpress_words import one_line
from app.channels.contract import Refused, Uncertain, Unreachable
from app.clock import Clock
from app.fetch import Fetched, FetchError

Http = Callable[..., Fetched]
"""`app.fetch.fetch`, or a transport of a test."""

Query = Mapping[str, str | int]

DEADLINE = 30.0
READ_LIMIT = 33_554_432  # a hundred comments of the longest kind, raw and rendered, escaped
FLOOD_SECONDS = 15.0  # [M] between two comments of one author; moderators are exempt in WordPress itself
LONGEST_WAIT = 3600.0
INDEX, COMMENTS, USERS = "/", "/wp/v2/comments", "/wp/v2/users"
NO_COMMENT = "rest_comment_invalid_id"
_TRY_LATER = frozenset({408, 425, 429, 503})


class Api:
    """One site, as one user."""

    def __init__(self, site_url: str, user: str, password: str, http: Http, clock: Clock) -> None:
        """Opens nothing."""
        self._base = f"{site_url}/"
        self._http = http
        self._clock = clock
        self._authorisation = "Basic " + b64encode(f"{user}:{password}".encode()).decode()

    def get(self, route: str, query: Query) -> Any:
        """The JSON at a route. Raises `Unreachable`."""
        return self._json(self._read(route, query))

    def listed(self, route: str, query: Query) -> tuple[list[Mapping[str, Any]], int]:
        """A page of a list, and how many the site has in all of them. Raises `Unreachable`."""
        answer = self._read(route, query)
        found = self._json(answer)
        if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
            raise Unreachable("The site answered with something that is no list.")
        total = answer.headers.get("x-wp-total", "")
        return found, int(total) if total.isascii() and total.isdigit() and len(total) < 12 else len(found)

    def allowed(self, route: str, query: Query) -> Sequence[Mapping[str, Any]]:
        """A list that our user may not be allowed to see: empty then. Raises `Unreachable`."""
        answer = self._call("GET", route, query, b"")
        if answer.status == 403 and _said(answer)[0].startswith("rest_"):
            return ()
        found = self._json(self._good(answer))
        return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else ()

    def find(self, comment_id: str, query: Query) -> Mapping[str, Any] | None:
        """One comment; None when WordPress itself says that there is none. Raises `Unreachable`."""
        answer = self._call("GET", _comment(comment_id), query, b"")
        if answer.status == 404 and _said(answer)[0] == NO_COMMENT:
            return None
        found = self._json(self._good(answer))
        if not isinstance(found, dict):
            raise Unreachable("The site answered with something that is no comment.")
        return found

    def create(self, values: Mapping[str, str | int]) -> Mapping[str, Any]:
        """Make a comment. Raises `Refused`, `Unreachable` or `Uncertain`."""
        return self._write("POST", COMMENTS, values)

    def change(self, comment_id: str, values: Mapping[str, str | int]) -> Mapping[str, Any]:
        """Change a comment. Raises as `create`."""
        return self._write("POST", _comment(comment_id), values)

    def trash(self, comment_id: str) -> None:
        """Move a comment to the trash. Raises as `create`."""
        self._write("DELETE", _comment(comment_id), {})

    def _write(self, method: str, route: str, values: Mapping[str, str | int]) -> Mapping[str, Any]:
        try:
            answer = self._call(method, route, {}, json.dumps(values).encode())
        except _Silent as error:
            raise Uncertain(error.detail) from error
        if answer.status >= 300:
            self._not_written(answer)
        try:
            made = json.loads(answer.body)
        except (ValueError, RecursionError) as error:
            raise Uncertain(f"The site answered {answer.status} with something that is no JSON.") from error
        if not isinstance(made, dict):
            raise Uncertain("The site answered without the comment.")
        return made

    def _not_written(self, answer: Fetched) -> NoReturn:
        code, message = _said(answer)
        if code == "comment_flood":
            raise Unreachable(f"The site: {message}", retry_after=FLOOD_SECONDS, whole_account=False)
        if answer.status in _TRY_LATER or answer.status == 401 or answer.status < 400 or code == "rest_no_route":
            self._good(answer)
        if answer.status >= 500:
            raise Uncertain(f"The site answered {answer.status}; it may have been done. {message}".strip())
        raise Refused(f"The site: {message or answer.status}", code=code or str(answer.status))

    def _read(self, route: str, query: Query) -> Fetched:
        return self._good(self._call("GET", route, query, b""))

    def _good(self, answer: Fetched) -> Fetched:
        if answer.status == 200:
            return answer
        message = _said(answer)[1]
        advice = f"The site answered {answer.status}."
        if answer.status in (401, 403):
            advice = "The site does not let us in: check the user, the application password and the user's role."
        elif answer.status == 404:
            advice = "There is no REST API of WordPress at this address: check the site's address."
        elif 300 <= answer.status < 400:
            advice = f"The site sends us elsewhere ({answer.status}): fill in the address that visitors end up at."
        raise Unreachable(f"{advice} {message}".strip(), retry_after=_retry_after(answer, self._clock()))

    def _json(self, answer: Fetched) -> Any:
        try:
            return json.loads(answer.body)
        except (ValueError, RecursionError) as error:
            raise Unreachable("The site answered with something that is no JSON: look at its front page.") from error

    def _call(self, method: str, route: str, query: Query, body: bytes) -> Fetched:
        url = f"{self._base}?{urlencode({'rest_route': route, **query})}"
        headers = {"accept": "application/json", "authorization": self._authorisation}
        if body:
            headers["content-type"] = "application/json"
        try:
            return self._http(
                method, url, headers=headers, body=body, deadline=DEADLINE, limit=READ_LIMIT, foreign=False
            )
        except FetchError as error:
            kind = _Silent if error.sent else Unreachable
            raise kind(f"The site cannot be reached: {error.detail}.") from error


class _Silent(Unreachable):
    """No answer, and the question may have arrived."""


def _comment(comment_id: str) -> str:
    """The route of one comment. An id that is no number names nothing at this site, and must not name another route."""
    if not (comment_id.isascii() and comment_id.isdigit()):
        raise Refused("This was not written at a WordPress site.", code=NO_COMMENT)
    return f"{COMMENTS}/{comment_id}"


def _said(answer: Fetched) -> tuple[str, str]:
    """WordPress's code and sentence; empty where the answer is somebody else's."""
    try:
        said = json.loads(answer.body)
    except (ValueError, RecursionError):
        return "", ""
    if not isinstance(said, dict):
        return "", ""
    code, message = said.get("code"), said.get("message")
    return (
        code[:100] if isinstance(code, str) else "",
        one_line(message[:2000])[:300] if isinstance(message, str) else "",
    )


def _retry_after(answer: Fetched, now: datetime) -> float | None:
    value = answer.headers.get("retry-after", "").strip()
    if value.isascii() and value.isdigit() and len(value) < 12:
        return min(float(value), LONGEST_WAIT)
    try:
        return min(max((parsedate_to_datetime(value) - now).total_seconds(), 0.0), LONGEST_WAIT)
    except (ValueError, TypeError):
        return None
