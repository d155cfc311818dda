"""Accounts over the API: settings go in, secrets never come out."""

from sqlalchemy import text

from tests.api.channel import WATCHERS
from tests.api.conftest import World

SECRET = "zeer-geheim-wachtwoord"


def test_an_account_is_made_with_its_kinds_settings_and_its_secret_stays_inside(world: World) -> None:
    body = {"kind": "paper", "name": "Balie Noord", "settings": {"office": "Noord", "password": SECRET}}
    made = world.post("/accounts", world.admin, body, Idempotency_Key="account-1")
    assert made.status_code == 201, made.text
    number = made.json()["id"]
    told = [made.text, world.get("/accounts", world.admin).text]
    told += [world.get(f"/accounts/{number}{path}", world.admin).text for path in ("", "/settings", "/health")]
    assert not any(SECRET in one for one in told)
    settings = world.get(f"/accounts/{number}/settings", world.admin).json()
    assert settings["settings"] == {"office": "Noord", "password": "********"}
    change = {"settings": {"office": "Noordwest", "password": "********"}}
    changed = world.send("PATCH", f"/accounts/{number}", world.admin, change, If_Match=made.headers["ETag"])
    assert changed.status_code == 200
    opened = world.state.accounts.settings(number, "paper")
    assert opened.model_dump()["password"].get_secret_value() == SECRET
    late = world.send("PATCH", f"/accounts/{number}", world.admin, {"active": False}, If_Match=made.headers["ETag"])
    assert late.status_code == 412


def test_every_wrong_setting_is_named_at_once(world: World) -> None:
    body = {"kind": "paper", "name": "Kapot", "settings": {"colour": "red", "password": 5}}
    answer = world.post("/accounts", world.admin, body)
    assert answer.status_code == 400
    fields = {error["field"] for error in answer.json()["errors"]}
    assert {"settings.office", "settings.password"} <= fields


def test_kinds_tell_what_they_can_do_and_their_schema(world: World) -> None:
    kinds = world.get("/account-kinds", world.admin).json()
    assert [kind["key"] for kind in kinds] == ["paper"]
    assert "office" in kinds[0]["settingsSchema"]["properties"]


def test_a_check_is_told_and_kept(world: World) -> None:
    assert world.post(f"/accounts/{world.account}/check", world.admin).json()["problem"] == "Open the office first."
    assert (
        world.get(f"/accounts/{world.account}/health", world.admin).json()["found"]["problem"]
        == "Open the office first."
    )


def test_no_transaction_stands_open_while_a_service_is_asked(world: World) -> None:
    seen: list[int] = []
    waiting = (
        "SELECT count(*) FROM pg_stat_activity WHERE state = 'idle in transaction' AND datname = current_database()"
    )

    def look() -> None:
        with world.database.read_only() as session:
            seen.append(session.scalars(text(waiting)).one())

    WATCHERS.append(look)
    try:
        assert world.post(f"/accounts/{world.account}/check", world.admin).status_code == 200
    finally:
        WATCHERS.remove(look)
    assert seen == [0]


def test_the_ledger_tells_every_account(world: World) -> None:
    lines = world.get("/ledger", world.admin).json()
    assert {line["difference"] for line in lines} == {0}


def test_a_reaction_for_an_account_that_takes_none_is_refused(world: World) -> None:
    body = {"accountId": world.account, "id": "1", "page": "p", "text": "Mooi."}
    answer = world.post("/reactions", world.admin, body)
    assert answer.status_code == 400
    assert answer.json()["code"] == "account"


def test_the_list_tells_how_every_account_is_doing_and_what_it_spent(world: World) -> None:
    world.post(f"/accounts/{world.account}/check", world.admin)
    line = next(a for a in world.get("/accounts", world.admin).json()["items"] if a["id"] == world.account)
    assert line["health"]["spent"] == 0
    assert line["health"]["behind"] is None
    assert line["health"]["found"]["problem"] == "Open the office first."
    assert line["health"] == world.get(f"/accounts/{world.account}/health", world.admin).json()


def test_only_a_mailbox_can_answer_for_another_account(world: World) -> None:
    body = {"kind": "paper", "name": "Balie Zuid", "settings": {"office": "Zuid"}, "mailAccountId": world.account}
    answer = world.post("/accounts", world.admin, body)
    assert answer.status_code == 400
    assert [error["field"] for error in answer.json()["errors"]] == ["mailAccountId"]
    assert world.get(f"/accounts/{world.account}", world.admin).json()["mailAccountId"] is None
