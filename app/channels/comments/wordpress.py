"""Comments under the pages of a WordPress site: read by its REST API, pushed by our small plugin, answered in the thread.

Polling alone is enough; the plugin makes it quick, and tells what polling cannot see (an edit of an old comment). Both bring
one comment under one key. An answer is stored with the delivery's key as its user agent, which WordPress keeps and shows to
nobody but moderators: by that `find_sent` knows our own answer.

Why an answer under a comment that waits for approval is refused: nobody would see it, and it would look answered.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from app.channels.comments.wordpress_api import COMMENTS, NO_COMMENT, USERS, Api, Http, Query
from app.channels.comments.wordpress_comment import AGENT, APPROVED, REMOVED, SHOWN, parse_comment, utc
from app.channels.comments.wordpress_push import answer_push
from app.channels.comments.wordpress_read import ONE, PAGE, Reader
from app.channels.comments.wordpress_settings import WordPressSettings
from app.channels.comments.wordpress_words import alike, html_of, size_of, text_of
from app.channels.contract import (
    AccountConfig,
    Audience,
    Channel,
    ChannelError,
    Health,
    Incoming,
    Kind,
    Limits,
    Moderation,
    OutgoingMessage,
    Page,
    RawItem,
    Refused,
    Sent,
    Uncertain,
    Unreachable,
    WebhookAnswer,
    WebhookRequest,
)
from app.clock import Clock, now
from app.fetch import fetch
from app.vocabulary import Verdict, Visibility

LONGEST = 65_525  # bytes of content
LONGEST_AGENT = 254  # characters
UNKNOWN_AGENT = "-"  # an empty one would become ours
RIGHT = "moderate_comments"
WITH_TRACES: Query = {"context": "edit", "_fields": "id,status,author_ip,author_user_agent"}
PEOPLE_KEPT = timedelta(hours=1)
PUBLIC = frozenset({Visibility.PUBLIC, Visibility.UNLISTED})
AUDIENCE = Audience(public=True, labels={"nl": "Iedereen die de pagina leest", "en": "Everybody who reads the page"})
LIMITS = Limits(AUDIENCE, max_length=LONGEST, measure=size_of, unit={"nl": "bytes", "en": "bytes"})


@dataclass(frozen=True, slots=True)
class People:
    """Who answers for us at the site: `own` is the user whose password we have, `staff` are all who may moderate."""

    own: int
    staff: frozenset[int]
    asked_at: datetime


class WordPressChannel:
    """One site."""

    limits = LIMITS

    def __init__(self, settings: WordPressSettings, *, http: Http = fetch, clock: Clock = now) -> None:
        """`http` and `clock` are for tests; both have real defaults."""
        self._settings = settings
        self._clock = clock
        password = settings.application_password.get_secret_value()
        self._api = Api(settings.site_url, settings.user, password, http, clock)
        self._known: People | None = None

    def parse(self, item: RawItem) -> Sequence[Incoming]:
        """A reaction, a revision, a withdrawal or a post of our own."""
        return parse_comment(item, self._settings.host)

    def pull(self, cursor: str | None) -> Iterator[Page]:
        """New comments, and now and then what became of recent ones. Raises `Unreachable`."""
        s = self._settings
        return self._reader().pages(cursor, timedelta(days=s.backfill_days), timedelta(minutes=s.rescan_minutes))

    def receive(self, request: WebhookRequest) -> WebhookAnswer:
        """A signed push of the plugin."""
        return answer_push(request, self._settings.webhook_secret.get_secret_value())

    def inventory(self) -> Iterator[str]:
        """Keys of the comments of the last days that the site holds."""
        return self._reader().keys(timedelta(days=self._settings.backfill_days))

    def check(self) -> Health:
        """Whether the site knows us, as somebody who may read all comments and decide about them."""
        try:
            me = self._me()
            self._api.listed(COMMENTS, {"context": "edit", "status": "hold", "per_page": 1, "_fields": "id"})
        except ChannelError as error:
            return Health(problem=error.detail)
        rights = me.get("capabilities")
        if isinstance(rights, dict) and rights.get(RIGHT):
            return Health()
        return Health(problem="Give the user the role Editor in WordPress.", missing_scopes=(RIGHT,))

    def send(self, message: OutgoingMessage) -> Sent:
        """A reply under the comment, or a comment under the page."""
        said: dict[str, str | int] = {"content": _content(message), "author_user_agent": f"{AGENT}{message.key}"}
        values = said | self._place(message)
        if message.signed_by:
            values |= {"author": self._people().own, "author_name": message.signed_by}
        try:
            return _sent(self._api.create(values))
        except Refused as error:
            if error.code != "comment_duplicate":
                raise
            there = self._said_already(message)
            if there is None:
                raise
            return there

    def find_sent(self, message: OutgoingMessage) -> Sent | None:
        """Our own comment under the same parent, with this delivery's key or, where a plugin took that away, its words."""
        try:
            return next((_sent(one) for one in self._ours(message) if _made_by(one, message)), None)
        except (Unreachable, Refused) as error:
            raise Uncertain(f"It cannot be looked up: {error.detail}") from error

    def amend(self, sent: Sent, message: OutgoingMessage) -> Sent:
        """Our comment with other words."""
        said = {"content": _content(message), "author_user_agent": f"{AGENT}{message.key}"}
        return _sent(self._api.change(sent.external_id, said))

    def retract(self, sent: Sent) -> None:
        """Our comment, in the trash; already gone is fine."""
        if _status(self._api.find(sent.external_id, ONE)) in SHOWN:
            self._api.trash(sent.external_id)

    def moderate(self, moderation: Moderation) -> None:
        """Approve and restore put it on the page, hide holds it for approval, remove puts it in the trash."""
        comment_id, verdict = moderation.external_id, moderation.verdict
        record = self._api.find(comment_id, WITH_TRACES)
        status = _status(record)
        if verdict is Verdict.REMOVE:
            if record is not None and status in SHOWN:
                self._api.change(comment_id, _traces(record, REMOVED))
                self._api.trash(comment_id)
        elif record is None:
            raise Refused("The comment is gone from the site.", code=NO_COMMENT)
        elif verdict is Verdict.HIDE:
            if status == APPROVED:  # in the spam or the trash nobody sees it either
                self._api.change(comment_id, {"status": "hold", **_traces(record)})
        else:
            if status in ("trash", "spam"):  # to what it was before: held or approved
                status = _status(self._api.change(comment_id, {"status": f"un{status}", **_traces(record)}))
            if status != APPROVED:
                self._api.change(comment_id, {"status": "approve", **_traces(record)})

    def _reader(self) -> Reader:
        people = self._people()
        return Reader(self._api, people.staff | {people.own}, self._clock())

    def _people(self) -> People:
        at = self._clock()
        if self._known is None or at - self._known.asked_at > PEOPLE_KEPT:
            own = self._me().get("id")
            if not isinstance(own, int):
                raise Unreachable("The site did not tell who we are there: check the user and its password.")
            self._known = People(own, self._moderators(), at)
        return self._known

    def _me(self) -> Mapping[str, Any]:
        me = self._api.get(f"{USERS}/me", {"context": "edit", "_fields": "id,capabilities"})
        return me if isinstance(me, dict) else {}

    def _moderators(self) -> frozenset[int]:
        """Users whose comments are ours. An Editor may not list them: then only the plugin tells, and we go by our own id."""
        query: Query = {"context": "edit", "capabilities": RIGHT, "per_page": PAGE, "_fields": "id"}
        found = self._api.allowed(USERS, query)
        return frozenset(one["id"] for one in found if isinstance(one.get("id"), int))

    def _place(self, message: OutgoingMessage) -> dict[str, str | int]:
        """Post and parent of an answer. Raises `Refused` where nobody would see it there."""
        parent, subject = message.thread.parent_id, message.thread.subject
        if not parent:
            post = subject.key.removeprefix("post:") if subject else ""
            if not post.isdigit():
                raise Refused("Choose the page that this is to stand under.", code="no_parent")
            return {"post": int(post)}
        record = self._api.find(parent, ONE)
        status = _status(record)
        if record is None or status not in SHOWN:
            raise Refused("The comment that this answers is gone from the site.", code="gone")
        if status != APPROVED:
            raise Refused("Approve the comment first: under one that waits, nobody would see the answer.", code="held")
        return {"post": int(record.get("post") or 0), "parent": int(parent)}

    def _ours(self, message: OutgoingMessage) -> Iterator[Mapping[str, Any]]:
        """What we wrote under the same parent, newest first, whatever became of it."""
        parent, subject = message.thread.parent_id, message.thread.subject
        where = {"parent": parent or "0"} | ({"post": subject.key.removeprefix("post:")} if subject else {})
        for status in ("all", "spam", "trash"):
            query = {**ONE, **where, "author": self._people().own, "status": status, "per_page": PAGE, "order": "desc"}
            yield from self._api.listed(COMMENTS, query)[0]

    def _said_already(self, message: OutgoingMessage) -> Sent | None:
        """WordPress says that it is there: the same words of ours, by whichever delivery."""
        return self.find_sent(message) or next((_sent(one) for one in self._ours(message) if _same(one, message)), None)


