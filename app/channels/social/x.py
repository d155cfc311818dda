"""X: mentions in by poll and by push, replies in the thread out.

Source: docs.x.com (OpenAPI 2.167 and guides, 2026-08). Whoever is not enterprise may reply only to posts whose author named
or quoted the account ("summoned", since 2026-02-23); mentions always are. X has no idempotency: after silence our own posts
since the question are searched for the same words, and X itself refuses a text that was said before.

Reading costs money (`x_prices.py`): each page says what it cost, nothing is read twice, and deletions are looked for only
where that was chosen; a pushed `post.delete` costs nothing.
"""

import hmac
import json
import re
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from typing import Any
from urllib.parse import unquote_plus

from pydantic import BaseModel, SecretStr

from app.channels.contract import (
    Audience,
    ChannelError,
    Consent,
    Health,
    Incoming,
    Limits,
    NotAuthentic,
    OutgoingMessage,
    Page,
    RawItem,
    Refused,
    Sent,
    Uncertain,
    Unreachable,
    Unreadable,
    WebhookAnswer,
    WebhookRequest,
)
from app.channels.social.account import health, kind_of, looking, must_be_connected, no_files, public_only, reading
from app.channels.social.api import Api, Authorise, Http, bearer, part
from app.channels.social.brake import Brake, HeaderNames
from app.channels.social.json_fields import Record, identifier, moment, record, record_of, records, text
from app.channels.social.oauth import Tokens, code_of, consent_url, ends_soon, missing, tokens_of, verifier
from app.channels.social.pictures import fetch_pictures
from app.channels.social.split import Said, in_posts, post_rest, standing, whole
from app.channels.social.x_length import weighted
from app.channels.social.x_parse import (
    DELETED,
    EVENT,
    MENTION,
    MENTIONED,
    REPLIED,
    SITE,
    first_version,
    parse_post,
    pictures_of,
    replied_to,
    words,
)
from app.channels.social.x_prices import price_of
from app.channels.social.x_pull import FIELDS, Reader
from app.channels.social.x_settings import XSettings
from app.clock import Clock, now
from app.fetch import fetch

SCOPES = ("tweet.read", "users.read", "tweet.write", "offline.access")
SIGNATURE = "x-twitter-webhooks-signature"
HEADERS = HeaderNames("x-rate-limit-limit", "x-rate-limit-remaining", "x-rate-limit-reset")
AUDIENCE = Audience(public=True, labels={"nl": "Iedereen op X", "en": "Everybody on X"})
MOST_SEARCHED = 3  # pages of own posts after a question
SAID_BEFORE = "duplicate content"  # [M] how X says that we said the same a moment ago
NOT_SUMMONED = "mentioned or otherwise engaged"  # [M] how X says that its author asked us nothing
_LEADING_MENTIONS = re.compile(r"^(?:@\w+\s+)+")


