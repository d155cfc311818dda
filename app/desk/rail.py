"""The rail: my work, the queues with exact counts of open work, and what asks for attention. Three statements, always."""

from dataclasses import dataclass

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from app.identity.principal import Principal
from app.models import Account, AccountState, Agent, Team, TicketEvent
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
    """`manages`: leads and administrators see what must be kept in order. `failing` counts accounts. The stream of this page
    goes on after `newest_event`.
    """

    presence: Presence
    counts: lists.Counts
    failing: int
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
    presence, failing, newest = session.execute(_HEAD, {"me": me.agent_id}).one()
    counts = lists.counts(session, me)
    mine = _TEAMS if me.is_admin else _TEAMS.where(Team.id.in_(me.team_ids | me.led_team_ids))
    teams = tuple(TeamLine(row.id, row.name, row.mode, counts.queues.get(row.id, 0)) for row in session.execute(mine))
    return Rail(presence, counts, failing, teams, me.role is not Role.AGENT, newest)


_TEAMS = select(Team.id, Team.name, Team.mode).where(Team.active).order_by(Team.name)
_FAILING = (
    select(func.count())
    .select_from(AccountState)
    .join(Account, Account.id == AccountState.account_id)
    .where(Account.active, AccountState.failing_since.is_not(None))
    .scalar_subquery()
)
_NEWEST = select(func.coalesce(func.max(TicketEvent.id), 0)).scalar_subquery()
_HEAD = select(Agent.presence, _FAILING, _NEWEST).where(Agent.id == bindparam("me"))
