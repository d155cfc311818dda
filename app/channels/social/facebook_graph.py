"""The Graph API's own way of saying things, put in the words of HTTP: errors as statuses, usage as an allowance.

Graph answers 400 to nearly everything and says what is meant in `error.code`; usage comes as percentages in JSON headers.
Said in HTTP's words, `api.py` and `brake.py` do with it what they do with every other service.

Sources: developers.facebook.com/docs/graph-api/guides/error-handling and /overview/rate-limiting.
"""

import hmac
import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from app.channels.social.api import Asked, Query
from app.fetch import Fetched

VERSION = "v25.0"
THROTTLED = frozenset({4, 17, 32, 341, 613, *range(80_000, 80_015)})  # [M] codes of calling too often
UNSURE = frozenset({1, 2, 506})  # [M] unknown, temporary, "the same text was posted just before"
NO_TOKEN = frozenset({102, 190})
FORBIDDEN = frozenset({3, 10, 368, *range(200, 300)})
NO_SUCH_THING = frozenset({(100, 33), (803, 0)})  # [M] (code, subcode)
REGAIN_SECONDS = 300  # [M] how long to leave it when an allowance is used and nothing is said of when it returns
_USAGE = ("call_count", "total_time", "total_cputime", "acc_id_util_pct")


def in_http(_asked: Asked, answer: Fetched) -> Fetched:
    """Graph's errors and usage headers, in the words of HTTP."""
    used, minutes = usage(answer.headers)
    said = dict(answer.headers)
    if used is not None:
        seconds = minutes * 60 or REGAIN_SECONDS
        left = max(0, 100 - used)
        said |= {"x-ratelimit-limit": "100", "x-ratelimit-remaining": str(left), "x-ratelimit-reset": str(seconds)}
    status = status_of(answer)
    if status == 429 and "retry-after" not in said:
        said["retry-after"] = str(minutes * 60 or REGAIN_SECONDS)
    return replace(answer, status=status, headers=said)


def status_of(answer: Fetched) -> int:
    """The HTTP status that Graph's error stands for; the answer's own where it names no error."""
    if answer.status < 400:
        return answer.status
    error = _dict(_json(answer.body).get("error"))
    code, subcode = error.get("code"), error.get("error_subcode", 0)
    if code in THROTTLED:
        return 429
    if code in UNSURE or error.get("is_transient") is True:
        return 503
    if code in NO_TOKEN:
        return 401
    if code in FORBIDDEN:
        return 403
    return 404 if (code, subcode) in NO_SUCH_THING else answer.status


def usage(headers: Mapping[str, str]) -> tuple[int | None, int]:
    """The highest percentage in the usage headers (None: there are none), and the minutes until access returns."""
    found = [_json(headers.get("x-app-usage", "").encode())]
    for cases in _json(headers.get("x-business-use-case-usage", "").encode()).values():
        found += [_dict(case) for case in cases] if isinstance(cases, list) else []
    used = [_number(one[name]) for one in found for name in _USAGE if name in one]
    minutes = [
        _number(one["estimated_time_to_regain_access"]) for one in found if "estimated_time_to_regain_access" in one
    ]
    return (max(used) if used else None), max(minutes, default=0)


def credentials(token: str, app_secret: str) -> Query:
    """The token with the proof that it is used by who has the app's secret."""
    if not token:
        return ()
    proof = hmac.new(app_secret.encode(), token.encode(), "sha256").hexdigest()
    return (("access_token", token), ("appsecret_proof", proof))


def _json(body: bytes) -> Mapping[str, Any]:
    try:
        return _dict(json.loads(body))
    except (ValueError, RecursionError):
        return {}


def _dict(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _number(value: Any) -> int:
    return int(value) if isinstance(value, int | float) and 0 <= value < 10**6 else 0
