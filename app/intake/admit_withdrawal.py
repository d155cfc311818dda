"""The author, or the service, took a reaction away: it is shown in public no longer, and the ticket stays."""

from sqlalchemy import DateTime, bindparam, text
from sqlalchemy.orm import Session

from app.channels.contract import Withdrawal
from app.intake.means import InHand, Waits
from app.intake.outcome import Outcome
from app.tickets import events, versions
from app.vocabulary import EventType, RawState

WHAT = "withdrawal"

_FIND = text("""
    SELECT id, ticket_id, publication, withdrawn_at IS NOT NULL AS already FROM message
    WHERE account_id = :account_id AND external_id = :external_id ORDER BY id LIMIT 1 FOR UPDATE
""")
PATIENCE = 3000.0  # seconds, less than what other items wait for before they are set aside
_WITHDRAW = text("""
    UPDATE message SET withdrawn_at = :at, publication = CASE WHEN publication IS NULL THEN NULL ELSE 'withdrawn' END
    WHERE id = :id
""").bindparams(bindparam("at", type_=DateTime(timezone=True)))


def admit(session: Session, hand: InHand, withdrawal: Withdrawal) -> Outcome:
    """The withdrawn message. Raises `Waits` while what it withdraws may still come.

    After that it is counted with its reason and nobody is asked: what was taken back before we ever saw it (an account
    reads back some days only) needs no answer.
    """
    values = {"account_id": hand.account.id, "external_id": withdrawal.external_id}
    row = session.execute(_FIND, values).one_or_none()
    if row is None:
        if hand.item.age > PATIENCE:
            return Outcome(RawState.IGNORED, WHAT, "original_missing")
        raise Waits("original_missing")
    if row.already:
        return Outcome(RawState.APPLIED, WHAT, "unchanged", row.ticket_id, row.id)
    session.execute(_WITHDRAW, {"id": row.id, "at": withdrawal.withdrawn_at or hand.item.received_at})
    version = versions.bump(session, row.ticket_id)
    events.record(
        session, row.ticket_id, EventType.REACTION_WITHDRAWN, message_id=row.id, version=version, stood=row.publication
    )
    return Outcome(RawState.APPLIED, WHAT, "", row.ticket_id, row.id)
