"""When an answer is due: the team's norm for the priority, counted in the team's opening hours."""

from datetime import date, datetime

from app.assignment.staff_rows import Known
from app.routing.deadline import Calendar, Term, due_at
from app.routing.week import Week, parse_week
from app.vocabulary import Priority

OFFICE_HOURS: Week = parse_week(["mon-fri 09:00-17:00"])
NORM_HOURS = {Priority.URGENT: 2, Priority.HIGH: 8, Priority.NORMAL: 24, Priority.LOW: 40}
"""Working hours to a first answer where the team has no norm of its own: three working days for an ordinary question."""


class Deadlines:
    """Deadlines for one roster; a team's calendar is made once."""

    def __init__(self, known: Known) -> None:
        self._known = known
        self._holidays: frozenset[date] = known.roster.holidays
        self._calendars: dict[int | None, Calendar] = {}

    def due(self, since: datetime, priority: Priority, team_id: int | None) -> datetime:
        """The moment (UTC) by which somebody who wrote at `since` has an answer."""
        calendar = self._calendars.get(team_id)
        if calendar is None:
            week = self._known.team_hours.get(team_id or 0, OFFICE_HOURS)
            calendar = self._calendars[team_id] = Calendar(week, self._holidays)
        norms = self._known.team_norms.get(team_id or 0, {})
        hours = float(norms.get(priority.value, NORM_HOURS[priority]))
        return due_at(since, Term(round(hours * 60)), calendar)
