"""Pictures of the desk's pages for people to look at: build/screens/NAME-LANGUAGE-WIDTH.png (`make screens`)."""

from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser
from sqlalchemy import update

from app.models import Agent
from tests.desk.conftest import Served

Colours = Literal["light", "dark"]
BUILD = Path(__file__).resolve().parents[2] / "build" / "screens"
PAGES = {
    "my-work": "/desk",
    "queue": "/desk/queues/{streets}",
    "unassigned": "/desk/unassigned",
    "all-tickets": "/desk/tickets",
    "ticket": "/desk/tickets/{first}",
    "note": "/desk/tickets/{first}?mode=note",
    "preferences": "/desk/me",
}
KEEPING = {
    "ledger": "/desk/ledger",
    "set-aside": "/desk/set-aside",
    "organisation": "/desk/organisation",
    "team": "/desk/organisation/teams/{streets}",
    "rules": "/desk/rules",
    "templates": "/desk/templates",
    "accounts": "/desk/accounts",
    "account": "/desk/accounts/new?kind=mail",
}


@pytest.mark.screens
@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize(("width", "colours"), [(1280, "light"), (1280, "dark"), (390, "light")])
def test_take_pictures_of_the_desk(
    served: Served, browser: Browser, language: str, width: int, colours: Colours
) -> None:
    BUILD.mkdir(parents=True, exist_ok=True)
    office = served.desk.office
    with served.desk.database.unit_of_work() as session:
        session.execute(update(Agent).values(language=language))
    context = browser.new_context(
        locale="nl-NL" if language == "nl" else "en-GB", viewport={"width": width, "height": 900}, color_scheme=colours
    )
    page = context.new_page()
    shade = "" if colours == "light" else "-dark"
    page.goto(f"{served.url}/desk/sign-in")
    page.screenshot(path=BUILD / f"sign-in-{language}-{width}{shade}.png")
    served.sign_in(page, office.ada)
    for name, address in {**PAGES, **KEEPING}.items():
        served.sign_in(page, office.chief if name in KEEPING else office.ada)
        page.goto(served.url + address.format(streets=office.streets, first=office.tickets[0]))
        page.screenshot(path=BUILD / f"{name}-{language}-{width}{shade}.png", full_page=True)
    context.close()
