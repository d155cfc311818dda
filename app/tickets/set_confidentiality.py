"""Say who may see a ticket."""

from sqlalchemy.orm import Session

from app.errors import Forbidden
from app.identity.principal import Principal
from app.tickets import held, versions
from app.vocabulary import Confidentiality, EventType

STRICTNESS = {Confidentiality.NORMAL: 0, Confidentiality.TEAM: 1, Confidentiality.STRICT: 2}


def set_confidentiality(
    session: Session,
    principal: Principal,
    ticket_id: int,
    confidentiality: Confidentiality,
    *,
    reason: str = "",
    version: int | None = None,
) -> int:
    """Set who may see it; returns the new version.

    Whoever works on a ticket may close it off further. Opening it up shows people what was kept from them, so that takes the
    lead of its team and a reason.
    """
    ticket = held.to_work(session, principal, ticket_id)
    if confidentiality is ticket.confidentiality:
        return ticket.version
    if STRICTNESS[confidentiality] < STRICTNESS[ticket.confidentiality]:
        if not principal.leads(ticket.team_id):
            raise Forbidden("lead_needed", "Only the lead of its team may open a ticket up. Ask them.")
        reason = held.because(reason, "more people may see it")
    said = {"from": ticket.confidentiality, "to": confidentiality, "reason": reason.strip()}
    values = {"confidentiality": confidentiality}
    return versions.change(
        session, principal, ticket_id, EventType.CONFIDENTIALITY_SET, expected=version, values=values, data=said
    )
