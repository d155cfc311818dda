"""Say what a ticket is about: its one theme, which routes it."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import NotFound
from app.identity.principal import Principal
from app.models import Theme
from app.storage.queue import wake
from app.tickets import held, versions
from app.vocabulary import EventType


def set_theme(
    session: Session,
    principal: Principal,
    ticket_id: int,
    theme_id: int,
    *,
    reroute: bool = True,
    version: int | None = None,
) -> int:
    """Set the theme, which no rule changes from then on; returns the new version.

    With `reroute` the ticket leaves its owner and team, and the engine finds those of the theme. Without it they keep it.
    """
    ticket = held.to_work(session, principal, ticket_id)
    if theme_id == ticket.theme_id:
        return ticket.version
    if session.scalar(select(Theme.id).where(Theme.id == theme_id, Theme.active)) is None:
        raise NotFound("theme_unknown", "There is no such theme, or it is no longer used.")
    values: dict[str, Any] = {"theme_id": theme_id, "fixed": ticket.fixing("theme")}
    if reroute:
        fixed = [what for what in values["fixed"] if what != "team"]
        values |= {"fixed": fixed, "team_id": None, "agent_id": None, "assigned_at": None, "decision_id": None}
        wake(session, "route")
    said = {"from": ticket.theme_id, "to": theme_id, "reroute": reroute}
    new = versions.change(
        session, principal, ticket_id, EventType.THEME_SET, expected=version, values=values, data=said
    )
    if reroute:
        held.let_go(session, ticket.agent_id)
    return new
