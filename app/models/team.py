"""Teams and who belongs to them."""

from typing import Any

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, Created, Numbered, word
from app.vocabulary import TeamMode


class Team(Numbered, Created, Base):
    """`push_limit` is how many tickets the engine commits to one agent, the one in hand included.

    `hours` are the opening hours that deadlines count in: `{"mon": [["09:00", "17:00"]], …}`. `answer_hours` by
    priority is the service norm in working hours: `{"normal": 16}`.
    """

    __tablename__ = "team"

    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    name: Mapped[str] = mapped_column(unique=True)
    mode: Mapped[TeamMode] = mapped_column(word(TeamMode), default=TeamMode.NEXT)
    push_limit: Mapped[int] = mapped_column(default=2)
    fallback: Mapped[bool] = mapped_column(default=False)
    hours: Mapped[dict[str, Any]] = mapped_column(default=dict)
    answer_hours: Mapped[dict[str, Any]] = mapped_column(default=dict)
    active: Mapped[bool] = mapped_column(default=True)


class TeamMember(Base):
    """An agent in a team; a lead of a team balances its work."""

    __tablename__ = "team_member"

    team_id: Mapped[int] = mapped_column(ForeignKey("team.id", ondelete="CASCADE"), primary_key=True)
    agent_id: Mapped[int] = mapped_column(ForeignKey("agent.id", ondelete="CASCADE"), primary_key=True, index=True)
    lead: Mapped[bool] = mapped_column(default=False)
