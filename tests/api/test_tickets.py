"""Tickets over the API: found, read, changed by verb with If-Match, and never by who may not see them."""

import pytest
from sqlalchemy import insert

from app.models import Contact, TicketParticipant
from app.vocabulary import Confidentiality
from tests.api.conftest import World


def test_a_ticket_is_listed_read_and_not_sent_twice(world: World) -> None:
    number = world.ticket(team_id=world.team, theme_id=world.theme)
    page = world.get("/tickets", world.agent, teamId=world.team).json()
    assert number in [line["id"] for line in page["items"]]
    answer = world.get(f"/tickets/{number}", world.agent)
    assert answer.json()["reference"].startswith("WK-")
    assert answer.json()["level"] == "answer"
    again = world.client.get(
        f"/api/v1/tickets/{number}", headers={**world.agent.headers, "If-None-Match": answer.headers["ETag"]}
    )
    assert again.status_code == 304


def test_pages_of_a_list_follow_each_other_without_a_gap(world: World) -> None:
    made = [world.ticket(language="xx") for _ in range(5)]
    seen: list[int] = []
    after = None
    while True:
        page = world.get("/tickets", world.admin, language="xx", limit=2, **({"after": after} if after else {})).json()
        seen += [line["id"] for line in page["items"]]
        after = page["next"]
        if after is None:
            break
    assert seen == made[::-1]


def test_a_change_needs_if_match_and_is_refused_when_somebody_was_first(world: World) -> None:
    number = world.ticket(team_id=world.team)
    first = world.version(number)
    assert world.post(f"/tickets/{number}/take", world.agent, {}).status_code == 428
    taken = world.post(f"/tickets/{number}/take", world.agent, {}, If_Match=first)
    assert taken.status_code == 200
    assert taken.headers["ETag"] == f'"{taken.json()["version"]}"'
    late = world.post(f"/tickets/{number}/priority", world.agent, {"priority": "high"}, If_Match=first)
    assert late.status_code == 412
    assert late.json()["code"] == "changed"
    assert late.json()["errors"][0]["code"] == "taken"
    fresh = world.post(f"/tickets/{number}/priority", world.agent, {"priority": "high"}, If_Match=taken.headers["ETag"])
    assert fresh.status_code == 200
    assert world.get(f"/tickets/{number}", world.agent).json()["priority"] == "high"


@pytest.mark.parametrize(
    ("verb", "body", "field", "value"),
    [
        ("status", {"status": "on_hold"}, "status", "on_hold"),
        ("kind", {"kind": "complaint"}, "kind", "complaint"),
        ("priority", {"priority": "urgent"}, "priority", "urgent"),
        ("tags", {"tag": "Boom"}, "tags", ["boom"]),
        ("no-answer-needed", {"reason": "Bedankje."}, "status", "solved"),
    ],
)
def test_every_verb_does_what_it_says(world: World, verb: str, body: dict[str, str], field: str, value: object) -> None:
    number = world.ticket(team_id=world.team)
    taken = world.post(f"/tickets/{number}/take", world.agent, {}, If_Match="*")
    answer = world.post(f"/tickets/{number}/{verb}", world.agent, body, If_Match=taken.headers["ETag"])
    assert answer.status_code == 200, answer.text
    assert world.get(f"/tickets/{number}", world.agent).json()[field] == value


def test_an_answer_goes_out_once_for_one_idempotency_key(world: World) -> None:
    number = world.ticket(team_id=world.team)
    seen = world.get(f"/tickets/{number}/messages", world.agent).json()[-1]["id"]
    body = {"text": "We komen kijken.", "seenMessageId": seen}
    first = world.post(f"/tickets/{number}/replies", world.agent, body, Idempotency_Key="a-1")
    again = world.post(f"/tickets/{number}/replies", world.agent, body, Idempotency_Key="a-1")
    assert first.status_code == again.status_code == 201, first.text
    assert first.json() == again.json()
    assert first.headers["Location"] == again.headers["Location"]
    assert len(world.get(f"/tickets/{number}/deliveries", world.agent).json()) == 1
    other = world.post(f"/tickets/{number}/replies", world.agent, {**body, "text": "Anders."}, Idempotency_Key="a-1")
    assert other.status_code == 400
    assert other.json()["code"] == "idempotency_key_reused"


