"""An invitation of which nobody can tell whether it went out, as who runs the poll meets it."""

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import text, update

from app.models import Agent
from tests.desk.conftest import Served
from tests.servers.browser import axe_violations

MAKE = (
    "WITH made AS (INSERT INTO poll (account_id, key, title_nl, title_en, questions, published_at) "
    "SELECT id, 'park', 'Het park', 'The park', '[]', now() FROM account LIMIT 1 RETURNING id, account_id) "
    "INSERT INTO mailing (poll_id, account_id, address, language, title, sealed, key, state, not_before, problem) "
    "SELECT made.id, account_id, name || '@bewoner.example', 'nl', '', '', name, state, now(), 'Mailbox full' FROM made, "
    "(VALUES ('een', 'uncertain'), ('twee', 'uncertain'), ('drie', 'refused')) AS mails (name, state)"
)


@pytest.mark.parametrize("language", ["nl", "en"])
def test_one_comes_from_what_waits_to_the_polls_page_and_says_what_became_of_it(
    served: Served, page: Page, axe: str, language: str
) -> None:
    with served.desk.database.unit_of_work() as session:
        session.execute(text(MAKE))
        session.execute(update(Agent).values(language=language))
    served.sign_in(page, served.desk.office.chief)
    page.goto(f"{served.url}/desk/attention")
    found = axe_violations(page, axe)
    page.get_by_role("link", name="Het park" if language == "nl" else "The park").click()
    found += axe_violations(page, axe)
    doubted = page.locator("#doubted")
    sent = "Het is wel uitgegaan" if language == "nl" else "It did go out"
    doubted.get_by_role("listitem").filter(has_text="een@bewoner.example").get_by_role("button", name=sent).click()
    expect(page.locator("#doubted").get_by_role("listitem")).to_have_count(1)
    page.locator("#doubted").get_by_role("button").last.click()
    expect(page.locator("#doubted")).to_have_count(0)
    assert found == []
