"""Pictures of the citizens' pages for people to look at: build/screens/public-NAME-LANGUAGE-WIDTH.png."""

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, expect

from app.settings import Settings
from app.storage.database import Database
from app.storage.keys import Keys
from app.vocabulary import Verdict
from tests.public.conftest import PAGE, SITE, TITLE, Town, build, running

ANSWER = """Dat begrijpen wij. Van juni tot en met augustus kunt u zonder kosten een tweede groene bak lenen.

U vraagt hem aan op de afvalkalender."""
SIZES: tuple[tuple[int, Literal["light", "dark"]], ...] = ((1280, "light"), (390, "light"), (1280, "dark"))
BUILD = Path(__file__).resolve().parents[2] / "build" / "screens"


@pytest.fixture
def town_served(database: Database, settings: Settings, keys: Keys) -> Iterator[Town]:
    """The town on a port; its name leaves `served` to the desk's pictures."""
    with running(build(database, settings, keys)) as town:
        yield town


@pytest.mark.screens
@pytest.mark.parametrize("language", ["nl", "en"])
def test_take_pictures_of_the_public_pages(town_served: Town, browser: Browser, language: str) -> None:
    served = town_served
    BUILD.mkdir(parents=True, exist_ok=True)
    first = served.comments(
        text="Kan de groene bak in de zomer weer elke week geleegd worden? Na twee weken ruikt hij flink."
    )
    second = served.comments(text="Goed plan, en minder zware wagens in de straat.", name="")
    third = served.comments(text="Dit bericht noemt een buurman bij naam.", name="Buurtgenoot")
    served.answers(served.ticket(first), ANSWER)
    served.decides(served.ticket(third), Verdict.HIDE, "Er staat een naam van iemand anders in.")
    for width, colours in SIZES:
        context = browser.new_context(
            locale="nl-NL" if language == "nl" else "en-GB",
            viewport={"width": width, "height": 900},
            color_scheme=colours,
        )
        page = context.new_page()

        def take(name: str, width: int = width, colours: str = colours) -> None:
            shade = "" if colours == "light" else "-dark"
            page.screenshot(path=BUILD / f"public-{name}-{language}-{width}{shade}.png", full_page=True)  # noqa: B023

        for name, address in {
            "start": "/",
            "accessibility": "/accessibility",
            "form": f"/sites/{SITE}/pages/{PAGE}/form?title={TITLE}",
            "status": first["status_url"].removeprefix(served.url),
            "status-new": second["status_url"].removeprefix(served.url),
            "status-hidden": third["status_url"].removeprefix(served.url),
            "unknown": "/status/s-1-1-aaaaaaaaaaaaaaaaaaaaaaaaaa",
            "receipt": f"/sites/{SITE}/receipts/" + second["status_url"].rpartition("/")[2],
        }.items():
            page.goto(served.url + address)
            take(name)
        page.goto(f"{served.url}/example?lang={language}")
        expect(page.locator("weerklank-comments .answer")).to_be_visible()
        expect(page.locator("weerklank-comments #text-hint")).to_contain_text("5")
        take("example")
        page.evaluate("stamp => { document.querySelector('weerklank-comments').stamp = stamp }", served.stamp())
        page.locator("weerklank-comments #text").fill(
            "Wanneer begint het precies?" if language == "nl" else "When does it start?"
        )
        page.locator("weerklank-comments button[type=submit]").click()
        expect(page.locator("weerklank-comments .reference")).to_be_visible()
        take("example-receipt")
        context.close()
