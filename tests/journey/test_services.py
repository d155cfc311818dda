"""The demo with all services, as `make run SERVICES=1` starts it: two real processes, and a clerk in a real Chromium.

At each service one reaction waits; it is seen as a ticket, answered at the desk, and the answer stands on the service's own page.
"""

import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import text

from app.channels.registry import KINDS
from app.demo import town
from app.settings import Settings
from app.system import System, open_system
from tests.emulators.said import first
from tests.emulators.services import DESK_TELEPHONE, services
from tests.journey.hall import environment
from tests.servers.ports import free_port
from tests.servers.weerklank import environment as without_ours
from tests.servers.weerklank import running
from tests.until import until

PRESENT = {kind.key for kind in KINDS}
WALKED = {service.kind: service.name for service in services() if service.kind in PRESENT}
ROOT = Path(__file__).parents[2]
LONG = 90  # seconds: two processes and a database start first, on a machine that may be busy


@dataclass
class Demo:
    """The running demo. `pages` are the services' own pages by their names."""

    url: str
    system: System
    pages: dict[str, str] = field(default_factory=dict)

    def ticket_of(self, kind: str) -> int:
        """The ticket that a service's first reaction became, once it is there and routed."""
        query = text(
            "SELECT min(ticket.id) FROM ticket JOIN account ON account.id = account_id "
            "WHERE account.kind = :kind AND team_id IS NOT NULL"
        )

        def found() -> int:
            with self.system.database.read_only() as session:
                return session.scalar(query, {"kind": kind}) or 0

        return until(found, LONG, 0.1, f"a ticket over {kind}")

    def shown_at(self, name: str) -> str:
        """What a service's own page says now."""
        return unescape(httpx.get(self.pages[name], timeout=20).text)

    def health(self, kind: str) -> Any:
        query = text("SELECT s.* FROM account_state s JOIN account a ON a.id = account_id WHERE a.kind = :kind")
        with self.system.database.read_only() as session:
            return session.execute(query, {"kind": kind}).one()


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    folder = tmp_path_factory.mktemp("services")
    port = free_port()
    settings = Settings(
        data=folder / "data", port=port, public_url=f"http://127.0.0.1:{port}", undo_seconds=0.2, poll_seconds=1,
        sweep_seconds=0.3, password_cost="low",
    )  # fmt: skip
    given = environment(settings)
    with running(["serve", "--demo"], given, folder / "serve") as program, emulators(given, folder) as said:
        until(lambda: "Weerklank:" in program.output or not program.alive, LONG, 0.1, "Weerklank serves")
        assert program.alive, program.log
        pages = until(lambda: _listed(said.read_text()), LONG, 0.1, "the terminal lists every service")
        with open_system(settings, name="weerklank journey") as system:
            yield Demo(settings.base_url, system, pages)
        assert program.stop(60) == 0, program.log


@pytest.fixture(scope="module")
def clerk(browser: Browser, demo: Demo) -> Iterator[Page]:
    """The clerk of the demo, signed in."""
    with signed_in(browser, demo, town.CLERK) as page:
        yield page


@pytest.fixture(scope="module")
def administrator(browser: Browser, demo: Demo) -> Iterator[Page]:
    """The administrator of the demo, signed in."""
    with signed_in(browser, demo, town.ADMIN) as page:
        yield page


@contextmanager
def signed_in(browser: Browser, demo: Demo, who: str) -> Iterator[Page]:
    context = browser.new_context(locale="nl-NL", viewport={"width": 1280, "height": 900})
    context.set_default_timeout(20_000)
    page = context.new_page()
    page.goto(f"{demo.url}/desk")
    page.get_by_label("E-mailadres").fill(who)
    page.get_by_label("Wachtwoord").fill(town.PASSWORD)
    page.get_by_role("button", name="Inloggen").click()
    expect(page.get_by_role("heading", name="Mijn werk")).to_be_visible(timeout=20_000)
    yield page
    context.close()


@pytest.mark.parametrize("kind", [kind for kind in WALKED if kind != "phone.twilio_voice"])
def test_what_a_newcomer_says_on_a_services_page_becomes_a_ticket(demo: Demo, kind: str) -> None:
    demo.ticket_of(kind)
    words = f"Nog een vraag over {kind.partition('.')[2]}."
    assert httpx.post(f"{demo.pages[WALKED[kind]]}say", data={"text": words}, timeout=20).status_code == 303
    query = text("SELECT count(*) FROM message WHERE text LIKE '%' || :words || '%'")

    def arrived() -> bool:
        with demo.system.database.read_only() as session:
            return bool(session.scalar(query, {"words": words}))

    until(arrived, 60, 0.2, f"the reaction said at {kind}")


