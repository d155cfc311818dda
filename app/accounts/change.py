"""Making and changing accounts: settings checked, sealed, and every process told."""

from typing import Any

from pydantic import BaseModel
from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from app.accounts import mailboxes
from app.accounts.sealed import seal
from app.errors import Conflict, NotFound
from app.models import Account, AccountState, Audit
from app.storage.keys import Keys
from app.storage.queue import wake
from app.unguessable import unguessable
from app.vocabulary import Language


def create(
    session: Session,
    keys: Keys,
    *,
    organisation_id: int,
    kind: str,
    name: str,
    settings: BaseModel,
    theme_id: int | None = None,
    process_id: int | None = None,
    language: Language = Language.DUTCH,
    receipts: bool = True,
    active: bool = True,
    mail_account_id: int | None = None,
    by: int | None = None,
) -> int:
    """A new account with an unguessable public key; gives its id. Raises `Conflict` when the name is taken, `Invalid`
    when `mail_account_id` is no mailbox.
    """
    if session.scalar(select(Account.id).where(Account.name == name)) is not None:
        raise Conflict("account_name", "Choose another name: there is an account with this one.")
    mailboxes.must_be_one(session, mail_account_id)
    row = {
        "organisation_id": organisation_id, "kind": kind, "name": name, "settings": seal(keys.fernet, settings),
        "public_key": unguessable(32), "theme_id": theme_id, "process_id": process_id, "language": language,
        "receipts": receipts, "active": active, "mail_account_id": mail_account_id,
    }  # fmt: skip
    account_id: int = session.execute(insert(Account).values(row).returning(Account.id)).scalar_one()
    session.execute(insert(AccountState).values(account_id=account_id))
    _tell(session, account_id, "account.created", by, {"kind": kind})
    return account_id


def update_account(
    session: Session,
    keys: Keys,
    account_id: int,
    *,
    settings: BaseModel | None = None,
    by: int | None = None,
    **columns: Any,
) -> int:
    """Change settings and columns (`name, theme_id, process_id, language, receipts, active, mail_account_id`);
    gives the new version. Raises as `create` does.

    An account that failed is tried again at once: whoever changed it wants to see whether it works now.
    """
    mailboxes.must_be_one(session, columns.get("mail_account_id"))
    if settings is not None:
        columns["settings"] = seal(keys.fernet, settings)
    changed = update(Account).where(Account.id == account_id).values(**columns, version=Account.version + 1)
    version = session.execute(changed.returning(Account.version)).scalar_one_or_none()
    if version is None:
        raise NotFound("account", "This account does not exist.")
    session.execute(update(AccountState).where(AccountState.account_id == account_id).values(retry_at=None))
    named = sorted(set(columns) - {"settings"}) + (["settings"] if settings is not None else [])
    _tell(session, account_id, "account.changed", by, {"changed": named})
    return int(version)


def _tell(session: Session, account_id: int, action: str, by: int | None, data: dict[str, Any]) -> None:
    session.execute(insert(Audit).values(agent_id=by, action=action, object="account", object_id=account_id, data=data))
    wake(session, "account", str(account_id))
