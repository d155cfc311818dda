"""The jobs that run now and then, each with something to do."""

from collections.abc import Callable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, cast

import pytest
from procrastinate import JobContext
from pydantic import BaseModel
from sqlalchemy import select, text

from app import housekeeping
from app.accounts.change import create
from app.accounts.directory import Accounts
from app.accounts.refresh import refresh_all
from app.channels.contract import AccountConfig, Audience, Channel, Health, Kind, Limits, Refused
from app.models import AccountState
from app.settings import Settings
from app.storage.blobs import BlobStore
from app.storage.database import Database
from app.storage.keys import Keys
from app.system import System


class Tokens(BaseModel):
    """One token and how often it was renewed."""

    token: str = "een"


@dataclass
class Service:
    """What the outside says when asked for a new token."""

    renewed: list[str] = field(default_factory=list)
    answer: Tokens | Refused | None = None
    broken: str = ""
    meanwhile: Callable[[], object] = bool


class Renewing:
    """A channel whose tokens end."""

    limits = Limits(Audience(public=False, labels={"nl": "niemand", "en": "nobody"}))

    def __init__(self, config: AccountConfig, service: Service) -> None:
        self.settings = config.settings
        self._name = config.name
        self._service = service

    def parse(self, item: object) -> tuple[()]:
        return ()

    def check(self) -> Health:
        if self._name == self._service.broken:
            raise RuntimeError("a fault in the channel")
        return Health(problem="verloopt morgen")

    def refreshed(self) -> BaseModel | None:
        assert isinstance(self.settings, Tokens)
        self._service.renewed.append(self.settings.token)
        self._service.meanwhile()
        if isinstance(self._service.answer, Refused):
            raise self._service.answer
        return self._service.answer


@pytest.fixture
def service() -> Service:
    return Service()


@pytest.fixture
def system(database: Database, keys: Keys, blobs: BlobStore, settings: Settings, service: Service) -> System:
    def build(config: AccountConfig) -> Channel:
        return cast(Channel, Renewing(config, service))

    kind = Kind("social.test", {"nl": "t", "en": "t"}, Tokens, Renewing, build)
    accounts = Accounts(database, keys, {"social.test": kind}, settings.base_url)
    with database.unit_of_work() as session:
        session.execute(text("INSERT INTO organisation (name, partner, website, signature_nl, signature_en) "
                             "VALUES ('Voorbeeldstad', false, '', '', '')"))  # fmt: skip
        organisation = session.scalars(text("SELECT id FROM organisation")).one()
        create(session, keys, organisation_id=organisation, kind="social.test", name="T", settings=Tokens())
    return System(settings, database, keys, accounts, blobs)


def context(system: System) -> JobContext:
    """What Procrastinate hands a job, as far as the jobs look at it."""
    return cast(JobContext, SimpleNamespace(additional_context={"system": system}, should_abort=lambda: False))


def run(job: Any, system: System) -> None:
    job.func(context(system), 0)


def test_what_no_longer_counts_is_forgotten_and_the_rest_stays(system: System) -> None:
    with system.database.unit_of_work() as session:
        for age in ("1 hour", "3 days"):
            session.execute(
                text(f"INSERT INTO throttle (key, hour, count) VALUES ('{age}', now() - interval '{age}', 1)")
            )
            session.execute(text(f"INSERT INTO worker_beat (name, seen_at) VALUES ('{age}', now() - interval '{age}')"))
    run(housekeeping.prune, system)
    with system.database.read_only() as session:
        assert session.scalars(text("SELECT key FROM throttle UNION ALL SELECT name FROM worker_beat")).all() == [
            "1 hour",
            "1 hour",
        ]


