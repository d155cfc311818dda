"""Finding people and sites by the names that a person types at a terminal."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import NotFound
from app.models import Agent, Site


def agent_by_email(session: Session, email: str) -> int:
    """The id of the agent who signs in with this address; raises `NotFound`."""
    found = session.scalar(select(Agent.id).where(Agent.email == email.strip().lower()))
    if found is None:
        raise NotFound("agent", f"There is no agent with the address {email}.")
    return found


def site_by_key(session: Session, key: str) -> int:
    """The id of the site whose forms have this key in their address; raises `NotFound`."""
    found = session.scalar(select(Site.id).where(Site.key == key))
    if found is None:
        raise NotFound("site", f"There is no site with the key {key}.")
    return found
