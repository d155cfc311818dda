"""Mailboxes that other accounts mail by: where somebody left a mail address in a poll or under a web page."""

from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.directory import COLUMNS, AccountRow, Accounts
from app.channels.contract import Sends
from app.errors import DomainError, Fault, Invalid
from app.models import Account

KIND = "mail"


class Mailbox(NamedTuple):
    """A mailbox in use. One without a server to send by, or whose settings cannot be opened, does not send."""

    id: int
    name: str
    sends: bool


def listed(session: Session, accounts: Accounts, chosen: int | None = None) -> list[Mailbox]:
    """The mailboxes that send, by name; `chosen` also where it no longer does, so that a form does not drop it unseen."""
    found = session.execute(select(*COLUMNS).where(*_in_use()).order_by(Account.name))
    boxes = (Mailbox(row.id, row.name, _sends(accounts, row)) for row in (AccountRow(*columns) for columns in found))
    return [box for box in boxes if box.sends or box.id == chosen]


def must_be_one(session: Session, account_id: int | None) -> None:
    """Raise `Invalid` for an account that is no mailbox in use; None, for no mailbox, is fine."""
    if (
        account_id is not None
        and session.scalar(select(Account.id).where(*_in_use(), Account.id == account_id)) is None
    ):
        fix = "Choose one of the mailboxes in use."
        raise Invalid("mailbox", fix, [Fault("mail_account_id", "mailbox", fix)])


def _sends(accounts: Accounts, row: AccountRow) -> bool:
    try:
        return isinstance(accounts.channel_of(row), Sends)
    except DomainError:
        return False


def _in_use() -> tuple[Any, ...]:
    return Account.kind == KIND, Account.active
