"""Drafts: unsent answers, kept on the server, one per ticket, agent and purpose."""

from datetime import datetime

from sqlalchemy import ForeignKey, Text, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, Numbered, word
from app.vocabulary import Visibility


class Draft(Numbered, Base):
    """`seen_message_id` is the newest message that the writer had seen: the send guard compares it. `purpose`:
    reply, note.

    `visibility` is there when its writer chose fewer readers than what it answers had.

    `for_release` marks a draft by somebody whose mandate is *draft*, waiting for a second pair of eyes.
    """

    __tablename__ = "draft"
    __table_args__ = (UniqueConstraint("ticket_id", "agent_id", "purpose"),)

    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id", ondelete="CASCADE"))
    agent_id: Mapped[int] = mapped_column(ForeignKey("agent.id"), index=True)
    purpose: Mapped[str] = mapped_column(default="reply", server_default="reply")
    text: Mapped[str] = mapped_column(Text, default="")
    seen_message_id: Mapped[int | None]
    visibility: Mapped[Visibility | None] = mapped_column(word(Visibility))
    for_release: Mapped[bool] = mapped_column(default=False, server_default="false")
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now(), onupdate=func.now())
