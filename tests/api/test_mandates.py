"""Mandates given and taken, rules tried before they are in force, campaigns and processes."""

from sqlalchemy import insert, update

from app.assignment.route import Router
from app.models import Campaign, Process, Ticket
from tests.api.conftest import World


def test_a_mandate_given_lets_a_stranger_answer_and_taken_no_longer(world: World) -> None:
    number = world.ticket(team_id=world.team)
    note = {"status": "on_hold"}
    refused = world.post(f"/tickets/{number}/status", world.stranger, note, if_match="*")
    assert refused.json()["code"] == "mandate_read"
    given = world.post("/mandates", world.admin, {"agentId": world.stranger.id, "level": "answer"})
    assert given.status_code == 201, given.text
    assert world.post(f"/tickets/{number}/status", world.stranger, note, if_match="*").status_code == 200
    listed = world.get("/mandates", world.admin).json()["items"]
    assert [one["agentId"] for one in listed] == [world.stranger.id]
    again = world.post("/mandates", world.admin, {"agentId": world.stranger.id, "level": "draft"})
    assert again.status_code == 409
    assert (
        world.send(
            "DELETE", given.headers["Location"].removeprefix("/api/v1"), world.admin, If_Match=given.headers["ETag"]
        ).status_code
        == 204
    )
    assert world.post(f"/tickets/{number}/status", world.stranger, note, if_match="*").status_code == 403


def test_a_mandate_is_for_an_agent_or_for_a_team(world: World) -> None:
    both = {"agentId": world.agent.id, "teamId": world.team, "level": "answer"}
    assert world.post("/mandates", world.admin, both).status_code == 400
    assert world.post("/mandates", world.admin, {"level": "answer"}).status_code == 400
    assert world.post("/mandates", world.agent, {"teamId": world.team, "level": "answer"}).status_code == 403


def test_rules_can_be_tried_on_what_was_decided(world: World) -> None:
    number = world.ticket("De lantaarn op de hoek is kapot.")
    Router(world.database).route_waiting()
    everything = {"rules": [], "limit": 50}
    same = world.post("/policies/preview", world.admin, everything).json()
    assert (same["lookedAt"], same["different"], same["samples"]) == (1, 0, [])
    rule = {"name": "Licht", "all": [{"field": "text", "in": ["lantaarn"]}], "then": {"theme": world.theme}}
    tried = world.post("/policies/preview", world.admin, {"rules": [rule]}).json()
    assert tried["different"] == 1
    assert tried["samples"][0]["ticketId"] == number
    assert tried["samples"][0]["after"]["theme"] == world.theme != tried["samples"][0]["before"]["theme"]
    wrong = world.post("/policies/preview", world.admin, {"rules": [{"name": "x"}, {"then": {}}]})
    assert wrong.status_code == 400
    assert len(wrong.json()["errors"]) > 1


def test_campaigns_and_processes_can_be_read(world: World) -> None:
    number, hidden = world.ticket(team_id=world.team), world.ticket(team_id=world.team)
    with world.database.unit_of_work() as session:
        campaign = session.execute(
            insert(Campaign).values(name="Bomen", fingerprint="f").returning(Campaign.id)
        ).scalar_one()
        session.execute(update(Ticket).where(Ticket.id.in_([number, hidden])).values(campaign_id=campaign))
        session.execute(update(Ticket).where(Ticket.id == hidden).values(confidentiality="team"))
        session.execute(insert(Process).values(key="plan", name_nl="Plan", name_en="Plan"))
    assert world.get(f"/campaigns/{campaign}", world.agent).json()["tickets"] == 2
    assert world.get(f"/campaigns/{campaign}", world.stranger).json()["tickets"] == 1
    processes = world.get("/processes", world.admin).json()["items"]
    assert [one["key"] for one in processes] == ["plan"]
    assert world.get(f"/processes/{processes[0]['id']}", world.admin).json()["nameNl"] == "Plan"
