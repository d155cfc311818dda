"""Flickr's own way of saying things, put in the words of HTTP; and its allowance, which it does not tell, counted by ourselves.

Flickr answers 200 also when it fails (`{"stat": "fail", "code": 98, …}`), and asks for no more than 3600 calls an hour with
one key, without a header that says how many are left. Said in HTTP's words, `api.py` and `brake.py` do the rest.

Sources: flickr.com/services/api/response.json.html and the error list of each method; flickr.com/services/developer/api.
"""

import json
from dataclasses import replace
from datetime import datetime, timedelta

from app.channels.social.api import Asked
from app.clock import Clock
from app.fetch import Fetched

PATH = "/services/rest/"
AN_HOUR = 3600
UNKNOWN_TO_US = frozenset({"95", "96", "97", "98", "100"})
LATER = frozenset({"105", "106"})
TOO_FAST = ("flickr.photos.comments.addComment", "9")
GONE = frozenset(
    {
        ("flickr.photos.comments.getList", "1"),
        ("flickr.photos.comments.addComment", "1"),
        ("flickr.photos.comments.editComment", "2"),
        ("flickr.photos.comments.deleteComment", "2"),
    }
)  # [M] the numbers of the last two


class FlickrDialect:
    """Flickr's errors, and its allowance as counted by ourselves, in the words of HTTP."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._since: datetime | None = None
        self._calls = 0

    def __call__(self, asked: Asked, answer: Fetched) -> Fetched:
        """One answer."""
        ends = self._counted()
        allowance = {
            "x-ratelimit-limit": str(AN_HOUR), "x-ratelimit-remaining": str(max(0, AN_HOUR - self._calls)),
            "x-ratelimit-reset": str(int(ends.timestamp())),
        }  # fmt: skip
        return replace(answer, status=status_of(answer, asked), headers={**answer.headers, **allowance})

    def _counted(self) -> datetime:
        """Count this call; when the hour that it belongs to ends."""
        now = self._clock()
        if self._since is None or now - self._since >= timedelta(hours=1):
            self._since, self._calls = now, 0
        self._calls += 1
        return self._since + timedelta(hours=1)


def status_of(answer: Fetched, asked: Asked) -> int:
    """The HTTP status that an answer stands for."""
    try:
        said = json.loads(answer.body) if answer.status == 200 else {}
    except (ValueError, RecursionError):
        return answer.status
    if not isinstance(said, dict) or said.get("stat") != "fail":
        return answer.status
    code = str(said.get("code"))
    parameters = f"{asked.url}&{asked.body.decode('ascii', 'replace')}&"
    if code in UNKNOWN_TO_US:
        return 401
    if code == "99":
        return 403
    if code in LATER:
        return 503
    if any(code == one and f"method={method}&" in parameters for method, one in GONE):
        return 404
    return 429 if code == TOO_FAST[1] and f"method={TOO_FAST[0]}&" in parameters else 400
