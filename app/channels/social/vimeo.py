"""Vimeo: comments under the organisation's videos, and answers as replies to them.

Source: developer.vimeo.com/api/reference/videos (comments). Comments are public wherever the video is. There is no
idempotency: when an answer may have gone out, the replies under the same comment are read again for the same words.
"""

import base64
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit

from pydantic import BaseModel, SecretStr

from app.channels.contract import (
    AccountConfig,
    Audience,
    Channel,
    ChannelError,
    Consent,
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
    Unreadable,
)
from app.channels.social.api import Api, Authorise, Http
from app.channels.social.brake import Brake
from app.channels.social.json_fields import moment, record, records, text
from app.channels.social.oauth import code_of, missing, tokens_of
from app.channels.social.vimeo_parse import ADDRESS, parse_comment, user_id
from app.channels.social.vimeo_pull import READING, Reader
from app.channels.social.vimeo_settings import VimeoSettings
from app.clock import Clock, now
from app.fetch import Fetched, fetch
from app.vocabulary import Verdict, Visibility

ACCEPT = "application/vnd.vimeo.*+json;version=3.4"
SCOPES = ("public", "private", "interact", "edit", "delete")
LOOKED_BACK = 100  # replies among which our own is looked for
AUDIENCE = Audience(
    public=True,
    labels={"nl": "Iedereen die de video op Vimeo kan zien", "en": "Everybody who can see the video on Vimeo"},
)


class VimeoHttp:
    """Http in which reading the comments of a video that has them closed (403) finds nothing, as with one that is gone."""

    def __init__(self, http: Http) -> None:
        self._http = http

    def __call__(
        self, method: str, url: str, *, headers: Mapping[str, str] | None = None, body: bytes = b"",
        deadline: float = 10.0, limit: int = 1_048_576, foreign: bool = True, redirects: int = 0,
    ) -> Fetched:  # fmt: skip
        """One request; raises `FetchError`."""
        answer = self._http(
            method, url, headers=headers, body=body, deadline=deadline, limit=limit, foreign=foreign,
            redirects=redirects,
        )  # fmt: skip
        closed = method == "GET" and answer.status == 403 and urlsplit(url).path.endswith(("/comments", "/replies"))
        return replace(answer, status=404) if closed else answer


