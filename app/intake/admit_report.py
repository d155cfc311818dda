"""What became of something that we sent: a bounce, a delay, a status callback. It never opens a ticket."""

from typing import Any

from sqlalchemy import ARRAY, Row, Text, bindparam, text
from sqlalchemy.orm import Session

from app.channels.contract import DeliveryReport
from app.intake.means import InHand
from app.intake.outcome import Outcome
from app.tickets import events
from app.vocabulary import EventType, RawState

WHAT = "delivery_report"
FAILED = "failed"

_FIND = text("""
    SELECT d.id, d.ticket_id, d.message_id, d.address_id FROM delivery d
    WHERE (d.external_id = :external_id AND d.external_id <> '') OR d.key = ANY(:keys) ORDER BY d.id DESC LIMIT 1
""").bindparams(bindparam("keys", type_=ARRAY(Text)))
_BOUNCED = text("UPDATE contact_address SET bounced_at = now() WHERE id = :id")


def admit(session: Session, hand: InHand, report: DeliveryReport) -> Outcome:
    """The report, on the ticket whose answer it is about; one about nothing of ours is counted as such."""
    row = session.execute(
        _FIND, {"external_id": report.external_id, "keys": keys_of(report.external_id, *report.tokens)}
    ).one_or_none()
    if row is None:
        return Outcome(RawState.IGNORED, WHAT, "unknown_delivery")
    _apply(session, report, row)
    return Outcome(RawState.APPLIED, WHAT, report.outcome, row.ticket_id, row.message_id)


def keys_of(external_id: str, *tokens: str) -> list[str]:
    """Delivery keys that these ids may hold: a mail's Message-ID is `<key@domain>`."""
    left = external_id.strip("<>").rpartition("@")[0]
    return [key for key in (left, *tokens) if key]


def _apply(session: Session, report: DeliveryReport, row: Row[Any]) -> None:
    if report.outcome == FAILED:
        if row.address_id is not None:
            session.execute(_BOUNCED, {"id": row.address_id})
        events.record(
            session,
            row.ticket_id,
            EventType.BOUNCED,
            message_id=row.message_id,
            delivery=row.id,
            code=report.code[:100],
        )
