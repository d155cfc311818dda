"""What people see when something goes wrong: a page in their language that says what to do, and nothing of what was sent."""

import re

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy.exc import OperationalError
from starlette.exceptions import HTTPException

from app.errors import Conflict, Forbidden, Invalid, NotFound
from app.settings import Settings
from app.storage.database import Database
from app.storage.keys import Keys
from app.vocabulary import Language
from app.web.application import application
from app.web.i18n import translated
from app.web.problems import FIXES, TITLES
from tests.web import made

SECRET = "geheim-en-van-een-burger"
WENT_WRONG: dict[int, Exception] = {
    400: Invalid("mixed", "Check what you entered and try again."),
    401: HTTPException(401),
    403: Forbidden("admin", "This page is for administrators. Ask one of them."),
    404: NotFound("ticket", "There is no such ticket, or it is not open to you. Check the reference."),
    405: HTTPException(405),
    409: Conflict("taken", "There is one with this name or address already; choose another."),
    412: Conflict("changed", "The ticket changed since you last saw it. Look at what is new, then try again."),
    413: HTTPException(413, "Send at most 2048 bytes."),
    415: HTTPException(415, "Send application/json."),
    428: Conflict("if_match_missing", "Say which version you saw"),
    429: HTTPException(429, "Too much came from your address. Try again later.", {"Retry-After": "60"}),
    500: RuntimeError(SECRET),
    503: OperationalError(SECRET, {}, Exception(SECRET)),
}
PLACES = ("/desk/wrong", "/status/wrong")


@pytest.fixture
def client(database: Database, settings: Settings, keys: Keys) -> TestClient:
    app: FastAPI = application(made.state(database, settings, keys))

    @app.get("/desk/wrong/{status}")
    @app.get("/status/wrong/{status}")
    def wrong(status: int) -> None:
        raise WENT_WRONG[status]

    return TestClient(app)


def test_every_title_has_a_page(client: TestClient) -> None:
    assert set(WENT_WRONG) == set(TITLES)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("status", WENT_WRONG)
def test_people_read_in_their_own_language_what_went_wrong_and_what_to_do(
    client: TestClient, status: int, place: str
) -> None:
    pages = {}
    for language in Language:
        answer = client.get(f"{place}/{status}", headers={"Accept": "text/html", "Accept-Language": language})
        assert answer.status_code == status
        assert answer.headers["Content-Language"] == language
        assert f'<html lang="{language}">' in answer.text
        assert f"<h1>{translated(language, TITLES[status])}</h1>" in answer.text.replace("&#39;", "'")
        assert SECRET not in answer.text
        assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
        pages[language] = answer.text
    assert translated(Language.DUTCH, TITLES[status]) != TITLES[status], "no Dutch title"
    english = getattr(WENT_WRONG[status], "fix", None) or FIXES[status]
    assert english not in pages[Language.DUTCH], "an English sentence on a Dutch page"
    assert translated(Language.DUTCH, FIXES[status]) != FIXES[status]


def test_the_way_back_leads_to_the_desk_or_to_the_front_door(client: TestClient) -> None:
    desk, citizen = (client.get(f"{place}/404", headers={"Accept": "text/html"}).text for place in PLACES)
    assert 'class="button" href="/desk"' in desk
    assert 'class="button" href="/"' in citizen


def test_an_incident_can_be_mentioned_and_a_busy_moment_says_when_to_come_back(client: TestClient) -> None:
    page = client.get("/desk/wrong/500", headers={"Accept": "text/html", "Accept-Language": "nl"}).text
    assert re.search(r"Noem dit nummer als u het meldt: [0-9a-f]{12}\.", page), page
    assert client.get("/status/wrong/429", headers={"Accept": "text/html"}).headers["Retry-After"] == "60"
    assert int(client.get("/status/wrong/503", headers={"Accept": "text/html"}).headers["Retry-After"]) > 0


def test_an_address_that_makes_no_sense_is_a_page_too_and_says_nothing_of_it_back(client: TestClient) -> None:
    answer = client.get(f"/desk/wrong/{SECRET}", headers={"Accept": "text/html"})
    assert answer.status_code == 400
    assert SECRET not in answer.text
