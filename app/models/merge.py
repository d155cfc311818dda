"""Merges: which messages moved where, so that every merge can be undone."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, Created, Numbered


class Merge(Numbered, Created, Base):
    """`message_ids` went from `ticket_id` to `target_id`; `status` is what the source had before, `target_status`
    what the target had, and `participant_ids` are the contacts that came along. Undone = unmerged.
    """

    __tablename__ = "merge"

    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), index=True)
    target_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), index=True)
    agent_id: Mapped[int | None] = mapped_column(ForeignKey("agent.id"))
    message_ids: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))
    participant_ids: Mapped[list[int]] = mapped_column(ARRAY(BigInteger), default=list, server_default="{}")
    status: Mapped[str]
    target_status: Mapped[str] = mapped_column(default="", server_default="")
    undone_at: Mapped[datetime | None]