class XChannel:
    """One account."""

    def __init__(self, settings: XSettings, *, http: Http = fetch, clock: Clock = now) -> None:
        """`http` and `clock` are for tests; both have real defaults."""
        self._settings = settings
        self._http = http
        self._clock = clock
        self._brake = Brake(clock, HEADERS)
        self._api = self._caller(bearer(settings.access_token.get_secret_value()))

    @property
    def limits(self) -> Limits:
        """X's weighted length; the mentions that X puts in front are free. Files cannot be sent."""
        s = self._settings

        def parts(text: str) -> Sequence[str]:
            return in_posts(text, s.max_length, weighted) if s.split else (text,)

        def cost(text: str) -> float:
            return sum(price_of(post, reply=True) for post in parts(text))

        return Limits(AUDIENCE, s.max_length, weighted, parts=parts if s.split else None, cost=cost)

    def parse(self, item: RawItem) -> Sequence[Incoming]:
        """A reaction, a revision, a withdrawal or a post of our own."""
        return parse_post(item, self._settings.user_id)

    def complete(self, item: RawItem) -> RawItem:
        """The pictures that came along with a mention."""
        what = item.meta.get("what")
        if what not in (MENTION, EVENT):
            return item
        data = record_of(item.body) if what == MENTION else record(record_of(item.body), "data")
        return replace(item, completed=fetch_pictures(self._http, pictures_of(data), self._settings.api_url))

    def pull(self, cursor: str | None) -> Iterator[Page]:
        """Mentions, own posts, and deletions where those are looked for. Raises `Unreachable`."""
        self._connected()
        hours = self._settings.look_again_hours
        reader = Reader(self._api, self._settings.user_id, self._clock())
        backfill = timedelta(days=self._settings.backfill_days)
        return reader.pages(cursor, backfill, timedelta(hours=hours) if hours else None)

    def receive(self, request: WebhookRequest) -> WebhookAnswer:
        """X's challenge (answered), or signed events (cut into items)."""
        secret = self._settings.consumer_secret.get_secret_value().encode()
        if not secret:
            raise NotAuthentic("no API secret is set, so nothing that X pushes can be checked")
        if request.method == "GET":
            return WebhookAnswer(body=json.dumps({"response_token": _challenge(secret, request.url)}).encode())
        if not hmac.compare_digest(_signature(request.headers.get(SIGNATURE, "")), _mac(secret, request.body)):
            raise NotAuthentic("the signature is not X's")
        return WebhookAnswer(items=(_pushed(request.body, self._settings.user_id),))

    def check(self) -> Health:
        """Whether X knows us, with which rights, and until when. Costs nothing that counts."""
        s = self._settings

        def ask() -> tuple[Sequence[str], None]:
            self._connected()
            self._api.get("/2/users/me", endpoint="me")
            return missing(s.scopes, SCOPES), None

        return health(self._brake, ask, None if s.refresh_token.get_secret_value() else s.expires_at)

    def send(self, message: OutgoingMessage) -> Sent:
        """A reply in the thread, or a post of its own; several where splitting is on.

        Of several, what stands there from an earlier try is not said again.
        """
        posts = self._posts(message)
        made = list[Sent]()
        if message.again and len(posts) > 1:
            with reading("X"):
                made = self._standing(message, posts)
        return post_rest(posts, made, message.thread.parent_id, self._post)

    def find_sent(self, message: OutgoingMessage) -> Sent | None:
        """Our own post (or posts) after the question, under it and with the same words; None also when some are missing."""
        with looking():
            posts = self._posts(message)
            made = self._standing(message, posts)
        return whole(made) if len(made) == len(posts) else None

    def amend(self, sent: Sent, message: OutgoingMessage) -> Sent:
        """Taken back, and said anew: X lets only subscribers edit, and not over the API."""
        if len(self._posts(message)) > 1:  # what cannot be sent must not cost us what stands there
            raise Refused("A correction must fit in one post: shorten it.", code="too_long")
        self.retract(sent)
        try:
            said = self.find_sent(message) if message.again else None
            return said or self.send(message)
        except ChannelError as error:
            error.say_first("What stood there was taken back.")
            error.gone = True
            raise

    def retract(self, sent: Sent) -> None:
        """Our post, deleted; already gone is fine."""
        self._connected()
        self._api.post(f"/2/tweets/{part(sent.external_id)}", method="DELETE", endpoint="delete", gone=True)

    def consent(self, redirect_uri: str, state: str) -> Consent:
        """X's page that asks."""
        s = self._settings
        if not s.client_id or not s.client_secret.get_secret_value():
            raise Refused("Fill in the client id and secret of your developer app first.", code="no_app")
        kept = verifier()
        return Consent(consent_url(s.consent_url, s.client_id, redirect_uri, SCOPES, state, kept), {"verifier": kept})

    def connected(self, redirect_uri: str, query: Mapping[str, str], keep: Mapping[str, str]) -> BaseModel:
        """The settings with the tokens and the account that they are for."""
        tokens = self._token(
            grant_type="authorization_code",
            code=code_of(query),
            redirect_uri=redirect_uri,
            code_verifier=keep["verifier"],
        )
        if lacking := missing(tokens.scopes, SCOPES):
            raise Refused(f"These rights were not given: {', '.join(lacking)}. Connect again.", code="scopes")
        try:
            user = record(self._caller(bearer(tokens.access)).get("/2/users/me"), "data")
            names = {"user_id": identifier(user, "id"), "username": text(user, "username")}
        except (Unreachable, Unreadable, AttributeError) as error:
            raise Refused(f"Connecting failed: {error}", code="unreachable") from error
        return self._settings.model_copy(update=names | _kept(tokens))

    def refreshed(self) -> BaseModel | None:
        """The settings with new tokens, ten minutes before the present one ends (X's last two hours)."""
        s = self._settings
        if not s.refresh_token.get_secret_value() or not ends_soon(s.expires_at, self._clock()):
            return None
        tokens = self._token(grant_type="refresh_token", refresh_token=s.refresh_token.get_secret_value())
        return s.model_copy(update=_kept(tokens))

    def revoke(self) -> None:
        """End the tokens; the one that renews first, since the other ends by itself within two hours."""
        s = self._settings
        for token in (s.refresh_token.get_secret_value(), s.access_token.get_secret_value()):
            if token:
                self._app().post("/2/oauth2/revoke", form=(("token", token), ("client_id", s.client_id)))

    def _app(self) -> Api:
        """As the developer app itself."""
        pair = f"{self._settings.client_id}:{self._settings.client_secret.get_secret_value()}".encode()
        basic = {"authorization": f"Basic {b64encode(pair).decode()}"}
        return self._caller(lambda _method, _url, _body: basic)

    def _token(self, **form: str) -> Tokens:
        """What the token endpoint gives. Raises `Refused`, or `Unreachable` where trying again may help."""
        api = self._app()
        try:
            answer = api.post("/2/oauth2/token", form=tuple(form.items()))
        except Uncertain as error:
            raise Unreachable(error.detail) from error
        return tokens_of(answer, SCOPES, self._clock())

    def _caller(self, authorise: Authorise) -> Api:
        return Api("X", self._settings.api_url, self._http, self._clock, self._brake, authorise)

    def _connected(self) -> None:
        must_be_connected(self._settings.access_token, self._settings.user_id)

    def _posts(self, message: OutgoingMessage) -> Sequence[str]:
        """The text as it will be posted. Raises `Refused` before anything is called."""
        self._connected()
        s, said = self._settings, message.text.strip()
        public_only("X", message)
        no_files("X", message)
        if s.split:
            return in_posts(said, s.max_length, weighted)
        if (counted := weighted(said)) > s.max_length:
            raise Refused(f"{counted} characters as X counts them; {s.max_length} is the most.", code="too_long")
        return (said,)

    def _standing(self, message: OutgoingMessage, posts: Sequence[str]) -> list[Sent]:
        """Which of these stand there already."""
        parent = message.thread.parent_id
        own = self._own_posts(since=parent)
        said = [Said(self._sent(post), replied_to(post), _comparable(words(post))) for post in own]
        return standing(said, parent, [_comparable(post) for post in posts])

    def _post(self, said: str, parent: str) -> Sent:
        data: dict[str, Any] = {"text": said}
        if parent:
            data["reply"] = {"in_reply_to_tweet_id": parent}
        try:
            return self._sent(record(self._api.post("/2/tweets", data=data, endpoint="posting"), "data"))
        except Refused as error:
            if SAID_BEFORE in error.detail:
                raise Uncertain("X says that we said this a moment ago.") from error
            if NOT_SUMMONED in error.detail:
                raise Refused(
                    "X lets us answer only who named or quoted this account; this author did not.", code="not_summoned"
                ) from error
            raise
        except (Unreadable, AttributeError) as error:
            raise Uncertain("X answered without the post that it made.") from error

    def _own_posts(self, since: str) -> Iterator[Record]:
        """Our own posts after a post, newest first; the newest hundred where there is none."""
        query = [("max_results", "100"), *FIELDS, *([("since_id", since)] if since else [])]
        token = ""
        for _ in range(MOST_SEARCHED if since else 1):
            more = [("pagination_token", token)] if token else []
            answer = self._api.get(f"/2/users/{part(self._settings.user_id)}/tweets", [*query, *more])
            if not isinstance(answer, dict):
                raise Unreadable("X answered with something that is no list of posts.")
            yield from records(answer, "data")
            token = text(record(answer, "meta"), "next_token")
            if not token:
                return
        if since:
            raise Refused("We said too much since to find it. Look at X what stands there.", code="too_much_since")

    def _sent(self, post: Record) -> Sent:
        post_id = first_version(post)
        url = f"{SITE}/{self._settings.username or 'i/web'}/status/{post_id}"
        return Sent(post_id, url, moment(post.get("created_at")) or self._clock())


