"""Something found by listening, not owed an answer: kept beside the tickets."""

from sqlalchemy import Executable, literal_column
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.channels.contract import Signal
from app.intake.means import InHand
from app.intake.outcome import Outcome
from app.models import Signal as SignalRow
from app.vocabulary import RawState

WHAT = "signal"

_INSERT: Executable = (
    insert(SignalRow)
    .on_conflict_do_nothing(index_elements=["account_id", "external_id"])
    .returning(literal_column("id"))
)


def admit(session: Session, hand: InHand, signal: Signal) -> Outcome:
    """The signal, once."""
    row = {
        "account_id": hand.account.id,
        "raw_item_id": hand.item.id,
        "external_id": signal.external_id,
        "author_name": signal.author.name or signal.author.handle,
        "text": signal.text,
        "url": signal.url,
        "sent_at": signal.sent_at,
    }
    made = session.execute(_INSERT, row).scalar_one_or_none()
    return Outcome(RawState.DUPLICATE, WHAT, "known_already") if made is None else Outcome(RawState.SIGNAL, WHAT)
