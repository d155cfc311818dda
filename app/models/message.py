"""Messages: the entries of a ticket, with their routes, passages, files and place in public."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, Integer, Text, UniqueConstraint, func, text
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, Created, Numbered, word
from app.vocabulary import AttachmentState, MessageKind, Publication, Visibility


class Message(Numbered, Base):
    """An inbound reaction, an outbound reply, an internal note or a call note.

    `identity` (hex) makes a repeat harmless: unique over all accounts for mail, within the account elsewhere. `digest`
    covers the content. `folds` are `[[start, end, why], …]` in characters of `text`. `sent_at` is the sender's claim;
    order is by `id`. `terms` are folded stems for search, made with the stemmer of `terms_version`. `advice` are
    facts to show beside it (an authentication result). `revised_from` keeps earlier texts of a revised reaction.
    `fingerprint` (64 bits) is of the words alone: many senders with one text have the same.
    """

    __tablename__ = "message"
    __table_args__ = (
        Index("ix_message_ticket", "ticket_id", "id"),
        Index("ix_message_external", "account_id", "external_id"),
        Index(
            "ix_message_reference", "external_id", postgresql_where=text("external_id <> ''"), postgresql_using="hash"
        ),
        Index("ix_message_contact", "contact_id", postgresql_where=text("contact_id IS NOT NULL")),
        Index(
            "ix_message_subject", "account_id", "subject_key", "id", postgresql_where=text("publication IS NOT NULL")
        ),
        Index("ix_message_fingerprint", "fingerprint", "id", postgresql_where=text("fingerprint IS NOT NULL")),
        Index("ix_message_terms", "terms", postgresql_using="gin", postgresql_with={"fastupdate": "on"}),
    )

    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"))
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    kind: Mapped[MessageKind] = mapped_column(word(MessageKind))
    visibility: Mapped[Visibility] = mapped_column(word(Visibility), default=Visibility.PRIVATE)
    identity: Mapped[str | None] = mapped_column(unique=True)
    external_id: Mapped[str] = mapped_column(default="", server_default="")
    parent_id: Mapped[str] = mapped_column(default="", server_default="")
    root_id: Mapped[str] = mapped_column(default="", server_default="")
    digest: Mapped[str] = mapped_column(default="", server_default="")
    fingerprint: Mapped[int | None]
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("contact.id"))
    address_id: Mapped[int | None] = mapped_column(ForeignKey("contact_address.id"))
    agent_id: Mapped[int | None] = mapped_column(ForeignKey("agent.id"))
    author_name: Mapped[str] = mapped_column(default="", server_default="")
    author_verified: Mapped[bool] = mapped_column(default=False, server_default="false")
    title: Mapped[str] = mapped_column(Text, default="", server_default="")
    text: Mapped[str] = mapped_column(Text, default="")
    html: Mapped[str] = mapped_column(Text, default="", server_default="", deferred=True)
    folds: Mapped[list[Any]] = mapped_column(default=list, server_default="[]")
    language: Mapped[str] = mapped_column(default="", server_default="")
    references: Mapped[list[Any]] = mapped_column(default=list, server_default="[]")
    recipients: Mapped[list[Any]] = mapped_column(default=list, server_default="[]")
    marks: Mapped[list[Any]] = mapped_column(default=list, server_default="[]")
    advice: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    automatic: Mapped[bool] = mapped_column(default=False, server_default="false")
    stance: Mapped[str] = mapped_column(default="", server_default="")
    subject_key: Mapped[str] = mapped_column(default="", server_default="")
    publication: Mapped[Publication | None] = mapped_column(word(Publication))
    publication_reason: Mapped[str] = mapped_column(default="", server_default="")
    revised_from: Mapped[list[Any]] = mapped_column(default=list, server_default="[]")
    revised_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]
    terms: Mapped[Any] = mapped_column(TSVECTOR, nullable=True, deferred=True)
    terms_version: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    sent_at: Mapped[datetime | None]
    received_at: Mapped[datetime] = mapped_column(server_default=func.now())


class MessageRoute(Created, Base):
    """By which accounts a message reached us: one mail sent to two of our mailboxes is one message with two routes."""

    __tablename__ = "message_route"

    message_id: Mapped[int] = mapped_column(ForeignKey("message.id", ondelete="CASCADE"), primary_key=True)
    raw_item_id: Mapped[int] = mapped_column(ForeignKey("raw_item.id"), primary_key=True, index=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))


class MessageTheme(Numbered, Created, Base):
    """A theme on a passage of a message: character offsets, end exclusive; 0–0 = the whole message."""

    __tablename__ = "message_theme"
    __table_args__ = (UniqueConstraint("message_id", "theme_id", "start", "end"),)

    message_id: Mapped[int] = mapped_column(ForeignKey("message.id", ondelete="CASCADE"))
    theme_id: Mapped[int] = mapped_column(ForeignKey("theme.id"), index=True)
    start: Mapped[int] = mapped_column(Integer, default=0)
    end: Mapped[int] = mapped_column(Integer, default=0)
    agent_id: Mapped[int | None] = mapped_column(ForeignKey("agent.id"))


class Attachment(Numbered, Created, Base):
    """A file of a message. `sha256` names its bytes in the blob store; empty when it was too large to keep."""

    __tablename__ = "attachment"

    message_id: Mapped[int | None] = mapped_column(ForeignKey("message.id", ondelete="CASCADE"), index=True)
    draft_id: Mapped[int | None] = mapped_column(ForeignKey("draft.id", ondelete="CASCADE"), index=True)
    sha256: Mapped[str] = mapped_column(default="", index=True)
    name: Mapped[str]
    content_type: Mapped[str]
    size: Mapped[int]
    cid: Mapped[str] = mapped_column(default="")
    alt: Mapped[str] = mapped_column(default="")
    state: Mapped[AttachmentState] = mapped_column(word(AttachmentState), default=AttachmentState.NOT_SCANNED)
