"""Teams and who belongs to them."""

from fastapi import APIRouter
from pydantic import BaseModel
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.responses import Response

from app.api import pages
from app.api.asked import Active, After, Limit, Number, StaffRead, StaffWrite, administrator
from app.api.organisations import or_own
from app.api.resource import Resource
from app.api.schemas.staff import Member, Membership, NewTeam, Team, TeamChange
from app.identity import staff
from app.models import Agent, TeamMember
from app.models import Team as Row
from app.web import etag
from app.web.etag import IfMatch
from app.web.idempotency import Made, OnceOnly
from app.web.transaction import Transaction

router = APIRouter(prefix="/teams", tags=["teams"])
_teams = Resource(Row, Team, "team")


class Members(BaseModel):
    """Everybody in a team: what the ETag of its members is made of."""

    members: list[Member]


@router.get("")
def list_teams(
    session: Transaction, me: StaffRead, active: Active = None, after: After = None, limit: Limit = 100
) -> pages.Page[Team]:
    """All teams, by id."""
    return _teams.page(session, after, limit, *_teams.that_are(active))


@router.post("", status_code=201, response_model=Team)
def create_team(body: NewTeam, session: Transaction, me: StaffWrite, once: OnceOnly) -> Response:
    """Make a team."""
    administrator(me)

    def make() -> Made:
        values = {**body.model_dump(), "organisation_id": or_own(session, body.organisation_id)}
        made = staff.create_team(session, by=me, **values)
        return _teams.made(session, made)

    return once(me, body, make)


@router.get("/{team}", response_model=Team)
def read_team(team: Number, session: Transaction, me: StaffRead) -> Response:
    """One team."""
    return _teams.told(session, team)


@router.patch("/{team}", response_model=Team)
def change_team(team: Number, body: TeamChange, session: Transaction, me: StaffWrite, if_match: IfMatch) -> Response:
    """Change what is given."""
    administrator(me)
    return _teams.change(session, team, if_match, body, lambda values: staff.change_team(session, team, values, by=me))


@router.get("/{team}/members")
def list_members(team: Number, session: Transaction, me: StaffRead, response: Response) -> list[Member]:
    """Everybody in a team, by name. The ETag is that of the whole list: adding and taking out go by it."""
    _teams.read(session, team)
    found = _members(session, team)
    response.headers["ETag"] = etag.of(found)
    return found.members


@router.put("/{team}/members/{agent}", status_code=204)
def put_member(
    team: Number, agent: Number, body: Membership, session: Transaction, me: StaffWrite, if_match: IfMatch
) -> Response:
    """Put an agent in a team, or change whether they lead it."""
    administrator(me)
    _hold_members(session, team, if_match)
    staff.add_member(session, team, agent, lead=body.lead, by=me)
    return Response(status_code=204, headers={"ETag": etag.of(_members(session, team))})


@router.delete("/{team}/members/{agent}", status_code=204)
def delete_member(team: Number, agent: Number, session: Transaction, me: StaffWrite, if_match: IfMatch) -> Response:
    """Take an agent out of a team."""
    administrator(me)
    _hold_members(session, team, if_match)
    staff.remove_member(session, team, agent, by=me)
    return Response(status_code=204, headers={"ETag": etag.of(_members(session, team))})


def _hold_members(session: Session, team: int, if_match: str) -> None:
    """Hold the team, so that its members stay as they are between the comparison and the change."""
    _teams.read(session, team, lock=True)
    etag.check(if_match, _members(session, team))


def _members(session: Session, team: int) -> Members:
    query = select(TeamMember.agent_id, Agent.name, TeamMember.lead).join(Agent, Agent.id == TeamMember.agent_id)
    rows = session.execute(query.where(TeamMember.team_id == team).order_by(Agent.name, Agent.id))
    return Members(members=[Member.model_validate(row) for row in rows])
