"""Facebook pages: comments under the page's posts, and what visitors write on it; answers in the thread.

Sources: developers.facebook.com/docs/pages-api and /docs/graph-api/webhooks/reference/page. Comments come by signed webhook
(`facebook_push.py`) and, for what was lost, by pulling (`facebook_pull.py`). Facebook has no idempotency: when an answer may
have gone out, our own comments under the same parent are read again for the same words.

Threads are one level deep: an answer to an answer stands under the same comment.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from pydantic import BaseModel

from app.channels.contract import (
    Audience,
    ChannelError,
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
    Unreadable,
    WebhookAnswer,
    WebhookRequest,
)
from app.channels.outgoing import NARROW
from app.channels.social.account import (
    RIGHTS_MISSING,
    connecting,
    far_enough,
    kind_of,
    looking,
    must_be_connected,
    no_files,
    reading,
    same_words,
)
from app.channels.social.api import Api, Http, Query
from app.channels.social.brake import Brake
from app.channels.social.facebook_connect import MESSAGING, SCOPES, connect, dialog, give_back, rights
from app.channels.social.facebook_graph import VERSION, credentials, in_http
from app.channels.social.facebook_parse import NOW, PICTURE, PUSH, SHOWN, author_id, parse_item, picture_of
from app.channels.social.facebook_pull import READING, Reader
from app.channels.social.facebook_push import answer_push
from app.channels.social.facebook_settings import FacebookSettings
from app.channels.social.json_fields import Record, identifier, record_of, records
from app.channels.social.oauth import missing
from app.channels.social.pictures import fetch_pictures
from app.clock import Clock, now
from app.fetch import fetch
from app.vocabulary import Verdict

LONGEST = 8000  # [M] characters of a comment
LONGEST_PRIVATE = 2000  # [M] characters of a private reply
PRIVATE_WINDOW = timedelta(days=7)  # [M] how long after a comment it may be replied to privately
LOOKED_BACK = 50  # comments under a parent among which our own is looked for
AUDIENCE = Audience(
    public=True,
    labels={
        "nl": "Iedereen die het bericht op Facebook kan zien",
        "en": "Everybody who can see the post on Facebook",
    },
)
NODE = re.compile(r"\d{1,30}(_\d{1,30}){0,2}\Z", re.ASCII)
ALONE = Audience(
    public=False,
    labels={"nl": "Alleen de schrijver, in Messenger", "en": "Only the writer, in Messenger"},
)


class FacebookChannel:
    """One page."""

    limits = Limits(AUDIENCE, LONGEST, private=Limits(ALONE, max_length=LONGEST_PRIVATE, reply_window=PRIVATE_WINDOW))

    def __init__(self, settings: FacebookSettings, *, http: Http = fetch, clock: Clock = now) -> None:
        """`http` and `clock` are for tests; both have real defaults."""
        self._settings = settings
        self._http = http
        self._clock = clock
        self._secret = settings.app_secret.get_secret_value()
        # The token goes in the query: Graph wants its proof beside it.
        self._api = Api(
            "Facebook", settings.api_url, http, clock, Brake(clock), lambda _method, _url, _body: {}, in_http
        )

    def receive(self, request: WebhookRequest) -> WebhookAnswer:
        """A challenge, or signed changes of the page's feed."""
        return answer_push(
            request, self._settings.page_id, self._secret, self._settings.verify_token.get_secret_value()
        )

    def parse(self, item: RawItem) -> Sequence[Incoming]:
        """A reaction, a revision, a withdrawal or a post of our own."""
        return parse_item(item, self._settings.page_id)

    def complete(self, item: RawItem) -> RawItem:
        """The preview of a picture that came along; of a push that tells of hiding, the comment."""
        data = record_of(item.body)
        if item.meta.get("via") == PUSH and data.get("verb") in SHOWN:
            return self._with_comment(item, data)
        url = picture_of(data)
        return replace(
            item, completed=fetch_pictures(self._http, [(PICTURE, url)] if url else (), self._settings.api_url)
        )

    def pull(self, cursor: str | None) -> Iterator[Page]:
        """Comments under recent posts. Raises `Unreachable`."""
        s = self._settings
        reader = Reader(self._api, s.page_id, self._credentials(), self._clock())
        with reading("Facebook"):
            yield from reader.pages(cursor, timedelta(days=s.backfill_days), timedelta(minutes=s.pull_minutes))

    def inventory(self) -> Iterator[str]:
        """How the keys begin of the comments of the last days that the page holds."""
        s = self._settings
        reader = Reader(self._api, s.page_id, self._credentials(), self._clock())
        with reading("Facebook"):
            yield from reader.keys(timedelta(days=s.backfill_days), timedelta(minutes=s.pull_minutes))

    def check(self) -> Health:
        """Whether Facebook takes our token, with which rights, and whether it pushes to us."""
        try:
            self._credentials()
            granted, ends = rights(self._api, self._settings, self._settings.access_token.get_secret_value())
            problem = None if self._subscribed() else "Facebook does not push to us: connect the account again."
        except ChannelError as error:
            return Health(problem=error.detail, quotas=self._api.brake.quotas)
        lacking = missing(granted, SCOPES)
        if lacking:
            problem = RIGHTS_MISSING
        return Health(problem, lacking, self._api.brake.quotas, ends)

    def send(self, message: OutgoingMessage) -> Sent:
        """A comment under what it answers, a private reply, or a post of the page without a parent."""
        own = self._credentials()
        self._check_text(message)
        parent = _above(message)
        if message.visibility in NARROW:
            return self._private_reply(message, own)
        edge = f"{parent}/comments" if parent else f"{self._settings.page_id}/feed"
        made = self._post(edge, (("message", message.text.strip()), *own))
        return Sent(_id(made, "id"), sent_at=self._clock())

    def find_sent(self, message: OutgoingMessage) -> Sent | None:
        """Our own comment under the same parent with the same words, that is not one we knew of already."""
        if message.visibility in NARROW:
            raise Uncertain("Facebook cannot tell whether a private reply went out: look in the page's inbox.")
        parent = _above(message)
        with looking():
            newest = self._newest(parent)
            for comment in newest:
                known = comment.get("id") in message.thread.references
                ours = author_id(comment) == self._settings.page_id and not known
                if ours and same_words(comment.get("message"), message.text):
                    return Sent(_id(comment, "id"), str(comment.get("permalink_url") or ""))
            far_enough(newest, LOOKED_BACK, "created_time", message.made_at)
        return None

    def amend(self, sent: Sent, message: OutgoingMessage) -> Sent:
        """Our comment with other words."""
        self._check_text(message)
        self._post(_node(sent.external_id), (("message", message.text.strip()), *self._credentials()))
        return sent

    def retract(self, sent: Sent) -> None:
        """Our comment, deleted; already gone is fine."""
        self._delete(sent.external_id)

    def moderate(self, moderation: Moderation) -> None:
        """Hide, show again or delete somebody's comment. Facebook tells its author nothing of the reason."""
        if moderation.verdict is Verdict.REMOVE:
            return self._delete(moderation.external_id)
        hidden = "true" if moderation.verdict is Verdict.HIDE else "false"
        self._post(_node(moderation.external_id), (("is_hidden", hidden), *self._credentials()))
        return None

    def consent(self, redirect_uri: str, state: str) -> Consent:
        """Facebook's page that asks. Nothing need be kept: the app's secret proves who comes back."""
        if not self._settings.app_id or not self._secret:
            raise Refused("Enter the app's id and secret first.", code="no_app")
        return Consent(dialog(self._settings, redirect_uri, state))

    def connected(self, redirect_uri: str, query: Mapping[str, str], keep: Mapping[str, str]) -> BaseModel:
        """The settings with the page's token."""
        with connecting():
            return connect(self._api, self._settings, redirect_uri, query)

    def revoke(self) -> None:
        """End the consent, where it was for this page alone."""
        with connecting():
            give_back(self._api, self._settings)

    def _credentials(self) -> Query:
        must_be_connected(self._settings.access_token, self._settings.page_id)
        return credentials(self._settings.access_token.get_secret_value(), self._secret)

    def _check_text(self, message: OutgoingMessage) -> None:
        no_files("Facebook", message)
        longest = LONGEST_PRIVATE if message.visibility in NARROW else LONGEST
        if len(message.text.strip()) > longest:
            raise Refused(f"{len(message.text.strip())} characters; {longest} is the most.", code="too_long")

    def _private_reply(self, message: OutgoingMessage, own: Query) -> Sent:
        """[M] One private reply to a comment, within seven days; Facebook refuses a second."""
        if not message.thread.parent_id:
            raise Refused("A private reply answers a comment: there is none.", code="no_parent")
        if MESSAGING not in self._settings.scopes:
            raise Refused(f"Private replies need the right {MESSAGING}: connect the account again.", code="no_right")
        form = (
            ("recipient", json.dumps({"comment_id": message.thread.parent_id})),
            ("message", json.dumps({"text": message.text.strip()})),
            *own,
        )
        return Sent(_id(self._post(f"{self._settings.page_id}/messages", form), "message_id"), sent_at=self._clock())

    def _with_comment(self, item: RawItem, data: Record) -> RawItem:
        comment_id = identifier(data, "comment_id")
        if not NODE.match(comment_id):
            raise Unreadable("This is no comment on Facebook.")
        query = (("fields", "message,is_hidden"), *self._credentials())
        found = self._api.find(f"/{VERSION}/{comment_id}", query, endpoint=READING)
        return item if found is None else replace(item, completed={NOW: json.dumps(found).encode()})

    def _subscribed(self) -> bool:
        path = f"/{VERSION}/{self._settings.page_id}/subscribed_apps"
        answer = self._api.find(path, self._credentials(), endpoint=READING) or {}
        return any(
            app.get("id") == self._settings.app_id and "feed" in (app.get("subscribed_fields") or ())
            for app in records(answer, "data")
        )

    def _newest(self, parent: str) -> Sequence[Mapping[str, Any]]:
        path = f"/{VERSION}/{parent}/comments" if parent else f"/{VERSION}/{self._settings.page_id}/feed"
        query = [
            ("fields", "id,message,from,permalink_url,created_time"),
            ("limit", str(LOOKED_BACK)),
            *self._credentials(),
        ]
        if parent:
            query += [("filter", "stream"), ("order", "reverse_chronological")]
        return records(self._api.find(path, query, endpoint=READING) or {}, "data")

    def _post(self, path: str, form: Query) -> Any:
        return self._api.post(f"/{VERSION}/{path}", form=form, endpoint=READING)

    def _delete(self, external_id: str) -> None:
        """A DELETE has no body that Graph reads: the credentials go in the address."""
        path = f"/{VERSION}/{_node(external_id)}?{urlencode(self._credentials())}"
        self._api.post(path, method="DELETE", endpoint=READING, gone=True)


def _above(message: OutgoingMessage) -> str:
    """What an answer stands under; empty for a post of the page."""
    above = message.thread.root_id or message.thread.parent_id
    return _node(above) if above else ""


def _node(external_id: str) -> str:
    """An id as Graph gives it, which goes into an address."""
    if not NODE.match(external_id):
        raise Refused("This is no post or comment on Facebook.", code="no_comment")
    return external_id


def _id(made: Any, name: str) -> str:
    if not isinstance(made, dict) or not isinstance(made.get(name), str) or not made[name]:
        raise Uncertain("Facebook answered without the id of what it made.")
    return str(made[name])


KIND = kind_of("social.facebook", "Facebook", FacebookSettings, FacebookChannel)
