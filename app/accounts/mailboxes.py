"""Mailboxes that other accounts mail by: where somebody left a mail address in a poll or under a web page."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import Fault, Invalid
from app.models import Account

KIND = "mail"


def listed(session: Session) -> list[Any]:
    """(id, name) of the mailboxes in use, by name."""
    return list(session.execute(select(Account.id, Account.name).where(*_in_use()).order_by(Account.name)))


def must_be_one(session: Session, account_id: int | None) -> None:
    """Raise `Invalid` for an account that is no mailbox in use; None, for no mailbox, is fine."""
    if (
        account_id is not None
        and session.scalar(select(Account.id).where(*_in_use(), Account.id == account_id)) is None
    ):
        fix = "Choose one of the mailboxes in use."
        raise Invalid("mailbox", fix, [Fault("mail_account_id", "mailbox", fix)])


def _in_use() -> tuple[Any, ...]:
    return Account.kind == KIND, Account.active
