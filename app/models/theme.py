"""Themes: what it is about, and the unit that work is organised around."""

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, Created, Numbered


class Theme(Numbered, Created, Base):
    """`key` is stable and short (`afval`); `team_id` is the theme's team, which may span departments and partners."""

    __tablename__ = "theme"

    key: Mapped[str] = mapped_column(unique=True)
    name_nl: Mapped[str]
    name_en: Mapped[str]
    team_id: Mapped[int | None] = mapped_column(ForeignKey("team.id"), index=True)
    active: Mapped[bool] = mapped_column(default=True)
