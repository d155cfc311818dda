"""Polls of our own, and the invitations to vote in them."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, Created, Numbered


class Poll(Numbered, Created, Base):
    """`key` stands in its address and cannot be guessed. `questions` as `app.polls.questions` reads and writes them.

    A draft has no `published_at`; from then on its questions never change. `closes_at` is planned, `closed_at` done by hand:
    whichever is first ends the voting, and only then is the result shown. `answer_*` is what we say to everybody who left
    no address. `origins` may show it in a frame.
    """

    __tablename__ = "poll"

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    process_id: Mapped[int | None] = mapped_column(ForeignKey("process.id"), index=True)
    key: Mapped[str] = mapped_column(unique=True)
    title_nl: Mapped[str] = mapped_column(Text)
    title_en: Mapped[str] = mapped_column(Text)
    intro_nl: Mapped[str] = mapped_column(Text, default="", server_default="")
    intro_en: Mapped[str] = mapped_column(Text, default="", server_default="")
    questions: Mapped[list[Any]]
    invited_only: Mapped[bool] = mapped_column(default=False, server_default="false")
    origins: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list, server_default="{}")
    published_at: Mapped[datetime | None]
    closes_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    answer_nl: Mapped[str] = mapped_column(Text, default="", server_default="")
    answer_en: Mapped[str] = mapped_column(Text, default="", server_default="")
    version: Mapped[int] = mapped_column(default=1, server_default="1")


class PollInvitation(Numbered, Created, Base):
    """One right to vote once. Only the digest of its token is kept: the link is shown once, when it is made."""

    __tablename__ = "poll_invitation"

    poll_id: Mapped[int] = mapped_column(ForeignKey("poll.id", ondelete="CASCADE"), index=True)
    digest: Mapped[str] = mapped_column(unique=True)
