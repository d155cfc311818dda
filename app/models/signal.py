"""Signals: found by listening, not owed an answer."""

from datetime import datetime

from sqlalchemy import ForeignKey, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, Created, Numbered


class Signal(Numbered, Created, Base):
    """`ticket_id` is filled when an employee makes a ticket of it after all."""

    __tablename__ = "signal"
    __table_args__ = (UniqueConstraint("account_id", "external_id"),)

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    raw_item_id: Mapped[int] = mapped_column(ForeignKey("raw_item.id"), index=True)
    external_id: Mapped[str]
    author_name: Mapped[str] = mapped_column(default="")
    text: Mapped[str] = mapped_column(Text)
    url: Mapped[str] = mapped_column(default="")
    sent_at: Mapped[datetime | None]
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("ticket.id"), index=True)
