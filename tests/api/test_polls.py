"""Polls by the API: made, published, invited to, closed; the result hidden until it may be seen."""

from collections.abc import Iterator
from dataclasses import replace
from secrets import token_hex
from typing import Any

import pytest
from sqlalchemy import text

from app.accounts import change
from app.channels.polls.own import KIND
from tests.api.channel import PaperSettings
from tests.api.conftest import World
from tests.web.made import organisation

POLL: dict[str, Any] = {
    "title": {"nl": "Het park", "en": "The park"},
    "questions": [
        {"kind": "single", "text": {"nl": "Kleur?", "en": "Colour?"}, "required": True,
         "options": [{"nl": "Rood", "en": "Red"}, {"nl": "Groen", "en": "Green"}]},
        {"kind": "scale", "text": {"nl": "Mooi?", "en": "Nice?"}, "steps": 3, "options": []},
    ],
}  # fmt: skip


@pytest.fixture
def polling(world: World) -> Iterator[World]:
    """The world, where the installation knows polls."""
    before = dict(world.state.accounts.kinds)
    world.state.accounts.kinds[KIND.key] = KIND
    yield replace(world)
    world.state.accounts.kinds.clear()
    world.state.accounts.kinds.update(before)


def made(world: World, **more: Any) -> dict[str, Any]:
    answer = world.post("/polls", world.lead, {**POLL, **more})
    assert answer.status_code == 201, answer.text
    assert answer.headers["Location"].endswith(f"/api/v1/polls/{answer.json()['id']}")
    return dict(answer.json())


def votes(world: World, poll: dict[str, Any]) -> None:
    with world.database.unit_of_work() as session:
        item = session.scalar(text(
            "INSERT INTO raw_item (account_id, key, media_type, size, meta, completed, state, tries) "
            "VALUES (:account, :key, 'x', 0, '{}', '{}', 'applied', 1) RETURNING id"),
            {"account": poll["accountId"], "key": poll["key"]})  # fmt: skip
        for number, apart in enumerate(["", "", "burst"]):
            session.execute(text(
                "INSERT INTO vote (account_id, raw_item_id, external_id, poll_key, choices, invited, apart) "
                "VALUES (:account, :item, :external, :key, '{\"q1\": [\"o1\"], \"q2\": [\"3\"]}', false, :apart)"),
                {"account": poll["accountId"], "item": item, "external": f"{poll['key']}{number}", "key": poll["key"],
                 "apart": apart})  # fmt: skip


def test_a_poll_from_making_to_its_result(polling: World) -> None:
    poll = made(polling)
    assert (poll["state"], [q["key"] for q in poll["questions"]]) == ("draft", ["q1", "q2"])
    seen = polling.get(f"/polls/{poll['id']}", polling.lead).headers["ETag"]
    opened = polling.post(f"/polls/{poll['id']}/publish", polling.lead, If_Match=seen)
    assert opened.json()["state"] == "open"
    assert polling.post(f"/polls/{poll['id']}/close", polling.lead, If_Match=seen).status_code == 412
    votes(polling, poll)
    hidden = polling.get(f"/polls/{poll['id']}/result", polling.agent)
    assert (hidden.status_code, hidden.json()["code"]) == (403, "hidden")
    assert polling.get(f"/polls/{poll['id']}/result", polling.lead).status_code == 200
    assert (
        polling.post(f"/polls/{poll['id']}/close", polling.lead, If_Match=opened.headers["ETag"]).json()["state"]
        == "closed"
    )
    result = polling.get(f"/polls/{poll['id']}/result", polling.agent).json()
    assert result["votes"] == {"all": 3, "counted": 2}
    assert result["setApart"] == {"burst": 1}
    assert result["representative"] is False
    assert result["questions"][0]["options"][0] == {"key": "o1", "votes": {"all": 3, "counted": 2}}
    assert result["questions"][1]["mean"] == 3


def test_invitations_are_links_told_once(polling: World) -> None:
    poll = made(polling, invitedOnly=True)
    links = polling.post(f"/polls/{poll['id']}/invitations", polling.lead, {"count": 2}).json()["links"]
    assert len(set(links)) == 2
    assert all(link.startswith(f"{poll['publicUrl']}/i/") for link in links)
    assert links[0] not in polling.get(f"/polls/{poll['id']}", polling.lead).text


def test_employees_make_and_close_nothing(polling: World) -> None:
    poll = made(polling)
    assert polling.post("/polls", polling.agent, POLL).status_code == 403
    for verb in ("publish", "close"):
        assert polling.post(f"/polls/{poll['id']}/{verb}", polling.agent, If_Match="*").status_code == 403
    assert polling.post(f"/polls/{poll['id']}/invitations", polling.agent, {"count": 1}).status_code == 403


def test_what_is_wrong_is_named(polling: World) -> None:
    wrong = {**POLL, "title": {"nl": "", "en": "x"}, "questions": [{**POLL["questions"][0], "options": []}]}
    answer = polling.post("/polls", polling.lead, wrong)
    assert answer.status_code == 400
    assert {error["field"] for error in answer.json()["errors"]} == {"title.nl", "questions.0"}
    assert polling.post("/polls", polling.lead, {**POLL, "origins": ["nergens"]}).status_code == 400
    assert polling.get("/polls/999999", polling.lead).status_code == 404


