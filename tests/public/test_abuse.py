"""Programs that post, too many posts, bodies that break things, and a database that is away."""

import json
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import func, select, text, update

from app.models import Account, Message, RawItem, Throttle
from app.storage.database import Database
from app.web import throttle
from tests.public.conftest import PAGE, SITE, Town, citizens_pages
from tests.until import until
from tests.web import made

JSON = {"content-type": "application/json"}


def said(town: Town, **more: Any) -> dict[str, Any]:
    answer = town.client().post(f"/sites/{SITE}/comments", json=town.fields(**more))
    assert answer.status_code == 201
    found: dict[str, Any] = answer.json()
    return found


@pytest.mark.parametrize(
    ("trick", "why"),
    [
        ({"website": "https://spam.example"}, "Een veld dat mensen niet zien"),
        ({"fast": True}, "heel snel na het openen"),
        ({"stamp": "1.x"}, "niet van ons eigen formulier"),
    ],
)
def test_what_looks_like_a_program_is_held_and_its_author_told_why(town: Town, trick: dict[str, Any], why: str) -> None:
    receipt = said(town, **trick)
    assert receipt["publication"] == "held"
    assert town.published()["comments"] == []
    page = town.status(receipt)
    assert "Nog niet op de pagina" in page
    assert why in page


def _used_up(town: Town, count: int) -> None:
    """So many comments came from every address within this hour."""
    with town.database.unit_of_work() as session:
        session.execute(update(Throttle).values(count=count))


def test_over_the_limit_an_address_hears_when_to_come_back_and_another_goes_on(town: Town) -> None:
    said(town)
    _used_up(town, throttle.COMMENTS_AN_HOUR)
    answer = town.client().post(f"/sites/{SITE}/comments", json=town.fields())
    assert answer.status_code == 429
    assert 0 < int(answer.headers["retry-after"]) <= 3601
    assert town.published()["count"] == 1
    with town.database.unit_of_work() as session:
        session.execute(update(Throttle).values(hour=Throttle.hour - text("interval '1 hour'")))
    said(town)


def test_the_counter_holds_no_address(town: Town) -> None:
    said(town)
    with town.database.read_only() as session:
        keys = list(session.scalars(select(Throttle.key)))
    assert keys
    assert not any("testclient" in key or "." in key for key in keys)


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (b"1e999999", JSON, 400),
        (b'{"id": "a", "page": "p", "text": "x", "private": 1e999999}', JSON, 201),
        (b"[" * 100_000, JSON, 400),
        (b"{", JSON, 400),
        (b"null", JSON, 400),
        (b"x=1", {"content-type": "text/plain"}, 415),
        (b"", {}, 415),
        (b"x" * 2_000_000, JSON, 413),
        (b'{"id": "b", "page": "p", "text": "half \\ud800 and \\u0000"}', JSON, 201),
        (b'{"id": "", "page": "p", "text": "x"}', JSON, 400),
        (b'{"id": "c", "page": "p", "event": "withdrawn"}', JSON, 401),
        (b'{"id": 7, "page": ["p"], "text": {"a": 1}}', JSON, 400),
    ],
)
def test_broken_bodies_get_a_clear_answer(town: Town, body: bytes, headers: dict[str, str], status: int) -> None:
    answer = town.client().post(f"/sites/{SITE}/comments", content=body, headers=headers)
    assert answer.status_code == status, answer.text
    with town.database.read_only() as session:
        assert session.scalar(select(func.count()).select_from(RawItem)) == (1 if status == 201 else 0)


def test_while_the_database_is_away_a_sender_hears_to_try_again(town: Town) -> None:
    nobody = Database("postgresql://nobody@127.0.0.1:9/nothing")
    without = made.state(nobody, town.state.settings, town.state.keys, town.state.accounts.kinds)
    away = replace(town, state=without, app=citizens_pages(without)).client()
    for path, body in ((f"/sites/{SITE}/comments", town.fields()), ("/hooks/anything", {})):
        answer = away.post(path, json=body)
        assert answer.status_code == 503
        assert int(answer.headers["retry-after"]) > 0


def test_what_cannot_be_admitted_now_gets_an_honest_receipt_and_its_reference_later(town: Town) -> None:
    with town.database.unit_of_work() as session:
        session.execute(text("ALTER TABLE message RENAME TO message_elsewhere"))
        session.execute(text("CREATE VIEW message AS SELECT * FROM message_elsewhere WHERE false"))
        session.execute(text("ALTER TABLE ticket RENAME COLUMN subject TO subject_elsewhere"))
    answer = town.client().post(f"/sites/{SITE}/comments", json=town.fields())
    with town.database.unit_of_work() as session:
        session.execute(text("ALTER TABLE ticket RENAME COLUMN subject_elsewhere TO subject"))
        session.execute(text("DROP VIEW message"))
        session.execute(text("ALTER TABLE message_elsewhere RENAME TO message"))
    assert answer.status_code == 202
    assert answer.json()["reference"] is None
    path = answer.json()["status_url"].removeprefix(town.url)
    with town.database.read_only() as session:
        state = session.scalars(select(RawItem.state)).one()
    assert "veilig bewaard" in town.client().get(f"{path}?lang=nl").text, state
    until(lambda: _reason(town) != "", seconds=30, saying="the first try is over")
    with town.database.unit_of_work() as session:
        session.execute(update(RawItem).values(state="new", tries=0, not_before=None, reason="", error=""))
    body = json.loads(_body(town))
    # A busy machine may take longer than a citizen is kept waiting; the same words again are the same comment.
    until(lambda: town.client().post(f"/sites/{SITE}/comments", json=body).status_code == 201, seconds=30)
    followed = town.client().get(path)
    assert followed.status_code == 303
    assert town.client().get(followed.headers["location"]).status_code == 200
    assert town.published()["count"] == 1


def _reason(town: Town) -> str:
    with town.database.read_only() as session:
        return session.scalars(select(RawItem.reason)).one()


def _body(town: Town) -> bytes:
    with town.database.read_only() as session:
        return session.scalars(select(RawItem.body)).one() or b""


def test_a_form_that_a_site_has_closed_takes_nothing_more(town: Town) -> None:
    with town.database.unit_of_work() as session:
        session.execute(
            text("INSERT INTO site_page (site_id, key, title, url, closed) VALUES (:s, :p, '', '', true)"),
            {"s": town.site, "p": PAGE},
        )
    assert town.client().post(f"/sites/{SITE}/comments", json=town.fields()).status_code == 409
    assert town.client().get(f"/sites/{SITE}/pages/{PAGE}/form").status_code == 409
    assert town.client().get(f"/sites/{SITE}/form", params={"page": PAGE}).json()["closed"] is True


def test_an_e_mail_address_in_the_place_of_a_name_is_not_published(town: Town) -> None:
    said(town, name="bewoner@post.example", email="bewoner@post.example")
    with town.database.read_only() as session:
        assert session.scalars(select(Message.author_name)).one() == "bewoner@post.example"
    assert "post.example" not in json.dumps(town.published())


def test_services_push_to_an_address_that_the_form_does_not_share(town: Town) -> None:
    with town.database.read_only() as session:
        key = session.scalars(select(Account.public_key)).one()
    for address in (f"/hooks/{key}", "/hooks/nobody"):
        assert town.client().post(address, content=b"{}").status_code == 404
