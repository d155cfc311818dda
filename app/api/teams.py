"""Teams and who belongs to them."""

from fastapi import APIRouter
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.responses import Response

from app.api import changes, pages
from app.api.asked import After, Limit, Number, StaffRead, StaffWrite, administrator
from app.api.organisations import or_own
from app.api.schemas.staff import Member, Membership, NewTeam, Team, TeamChange
from app.identity import staff
from app.models import Agent, TeamMember
from app.models import Team as Row
from app.web.etag import IfMatch
from app.web.idempotency import Made, OnceOnly
from app.web.transaction import Transaction

router = APIRouter(prefix="/teams", tags=["teams"])
_COLUMNS = select(*(getattr(Row, name) for name in Team.model_fields))


@router.get("")
def list_teams(session: Transaction, me: StaffRead, after: After = None, limit: Limit = 100) -> pages.Page[Team]:
    """All teams, by id."""
    return pages.read(session, _COLUMNS, Row.id, after, limit, Team)


@router.post("", status_code=201, response_model=Team)
def create_team(body: NewTeam, session: Transaction, me: StaffWrite, once: OnceOnly) -> Response:
    """Make a team."""
    administrator(me)

    def make() -> Made:
        values = {**body.model_dump(), "organisation_id": or_own(session, body.organisation_id)}
        made = staff.create_team(session, by=me, **values)
        return Made(_read(session, made), f"/api/v1/teams/{made}")

    return once(me, body, make)


@router.get("/{team}", response_model=Team)
def read_team(team: Number, session: Transaction, me: StaffRead) -> Response:
    """One team."""
    return changes.told(_read(session, team))


@router.patch("/{team}", response_model=Team)
def change_team(team: Number, body: TeamChange, session: Transaction, me: StaffWrite, if_match: IfMatch) -> Response:
    """Change what is given."""
    administrator(me)
    return changes.change(
        lambda lock: _read(session, team, lock), if_match, body, lambda v: staff.change_team(session, team, v, by=me)
    )


@router.get("/{team}/members")
def list_members(team: Number, session: Transaction, me: StaffRead) -> list[Member]:
    """Everybody in a team, by name."""
    _read(session, team)
    query = select(TeamMember.agent_id, Agent.name, TeamMember.lead).join(Agent, Agent.id == TeamMember.agent_id)
    rows = session.execute(query.where(TeamMember.team_id == team).order_by(Agent.name, Agent.id))
    return [Member.model_validate(row) for row in rows]


@router.put("/{team}/members/{agent}", status_code=204)
def put_member(team: Number, agent: Number, body: Membership, session: Transaction, me: StaffWrite) -> None:
    """Put an agent in a team, or change whether they lead it."""
    administrator(me)
    staff.add_member(session, team, agent, lead=body.lead, by=me)


@router.delete("/{team}/members/{agent}", status_code=204)
def delete_member(team: Number, agent: Number, session: Transaction, me: StaffWrite) -> None:
    """Take an agent out of a team."""
    administrator(me)
    staff.remove_member(session, team, agent, by=me)


def _read(session: Session, team: int, lock: bool = False) -> Team:
    return changes.read(session, _COLUMNS.where(Row.id == team), Team, "team", lock=lock)
