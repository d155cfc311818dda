"""Drafts over the API: each has a version of its own, so that two windows never overwrite each other's words."""

from tests.api.conftest import World

NEW = {"If_None_Match": "*"}


def test_two_windows_do_not_overwrite_each_other(world: World) -> None:
    path = f"/tickets/{world.ticket(team_id=world.team)}/draft"
    first = world.send("PUT", path, world.agent, {"text": "Een."}, **NEW)
    assert first.status_code == 200, first.text
    assert world.send("PUT", path, world.agent, {"text": "Twee."}, **NEW).status_code == 412
    second = world.send("PUT", path, world.agent, {"text": "Twee."}, If_Match=first.headers["ETag"])
    assert second.json()["text"] == "Twee."
    late = world.send("PUT", path, world.agent, {"text": "Drie."}, If_Match=first.headers["ETag"])
    assert late.status_code == 412
    read = world.get(f"/drafts/{first.json()['id']}", world.agent)
    assert (read.json()["text"], read.headers["ETag"]) == ("Twee.", second.headers["ETag"])
    assert world.send("PUT", path, world.agent, {"text": "Drie."}, If_Match="*").status_code == 200


def test_a_draft_that_is_not_there_has_no_version(world: World) -> None:
    path = f"/tickets/{world.ticket(team_id=world.team)}/draft"
    assert world.send("PUT", path, world.agent, {"text": "x"}, If_Match='"x"').status_code == 412
    assert world.send("PUT", path, world.agent, {"text": "x"}, If_Match="*").status_code == 412
    assert world.send("PUT", path, world.agent, {"text": "x"}, **NEW).status_code == 200
    assert world.send("PUT", path, world.agent, {"text": "y"}, If_Match="*").status_code == 200


def test_a_file_changes_the_draft_and_is_taken_away_by_its_version(world: World) -> None:
    ticket = world.ticket(team_id=world.team)
    draft = world.send("PUT", f"/tickets/{ticket}/draft", world.agent, {"text": "Zie foto."}, **NEW)
    place = f"/api/v1/drafts/{draft.json()['id']}/attachments"
    made = world.client.post(place, headers=world.agent.headers, files={"file": ("a.txt", b"een")})
    file = f"/attachments/{made.json()['id']}"
    assert made.headers["Location"] == f"/api/v1{file}"
    assert world.send("DELETE", file, world.agent, If_Match=draft.headers["ETag"]).status_code == 412
    now = world.get(f"/drafts/{draft.json()['id']}", world.agent)
    assert now.json()["attachments"] == [
        {"id": made.json()["id"], "name": "a.txt", "contentType": "text/plain", "size": 3, "alt": ""}
    ]
    assert world.send("DELETE", file, world.agent).status_code == 428
    assert world.send("DELETE", file, world.agent, If_Match=now.headers["ETag"]).status_code == 204
    assert world.send("DELETE", file, world.agent, If_Match="*").status_code == 404


def test_who_releases_a_draft_sends_the_words_that_they_read(world: World) -> None:
    ticket = world.ticket(team_id=world.team)
    path = f"/tickets/{ticket}/draft"
    seen = world.get(f"/tickets/{ticket}/messages", world.agent).json()[-1]["id"]
    asked = world.send("PUT", path, world.agent, {"text": "Morgen.", "forRelease": True}, **NEW)
    read = world.get(f"/drafts/{asked.json()['id']}", world.lead)
    assert read.json()["text"] == "Morgen."
    better = {"text": "Overmorgen.", "forRelease": True}
    assert world.send("PUT", path, world.agent, better, If_Match=asked.headers["ETag"]).status_code == 200
    release, body = f"/drafts/{asked.json()['id']}/release", {"seenMessageId": seen}
    assert world.post(release, world.lead, body).status_code == 428
    assert world.post(release, world.lead, body, If_Match=read.headers["ETag"]).status_code == 412
    now = world.get(f"/drafts/{asked.json()['id']}", world.lead).headers["ETag"]
    sent = world.post(release, world.lead, body, If_Match=now, Idempotency_Key="release-1")
    assert sent.status_code == 201, sent.text
    assert world.post(release, world.lead, body, If_Match=now, Idempotency_Key="release-1").json() == sent.json()
    said = world.get(f"/tickets/{ticket}/messages", world.agent).json()[-1]
    assert said["text"].startswith("Overmorgen.")


def test_nobody_sees_or_throws_away_a_colleagues_draft_that_waits_for_nothing(world: World) -> None:
    ticket = world.ticket(team_id=world.team)
    made = world.send("PUT", f"/tickets/{ticket}/draft", world.agent, {"text": "Nog niet af."}, **NEW)
    path = f"/drafts/{made.json()['id']}"
    assert world.get(path, world.lead).status_code == 404
    assert world.send("DELETE", path, world.lead, If_Match="*").status_code == 404
    assert world.send("DELETE", path, world.agent, If_Match=made.headers["ETag"]).status_code == 204
    assert world.get(path, world.agent).status_code == 404
