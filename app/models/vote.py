"""Votes in polls, each counted once per account and external id; repeats are marked, never deleted."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, Created, Numbered


class Vote(Numbered, Created, Base):
    """`choices` as in the contract's `Vote`; `apart` says why it is counted apart (a burst, a repeat), empty = counted.

    `voter` and `source` are keyed hashes that mean nothing elsewhere: who may vote once, and where the vote came from. That
    one voter counts once is held by the database, however many votes arrive at the same moment.
    """

    __tablename__ = "vote"
    __table_args__ = (
        UniqueConstraint("account_id", "external_id"),
        Index("ix_vote_poll", "account_id", "poll_key"),
        Index(
            "uq_vote_voter",
            "account_id",
            "poll_key",
            "voter",
            unique=True,
            postgresql_where=text("apart = '' AND voter <> ''"),
        ),
        Index("ix_vote_source", "account_id", "poll_key", "source", postgresql_where=text("source <> ''")),
    )

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    raw_item_id: Mapped[int] = mapped_column(ForeignKey("raw_item.id"), index=True)
    external_id: Mapped[str]
    poll_key: Mapped[str]
    choices: Mapped[dict[str, Any]]
    invited: Mapped[bool] = mapped_column(default=False)
    voted_at: Mapped[datetime | None]
    apart: Mapped[str] = mapped_column(default="", server_default="")
    voter: Mapped[str] = mapped_column(default="", server_default="")
    source: Mapped[str] = mapped_column(default="", server_default="")
