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
    Audience,
    Consent,
    Health,
    Incoming,
    Limits,
    Moderation,
    OutgoingMessage,
    Page,
    RawItem,
    Refused,
    Sent,
    Uncertain,
)
from app.channels.social.account import (
    connecting,
    far_enough,
    health,
    kind_of,
    looking,
    must_be_connected,
    no_files,
    only_removal,
    public_only,
    reading,
    same_words,
)
from app.channels.social.api import Api, Asked, Authorise, Http
from app.channels.social.brake import Brake
from app.channels.social.json_fields import moment, record, records, text
from app.channels.social.oauth import code_of, missing, tokens_of
from app.channels.social.vimeo_parse import ADDRESS, parse_comment, user_id
from app.channels.social.vimeo_pull import READING, Reader
from app.channels.social.vimeo_settings import VimeoSettings
from app.clock import Clock, now
from app.fetch import Fetched, fetch

ACCEPT = "application/vnd.vimeo.*+json;version=3.4"
SCOPES = ("public", "private", "interact", "edit", "delete")
LISTS = ("/comments", "/replies")
LOOKED_BACK = 100  # replies among which our own is looked for
AUDIENCE = Audience(
    public=True,
    labels={"nl": "Iedereen die de video op Vimeo kan zien", "en": "Everybody who can see the video on Vimeo"},
)


def in_http(asked: Asked, answer: Fetched) -> Fetched:
    """Reading the comments of a video that has them closed (403) finds nothing, as with one that is gone."""
    closed = asked.method == "GET" and answer.status == 403
    return replace(answer, status=404) if closed and urlsplit(asked.url).path.endswith(LISTS) else answer


class VimeoChannel:
    """One account."""

    limits = Limits(AUDIENCE)

    def __init__(self, settings: VimeoSettings, *, http: Http = fetch, clock: Clock = now) -> None:
        """`http` and `clock` are for tests; both have real defaults."""
        self._settings = settings
        self._http = http
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
        with reading("Vimeo"):
            yield from reader.pages(cursor, backfill, every, s.recent_videos)

    def inventory(self) -> Iterator[str]:
        """How the keys begin of the comments of the last days under the newest videos."""
        self._connected()
        s = self._settings
        with reading("Vimeo"):
            yield from Reader(self._api, s.user_id, self._clock()).keys(
                timedelta(days=s.backfill_days), s.recent_videos
            )

    def check(self) -> Health:
        """Whether Vimeo takes our token, and with which rights."""

        def ask() -> tuple[Sequence[str], None]:
            self._connected()
            self._api.find("/me", (("fields", "uri,name"),), endpoint=READING)
            return missing(self._settings.scopes, SCOPES), None

        return health(self._api.brake, ask)

    def send(self, message: OutgoingMessage) -> Sent:
        """A reply to the comment, or a comment under the video."""
        self._connected()
        no_files("Vimeo", message)
        public_only("Vimeo", message)
        return _sent(self._api.post(self._place(message), data={"text": message.text.strip()}, endpoint=READING))

    def find_sent(self, message: OutgoingMessage) -> Sent | None:
        """Our own reply in the same place with the same words, that is not one we knew of already."""
        self._connected()
        query = (("direction", "desc"), ("per_page", str(LOOKED_BACK)))
        with looking():
            newest = records(self._api.find(self._place(message), query, endpoint=READING) or {}, "data")
            for comment in newest:
                known = comment.get("uri") in message.thread.references
                ours = user_id(comment) == self._settings.user_id and not known
                if ours and same_words(comment.get("text"), message.text):
                    return _sent(comment)
            far_enough(newest, LOOKED_BACK, "created_on", message.made_at)
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
        only_removal("Vimeo", moderation)
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
        with connecting():
            answer = api.post("/oauth/access_token", form=form)
            tokens = tokens_of(answer, SCOPES, self._clock())
            user = record(answer, "user")
            user_uri, name = text(user, "uri"), text(user, "name")
        lacking = missing(tokens.scopes, ("public", "interact"))
        if lacking or not user_uri:
            raise Refused(f"Without these rights nothing can be done: {', '.join(lacking)}.", code="scopes")
        found = {
            "access_token": SecretStr(tokens.access), "user_id": user_uri.rpartition("/")[2],
            "user_name": name, "scopes": tokens.scopes,
        }  # fmt: skip
        return s.model_copy(update=found)

    def revoke(self) -> None:
        """End the token, which would not end by itself."""
        self._api.post("/tokens", method="DELETE")

    def _caller(self, authorization: str) -> Api:
        authorise: Authorise = lambda _method, _url, _body: {"authorization": authorization, "accept": ACCEPT}  # noqa: E731
        return Api("Vimeo", self._settings.api_url, self._http, self._clock, Brake(self._clock), authorise, in_http)

    def _connected(self) -> None:
        must_be_connected(self._settings.access_token, self._settings.user_id)

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


KIND = kind_of("social.vimeo", "Vimeo", VimeoSettings, VimeoChannel)