@pytest.mark.parametrize("kind", WALKED)
def test_a_reaction_at_a_service_is_answered_at_the_desk_and_the_answer_stands_there(
    demo: Demo, clerk: Page, kind: str
) -> None:
    ticket = demo.ticket_of(kind)
    clerk.goto(f"{demo.url}/desk/tickets/{ticket}")
    expect(clerk.locator("#thread")).to_contain_text(first(kind))
    answer = f"Dank voor uw bericht; een collega kijkt ernaar. Dit is het antwoord op ticket {ticket}."
    clerk.get_by_label("Uw antwoord").fill(answer)
    clerk.get_by_role("button", name="Versturen").click()
    expect(clerk.locator(".message.ours")).to_contain_text(answer)
    seen = DESK_TELEPHONE if kind == "phone.twilio_voice" else answer
    until(lambda: seen in demo.shown_at(WALKED[kind]), 60, 0.2, f"the answer on the page of {WALKED[kind]}")
    expect(clerk.locator(".message.ours .delivery")).to_contain_text("Verstuurd", timeout=20_000)


@pytest.mark.parametrize("kind", WALKED)
def test_every_account_works_and_says_when_it_last_did(demo: Demo, kind: str) -> None:
    demo.ticket_of(kind)
    until(lambda: demo.health(kind).succeeded_at, 30, 0.1, "read once")
    health = demo.health(kind)
    assert (health.problem, health.failing_since, health.unauthentic) == ("", None, 0)


def test_the_composer_shows_what_must_go_as_the_service_counts(demo: Demo, clerk: Page) -> None:
    clerk.goto(f"{demo.url}/desk/tickets/{demo.ticket_of('social.mastodon')}")
    box = clerk.get_by_label("Uw antwoord")
    address = "https://voorbeeldstad.example/" + "a" * 400
    box.fill(f"Zie {address} voor meer.")
    expect(clerk.locator("#reply-counter")).to_have_text("70 van 500")  # the address counts 23, the mention 32
    expect(clerk.locator("#reply-excess")).to_be_hidden()
    box.fill("x" * 468 + " en dit is te veel")
    expect(clerk.locator("#reply-excess mark")).to_have_text(" en dit is te veel")
    expect(clerk.locator("#reply-counter")).to_contain_text("te lang")
    box.fill("Kort.")
    expect(clerk.locator("#reply-excess")).to_be_hidden()
    expect(clerk.locator("#audience")).to_contain_text("Wie het bericht kan zien")


def test_an_answer_may_be_for_its_reader_alone_where_the_service_can(demo: Demo, clerk: Page) -> None:
    clerk.goto(f"{demo.url}/desk/tickets/{demo.ticket_of('social.mastodon')}")
    clerk.get_by_label("Wie ziet het antwoord").select_option("direct")
    expect(clerk.locator("#audience")).to_contain_text("Alleen de afzender")
    expect(clerk.locator("#audience.public")).to_have_count(0)
    expect(clerk.locator(".for-reply [data-saved]")).to_have_text("Concept bewaard")
    clerk.reload()
    expect(clerk.get_by_label("Wie ziet het antwoord")).to_have_value("direct")
    clerk.get_by_label("Uw antwoord").fill("Dit is alleen voor u bestemd.")
    clerk.get_by_role("button", name="Versturen").click()
    shown = re.compile(r"direct</small><p>[^<]*Dit is alleen voor u bestemd\.")
    until(lambda: shown.search(demo.shown_at("Mastodon")), 60, 0.2, "a direct post on Mastodon's page")


def test_a_private_reply_on_facebook_reaches_its_writer_alone_and_only_once(demo: Demo, clerk: Page) -> None:
    address = f"{demo.url}/desk/tickets/{demo.ticket_of('social.facebook')}"

    def reply_privately(words: str) -> None:
        clerk.goto(address)
        clerk.get_by_label("Wie ziet het antwoord").select_option("direct")
        expect(clerk.locator("#audience")).to_contain_text("Alleen de schrijver, in Messenger")
        clerk.get_by_label("Uw antwoord").fill(words)
        clerk.get_by_role("button", name="Versturen").click()
        expect(clerk.locator(".message.ours").last).to_contain_text(words)

    reply_privately("Uw adres staat op de lijst, alleen voor u.")
    shown = re.compile(r"in Messenger</small><p>Uw adres staat op de lijst, alleen voor u\.")
    until(lambda: shown.search(demo.shown_at("Facebook")), 60, 0.2, "a private reply on Facebook's page")
    reply_privately("En nog iets, alleen voor u.")
    refused = clerk.locator(".message.ours").last
    expect(refused).to_contain_text("Activity already replied to", timeout=30_000)
    assert "En nog iets" not in demo.shown_at("Facebook")


