"""The whole way with a real WordPress: a comment by its own form, a ticket, and the answer under it on WordPress's own page."""

from collections.abc import Iterator
from dataclasses import replace
from threading import Event
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from pydantic import SecretStr

from app.accounts.change import create as create_account
from app.accounts.directory import Accounts
from app.channels.comments.wordpress import KIND, WordPressChannel
from app.channels.comments.wordpress_settings import WordPressSettings
from app.channels.contract import AccountConfig
from app.fetch import Fetched, fetch
from app.identity import staff
from app.main import build
from app.settings import Settings
from app.system import System, open_system
from app.tickets.moderate import moderate
from app.vocabulary import Verdict
from app.web.stream import Hub
from app.worker import Worker
from tests.journey.hall import TownHall, furnish
from tests.servers.wordpress import WordPress
from tests.until import until
from tests.web.server import serving

SECRET = "geheim-van-de-plug-in"
NEVER = 3600  # seconds between two polls: what arrives sooner was pushed


@pytest.fixture
def often(database_settings: Settings) -> Iterator[System]:
    with open_system(database_settings.model_copy(update={"poll_seconds": 0.5}), name="weerklank journey") as opened:
        yield opened


@pytest.fixture
def seldom(database_settings: Settings) -> Iterator[System]:
    with open_system(database_settings.model_copy(update={"poll_seconds": NEVER}), name="weerklank journey") as opened:
        yield opened


def account(system: System, site: WordPress, **more: Any) -> int:
    """The site as an account of the town."""
    settings = WordPressSettings(
        site_url=site.url, user=site.user, application_password=SecretStr(site.password), webhook_secret=SecretStr(SECRET), **more
    )  # fmt: skip
    with system.database.unit_of_work() as session:
        organisation = staff.own_organisation(session)
        assert organisation is not None
        return create_account(
            session, system.keys, organisation_id=organisation, kind="comments.wordpress", name="Site", settings=settings,
            receipts=False,
        )  # fmt: skip


def message_of(hall: TownHall, ticket: int) -> int:
    return int(hall.one("SELECT id FROM message WHERE ticket_id = :t AND kind = 'reaction'", t=ticket))


def test_a_comment_by_wordpresss_form_is_answered_under_it_on_wordpresss_page(
    often: System, wordpress: WordPress, page: Page
) -> None:
    hall = furnish(often)
    account(often, wordpress)
    post = wordpress.publish("De groene bak")
    with Worker(often):
        page.goto(f"{wordpress.url}/?p={post}")
        page.locator("#comment").fill("Wanneer komt de groene bak?")
        page.locator("#author").fill("Een Bewoner")
        page.locator("#email").fill("een.bewoner@burgers.example")
        page.locator("#submit").click()
        ticket = hall.ticket_about("Wanneer komt de groene bak?")
        (shown,) = hall.rows("SELECT subject_title, subject_url, is_public FROM ticket WHERE id = :t", t=ticket)
        assert shown == ("De groene bak", f"{wordpress.url}/?p={post}", True)
        replied = hall.answer(ticket, "Elke tweede dinsdag, vanaf <maart>.")
        until(lambda: hall.state(replied.delivery_id) == "sent", 20, saying="the answer is sent")
    page.goto(f"{wordpress.url}/?p={post}")
    question = page.locator("li.comment", has_text="Wanneer komt de groene bak?").first
    answer = question.locator("ol.children article")
    expect(answer).to_contain_text("Elke tweede dinsdag, vanaf <maart>.")
    expect(answer.locator(".comment-author")).to_contain_text("Klantcontact")
    url = hall.one("SELECT url FROM delivery WHERE id = :d", d=replied.delivery_id)
    assert url.endswith(f"#{answer.locator('..').get_attribute('id')}")
    assert wordpress.page(post).count("Elke tweede dinsdag") == 1
    assert hall.balanced()


class SlowToAnswer:
    """The way to a site that does at once what it is asked, and whose answer to what we post is long in coming."""

    def __init__(self) -> None:
        self.done = Event()
        self.go_on = Event()

    def __call__(self, method: str, url: str, **more: Any) -> Fetched:
        answered = fetch(method, url, **more)
        if method == "POST":
            self.done.set()
            assert self.go_on.wait(30)
        return answered


def reached_by(http: SlowToAnswer, system: System) -> Accounts:
    """The accounts of sites, each reached that way."""

    def build(config: AccountConfig) -> WordPressChannel:
        assert isinstance(config.settings, WordPressSettings)
        return WordPressChannel(config.settings, http=http)

    kinds = {KIND.key: replace(KIND, build=build)}
    return Accounts(system.database, system.keys, kinds, system.settings.base_url)


