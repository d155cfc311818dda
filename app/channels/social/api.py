"""Calling a service that speaks JSON over HTTP, with what goes wrong turned into the errors of the contract.

Reading that fails is `Unreachable`: nothing happened, try again. Writing that fails is told apart: refused by the service
(`Refused`), certainly not arrived (`Unreachable`), or perhaps arrived (`Uncertain`: no answer after the request had left, a
server's error, an answer that is not the service's).
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn, Protocol
from urllib.parse import quote, urlencode

from app.channels.contract import Refused, Uncertain, Unreachable
from app.channels.social.brake import Brake, retry_after
from app.clock import Clock
from app.fetch import Fetched, FetchError

READ_LIMIT = 16 * 1_048_576  # bytes of one answer
DEADLINE = 20.0  # seconds
LONGEST_PROBLEM = 300
OTHER = "other"
"""The allowance of calls that have none of their own."""
_PROBLEM_FIELDS = ("error_description", "detail", "message", "error", "title", "developer_message")
_TRY_LATER = frozenset({408, 425, 429})

Query = Sequence[tuple[str, str]]
Authorise = Callable[[str, str, bytes], Mapping[str, str]]
"""(method, address, body) → the headers by which the service knows us."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as it went out."""

    method: str
    url: str
    body: bytes


Dialect = Callable[[Asked, Fetched], Fetched]
"""Puts a service's own way of saying things (an error in a 200, usage in a header of its own) in the words of HTTP."""


class Http(Protocol):
    """What `app.fetch.fetch` is; tests may hand in another."""

    def __call__(
        self, method: str, url: str, *, headers: Mapping[str, str] | None = None, body: bytes = b"",
        deadline: float = ..., limit: int = ..., foreign: bool = ..., redirects: int = ...,
    ) -> Fetched:  # fmt: skip
        """One request; raises `FetchError` where there is no answer."""
        ...


def bearer(token: str) -> Authorise:
    """Authorisation by a bearer token (RFC 6750); none without a token."""
    return lambda _method, _url, _body: {"authorization": f"Bearer {token}"} if token else {}


def part(identifier: str) -> str:
    """An id of the service's as one part of a path, whatever is in it."""
    return quote(identifier, safe="")


class Api:
    """One account at one service. `base` was entered by an administrator, so it may be inside the house."""

    def __init__(
        self, service: str, base: str, http: Http, clock: Clock, brake: Brake, authorise: Authorise,
        dialect: Dialect = lambda _, answer: answer,
    ) -> None:  # fmt: skip
        self._service = service
        self._base = base.rstrip("/")
        self._http = http
        self._clock = clock
        self._authorise = authorise
        self._dialect = dialect
        self.brake = brake

    def address(self, path: str, query: Query = ()) -> str:
        """The whole address of a path."""
        return f"{self._base}{path}" + (f"?{urlencode(query)}" if query else "")

    def get(self, path: str, query: Query = (), *, endpoint: str = "") -> Any:
        """The JSON at `path`. `endpoint` names its allowance. Raises `Unreachable`."""
        if endpoint:
            self.brake.hold(endpoint)
        return self._json(self._read(path, query, endpoint))

    def find(self, path: str, query: Query = (), *, endpoint: str = "") -> Any:
        """As `get`, but None where the service says that there is no such thing (404, 410)."""
        answer = self._read(path, query, endpoint, (404, 410))
        return None if answer.status in (404, 410) else self._json(answer)

    def post(
        self, path: str, *, form: Query = (), data: Any = None, headers: Mapping[str, str] | None = None,
        method: str = "POST", endpoint: str = "", gone: bool = False,
    ) -> Any:  # fmt: skip
        """Write: a form (pairs) or JSON (`data`). With `gone`, "no such thing" gives None.

        Raises `Refused`, `Unreachable` or `Uncertain`.
        """
        body = json.dumps(data).encode() if data is not None else urlencode(form).encode()
        kind = {"content-type": "application/json" if data is not None else "application/x-www-form-urlencoded"}
        try:
            answer = self._call(method, self.address(path), body, kind | dict(headers or {}))
        except FetchError as error:
            if error.sent:
                raise Uncertain(f"{self._service} gave no answer: {error.detail}.") from error
            raise Unreachable(f"{self._service} cannot be reached: {error.detail}.") from error
        self.brake.note(endpoint or OTHER, answer.headers)
        if gone and answer.status in (404, 410):
            return None
        return self._written(answer)

    def _written(self, answer: Fetched) -> Any:
        if answer.status in _TRY_LATER:
            self._later(answer)
        if answer.status == 401:
            raise Unreachable(f"{self._service} no longer knows us: connect the account again. {problem(answer.body)}")
        if 300 <= answer.status < 400:
            raise Unreachable(f"{self._service} sends us elsewhere ({answer.status}): check its address.")
        if 400 <= answer.status < 500:
            raise Refused(f"{self._service}: {problem(answer.body) or answer.status}", code=str(answer.status))
        if answer.status >= 500:
            raise Uncertain(f"{self._service} answered {answer.status}; it may have gone out.")
        try:
            return json.loads(answer.body) if answer.body.strip() else {}
        except (ValueError, RecursionError) as error:
            raise Uncertain(f"{self._service} answered {answer.status} with something that is no JSON.") from error

    def _read(self, path: str, query: Query, endpoint: str, fine: Sequence[int] = ()) -> Fetched:
        try:
            answer = self._call("GET", self.address(path, query), b"", {})
        except FetchError as error:
            raise Unreachable(f"{self._service} cannot be reached: {error.detail}.") from error
        self.brake.note(endpoint or OTHER, answer.headers)
        if answer.status not in (200, *fine):
            self._unread(answer)
        return answer

    def _unread(self, answer: Fetched) -> NoReturn:
        said = problem(answer.body)
        if answer.status == 401:
            raise Unreachable(f"{self._service} no longer knows us: connect the account again. {said}".strip())
        if answer.status == 403:
            raise Unreachable(f"{self._service} does not allow this: check the account's rights. {said}".strip())
        if 300 <= answer.status < 400:
            raise Unreachable(f"{self._service} sends us elsewhere ({answer.status}): check its address.")
        self._later(answer)

    def _later(self, answer: Fetched) -> NoReturn:
        wait = retry_after(answer.headers, self._clock())
        if wait is None and answer.status == 429:
            wait = max(self.brake.waits(), default=None)
        raise Unreachable(f"{self._service} answered {answer.status}. {problem(answer.body)}".strip(), retry_after=wait)

    def _json(self, answer: Fetched) -> Any:
        try:
            return json.loads(answer.body)
        except (ValueError, RecursionError) as error:
            raise Unreachable(f"{self._service} answered with something that is no JSON.") from error

    def _call(self, method: str, url: str, body: bytes, headers: Mapping[str, str]) -> Fetched:
        sent = {"accept": "application/json", **headers, **self._authorise(method, url, body)}
        answer = self._http(method, url, headers=sent, body=body, deadline=DEADLINE, limit=READ_LIMIT, foreign=False)
        return self._dialect(Asked(method, url, body), answer)


def problem(body: bytes) -> str:
    """What a service says is wrong, in its own words; empty where it says nothing readable."""
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        return ""
    if isinstance(said, dict):
        inner = said.get("error")
        for data in (said, inner if isinstance(inner, dict) else {}):
            for name in _PROBLEM_FIELDS:
                if isinstance(data.get(name), str) and data[name]:
                    return str(data[name])[:LONGEST_PROBLEM]
    return ""
