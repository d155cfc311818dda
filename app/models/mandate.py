"""Mandates: what an agent may do on an account and a theme."""

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, Created, Numbered, word
from app.vocabulary import MandateLevel


class Mandate(Numbered, Created, Base):
    """Given to one agent, or to a whole team; an empty account or theme means every one. The highest level counts."""

    __tablename__ = "mandate"
    __table_args__ = (
        Index(
            "uq_mandate_whole",
            "agent_id",
            "team_id",
            "account_id",
            "theme_id",
            unique=True,
            postgresql_nulls_not_distinct=True,
        ),
    )

    agent_id: Mapped[int | None] = mapped_column(ForeignKey("agent.id", ondelete="CASCADE"))
    team_id: Mapped[int | None] = mapped_column(ForeignKey("team.id", ondelete="CASCADE"), index=True)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)
    theme_id: Mapped[int | None] = mapped_column(ForeignKey("theme.id", ondelete="CASCADE"), index=True)
    level: Mapped[MandateLevel] = mapped_column(word(MandateLevel))
