from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.errors import Invalid
from app.routing.deadline import Calendar, Term, Unit, due_at, elapsed
from app.routing.holidays import dutch_holidays
from app.routing.week import parse_week

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
OFFICE = Calendar(parse_week(["mon-fri 09:00-12:30", "mon-fri 13:00-17:00"]), dutch_holidays(2026))
NIGHT = Calendar(parse_week(["mon-sun 00:00-06:00"]))
ALWAYS = Calendar(parse_week(["mon-sun 00:00-24:00"]))


def at(text: str, fold: int = 0) -> datetime:
    """A moment on the wall clock of Amsterdam."""
    return datetime.fromisoformat(text).replace(tzinfo=AMSTERDAM, fold=fold)


@pytest.mark.parametrize(
    ("received", "minutes", "due"),
    [
        ("2026-03-25T10:00", 60, "2026-03-25T11:00"),
        ("2026-03-25T12:00", 60, "2026-03-25T13:30"),  # over lunch
        ("2026-03-25T12:00", 30, "2026-03-25T12:30"),  # up to the closing itself
        ("2026-03-25T16:30", 60, "2026-03-26T09:30"),  # over night
        ("2026-03-27T16:30", 60, "2026-03-30T09:30"),  # over the weekend and the clock change
        ("2026-03-28T11:00", 60, "2026-03-30T10:00"),  # received on a Saturday
        ("2026-03-25T03:00", 0, "2026-03-25T09:00"),  # nothing to do, but nobody is there yet
        ("2026-03-25T17:00", 0, "2026-03-26T09:00"),
        ("2026-04-02T16:00", 120, "2026-04-07T10:00"),  # Good Friday, weekend, Easter Monday
        ("2026-04-24T16:00", 120, "2026-04-28T10:00"),  # King's Day
        ("2026-03-25T10:00", 450 * 5, "2026-04-01T10:00"),  # a working week later
    ],
)
def test_working_minutes_end_when_the_office_was_open_that_long(received: str, minutes: int, due: str) -> None:
    assert due_at(at(received), Term(minutes), OFFICE) == at(due)


@pytest.mark.parametrize(
    ("calendar", "received", "minutes", "due", "fold"),
    [
        (NIGHT, "2026-03-29T00:00", 299, "2026-03-29T05:59", 0),  # 02:00 to 03:00 does not exist
        (NIGHT, "2026-03-29T01:30", 30, "2026-03-29T03:00", 0),
        (NIGHT, "2026-03-29T00:00", 300, "2026-03-29T06:00", 0),
        (NIGHT, "2026-03-29T00:00", 301, "2026-03-30T00:01", 0),
        (NIGHT, "2026-10-25T00:00", 180, "2026-10-25T02:00", 1),  # 02:00 to 03:00 occurs twice
        (NIGHT, "2026-10-25T00:00", 150, "2026-10-25T02:30", 0),
        (NIGHT, "2026-10-25T00:00", 210, "2026-10-25T02:30", 1),
        (NIGHT, "2026-10-25T00:00", 420, "2026-10-25T06:00", 0),
        (NIGHT, "2026-10-25T00:00", 421, "2026-10-26T00:01", 0),
        (ALWAYS, "2026-03-28T12:00", 24 * 60, "2026-03-29T13:00", 0),
        (ALWAYS, "2026-10-24T12:00", 24 * 60, "2026-10-25T11:00", 0),
        (OFFICE, "2026-10-23T16:00", 120, "2026-10-26T10:00", 0),
    ],
)
def test_minutes_are_real_minutes_when_the_clock_changes(
    calendar: Calendar, received: str, minutes: int, due: str, fold: int
) -> None:
    assert due_at(at(received), Term(minutes), calendar) == at(due, fold).astimezone(UTC)


@pytest.mark.parametrize(
    ("hours", "day", "opening", "closing"),
    [
        ("sun 02:30-04:00", date(2026, 3, 29), "2026-03-29T01:00Z", "2026-03-29T02:00Z"),
        ("sun 01:00-02:30", date(2026, 3, 29), "2026-03-29T00:00Z", "2026-03-29T01:00Z"),
        ("sun 02:15-02:45", date(2026, 3, 29), "2026-03-29T01:00Z", "2026-03-29T01:00Z"),
        ("sun 02:30-04:00", date(2026, 10, 25), "2026-10-25T00:30Z", "2026-10-25T03:00Z"),
        ("sun 01:00-02:30", date(2026, 10, 25), "2026-10-24T23:00Z", "2026-10-25T01:30Z"),
        ("sun 09:00-17:00", date(2026, 3, 29), "2026-03-29T07:00Z", "2026-03-29T15:00Z"),
        ("sun 09:00-17:00", date(2026, 10, 25), "2026-10-25T08:00Z", "2026-10-25T16:00Z"),
    ],
)
def test_an_opening_at_a_time_that_is_skipped_or_doubled(hours: str, day: date, opening: str, closing: str) -> None:
    spans = Calendar(parse_week([hours])).openings(day)
    assert spans == [(datetime.fromisoformat(opening), datetime.fromisoformat(closing))]