def test_an_answer_to_a_thread_that_went_on_is_refused_and_its_key_stays_free(world: World) -> None:
    number = world.ticket(team_id=world.team)
    body = {"text": "We komen kijken.", "seenMessageId": 0}
    refused = world.post(f"/tickets/{number}/replies", world.agent, body, Idempotency_Key="b-1")
    assert refused.status_code == 409
    assert refused.json()["code"] == "thread_changed"
    seen = world.get(f"/tickets/{number}/messages", world.agent).json()[-1]["id"]
    better = {**body, "seenMessageId": seen}
    assert world.post(f"/tickets/{number}/replies", world.agent, better, Idempotency_Key="b-1").status_code == 201


def test_an_answer_can_be_called_back(world: World) -> None:
    number = world.ticket(team_id=world.team)
    seen = world.get(f"/tickets/{number}/messages", world.agent).json()[-1]["id"]
    sent = world.post(f"/tickets/{number}/replies", world.agent, {"text": "Te vroeg.", "seenMessageId": seen}).json()
    back = world.post(f"/deliveries/{sent['deliveryId']}/cancel", world.agent, If_Match="*")
    assert back.status_code == 201
    drafts = world.get(f"/tickets/{number}/drafts", world.agent).json()
    assert [draft["text"] for draft in drafts] == ["Te vroeg."]


def test_what_was_not_refused_cannot_be_called_seen(world: World) -> None:
    number = world.ticket(team_id=world.team)
    seen = world.get(f"/tickets/{number}/messages", world.agent).json()[-1]["id"]
    sent = world.post(f"/tickets/{number}/replies", world.agent, {"text": "Hallo.", "seenMessageId": seen}).json()
    answer = world.post(f"/deliveries/{sent['deliveryId']}/settle", world.agent, {"choice": "seen"}, If_Match="*")
    assert (answer.status_code, answer.json()["code"]) == (409, "not_refused")


def test_a_draft_keeps_files_and_gives_them_back_as_downloads_only(world: World) -> None:
    number = world.ticket(team_id=world.team)
    draft = world.send("PUT", f"/tickets/{number}/draft", world.agent, {"text": "Zie foto."}, If_None_Match="*").json()[
        "id"
    ]
    page = b"<script>alert(1)</script>"
    sent = world.client.post(
        f"/api/v1/drafts/{draft}/attachments", headers=world.agent.headers, files={"file": ('../../e"vil.jpg', page)}
    )
    assert sent.status_code == 201, sent.text
    got = world.get(f"/attachments/{sent.json()['id']}", world.agent)
    assert got.content == page
    assert got.headers["Content-Disposition"].startswith("attachment;")
    assert ".." not in got.headers["Content-Disposition"]
    assert got.headers["Content-Type"] == "application/octet-stream"
    assert "sandbox" in got.headers["Content-Security-Policy"]
    assert got.headers["X-Content-Type-Options"] == "nosniff"
    assert world.get(f"/attachments/{sent.json()['id']}", world.stranger).status_code == 404


def test_search_goes_by_post_and_respects_confidentiality(world: World) -> None:
    hidden = world.ticket("De kastanjeboom is ziek.", team_id=world.team, confidentiality=Confidentiality.TEAM)
    found = world.post("/tickets/search", world.agent, {"text": "kastanjeboom"}).json()
    assert [line["id"] for line in found["items"]] == [hidden]
    assert world.post("/tickets/search", world.stranger, {"text": "kastanjeboom"}).json()["items"] == []


GETS = ("", "/messages", "/deliveries", "/proposals", "/drafts")
POSTS = [
    ("/take", {"reason": "x"}),
    ("/hand-over", {"teamId": 1, "reason": "x"}),
    ("/no-answer-needed", {"reason": "x"}),
    ("/status", {"status": "solved"}),
    ("/kind", {"kind": "press"}),
    ("/theme", {"themeId": 1}),
    ("/priority", {"priority": "high"}),
    ("/confidentiality", {"confidentiality": "normal", "reason": "x"}),
    ("/tags", {"tag": "x"}),
    ("/merge", {"targetId": 999_998}),
    ("/replies", {"text": "x", "seenMessageId": 0}),
    ("/notes", {"text": "x"}),
]


