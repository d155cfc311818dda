"""The accounts that polls come in by. The first poll makes one, so that nobody has to know about accounts."""

from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.accounts import change, mailboxes
from app.accounts.directory import Accounts
from app.errors import Invalid, NotFound
from app.identity.staff import own_organisation
from app.models import Account
from app.storage.keys import Keys

KIND = "polls.own"
NAME = "Peilingen"


def listed(session: Session) -> list[Any]:
    """(id, name, mail_account_id) of the active accounts for polls, by name."""
    columns = select(Account.id, Account.name, Account.mail_account_id)
    return list(session.execute(columns.where(Account.kind == KIND, Account.active).order_by(Account.name)))


def ensure(session: Session, keys: Keys, accounts: Accounts, chosen: int | None = None) -> int:
    """The account for a new poll: the chosen one, the only one there is, or a new one.

    A new one mails its answers by the first mailbox, if there is any, and sends no receipts: the page itself says thank you.
    Raises `Invalid` when several exist and none of them was chosen, `NotFound` without an organisation.
    """
    known = listed(session)
    if chosen is not None and chosen in {row.id for row in known}:
        return chosen
    if len(known) == 1 and chosen is None:
        return int(known[0].id)
    if known:
        raise Invalid("account", "Choose the account that this poll belongs to.")
    organisation = own_organisation(session)
    if organisation is None:
        raise NotFound("organisation", "Make the organisation first.")
    settings = accounts.kind(KIND).settings()
    first = next(iter(mailboxes.listed(session, accounts)), None)
    return change.create(
        session, keys, organisation_id=organisation, kind=KIND, name=NAME, settings=settings, receipts=False,
        mail_account_id=first.id if first else None,
    )  # fmt: skip


def answer_by(session: Session, account_id: int, mail_account_id: int | None) -> None:
    """Let this mailbox mail the answers to people who left an address in these polls. Raises `Invalid` for another kind."""
    mailboxes.must_be_one(session, mail_account_id)
    session.execute(update(Account).where(Account.id == account_id).values(mail_account_id=mail_account_id))