class VimeoChannel:
    """One account."""

    limits = Limits(AUDIENCE)

    def __init__(self, settings: VimeoSettings, *, http: Http = fetch, clock: Clock = now) -> None:
        """`http` and `clock` are for tests; both have real defaults."""
        self._settings = settings
        self._http = VimeoHttp(http)
        self._clock = clock
        self._api = self._caller(f"Bearer {settings.access_token.get_secret_value()}")

    def parse(self, item: RawItem) -> Sequence[Incoming]:
        """A reaction, a revision, a withdrawal or a comment of our own."""
        return parse_comment(item, self._settings.user_id)

    def pull(self, cursor: str | None) -> Iterator[Page]:
        """Comments and replies under the newest videos. Raises `Unreachable`."""
        self._connected()
        s = self._settings
        reader = Reader(self._api, s.user_id, self._clock())
        backfill, every = timedelta(days=s.backfill_days), timedelta(minutes=s.rescan_minutes)
        try:
            yield from reader.pages(cursor, backfill, every, s.recent_videos)
        except Unreadable as error:
            raise Unreachable(f"Vimeo answered with something else than comments: {error.detail}") from error

    def check(self) -> Health:
        """Whether Vimeo takes our token, and with which rights."""
        try:
            self._connected()
            self._api.find("/me", (("fields", "uri,name"),), endpoint=READING)
        except ChannelError as error:
            return Health(problem=error.detail, quotas=self._api.brake.quotas)
        lacking = missing(self._settings.scopes, SCOPES)
        problem = "Rights are missing: connect the account again and allow all that is asked." if lacking else None
        return Health(problem, lacking, self._api.brake.quotas)

    def send(self, message: OutgoingMessage) -> Sent:
        """A reply to the comment, or a comment under the video."""
        self._connected()
        self._check(message)
        return _sent(self._api.post(self._place(message), data={"text": message.text.strip()}, endpoint=READING))

    def find_sent(self, message: OutgoingMessage) -> Sent | None:
        """Our own reply in the same place with the same words, that is not one we knew of already."""
        self._connected()
        query = (("direction", "desc"), ("per_page", str(LOOKED_BACK)))
        try:
            found = self._api.find(self._place(message), query, endpoint=READING) or {}
            for comment in records(found, "data"):
                same = " ".join(text(comment, "text").split()) == " ".join(message.text.split())
                known = comment.get("uri") in message.thread.references
                if same and not known and user_id(comment) == self._settings.user_id:
                    return _sent(comment)
        except (Unreachable, Unreadable) as error:
            raise Uncertain(f"It cannot be looked up: {error.detail}") from error
        return None

    def amend(self, sent: Sent, message: OutgoingMessage) -> Sent:
        """Our comment with other words."""
        self._connected()
        data = {"text": message.text.strip()}
        self._api.post(_address(sent.external_id), data=data, method="PATCH", endpoint=READING)
        return sent

    def retract(self, sent: Sent) -> None:
        """Our comment, deleted; already gone is fine."""
        self._delete(sent.external_id)

    def moderate(self, moderation: Moderation) -> None:
        """Delete somebody's comment under our video; Vimeo can do nothing else with it."""
        if moderation.verdict is not Verdict.REMOVE:
            raise Refused("Vimeo can only delete a comment, not hide or restore one.", code="not_possible")
        self._delete(moderation.external_id)

    def consent(self, redirect_uri: str, state: str) -> Consent:
        """Vimeo's page that asks. Nothing need be kept: the client's secret proves who comes back."""
        if not self._settings.client_id or not self._settings.client_secret.get_secret_value():
            raise Refused("Enter the app's client id and secret first.", code="no_app")
        query = {
            "response_type": "code", "client_id": self._settings.client_id, "redirect_uri": redirect_uri,
            "state": state, "scope": " ".join(SCOPES),
        }  # fmt: skip
        return Consent(f"{self._settings.api_url}/oauth/authorize?{urlencode(query)}")

    def connected(self, redirect_uri: str, query: Mapping[str, str], keep: Mapping[str, str]) -> BaseModel:
        """The settings with the token (which does not end) and the account it is for."""
        s = self._settings
        given = f"{s.client_id}:{s.client_secret.get_secret_value()}".encode()
        api = self._caller("basic " + base64.b64encode(given).decode())
        form = (("grant_type", "authorization_code"), ("code", code_of(query)), ("redirect_uri", redirect_uri))
        try:
            answer = api.post("/oauth/access_token", form=form)
            tokens = tokens_of(answer, SCOPES, self._clock())
            user = record(answer, "user")
            lacking = missing(tokens.scopes, ("public", "interact"))
            if lacking or not text(user, "uri"):
                raise Refused(f"Without these rights nothing can be done: {', '.join(lacking)}.", code="scopes")
        except (Uncertain, Unreadable) as error:
            raise Unreachable(f"Connecting did not end well: {error.detail} Try again.") from error
        found = {
            "access_token": SecretStr(tokens.access), "user_id": text(user, "uri").rpartition("/")[2],
            "user_name": text(user, "name"), "scopes": tokens.scopes,
        }  # fmt: skip
        return s.model_copy(update=found)

    def _caller(self, authorization: str) -> Api:
        authorise: Authorise = lambda _method, _url, _body: {"authorization": authorization, "accept": ACCEPT}  # noqa: E731
        return Api("Vimeo", self._settings.api_url, self._http, self._clock, Brake(self._clock), authorise)

    def _connected(self) -> None:
        if not self._settings.access_token.get_secret_value() or not self._settings.user_id:
            raise Unreachable("This account is not connected yet: choose Connect.")

    def _check(self, message: OutgoingMessage) -> None:
        if message.attachments:
            raise Refused("Files cannot be sent over Vimeo from here: put a link in the text.", code="attachments")
        if message.visibility in (Visibility.PRIVATE, Visibility.DIRECT):
            raise Refused("Vimeo has no private answers: everybody would see it.", code="no_private")

    def _place(self, message: OutgoingMessage) -> str:
        """Replies are one level deep: an answer to a reply stands under the same comment."""
        thread = message.thread
        if above := thread.root_id or thread.parent_id:
            return f"{_address(above)}/replies"
        if thread.subject is None or not ADDRESS.match(f"{thread.subject.key}/comments/0"):
            raise Refused("A comment needs a video to stand under.", code="no_parent")
        return f"{thread.subject.key}/comments"

    def _delete(self, external_id: str) -> None:
        self._connected()
        self._api.post(_address(external_id), method="DELETE", endpoint=READING, gone=True)


def _address(external_id: str) -> str:
    if not ADDRESS.match(external_id):
        raise Refused("This is no comment on Vimeo.", code="no_comment")
    return external_id


def _sent(comment: Any) -> Sent:
    address = comment.get("uri") if isinstance(comment, dict) else None
    if not isinstance(address, str) or not ADDRESS.match(address):
        raise Uncertain("Vimeo answered without the comment that it made.")
    return Sent(address, sent_at=moment(comment.get("created_on")))


def build(config: AccountConfig) -> Channel:
    """The channel of one account; opens nothing."""
    assert isinstance(config.settings, VimeoSettings)
    return VimeoChannel(config.settings)


KIND = Kind(
    key="social.vimeo",
    labels={"nl": "Vimeo", "en": "Vimeo"},
    settings=VimeoSettings,
    channel=VimeoChannel,
    build=build,
)
