"""Braking before a rate limit is hit, by what the service's own headers say is left. Pure but for its clock.

A service that blocks us for going on at zero punishes every account behind our address; one that is left a few calls lets
an answer out while reading waits. So reading stops while `KEEP` calls are left, and writing uses what is left.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from app.channels.contract import Quota, Unreachable
from app.channels.social.json_fields import moment
from app.clock import Clock

KEEP = 5
LONGEST_WAIT = 24 * 3600.0
_EPOCH_FROM = 1_000_000_000  # a number as large as this is a moment, a smaller one a number of seconds from now


@dataclass(frozen=True, slots=True)
class HeaderNames:
    """What a service calls its three headers, in lower case."""

    limit: str = "x-ratelimit-limit"
    remaining: str = "x-ratelimit-remaining"
    reset: str = "x-ratelimit-reset"


@dataclass(frozen=True, slots=True)
class Window:
    """What is left of one allowance, and until when."""

    remaining: int
    limit: int | None
    resets_at: datetime


class Brake:
    """One account's allowances, by the name of the endpoint that each is for."""

    def __init__(self, clock: Clock, names: HeaderNames | None = None, keep: int = KEEP) -> None:
        self._clock = clock
        self._names = names or HeaderNames()
        self._keep = keep
        self._windows: dict[str, Window] = {}

    def note(self, endpoint: str, headers: Mapping[str, str]) -> None:
        """Remember what an answer said; nothing where it said nothing that can be read."""
        window = read_window(headers, self._names, self._clock())
        if window is not None:
            self._windows[endpoint] = window

    def wait(self, endpoint: str) -> float | None:
        """Seconds until reading may go on; None = now."""
        window = self._windows.get(endpoint)
        if window is None or window.remaining > self._keep:
            return None
        left = (window.resets_at - self._clock()).total_seconds()
        return min(left, LONGEST_WAIT) if left > 0 else None

    def hold(self, endpoint: str) -> None:
        """Raises `Unreachable` while the allowance is as good as used."""
        if (left := self.wait(endpoint)) is not None:
            raise Unreachable("The service's allowance for reading is used for now.", retry_after=left)

    def waits(self) -> tuple[float, ...]:
        """Seconds until each allowance that is as good as used begins anew."""
        return tuple(left for name in self._windows if (left := self.wait(name)) is not None)

    @property
    def quotas(self) -> tuple[Quota, ...]:
        """The allowances that are still running, for the account's health."""
        now = self._clock()
        return tuple(
            Quota(f"calls ({name})", float(w.limit - w.remaining), float(w.limit), w.resets_at)
            for name, w in sorted(self._windows.items())
            if w.limit is not None and w.resets_at > now
        )


def read_window(headers: Mapping[str, str], names: HeaderNames, now: datetime) -> Window | None:
    """The allowance in an answer's headers; None where there is none, or nonsense."""
    remaining = _count(headers.get(names.remaining, ""))
    resets_at = _moment(headers.get(names.reset, ""), now)
    if remaining is None or resets_at is None:
        return None
    return Window(remaining, _count(headers.get(names.limit, "")), resets_at)


def retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds that a Retry-After asks for (RFC 9110, 10.2.3: a number or a date), at most a day."""
    value = headers.get("retry-after", "")
    seconds = _count(value)
    if seconds is None:
        try:
            seconds = max(0, int((parsedate_to_datetime(value) - now).total_seconds()))
        except (ValueError, TypeError):
            return None
    return min(float(seconds), LONGEST_WAIT)


def _count(value: str) -> int | None:
    value = value.strip()
    return int(value) if value.isascii() and value.isdigit() and len(value) < 16 else None


def _moment(value: str, now: datetime) -> datetime | None:
    number = _count(value)
    try:
        if number is None:
            return moment(value.strip())
        return datetime.fromtimestamp(number, UTC) if number >= _EPOCH_FROM else now + timedelta(seconds=number)
    except (ValueError, OverflowError, OSError):
        return None
