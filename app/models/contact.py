"""Contacts: the persons and organisations that react, and their addresses per channel."""

from datetime import datetime

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, Created, Numbered, word
from app.vocabulary import AddressKind, ContactKind


class Contact(Numbered, Created, Base):
    """A person, an organisation or a machine. `language` is the one they last wrote in."""

    __tablename__ = "contact"

    name: Mapped[str] = mapped_column(default="")
    kind: Mapped[ContactKind] = mapped_column(word(ContactKind), default=ContactKind.PERSON)
    language: Mapped[str] = mapped_column(default="")
    version: Mapped[int] = mapped_column(default=1, server_default="1")


class ContactAddress(Numbered, Created, Base):
    """An address, normalised within its kind. `verified_at`: a service or an answered link vouched for it."""

    __tablename__ = "contact_address"
    __table_args__ = (UniqueConstraint("kind", "address"),)

    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id", ondelete="CASCADE"), index=True)
    kind: Mapped[AddressKind] = mapped_column(word(AddressKind))
    address: Mapped[str]
    handle: Mapped[str] = mapped_column(default="")
    url: Mapped[str] = mapped_column(default="")
    verified_at: Mapped[datetime | None]
    bounced_at: Mapped[datetime | None]
