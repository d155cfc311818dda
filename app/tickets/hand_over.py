"""Hand a ticket over, to a team or to a colleague."""

from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.errors import Invalid, NotFound
from app.identity import mandates
from app.identity.mandates import Place
from app.identity.principal import Principal
from app.models import Team
from app.storage.queue import wake
from app.tickets import held, versions
from app.tickets.held import Held
from app.vocabulary import EventType, MandateLevel, TicketStatus


def hand_over(
    session: Session,
    principal: Principal,
    ticket_id: int,
    *,
    team_id: int | None = None,
    agent_id: int | None = None,
    reason: str,
    version: int | None = None,
) -> int:
    """Give it to a colleague, or to a team whose queue or engine then finds somebody; returns the new version.

    A reason is needed: the receiver has to know. Whoever passes it on is remembered and does not get it back from the
    engine. A colleague who may neither answer nor draft there cannot receive it (`Invalid` "receiver_mandate").
    """
    why = held.because(reason, "you hand it over")
    ticket = held.to_work(session, principal, ticket_id)
    if team_id is None and agent_id is None:
        raise Invalid("receiver_missing", "Choose a team or a colleague.")
    if team_id is not None:
        _team_works(session, team_id)
    team = team_id if team_id is not None else ticket.team_id
    passed = _passed(ticket, principal)
    values: dict[str, Any] = {"team_id": team, "passed_agents": passed}
    if agent_id is None:
        values |= {"agent_id": None, "assigned_at": None, "decision_id": None, "fixed": ticket.fixing("team")}
        wake(session, "route")
    else:
        _can_receive(session, ticket, team, agent_id)
        values |= {
            "agent_id": agent_id,
            "assigned_at": func.now(),
            "passed_agents": [p for p in passed if p != agent_id],
        }
        values |= {"status": TicketStatus.OPEN} if ticket.status is TicketStatus.NEW else {}
    said = {"from": ticket.agent_id, "from_team": ticket.team_id, "to": agent_id, "to_team": team, "reason": why}
    new = versions.change(
        session, principal, ticket_id, EventType.HANDED_OVER, expected=version, values=values, data=said
    )
    held.let_go(session, ticket.agent_id)
    return new


def _team_works(session: Session, team_id: int) -> None:
    if session.scalar(select(Team.id).where(Team.id == team_id, Team.active)) is None:
        raise NotFound("team_unknown", "There is no such team, or it has been closed.")


def _passed(ticket: Held, principal: Principal) -> list[int]:
    """Who had it, and who passed it on unless a lead did so for others."""
    passed = [ticket.agent_id] if ticket.agent_id is not None else []
    if principal.agent_id is not None and not principal.leads(ticket.team_id):
        passed.append(principal.agent_id)
    return list(dict.fromkeys([*ticket.passed_agents, *passed]))


def _can_receive(session: Session, ticket: Held, team_id: int | None, agent_id: int) -> None:
    receiver = mandates.as_agent(session, agent_id)
    place = Place(ticket.account_id, ticket.theme_id, team_id, agent_id, ticket.confidentiality)
    if mandates.level(session, receiver, place) not in (MandateLevel.ANSWER, MandateLevel.DRAFT):
        fix = "This colleague has no mandate to work on it. Choose somebody else, or hand it to their team."
        raise Invalid("receiver_mandate", fix)
