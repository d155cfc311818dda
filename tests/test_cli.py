"""The command as people and machines use it: its help, its exit codes, its processes."""

import argparse
import json
import logging
import os
import re
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
import structlog
from sqlalchemy import text

from app import cli
from app.assignment.route import Router
from app.channels.contract import HandedOver
from app.channels.mail.settings import MailSettings
from app.intake.admit import admit_waiting
from app.settings import Settings
from app.storage import postmaster
from app.storage.database import Database
from app.system import System, open_system
from app.worker import means_of, store_mail
from tests.journey.hall import TownHall, environment, furnish, letter, open_account
from tests.servers.ports import free_port
from tests.servers.weerklank import Program, run, running
from tests.until import until

ADDRESS = "loket@voorbeeldstad.example"


def commands(parser: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
    """Every command that does something, however deep."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for below in action.choices.values():
                yield from commands(below)
            return
    yield parser


def test_every_command_says_what_it_does_and_what_each_option_is_for() -> None:
    found = list(commands(cli.parser()))
    names = {" ".join(command.prog.split()[1:]) for command in found}
    wanted = "serve web worker migrate demo mail-in ledger bench"
    assert names >= {*wanted.split(), "admin create", "token create", "decisions replay"}
    for command in found:
        shown = command.format_help()
        assert command.description, command.prog
        assert command.description.split()[0] in shown
    top = cli.parser().format_help()
    assert all(name.split()[0] in top for name in names)


def test_wrong_settings_are_named_one_by_one_with_their_fix_before_anything_starts(tmp_path: Path) -> None:
    wrong = {
        "WEERKLANK_DATA": str(tmp_path / "data"), "WEERKLANK_PORT": "0", "WEERKLANK_SWEEP_SECONDS": "often",
        "WEERKLANK_COLOUR": "blue", "WEERKLANK_DATABASE_URL": "mysql://root:hemelblauw@localhost/x",
    }  # fmt: skip
    done = run(["serve"], wrong)
    said = done.stderr.decode()
    assert done.returncode == 2
    for name in ("PORT", "SWEEP_SECONDS", "COLOUR", "DATABASE_URL"):
        assert len(re.findall(rf"^  WEERKLANK_{name}: .{{10,}}$", said, re.MULTILINE)) == 1, said
    assert "WEERKLANK_DATA:" not in said
    assert "hemelblauw" not in said
    assert "Traceback" not in said
    assert not (tmp_path / "data").exists()


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Program, dict[str, str], Path]]:
    """`weerklank serve --demo` with a database of its own, as `make run` starts it; its environment and data folder."""
    data = tmp_path_factory.mktemp("town")
    given = {"WEERKLANK_DATA": str(data), "WEERKLANK_PORT": str(free_port()), "WEERKLANK_PASSWORD_COST": "low"}
    with running(["serve", "--demo"], given, data / "output") as program:
        until(lambda: "/desk\n" in program.output.partition("Weerklank:")[2] or not program.alive, 60)
        assert program.alive, program.log
        yield program, given, data
    left = postmaster.running(data / "pg")
    if left is not None:
        os.kill(left.pid, signal.SIGQUIT)


def address(given: dict[str, str]) -> str:
    return f"http://127.0.0.1:{given['WEERKLANK_PORT']}"


Town = tuple[Program, dict[str, str], Path]


def test_the_terminal_shows_the_desk_a_sign_in_and_the_example_page(town: Town) -> None:
    program, given, _ = town
    for path in ("/desk", "/example"):
        assert f"{address(given)}{path}" in program.output
    assert "medewerker@voorbeeldstad.example" in program.output
    assert "welkom-in-voorbeeldstad" in program.output


def test_health_answers_without_sign_in_and_says_no_secret(town: Town) -> None:
    _, given, data = town
    assert httpx.get(f"{address(given)}/health").json() == {"status": "ok"}
    ready = until(lambda: found if (found := httpx.get(f"{address(given)}/health/ready")).is_success else None)
    assert ready is not None
    assert (ready.json()["database"], ready.json()["schema"]) == (True, True)
    assert (data / "secret.key").read_text().strip() not in ready.text
    assert str(data) not in ready.text


def test_a_second_process_shares_the_database_of_the_data_folder(town: Town) -> None:
    _, given, data = town
    server = postmaster.running(data / "pg")
    done = run(["ledger", "--json"], given)
    assert done.returncode == 0, done.stderr
    accounts = {account["kind"]: account for account in json.loads(done.stdout)}
    assert accounts["comments.form"]["seen"] == accounts["comments.form"]["ticketed"] == 3
    assert all(account["difference"] == 0 for account in accounts.values())
    assert postmaster.running(data / "pg") == server


def test_an_administrator_made_at_the_terminal_can_sign_in_and_a_token_opens_the_api(town: Town) -> None:
    _, given, _ = town
    made = run(
        ["admin", "create", "bea@voorbeeldstad.example", "--name", "Beheerder Twee"], given, b"een-lang-geheim\n"
    )
    assert made.returncode == 0, made.stderr
    with httpx.Client(base_url=address(given), headers={"Origin": address(given)}) as browser:
        form = {"email": "bea@voorbeeldstad.example", "password": "een-lang-geheim"}
        assert browser.post("/desk/sign-in", data=form).status_code == 303
        assert browser.get("/desk", follow_redirects=True).status_code == 200
    scope = ["--scope", "tickets:read"]
    issued = run(["token", "create", "proef", "--agent", "bea@voorbeeldstad.example", *scope], given)
    assert issued.returncode == 0, issued.stderr
    headers = {"Authorization": f"Bearer {issued.stdout.decode().strip()}"}
    assert httpx.get(f"{address(given)}/api/v1/tickets", headers=headers).status_code == 200
    assert httpx.get(f"{address(given)}/api/v1/tickets").status_code == 401


def test_every_line_that_it_logs_is_json_with_a_dotted_name(town: Town) -> None:
    program, _, _ = town
    lines = program.log.splitlines()
    assert len(lines) > 3
    for line in lines:
        told = json.loads(line)
        assert re.fullmatch(r"[a-z_]+\.[a-z_]+", told["event"]), line
        assert {"level", "timestamp"} <= set(told)


def test_a_killed_server_is_found_again_and_a_stopped_one_leaves_nothing_running(town: Town) -> None:
    """The last test of this town: it ends it."""
    program, given, data = town
    program.kill()
    with running(["serve"], given, data / "output") as second:
        until(lambda: "/desk\n" in second.output or not second.alive, 60)
        assert httpx.get(f"{address(given)}/health").status_code == 200
        with httpx.stream("GET", f"{address(given)}/health"):
            assert second.stop() == 0, second.log
    assert postmaster.running(data / "pg") is None
    assert not [p for p in Path("/proc").glob("[0-9]*/cmdline") if str(data / "pg").encode() in _bytes(p)]


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


@pytest.fixture
def hall(database_settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[TownHall]:
    """An installation with one mail that became a ticket, and its settings in the environment of this process."""
    for name in [name for name in os.environ if name.startswith("WEERKLANK_")]:
        monkeypatch.delenv(name)
    for name, value in environment(database_settings).items():
        monkeypatch.setenv(name, value)
    with as_we_were(), open_system(database_settings) as system:
        hall = furnish(system)
        open_account(system, "Loket", MailSettings(address=ADDRESS))
        take(system, "Straat", "Er ligt een tegel los.")
        yield hall


@contextmanager
def as_we_were() -> Iterator[None]:
    """A command sets up signals and logging for its whole process, which here is that of the tests."""
    handlers = [(number, signal.getsignal(number)) for number in (signal.SIGTERM, signal.SIGINT)]
    told = logging.getLogger().handlers[:]
    yield
    structlog.reset_defaults()
    logging.getLogger().handlers[:] = told
    for number, handler in handlers:
        signal.signal(number, handler)


def take(system: System, subject: str, words: str) -> None:
    mail = letter("burger@burgers.example", ADDRESS, subject, words).as_bytes()
    store_mail(system, HandedOver(mail, "burger@burgers.example", ADDRESS, "pipe"))
    while admit_waiting(means_of(system)):
        continue
    while Router(system.database).route_waiting():
        continue


def test_the_ledger_ends_with_1_when_a_sum_does_not_hold(hall: TownHall, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["ledger"]) == 0
    assert "ticketed" in capsys.readouterr().out
    hall.do("UPDATE account_state SET seen = seen + 1")
    assert cli.main(["ledger", "--json"]) == 1
    (account,) = json.loads(capsys.readouterr().out)
    assert (account["seen"], account["difference"]) == (2, 1)


def test_replay_finds_no_difference_and_ends_with_1_when_there_is_one(
    hall: TownHall, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["decisions", "replay"]) == 0
    assert capsys.readouterr().out.startswith("1 decisions come out the same, 0 differently")
    hall.do("UPDATE decision SET team_id = NULL")
    assert cli.main(["decisions", "replay"]) == 1
    assert "Different: " in capsys.readouterr().out


def test_who_is_there_already_and_who_is_not_there_is_said(hall: TownHall, capsys: pytest.CaptureFixture[str]) -> None:
    again = ["admin", "create", "Balie@voorbeeldstad.example", "--name", "Balie", "--password", "een-lang-geheim"]
    assert cli.main(again) == 2
    assert cli.main(["token", "create", "proef", "--agent", "niemand@elders.example", "--scope", "tickets:read"]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert "There is no agent with the address niemand@elders.example." in said.err
    assert hall.rows("SELECT count(*) FROM agent") == [(1,)]


def test_migrate_may_run_again_and_again(hall: TownHall, capsys: pytest.CaptureFixture[str]) -> None:
    assert [cli.main(["migrate"]), cli.main(["migrate"])] == [0, 0]
    assert "up to date" in capsys.readouterr().out


def test_a_worker_and_a_web_are_processes_of_their_own_that_end_in_order(hall: TownHall, tmp_path: Path) -> None:
    given = environment(hall.system.settings, WEERKLANK_PORT=str(free_port()))
    with running(["worker"], given, tmp_path / "out") as worker, running(["web"], given, tmp_path / "web") as web:
        worker.saying("worker.started")
        until(lambda: _answers(address(given)) or not web.alive, 30)
        told = until(lambda: httpx.get(f"{address(given)}/health/ready").json()["workers"] or None)
        assert told
        assert worker.stop(10) == 0, worker.log
        assert web.stop(10, by=signal.SIGINT) == 0, web.log


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/health").is_success
    except httpx.TransportError:
        return False


def test_a_port_that_is_taken_is_said_before_anything_starts(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        given = {"WEERKLANK_DATA": str(tmp_path / "data"), "WEERKLANK_PORT": str(taken.getsockname()[1])}
        done = run(["serve"], given)
    assert done.returncode == 2
    assert b"WEERKLANK_PORT: 127.0.0.1 cannot be listened on" in done.stderr
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize("arguments", [["ledger"], ["decisions", "replay"]], ids=" ".join)
def test_a_schema_that_is_missing_is_said_with_the_way_to_make_it(
    empty_database: Database,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
) -> None:
    monkeypatch.setenv("WEERKLANK_DATA", str(tmp_path))
    monkeypatch.setenv("WEERKLANK_DATABASE_URL", empty_database.url.render_as_string(hide_password=False))
    with as_we_were():
        assert cli.main(arguments) == 69
    assert "weerklank migrate" in capsys.readouterr().err.splitlines()[-1]
    with empty_database.unit_of_work() as session:
        assert session.scalar(text("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")) == 0
