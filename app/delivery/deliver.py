"""One delivery from claim to settled, with no transaction open while the message is under way.

    claim (commit) → facts (read) → compose (pure) → begin (commit) → channel.send → settle (commit)

Whatever kills the worker between two of these leaves a row in a state that says what may have happened: before *begun*
nothing did, after it nobody knows until the channel has been asked.
"""

from threading import Event

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session

from app import log
from app.accounts import health
from app.accounts.directory import Accounts
from app.channels.contract import (
    Amends,
    Channel,
    ChannelError,
    Moderates,
    Moderation,
    OutgoingMessage,
    Refused,
    Sends,
    Sent,
    Subject,
    Uncertain,
    Unreachable,
)
from app.clock import monotonic
from app.delivery import parts, settle
from app.delivery.claim import Claim, begin, claim, drop_taken_back, ours
from app.delivery.compose import compose
from app.delivery.facts import OutgoingFacts, read
from app.delivery.reconcile import looked_for, recover
from app.errors import DomainError
from app.settings import Settings
from app.storage.blobs import BlobStore
from app.storage.database import Database
from app.storage.keys import Keys
from app.vocabulary import Verdict

Outcome = Sent | ChannelError


def deliver_waiting(
    database: Database, accounts: Accounts, keys: Keys, blobs: BlobStore, settings: Settings, worker: str
) -> int:
    """Recover what silent workers left, then send the delivery that has been due longest; gives how many it handled."""
    recovered = recover(database, accounts, keys, blobs, settings)
    with database.unit_of_work() as session:
        taken = claim(session, worker, settings.lease_seconds)
    if taken is None:
        return recovered
    Delivering(database, accounts, keys, blobs, settings).run(taken)
    return recovered + 1


class Delivering:
    """The steps for one claim."""

    def __init__(
        self, database: Database, accounts: Accounts, keys: Keys, blobs: BlobStore, settings: Settings
    ) -> None:
        """All of these live as long as the worker."""
        self._database = database
        self._accounts = accounts
        self._keys = keys
        self._blobs = blobs
        self._settings = settings
        self._until = 0.0
        self._pause = Event()

    def run(self, claim: Claim) -> None:
        """Send what was claimed and settle it. Only losing the database gets out of here, and then the lease decides."""
        self._until = monotonic() + self._settings.lease_seconds
        try:
            with self._database.read_only() as session:
                facts = read(session, claim.delivery_id)
            channel = self._accounts.channel(claim.account_id)
            message = compose(facts, self._keys, self._settings.base_url, self._blobs.read)
        except DomainError as error:
            self._settle(claim, None, Unreachable(error.fix, whole_account=False))
            return
        except (DBAPIError, PoolTimeout):
            raise
        except Exception as error:  # noqa: BLE001  (a fault of ours that one answer meets: nothing went out, and it is counted)
            log.trouble("delivery.not_prepared", delivery=claim.delivery_id, error=error)
            self._settle(
                claim, None, Unreachable(f"It cannot be prepared: {type(error).__name__}.", whole_account=False)
            )
            return
        with self._database.unit_of_work() as session:
            if drop_taken_back(session, claim):
                return
            if not begin(session, claim):
                log.trouble("delivery.lease_lost", delivery=claim.delivery_id)
                return
        self._settle(claim, channel, self._carry_out(channel, facts, message), message)

    def _carry_out(self, channel: Channel, facts: OutgoingFacts, message: OutgoingMessage) -> Outcome:
        began = monotonic()
        try:
            return act(channel, facts, message)
        except ChannelError as error:
            return error
        except (DBAPIError, PoolTimeout):
            raise
        except Exception as error:  # noqa: BLE001  (a fault in a channel's code: what it did before we cannot know)
            log.trouble("delivery.channel_failed", key=facts.key, error=error)
            return Uncertain(f"The channel failed after {monotonic() - began:.1f} s: {type(error).__name__}.")

    def _settle(
        self, claim: Claim, channel: Channel | None, outcome: Outcome, message: OutgoingMessage | None = None
    ) -> None:
        """Write down how it ended; while the database is away this is tried again, never the sending, until the lease ends."""
        if isinstance(outcome, Uncertain) and channel is not None and message is not None and claim.action == "send":
            outcome = looked_for(self._database, claim.delivery_id, channel, message, outcome)
        while True:
            try:
                self._write(claim, channel, outcome, message)
                break
            except (DBAPIError, PoolTimeout) as error:
                if monotonic() > self._until:
                    raise
                log.trouble("delivery.not_settled", delivery=claim.delivery_id, reason=type(error).__name__)
                self._pause.wait(min(self._settings.back_off_seconds, 1.0))
        log.event("delivery.settled", delivery=claim.delivery_id, outcome=type(outcome).__name__, tries=claim.tries)

    def _write(self, claim: Claim, channel: Channel | None, outcome: Outcome, message: OutgoingMessage | None) -> None:
        with self._database.unit_of_work() as session:
            if channel is None:
                begin(session, claim)  # nothing was sent, yet only what has begun can be settled
            if isinstance(outcome, Sent):
                if settle.sent(session, ours(claim), outcome):
                    parts.write(session, claim.delivery_id, outcome)
                _count_cost(session, claim, channel, message)
            elif isinstance(outcome, Refused):
                settle.refused(session, claim, outcome)
            elif isinstance(outcome, Unreachable):
                settle.unreachable(session, claim, outcome, self._settings.back_off_seconds)
            else:
                settle.uncertain(session, ours(claim), outcome.detail, gone=outcome.gone)


def act(channel: Channel, facts: OutgoingFacts, message: OutgoingMessage) -> Sent:
    """Do what the delivery is for. Raises `ChannelError`; a channel that lacks the verb has refused it."""
    earlier = Sent(external_id=str(facts.payload.get("external_id", "")))
    if facts.action == "send" and isinstance(channel, Sends):
        return channel.send(message)
    if facts.action == "amend" and isinstance(channel, Amends):
        return channel.amend(earlier, message)
    if facts.action == "retract" and isinstance(channel, Amends):
        channel.retract(earlier)
        return earlier
    if facts.action == "moderate" and isinstance(channel, Moderates):
        channel.moderate(_moderation(facts, earlier.external_id))
        return earlier
    raise Refused(f"This channel cannot {facts.action}.", code="not_possible")


def _count_cost(session: Session, claim: Claim, channel: Channel | None, message: OutgoingMessage | None) -> None:
    """Add what sending cost to the account's spending, where the service bills by the message."""
    if channel is None or message is None or claim.action not in ("send", "amend"):
        return
    cost = channel.limits.cost
    if cost is not None:
        health.told(session, claim.account_id, (), cost(message.text))


def _moderation(facts: OutgoingFacts, external_id: str) -> Moderation:
    return Moderation(
        external_id=external_id,
        verdict=Verdict(facts.payload["verdict"]),
        reason=str(facts.payload.get("reason", "")),
        subject=Subject(facts.subject_key, facts.subject_title, facts.subject_url) if facts.subject_key else None,
        key=facts.key,
    )
