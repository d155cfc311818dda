"""When to try a call again, by what happened the last time and the team's opening hours. Pure; an employee decides."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from app.routing.deadline import Calendar, Term, due_at
from app.routing.week import Week, parse_week, week_of

OFFICE_HOURS: Week = parse_week(["mon-fri 09:00-17:00"])
WAIT_MINUTES: Mapping[str, int] = {
    "employee_busy": 15,
    "employee_no_answer": 15,
    "employee_failed": 15,
    "employee_canceled": 15,
    "citizen_busy": 30,
    "citizen_canceled": 30,
    "citizen_no_answer": 180,
    "citizen_machine": 240,
    "citizen_failed": 480,
}
"""Working minutes. A line that is busy is free soon; who did not pick up is tried at another part of the day."""

OTHERWISE = 180
_QUARTER = timedelta(minutes=15)


def next_try(happened: str, hours: Mapping[str, Sequence[Sequence[str]]], now: datetime) -> datetime:
    """A quarter of an hour in working time (UTC). `happened` is a call's code or empty; `hours` are the team's (`Team.hours`)."""
    moment = due_at(now, Term(WAIT_MINUTES.get(happened, OTHERWISE)), Calendar(_week(hours)))
    over = timedelta(minutes=moment.minute % 15, seconds=moment.second, microseconds=moment.microsecond)
    return moment if not over else moment - over + _QUARTER


def _week(hours: Mapping[str, Sequence[Sequence[str]]]) -> Week:
    try:
        return week_of(hours) or OFFICE_HOURS
    except ValueError:  # hours that somebody wrote wrong keep nobody from calling
        return OFFICE_HOURS
