"""Call-backs: somebody was promised a telephone call at a moment."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, Created, Numbered


class CallBack(Numbered, Created, Base):
    """Promised by `agent_id` for `at`; `address_id` is the number. `outcome` (`reached`, `not_reached`, `voicemail`, `dropped`)
    with `done_at` and `done_by` ends it.
    """

    __tablename__ = "call_back"
    __table_args__ = (
        Index("ix_call_back_open", "at", "id", postgresql_where=text("done_at IS NULL")),
        Index("ix_call_back_ticket_id", "ticket_id"),
    )

    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id", ondelete="CASCADE"))
    address_id: Mapped[int | None] = mapped_column(ForeignKey("contact_address.id"))
    agent_id: Mapped[int | None] = mapped_column(ForeignKey("agent.id"))
    at: Mapped[datetime]
    note: Mapped[str] = mapped_column(Text, default="", server_default="")
    outcome: Mapped[str] = mapped_column(default="", server_default="")
    done_at: Mapped[datetime | None]
    done_by: Mapped[int | None] = mapped_column(ForeignKey("agent.id"))