def test_the_addresses_of_who_was_invited_go_thirty_days_after_the_voting_ended(system: System) -> None:
    ends = {
        "open": "NULL, NULL", "planned": "now() + interval '1 day', NULL", "just": "now() - interval '29 days', NULL",
        "past": "now() - interval '31 days', NULL", "by hand": "now() + interval '90 days', now() - interval '31 days'",
        "lately by hand": "NULL, now() - interval '29 days'",
    }  # fmt: skip
    with system.database.unit_of_work() as session:
        for key, moments in ends.items():
            session.execute(text(
                "WITH made AS (INSERT INTO poll (account_id, key, title_nl, title_en, questions, closes_at, closed_at) "
                f"SELECT id, :key, '', '', '[]', {moments} FROM account RETURNING id, account_id, key) "
                "INSERT INTO mailing (poll_id, account_id, address, language, title, sealed, key, state, not_before) "
                "SELECT id, account_id, key || '@bewoner.example', 'nl', '', '', key, 'sent', now() FROM made"),
                {"key": key})  # fmt: skip
    run(housekeeping.prune, system)
    with system.database.read_only() as session:
        kept = session.scalars(text("SELECT key FROM mailing ORDER BY key")).all()
        assert kept == ["just", "lately by hand", "open", "planned"]
        assert session.scalar(text("SELECT count(*) FROM poll")) == len(ends), "the polls themselves stay"


def test_a_token_that_ends_is_renewed_and_used_from_then_on(system: System, service: Service) -> None:
    service.answer = Tokens(token="twee")
    run(housekeeping.refresh_tokens, system)
    service.answer = None
    run(housekeeping.refresh_tokens, system)
    assert service.renewed == ["een", "twee"]


def test_an_account_that_cannot_be_opened_lets_no_other_token_end(system: System, service: Service) -> None:
    with system.database.unit_of_work() as session:
        session.execute(text("UPDATE account SET settings = 'sealed by a key that was lost'"))
        organisation = session.scalars(text("SELECT id FROM organisation")).one()
        create(session, system.keys, organisation_id=organisation, kind="social.test", name="U", settings=Tokens())
    service.answer = Tokens(token="twee")
    assert refresh_all(system.database, system.accounts, system.keys, back_off=1) == 1


def test_while_the_service_is_asked_no_transaction_is_open_and_no_other_worker_asks(
    system: System, service: Service
) -> None:
    service.answer = Tokens(token="twee")
    open_now: list[int] = []

    def meanwhile() -> None:
        others = (
            "SELECT count(*) FROM pg_stat_activity WHERE state = 'idle in transaction' AND datname = current_database()"
        )
        with system.database.read_only() as session:
            open_now.append(session.scalars(text(others)).one())
        assert refresh_all(system.database, system.accounts, system.keys, back_off=1) == 0

    service.meanwhile = meanwhile
    assert refresh_all(system.database, system.accounts, system.keys, back_off=1) == 1
    assert (open_now, service.renewed) == ([0], ["een"])


def test_who_must_connect_again_is_told_so_on_the_accounts_page(system: System, service: Service) -> None:
    service.answer = Refused("Verbind het account opnieuw.")
    assert refresh_all(system.database, system.accounts, system.keys, back_off=1) == 0
    with system.database.read_only() as session:
        assert session.scalars(select(AccountState.problem)).one() == "Verbind het account opnieuw."


def test_every_account_is_asked_how_it_is(system: System) -> None:
    run(housekeeping.check_accounts, system)
    with system.database.read_only() as session:
        assert session.scalars(select(AccountState.health)).one()["problem"] == "verloopt morgen"


def test_an_account_that_breaks_while_it_is_asked_keeps_no_other_from_being_asked(
    system: System, service: Service
) -> None:
    with system.database.unit_of_work() as session:
        organisation = session.scalars(text("SELECT id FROM organisation")).one()
        create(session, system.keys, organisation_id=organisation, kind="social.test", name="U", settings=Tokens())
    service.broken = "T"
    run(housekeeping.check_accounts, system)
    with system.database.read_only() as session:
        found = session.scalars(select(AccountState.health).order_by(AccountState.account_id)).all()
    assert [health.get("problem") for health in found] == [None, "verloopt morgen"]


def test_the_ledger_is_compared_and_search_words_renewed_with_nothing_to_do(system: System) -> None:
    run(housekeeping.compare, system)
    run(housekeeping.renew_search, system)
    with system.database.read_only() as session:
        assert session.scalars(select(AccountState.inventory)).one() == {}


def test_there_is_always_a_periodic_job(system: System) -> None:
    assert {"storage.tend_jobs", "housekeeping.prune", "housekeeping.compare"} <= set(housekeeping.NAMES)