def _content(message: OutgoingMessage) -> str:
    """What we write. Raises `Refused` for what WordPress cannot show."""
    if message.attachments:
        raise Refused("Files cannot be sent under a web page: put a link in the text.", code="attachments")
    if message.visibility not in PUBLIC:
        raise Refused("Everybody can read what stands under a web page: answer in another way.", code="private")
    if (size := size_of(message.text)) > LONGEST:
        raise Refused(f"The answer is {size} bytes long; WordPress keeps {LONGEST}.", code="too_long")
    return html_of(message.text)


def _made_by(record: Mapping[str, Any], message: OutgoingMessage) -> bool:
    agent = str(record.get("author_user_agent") or "")
    return agent == f"{AGENT}{message.key}" or (not agent.startswith(AGENT) and _same(record, message))


def _same(record: Mapping[str, Any], message: OutgoingMessage) -> bool:
    content = record.get("content")
    raw = content.get("raw") if isinstance(content, dict) else ""
    return isinstance(raw, str) and alike(text_of(raw), message.text)


def _traces(record: Mapping[str, Any], mark: str = "") -> dict[str, str]:
    """The visitor's own IP address and program, given back: WordPress writes ours over them at every change by the API."""
    found = {name: record.get(name) for name in ("author_ip", "author_user_agent")}
    kept = {name: value for name, value in found.items() if isinstance(value, str) and value}
    agent = kept.get("author_user_agent", "").removesuffix(REMOVED)
    return kept | {"author_user_agent": agent[: LONGEST_AGENT - len(mark)] + mark or UNKNOWN_AGENT}


def _status(record: Mapping[str, Any] | None) -> str:
    return str(record.get("status") or "") if record is not None else ""


def _sent(record: Mapping[str, Any]) -> Sent:
    comment_id, link = record.get("id"), record.get("link")
    if not isinstance(comment_id, int):
        raise Uncertain("The site answered without the comment that it made.")
    status = _status(record)
    return Sent(
        str(comment_id),
        link if isinstance(link, str) else "",
        utc(record.get("date_gmt")),
        {"status": status} if status else {},
    )


def build(config: AccountConfig) -> Channel:
    """The channel of one account; opens nothing."""
    assert isinstance(config.settings, WordPressSettings)
    return WordPressChannel(config.settings)


KIND = Kind(
    key="comments.wordpress",
    labels={"nl": "WordPress", "en": "WordPress"},
    settings=WordPressSettings,
    channel=WordPressChannel,
    build=build,
)
