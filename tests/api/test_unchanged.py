"""If-Match on what belongs to a ticket, answers that are refused, and calls that are sent twice."""

from tests.api.conftest import World


def seen(world: World, ticket: int) -> int:
    return int(world.get(f"/tickets/{ticket}/messages", world.agent).json()[-1]["id"])


def test_what_belongs_to_a_ticket_changes_only_from_the_version_last_seen(world: World) -> None:
    number = world.ticket(team_id=world.team)
    message = seen(world, number)
    old = world.version(number)
    mark = {"themeId": world.theme, "start": 0, "end": 2}
    assert world.post(f"/messages/{message}/passages", world.agent, mark).status_code == 428
    made = world.post(f"/messages/{message}/passages", world.agent, mark, If_Match=old)
    assert made.status_code == 201, made.text
    passage = made.json()["id"]
    assert world.send("DELETE", f"/passages/{passage}", world.agent, If_Match=old).status_code == 412
    now = world.version(number)
    assert world.send("DELETE", f"/passages/{passage}", world.agent, If_Match=now).status_code == 204


def test_a_merge_is_undone_from_the_version_last_seen_and_made_once_for_one_key(world: World) -> None:
    one, other = world.ticket(team_id=world.team), world.ticket(team_id=world.team)
    body, old = {"targetId": other}, world.version(one)
    first = world.post(f"/tickets/{one}/merge", world.agent, body, If_Match="*", Idempotency_Key="m-1")
    again = world.post(f"/tickets/{one}/merge", world.agent, body, If_Match="*", Idempotency_Key="m-1")
    assert first.status_code == 201, first.text
    assert again.json() == first.json()
    undo = f"/merges/{first.json()['id']}/undo"
    assert world.post(undo, world.agent).status_code == 428
    assert world.post(undo, world.agent, If_Match=old).status_code == 412
    assert world.post(undo, world.agent, If_Match=world.version(one)).status_code == 204


def test_a_stranger_learns_nothing_from_a_version(world: World) -> None:
    number = world.ticket(team_id=world.team, confidentiality="team")
    mark = {"themeId": world.theme, "start": 0, "end": 2}
    answer = world.post(f"/messages/{seen(world, number)}/passages", world.stranger, mark, If_Match='"999"')
    assert answer.status_code == 404


def test_an_answer_that_is_refused_is_kept_as_a_draft(world: World) -> None:
    number = world.ticket(team_id=world.team)
    body = {"text": "Wij komen morgen.", "seenMessageId": 0}
    assert world.post(f"/tickets/{number}/replies", world.agent, body).json()["code"] == "thread_changed"
    drafts = world.get(f"/tickets/{number}/drafts", world.agent).json()
    assert [draft["text"] for draft in drafts] == ["Wij komen morgen."]


def test_an_answer_can_ask_for_a_ticket_that_nobody_touched(world: World) -> None:
    number = world.ticket(team_id=world.team)
    old = world.version(number)
    world.post(f"/tickets/{number}/tags", world.agent, {"tag": "spoed"}, If_Match="*")
    body = {"text": "Wij komen vandaag.", "seenMessageId": seen(world, number)}
    assert world.post(f"/tickets/{number}/replies", world.agent, body, If_Match=old).status_code == 412
    assert len(world.get(f"/tickets/{number}/drafts", world.agent).json()) == 1
    sent = world.post(f"/tickets/{number}/replies", world.agent, body, If_Match=world.version(number))
    assert sent.status_code == 201, sent.text


def test_the_next_ticket_is_taken_once_for_one_key(world: World) -> None:
    world.ticket(team_id=world.team)
    world.ticket(team_id=world.team)
    first = world.post("/tickets/next", world.agent, {}, Idempotency_Key="n-1")
    again = world.post("/tickets/next", world.agent, {}, Idempotency_Key="n-1")
    assert first.status_code == again.status_code == 201, first.text
    assert first.json() == again.json()
    assert world.post("/tickets/next", world.agent, {}).json() != first.json()


def test_a_file_is_kept_once_for_one_key(world: World) -> None:
    number = world.ticket(team_id=world.team)
    draft = world.send("PUT", f"/tickets/{number}/draft", world.agent, {"text": "Zie foto."}, If_None_Match="*").json()[
        "id"
    ]

    def send(content: bytes) -> tuple[int, object]:
        headers = {**world.agent.headers, "Idempotency-Key": "f-1"}
        answer = world.client.post(
            f"/api/v1/drafts/{draft}/attachments", headers=headers, files={"file": ("a.txt", content)}
        )
        return answer.status_code, answer.json()

    assert send(b"een") == send(b"een")
    assert send(b"een")[0] == 201
    assert send(b"twee")[0] == 400
