"""Templates: text blocks for agents, and the texts of automatic receipts and answers, per language."""

from sqlalchemy import ForeignKey, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, Created, Numbered, word
from app.vocabulary import Language


class Template(Numbered, Created, Base):
    """`purpose`: `block` (an agent inserts it), `receipt`, `receipt_formal`, `answer` (the frame round an answer),
    `moderation`. `text` may hold `{reference}`, `{name}`, `{organisation}`, `{status_link}`, `{received_at}`,
    `{answer}`, `{reason}`. `theme_id` and `team_id` narrow where a block is offered.
    """

    __tablename__ = "template"
    __table_args__ = (UniqueConstraint("purpose", "name", "language"),)

    purpose: Mapped[str]
    name: Mapped[str]
    language: Mapped[Language] = mapped_column(word(Language))
    title: Mapped[str] = mapped_column(default="")
    text: Mapped[str] = mapped_column(Text)
    theme_id: Mapped[int | None] = mapped_column(ForeignKey("theme.id"), index=True)
    team_id: Mapped[int | None] = mapped_column(ForeignKey("team.id"), index=True)
    active: Mapped[bool] = mapped_column(default=True)