def test_a_long_answer_goes_out_on_x_in_several_posts_once_an_administrator_chose_that(
    demo: Demo, clerk: Page, administrator: Page
) -> None:
    address = f"{demo.url}/desk/tickets/{demo.ticket_of('social.x')}"
    words = "De milieustraat is op zaterdag dicht omdat er dan wordt gewerkt aan de nieuwe weegbrug. " * 4
    clerk.goto(address)
    clerk.get_by_label("Uw antwoord").fill(words)
    expect(clerk.locator("#reply-counter")).to_contain_text("te lang")

    administrator.goto(f"{demo.url}/desk/accounts")
    administrator.get_by_role("link", name="X (nagebootst)").click()
    administrator.get_by_label("Lange antwoorden splitsen").check()
    administrator.get_by_role("button", name="Bewaren").click()
    expect(administrator).to_have_url(re.compile("/desk/accounts"))

    clerk.goto(address)
    clerk.get_by_label("Uw antwoord").fill(words + "Dat was het.")
    expect(clerk.locator("[data-said]")).to_have_text("Gaat uit als 2 berichten. Kost ongeveer $0.020.")
    expect(clerk.locator("#reply-excess")).to_be_hidden()
    clerk.get_by_role("button", name="Versturen").click()
    until(lambda: "Dat was het. (2/2)" in demo.shown_at("X"), 60, 0.2, "the second post on X's page")
    assert "(1/2)" in demo.shown_at("X")
    ours = clerk.locator(".message.ours").last
    expect(ours.locator(".delivery")).to_contain_text("Verstuurd", timeout=20_000)
    expect(ours).to_contain_text("Dat was het.")


TAKES_BACK = {kind.key for kind in KINDS if hasattr(kind.channel, "retract")} & set(WALKED)


@pytest.mark.parametrize("kind", sorted(TAKES_BACK))
def test_an_answer_is_corrected_and_taken_back_at_the_desk_and_so_on_the_services_page(
    demo: Demo, clerk: Page, kind: str
) -> None:
    clerk.goto(f"{demo.url}/desk/tickets/{demo.ticket_of(kind)}")
    answer = f"Dit klopte niet en wordt teruggenomen bij {kind}."
    clerk.get_by_label("Uw antwoord").fill(answer)
    clerk.get_by_role("button", name="Versturen").click()
    until(lambda: answer in demo.shown_at(WALKED[kind]), 60, 0.2, f"the answer on the page of {WALKED[kind]}")
    said = clerk.locator(".message.ours").filter(has_text=answer)
    expect(said.locator(".delivery")).to_contain_text("Verstuurd", timeout=20_000)
    clerk.reload()
    better = f"Zo klopt het, en dit wordt teruggenomen bij {kind}."
    said.locator("summary", has_text="Verbeteren").click()
    said.get_by_label("Wat er voortaan staat").fill(better)
    said.get_by_role("button", name="Verbetering versturen").click()
    until(lambda: better in demo.shown_at(WALKED[kind]), 60, 0.2, f"the correction on the page of {WALKED[kind]}")
    assert answer not in demo.shown_at(WALKED[kind])
    said = clerk.locator(".message.ours").filter(has_text=better)
    expect(said).to_contain_text("Verbeterd", timeout=20_000)
    clerk.reload()
    said.locator("summary", has_text="Terugnemen").click()
    said.get_by_role("button", name="Nu terugnemen").click()
    until(lambda: answer not in demo.shown_at(WALKED[kind]), 60, 0.2, f"gone from the page of {WALKED[kind]}")
    expect(said).to_contain_text("Teruggenomen", timeout=20_000)
    expect(said.locator("summary", has_text="Terugnemen")).to_have_count(0)


def emulators(given: dict[str, str], folder: Path) -> "Emulators":
    """The runner as a process, until the end of the block."""
    return Emulators(given, folder / "emulators.out")


class Emulators:
    """`python -m tests.emulators.serve --demo`; what it says is in a file."""

    def __init__(self, given: dict[str, str], out: Path) -> None:
        self._given = given
        self._out = out

    def __enter__(self) -> Path:
        command = [sys.executable, "-m", "tests.emulators.serve", "--demo"]
        with self._out.open("wb") as out:
            self._process = subprocess.Popen(command, env=without_ours(self._given), cwd=ROOT, stdout=out, stderr=out)
        return self._out

    def __exit__(self, *_: object) -> None:
        self._process.send_signal(signal.SIGTERM)
        self._process.wait(30)


def _listed(said: str) -> dict[str, str]:
    """Names and addresses, once all are there."""
    rows = [line.rsplit(maxsplit=1) for line in said.splitlines() if line.startswith("    ")]
    found = {name.strip(): url for name, url in rows}
    return found if set(WALKED.values()) <= set(found) else {}
