"""What became of something that we sent: a bounce, a delay, a status callback. It never opens a ticket."""

from sqlalchemy.orm import Session

from app.channels.contract import DeliveryReport
from app.delivery import mailing
from app.delivery.reports import apply_report
from app.intake.means import InHand
from app.intake.outcome import Outcome
from app.vocabulary import RawState

WHAT = "delivery_report"


def admit(session: Session, hand: InHand, report: DeliveryReport) -> Outcome:
    """The report, on the delivery that it is about; one about nothing of ours is counted as such."""
    ticket_id = apply_report(session, hand.keys, hand.account.id, report)
    if ticket_id is None and mailing.apply_report(session, hand.account.id, report):
        return Outcome(RawState.APPLIED, WHAT, report.outcome)
    if ticket_id is None:
        return Outcome(RawState.IGNORED, WHAT, "unknown_delivery")
    return Outcome(RawState.APPLIED, WHAT, report.outcome, ticket_id)
