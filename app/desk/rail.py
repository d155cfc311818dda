"""The rail: my work, the queues with exact counts of open work, and what asks for attention. One statement, always."""

from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import BigInteger, Select, any_, bindparam, func, literal_column, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from app.identity import mandates
from app.identity.principal import Principal
from app.models import Account, AccountState, Agent, Team, TicketEvent
from app.polls import doubted_mail
from app.storage.rows import rows
from app.tickets import lists
from app.vocabulary import Presence, Role, TeamMode


@dataclass(frozen=True, slots=True)
class TeamLine:
    """A team's queue: how many tickets wait in it without an owner."""

    id: int
    name: str
    mode: TeamMode
    open: int


@dataclass(frozen=True, slots=True)
class Rail:
    """`manages`: leads and administrators see what must be kept in order. `failing` counts accounts, `doubted` invitations by
    mail that wait for a decision of theirs. The stream of this page goes on after `newest_event`.
    """

    presence: Presence
    counts: lists.Counts
    failing: int
    doubted: int
    teams: tuple[TeamLine, ...]
    manages: bool
    newest_event: int

    @property
    def pulls(self) -> bool:
        """Whether one of my teams works by taking the next ticket."""
        return any(team.mode is TeamMode.NEXT for team in self.teams)

    def team(self, team_id: int) -> TeamLine | None:
        """One of these teams."""
        return next((team for team in self.teams if team.id == team_id), None)


def read(session: Session, me: Principal) -> Rail:
    """The rail of this agent: their own teams, or every team for an administrator."""
    asked = {**mandates.values(me), "mine": list(me.team_ids | me.led_team_ids)}
    presence, failing, doubted, newest, listed, *found = rows(
        session, _statement(mandates.sight(me), me.is_admin), asked
    )[0]
    counts = lists.counted(*found)
    teams = tuple(TeamLine(number, name, TeamMode(mode), counts.queues.get(number, 0)) for number, name, mode in listed)
    manages = me.role is not Role.AGENT
    return Rail(presence, counts, failing, doubted if manages else 0, teams, manages, newest)


@cache
def _statement(way: mandates.Sight, every_team: bool) -> Select[*tuple[Any, ...]]:
    described = func.jsonb_build_array(Team.id, Team.name, Team.mode).op("ORDER BY")(Team.name)
    teams = select(func.coalesce(func.jsonb_agg(described), literal_column("'[]'::jsonb"))).where(Team.active)
    if not every_team:
        teams = teams.where(Team.id == any_(bindparam("mine", type_=ARRAY(BigInteger))))
    columns = (
        Agent.presence,
        _FAILING,
        doubted_mail.HOW_MANY,
        _NEWEST,
        teams.scalar_subquery(),
        *lists.count_columns(way),
    )
    return select(*columns).where(Agent.id == bindparam("asker", type_=BigInteger))


_FAILING = (
    select(func.count())
    .select_from(AccountState)
    .join(Account, Account.id == AccountState.account_id)
    .where(Account.active, AccountState.failing_since.is_not(None))
    .scalar_subquery()
)
_NEWEST = select(func.coalesce(func.max(TicketEvent.id), 0)).scalar_subquery()
