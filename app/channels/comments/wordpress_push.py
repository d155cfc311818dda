"""What the plugin in `docs/integrations/wordpress` pushes: checked over the raw bytes, then one raw item. Pure.

The header `weerklank-signature` is `t=SECONDS,v1=HEX`, HEX the HMAC-SHA256 of `SECONDS.BODY` under the account's secret, as in
`outbound.py`. What is older than five minutes is refused, and what is repeated within them has the same key: nothing changes.
"""

import hmac
from datetime import UTC, datetime, timedelta
from typing import Literal

from pydantic import Field, ValidationError

from app.channels.comments.outbound import SIGNATURE, signature
from app.channels.comments.wordpress_comment import BACK, EDITED, GONE, NEW, STATUS, Kept, key_of
from app.channels.contract import NotAuthentic, RawItem, Unreadable, WebhookAnswer, WebhookRequest

WINDOW = timedelta(minutes=5)
_WHAT = {
    "comment.created": NEW, "comment.edited": EDITED, "comment.status": STATUS, "comment.gone": GONE, "comment.back": BACK,
}  # fmt: skip


class Push(Kept):
    """One event. `id` stays the same when the plugin tries again."""

    id: str = Field(min_length=8, max_length=100, pattern=r"^[A-Za-z0-9-]+$")
    type: Literal["comment.created", "comment.edited", "comment.status", "comment.gone", "comment.back"]


def answer_push(request: WebhookRequest, secret: str) -> WebhookAnswer:
    """The item in a push. Raises `NotAuthentic` and `Unreadable`.

    What comes back is two: new to us, where it was in the spam from its beginning, and else no longer withdrawn.
    """
    _authenticate(request, secret)
    try:
        push = Push.model_validate_json(request.body)
    except ValidationError as error:
        raise Unreadable("This is not what the plugin for WordPress sends.") from error
    what, number = _WHAT[push.type], push.comment.id
    items = [RawItem(key_of(number), request.body, meta={"what": NEW})] if what in (NEW, BACK) else []
    if what != NEW:
        items.append(RawItem(f"{what}:{number}:{push.id}", request.body, meta={"what": what}))
    return WebhookAnswer(tuple(items), status=202)


def _authenticate(request: WebhookRequest, secret: str) -> None:
    if request.method != "POST" or not secret:
        raise NotAuthentic("only signed pushes of the plugin are taken, and this account has its secret")
    given = request.headers.get(SIGNATURE, "")
    at = _signed_at(given)
    if at is None or abs(request.received_at - at) > WINDOW:
        raise NotAuthentic("the signature is missing, or older than five minutes: look at the site's clock")
    if not hmac.compare_digest(given.encode("utf-8", "replace"), signature(secret, request.body, at).encode()):
        raise NotAuthentic("the signature is not made with this account's secret")


def _signed_at(given: str) -> datetime | None:
    seconds = given.partition(",")[0].removeprefix("t=")
    if not (seconds.isascii() and seconds.isdigit() and len(seconds) < 12):
        return None
    return datetime.fromtimestamp(int(seconds), UTC)
