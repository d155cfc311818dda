"""A push from outside (a webhook, a form): verified, journalled, and only then answered."""

from app import log
from app.accounts import health
from app.accounts.directory import AccountRow
from app.channels.contract import NotAuthentic, Receives, WebhookAnswer, WebhookRequest
from app.errors import NotFound
from app.intake.journal import journal
from app.intake.means import Means
from app.intake.stow import stow


def receive(means: Means, account: AccountRow, request: WebhookRequest) -> WebhookAnswer:
    """The channel's answer, once its items are committed.

    Raises `NotAuthentic` (401; counted, nothing stored), `Unreadable` (400) and `NotFound` (an account that takes no
    pushes, or is not in use). When the database or the store is away their errors come through: 503, and the sender
    tries again.
    """
    channel = means.accounts.channel_of(account)
    if not account.active or not isinstance(channel, Receives):
        raise NotFound("hook", "Nothing is received at this address.")
    try:
        answer = channel.receive(request)
    except NotAuthentic:
        log.event("intake.unauthentic", account=account.id)
        with means.database.unit_of_work() as session:
            health.unauthentic(session, account.id)
        raise
    if answer.items:
        stowed = stow(means.blobs, answer.items)
        with means.database.unit_of_work() as session:
            journal(session, account.id, stowed)
    return answer
