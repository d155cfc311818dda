"""A site's own server: posts with its token and ids, edits, withdraws, and hears by signed webhook what became of it."""

import hmac
import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
from sqlalchemy import insert

from app.identity import tokens
from app.models import Account, Site
from app.vocabulary import Scope, Verdict
from tests.public.conftest import PAGE, SITE, Town
from tests.until import until


class Listening(ThreadingHTTPServer):
    """The site's server, which remembers what it was told and checks each signature."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answering)
        self.heard: list[dict[str, Any]] = []
        self.status = 200

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/weerklank"

    def types(self) -> list[str]:
        return [event["type"] for event in self.heard]


class Answering(BaseHTTPRequestHandler):
    server: Listening

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        given = dict(part.split("=", 1) for part in self.headers["weerklank-signature"].split(","))
        signed = hmac.new(b"webhook-secret", f"{given['t']}.".encode() + body, "sha256").hexdigest()
        authentic = hmac.compare_digest(signed, given["v1"])
        if authentic and self.server.status == 200:
            self.server.heard.append(json.loads(body))
        self.send_response(self.server.status if authentic else 401)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Keeps the test's output clean."""


@pytest.fixture
def site_server() -> Iterator[Listening]:
    server = Listening()
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join(5)


def posts(town: Town, token: str, **fields: Any) -> Any:
    body = {"id": "c-1", "page": PAGE, "text": "Van de site.", "name": "Lid", "user": "lid-7", **fields}
    return town.client(authorization=f"Bearer {token}").post(f"/sites/{SITE}/comments", json=body)


def test_it_posts_edits_and_withdraws_with_its_own_ids(town: Town) -> None:
    token = town.site_token()
    assert posts(town, token).status_code == 201
    (comment,) = town.published()["comments"]
    assert (comment["site_id"], comment["text"]) == ("c-1", "Van de site.")
    assert posts(town, token, event="edited", text="Van de site, beter gezegd.").status_code == 201
    (comment,) = town.published()["comments"]
    assert comment["text"] == "Van de site, beter gezegd."
    assert comment["revised_at"]
    assert posts(town, token, event="withdrawn", text="").status_code == 201
    assert town.published()["comments"] == []


def test_it_may_write_its_fields_as_a_form_too(town: Town) -> None:
    server = town.client(authorization=f"Bearer {town.site_token()}")
    answer = server.post(f"/sites/{SITE}/comments", data={"id": "f-1", "page": PAGE, "text": "Als formulier."})
    assert answer.status_code == 201
    assert town.published()["comments"][0]["site_id"] == "f-1"


def test_a_withdrawn_comment_leaves_a_place_without_words_where_an_answer_hangs(town: Town) -> None:
    token = town.site_token()
    receipt = posts(town, token).json()
    town.answers(town.ticket(receipt), "Dat klopt.")
    posts(town, token, event="withdrawn", text="")
    (comment,) = town.published()["comments"]
    assert (comment["state"], comment["text"], comment["name"]) == ("withdrawn", "", "")
    assert [answer["text"] for answer in comment["answers"]] == ["Dat klopt."]
    assert town.published()["count"] == 0


def test_the_same_signed_in_visitor_goes_on_in_the_same_ticket(town: Town) -> None:
    token = town.site_token()
    first = posts(town, token).json()
    second = posts(town, token, id="c-2", text="En nog iets.", parent="c-1").json()
    other = posts(town, token, id="c-3", text="Ik ook.", parent="c-1", user="lid-8").json()
    assert second["reference"] == first["reference"]
    assert other["reference"] != first["reference"]


def test_a_token_of_another_site_or_right_is_refused_and_an_unknown_one_is_not_known(town: Town) -> None:
    with town.database.unit_of_work() as session:
        account = dict(session.get_one(Account, town.account).__dict__)
        row = {name: account[name] for name in ("organisation_id", "kind", "language")}
        other = session.execute(
            insert(Account).values(**row, name="Andere", settings=b"", public_key="andere").returning(Account.id)
        ).scalar_one()
        site = session.execute(
            insert(Site).values(account_id=other, key="andere", name="Andere", origins=[]).returning(Site.id)
        ).scalar_one()
        foreign = tokens.issue(session, "x", [Scope.REACTIONS_CREATE], site_id=site).token
        revoked = tokens.issue(session, "y", [Scope.REACTIONS_CREATE], site_id=town.site)
        tokens.revoke(session, revoked.id)
        weak = tokens.issue(session, "z", [Scope.TICKETS_READ], agent_id=town.clerk.id).token
    found = {name: posts(town, token).status_code for name, token in (
        ("foreign", foreign), ("weak", weak), ("clerk", town.clerk.token), ("revoked", revoked.token), ("odd", "wk_x"),
    )}  # fmt: skip
    assert found == {"foreign": 403, "weak": 403, "clerk": 403, "revoked": 401, "odd": 401}
    assert town.published()["comments"] == []


def test_it_hears_what_is_published_hidden_answered_and_restored(town: Town, site_server: Listening) -> None:
    town.configure(webhook_url=site_server.url, moderation="before")
    receipt = posts(town, town.site_token()).json()
    ticket = town.ticket(receipt)
    assert receipt["publication"] == "held"
    town.decides(ticket, Verdict.APPROVE, elsewhere=True)
    assert town.published()["count"] == 1
    town.answers(ticket, "Dank u wel.")
    town.decides(ticket, Verdict.HIDE, "Er staat een naam in.", elsewhere=True)
    town.decides(ticket, Verdict.RESTORE, elsewhere=True)
    assert site_server.types() == ["comment.approve", "answer.published", "comment.hide", "comment.restore"]
    approved, answer, hidden, _restored = site_server.heard
    assert (approved["comment"], approved["page"]) == ("c-1", PAGE)
    assert (answer["comment"], answer["text"], answer["signed_by"]) == ("c-1", "Dank u wel.", "Gemeente Voorbeeldstad")
    assert hidden["reason"] == "Er staat een naam in."
    assert len({event["id"] for event in site_server.heard}) == 4


def test_a_site_that_is_away_hears_it_when_it_is_back(town: Town, site_server: Listening) -> None:
    town.configure(webhook_url=site_server.url)
    site_server.status = 503
    receipt = posts(town, town.site_token()).json()
    town.answers(town.ticket(receipt), "Dank u wel.")
    assert town.published()["comments"][0]["answers"] == []
    site_server.status = 200

    def told() -> bool:
        town.delivers()
        return site_server.types() == ["answer.published"]

    until(told)
    assert len(town.published()["comments"][0]["answers"]) == 1
