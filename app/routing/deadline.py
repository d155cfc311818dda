"""Working time: when something is due, and how much of it has passed.

Opening hours are read on the wall clock, time is counted in real minutes: on 29 March 2026 an opening from 00:00 to
06:00 lasts five hours, on 25 October seven. Moments go in and come out with an offset; results are in UTC.

Days and terms follow the Algemene termijnenwet: the day of receipt does not count, and a term that would end on a
closed day ends on the next open one.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from app.errors import Invalid
from app.routing.week import DAY, Week, covers, merged

HORIZON_DAYS = 3660


class Unit(StrEnum):
    """`WORKING_DAYS` end when the last of them closes, `CALENDAR_DAYS` at midnight after the last."""

    WORKING_MINUTES = "working_minutes"
    WORKING_DAYS = "working_days"
    CALENDAR_DAYS = "calendar_days"


@dataclass(frozen=True, slots=True)
class Term:
    """How long something may take, for example `Term(8 * 60, Unit.WORKING_MINUTES)`; `amount` is 0 or more."""

    amount: int
    unit: Unit = Unit.WORKING_MINUTES

    def __post_init__(self) -> None:
        if self.amount < 0:
            raise Invalid("term_negative", "Give a term of nothing or more.")


@dataclass(frozen=True, slots=True)
class Calendar:
    """When the organisation is open. Raises Invalid when it never is, or the time zone is unknown."""

    week: Week
    holidays: frozenset[date] = frozenset()
    zone: str = "Europe/Amsterdam"

    def __post_init__(self) -> None:
        if not self.week:
            raise Invalid("calendar_never_open", "Give at least one opening, for example mon-fri 09:00-17:00.")
        try:
            ZoneInfo(self.zone)
        except (ValueError, OSError, KeyError) as error:
            raise Invalid("zone_unknown", "Give a time zone like Europe/Amsterdam.") from error

    def is_open(self, moment: datetime) -> bool:
        """Whether `moment` falls within an opening, by the wall clock."""
        local = moment.astimezone(ZoneInfo(self.zone))
        return local.date() not in self.holidays and covers(self.week, local)

    def is_working_day(self, day: date) -> bool:
        """Whether it opens at all on this day."""
        return day not in self.holidays and any(span.weekday == day.weekday() for span in self.week)

    def openings(self, day: date) -> list[tuple[datetime, datetime]]:
        """The openings of one day as moments in UTC, earliest first; none on a holiday."""
        if day in self.holidays:
            return []
        zone = ZoneInfo(self.zone)
        start_of_day = day.weekday() * DAY
        spans = [(s - start_of_day, e - start_of_day) for s, e in merged(self._spans(day))]
        return [(_instant(day, start, zone, 0), _instant(day, end, zone, 1)) for start, end in spans]

    def _spans(self, day: date) -> Week:
        return tuple(span for span in self.week if span.weekday == day.weekday())


def due_at(received_at: datetime, term: Term, calendar: Calendar) -> datetime:
    """The last moment at which it is in time (UTC).

    Raises Invalid when that lies more than ten years ahead (a calendar of holidays only, or a slip of the keyboard).
    """
    match term.unit:
        case Unit.WORKING_MINUTES:
            return _after_minutes(received_at, timedelta(minutes=term.amount), calendar)
        case Unit.WORKING_DAYS:
            return _after_working_days(received_at, term.amount, calendar)
        case Unit.CALENDAR_DAYS:
            return _after_calendar_days(received_at, term.amount, calendar)


def elapsed(start: datetime, end: datetime, calendar: Calendar) -> timedelta:
    """How much working time lies between two moments; nothing when `end` is before `start`."""
    total = timedelta()
    last = end.astimezone(ZoneInfo(calendar.zone)).date()
    for opening, closing in _openings_from(start, calendar):
        if opening >= end or opening.astimezone(ZoneInfo(calendar.zone)).date() > last:
            break
        total += max(timedelta(), min(closing, end) - max(opening, start))
    return total


def _after_minutes(received_at: datetime, left: timedelta, calendar: Calendar) -> datetime:
    for opening, closing in _openings_from(received_at, calendar):
        start = max(opening, received_at.astimezone(UTC))
        if start < closing and start + left <= closing:
            return start + left
        left -= max(timedelta(), closing - start)
    raise _too_far()


def _after_working_days(received_at: datetime, days: int, calendar: Calendar) -> datetime:
    """With no days at all: when the day of receipt closes, or the next working day if it is closed by then."""
    first = received_at.astimezone(ZoneInfo(calendar.zone)).date()
    counted = -1 if calendar.is_working_day(first) else 0
    for day in _days_from(first):
        counted += calendar.is_working_day(day)
        if counted >= days and calendar.is_working_day(day):
            closing = calendar.openings(day)[-1][1]
            if closing > received_at:
                return closing
    raise _too_far()


def _after_calendar_days(received_at: datetime, days: int, calendar: Calendar) -> datetime:
    zone = ZoneInfo(calendar.zone)
    if days > HORIZON_DAYS:
        raise _too_far()
    last = received_at.astimezone(zone).date() + timedelta(days=days)
    for day in _days_from(last):
        if calendar.is_working_day(day):
            return _instant(day, DAY, zone, 0)
    raise _too_far()


def _openings_from(moment: datetime, calendar: Calendar) -> Iterator[tuple[datetime, datetime]]:
    """Openings that end after `moment`, up to the horizon."""
    for day in _days_from(moment.astimezone(ZoneInfo(calendar.zone)).date()):
        for opening, closing in calendar.openings(day):
            if closing > moment:
                yield opening, closing


def _days_from(first: date) -> Iterator[date]:
    room = min(HORIZON_DAYS, (date.max - first).days - 1)
    return (first + timedelta(days=ahead) for ahead in range(room))


def _instant(day: date, minute: int, zone: ZoneInfo, fold: int) -> datetime:
    """Wall clock to UTC. `fold` 1 takes the second of an hour that occurs twice; a time that a clock change skips is
    the moment of that change.
    """
    wall = datetime.combine(day, time()) + timedelta(minutes=minute)
    moment = wall.replace(tzinfo=zone, fold=fold).astimezone(UTC)
    if moment.astimezone(zone).replace(tzinfo=None, fold=0) == wall:
        return moment
    return _clock_change(wall, zone)


def _clock_change(wall: datetime, zone: ZoneInfo) -> datetime:
    """The moment at which the clock jumps over `wall`: between its readings with the offsets of after and before."""
    low, high = (wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (1, 0))
    before = low.astimezone(zone).utcoffset()
    while high - low > timedelta(seconds=1):
        middle = low + (high - low) / 2
        if middle.astimezone(zone).utcoffset() == before:
            low = middle
        else:
            high = middle
    return high.replace(microsecond=0)


def _too_far() -> Invalid:
    return Invalid("term_too_long", "Give a shorter term, or a calendar with more openings.")
