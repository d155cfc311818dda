"""Accounts in the database and the channels built from them."""

from collections.abc import Sequence

import pytest
from pydantic import BaseModel, SecretStr
from sqlalchemy import insert, select, text

from app.accounts.change import create, update_account
from app.accounts.directory import Accounts
from app.accounts.health import (
    checked,
    failed,
    may_try,
    next_wait,
    record_failure,
    succeeded,
    told,
    try_now,
    unauthentic,
)
from app.channels.contract import (
    AccountConfig,
    Audience,
    Channel,
    Health,
    Incoming,
    Kind,
    Limits,
    Quota,
    RawItem,
    Unreachable,
)
from app.errors import Conflict, Invalid, NotFound
from app.models import Account, AccountState, Organisation
from app.storage.database import Database
from app.storage.keys import Keys


class Settings(BaseModel):
    host: str
    password: SecretStr = SecretStr("")


class Silent:
    """A channel that does nothing but remember what it was built from."""

    limits = Limits(Audience(public=False, labels={"nl": "niemand", "en": "nobody"}))

    def __init__(self, config: AccountConfig) -> None:
        self.config = config

    def parse(self, item: RawItem) -> Sequence[Incoming]:
        return ()

    def check(self) -> Health:
        return Health()


def _build(config: AccountConfig) -> Channel:
    return Silent(config)


SILENT = Kind("silent", {"nl": "stil", "en": "silent"}, Settings, Silent, _build)


@pytest.fixture
def accounts(database: Database, keys: Keys) -> Accounts:
    return Accounts(database, keys, {"silent": SILENT}, "https://weerklank.voorbeeldstad.example")


@pytest.fixture
def account_id(database: Database, keys: Keys) -> int:
    with database.unit_of_work() as session:
        organisation = session.execute(
            insert(Organisation).values(name="Voorbeeldstad", partner=False, website="", signature_nl="", signature_en="")
            .returning(Organisation.id)
        ).scalar_one()  # fmt: skip
        return create(
            session, keys, organisation_id=organisation, kind="silent", name="Stil",
            settings=Settings(host="een.example", password=SecretStr("geheim-woord")),
        )  # fmt: skip


def test_a_channel_is_built_once_and_again_when_the_account_changed(
    database: Database, keys: Keys, accounts: Accounts, account_id: int
) -> None:
    first = accounts.channel(account_id)
    assert accounts.channel(account_id) is first
    with database.unit_of_work() as session:
        update_account(session, keys, account_id, settings=Settings(host="twee.example"))
    second = accounts.channel(account_id)
    assert isinstance(second, Silent)
    assert second.config.settings == Settings(host="twee.example")


def test_the_public_address_leads_to_the_account_and_cannot_be_guessed(accounts: Accounts, account_id: int) -> None:
    row = accounts.row(account_id)
    assert accounts.by_public_key(row.public_key) == row
    assert len(row.public_key) >= 32
    channel = accounts.channel_of(row)
    assert isinstance(channel, Silent)
    assert channel.config.public_url == f"https://weerklank.voorbeeldstad.example/hooks/{row.public_key}"


def test_an_account_out_of_use_is_not_found_by_its_address(
    database: Database, keys: Keys, accounts: Accounts, account_id: int
) -> None:
    row = accounts.row(account_id)
    with database.unit_of_work() as session:
        update_account(session, keys, account_id, active=False)
    assert accounts.active() == []
    with pytest.raises(NotFound):
        accounts.by_public_key(row.public_key)


def test_no_secret_lies_open_in_the_database(database: Database, account_id: int) -> None:
    with database.read_only() as session:
        assert b"geheim-woord" not in (session.scalar(select(Account.settings)) or b"")


def test_a_taken_name_an_unknown_kind_and_an_unknown_account_are_said(
    database: Database, keys: Keys, accounts: Accounts, account_id: int
) -> None:
    with database.unit_of_work() as session, pytest.raises(Conflict):
        create(session, keys, organisation_id=1, kind="silent", name="Stil", settings=Settings(host="x"))
    with pytest.raises(Invalid, match="silent"):
        accounts.kind("telex")
    with pytest.raises(NotFound):
        accounts.channel(account_id + 1)
    with database.unit_of_work() as session, pytest.raises(NotFound):
        update_account(session, keys, account_id + 1, name="Nieuw")


def test_a_failing_account_waits_longer_each_time_and_success_forgets_it(database: Database, account_id: int) -> None:
    with database.unit_of_work() as session:
        assert may_try(session, account_id)
        assert 4 <= failed(session, account_id, "weg", back_off=5) <= 6
    with database.unit_of_work() as session:
        assert not may_try(session, account_id)
        session.execute(text("UPDATE account_state SET failing_since = now() - interval '100 seconds'"))
        assert 80 <= failed(session, account_id, "weg", back_off=5) <= 120
        assert record_failure(session, account_id, Unreachable("rustig aan", retry_after=7), back_off=5) == 7
        try_now(session, account_id)
        assert may_try(session, account_id)
    with database.unit_of_work() as session:
        succeeded(session, account_id, behind=3)
        state = session.scalars(select(AccountState)).one()
    assert (state.problem, state.failing_since, state.retry_at, state.behind) == ("", None, None, 3)


@pytest.mark.parametrize(("failing_for", "least", "most"), [(0, 4, 6), (60, 48, 72), (100_000, 720, 1080)])
def test_the_wait_doubles_and_is_bounded(failing_for: float, least: float, most: float) -> None:
    assert least <= next_wait(failing_for, 5) <= most


def test_what_a_check_found_and_unauthentic_pushes_are_kept(database: Database, account_id: int) -> None:
    with database.unit_of_work() as session:
        checked(session, account_id, Health(problem="geen recht", missing_scopes=["write"], quotas=[Quota("calls", 9)]))
        unauthentic(session, account_id)
        unauthentic(session, account_id)
    with database.read_only() as session:
        state = session.scalars(select(AccountState)).one()
    assert state.unauthentic == 2
    assert state.health["missing_scopes"] == ["write"]
    assert state.health["quotas"] == [{"unit": "calls", "used": 9.0, "limit": None, "resets_at": None}]


def test_what_a_page_cost_adds_up_and_the_newest_quota_counts(database: Database, account_id: int) -> None:
    with database.unit_of_work() as session:
        checked(session, account_id, Health(problem="geen recht"))
        told(session, account_id, [Quota("calls", 10, 300)], 0.25)
        told(session, account_id, [Quota("calls", 11, 300)], 0.25)
        told(session, account_id, [], 0)
    with database.read_only() as session:
        state = session.scalars(select(AccountState)).one()
    assert state.spent == 0.5
    assert state.health["problem"] == "geen recht"
    assert [quota["used"] for quota in state.health["quotas"]] == [11.0]
