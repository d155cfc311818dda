"""The configured channels of this installation: rows by id, channels built when first needed and rebuilt on change.

Who needs a channel asks here and gets something of `app.channels.contract`; which families exist is known only to whoever
made the directory (`app/main.py`, `app/worker.py`), which hands the registry's kinds in.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from threading import Lock
from typing import Any

from pydantic import BaseModel
from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import Session

from app import log
from app.accounts.sealed import unseal
from app.channels.contract import AccountConfig, Channel, Kind, capabilities
from app.errors import DomainError, Invalid, NotFound
from app.models import Account
from app.storage.database import Database
from app.storage.keys import Keys
from app.storage.rows import rows
from app.vocabulary import Language

COLUMNS = (
    Account.id,
    Account.kind,
    Account.name,
    Account.organisation_id,
    Account.theme_id,
    Account.process_id,
    Account.language,
    Account.receipts,
    Account.active,
    Account.public_key,
    Account.version,
    Account.mail_account_id,
)


@dataclass(frozen=True, slots=True)
class AccountRow:
    """An account without its settings. `mail_account_id` is the mailbox that answers by mail who left an address here."""

    id: int
    kind: str
    name: str
    organisation_id: int
    theme_id: int | None
    process_id: int | None
    language: Language
    receipts: bool
    active: bool
    public_key: str
    version: int
    mail_account_id: int | None = None

    @property
    def family(self) -> str:
        """The family of its kind: `mail`, `comments`, …"""
        return self.kind.partition(".")[0]


class Accounts:
    """Thread-safe. Rows are read at each question (one indexed statement); channels are kept per account and version."""

    def __init__(self, database: Database, keys: Keys, kinds: Mapping[str, Kind], base_url: str) -> None:
        """`kinds` by their key; `base_url` is how the world reaches us, without a trailing slash."""
        self._database = database
        self._keys = keys
        self._base_url = base_url
        self.kinds = dict(kinds)
        self._built: dict[int, tuple[int, Channel]] = {}
        self._lock = Lock()

    def kind(self, key: str) -> Kind:
        """Raises `Invalid` with the kinds that exist."""
        if key not in self.kinds:
            raise Invalid("kind_unknown", f"Choose one of these kinds of channel: {', '.join(sorted(self.kinds))}.")
        return self.kinds[key]

    def row(self, account_id: int) -> AccountRow:
        """Raises `NotFound`."""
        with self._database.read_only() as session:
            return read_row(session, account_id)

    def active(self) -> list[AccountRow]:
        """All accounts that are read and sent through, by id."""
        with self._database.read_only() as session:
            found = session.execute(select(*COLUMNS).where(Account.active).order_by(Account.id))
            return [AccountRow(*row) for row in found]

    def by_public_key(self, public_key: str) -> AccountRow:
        """The active account behind a webhook or form address; raises `NotFound`, whatever is wrong."""
        with self._database.read_only() as session:
            return _one(session, _BY_KEY, {"public_key": public_key})

    def channel(self, account_id: int) -> Channel:
        """The account's channel. Raises `NotFound`, or `Invalid` when its settings cannot be opened."""
        return self.channel_of(self.row(account_id))

    def channel_of(self, row: AccountRow) -> Channel:
        """The channel of a row that the caller has just read."""
        with self._lock:
            built = self._built.get(row.id)
        if built is not None and built[0] == row.version:
            return built[1]
        channel = self.build(row, self.settings(row.id, row.kind))
        with self._lock:
            self._built[row.id] = (row.version, channel)
        return channel

    def settings(self, account_id: int, kind: str) -> BaseModel:
        """The account's settings, opened; for building a channel, or as `before` of a change."""
        with self._database.read_only() as session:
            sealed = session.scalar(select(Account.settings).where(Account.id == account_id))
        if sealed is None:
            raise NotFound("account", "This account does not exist.")
        return unseal(self._keys.fernet, self.kind(kind).settings, sealed)

    def build(self, row: AccountRow, settings: BaseModel) -> Channel:
        """A channel for settings that may not be stored yet, so that they can be checked first."""
        url = f"{self._base_url}/hooks/{row.public_key}"
        config = AccountConfig(id=row.id, name=row.name, settings=settings, public_url=url, language=row.language)
        kind = self.kind(row.kind)
        try:
            return kind.build(config)
        except DomainError:
            raise
        except Exception as error:  # one account that cannot be made must not end what goes over all of them
            log.trouble("account.build_failed", account=row.id, error=error)
            raise Invalid("account_not_built", "Correct the account's settings, or report a fault of ours.") from error

    def capabilities(self, kind: str) -> tuple[str, ...]:
        """What a kind of channel can do, by the names of the contract's protocols."""
        return capabilities(self.kind(kind).channel)


BY_ID = select(*COLUMNS).where(Account.id == bindparam("account"))
_BY_KEY = select(*COLUMNS).where(Account.public_key == bindparam("public_key"), Account.active)


def read_row(session: Session, account_id: int) -> AccountRow:
    """The account's row within the caller's transaction; raises `NotFound`."""
    return _one(session, BY_ID, {"account": account_id})


def _one(session: Session, query: Select[*tuple[Any, ...]], wanted: Mapping[str, int | str]) -> AccountRow:
    found = rows(session, query, wanted)
    if not found:
        raise NotFound("account", "This account does not exist, or is not in use.")
    return AccountRow(*found[0])
