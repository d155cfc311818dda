"""Proposals: a message that may belong to another ticket, which only a person may decide."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, Created, Numbered, word
from app.vocabulary import ProposalState


class Proposal(Numbered, Created, Base):
    """`ticket_id` (the new one) may be a continuation of `target_id`; `reason` is a code that the desk puts in
    words.
    """

    __tablename__ = "proposal"
    __table_args__ = (
        Index("uq_proposal_pair", "ticket_id", "target_id", unique=True, postgresql_where=text("state = 'open'")),
        Index("ix_proposal_target_id", "target_id"),
    )

    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id", ondelete="CASCADE"))
    target_id: Mapped[int] = mapped_column(ForeignKey("ticket.id", ondelete="CASCADE"))
    message_id: Mapped[int | None] = mapped_column(ForeignKey("message.id", ondelete="CASCADE"))
    reason: Mapped[str]
    state: Mapped[ProposalState] = mapped_column(word(ProposalState), default=ProposalState.OPEN)
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("agent.id"))
    decided_at: Mapped[datetime | None]
