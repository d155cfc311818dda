"""Agents: the employees who answer."""

from fastapi import APIRouter, Request
from sqlalchemy import func
from sqlalchemy.orm import Session
from starlette.responses import Response

from app.api import changes, pages
from app.api.asked import Active, After, Limit, Number, StaffRead, StaffWrite, administrator, employee
from app.api.organisations import or_own
from app.api.resource import Resource
from app.api.schemas.staff import Agent, AgentChange, NewAgent, Password, PresenceChange
from app.identity import staff
from app.identity.passwords import passwords
from app.identity.principal import Principal
from app.models import Agent as Row
from app.storage.queue import wake
from app.vocabulary import Presence
from app.web import etag
from app.web.etag import IfMatch
from app.web.idempotency import Made, OnceOnly
from app.web.state import state_of
from app.web.transaction import Transaction

router = APIRouter(prefix="/agents", tags=["agents"])
_agents = Resource(Row, Agent, "agent")


@router.get("")
def list_agents(
    session: Transaction, me: StaffRead, active: Active = None, after: After = None, limit: Limit = 100
) -> pages.Page[Agent]:
    """All agents, by id."""
    page = _agents.page(session, after, limit, *_agents.that_are(active))
    return page if me.is_admin else page.model_copy(update={"items": [_without_address(agent) for agent in page.items]})


@router.post("", status_code=201, response_model=Agent)
def create_agent(body: NewAgent, request: Request, session: Transaction, me: StaffWrite, once: OnceOnly) -> Response:
    """Make an agent."""
    administrator(me)

    def make() -> Made:
        values = {**body.model_dump(), "organisation_id": or_own(session, body.organisation_id)}
        made = staff.create_agent(session, passwords(state_of(request).settings.password_cost), by=me, **values)
        return _agents.made(session, made)

    return once(me, body, make)


@router.get("/{agent}", response_model=Agent)
def read_agent(agent: Number, session: Transaction, me: StaffRead) -> Response:
    """One agent."""
    return changes.told(_seen_by(me, _agents.read(session, agent)))


@router.patch("/{agent}", response_model=Agent)
def change_agent(agent: Number, body: AgentChange, session: Transaction, me: StaffWrite, if_match: IfMatch) -> Response:
    """Change what is given."""
    administrator(me)
    return _agents.change(
        session, agent, if_match, body, lambda values: staff.change_agent(session, agent, values, by=me)
    )


@router.post("/{agent}/presence", status_code=204)
def set_presence(
    agent: Number, body: PresenceChange, session: Transaction, me: StaffWrite, if_match: IfMatch
) -> Response:
    """Say whether an agent can take work: about oneself, or as an administrator."""
    if employee(me) != agent:
        administrator(me)
    _agents.held(session, agent, if_match)
    staff.change_agent(session, agent, {"presence": body.presence, "presence_at": func.now()}, by=me)
    if body.presence is Presence.AVAILABLE:
        wake(session, "route")
    return _changed(session, agent)


@router.post("/{agent}/password", status_code=204)
def set_password(
    agent: Number, body: Password, request: Request, session: Transaction, me: StaffWrite, if_match: IfMatch
) -> Response:
    """Give an agent a new password and end all their sessions."""
    administrator(me)
    _agents.held(session, agent, if_match)
    staff.set_password(session, passwords(state_of(request).settings.password_cost), agent, body.password, by=me)
    return _changed(session, agent)


def _changed(session: Session, agent: int) -> Response:
    return Response(status_code=204, headers={"ETag": etag.of(_agents.read(session, agent))})


def _seen_by(me: Principal, agent: Agent) -> Agent:
    return agent if me.is_admin or me.agent_id == agent.id else _without_address(agent)


def _without_address(agent: Agent) -> Agent:
    return agent.model_copy(update={"email": None})
