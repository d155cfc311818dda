"""Flickr: comments under the organisation's photos, and answers beside them.

Source: flickr.com/services/api (flickr.photos.comments.*). There is no idempotency: when an answer may have gone out, the
comments under the photo are read again for the same words. Flickr's guidelines say that "accounts are for personal use":
docs/channels.md tells what to ask first.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode

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
    Unreachable,
)
from app.channels.social.account import (
    SLACK,
    health,
    kind_of,
    looking,
    must_be_connected,
    no_files,
    only_removal,
    public_only,
    reading,
    too_much_said,
)
from app.channels.social.api import DEADLINE, READ_LIMIT, Api, Authorise, Http, Query
from app.channels.social.brake import Brake
from app.channels.social.flickr_http import PATH, FlickrDialect
from app.channels.social.flickr_parse import after_the_link, made, nsid_of, parse_comment, words
from app.channels.social.flickr_pull import READING, Reader, Times
from app.channels.social.flickr_settings import FlickrSettings
from app.channels.social.json_fields import record, records, text
from app.channels.social.oauth1 import Keys, signer
from app.clock import Clock, now
from app.fetch import FetchError, fetch

LOOKED_BACK = timedelta(days=3)
"""How old comments are among which our own is looked for where nobody knows when it was written."""
LISTED = 500  # the most that Flickr gives
PERMISSION = "write"
AUDIENCE = Audience(
    public=True,
    labels={"nl": "Iedereen die de foto op Flickr kan zien", "en": "Everybody who can see the photo on Flickr"},
)


class FlickrChannel:
    """One account."""

    limits = Limits(AUDIENCE)

    def __init__(self, settings: FlickrSettings, *, http: Http = fetch, clock: Clock = now) -> None:
        """`http` and `clock` are for tests; both have real defaults."""
        self._settings = settings
        self._http = http
        self._clock = clock
        self._keys = Keys(settings.api_key, settings.api_secret.get_secret_value())
        token, secret = settings.token.get_secret_value(), settings.token_secret.get_secret_value()
        authorise = signer(replace(self._keys, token=token, token_secret=secret), clock)
        self._api = Api("Flickr", settings.api_url, http, clock, Brake(clock), authorise, FlickrDialect(clock))

    def parse(self, item: RawItem) -> Sequence[Incoming]:
        """A reaction, a revision, a withdrawal or a comment of our own."""
        return parse_comment(item, self._settings.nsid)

    def pull(self, cursor: str | None) -> Iterator[Page]:
        """Comments under the account's photos. Raises `Unreachable`."""
        self._connected()
        s = self._settings
        days = timedelta(days=s.backfill_days), timedelta(days=s.rescan_days)
        reader = Reader(self._api, s.nsid, s.site_url, self._clock())
        with reading("Flickr"):
            yield from reader.pages(cursor, Times(*days, timedelta(minutes=s.rescan_minutes)))

    def inventory(self) -> Iterator[str]:
        """How the keys begin of the comments of the last days under the account's photos."""
        self._connected()
        s = self._settings
        with reading("Flickr"):
            yield from Reader(self._api, s.nsid, s.site_url, self._clock()).keys(timedelta(days=s.backfill_days))

    def check(self) -> Health:
        """Whether Flickr takes our token, and whether it may write."""

        def ask() -> tuple[Sequence[str], None]:
            self._connected()
            answer = self._read("flickr.auth.oauth.checkToken")
            perms = text(record(record(answer, "oauth"), "perms"), "_content")
            return () if perms in (PERMISSION, "delete") else (PERMISSION,), None

        return health(self._api.brake, ask)

    def send(self, message: OutgoingMessage) -> Sent:
        """A comment under the same photo, addressed by custom to whom it answers."""
        self._connected()
        form = (("photo_id", self._photo(message)), ("comment_text", self._text(message)))
        made_id = record(self._write("flickr.photos.comments.addComment", form), "comment").get("id")
        if not isinstance(made_id, str) or not made_id:
            raise Uncertain("Flickr answered without the comment that it made.")
        return Sent(made_id, sent_at=self._clock())

    def find_sent(self, message: OutgoingMessage) -> Sent | None:
        """Our own comment under the same photo with the same words, that is not one we knew of already."""
        self._connected()
        written = message.made_at or self._clock() - LOOKED_BACK
        since = str(int((written - SLACK).timestamp()))
        with looking():
            answer = self._read(
                "flickr.photos.comments.getList",
                (("photo_id", self._photo(message)), ("min_comment_date", since), ("per_page", str(LISTED))),
            )
            said = sorted(records(record(answer, "comments"), "comment"), key=made, reverse=True)
            for comment in said:
                known = comment.get("id") in message.thread.references
                if comment.get("author") == self._settings.nsid and not known and _says(comment, message.text):
                    return Sent(str(comment["id"]), text(comment, "permalink"))
            if len(said) >= LISTED:
                raise too_much_said()
        return None

    def amend(self, sent: Sent, message: OutgoingMessage) -> Sent:
        """Our comment with other words."""
        self._connected()
        form = (("comment_id", sent.external_id), ("comment_text", self._text(message)))
        self._write("flickr.photos.comments.editComment", form)
        return sent

    def retract(self, sent: Sent) -> None:
        """Our comment, deleted; already gone is fine."""
        self._delete(sent.external_id)

    def moderate(self, moderation: Moderation) -> None:
        """Delete somebody's comment under our photo; Flickr can do nothing else with it."""
        only_removal("Flickr", moderation)
        self._delete(moderation.external_id)

    def consent(self, redirect_uri: str, state: str) -> Consent:
        """A request token, and the page that asks. The state goes along in the address that the browser comes back to."""
        if not self._keys.key or not self._keys.secret:
            raise Refused("Enter the API key and secret first.", code="no_app")
        back = f"{redirect_uri}{'&' if '?' in redirect_uri else '?'}{urlencode({'state': state})}"
        given = self._token("request_token", signer(self._keys, self._clock, {"oauth_callback": back}))
        if given.get("oauth_callback_confirmed") != "true":
            raise Refused("Flickr did not take the address to come back to.", code="callback")
        query = urlencode({"oauth_token": given["oauth_token"], "perms": PERMISSION})
        keep = {"token": given["oauth_token"], "secret": given["oauth_token_secret"]}
        return Consent(f"{self._settings.site_url}/services/oauth/authorize?{query}", keep)

    def connected(self, redirect_uri: str, query: Mapping[str, str], keep: Mapping[str, str]) -> BaseModel:
        """The settings with the token (which does not end) and the account it is for."""
        verifier = query.get("oauth_verifier", "")
        if not verifier or query.get("oauth_token") != keep["token"]:
            raise Refused("No consent was given: connect once more.", code="no_consent")
        keys = replace(self._keys, token=keep["token"], token_secret=keep["secret"])
        given = self._token("access_token", signer(keys, self._clock, {"oauth_verifier": verifier}))
        found = {
            "token": SecretStr(given["oauth_token"]), "token_secret": SecretStr(given["oauth_token_secret"]),
            "nsid": given.get("user_nsid", ""), "user_name": given.get("username", ""),
        }  # fmt: skip
        return self._settings.model_copy(update=found)

    def _token(self, what: str, authorise: Authorise) -> Mapping[str, str]:
        """A token endpoint's answer, which is a form and no JSON."""
        url = f"{self._settings.site_url}/services/oauth/{what}"
        try:
            answer = self._http(
                "GET", url, headers=authorise("GET", url, b""), deadline=DEADLINE, limit=READ_LIMIT, foreign=False
            )  # fmt: skip
        except FetchError as error:
            raise Unreachable(f"Flickr cannot be reached: {error.detail}.") from error
        given = dict(parse_qsl(answer.body.decode("utf-8", "replace")))
        if answer.status >= 500 or (answer.status == 200 and not {"oauth_token", "oauth_token_secret"} <= set(given)):
            raise Unreachable(f"Flickr gave no token ({answer.status}): try again.")
        if answer.status != 200:
            said = given.get("oauth_problem", str(answer.status))[:100]
            raise Refused(f"Flickr gave no token ({said}): check the API key and secret.", code=said)
        return given

    def _connected(self) -> None:
        must_be_connected(self._settings.token, self._settings.nsid)

    def _text(self, message: OutgoingMessage) -> str:
        """The words with, in front, the link by which an answer is addressed here."""
        no_files("Flickr", message)
        public_only("Flickr", message)
        if message.recipient is None:
            return message.text.strip()
        return f"[{self._settings.site_url}/photos/{nsid_of(message.recipient.address)}] {message.text.strip()}"

    def _photo(self, message: OutgoingMessage) -> str:
        subject = message.thread.subject
        if subject is None or not subject.key.isdigit():
            raise Refused("A comment needs a photo to stand under.", code="no_parent")
        return subject.key

    def _delete(self, external_id: str) -> None:
        self._connected()
        self._write("flickr.photos.comments.deleteComment", (("comment_id", external_id),), gone=True)

    def _read(self, method: str, query: Query = ()) -> Mapping[str, Any]:
        answer = self._api.find(PATH, (*_asked(method), *query), endpoint=READING)
        return answer if isinstance(answer, dict) else {}

    def _write(self, method: str, form: Query, *, gone: bool = False) -> Mapping[str, Any]:
        answer = self._api.post(PATH, form=(*_asked(method), *form), endpoint=READING, gone=gone)
        if answer is not None and (not isinstance(answer, dict) or answer.get("stat") != "ok"):
            raise Uncertain("Flickr answered with something that is no answer of its API.")
        return answer or {}


def _asked(method: str) -> Query:
    return (("method", method), ("format", "json"), ("nojsoncallback", "1"))


def _says(comment: Mapping[str, Any], said: str) -> bool:
    """Whether a comment of ours has these words, with or without the link in front of them."""
    wanted = said.split()
    return wanted in (words(comment).split(), after_the_link(comment).split())


KIND = kind_of("social.flickr", "Flickr", FlickrSettings, FlickrChannel)
