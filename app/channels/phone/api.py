"""Twilio's REST interface (2010-04-01), by our own bounded HTTP.

Why not Twilio's own client at run time: it brings 24 MB and eleven packages, waits for ever by default, and cannot be held
to a size. It is what the emulator in the tests is proven with.
"""

import json
from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol
from urllib.parse import urlencode, urljoin, urlsplit

from app.channels.contract import Refused, Uncertain, Unreachable, Unreadable
from app.channels.phone.twilio_account import TwilioAccount
from app.fetch import Fetched, FetchError, fetch

DEADLINE = 15.0  # seconds
ANSWER_LIMIT = 4 * 1_048_576  # bytes of one page
FILE_LIMIT = 64 * 1_048_576  # bytes of one recording or picture
PAGE = 500  # rows asked for at a time; Twilio gives at most 1000
REDIRECTS = frozenset({301, 302, 303, 307, 308})

Query = Sequence[tuple[str, str]]


class Http(Protocol):
    """What `app.fetch.fetch` is; tests may hand in another."""

    def __call__(
        self, method: str, url: str, *, headers: Mapping[str, str] | None = None, body: bytes = b"",
        deadline: float = ..., limit: int = ..., foreign: bool = ...,
    ) -> Fetched:  # fmt: skip
        """One request; raises `FetchError` when there was no answer."""
        ...


class Twilio:
    """One account's resources, by path below the account (`Messages`, `Calls`)."""

    def __init__(self, settings: TwilioAccount, http: Http = fetch) -> None:
        """Opens nothing. The service's address was entered by an administrator, so it may be inside the house."""
        self.base = settings.api_url
        self._sid = settings.account_sid
        pair = f"{self._sid}:{settings.auth_token.get_secret_value()}"
        self._known = {"authorization": f"Basic {b64encode(pair.encode()).decode()}"}
        self._http = http

    def account(self) -> dict[str, Any]:
        """The account itself. Raises `Unreachable`."""
        return self._read(f"{self.base}/2010-04-01/Accounts/{self._sid}.json")

    def row(self, resource: str) -> dict[str, Any]:
        """One resource (`Calls/CA…`). Raises `Unreachable`, or `Unreadable` when it is there no longer."""
        answer = self._get(self._address(resource), self._known, ANSWER_LIMIT)
        if answer.status in (404, 410):
            raise Unreadable("it was removed at Twilio")
        return self._whole(answer)

    def rows(self, resource: str, query: Query, name: str = "") -> Iterator[dict[str, Any]]:
        """Everything that fits, newest first, a page in memory at a time. Raises `Unreachable`.

        `name` is under which the page holds its rows, where that is not the resource's own.
        """
        url = f"{self._address(resource)}?{urlencode([*query, ('PageSize', str(PAGE))])}"
        while url:
            page = self._read(url)
            rows = page.get(name or _snake(resource))
            if not isinstance(rows, list):
                raise Unreachable("Twilio answered something that is no list.")
            yield from (row for row in rows if isinstance(row, dict))
            following = page.get("next_page_uri")
            url = urljoin(self.base, following) if isinstance(following, str) and following.startswith("/") else ""

    def create(self, resource: str, form: Query) -> dict[str, Any]:
        """Make a message or a call. Raises `Refused`, `Unreachable` or `Uncertain`."""
        headers = {**self._known, "content-type": "application/x-www-form-urlencoded"}
        try:
            answer = self._http(
                "POST", self._address(resource), headers=headers, body=urlencode(form).encode(), deadline=DEADLINE,
                limit=ANSWER_LIMIT, foreign=False,
            )  # fmt: skip
        except FetchError as error:
            if error.sent:
                raise Uncertain(f"Twilio gave no whole answer: {error.detail}.") from error
            raise Unreachable(f"Twilio cannot be reached: {error.detail}.") from error
        return _made(answer)

    def file(self, url: str) -> bytes:
        """A recording or a picture. Raises `Unreachable` (also while it is not ready) or `Unreadable`.

        The secret goes to the service alone: where it sends us on to its store, we come without.
        """
        if not self._ours(url):
            raise Unreadable("the file lies outside Twilio")
        answer = self._get(url, self._known, FILE_LIMIT)
        if answer.status in REDIRECTS and "location" in answer.headers:
            url = urljoin(url, answer.headers["location"])
            answer = self._get(url, self._known if self._ours(url) else {}, FILE_LIMIT)
        if answer.status in (404, 425):
            raise Unreachable("Twilio has the file not ready yet.", retry_after=10, whole_account=False)
        if answer.status == 410:
            raise Unreadable("the file was removed at Twilio")
        if answer.status != 200:
            raise Unreachable(f"Twilio answered {answer.status} for a file.", _wait(answer), whole_account=False)
        return answer.body

    def _ours(self, url: str) -> bool:
        there, here = urlsplit(url), urlsplit(self.base)
        return (there.scheme, there.netloc) == (here.scheme, here.netloc)

    def _address(self, resource: str) -> str:
        return f"{self.base}/2010-04-01/Accounts/{self._sid}/{resource}.json"

    def _get(self, url: str, headers: Mapping[str, str], limit: int) -> Fetched:
        try:
            return self._http("GET", url, headers=headers, deadline=DEADLINE, limit=limit, foreign=not self._ours(url))
        except FetchError as error:
            raise Unreachable(f"Twilio cannot be read: {error.detail}.") from error

    def _read(self, url: str) -> dict[str, Any]:
        return self._whole(self._get(url, self._known, ANSWER_LIMIT))

    def _whole(self, answer: Fetched) -> dict[str, Any]:
        if answer.status == 401:
            raise Unreachable("Twilio does not know us: check the account SID and the auth token.")
        if answer.status != 200:
            raise Unreachable(f"Twilio answered {answer.status}.", _wait(answer))
        found = _json(answer)
        if found is None:
            raise Unreachable("Twilio answered something that is no JSON: check its address.")
        return found


def _snake(resource: str) -> str:
    """Under which name a list's rows are: `Calls` → `calls`, `IncomingPhoneNumbers` → `incoming_phone_numbers`."""
    return "".join(f"_{c.lower()}" if c.isupper() and place else c.lower() for place, c in enumerate(resource))


def _made(answer: Fetched) -> dict[str, Any]:
    if answer.status == 429:
        raise Unreachable("Twilio asks us to slow down.", _wait(answer) or 5.0)
    if answer.status in (401, 403) or 300 <= answer.status < 400:
        raise Unreachable(f"Twilio does not let us in ({answer.status}): check the account SID and the auth token.")
    found = _json(answer)
    if answer.status >= 500 or found is None:
        raise Uncertain(f"Twilio answered {answer.status}; it may have gone out.")
    if answer.status >= 400:
        code = str(found.get("code") or answer.status)
        raise Refused(f"Twilio refuses it ({code}). {str(found.get('message', ''))[:200]}".rstrip(), code=code)
    if not isinstance(found.get("sid"), str):
        raise Uncertain("Twilio's answer does not say what it made.")
    return found


def _json(answer: Fetched) -> dict[str, Any] | None:
    try:
        found = json.loads(answer.body)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _wait(answer: Fetched) -> float | None:
    given = answer.headers.get("retry-after", "")
    return float(given) if given.isascii() and given.isdigit() and len(given) < 6 else None
