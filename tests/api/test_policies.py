"""Rules over the API: drafted, tried, put in force, and gone back to."""

from typing import Any

from tests.api.conftest import World

NEW = {"If_None_Match": "*"}


def rules(priority: str) -> dict[str, Any]:
    fits = [{"field": "text", "in": ["boom"]}]
    return {"rules": [{"name": "Bomen", "all": fits, "then": {"priority": priority}}]}


def in_force(world: World) -> dict[str, Any]:
    (only,) = world.get("/policies", world.admin, inForce=True).json()["items"]
    return dict(only)


def test_a_draft_is_changed_by_its_etag_until_it_has_been_in_force(world: World) -> None:
    drafted = world.post("/policies", world.admin, rules("high"), Idempotency_Key="policy-1")
    assert drafted.headers["Location"] == f"/api/v1/policies/{drafted.json()['id']}"
    path = f"/policies/{drafted.json()['id']}"
    assert world.send("PUT", path, world.admin, rules("low")).status_code == 428
    changed = world.send("PUT", path, world.admin, rules("low"), If_Match=drafted.headers["ETag"])
    assert changed.json()["rules"] == rules("low")["rules"]
    old = world.post(f"{path}/put-in-force", world.admin, If_Match=drafted.headers["ETag"])
    assert old.status_code == 412
    now = world.post(f"{path}/put-in-force", world.admin, If_Match=changed.headers["ETag"])
    assert now.json()["inForceFrom"] is not None
    assert in_force(world)["id"] == now.json()["id"]
    late = world.send("PUT", path, world.admin, rules("high"), If_Match=now.headers["ETag"])
    assert (late.status_code, late.json()["code"]) == (409, "policy_used")


def test_an_earlier_policy_comes_back_as_a_new_version_in_one_call(world: World) -> None:
    before = in_force(world)
    draft = world.post("/policies", world.admin, rules("urgent"))
    number = draft.json()["id"]
    refused = world.post(f"/policies/{number}/restore", world.admin)
    assert (refused.status_code, refused.json()["code"]) == (409, "policy_draft")
    world.post(f"/policies/{number}/put-in-force", world.admin, If_Match="*")
    back = world.post(f"/policies/{before['id']}/restore", world.admin, Idempotency_Key="back-1")
    assert back.status_code == 201, back.text
    again = world.post(f"/policies/{before['id']}/restore", world.admin, Idempotency_Key="back-1")
    assert again.json() == back.json()
    now = in_force(world)
    assert now["id"] == back.json()["id"] > number
    assert now["rules"] == before["rules"]
    assert world.get(f"/policies/{number}", world.admin).json()["inForceUntil"] is not None
    assert world.post(f"/policies/{before['id']}/restore", world.lead).json()["code"] == "admin_only"
    assert world.post("/policies/999999/restore", world.admin).status_code == 404


def test_every_mistake_is_named_at_once_whichever_way_rules_come_in(world: World) -> None:
    wrong = {"rules": [{"name": "", "then": {"priority": "soon"}}]}
    draft = world.post("/policies", world.admin, rules("low")).json()["id"]
    answers = [
        world.post("/policies", world.admin, wrong),
        world.post("/policies/validate", world.admin, wrong),
        world.post("/policies/preview", world.admin, wrong),
        world.send("PUT", f"/policies/{draft}", world.admin, wrong, If_Match="*"),
    ]
    assert [answer.status_code for answer in answers] == [400] * 4
    assert len({answer.text for answer in answers}) == 1
    assert len(answers[0].json()["errors"]) > 1
    assert world.post("/policies/validate", world.admin, rules("low")).status_code == 204