def test_the_list_is_newest_first_in_pages(polling: World) -> None:
    newest = [made(polling)["id"] for _ in range(3)][::-1]
    first = polling.get("/polls", polling.agent, limit=2).json()
    assert [poll["id"] for poll in first["items"]] == newest[:2]
    second = polling.get("/polls", polling.agent, limit=2, after=first["next"]).json()
    assert second["items"][0]["id"] == newest[2]


EEN, TWEE = "een@bewoner.example", "twee@bewoner.example"


def mailbox(world: World) -> int:
    with world.database.unit_of_work() as session:
        return change.create(
            session, world.state.keys, organisation_id=organisation(session), kind="mail", name=f"Post {token_hex(4)}",
            settings=PaperSettings(office="x"),
        )  # fmt: skip


def published(world: World) -> str:
    poll = made(world)
    assert world.post(f"/polls/{poll['id']}/publish", world.lead, If_Match="*").status_code == 200
    return f"/polls/{poll['id']}/mailings"


def test_people_are_invited_by_mail_once_also_when_the_call_is_repeated(polling: World) -> None:
    path = published(polling)
    body = {"addresses": [EEN, TWEE.upper(), EEN], "mailboxId": mailbox(polling), "language": "en", "words": "Join in."}
    first = polling.post(path, polling.lead, body, Idempotency_Key="uitnodiging-1")
    assert (first.status_code, first.json()) == (201, {"new": 2, "known": 0}), first.text
    again = polling.post(path, polling.lead, body, Idempotency_Key="uitnodiging-1")
    assert (again.status_code, again.content) == (201, first.content)
    assert polling.post(path, polling.lead, body).json() == {"new": 0, "known": 2}
    with polling.database.unit_of_work() as session:
        assert session.scalars(text("SELECT address FROM mailing ORDER BY address")).all() == [EEN, TWEE]
        session.execute(text("UPDATE mailing SET state = 'uncertain', problem = 'stil' WHERE address = :a"), {"a": EEN})
        kept = str(session.execute(text("SELECT * FROM idempotency_key")).all())
        audited = str(session.execute(text("SELECT * FROM audit")).all())
    assert "bewoner.example" not in kept + audited + first.headers["Location"]
    stands = polling.get(first.headers["Location"].removeprefix("/api/v1"), polling.lead).json()
    assert stands.pop("trouble")[0].items() >= {"address": EEN, "state": "uncertain", "problem": "stil"}.items()
    assert stands == {"sent": 0, "underWay": 1, "notArrived": 1}


def test_what_became_of_an_invitation_in_doubt_is_said_once_from_what_was_read(polling: World) -> None:
    path = published(polling)
    polling.post(path, polling.lead, {"addresses": [EEN, TWEE], "mailboxId": mailbox(polling)})
    with polling.database.unit_of_work() as session:
        session.execute(text("UPDATE mailing SET state = 'uncertain'"))
    read = polling.get(path, polling.lead)
    one = {"choice": "sent", "mailingId": read.json()["trouble"][0]["id"]}
    assert polling.post(f"{path}/settle", polling.agent, one, If_Match="*").status_code == 403
    assert polling.post(f"{path}/settle", polling.lead, one).status_code == 428
    told = polling.post(f"{path}/settle", polling.lead, one, If_Match=read.headers["ETag"])
    assert (told.status_code, told.json()["sent"], told.json()["notArrived"]) == (200, 1, 1), told.text
    assert polling.post(f"{path}/settle", polling.lead, one, If_Match=read.headers["ETag"]).status_code == 412
    assert polling.post(f"{path}/settle", polling.lead, one, If_Match="*").json()["code"] == "settled"
    rest = polling.post(f"{path}/settle", polling.lead, {"choice": "again"}, If_Match=told.headers["ETag"])
    assert rest.json() == {"sent": 1, "underWay": 1, "notArrived": 0, "trouble": []}


def test_what_cannot_be_mailed_is_named_by_its_place_and_never_repeated(polling: World) -> None:
    path, box = published(polling), mailbox(polling)
    said = [EEN, "Een <een@bewoner.example>", "geheim@bewoner", "a" * 300 + "@bewoner.example"]
    for addresses, fields in (
        (said[:3], {"addresses.1", "addresses.2"}),
        (said[3:], {"addresses.0"}),
        ([], {"addresses"}),
    ):
        wrong = polling.post(path, polling.lead, {"addresses": addresses, "mailboxId": box})
        assert wrong.status_code == 400
        assert {error["field"] for error in wrong.json()["errors"]} == fields
        assert "bewoner" not in wrong.text
    elsewhere = polling.post(path, polling.lead, {"addresses": [EEN], "mailboxId": polling.account})
    assert [error["field"] for error in elsewhere.json()["errors"]] == ["mailboxId"]
    for who in (polling.agent,):
        assert polling.post(path, who, {"addresses": [EEN], "mailboxId": box}).status_code == 403
        assert polling.get(path, who).status_code == 403
    draft = f"/polls/{made(polling)['id']}/mailings"
    assert polling.post(draft, polling.lead, {"addresses": [EEN], "mailboxId": box}).json()["code"] == "draft"
    assert polling.get("/polls/999999/mailings", polling.lead).status_code == 404
