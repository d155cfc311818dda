"""Accounts: one configured channel each. Secrets go in and never come out."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import Field

from app.vocabulary import Language
from app.web.strict import Given, Id, Told


class Kind(Told):
    """A kind of channel: what it can do, and the JSON Schema of its settings."""

    key: str
    labels: dict[str, str]
    capabilities: list[str]
    settings_schema: dict[str, Any]


class Account(Told):
    """`publicUrl` is where the world reaches its webhook or form. `mailAccountId` is the mailbox that answers by mail who left
    an address in a comment or a poll.
    """

    id: int
    version: int
    kind: str
    name: str
    organisation_id: int
    theme_id: int | None
    process_id: int | None
    mail_account_id: int | None
    language: Language
    receipts: bool
    active: bool
    public_url: str
    capabilities: list[str]


class AccountSettings(Told):
    """The settings of one account; a secret that is set reads `********`, and sent back so it stays as it is."""

    version: int
    settings: dict[str, Any]


class NewAccount(Given):
    """`settings` as the kind's schema says."""

    kind: Annotated[str, Field(min_length=1, max_length=60)]
    name: Annotated[str, Field(min_length=1, max_length=200)]
    settings: dict[str, Any]
    organisation_id: Id | None = None
    theme_id: Id | None = None
    process_id: Id | None = None
    mail_account_id: Id | None = None
    language: Language = Language.DUTCH
    receipts: bool = True
    active: bool = True


class AccountChange(Given):
    """Only what is given changes; `settings` are replaced as a whole."""

    name: Annotated[str, Field(min_length=1, max_length=200)] = "-"
    settings: dict[str, Any] = Field(default_factory=dict)
    theme_id: Id | None = None
    process_id: Id | None = None
    mail_account_id: Id | None = None
    language: Language = Language.DUTCH
    receipts: bool = True
    active: bool = True


class Health(Told):
    """How reading this account goes. `problem` is empty when all is well; `found` is what its last check or page told: rights,
    quotas, when the connection ends. `behind` is what waits at the service, where known; `spent` is in US dollars.
    """

    tried_at: datetime | None
    succeeded_at: datetime | None
    failing_since: datetime | None
    problem: str
    retry_at: datetime | None
    behind: int | None
    spent: float
    unauthentic: int
    found: dict[str, Any]


class ListedAccount(Account):
    """An account with how it is doing."""

    health: Health


class Checked(Told):
    """What the service said just now. `problem` is null when all is well."""

    problem: str | None
    missing_scopes: list[str]
    expires_at: datetime | None
