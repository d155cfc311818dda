"""Where tickets that employees write down have their place of arrival: an account of its own kind, made when first needed."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts import change
from app.accounts.directory import Accounts
from app.errors import NotFound
from app.identity import staff
from app.models import Account
from app.storage.keys import Keys

KIND = "phone.by_hand"
NAME = "Met de hand ingevoerd"

_IN_USE = select(Account.id).where(Account.kind == KIND, Account.active).order_by(Account.id).limit(1)
# The first two entries of an installation may come at the same moment: one of them makes the account, the other finds it.
_ALONE = select(func.pg_advisory_xact_lock(func.hashtext(KIND)))


def account(session: Session, accounts: Accounts, keys: Keys) -> int:
    """The id of the account in use, the oldest where there are several. Made with our organisation when there is none.

    Raises `NotFound` while there is no organisation.
    """
    if (found := session.scalar(_IN_USE)) is not None:
        return found
    session.execute(_ALONE)
    if (found := session.scalar(_IN_USE)) is not None:
        return found
    organisation = staff.own_organisation(session)
    if organisation is None:
        raise NotFound("organisation", "Make the organisation first.")
    settings = accounts.kind(KIND).settings()
    taken = session.scalar(select(Account.id).where(Account.name == NAME).limit(1)) is not None
    name = f"{NAME} ({KIND})" if taken else NAME
    return change.create(
        session, keys, organisation_id=organisation, kind=KIND, name=name, settings=settings, receipts=False
    )