def test_a_ticket_of_somebody_else_does_not_exist(world: World) -> None:
    own = world.ticket(team_id=world.team, confidentiality=Confidentiality.TEAM)
    for number in (own, 999_999):
        for path in GETS:
            answer = world.get(f"/tickets/{number}{path}", world.stranger)
            assert answer.status_code == 404, (number, path)
        for path, body in POSTS:
            answer = world.post(f"/tickets/{number}{path}", world.stranger, body, If_Match="*")
            assert answer.status_code == 404, (number, path, answer.text)
        assert (
            world.send("PUT", f"/tickets/{number}/draft", world.stranger, {"text": "x"}, If_Match="*").status_code
            == 404
        )
        assert world.send("PUT", f"/tickets/{number}/spam", world.stranger, If_Match="*").status_code == 404
    assert own not in [line["id"] for line in world.get("/tickets", world.stranger, limit=200).json()["items"]]
    own_message = world.get(f"/tickets/{own}/messages", world.agent).json()[0]["id"]
    assert world.get(f"/messages/{own_message}/html", world.stranger).status_code == 404
    moderation = {"verdict": "hide", "reason": "x"}
    assert world.post(f"/messages/{own_message}/moderate", world.stranger, moderation, If_Match="*").status_code == 404
    other = {"text": "anders"}
    assert world.post(f"/messages/{own_message}/correct", world.stranger, other, If_Match="*").status_code == 404
    answer = world.post(f"/messages/{own_message}/correct", world.agent, other, If_Match="*")
    assert answer.json()["code"] == "no_way_back"
    assert world.post(f"/messages/{own_message}/take-back", world.stranger, If_Match="*").status_code == 404
    assert world.post(f"/messages/{own_message}/take-back", world.agent, If_Match="*").json()["code"] == "no_way_back"
    contact = world.get(f"/tickets/{own}", world.agent).json()["contactId"]
    assert world.get(f"/contacts/{contact}", world.stranger).status_code == 404
    assert world.get(f"/contacts/{contact}", world.agent).status_code == 200
    told = world.get("/events", world.stranger, limit=200).json()["items"]
    assert own not in [event["ticketId"] for event in told]


def test_who_takes_part_in_a_ticket_is_known_to_whoever_sees_it_and_to_nobody_else(world: World) -> None:
    own = world.ticket(team_id=world.team, confidentiality=Confidentiality.TEAM)
    with world.database.unit_of_work() as session:
        neighbour = session.scalars(insert(Contact).values(name="Buurvrouw", language="nl").returning(Contact.id)).one()
        session.execute(insert(TicketParticipant).values(ticket_id=own, contact_id=neighbour))
    assert [who["contactId"] for who in world.get(f"/tickets/{own}", world.agent).json()["participants"]] == [neighbour]
    assert world.get(f"/contacts/{neighbour}", world.agent).json()["name"] == "Buurvrouw"
    assert world.get(f"/contacts/{neighbour}", world.stranger).status_code == 404


def test_events_are_read_from_a_point_on(world: World) -> None:
    number = world.ticket()
    first = world.get("/events", world.admin, limit=200).json()
    assert number in [event["ticketId"] for event in first["items"]]
    last = first["items"][-1]["id"]
    world.post(f"/tickets/{number}/notes", world.agent, {"text": "Gebeld."})
    later = world.get("/events", world.admin, after=last).json()["items"]
    assert [event["type"] for event in later] == ["noted"]
    assert "Gebeld" not in str(later)
    own = world.get("/events", world.admin, ticketId=number, limit=200).json()["items"]
    assert {event["ticketId"] for event in own} == {number}
    assert own[-1]["type"] == "noted"


def test_a_verb_that_needs_no_words_needs_no_body(world: World) -> None:
    number = world.ticket(team_id=world.team)
    assert world.send("POST", f"/tickets/{number}/take", world.agent, If_Match="*").status_code == 200
    world.ticket(team_id=world.team)
    assert world.send("POST", "/tickets/next", world.agent).status_code == 201
