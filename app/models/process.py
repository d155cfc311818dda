"""Participation processes: a consultation with a period, questions, polls and a report."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, Created, Numbered


class Process(Numbered, Created, Base):
    """A reaction may belong to one from the start (by its account, page or form)."""

    __tablename__ = "process"

    key: Mapped[str] = mapped_column(unique=True)
    name_nl: Mapped[str]
    name_en: Mapped[str]
    theme_id: Mapped[int | None] = mapped_column(ForeignKey("theme.id"), index=True)
    opens_at: Mapped[datetime | None]
    closes_at: Mapped[datetime | None]
