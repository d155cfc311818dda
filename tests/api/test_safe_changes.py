"""Every call that changes something says from which version; every call that creates something may be repeated."""

from typing import Any

import pytest

from app.accounts import change
from app.api.described import description
from app.models import Site
from tests.api.channel import KIND, PaperSettings
from tests.api.conftest import World
from tests.web import made

# They ask, by POST since the question is too large or too private for an address, or of a service; nobody's words change.
QUESTIONS = {
    "POST /tickets/search",
    "POST /contacts/search",
    "POST /policies/preview",
    "POST /policies/validate",
    "POST /accounts/{account}/check",
    "POST /accounts/{account}/try",
    "POST /ledger/{account}/compare",
}
# Their answer is a secret that is told once: to repeat it, it would have to be kept.
SECRETS = {"POST /access-tokens", "POST /polls/{poll}/invitations"}


def changing(world: World) -> dict[str, dict[str, Any]]:
    paths = description(world.app)["paths"].items()
    return {
        f"{method.upper()} {path}": operation
        for path, item in paths
        for method, operation in item.items()
        if method not in ("get", "head")
    }


def headers(operation: dict[str, Any]) -> set[str]:
    return {one["name"].lower() for one in operation.get("parameters", []) if one["in"] == "header"}


def creates(name: str, operation: dict[str, Any]) -> bool:
    return name == "POST /reactions" or "201" in operation["responses"]


def test_every_call_that_creates_takes_an_idempotency_key_and_every_other_change_if_match(world: World) -> None:
    found = changing(world)
    assert set(found) >= QUESTIONS | SECRETS, "an exception that is none any more"
    lacking = {
        name: "Idempotency-Key" if creates(name, operation) else "If-Match"
        for name, operation in found.items()
        if name not in QUESTIONS | SECRETS
        and ("idempotency-key" if creates(name, operation) else "if-match") not in headers(operation)
    }
    assert lacking == {}


def test_what_wants_if_match_says_428_without_it_and_changes_nothing_with_an_old_one(world: World) -> None:
    ticket = world.ticket(team_id=world.team)
    team = world.team
    changes = [
        ("PATCH", f"/teams/{team}", {"name": "Anders"}),
        ("PUT", f"/teams/{team}/members/{world.stranger.id}", {"lead": True}),
        ("DELETE", f"/teams/{team}/members/{world.agent.id}", None),
        ("POST", f"/agents/{world.agent.id}/presence", {"presence": "away"}),
        ("POST", f"/agents/{world.agent.id}/password", {"password": "een lang wachtwoord"}),
        ("PATCH", "/organisations/1", {"name": "Anders"}),
        ("PUT", f"/tickets/{ticket}/draft", {"text": "x"}),
    ]
    for method, path, body in changes:
        assert world.send(method, path, world.admin, body).status_code == 428, path
        answer = world.send(method, path, world.admin, body, If_Match='"oud"')
        assert (answer.status_code, answer.json()["code"]) == (412, "changed"), path
    assert world.get(f"/teams/{team}", world.admin).json()["name"] != "Anders"
    members = world.get(f"/teams/{team}/members", world.admin).json()
    assert {member["agentId"] for member in members} == {world.lead.id, world.agent.id}


def test_members_go_by_the_etag_of_their_list(world: World) -> None:
    path = f"/teams/{world.other_team}/members"
    first = world.get(path, world.admin).headers["ETag"]
    put = world.send("PUT", f"{path}/{world.agent.id}", world.admin, {"lead": False}, If_Match=first)
    assert put.status_code == 204
    assert put.headers["ETag"] == world.get(path, world.admin).headers["ETag"] != first
    late = world.send("DELETE", f"{path}/{world.stranger.id}", world.admin, If_Match=first)
    assert late.status_code == 412
    gone = world.send("DELETE", f"{path}/{world.agent.id}", world.admin, If_Match=put.headers["ETag"])
    assert gone.headers["ETag"] == first


