"""A comment under a web page by somebody who left a mail address, against a real Postfix and Dovecot."""

import json
from email.utils import parseaddr

import pytest

from app.accounts import change
from app.channels.comments.settings import FormSettings
from app.channels.contract import WebhookRequest
from app.clock import now
from app.identity import staff
from app.intake.means import Means
from app.intake.receive import receive
from app.tickets import reference
from tests.journey.client import Citizen, text_of
from tests.journey.hall import NAME, TownHall
from tests.servers.mail import Mailbox
from tests.until import until

pytestmark = pytest.mark.usefixtures("worker")


@pytest.fixture
def site(hall: TownHall, box: Mailbox) -> int:
    """The account of a website's comments; it names the town's mailbox."""
    system = hall.system
    with system.database.unit_of_work() as session:
        return change.create(
            session, system.keys, organisation_id=staff.own_organisation(session) or 0, kind="comments.form", name="Site",
            settings=FormSettings(min_seconds=0), mail_account_id=hall.one("SELECT id FROM account WHERE kind = 'mail'"),
        )  # fmt: skip


def comment(hall: TownHall, site: int, email: str, words: str) -> None:
    """As the site's own server hands it over."""
    system = hall.system
    said = {
        "id": "c1", "page": "afval-2026", "page_title": "De groene bak", "text": words, "name": "Bewoner", "email": email,
    }  # fmt: skip
    push = WebhookRequest(
        "POST",
        "https://x.example",
        {"content-type": "application/json"},
        json.dumps(said).encode(),
        "",
        now(),
        "site:1",
    )
    receive(Means(system.database, system.accounts, system.keys, system.blobs), system.accounts.row(site), push)


def test_a_comment_is_answered_on_the_page_and_by_mail_and_the_reply_to_that_mail_joins_it(
    hall: TownHall, box: Mailbox, citizen: Citizen, site: int
) -> None:
    comment(hall, site, citizen.address, "Wanneer wordt de groene bak geleegd?")
    ticket = hall.ticket_about("De groene bak")
    receipt = citizen.gets("Wij hebben het ontvangen")
    assert reference.of(ticket) in text_of(receipt)
    assert "Bewoner" not in receipt["To"]

    hall.answer(ticket, "Elke woensdag.")
    answer = citizen.gets("Elke woensdag.")
    assert parseaddr(answer["From"]) == (NAME, box.address)
    assert answer["In-Reply-To"] == receipt["Message-ID"]
    assert answer["Subject"] == "Re: De groene bak"
    published = "SELECT publication FROM message WHERE kind = 'reply' AND visibility = 'public'"
    until(lambda: hall.one(published) == "published", 15, saying="it stands on the page as well")

    citizen.replies(answer, "Dank, en in december?")
    until(lambda: hall.one("SELECT count(*) FROM message WHERE kind = 'reaction'") == 2, 15, saying="the reply is in")
    assert hall.one("SELECT count(*) FROM ticket") == 1
    assert hall.one("SELECT visibility FROM message ORDER BY id DESC LIMIT 1") == "private"

    hall.answer(ticket, "In december om de week.")
    last = citizen.gets("In december om de week.")
    assert answer["Message-ID"] in last["References"].split()
    assert hall.one("SELECT count(*) FROM message WHERE publication = 'published' AND kind = 'reply'") == 1
    assert hall.balanced()
