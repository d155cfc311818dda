"""What intake works with, and the raw item in hand."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from app.accounts.directory import AccountRow, Accounts
from app.intake.files import Kept
from app.storage.blobs import BlobStore
from app.storage.database import Database
from app.storage.keys import Keys


@dataclass(frozen=True, slots=True)
class Means:
    """One process's database, accounts, keys and stored files.

    `lease_seconds` is how long a claimed item is left alone by others. `owed` are items whose try did not count, because
    the database or the store went away and not because of them, each with the seconds that it should rest; it is given back
    at the next opportunity.
    """

    database: Database
    accounts: Accounts
    keys: Keys
    blobs: BlobStore
    lease_seconds: float = 20.0
    owed: list[tuple[int, float]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Claimed:
    """A raw item that this process has claimed. `age` is in seconds since arrival, by the database's clock."""

    id: int
    key: str
    media_type: str
    meta: Mapping[str, str]
    body: bytes | None
    blob: str | None
    completed: Mapping[str, Mapping[str, str]]
    tries: int
    received_at: datetime
    age: float
    account: AccountRow


@dataclass(frozen=True, slots=True)
class InHand:
    """What one part of an item is admitted with. `files` are that part's, kept already.

    `writes_back`: the account sends to the very address that its reactions come from, so a receipt can go there.
    """

    keys: Keys
    item: Claimed
    files: Sequence[Kept] = ()
    writes_back: bool = True

    @property
    def account(self) -> AccountRow:
        """The account that the item came by."""
        return self.item.account


class Waits(Exception):
    """What this item speaks of is not here yet: look again later. `reason` is a code."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
