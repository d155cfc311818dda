"""What the plugin pushes: what is let in, and what it becomes. The plugin itself runs in a real WordPress."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from threading import Thread
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest

from app.channels.comments.outbound import SIGNATURE, signature
from app.channels.comments.wordpress import WordPressChannel
from app.channels.contract import (
    Moderation,
    NotAuthentic,
    OwnPost,
    RawItem,
    Reaction,
    Revision,
    Unreadable,
    WebhookRequest,
    Withdrawal,
)
from app.vocabulary import Publication, Verdict
from tests.channels.comments.wordpress_setup import SECRET, answer, channel_of, read, settings
from tests.servers.wordpress import WordPress
from tests.until import until

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
URL = "https://weerklank.voorbeeldstad.example/hooks/abc"
CHANNEL = WordPressChannel(settings("https://www.voorbeeldstad.example", "weerklank", "abcd"))


def event(kind: str = "comment.created", **comment: Any) -> bytes:
    """An event as the plugin writes it."""
    described = {
        "id": 12, "post": 4, "parent": 0, "author": 0, "author_name": "Els", "author_email": "Els@burgers.example",
        "author_user_agent": "Bladeraar", "date": "2026-11-24T13:00:00", "date_gmt": "2026-11-24T12:00:00",
        "content": {"raw": "Mag dit &amp; dat?"}, "status": "approved", "staff": False,
        "page": {"title": "Plan &#8216;A&#8217;", "url": "https://www.voorbeeldstad.example/plan"}, **comment,
    }  # fmt: skip
    return json.dumps({"id": "3f6c1d9e-0000-4000-8000-000000000001", "type": kind, "comment": described}).encode()


def pushed(body: bytes, *, secret: str = SECRET, at: datetime = NOW, method: str = "POST") -> WebhookRequest:
    """A push that arrives at `NOW`."""
    return WebhookRequest(method, URL, {SIGNATURE: signature(secret, body, at)}, body, "192.0.2.1", NOW)


def item(body: bytes) -> RawItem:
    *_, made = CHANNEL.receive(pushed(body)).items
    return made


# --- the door --------------------------------------------------------------------------------------------------------


def test_a_signed_push_becomes_the_item_that_polling_would_have_made() -> None:
    made = item(event())
    assert made.key == "comment:12"
    (reaction,) = CHANNEL.parse(made)
    assert isinstance(reaction, Reaction)
    assert (reaction.text, reaction.author.address) == ("Mag dit & dat?", "els@burgers.example")
    assert (reaction.publication, reaction.sent_at) == (Publication.PUBLISHED, NOW)
    assert reaction.subject is not None
    assert (reaction.subject.key, reaction.subject.title) == ("post:4", "Plan ‘A’")


@pytest.mark.parametrize("minutes", [-6, 6, -60 * 24, 10_000_000])
def test_a_push_from_outside_the_window_is_refused(minutes: int) -> None:
    with pytest.raises(NotAuthentic, match="five minutes"):
        CHANNEL.receive(pushed(event(), at=NOW + timedelta(minutes=minutes)))


def test_a_push_within_the_window_is_taken_and_the_same_event_again_has_the_same_key() -> None:
    body = event("comment.edited")
    keys = {CHANNEL.receive(pushed(body, at=NOW + timedelta(minutes=m))).items[0].key for m in (-4, 0, 4)}
    assert keys == {"edited:12:3f6c1d9e-0000-4000-8000-000000000001"}


def test_another_secret_another_body_or_no_signature_is_refused() -> None:
    body = event()
    for request in (
        pushed(body, secret="geheim-van-een-ander"),
        pushed(body, method="GET"),
        WebhookRequest("POST", URL, {SIGNATURE: signature(SECRET, body, NOW)}, body + b" ", "192.0.2.1", NOW),
        WebhookRequest("POST", URL, {}, body, "192.0.2.1", NOW),
        *(
            WebhookRequest("POST", URL, {SIGNATURE: given}, body, "192.0.2.1", NOW)
            for given in (
                "t=,v1=",
                "t=99999999999999999999,v1=00",
                "v1=00",
                f"t={int(NOW.timestamp())},v1=é",
                "t=²,v1=",
            )
        ),
    ):
        with pytest.raises(NotAuthentic):
            CHANNEL.receive(request)


def test_without_a_secret_nothing_is_taken_not_even_what_is_signed_with_none() -> None:
    bare = WordPressChannel(settings("https://www.voorbeeldstad.example", "weerklank", "abcd", webhook_secret=""))
    with pytest.raises(NotAuthentic):
        bare.receive(pushed(event(), secret=""))


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"\xff", b"{}", event("comment.exploded"), event().replace(b"3f6c1d9e-", b"a b"), event(id=0),
     event(id="x"), event(content="x"), b"[" * 100_000],
)  # fmt: skip
def test_what_the_plugin_never_sends_is_unreadable(body: bytes) -> None:
    with pytest.raises(Unreadable):
        CHANNEL.receive(pushed(body))


def test_a_visitor_whose_program_has_our_name_is_not_one_of_us() -> None:
    pretends = item(event(author_user_agent="Weerklank/wk1.00"))
    assert isinstance(CHANNEL.parse(pretends)[0], Reaction)


def test_what_a_colleague_changes_in_an_answer_of_ours_is_taken() -> None:
    changed = item(event("comment.edited", author=1, staff=True, author_user_agent="Weerklank/wk1.00"))
    assert CHANNEL.parse(changed) == (Revision("12", "Mag dit & dat?", publication=Publication.PUBLISHED),)


@pytest.mark.parametrize(
    ("kind", "comment", "meaning"),
    [
        ("comment.edited", {}, Revision("12", "Mag dit & dat?", publication=Publication.PUBLISHED)),
        ("comment.status", {"status": "hold"}, Revision("12", "Mag dit & dat?", publication=Publication.HELD)),
        ("comment.gone", {}, Withdrawal("12")),
        ("comment.back", {"status": "hold"},
         Revision("12", "Mag dit & dat?", publication=Publication.HELD, back=True)),
        ("comment.created", {"author": 3, "staff": True, "parent": 9, "author_name": "Balie"},
         OwnPost("12", "Mag dit & dat?", "9", "Balie", NOW)),
    ],
)  # fmt: skip
def test_an_event_means_what_happened(kind: str, comment: dict[str, Any], meaning: object) -> None:
    assert CHANNEL.parse(item(event(kind, **comment))) == (meaning,)


def test_what_comes_out_of_the_spam_may_be_new_and_may_be_known() -> None:
    new, back = CHANNEL.receive(pushed(event("comment.back"))).items
    created = item(event("comment.created"))
    assert (new.key, new.meta) == (created.key, created.meta)
    assert isinstance(CHANNEL.parse(new)[0], Reaction)
    assert CHANNEL.parse(back) == (Revision("12", "Mag dit & dat?", publication=Publication.PUBLISHED, back=True),)


# --- the plugin itself -----------------------------------------------------------------------------------------------


class Hook:
    """A server at the other end of the plugin: keeps what it was sent, and answers as it is told."""

    def __init__(self) -> None:
        self.heard: list[WebhookRequest] = []
        self.status = "202 Accepted"

    def __call__(self, environ: dict[str, Any], start: Any) -> list[bytes]:
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        headers = {SIGNATURE: environ.get("HTTP_WEERKLANK_SIGNATURE", "")}
        self.heard.append(WebhookRequest("POST", URL, headers, body, "127.0.0.1", datetime.now(UTC)))
        start(self.status, [("Content-Type", "application/json")])
        return [b"{}"]

    def told(self, count: int) -> list[tuple[str, int]]:
        """Type and comment of the pushes so far, once there are so many."""
        until(lambda: len(self.heard) >= count, saying=f"{count} pushes")
        events = [json.loads(one.body) for one in self.heard]
        self.heard.clear()
        return [(one["type"], one["comment"]["id"]) for one in events]

    def types(self) -> list[str]:
        """Types of the pushes so far."""
        return [json.loads(one.body)["type"] for one in self.heard]


class _Quiet(WSGIRequestHandler):
    def log_message(self, *_: Any) -> None:
        """Nothing is written to the terminal."""


@pytest.fixture
def hook(wordpress: WordPress) -> Iterator[Hook]:
    hook = Hook()
    server = make_server("127.0.0.1", 0, hook, handler_class=_Quiet)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    wordpress.use_plugin(f"http://127.0.0.1:{server.server_port}/hook", SECRET)
    try:
        yield hook
    finally:
        wordpress.clear()
        server.shutdown()
        server.server_close()
        thread.join(5)


def test_the_plugin_tells_of_everything_that_happens_to_a_comment(wordpress: WordPress, hook: Hook) -> None:
    channel = channel_of(wordpress)
    post = wordpress.publish("Plan 'B'")
    number = wordpress.comment(post, "Mag <b>dit</b> & 'dat'?\n\nEn ☂ < 3", "Els")
    until(lambda: hook.heard, saying="a push")
    (made,) = channel.receive(hook.heard[0]).items
    assert channel.parse(made) == tuple(read(channel)[0])  # the very same as by polling
    assert hook.told(1) == [("comment.created", number)]

    wordpress.api("POST", f"comments/{number}", content="Anders")
    wordpress.api("POST", f"comments/{number}", status="hold")
    wordpress.api("POST", f"comments/{number}", status="approve")
    wordpress.api("POST", f"comments/{number}", status="spam")
    wordpress.api("POST", f"comments/{number}", status="unspam")
    wordpress.api("DELETE", f"comments/{number}")
    wordpress.api("DELETE", f"comments/{number}", force=True)
    told = [kind for kind, _ in hook.told(7)]
    assert [kind for kind in told if kind != "comment.edited"] == [
        "comment.status", "comment.status", "comment.gone", "comment.back", "comment.gone"
    ]  # fmt: skip
    assert told[0] == "comment.edited"
    assert [line for line in wordpress.log().splitlines() if "weerklank.php" in line] == []


def test_the_plugin_does_not_tell_us_what_we_did_ourselves(wordpress: WordPress, hook: Hook) -> None:
    channel = channel_of(wordpress)
    number = wordpress.comment(wordpress.publish("Stil"), "Vraag?")
    assert hook.told(1) == [("comment.created", number)]
    sent = channel.send(answer(number, "Antwoord."))
    for verdict in (Verdict.HIDE, Verdict.RESTORE, Verdict.REMOVE, Verdict.RESTORE):
        channel.moderate(Moderation(str(number), verdict, "x"))
    channel.amend(sent, answer(number, "Beter antwoord."))
    channel.retract(sent)
    other = wordpress.comment(wordpress.publish("Luid"), "Nog een?", "Ander")
    assert hook.told(1) == [("comment.created", other)]


def test_the_plugin_says_who_is_one_of_us_to_a_reader_who_may_not_ask(wordpress: WordPress, hook: Hook) -> None:
    number = wordpress.comment(wordpress.publish("Wie"), "Vraag?")
    wordpress.api("POST", "comments", post=wordpress.publish("Elders"), content="Van de beheerder")
    _, password = wordpress.user_with_role("editor", "meelezer")
    editor = WordPressChannel(settings(wordpress.url, "meelezer", password))
    reaction, own_post = read(editor)[0]
    assert (reaction.external_id, type(own_post)) == (str(number), OwnPost)
    assert len(hook.told(2)) == 2


def test_the_plugin_tells_later_only_what_still_holds(wordpress: WordPress, hook: Hook) -> None:
    number = wordpress.comment(wordpress.publish("Heen en weer"), "Mag dit?")
    hook.told(1)
    hook.status = "503 Service Unavailable"
    wordpress.api("POST", f"comments/{number}", status="trash")
    until(lambda: "comment.gone" in hook.types(), saying="the push that it is gone")
    wordpress.api("POST", f"comments/{number}", status="untrash")
    until(lambda: "comment.back" in hook.types(), saying="the push that it is back")
    hook.status = "202 Accepted"
    hook.heard.clear()
    wordpress.sql(f"UPDATE wp_comments SET comment_content = 'Mag dat ook?' WHERE comment_ID = {number}")
    wordpress.run_later()
    assert "comment.back" in hook.types()
    assert "comment.gone" not in hook.types(), "it is there again: the late word would take it away for good"
    assert {json.loads(one.body)["comment"]["content"]["raw"] for one in hook.heard} == {"Mag dat ook?"}


def test_the_plugin_tries_again_later_when_we_are_away_and_not_when_we_refuse(wordpress: WordPress, hook: Hook) -> None:
    hook.status = "503 Service Unavailable"
    number = wordpress.comment(wordpress.publish("Weg"), "Hoor je mij?")
    assert hook.told(1) == [("comment.created", number)]
    waiting = wordpress.sql("SELECT option_value FROM wp_options WHERE option_name = 'cron'")
    assert f"i:{number};" in waiting.partition("weerklank_again")[2]
    hook.status = "202 Accepted"
    wordpress.run_later()
    assert hook.told(1) == [("comment.created", number)]
    hook.status = "401 Unauthorized"
    wordpress.comment(wordpress.publish("Fout"), "En nu?", "Ander")
    hook.told(1)
    until(lambda: "Weerklank did not take a comment: 401" in wordpress.log(), saying="the refusal in the site's log")
