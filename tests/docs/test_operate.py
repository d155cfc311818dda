"""docs/operate.md is held to the code: settings, events, SQL, exit codes, Postfix lines."""

import re
import subprocess
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from app import mail_in
from app.channels.mail.lmtp_session import LATER, NOT_OURS, STORED, TOO_LARGE
from app.intake.stow import LARGEST
from app.settings import PREFIX, Settings
from app.storage.database import Database
from app.tickets import receipt
from app.vocabulary import DeliveryState, RawState
from app.web import throttle
from tests.docs.pages import ROOT, blocks, coded, page, rows, section
from tests.needs import needs

PAGE = page("operate")
EVENT = re.compile(r"[a-z_]+\.[a-z_]+")


def test_the_table_of_settings_is_complete_with_what_each_is_when_not_set() -> None:
    told = {coded(row[0])[0]: "".join(coded(row[1])) for row in rows(section(PAGE, "Settings"))}
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    known = dict(re.findall(rf"^#?({PREFIX}\w+)=(.*)$", example, re.MULTILINE))
    assert told == known
    assert set(told) == {PREFIX + name.upper() for name in Settings.model_fields}


def test_the_containers_are_given_settings_that_exist() -> None:
    given = set(re.findall(rf"{PREFIX}\w+", (ROOT / "compose.yaml").read_text(encoding="utf-8")))
    assert given
    assert given <= {PREFIX + name.upper() for name in Settings.model_fields}


@pytest.mark.parametrize("name", ["undo_seconds", "port"])
def test_what_is_said_to_be_the_default_is(name: str) -> None:
    told = {coded(row[0])[0]: "".join(coded(row[1])) for row in rows(section(PAGE, "Settings"))}
    assert told[PREFIX + name.upper()] == str(getattr(Settings.read({}), name))


def test_every_event_to_watch_for_is_logged_somewhere() -> None:
    sources = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "app").rglob("*.py"))
    named = [word for row in rows(section(PAGE, "Logs")) for word in coded(row[0]) if EVENT.fullmatch(word)]
    assert len(named) > 20
    assert [name for name in named if f'"{name}"' not in sources] == []


def test_every_warning_is_told() -> None:
    told = {word for row in rows(section(PAGE, "Logs")) for word in coded(row[0])}
    sources = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "app").rglob("*.py"))
    warned = set(re.findall(r'log\.trouble\(\s*"([a-z_.]+)"', sources))
    assert len(warned) > 20
    assert [name for name in sorted(warned) if not {name, "….{}".format(name.partition(".")[2])} & told] == []


def test_the_exit_codes_of_mail_in_are_those_of_the_program() -> None:
    told = {int(row[0]) for row in rows(section(PAGE, "By a pipe")) if row[0].isdigit()}
    assert told == {mail_in.STORED, mail_in.NO_USER, mail_in.TOO_LARGE, mail_in.TEMPORARY}


def test_the_answers_by_lmtp_are_those_of_the_program() -> None:
    told = section(PAGE, "By LMTP")
    assert [code for code in (STORED, LATER, NOT_OURS, TOO_LARGE) if code.split()[0] not in told] == []


def test_the_sum_of_the_ledger_names_every_state() -> None:
    told = section(PAGE, "When something needs a person")
    assert [state for state in RawState if state.replace("_", " ") not in told] == []


def test_the_limits_are_those_of_the_program() -> None:
    told = section(PAGE, "Limits")
    assert f"{LARGEST // 2**20} MiB; of a larger one" in told
    assert f"| {throttle.COMMENTS_AN_HOUR} an hour; IPv6: per /64" in told
    assert receipt.A_DAY == 5
    assert receipt.FORM_AN_HOUR == 60
    assert "five a day per address, sixty an hour per site" in told


def test_what_is_to_be_run_after_a_restore_runs(session: Session) -> None:
    (sql,) = blocks(section(PAGE, "Backup and restore"), "sql")
    for statement in sql.split(";"):
        if statement.strip():
            session.execute(text(statement))


def test_after_a_restore_numbers_go_on_beyond_those_that_may_have_been_given_out(database: Database) -> None:
    (sql,) = blocks(section(PAGE, "Backup and restore"), "sql")
    with database.unit_of_work() as session:
        for statement in filter(str.strip, sql.split(";")):
            session.execute(text(statement))
        given = session.scalar(
            text("INSERT INTO contact (name, kind, language) VALUES ('', 'person', '') RETURNING id")
        )
    assert given is not None
    assert given > 1_000_000


def test_what_may_have_left_is_uncertain_after_a_restore_and_nothing_else_is() -> None:
    (sql,) = blocks(section(PAGE, "Backup and restore"), "sql")
    named = set(re.findall(r"'(\w+)'", sql.partition("WHERE")[2].partition(";")[0]))
    ended = {DeliveryState.SENT, DeliveryState.REFUSED, DeliveryState.CANCELLED, DeliveryState.UNCERTAIN}
    assert named == set(DeliveryState) - ended


def test_the_shell_lines_are_shell(tmp_path: Path) -> None:
    for number, block in enumerate(blocks(PAGE, "sh")):
        script = tmp_path / f"{number}.sh"
        script.write_text(block.replace("…", ""), encoding="utf-8")
        checked = subprocess.run(["sh", "-n", script], capture_output=True, text=True)
        assert checked.returncode == 0, checked.stderr


def test_the_wrapper_asks_the_mta_to_keep_the_mail_when_it_has_no_settings(tmp_path: Path) -> None:
    wrapper = next(block for block in blocks(PAGE, "sh") if block.startswith("#!/bin/sh"))
    script = tmp_path / "mail-in"
    script.write_text(wrapper.replace("/etc/weerklank/env", str(tmp_path / "missing")), encoding="utf-8")
    assert subprocess.run(["sh", script], input=b"", capture_output=True).returncode == mail_in.TEMPORARY


def test_postfix_understands_its_lines(tmp_path: Path) -> None:
    postconf = needs("postfix").with_name("postconf")
    given = blocks(PAGE, "postfix")
    (master,) = [block for block in given if " pipe\n" in block]
    settings = "".join(block for block in given if block != master)
    (tmp_path / "main.cf").write_text("compatibility_level = 3.6\n" + settings, encoding="utf-8")
    (tmp_path / "master.cf").write_text(master, encoding="utf-8")
    for show in ("-n", "-M", "-P"):
        checked = subprocess.run([postconf, "-c", tmp_path, show], capture_output=True, text=True)
        assert (checked.returncode, checked.stderr) == (0, "")


def test_dovecot_understands_the_mail_server_for_trying() -> None:
    needs("dovecot")
    checked = subprocess.run(
        ["doveconf", "-n", "-c", ROOT / "compose" / "mail" / "dovecot.conf"], capture_output=True, text=True
    )
    assert (checked.returncode, checked.stderr) == (0, "")
