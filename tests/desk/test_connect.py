"""Connecting an account by consent: there and back, and nobody else's answer."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

import pytest
from pydantic import BaseModel, Field, SecretStr
from sqlalchemy import select, text

from app.accounts.change import create
from app.accounts.connection import connected_fields, disconnected
from app.channels.contract import AccountConfig, Audience, Channel, Consent, Health, Kind, Limits, Refused, Unreachable
from app.models import Account
from app.storage.database import Database
from tests.desk.conftest import Desk
from tests.web import made

CONNECTED: Any = {"connected": True, "labels": {"nl": "Sleutel", "en": "Token"}}


OPEN = text(
    "SELECT count(*) FROM pg_stat_activity WHERE state = 'idle in transaction' AND datname = current_database()"
)


class Settings(BaseModel):
    """A server to enter, and a token that consent gives."""

    server: str = "social.example"
    token: SecretStr = Field(SecretStr(""), json_schema_extra=CONNECTED)


@dataclass
class Service:
    """The outside: what it was asked, and whether it says yes. `waiting` is how many transactions stood open each time."""

    database: Database
    asked: list[tuple[str, str]] = field(default_factory=list)
    says_no: bool = False
    ended: list[str] = field(default_factory=list)
    away: bool = False
    waiting: list[int] = field(default_factory=list)

    def looks_round(self) -> None:
        with self.database.read_only() as session:
            self.waiting.append(session.scalars(OPEN).one())


class Consenting:
    """A channel that is connected by consent."""

    limits = Limits(Audience(public=True, labels={"nl": "iedereen", "en": "everybody"}))

    def __init__(self, settings: Settings, service: Service) -> None:
        self._settings = settings
        self._service = service

    def parse(self, item: object) -> tuple[()]:
        return ()

    def check(self) -> Health:
        self._service.looks_round()
        return Health()

    def consent(self, redirect_uri: str, state: str) -> Consent:
        self._service.looks_round()
        self._service.asked.append((redirect_uri, state))
        return Consent(f"https://{self._settings.server}/authorize?state={state}", {"verifier": "geheim"})

    def connected(self, redirect_uri: str, query: Mapping[str, str], keep: Mapping[str, str]) -> BaseModel:
        self._service.looks_round()
        if self._service.says_no or keep["verifier"] != "geheim":
            raise Refused("Er is geen toestemming gegeven.")
        return self._settings.model_copy(update={"token": SecretStr(query["code"])})

    def revoke(self) -> None:
        self._service.looks_round()
        if self._service.away:
            raise Unreachable("De dienst is weg.")
        self._service.ended.append(self._settings.token.get_secret_value())


@pytest.fixture
def service(database: Database) -> Service:
    return Service(database)


@pytest.fixture
def desk_(office_desk: Desk, service: Service) -> Desk:
    def build(config: AccountConfig) -> Channel:
        return cast(Channel, Consenting(cast(Settings, config.settings), service))

    kind = Kind("social.test", {"nl": "Proef", "en": "Test"}, Settings, Consenting, build)
    office_desk.state.accounts.kinds["social.test"] = kind
    return office_desk


@pytest.fixture
def account(desk_: Desk) -> int:
    with desk_.database.unit_of_work() as session:
        organisation = session.scalars(select(Account.organisation_id).limit(1)).one()
        return create(
            session,
            desk_.state.keys,
            organisation_id=organisation,
            kind="social.test",
            name="Proef",
            settings=Settings(),
        )


def token(desk_: Desk, account: int) -> str:
    settings = desk_.state.accounts.settings(account, "social.test")
    assert isinstance(settings, Settings)
    return settings.token.get_secret_value()


def admin(desk_: Desk) -> made.Person:
    return desk_.office.chief


def test_consent_given_connects_the_account_and_disconnecting_forgets_it(
    desk_: Desk, account: int, service: Service
) -> None:
    client = desk_.client(admin(desk_))
    shown = client.post(f"/desk/accounts/{account}/connect")
    assert "https://social.example/authorize?state=" in shown.text
    redirect_uri, state = service.asked[0]
    assert redirect_uri == f"{desk_.state.settings.base_url}/desk/connect"
    back = client.get("/desk/connect", params={"code": "sleutel-1", "state": state})
    assert back.status_code == 303
    assert token(desk_, account) == "sleutel-1"
    page = client.get(f"/desk/accounts/{account}").text
    assert "sleutel-1" not in page
    assert "setting_token" not in page
    gone = client.post(f"/desk/accounts/{account}/disconnect")
    assert (token(desk_, account), service.ended) == ("", ["sleutel-1"])
    assert "Verbinding verbroken. Wat binnenkwam" in client.get(gone.headers["location"]).text


def test_no_transaction_stands_open_while_the_service_is_asked(desk_: Desk, account: int, service: Service) -> None:
    client = desk_.client(admin(desk_))
    client.post(f"/desk/accounts/{account}/connect")
    client.get("/desk/connect", params={"code": "sleutel-1", "state": service.asked[0][1]})
    form = {"name": "Proef", "setting_server": "ander.example", "do": "check", "language": "nl"}
    assert "De verbinding werkt." in client.post(f"/desk/accounts/{account}", data=form).text
    assert client.post(f"/desk/accounts/{account}/disconnect").status_code == 303
    assert service.waiting == [0, 0, 0, 0]


def test_disconnecting_goes_on_when_the_service_is_away_and_says_what_is_left_to_do(
    desk_: Desk, account: int, service: Service
) -> None:
    client = desk_.client(admin(desk_))
    client.post(f"/desk/accounts/{account}/connect")
    client.get("/desk/connect", params={"code": "sleutel-1", "state": service.asked[0][1]})
    service.away = True
    gone = client.post(f"/desk/accounts/{account}/disconnect")
    assert (token(desk_, account), service.ended) == ("", [])
    assert "heeft onze rechten niet beëindigd" in client.get(gone.headers["location"]).text


def test_saving_the_form_keeps_the_connection(desk_: Desk, account: int, service: Service) -> None:
    client = desk_.client(admin(desk_))
    client.post(f"/desk/accounts/{account}/connect")
    client.get("/desk/connect", params={"code": "sleutel-1", "state": service.asked[0][1]})
    form = {"name": "Proef", "setting_server": "ander.example", "active": "on", "do": "save", "language": "nl"}
    assert client.post(f"/desk/accounts/{account}", data=form).status_code == 303
    assert token(desk_, account) == "sleutel-1"


@pytest.mark.parametrize("query", [{"code": "x", "state": "geraden"}, {"code": "x"}, {"oauth_verifier": "x"}])
def test_an_answer_that_nobody_here_asked_for_changes_nothing(desk_: Desk, account: int, query: dict[str, str]) -> None:
    client = desk_.client(admin(desk_))
    client.post(f"/desk/accounts/{account}/connect")
    assert client.get("/desk/connect", params=query).status_code == 409
    assert token(desk_, account) == ""


def test_an_answer_in_another_browser_changes_nothing(desk_: Desk, account: int, service: Service) -> None:
    desk_.client(admin(desk_)).post(f"/desk/accounts/{account}/connect")
    other = desk_.client(admin(desk_))
    assert other.get("/desk/connect", params={"code": "x", "state": service.asked[0][1]}).status_code == 409
    assert token(desk_, account) == ""


def test_no_consent_is_said_in_words(desk_: Desk, account: int, service: Service) -> None:
    client = desk_.client(admin(desk_))
    client.post(f"/desk/accounts/{account}/connect")
    service.says_no = True
    answer = client.get("/desk/connect", params={"error": "access_denied", "state": service.asked[0][1]})
    assert answer.status_code == 400
    assert "geen toestemming" in answer.text


def test_only_administrators_connect(desk_: Desk, account: int) -> None:
    client = desk_.client(desk_.office.ada)
    assert client.post(f"/desk/accounts/{account}/connect").status_code == 403
    assert client.get("/desk/connect").status_code == 403


def test_what_connecting_fills_in_is_known_by_its_mark() -> None:
    assert connected_fields(Settings) == {"token"}
    assert disconnected(Settings(server="x", token=SecretStr("t"))) == Settings(server="x")