def test_an_answer_that_is_read_before_it_is_written_down_stands_once_and_a_colleagues_beside_it_is_kept(
    often: System, wordpress: WordPress
) -> None:
    http = SlowToAnswer()
    slow = replace(often, accounts=reached_by(http, often))
    hall = furnish(slow)
    account(slow, wordpress)
    number = wordpress.comment(post := wordpress.publish("De brug"), "Wanneer gaat de brug open?")
    with Worker(slow):
        replied = hall.answer(hall.ticket_about("Wanneer gaat de brug open?"), "In mei.")
        assert http.done.wait(20)
        wordpress.api("POST", "comments", post=post, parent=number, content="Ik kijk het na.")
        waiting = "SELECT count(*) FROM raw_item WHERE state = 'new' AND reason = 'delivery_under_way'"
        until(lambda: hall.one(waiting) == 2, 20, saying="both are read while the answer is under way")
        assert hall.state(replied.delivery_id) == "begun"
        http.go_on.set()
        until(lambda: hall.state(replied.delivery_id) == "sent", 20, saying="the answer is sent")
        said = "SELECT kind, text FROM message WHERE kind <> 'reaction' ORDER BY id"
        both = [("reply", "In mei."), ("own_post", "Ik kijk het na.")]
        until(lambda: hall.rows(said) == both, 60, saying="the colleague's answer")
        echo = "SELECT count(*) FROM raw_item WHERE state = 'applied' AND reason = 'echo'"
        until(lambda: hall.one(echo) == 1, 60, saying="our own is known")
    assert hall.rows(said) == both
    assert wordpress.page(post).count("In mei.") == 1
    assert hall.balanced()


def test_a_comment_is_pushed_by_the_plugin_and_everything_after_it_too(seldom: System, wordpress: WordPress) -> None:
    hall = furnish(seldom)
    site = account(seldom, wordpress)
    post = wordpress.publish("Het plein")
    with Worker(seldom) as _, serving(build(seldom, Hub(seldom.database))) as url:
        read = "SELECT succeeded_at IS NOT NULL FROM account_state WHERE account_id = :a"
        until(lambda: hall.one(read, a=site), 20, saying="the first and only poll")
        key = seldom.accounts.row(site).public_key
        wordpress.use_plugin(f"{url}/hooks/{key}", SECRET)
        number = wordpress.comment(post, "Komt er een bankje?")
        ticket = hall.ticket_about("Komt er een bankje?")
        replied = hall.answer(ticket, "Ja, in mei.")
        until(lambda: hall.state(replied.delivery_id) == "sent", 20, saying="the answer is sent")
        page = wordpress.page(post)
        assert page.index("Komt er een bankje?") < page.index("Ja, in mei.")

        wordpress.api("POST", f"comments/{number}", content="Komen er twee bankjes?")
        words = "SELECT text FROM message WHERE ticket_id = :t AND kind = 'reaction'"
        until(lambda: hall.one(words, t=ticket) == "Komen er twee bankjes?", 20, saying="the edit")
        wordpress.api("POST", "comments", post=post, parent=number, content="En een boom.")
        posts = "SELECT author_name, text FROM message WHERE ticket_id = :t AND kind = 'own_post'"
        until(lambda: hall.rows(posts, t=ticket) == [("beheerder", "En een boom.")], 20, saying="a colleague's answer")

        hidden = message_of(hall, ticket)
        with seldom.database.unit_of_work() as session:
            moderate(session, hall.clerk, hidden, Verdict.HIDE, "Dubbel.", elsewhere=True)
        until(lambda: "twee bankjes" not in wordpress.page(post), 20, 0.2, "it is hidden on the page")

        follow = wordpress.comment(post, "En waar dan?", parent=int(hall.one(
            "SELECT external_id FROM delivery WHERE id = :d", d=replied.delivery_id
        )))  # fmt: skip
        second = hall.ticket_about("En waar dan?")
        assert hall.rows("SELECT ticket_id, target_id FROM proposal") == [
            (second, ticket)
        ]  # a typed name joins nothing
        wordpress.api("DELETE", f"comments/{follow}")
        gone = "SELECT publication FROM message WHERE ticket_id = :t AND kind = 'reaction'"
        until(lambda: hall.one(gone, t=second) == "withdrawn", 20, saying="the withdrawal")
    assert hall.rows("SELECT state, count(*) FROM raw_item WHERE state IN ('set_aside', 'new') GROUP BY 1") == []
    assert hall.balanced()
