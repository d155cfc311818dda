"""Mastodon, such as social.overheid.nl: mentions in, replies in the thread out, as narrow as what they answer.

Source: docs.joinmastodon.org/methods and the server's own code. Sending is safe to repeat: the server keeps an
Idempotency-Key for an hour, and after that our own answer is found under its parent. An answer is never seen by more people
than the post it answers: that post is asked for first, which also tells whether it is still there.

Why no streaming: a poll costs one call, is a minute late at most and needs no connection that is held for ever.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from pydantic import BaseModel, SecretStr

from app.channels.contract import (
    Audience,
    Consent,
    Health,
    Incoming,
    Limits,
    OutgoingMessage,
    Page,
    RawItem,
    Refused,
    Sent,
    Uncertain,
    Unreachable,
    Unreadable,
)
from app.channels.outgoing import NARROW
from app.channels.social.account import health, kind_of, looking, must_be_connected, no_files, reading
from app.channels.social.api import Api, Http, bearer, part
from app.channels.social.author_address import account_of
from app.channels.social.brake import Brake
from app.channels.social.json_fields import identifier, moment, record, record_of, records
from app.channels.social.mastodon_length import length, length_with_mention, with_room_for_mention
from app.channels.social.mastodon_parse import (
    MENTION,
    SERVICE,
    full_handle,
    parse_status,
    pictures_of,
    status_text,
    visibility_of,
)
from app.channels.social.mastodon_pull import APP_NAME, OWN_POSTS, Reader
from app.channels.social.mastodon_settings import MastodonSettings
from app.channels.social.oauth import code_of, consent_url, missing, tokens_of, verifier
from app.channels.social.pictures import fetch_pictures
from app.channels.social.split import Said, in_posts, post_rest, standing, whole
from app.clock import Clock, now
from app.fetch import fetch
from app.vocabulary import Visibility

SCOPES = ("read:accounts", "read:notifications", "read:statuses", "write:statuses")
AUDIENCE = Audience(
    public=True,
    labels={
        "nl": "Wie het bericht kan zien waarop u antwoordt; een rechtstreeks bericht alleen de afzender",
        "en": "Whoever can see the post you answer; a direct one only its sender",
    },
)
DIRECT = Audience(
    public=False,
    labels={"nl": "Alleen de afzender, als rechtstreeks bericht", "en": "Only the sender, as a direct post"},
)
_NARROWER = (Visibility.PUBLIC, Visibility.UNLISTED, Visibility.PRIVATE, Visibility.DIRECT)
_SERVER_OF_MENTION = re.compile(r"(?<![\w/])@([\w.-]*\w)@[\w.-]+\w")


@dataclass(frozen=True, slots=True)
class Place:
    """Where an answer goes: under which status, how widely it may be seen, whom it mentions."""

    parent: str
    visibility: Visibility
    mention: str


class MastodonChannel:
    """One account on one server."""

    def __init__(self, settings: MastodonSettings, *, http: Http = fetch, clock: Clock = now) -> None:
        """`http` and `clock` are for tests; both have real defaults."""
        self._settings = settings
        self._http = http
        self._clock = clock
        self._api = self._caller(settings.access_token.get_secret_value())

    @property
    def limits(self) -> Limits:
        """The server's own limit, with the mention that goes in front. Files cannot be sent."""
        s = self._settings

        def measure(text: str) -> int:
            return length_with_mention(text, s.characters_per_url)

        def parts(text: str) -> Sequence[str]:
            return in_posts(
                with_room_for_mention(text), s.max_characters, lambda part: length(part, s.characters_per_url)
            )

        limits = Limits(AUDIENCE, max_length=s.max_characters, measure=measure, parts=parts if s.split else None)
        return replace(limits, private=replace(limits, audience=DIRECT))

    def parse(self, item: RawItem) -> Sequence[Incoming]:
        """A reaction, a revision, a withdrawal or a post of our own."""
        return parse_status(item, self._settings.account_id, self._settings.host)

    def complete(self, item: RawItem) -> RawItem:
        """The previews of the pictures that came along with a mention."""
        if item.meta.get("what") != MENTION:
            return item
        pictures = pictures_of(record(record_of(item.body), "status"))
        return replace(item, completed=fetch_pictures(self._http, pictures, self._settings.api_url))

    def pull(self, cursor: str | None) -> Iterator[Page]:
        """Mentions, own posts, and now and then what became of recent ones. Raises `Unreachable`."""
        s = self._settings
        return self._reader().pages(cursor, timedelta(days=s.backfill_days), timedelta(minutes=s.rescan_minutes))

    def inventory(self) -> Iterator[str]:
        """Keys of the mentions of the last days that the server holds."""
        return self._reader().keys(timedelta(days=self._settings.backfill_days))

    def check(self) -> Health:
        """Whether the server knows us, with which rights, and whether its limit is still the one we count with."""
        s = self._settings

        def ask() -> tuple[Sequence[str], str | None]:
            self._connected()
            self._api.get("/api/v1/accounts/verify_credentials")
            most, per_url = _server_limits(self._api.get("/api/v2/instance"))
            changed = (most, per_url) != (s.max_characters, s.characters_per_url)
            problem = f"Posts may now be {most} characters: connect the account again to use it." if changed else None
            return missing(s.scopes, SCOPES), problem

        return health(self._api.brake, ask)

    def send(self, message: OutgoingMessage) -> Sent:
        """A reply in the thread, or a post of its own; several where splitting is on.

        Of several, what stands there from an earlier try is not said again: the server knows a key for an hour only.
        """
        self._connected()
        no_files("Mastodon", message)
        place = self._place(message)
        posts = self._posts(message, place)
        made = list[Sent]()
        if message.again and len(posts) > 1:
            with reading("Mastodon"):
                made = self._standing(place, posts)

        def post(text: str, parent: str) -> Sent:
            number = posts.index(text)
            key = f"{message.key}:{number}" if number else message.key
            return self._post(text, replace(place, parent=parent), message.language, key)

        return post_rest(posts, made, place.parent, post)

    def find_sent(self, message: OutgoingMessage) -> Sent | None:
        """Our own post (or posts) under the same parent with the same words; None also when some are missing."""
        self._connected()
        with looking():
            place = self._place(message)
            posts = self._posts(message, place)
            made = self._standing(place, posts)
        return whole(made) if len(made) == len(posts) else None

    def amend(self, sent: Sent, message: OutgoingMessage) -> Sent:
        """Our post with other words."""
        self._connected()
        text = self._posts(message, self._place(message))
        if len(text) > 1:
            raise Refused("A correction must fit in one post: shorten it.", code="too_long")
        form = (("status", text[0]), ("language", message.language))
        return _sent(self._api.post(f"/api/v1/statuses/{part(sent.external_id)}", form=form, method="PUT"))

    def retract(self, sent: Sent) -> None:
        """Our post, deleted; already gone is fine."""
        self._connected()
        self._api.post(f"/api/v1/statuses/{part(sent.external_id)}", method="DELETE", gone=True)

    def consent(self, redirect_uri: str, state: str) -> Consent:
        """Register us at the server (once per redirect address), then its page that asks."""
        keep = {"verifier": verifier()} | self._application(redirect_uri)
        url = consent_url(
            f"{self._settings.api_url}/oauth/authorize",
            keep["client_id"],
            redirect_uri,
            SCOPES,
            state,
            keep["verifier"],
        )
        return Consent(url, keep)

    def connected(self, redirect_uri: str, query: Mapping[str, str], keep: Mapping[str, str]) -> BaseModel:
        """The settings with the token, the account it is for, and the server's limits."""
        form = {
            "grant_type": "authorization_code", "code": code_of(query), "redirect_uri": redirect_uri,
            "client_id": keep["client_id"], "client_secret": keep["client_secret"],
            "code_verifier": keep["verifier"], "scope": " ".join(SCOPES),
        }  # fmt: skip
        try:
            tokens = tokens_of(self._api.post("/oauth/token", form=tuple(form.items())), SCOPES, self._clock())
            if lacking := missing(tokens.scopes, SCOPES):
                raise Refused(f"These rights were not given: {', '.join(lacking)}. Connect again.", code="scopes")
            api = self._caller(tokens.access)
            account = api.get("/api/v1/accounts/verify_credentials")
            account_id, acct = identifier(account, "id"), full_handle(account, self._settings.host)
            most, per_url = _server_limits(api.get("/api/v2/instance"))
        except (Unreachable, Uncertain, Unreadable, AttributeError) as error:
            raise Refused(f"Connecting failed: {error}", code="unreachable") from error
        return self._settings.model_copy(
            update={
                "access_token": SecretStr(tokens.access),
                "client_id": keep["client_id"],
                "client_secret": SecretStr(keep["client_secret"]),
                "account_id": account_id,
                "acct": acct,
                "scopes": tokens.scopes,
                "max_characters": most,
                "characters_per_url": per_url,
            }
        )

    def revoke(self) -> None:
        """End the token (docs.joinmastodon.org/methods/oauth/#revoke)."""
        s = self._settings
        own = (("client_id", s.client_id), ("client_secret", s.client_secret.get_secret_value()))
        self._api.post("/oauth/revoke", form=(*own, ("token", s.access_token.get_secret_value())))

    def _caller(self, token: str) -> Api:
        return Api("Mastodon", self._settings.api_url, self._http, self._clock, Brake(self._clock), bearer(token))

    def _connected(self) -> None:
        must_be_connected(self._settings.access_token, self._settings.account_id)

    def _reader(self) -> Reader:
        self._connected()
        return Reader(self._api, self._settings.account_id, self._clock())

    def _application(self, redirect_uri: str) -> dict[str, str]:
        form = (("client_name", APP_NAME), ("redirect_uris", redirect_uri), ("scopes", " ".join(SCOPES)))
        try:
            made = self._api.post("/api/v1/apps", form=form)
            return {"client_id": str(made["client_id"]), "client_secret": str(made["client_secret"])}
        except (Uncertain, KeyError, TypeError) as error:
            raise Unreachable("The server did not register us: check its address, or try again.") from error

    def _place(self, message: OutgoingMessage) -> Place:
        parent = message.thread.parent_id
        if not parent:
            if message.visibility in NARROW:
                raise Refused("A post of its own cannot be private: answer a reaction.", code="no_parent")
            return Place("", message.visibility, "")
        status = self._api.find(f"/api/v1/statuses/{part(parent)}")
        if status is None:
            raise Refused("The post that this answers is gone, or its author no longer lets us see it.", code="gone")
        try:
            author, visibility = record(status, "account"), visibility_of(status)
            handle = full_handle(author, self._settings.host)
        except (Unreadable, AttributeError) as error:
            raise Unreachable("Mastodon answered with something that is no post.") from error
        if str(author.get("id")) == self._settings.account_id and message.recipient is not None:
            handle = account_of(SERVICE, message.recipient.address)
        return Place(parent, max(visibility, message.visibility, key=_NARROWER.index), handle)

    def _posts(self, message: OutgoingMessage, place: Place) -> Sequence[str]:
        s = self._settings
        text = message.text.strip()
        if place.mention and not _mentions(text, place.mention):
            text = f"@{place.mention} {text}"
        longest = s.max_characters
        if s.split:
            return in_posts(text, longest, lambda part: length(part, s.characters_per_url))
        if (is_long := length(text, s.characters_per_url)) > longest:
            raise Refused(f"{is_long} characters with the mention; {longest} is the most.", code="too_long")
        return (text,)

    def _post(self, text: str, place: Place, language: str, key: str) -> Sent:
        form = [("status", text), ("visibility", place.visibility.value), ("language", language)]
        if place.parent:
            form.append(("in_reply_to_id", place.parent))
        return _sent(self._api.post("/api/v1/statuses", form=form, headers={"idempotency-key": key}))

    def _standing(self, place: Place, posts: Sequence[str]) -> list[Sent]:
        """Which of these stand there already."""
        return standing(list(self._ours(place.parent)), place.parent, [_comparable(post) for post in posts])

    def _ours(self, parent: str) -> Iterator[Said]:
        """Our own posts in the thread below `parent`; without one, our newest posts."""
        own = self._settings.account_id
        if parent:
            thread = self._api.get(f"/api/v1/statuses/{part(parent)}/context")
        else:
            thread = {"descendants": self._api.get(f"/api/v1/accounts/{part(own)}/statuses", OWN_POSTS)}
        for status in records(thread if isinstance(thread, dict) else {"descendants": thread}, "descendants"):
            if record(status, "account").get("id") == own:
                under = identifier(status, "in_reply_to_id", needed=False)
                yield Said(_sent(status), under, _comparable(status_text(status)))


def _server_limits(instance: Any) -> tuple[int, int]:
    statuses = record(record(instance, "configuration"), "statuses") if isinstance(instance, dict) else {}
    most, per_url = statuses.get("max_characters"), statuses.get("characters_reserved_per_url")
    return (most if isinstance(most, int) else 500, per_url if isinstance(per_url, int) else 23)


def _mentions(text: str, handle: str) -> bool:
    return bool(re.search(rf"(?<![\w/])@{re.escape(handle)}(?![\w@])", text, re.IGNORECASE))


def _comparable(text: str) -> str:
    """Words alone: the server writes mentions without their server and white space in its own way."""
    return " ".join(_SERVER_OF_MENTION.sub(r"@\1", text).split())


def _sent(status: Any) -> Sent:
    if not isinstance(status, dict) or not status.get("id"):
        raise Uncertain("The server answered without the post that it made.")
    return Sent(str(status["id"]), str(status.get("url") or ""), moment(status.get("created_at")))


KIND = kind_of("social.mastodon", "Mastodon", MastodonSettings, MastodonChannel)
