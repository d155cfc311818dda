"""Hours of a week: when an agent works, when a calendar is open, when a rule holds.

A span lies within one day of the wall clock; night shifts are two spans. Written as "mon-fri 09:00-17:00".
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

DAY = 24 * 60
WEEK = 7 * DAY
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

_TEXT = re.compile(r"(?P<first>[a-z]{3})(?:-(?P<last>[a-z]{3}))? (?P<start>\d\d:\d\d)-(?P<end>\d\d:\d\d)")


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """From `start` up to, not including, `end`, in minutes since midnight, on `weekday` (0 is Monday)."""

    weekday: int
    start: int
    end: int

    def __post_init__(self) -> None:
        if not (0 <= self.weekday <= 6 and 0 <= self.start < self.end <= DAY):
            raise ValueError("a span needs a weekday from 0 to 6 and 0 <= start < end <= 1440")


Week = tuple[Span, ...]


def parse_week(texts: Iterable[str]) -> Week:
    """Spans from texts like "mon-fri 09:00-17:00" or "fri 22:00-06:00" (past midnight: the rest is on Saturday).

    Raises ValueError with a sentence that says how to write it.
    """
    spans: list[Span] = []
    for text in texts:
        spans += _parse_span(text)
    return tuple(sorted(set(spans)))


def week_of(table: Mapping[str, Sequence[Sequence[str]]]) -> Week:
    """Spans from a table like `{"mon": [["09:00", "12:30"], ["13:00", "17:00"]]}`; ValueError says how to write it."""
    return parse_week(f"{day} {start}-{end}" for day, spans in table.items() for start, end in spans)


def merged(week: Week) -> list[tuple[int, int]]:
    """The week as sorted, separate spans in minutes since Monday 00:00."""
    joined: list[tuple[int, int]] = []
    for span in sorted(week):
        start, end = span.weekday * DAY + span.start, span.weekday * DAY + span.end
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def week_minute(local: datetime) -> int:
    """Minutes since Monday 00:00 on the wall clock of `local`."""
    return local.weekday() * DAY + local.hour * 60 + local.minute


def covers(week: Week, local: datetime) -> bool:
    """Whether the wall clock of `local` is within one of the spans."""
    day, minute = local.weekday(), local.hour * 60 + local.minute
    return any(span.weekday == day and span.start <= minute < span.end for span in week)


def _parse_span(text: str) -> list[Span]:
    found = _TEXT.fullmatch(text.strip().lower())
    if not found or found["first"] not in DAYS or (found["last"] or "mon") not in DAYS:
        raise ValueError('write hours like "mon-fri 09:00-17:00"')
    start, end = _minutes(found["start"]), _minutes(found["end"])
    first = DAYS.index(found["first"])
    last = DAYS.index(found["last"]) if found["last"] else first
    days = [(first + i) % 7 for i in range((last - first) % 7 + 1)]
    return [span for day in days for span in _on_day(day, start, end)]


def _on_day(day: int, start: int, end: int) -> list[Span]:
    if start == end:
        raise ValueError("write 00:00-24:00 for a whole day")
    if start < end:
        return [Span(day, start, end)]
    night = [] if start == DAY else [Span(day, start, DAY)]
    return night + ([Span((day + 1) % 7, 0, end)] if end else [])


def _minutes(text: str) -> int:
    hours, minutes = int(text[:2]), int(text[3:])
    if minutes > 59 or hours * 60 + minutes > DAY:
        raise ValueError("times run from 00:00 to 24:00")
    return hours * 60 + minutes
