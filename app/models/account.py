"""Accounts: one configured channel each, its cursor, its health and how many items it has seen."""

from datetime import datetime
from typing import Any

from sqlalchemy import Float, ForeignKey, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, Created, Numbered, word
from app.vocabulary import Language


class Account(Numbered, Created, Base):
    """`kind` names a channel in the registry; `settings` is its model, sealed with the installation's keys.

    `public_key` is the unguessable part of the address where the world reaches its webhook or form. `version` rises
    with every change of settings, so that processes know when to build the channel again. `mail_account_id`: where somebody
    left a mail address here and this channel cannot answer by mail itself, the answer goes out by that account.
    """

    __tablename__ = "account"

    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    kind: Mapped[str]
    name: Mapped[str] = mapped_column(unique=True)
    settings: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    public_key: Mapped[str] = mapped_column(unique=True)
    theme_id: Mapped[int | None] = mapped_column(ForeignKey("theme.id"), index=True)
    process_id: Mapped[int | None] = mapped_column(ForeignKey("process.id"), index=True)
    mail_account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"), index=True)
    language: Mapped[Language] = mapped_column(word(Language), default=Language.DUTCH)
    receipts: Mapped[bool] = mapped_column(default=True)
    active: Mapped[bool] = mapped_column(default=True)
    version: Mapped[int] = mapped_column(default=1)


class AccountState(Base):
    """What moves while an account is read; apart from `account`, so that reading never rewrites the settings row.

    `spent` is in US dollars, for services that bill by the call.

    `seen` is counted when an item is journalled, in the same transaction: the ledger holds it against the items'
    states.
    """

    __tablename__ = "account_state"

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), primary_key=True)
    cursor: Mapped[str | None]
    seen: Mapped[int] = mapped_column(default=0, server_default="0")
    repeated: Mapped[int] = mapped_column(default=0, server_default="0")
    unauthentic: Mapped[int] = mapped_column(default=0, server_default="0")
    behind: Mapped[int | None]
    spent: Mapped[float] = mapped_column(Float, default=0, server_default="0")
    tried_at: Mapped[datetime | None]
    succeeded_at: Mapped[datetime | None]
    failing_since: Mapped[datetime | None]
    problem: Mapped[str] = mapped_column(default="", server_default="")
    retry_at: Mapped[datetime | None]
    health: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    inventory: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
