"""What somebody sends through a form of ours: stored, then admitted at once, so that the receipt can name the ticket.

The answer is honest at every step. Nothing is said before the item is committed. Its ticket usually follows within
milliseconds; where that fails or takes longer, the receipt says "received" and its private link shows the reference later.
Sending the same again gives the same receipt.
"""

import time
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as TooLong
from dataclasses import dataclass
from typing import Any

from fastapi import Request
from sqlalchemy import Row

from app import clock, log
from app.accounts.directory import AccountRow
from app.channels.contract import WebhookRequest
from app.intake.admit import admit_this
from app.intake.means import Means
from app.intake.receive import receive
from app.intake.stow import key_of
from app.public import waiting
from app.public.body import Body
from app.storage.keys import Keys
from app.tickets import reference
from app.tickets.tokens import status_token
from app.vocabulary import Publication, RawState
from app.web.state import State, state_of

PATIENCE_SECONDS = 3.0
_AGAIN_SECONDS = 0.02
# Somebody waits for the answer, so admission must not hold it up: it goes on in its own thread when it is slow.
_HANDS = ThreadPoolExecutor(8, thread_name_prefix="admit-now")


@dataclass(frozen=True, slots=True)
class Receipt:
    """`reference` is empty while there is no ticket yet; `token` is what stands in the private status link."""

    token: str
    reference: str = ""
    publication: Publication | None = None

    @property
    def known(self) -> bool:
        """Whether the ticket is there."""
        return bool(self.reference)


def submit(request: Request, account: AccountRow, body: Body, *, caller: str = "", moderated: bool = False) -> Receipt:
    """Store one submission and, if it goes quickly, admit it.

    Raises what `intake.receive` raises: `NotAuthentic`, `Refused` and `Unreadable` (nothing stored), or the database's errors.
    """
    state = state_of(request)
    means = Means(state.database, state.accounts, state.keys, state.blobs)
    answer = receive(means, account, _push(request, body, caller, moderated))
    key = key_of(answer.items[0].key)
    try:
        _HANDS.submit(_admit, means, account.id, key).result(PATIENCE_SECONDS)
    except TooLong:
        log.trouble("public.admit_slow", account=account.id)
    except Exception as error:  # noqa: BLE001  (it is stored: the worker tries again, and the receipt says so)
        log.trouble("public.admit_failed", account=account.id, error=error)
    return _receipt(state, account.id, key)


def _push(request: Request, body: Body, caller: str, moderated: bool) -> WebhookRequest:
    """Only headers that the channel reads, and only from whoever may say them."""
    headers = {"content-type": body.media_type}
    if moderated:
        headers["weerklank-moderation"] = "before"
    event = request.headers.get("weerklank-event", "")
    if event and caller.startswith("site:"):
        headers["weerklank-event"] = event[:200]
    return WebhookRequest(
        method="POST",
        url=state_of(request).settings.base_url + request.url.path,
        headers=headers,
        body=body.content,
        remote=request.client.host if request.client else "",
        received_at=clock.now(),
        caller=caller,
    )


def _admit(means: Means, account_id: int, key: str) -> None:
    """Until it is settled, by us or by a worker who was first."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not admit_this(means, account_id, key):
        with means.database.read_only() as session:
            row = waiting.became(session, account_id, key)
        if row.state != RawState.NEW or time.monotonic() > deadline:
            return
        time.sleep(_AGAIN_SECONDS)


def _receipt(state: State, account_id: int, key: str) -> Receipt:
    with state.database.read_only() as session:
        return receipt_of(state.keys, waiting.became(session, account_id, key))


def receipt_of(keys: Keys, row: Row[Any]) -> Receipt:
    """The receipt for an item, always the same one: a link given out again never shows more than the first did."""
    if row.ticket_id is None:
        return Receipt(waiting.token(keys, row.id))
    round_ = 1 if row.state == RawState.TICKETED else row.token_round
    publication = Publication(row.publication) if row.publication else None
    return Receipt(status_token(keys, row.ticket_id, row.contact_id, round_), reference.of(row.ticket_id), publication)
