"""Organisations: the one that runs this installation, and the partners that work along on a theme."""

from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, Created, Numbered


class Organisation(Numbered, Created, Base):
    """`partner` is false for our own. `signature` closes every answer, by language: `{"nl": …, "en": …}`."""

    __tablename__ = "organisation"

    name: Mapped[str] = mapped_column(unique=True)
    partner: Mapped[bool] = mapped_column(default=False)
    website: Mapped[str] = mapped_column(default="")
    signature_nl: Mapped[str] = mapped_column(default="")
    signature_en: Mapped[str] = mapped_column(default="")
