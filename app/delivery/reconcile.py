"""Finding out what became of a delivery whose worker fell silent, or whose peer did.

`find_sent` is asked before anything else. It says: it is there (sent), it is certainly not (again), or it cannot tell, and
then a person decides at the desk. A message is never sent a second time on a guess.
"""

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from app import log
from app.accounts.directory import Accounts
from app.channels.contract import Channel, ChannelError, OutgoingMessage, Sends, Sent, Uncertain, Unreachable
from app.delivery import parts, settle
from app.delivery.claim import MOST_TRIES, doubt_silent, give_back_silent
from app.delivery.compose import compose
from app.delivery.facts import read
from app.errors import DomainError
from app.models import Delivery
from app.settings import Settings
from app.storage.blobs import BlobStore
from app.storage.database import Database
from app.storage.keys import Keys
from app.tickets import events
from app.vocabulary import DeliveryState, EventType

NOT_THERE = Unreachable("It did not go out, or not whole.", whole_account=False)


def recover(database: Database, accounts: Accounts, keys: Keys, blobs: BlobStore, settings: Settings) -> int:
    """Take over from workers whose lease ended; gives how many deliveries changed."""
    with database.unit_of_work() as session:
        back = give_back_silent(session)
        for delivery_id, ticket_id, given_up in back:
            if given_up:
                events.record(session, ticket_id, EventType.DELIVERY_REFUSED, delivery=delivery_id)
        doubted = doubt_silent(session)
        for delivery_id, ticket_id, action in doubted:  # said at once: whoever recovers may itself fall silent
            events.record(session, ticket_id, EventType.DELIVERY_UNCERTAIN, delivery=delivery_id, action=action)
    for delivery_id, *_ in doubted:
        found = _ask(database, accounts, keys, blobs, settings, delivery_id)
        with database.unit_of_work() as session:
            _write(session, delivery_id, found)
        log.event("delivery.recovered", delivery=delivery_id, found=type(found).__name__)
    return len(back) + len(doubted)


def look_for(channel: Channel, message: OutgoingMessage, doubt: Uncertain) -> Sent | ChannelError:
    """Ask the channel whether it went out: `Sent`, `Unreachable` (it did not: try again), or the doubt that stays."""
    if not isinstance(channel, Sends):
        return doubt
    try:
        return channel.find_sent(message) or NOT_THERE
    except ChannelError as error:
        return error if isinstance(error, Uncertain) else doubt


def looked_for(
    database: Database, delivery_id: int, channel: Channel, message: OutgoingMessage, doubt: Uncertain
) -> Sent | ChannelError:
    """As `look_for`, for a delivery: what another delivery is known to have sent is not this one, whatever its words."""
    found = look_for(channel, message, doubt)
    if isinstance(found, Sent) and found.external_id:
        account = select(Delivery.account_id).where(Delivery.id == delivery_id).scalar_subquery()
        known = (Delivery.external_id == found.external_id, Delivery.account_id == account, Delivery.id != delivery_id)
        with database.read_only() as session:
            if session.scalar(select(Delivery.id).where(*known).limit(1)) is not None:
                return Uncertain("Another answer with the same words stands there. Look whether this one does too.")
    return found


def _ask(
    database: Database, accounts: Accounts, keys: Keys, blobs: BlobStore, settings: Settings, delivery_id: int
) -> Sent | ChannelError:
    doubt = Uncertain("The worker that was sending it fell silent.")
    try:
        with database.read_only() as session:
            facts = read(session, delivery_id)
        if facts.action != "send":
            return NOT_THERE  # verdicts, corrections and retractions may be repeated: the contract says so
        channel = accounts.channel_of(accounts.row(_account_of(database, delivery_id)))
        return looked_for(database, delivery_id, channel, compose(facts, keys, settings.base_url, blobs.read), doubt)
    except DomainError as error:
        return Uncertain(error.fix)


def _account_of(database: Database, delivery_id: int) -> int:
    with database.read_only() as session:
        return session.get_one(Delivery, delivery_id).account_id


def _write(session: Session, delivery_id: int, found: Sent | ChannelError) -> None:
    doubtful = and_(Delivery.id == delivery_id, Delivery.state == DeliveryState.UNCERTAIN)
    if isinstance(found, Sent):
        if settle.sent(session, doubtful, found):
            parts.write(session, delivery_id, found)
    elif isinstance(found, Unreachable):
        settle.again(session, and_(doubtful, Delivery.tries < MOST_TRIES))  # what kills each worker is left to a person
    else:
        settle.uncertain_because(session, doubtful, found.detail)
