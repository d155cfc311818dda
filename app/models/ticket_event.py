"""Events: everything that ever happened to a ticket, in order. Never changed, never deleted."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, func, text
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, Numbered, word
from app.vocabulary import EventType

# The query for it repeats this text literally, else PostgreSQL does not use the partial index.
TAKEN_AWAY = "type IN ('reaction_withdrawn', 'moderated')"


class TicketEvent(Numbered, Base):
    """`id` orders all events; the API's `after=` and the desk's stream go by it. `agent_id` is empty when the system
    acted.

    `data` holds ids and words, never a citizen's text. `transaction_id` tells a reader that goes by `id` whether an older
    transaction, whose events have lower ids, may still be under way.
    """

    __tablename__ = "ticket_event"
    __table_args__ = (
        Index("ix_ticket_event_ticket", "ticket_id", "id"),
        Index("ix_ticket_event_read", "transaction_id", "id"),
        Index("ix_ticket_event_taken_away", "message_id", "id", postgresql_where=text(TAKEN_AWAY)),
    )

    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"))
    message_id: Mapped[int | None] = mapped_column(ForeignKey("message.id"))
    agent_id: Mapped[int | None] = mapped_column(ForeignKey("agent.id"))
    type: Mapped[EventType] = mapped_column(word(EventType))
    data: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    at: Mapped[datetime] = mapped_column(server_default=func.now())
    transaction_id: Mapped[int] = mapped_column(server_default=text("pg_current_xact_id()::text::bigint"))