@pytest.mark.parametrize(
    ("received", "days", "due"),
    [
        ("2026-03-25T10:00", 1, "2026-03-26T17:00"),  # the day of receipt does not count
        ("2026-03-25T23:00", 1, "2026-03-26T17:00"),
        ("2026-03-27T10:00", 1, "2026-03-30T17:00"),
        ("2026-03-28T10:00", 1, "2026-03-30T17:00"),  # a Saturday
        ("2026-04-02T10:00", 2, "2026-04-08T17:00"),  # Easter
        ("2026-03-25T10:00", 0, "2026-03-25T17:00"),
        ("2026-03-25T18:00", 0, "2026-03-26T17:00"),
        ("2026-03-28T10:00", 0, "2026-03-30T17:00"),
        ("2026-03-25T10:00", 5, "2026-04-01T17:00"),
    ],
)
def test_working_days_end_when_the_last_of_them_closes(received: str, days: int, due: str) -> None:
    assert due_at(at(received), Term(days, Unit.WORKING_DAYS), OFFICE) == at(due)


@pytest.mark.parametrize(
    ("received", "days", "due"),
    [
        ("2026-03-02T10:00", 42, "2026-04-14T00:00"),  # six weeks: through Monday 13 April
        ("2026-02-23T10:00", 42, "2026-04-08T00:00"),  # would end on Easter Monday
        ("2026-03-25T10:00", 3, "2026-03-31T00:00"),  # would end on a Saturday
        ("2026-03-25T10:00", 0, "2026-03-26T00:00"),
    ],
)
def test_a_term_of_calendar_days_does_not_end_on_a_closed_day(received: str, days: int, due: str) -> None:
    assert due_at(at(received), Term(days, Unit.CALENDAR_DAYS), OFFICE) == at(due)


@pytest.mark.parametrize(
    ("start", "end", "minutes"),
    [
        ("2026-03-25T10:00", "2026-03-25T11:00", 60),
        ("2026-03-25T12:00", "2026-03-25T13:30", 60),
        ("2026-03-27T16:00", "2026-03-30T10:00", 120),
        ("2026-03-25T18:00", "2026-03-26T08:00", 0),
        ("2026-03-25T11:00", "2026-03-25T10:00", 0),
        ("2026-04-03T09:00", "2026-04-06T17:00", 0),
    ],
)
def test_only_open_time_counts_as_elapsed(start: str, end: str, minutes: int) -> None:
    assert elapsed(at(start), at(end), OFFICE) == timedelta(minutes=minutes)


def test_a_night_of_a_clock_change_has_five_or_seven_working_hours() -> None:
    spring = elapsed(at("2026-03-29T00:00"), at("2026-03-29T12:00"), NIGHT)
    autumn = elapsed(at("2026-10-25T00:00"), at("2026-10-25T12:00"), NIGHT)
    assert (spring, autumn) == (timedelta(hours=5), timedelta(hours=7))


@pytest.mark.parametrize(
    ("moment", "is_open"),
    [
        ("2026-03-25T09:00", True),
        ("2026-03-25T12:30", False),
        ("2026-03-25T17:00", False),
        ("2026-03-28T10:00", False),
        ("2026-04-27T10:00", False),
        ("2026-03-30T09:00", True),
    ],
)
def test_open_is_read_on_the_wall_clock(moment: str, is_open: bool) -> None:
    assert OFFICE.is_open(at(moment)) is is_open
    assert OFFICE.is_open(at(moment).astimezone(UTC)) is is_open


def test_a_calendar_that_never_opens_cannot_be_made() -> None:
    with pytest.raises(Invalid, match="calendar_never_open"):
        Calendar(())


@pytest.mark.parametrize("zone", ["Europe/Nergens", "../etc/passwd", ""])
def test_an_unknown_time_zone_is_refused(zone: str) -> None:
    with pytest.raises(Invalid, match="zone_unknown"):
        Calendar(parse_week(["mon 09:00-17:00"]), zone=zone)


@pytest.mark.parametrize("unit", Unit)
def test_a_term_beyond_ten_years_is_refused_instead_of_counted(unit: Unit) -> None:
    with pytest.raises(Invalid, match="term_too_long"):
        due_at(at("2026-03-25T10:00"), Term(10**7, unit), OFFICE)


def test_a_negative_term_is_refused() -> None:
    with pytest.raises(Invalid, match="term_negative"):
        Term(-1)


moments = st.datetimes(datetime(2025, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001
calendars = st.sampled_from([OFFICE, NIGHT, ALWAYS, Calendar(parse_week(["sat 22:00-04:00"]))])


@settings(max_examples=60, deadline=None)
@given(moments, st.integers(1, 5_000), calendars)
def test_the_time_up_to_a_deadline_is_the_term(received: datetime, minutes: int, calendar: Calendar) -> None:
    due = due_at(received, Term(minutes), calendar)
    assert elapsed(received, due, calendar) == timedelta(minutes=minutes)


@settings(max_examples=60, deadline=None)
@given(moments, moments, moments, calendars)
def test_elapsed_time_adds_up(a: datetime, b: datetime, c: datetime, calendar: Calendar) -> None:
    first, middle, last = sorted((a, b, c))
    parts = elapsed(first, middle, calendar) + elapsed(middle, last, calendar)
    assert parts == elapsed(first, last, calendar) <= last - first


@settings(max_examples=60, deadline=None)
@given(moments, moments, st.sampled_from(Unit), st.integers(0, 20), calendars)
def test_who_came_first_is_never_due_later(
    a: datetime, b: datetime, unit: Unit, amount: int, calendar: Calendar
) -> None:
    first, last = sorted((a, b))
    term = Term(amount, unit)
    assert due_at(first, term, calendar) <= due_at(last, term, calendar)
    assert due_at(first, term, calendar) >= first
