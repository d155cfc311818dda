"""Mails that belong to no ticket, one to each of many people: the invitations to a poll."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, Created, Numbered, word
from app.vocabulary import DeliveryState

# The statements about what is in doubt repeat this text literally, else PostgreSQL does not use the partial index.
DOUBTED = "mailing.state = 'uncertain'"


class Mailing(Numbered, Created, Base):
    """One mail, in the states of a delivery; see app/delivery/mailing.py. `account_id` is the mailbox that sends it.

    `sealed` is its whole text, since the link in it is a secret: sealed with the installation's keys, and gone once it was
    sent. `key` is what it carries outside (Message-ID). Nothing here tells which invitation somebody was sent.
    """

    __tablename__ = "mailing"
    __table_args__ = (
        UniqueConstraint("poll_id", "address"),
        Index("ix_mailing_waiting", "not_before", "id", postgresql_where=text("state IN ('waiting', 'failed')")),
        Index("ix_mailing_doubted", "poll_id", postgresql_where=text("state = 'uncertain'")),
        Index("ix_mailing_held", "lease_until", postgresql_where=text("state IN ('claimed', 'begun')")),
    )

    poll_id: Mapped[int] = mapped_column(ForeignKey("poll.id", ondelete="CASCADE"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    address: Mapped[str] = mapped_column(Text)
    language: Mapped[str]
    title: Mapped[str] = mapped_column(Text)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    key: Mapped[str] = mapped_column(unique=True)
    state: Mapped[DeliveryState] = mapped_column(word(DeliveryState), default=DeliveryState.WAITING)
    not_before: Mapped[datetime]
    lease_until: Mapped[datetime | None]
    claimed_by: Mapped[str] = mapped_column(default="", server_default="")
    tries: Mapped[int] = mapped_column(default=0, server_default="0")
    sent_at: Mapped[datetime | None]
    external_id: Mapped[str] = mapped_column(default="", server_default="")
    problem: Mapped[str] = mapped_column(Text, default="", server_default="")
    code: Mapped[str] = mapped_column(default="", server_default="")
