"""Whether it is alive and ready, told to everybody, with nothing worth knowing in it."""

from sqlalchemy import text

from tests.api.conftest import World


def test_it_is_alive_and_ready_without_signing_in(world: World) -> None:
    assert world.client.get("/health").json() == {"status": "ok"}
    answer = world.client.get("/health/ready")
    assert answer.status_code == 200
    assert answer.json()["database"] is True
    assert answer.json()["schema"] is True


def test_a_silent_worker_and_a_failing_account_are_reported_and_do_no_harm(world: World) -> None:
    with world.database.unit_of_work() as session:
        session.execute(text("INSERT INTO worker_beat (name, seen_at) VALUES ('w1', now() - interval '1 hour')"))
        session.execute(text("UPDATE account_state SET failing_since = now(), problem = 'wachtwoord geheim'"))
    answer = world.client.get("/health/ready")
    assert answer.status_code == 200
    assert answer.json()["workers"] == {"working": 0, "silent": 1}
    assert world.account in answer.json()["failingAccounts"]
    assert "geheim" not in answer.text
