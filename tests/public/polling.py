"""Polls of the town, made as a colleague makes them, and people who vote without script."""

import re
from collections.abc import Sequence
from typing import Any

from fastapi.testclient import TestClient
from sqlalchemy import text

from app.polls import account, count, invite, make
from app.polls.make import Draft
from app.polls.poll import View, by_id
from app.polls.questions import Question, QuestionKind, question
from app.polls.result import Result
from app.vocabulary import Language
from tests.public.conftest import Town

NL, EN = Language.DUTCH, Language.ENGLISH


def asked() -> list[Question]:
    """One of each kind."""
    return [
        question(1, QuestionKind.SINGLE, {NL: "Welke kleur krijgt de bank?", EN: "Which colour?"}, required=True,
                 options={NL: ["Rood", "Groen"], EN: ["Red", "Green"]}),
        question(2, QuestionKind.MULTIPLE, {NL: "Wat mist u in het park?", EN: "What is missing?"},
                 options={NL: ["Water", "Schaduw", "Speeltuin"], EN: ["Water", "Shade", "Playground"]}),
        question(3, QuestionKind.SCALE, {NL: "Hoe mooi is het park?", EN: "How beautiful?"}, steps=5,
                 options={NL: ["lelijk", "prachtig"], EN: ["ugly", "splendid"]}),
        question(4, QuestionKind.OPEN, {NL: "Wat wilt u nog kwijt?", EN: "Anything else?"}),
    ]  # fmt: skip


def makes(town: Town, *, published: bool = True, **more: Any) -> View:
    """A poll about the park."""
    boss, state = town.principal(), town.state
    with town.database.unit_of_work() as session:
        draft = Draft("Het park", "The park", more.pop("asked", None) or asked(), **more)
        made = make.make(session, boss, account.ensure(session, state.keys, state.accounts), draft)
        if published:
            make.publish(session, boss, made)
    return poll(town, made)


def poll(town: Town, poll_id: int) -> View:
    with town.database.read_only() as session:
        return by_id(session, poll_id)


def invites(town: Town, poll_: View, how_many: int = 1) -> list[str]:
    with town.database.unit_of_work() as session:
        return invite.make(session, town.principal(), poll_.id, how_many)


def closes(town: Town, poll_: View) -> None:
    with town.database.unit_of_work() as session:
        make.close(session, town.principal(), poll_.id)


def result(town: Town, poll_: View) -> Result:
    with town.database.read_only() as session:
        return count.counted(session, poll_)


def votes(town: Town) -> list[tuple[str, bool]]:
    """(why apart, invited) of every vote, oldest first."""
    with town.database.read_only() as session:
        return [tuple(row) for row in session.execute(text("SELECT apart, invited FROM vote ORDER BY id"))]


class Voter:
    """A browser. `said` is the last page."""

    def __init__(self, town: Town, poll_: View, invitation: str = "") -> None:
        self.town = town
        self.path = f"/polls/{poll_.key}" + (f"/i/{invitation}" if invitation else "")
        self.client: TestClient = town.client()

    def opens(self, query: str = "?lang=nl") -> str:
        answer = self.client.get(self.path + query)
        assert answer.status_code == 200, answer.text
        return answer.text

    def sends(self, fields: dict[str, str | Sequence[str]], form_id: str = "") -> Any:
        """The form, opened and sent; what the browser hears first."""
        found = re.search(r'name="id" value="([0-9a-f]+)"', self.opens("?lang=nl&again=1"))
        assert found
        body = {"id": form_id or found[1], **{(k if k in OTHER else f"answer-{k}"): v for k, v in fields.items()}}
        return self.client.post(f"{self.path}?lang=nl", data=body)

    def votes(self, fields: dict[str, str | Sequence[str]]) -> str:
        """Vote, and read the thanks."""
        answer = self.sends(fields)
        assert answer.status_code == 303, answer.text
        thanks = self.client.get(answer.headers["location"])
        assert thanks.status_code == 200
        return str(thanks.text)


OTHER = {"id", "name", "email", "website"}
