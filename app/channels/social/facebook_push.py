"""Webhooks of a Facebook page: the challenge at subscribing, the signature over the raw bytes, the cut into changes. Pure.

Source: developers.facebook.com/docs/graph-api/webhooks/getting-started. Meta sends a change again until it hears 200, in
the same words: the same key. A replay by somebody else therefore changes nothing either.

Left out here: likes (nothing is said in them), and what the page itself wrote that answers nobody.
"""

import hashlib
import hmac
import json
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

from app.channels.contract import NotAuthentic, RawItem, Unreadable, WebhookAnswer, WebhookRequest
from app.channels.social.facebook_parse import COMMENT, POSTS, PUSH, SHOWN, author_id
from app.channels.social.json_fields import Record, identifier, record, record_of, records, text

SIGNATURE = "x-hub-signature-256"
LONGEST_CHALLENGE = 200


def answer_push(request: WebhookRequest, page_id: str, app_secret: str, verify_token: str) -> WebhookAnswer:
    """The answer to a GET (a challenge) or a POST (changes). Raises `NotAuthentic` and `Unreadable`."""
    if request.method == "GET":
        return WebhookAnswer(body=_challenge(request.url, verify_token), media_type="text/plain")
    _authenticate(request, app_secret)
    data = record_of(request.body)
    if text(data, "object") != "page":
        raise Unreadable("This webhook is not about a page.")
    return WebhookAnswer(tuple(_items(data, page_id)))


def signature(app_secret: str, body: bytes) -> str:
    """The header's value for a body."""
    return "sha256=" + hmac.new(app_secret.encode(), body, "sha256").hexdigest()


def _challenge(url: str, verify_token: str) -> bytes:
    query = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
    given = query.get("hub.verify_token", "").encode("utf-8", "replace")
    if (
        query.get("hub.mode") != "subscribe"
        or not verify_token
        or not hmac.compare_digest(given, verify_token.encode())
    ):
        raise NotAuthentic("the verify token is not the one of this account")
    challenge = query.get("hub.challenge", "")
    if not challenge or len(challenge) > LONGEST_CHALLENGE or not challenge.isascii():
        raise Unreadable("There is no challenge to answer.")
    return challenge.encode()


def _authenticate(request: WebhookRequest, app_secret: str) -> None:
    given = request.headers.get(SIGNATURE, "").encode("utf-8", "replace")
    if not app_secret or not hmac.compare_digest(given, signature(app_secret, request.body).encode()):
        raise NotAuthentic("the signature is not Meta's for this app")


def _items(data: Record, page_id: str) -> Iterator[RawItem]:
    for entry in records(data, "entry"):
        if identifier(entry, "id") != page_id:  # one app may serve several pages; this account is one of them
            continue
        at = identifier(entry, "time", needed=False)
        for change in records(entry, "changes"):
            value = record(change, "value")
            if text(change, "field") == "feed" and _concerns_us(value, page_id):
                yield _item(value, at)


def _concerns_us(value: Record, page_id: str) -> bool:
    kind = text(value, "item")
    ours = author_id(value) == page_id and text(value, "verb") not in SHOWN  # of hiding, `from` may be who hid it
    answers_nobody = kind != COMMENT or value.get("parent_id") == value.get("post_id")
    return kind in POSTS | {COMMENT} and not (ours and answers_nobody)


def _item(value: Record, at: str) -> RawItem:
    body = json.dumps(value).encode()
    own_id = identifier(value, "comment_id", needed=False) or identifier(value, "post_id", needed=False)
    digest = hashlib.sha256(body).hexdigest()[:16]
    return RawItem(f"push:{own_id}:{text(value, 'verb')}:{at}:{digest}", body, meta={"via": PUSH, "time": at})