def _pushed(body: bytes, user_id: str) -> RawItem:
    """One event, under the key that a poll would give its post: pushed and polled are the same item."""
    data = record(record_of(body), "data")
    kind, post = text(data, "event_type"), record(data, "payload")
    ours = identifier(record(data, "filter"), "user_id", needed=False)
    if user_id and ours and ours != user_id:
        raise Unreadable("this event is about another account")
    if kind in (MENTIONED, REPLIED):
        key = f"mention:{identifier(post, 'id')}"
    elif kind == DELETED:
        key = f"gone:{identifier(post, 'id')}"
    else:
        key = f"event:{identifier(data, 'event_uuid')}"
    return RawItem(key, body, meta={"what": EVENT})


def _challenge(secret: bytes, url: str) -> str:
    """The answer to X's hourly check that the address is ours (CRC)."""
    found = re.search(r"[?&]crc_token=([^&#]+)", url)
    if found is None:
        raise Unreadable("there is no crc_token in this request")
    return "sha256=" + b64encode(_mac(secret, unquote_plus(found[1]).encode())).decode()


def _signature(header: str) -> bytes:
    try:
        return b64decode(header.removeprefix("sha256="), validate=True)
    except (NotBase64, ValueError):
        return b""


def _mac(secret: bytes, message: bytes) -> bytes:
    return hmac.new(secret, message, sha256).digest()


def _comparable(said: str) -> str:
    """Words alone: X puts mentions in front of a reply, and white space in its own way."""
    return " ".join(_LEADING_MENTIONS.sub("", said).split())


def _kept(tokens: Tokens) -> dict[str, object]:
    return {
        "access_token": SecretStr(tokens.access), "refresh_token": SecretStr(tokens.refresh),
        "expires_at": tokens.expires_at, "scopes": tokens.scopes,
    }  # fmt: skip


KIND = kind_of("social.x", "X", XSettings, XChannel)
