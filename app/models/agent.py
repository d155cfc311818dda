"""Agents: the employees who answer."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, Created, Numbered, word
from app.vocabulary import Language, Presence, Role


class Agent(Numbered, Created, Base):
    """`capacity` is weighted open work (1 = one mail); `hours` as in `Team`, empty = the team's. `email` is lower case.

    `password_hash` is empty for an agent who cannot sign in with a password. `idle_since` is when the last ticket left
    their hands: the engine's longest-idle rule reads it. `preferences` are the desk's (shortcuts off, live region off).
    """

    __tablename__ = "agent"

    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    email: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    public_name: Mapped[str] = mapped_column(default="")
    role: Mapped[Role] = mapped_column(word(Role), default=Role.AGENT)
    password_hash: Mapped[str] = mapped_column(default="", deferred=True)
    language: Mapped[Language] = mapped_column(word(Language), default=Language.DUTCH)
    skills: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)
    languages: Mapped[list[str]] = mapped_column(ARRAY(Text), default=lambda: ["nl"])
    capacity: Mapped[int] = mapped_column(default=10)
    hours: Mapped[dict[str, Any]] = mapped_column(default=dict)
    presence: Mapped[Presence] = mapped_column(word(Presence), default=Presence.AWAY)
    presence_at: Mapped[datetime | None]
    idle_since: Mapped[datetime | None]
    preferences: Mapped[dict[str, Any]] = mapped_column(default=dict)
    active: Mapped[bool] = mapped_column(default=True)
