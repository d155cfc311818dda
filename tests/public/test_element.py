"""The embedded element in a real browser: writing, the receipt, the answer that appears, outages, hostile words."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, Route, expect

from tests.public.conftest import Town
from tests.servers.browser import axe_violations
from tests.until import until


@pytest.fixture
def example(served: Town, page: Page) -> Iterator[Page]:
    """The example page, where somebody has taken the time to read it."""
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.goto(f"{served.url}/example?lang=nl")
    expect(page.locator("weerklank-comments #text-hint")).to_contain_text("Hoogstens 5.000 tekens")
    yield page
    assert problems == []


def writes(page: Page, town: Town, text: str, **more: str) -> None:
    """Fill in the form; the stamp is old enough for a person."""
    expect(page.locator("weerklank-comments #text-hint")).to_contain_text("tekens")
    page.evaluate("stamp => { document.querySelector('weerklank-comments').stamp = stamp }", town.stamp())
    page.get_by_label("Uw reactie").fill(text)
    for label, value in more.items():
        page.get_by_label({"name": "Uw naam", "email": "Uw e-mailadres"}[label]).fill(value)


def sends(page: Page) -> None:
    page.get_by_role("button", name="Verstuur mijn reactie").click()


def test_a_comment_its_receipt_and_the_answer_that_appears_without_reloading(
    served: Town, example: Page, axe: str
) -> None:
    writes(example, served, "Mag de bak in de zomer wekelijks?", name="Een bewoner")
    sends(example)
    expect(example.get_by_role("heading", name="Wij hebben uw reactie ontvangen")).to_be_focused()
    reference = example.locator("weerklank-comments .reference").inner_text()
    assert re.fullmatch(r"WK-\d+-[A-Z]", reference)
    expect(example.get_by_role("listitem").filter(has_text="Mag de bak in de zomer wekelijks?")).to_be_visible()
    assert axe_violations(example, axe) == []

    served.answers(int(reference.split("-")[1]), "Ja: leen een tweede bak.")
    example.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(example.locator("weerklank-comments .answer")).to_contain_text("Ja: leen een tweede bak.")

    link = example.get_by_role("link", name="Volg uw reactie op uw eigen statuspagina")
    with example.context.expect_page() as opened:
        link.click()
    status = opened.value
    expect(status.get_by_text("Ja: leen een tweede bak.")).to_be_visible()
    assert status.evaluate("document.referrer") == ""
    assert axe_violations(status, axe) == []


def test_mistakes_are_named_beside_the_field_and_nothing_typed_is_lost(example: Page, served: Town, axe: str) -> None:
    writes(example, served, "Dag", email="geen adres")
    sends(example)
    email = example.get_by_label("Uw e-mailadres")
    expect(email).to_be_focused()
    expect(email).to_have_attribute("aria-invalid", "true")
    expect(example.locator("weerklank-comments #email-fault")).to_contain_text("geen e-mailadres")
    expect(example.get_by_label("Uw reactie")).to_have_value("Dag")
    assert axe_violations(example, axe) == []
    example.reload()
    expect(example.get_by_label("Uw reactie")).to_have_value("Dag")


def test_what_was_written_during_an_outage_is_kept_and_sent_again(example: Page, served: Town) -> None:
    away = True

    def answer(route: Route) -> None:
        if away:
            route.fulfill(status=503, headers={"Retry-After": "10"}, body="{}")
        else:
            route.continue_()

    example.route("**/sites/*/comments*", answer)
    writes(example, served, "Bewaar dit goed.")
    sends(example)
    expect(example.locator("weerklank-comments .notice")).to_contain_text("veilig in deze browser")
    example.reload()
    expect(example.get_by_label("Uw reactie")).to_have_value("Bewaar dit goed.")
    assert served.published()["count"] == 0
    away = False
    example.evaluate("window.dispatchEvent(new Event('online'))")
    expect(example.get_by_role("heading", name="Wij hebben uw reactie ontvangen")).to_be_visible()
    until(lambda: served.published()["count"] == 1)
    assert example.evaluate("Object.keys(localStorage).length") == 0


def test_over_the_limit_the_text_stays_and_is_sent_later(example: Page, served: Town) -> None:
    answers = [429, 201]

    def answer(route: Route) -> None:
        if answers.pop(0) == 429:
            route.fulfill(status=429, headers={"Retry-After": "1"}, body="{}")
        else:
            route.continue_()

    example.route("**/sites/*/comments*", answer)
    writes(example, served, "Nog een keer.")
    sends(example)
    expect(example.locator("weerklank-comments .notice")).to_contain_text("erg druk")
    expect(example.get_by_role("heading", name="Wij hebben uw reactie ontvangen")).to_be_visible()
    assert served.published()["count"] == 1


HOSTILE = (
    "<script>window.hit = 1</script>", '<img src=x onerror="window.hit = 1">', '"><svg onload="window.hit=1">',
    "javascript:window.hit=1", "</textarea><script>window.hit=1</script>", "{{ 7 * 7 }}${window.hit=1}",
)  # fmt: skip


def test_hostile_markup_is_shown_as_words_on_every_page(served: Town, page: Page) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    receipts = [served.comments(text=f"Let op: {markup}", name=markup[:190]) for markup in HOSTILE]
    served.answers(served.ticket(receipts[0]), f"Antwoord {HOSTILE[0]}")
    page.goto(f"{served.url}/example?lang=nl")
    expect(page.locator("weerklank-comments .comment")).to_have_count(len(HOSTILE))
    addresses = [receipt["status_url"] for receipt in receipts]
    for address in (page.url, *addresses):
        page.goto(address)
        expect(page.get_by_text("Let op:").first).to_be_visible()
        assert page.evaluate("window.hit") is None
    assert [url for url in asked if not url.startswith(served.url)] == []


def test_the_whole_way_by_keyboard_alone(example: Page, served: Town) -> None:
    writes(example, served, "")
    example.get_by_label("Uw reactie").focus()
    example.keyboard.type("Met toetsen.")
    for _ in range(4):  # name, address, tick, button: the field that people do not see is no stop
        example.keyboard.press("Tab")
    example.keyboard.press("Enter")
    expect(example.get_by_role("heading", name="Wij hebben uw reactie ontvangen")).to_be_focused()
    example.keyboard.press("Tab")
    expect(example.get_by_role("link", name="Volg uw reactie")).to_be_focused()
