"""Decisions: what the engine chose, every step why, and the facts to choose it again."""

from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, Created, Numbered


class WorldVersion(Numbered, Created, Base):
    """The facts that change rarely (teams, agents, skills, mandates, themes), stored once per change. `digest` is
    unique.
    """

    __tablename__ = "world_version"

    digest: Mapped[str] = mapped_column(unique=True)
    staff: Mapped[dict[str, Any]]


class Decision(Numbered, Created, Base):
    """`facts` holds the ticket's facts and the moment's (loads, presence of the team's candidates); the rest by
    version.
    """

    __tablename__ = "decision"
    __table_args__ = (Index("ix_decision_ticket", "ticket_id", "id"),)

    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"))
    engine_version: Mapped[int]
    policy_id: Mapped[int] = mapped_column(ForeignKey("policy.id"))
    world_version_id: Mapped[int] = mapped_column(ForeignKey("world_version.id"))
    facts: Mapped[dict[str, Any]]
    trace: Mapped[list[Any]]
    theme_id: Mapped[int | None]
    team_id: Mapped[int | None]
    agent_id: Mapped[int | None]
    outcome: Mapped[dict[str, Any]] = mapped_column(default=dict)
