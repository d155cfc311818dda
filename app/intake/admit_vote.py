"""A vote in a poll, counted once per account and id."""

from sqlalchemy import Executable, literal_column
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.channels.contract import Vote
from app.intake.means import InHand
from app.intake.outcome import Outcome
from app.models import Vote as VoteRow
from app.vocabulary import RawState

WHAT = "vote"

_INSERT: Executable = (
    insert(VoteRow).on_conflict_do_nothing(index_elements=["account_id", "external_id"]).returning(literal_column("id"))
)


def admit(session: Session, hand: InHand, vote: Vote) -> Outcome:
    """A repeated vote changes nothing: who may vote again is the poll's business, and gives another id."""
    row = {
        "account_id": hand.account.id,
        "raw_item_id": hand.item.id,
        "external_id": vote.external_id,
        "poll_key": vote.poll_key,
        "choices": {question: list(chosen) for question, chosen in vote.choices.items()},
        "invited": vote.invited,
        "voted_at": vote.voted_at,
    }
    made = session.execute(_INSERT, row).scalar_one_or_none()
    return Outcome(RawState.DUPLICATE, WHAT, "known_already") if made is None else Outcome(RawState.APPLIED, WHAT)
