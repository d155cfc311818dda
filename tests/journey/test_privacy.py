"""Nobody's address, words, token or password is in any log line or request line, whatever goes well and wrong."""

import json
import re
from collections.abc import Iterator
from email.utils import parseaddr
from pathlib import Path

import httpx
import pytest

from app.channels.mail.server import Security
from app.storage.keys import FILE
from tests.journey.client import Citizen, text_of
from tests.journey.hall import PASSWORD, TownHall, environment, letter, mail_account
from tests.servers.mail import MailServers
from tests.servers.ports import free_port
from tests.servers.weerklank import Program, running
from tests.until import until

WORDS = "Mijn buurman heeft mijn schutting beschadigd."
WRONG = "een-verkeerd-wachtwoord"


@pytest.fixture
def programs(hall: TownHall, tmp_path: Path) -> Iterator[tuple[Program, Program]]:
    """A worker and a web that log all they ever log."""
    port = str(free_port())
    given = environment(hall.system.settings, WEERKLANK_LOG_LEVEL="DEBUG", WEERKLANK_PORT=port)
    given["WEERKLANK_PUBLIC_URL"] = f"http://127.0.0.1:{port}"
    with running(["worker"], given, tmp_path / "worker") as worker, running(["web"], given, tmp_path / "web") as web:
        yield worker.saying("worker.started"), web


def test_a_whole_journey_leaves_nothing_of_anybody_in_the_logs(
    hall: TownHall, programs: tuple[Program, Program], mail_servers: MailServers
) -> None:
    worker, web = programs
    box, citizen = mail_servers.mailbox(), Citizen(mail_servers, mail_servers.citizen("een.bewoner"))
    account = mail_account(hall.system, mail_servers, box)
    citizen.write(box, "Schutting", WORDS)
    ticket = hall.ticket_about("Schutting", 30)
    hall.answer(ticket, "Wij bellen u.")
    answer = citizen.gets("Wij bellen u.")
    status = re.search(r"http://\S+/status/(\S+)", text_of(answer))
    assert status is not None
    gone = Citizen(mail_servers, mail_servers.mailbox("niemand", "burgers.example"))
    bounced = hall.ticket_about("Weg", 30) if gone.write(box, "Weg", WORDS) else 0
    delivery = hall.answer(bounced, "Dit komt terug.").delivery_id
    until(lambda: hall.state(delivery) == "refused", 30, saying="it bounced")
    goes_wrong(hall, mail_servers, account, citizen)

    visits(worker, web, status, answer["Message-ID"])
    assert worker.stop() == 0
    assert web.stop() == 0

    secrets = [
        citizen.address, gone.address, box.address, box.password, PASSWORD, WRONG, "schutting", "balie@voorbeeldstad.example",
        status[1], parseaddr(answer["Reply-To"])[1].partition("+")[2].partition("@")[0],
        (hall.system.settings.data / FILE).read_text().strip(),
    ]  # fmt: skip
    for program in programs:
        told = program.log + program.output
        assert len(told.splitlines()) >= 2
        assert [secret for secret in secrets if secret.lower() in told.lower()] == []
        for line in program.log.splitlines():
            assert "event" in json.loads(line)


def goes_wrong(hall: TownHall, servers: MailServers, account: int, citizen: Citizen) -> None:
    """What is set aside, what the mail server refuses, an account whose password is wrong."""
    other = servers.mailbox()
    mail_account(
        hall.system, servers, other, name="Kapot", imap_port=free_port(), smtp_port=free_port(),
        smtp_security=Security.STARTTLS,
    )  # fmt: skip
    until(
        lambda: hall.one("SELECT problem FROM account_state WHERE account_id <> :a", a=account), 20, saying="it fails"
    )
    broken = letter(citizen.address, "", "x", WORDS).as_bytes().replace(b"Subject: x", b"Subject: =?utf-8?B?\xff?=")
    servers.send(broken, citizen.address, hall.one("SELECT address FROM contact_address LIMIT 1"))


def visits(worker: Program, web: Program, status: "re.Match[str]", message_id: str) -> None:
    """Requests that are answered, refused and wrong, with things in them that must not be logged."""
    url = status[0].removesuffix(f"/status/{status[1]}")
    with httpx.Client(base_url=url, headers={"Origin": url}) as browser:
        until(lambda: answers(browser) or not web.alive, 30, saying="the web answers")
        assert browser.get(status[0]).status_code == 200
        assert browser.get(f"{status[0]}x").status_code == 404
        for password in (WRONG, PASSWORD):
            browser.post("/desk/sign-in", data={"email": "balie@voorbeeldstad.example", "password": password})
        assert browser.get("/desk", follow_redirects=True).status_code == 200
        browser.get("/desk/search", params={"q": "schutting"})
        browser.get("/api/v1/tickets", headers={"Authorization": f"Bearer {WRONG}"})
        browser.post(
            "/api/v1/reactions",
            content=f'{{"text": "{WORDS}", "n": 1e999999}}',
            headers={"Content-Type": "application/json"},
        )
        browser.post("/hooks/niemand", content=WORDS)


def answers(browser: httpx.Client) -> bool:
    try:
        return browser.get("/health").is_success
    except httpx.TransportError:
        return False
