"""Who may call: tokens, scopes, and what only an administrator does."""

import pytest
from sqlalchemy import select

from app.identity import tokens
from app.models import ApiToken
from app.vocabulary import Scope
from tests.api.conftest import World

READ = {
    "/tickets": Scope.TICKETS_READ,
    "/contacts": Scope.CONTACTS_READ,
    "/teams": Scope.STAFF_READ,
    "/agents": Scope.STAFF_READ,
    "/organisations": Scope.STAFF_READ,
    "/themes": Scope.ROUTING_READ,
    "/policies": Scope.ROUTING_READ,
    "/decisions": Scope.ROUTING_READ,
    "/accounts": Scope.ACCOUNTS_READ,
    "/account-kinds": Scope.ACCOUNTS_READ,
    "/sites": Scope.ACCOUNTS_READ,
    "/ledger": Scope.ACCOUNTS_READ,
    "/raw-items": Scope.ACCOUNTS_READ,
    "/templates": Scope.TICKETS_READ,
    "/mandates": Scope.STAFF_READ,
    "/campaigns": Scope.TICKETS_READ,
    "/processes": Scope.ROUTING_READ,
    "/events": Scope.EVENTS_READ,
    "/access-tokens": Scope.STAFF_READ,
}
ADMINS = [
    ("POST", "/teams", {"name": "Nieuw"}),
    ("POST", "/agents", {"name": "Nieuw", "email": "nieuw@voorbeeldstad.example"}),
    ("POST", "/themes", {"key": "nieuw", "nameNl": "N", "nameEn": "N"}),
    ("POST", "/policies", {"rules": []}),
    ("POST", "/accounts", {"kind": "paper", "name": "x", "settings": {"office": "x"}}),
    ("POST", "/access-tokens", {"name": "x", "scopes": ["tickets:read"], "agentId": 1}),
    ("POST", "/organisations", {"name": "x"}),
    ("POST", "/templates", {"purpose": "block", "name": "x", "language": "nl", "text": "x"}),
    ("PATCH", "/accounts/1", {"name": "x"}),
    ("PATCH", "/agents/1", {"role": "admin"}),
    ("GET", "/accounts/1/settings", None),
    ("GET", "/access-tokens", None),
]


def test_without_a_token_nothing_is_told(world: World) -> None:
    for path in READ:
        answer = world.client.get(f"/api/v1{path}")
        assert answer.status_code == 401, path
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    wrong = {"Authorization": "Bearer wk_" + "x" * 43}
    assert world.client.get("/api/v1/teams", headers=wrong).status_code == 401
    cookie = {"Cookie": f"weerklank={world.admin.cookie}"}
    assert world.client.get("/api/v1/teams", headers=cookie).status_code == 401


@pytest.mark.parametrize(("path", "scope"), READ.items())
def test_a_token_needs_the_scope_of_what_it_reads(world: World, path: str, scope: Scope) -> None:
    with world.database.unit_of_work() as session:
        right = tokens.issue(session, "right", [scope], agent_id=world.admin.id).token
        others = [s for s in Scope if s is not scope]
        wrong = tokens.issue(session, "wrong", others, agent_id=world.admin.id).token
    assert world.client.get(f"/api/v1{path}", headers={"Authorization": f"Bearer {right}"}).status_code == 200
    answer = world.client.get(f"/api/v1{path}", headers={"Authorization": f"Bearer {wrong}"})
    assert answer.status_code == 403
    assert answer.json()["code"] == "scope_missing"


@pytest.mark.parametrize(("method", "path", "body"), ADMINS)
def test_only_an_administrator_changes_the_installation(world: World, method: str, path: str, body: object) -> None:
    answer = world.send(method, path, world.lead, body, If_Match="*")
    assert answer.status_code == 403, answer.text
    assert answer.json()["code"] == "admin_only"


def test_a_revoked_token_is_worth_nothing_and_an_issued_one_is_shown_once(world: World) -> None:
    body = {"name": "Koppeling", "scopes": ["tickets:read"], "agentId": world.agent.id}
    issued = world.post("/access-tokens", world.admin, body).json()
    assert issued["token"].startswith("wk_")
    listed = world.get("/access-tokens", world.admin)
    assert issued["token"] not in listed.text
    headers = {"Authorization": f"Bearer {issued['token']}"}
    assert world.client.get("/api/v1/tickets", headers=headers).status_code == 200
    assert world.send("DELETE", f"/access-tokens/{issued['id']}", world.admin, If_Match="*").status_code == 204
    assert world.client.get("/api/v1/tickets", headers=headers).status_code == 401
    with world.database.read_only() as session:
        stored = session.scalars(select(ApiToken.hash)).all()
    assert all(issued["token"] not in value for value in stored)


def test_addresses_of_colleagues_are_for_administrators(world: World) -> None:
    assert {agent["email"] for agent in world.get("/agents", world.lead).json()["items"]} == {None}
    assert world.agent.email in world.get("/agents", world.admin).text


def test_unknown_fields_are_refused_so_that_nobody_assigns_what_is_not_theirs(world: World) -> None:
    answer = world.post("/contacts/search", world.agent, {"name": "Bo", "isAdmin": True})
    assert answer.status_code == 400
    assert "isAdmin" not in answer.text


@pytest.mark.parametrize(("path", "scope"), READ.items())
def test_what_is_refused_names_the_scope_that_it_needs(world: World, path: str, scope: Scope) -> None:
    with world.database.unit_of_work() as session:
        poor = Scope.EVENTS_READ if scope is not Scope.EVENTS_READ else Scope.TICKETS_READ
        token = tokens.issue(session, "poor", [poor], agent_id=world.admin.id).token
    answer = world.client.get(f"/api/v1{path}", headers={"Authorization": f"Bearer {token}"})
    assert answer.json()["detail"] == f"Ask an administrator for a token with the scope {scope}."


def test_a_token_tells_whose_it_is_whatever_it_may_do(world: World) -> None:
    with world.database.unit_of_work() as session:
        token = tokens.issue(session, "poor", [Scope.EVENTS_READ], agent_id=world.agent.id).token
    said = world.client.get("/api/v1/access-tokens/current", headers={"Authorization": f"Bearer {token}"}).json()
    assert said.pop("id") > 0
    assert said == {
        "name": "Noor Groen", "scopes": ["events:read"], "agentId": world.agent.id, "siteId": None, "role": "agent",
        "teamIds": [world.team],
    }  # fmt: skip
    assert world.client.get("/api/v1/access-tokens/current").status_code == 401


def test_a_list_can_be_narrowed_to_what_is_in_use(world: World) -> None:
    made = world.post("/themes", world.admin, {"key": "oud", "nameNl": "Oud", "nameEn": "Old"})
    place = made.headers["Location"].removeprefix("/api/v1")
    world.send("PATCH", place, world.admin, {"active": False}, If_Match=made.headers["ETag"])
    keys = [
        {theme["key"] for theme in world.get("/themes", world.admin, **asked).json()["items"]}
        for asked in ({"active": True}, {"active": False}, {})
    ]
    assert "oud" not in keys[0]
    assert keys[1] == {"oud"}
    assert keys[0] | keys[1] == keys[2]
