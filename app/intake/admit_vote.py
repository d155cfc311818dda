"""A vote in a poll, stored once per account and id; what is doubtful is counted apart, with its reason, and never dropped.

A voter (an invitation, a browser) counts once: the database decides which of two simultaneous votes was first. Many votes
from one place in a short time are a burst from the twentieth on. Invited votes are never a burst: their token proves them. A
vote that reached us after its poll was closed is kept, and counted apart.
"""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, DateTime, Interval, Text, bindparam, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from app.channels.contract import Vote
from app.intake.means import InHand
from app.intake.outcome import Outcome
from app.vocabulary import RawState

WHAT = "vote"
REPEAT, BURST, LATE = "repeat", "burst", "after_closing"
BURST_VOTES = 20
BURST_SPAN = timedelta(minutes=10)

_IDS = tuple(bindparam(name, type_=Text) for name in ("poll_key", "source"))
_INSERT = text("""
    INSERT INTO vote (account_id, raw_item_id, external_id, poll_key, choices, invited, voted_at, apart, voter, source)
    VALUES (:account_id, :raw_item_id, :external_id, :poll_key, :choices, :invited, :voted_at, :apart, :voter, :source)
    ON CONFLICT DO NOTHING RETURNING id
""").bindparams(bindparam("choices", type_=JSONB))
_KNOWN = text("SELECT 1 FROM vote WHERE account_id = :account_id AND external_id = :external_id")
# Votes from one place are admitted one after the other, so that none of them overlooks the others.
_ONE_BY_ONE = text("SELECT pg_advisory_xact_lock(hashtextextended(:poll_key || '/' || :source, 0))").bindparams(*_IDS)
_LATELY = text("""
    SELECT count(*) FROM vote WHERE account_id = :account_id AND poll_key = :poll_key AND source = :source
        AND voted_at > :received_at - :span AND voted_at <= :received_at AND NOT invited
""").bindparams(
    *_IDS,
    bindparam("account_id", type_=BigInteger),
    bindparam("received_at", type_=DateTime(timezone=True)),
    bindparam("span", type_=Interval),
)
_CLOSED = text("""
    SELECT 1 FROM poll WHERE account_id = :account_id AND key = :poll_key
        AND :received_at > least(coalesce(closed_at, 'infinity'), coalesce(closes_at, 'infinity'))
""").bindparams(bindparam("received_at", type_=DateTime(timezone=True)))


def admit(session: Session, hand: InHand, vote: Vote) -> Outcome:
    """The vote in its place. The same item again changes nothing; the same voter again is kept and counted apart."""
    row = _row(hand, vote)
    apart = vote.apart or _doubt(session, row, hand.item.received_at)
    if session.execute(_INSERT, {**row, "apart": apart}).scalar_one_or_none() is not None:
        return Outcome(RawState.APPLIED, WHAT, apart)
    if not apart and session.execute(_KNOWN, row).scalar_one_or_none() is None:
        session.execute(_INSERT, {**row, "apart": REPEAT})
        return Outcome(RawState.APPLIED, WHAT, REPEAT)
    return Outcome(RawState.DUPLICATE, WHAT, "known_already")


def _row(hand: InHand, vote: Vote) -> dict[str, Any]:
    return {
        "account_id": hand.account.id,
        "raw_item_id": hand.item.id,
        "external_id": vote.external_id,
        "poll_key": vote.poll_key,
        "choices": {question: list(chosen) for question, chosen in vote.choices.items()},
        "invited": vote.invited,
        "voted_at": vote.voted_at,
        "voter": vote.voter.address if vote.voter else "",
        "source": vote.source,
    }


def _doubt(session: Session, row: dict[str, Any], received_at: datetime) -> str:
    asked = {**row, "received_at": received_at}
    if session.execute(_CLOSED, asked).scalar_one_or_none() is not None:
        return LATE
    if not row["source"] or row["invited"]:
        return ""
    session.execute(_ONE_BY_ONE, row)
    lately = session.execute(_LATELY, {**asked, "span": BURST_SPAN}).scalar_one()
    return BURST if lately >= BURST_VOTES else ""