def test_an_agent_says_so_themselves_from_the_version_they_saw(world: World) -> None:
    path = f"/agents/{world.agent.id}"
    seen = world.get(path, world.agent).headers["ETag"]
    away = world.post(f"{path}/presence", world.agent, {"presence": "away"}, If_Match=seen)
    assert away.status_code == 204
    assert world.post(f"{path}/presence", world.agent, {"presence": "available"}, If_Match=seen).status_code == 412
    back = world.post(f"{path}/presence", world.agent, {"presence": "available"}, If_Match=away.headers["ETag"])
    assert back.status_code == 204
    assert world.post(f"{path}/presence", world.stranger, {"presence": "away"}, If_Match="*").status_code == 403


@pytest.mark.parametrize(
    ("path", "body", "change"),
    [
        ("/themes", {"key": "lucht", "nameNl": "Lucht", "nameEn": "Air"}, {"nameEn": "The air"}),
        ("/templates", {"purpose": "block", "name": "dank", "language": "nl", "text": "Dank."}, {"text": "Dank u."}),
        ("/organisations", {"name": "Waterschap Voorbeeld"}, {"website": "https://waterschap.example"}),
        ("/teams", {"name": "Lucht"}, {"pushLimit": 3}),
        ("/agents", {"name": "Ada Lucht", "email": "ada@voorbeeldstad.example"}, {"publicName": "Ada"}),
        ("/sites", {"name": "www", "origins": []}, {"moderated": True}),
    ],
)
def test_what_was_made_can_be_changed_with_the_etag_of_its_answer(
    world: World, path: str, body: dict[str, Any], change: dict[str, Any]
) -> None:
    made = world.post(path, world.admin, body | ({"accountId": world.account} if path == "/sites" else {}))
    assert made.status_code == 201, made.text
    place = made.headers["Location"].removeprefix("/api/v1")
    assert world.get(place, world.admin).headers["ETag"] == made.headers["ETag"]
    changed = world.send("PATCH", place, world.admin, change, If_Match=made.headers["ETag"])
    assert changed.status_code == 200, changed.text
    assert changed.json().items() >= change.items()
    assert world.send("PATCH", place, world.admin, change, If_Match=made.headers["ETag"]).status_code == 412


def test_a_token_is_revoked_from_the_version_seen_which_using_it_does_not_change(world: World) -> None:
    body = {"name": "Koppeling", "scopes": ["tickets:read"], "agentId": world.agent.id}
    issued = world.post("/access-tokens", world.admin, body).json()
    path = f"/access-tokens/{issued['id']}"
    seen = world.get(path, world.admin).headers["ETag"]
    assert (
        world.client.get("/api/v1/tickets", headers={"Authorization": f"Bearer {issued['token']}"}).status_code == 200
    )
    assert world.get(path, world.admin).json()["usedAt"] is not None
    assert world.send("DELETE", path, world.admin).status_code == 428
    assert world.send("DELETE", path, world.admin, If_Match=seen).status_code == 204
    assert world.send("DELETE", path, world.admin, If_Match=seen).status_code == 412


def test_a_page_of_a_site_is_closed_and_opened_again(world: World) -> None:
    with world.database.unit_of_work() as session:
        site = Site(account_id=world.account, key="p" * 22, name="pagina's", origins=[])
        site.account_id = change.create(
            session, world.state.keys, organisation_id=made.organisation(session), kind=KIND.key, name="Pagina's",
            settings=PaperSettings(office="x"),
        )  # fmt: skip
        session.add(site)
        session.flush()
        number = site.id
    body = {"siteId": number, "key": "node/12", "closed": True}
    closed = world.post("/site-pages", world.admin, body)
    assert closed.status_code == 201, closed.text
    assert world.post("/site-pages", world.admin, body).json()["code"] == "taken"
    assert world.post("/site-pages", world.lead, body).json()["code"] == "admin_only"
    place = closed.headers["Location"].removeprefix("/api/v1")
    opened = world.send("PATCH", place, world.admin, {"closed": False}, If_Match=closed.headers["ETag"])
    assert opened.json()["closed"] is False
    assert [page["id"] for page in world.get("/site-pages", world.admin, siteId=number).json()["items"]] == [
        closed.json()["id"]
    ]
    assert world.get("/site-pages", world.admin, siteId=number + 1).json()["items"] == []
    assert world.get("/site-pages/999999", world.admin).json()["detail"] == "There is no such site page."
