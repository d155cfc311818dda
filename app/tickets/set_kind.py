"""Say what kind of thing a ticket is: a question, a complaint, a view on a plan."""

from typing import Any

from sqlalchemy.orm import Session

from app.identity.principal import Principal
from app.storage.queue import wake
from app.tickets import held, receipt, versions
from app.vocabulary import FORMAL_KINDS, EventType, TicketKind


def set_kind(
    session: Session, principal: Principal, ticket_id: int, kind: TicketKind, *, version: int | None = None
) -> int:
    """Set the kind; returns the new version.

    A formal kind has its own desk, receipt and statutory clock. The clock counts from `received_at`, which stays what it was:
    the citizen is not to lose days to our sorting. The formal receipt, which names that moment, goes out with this change,
    and the ticket without an owner is routed again, now as what it is.
    """
    ticket = held.to_work(session, principal, ticket_id)
    if kind is ticket.kind:
        return ticket.version
    becomes_formal = kind in FORMAL_KINDS and ticket.kind not in FORMAL_KINDS
    values: dict[str, Any] = {"kind": kind, "fixed": ticket.fixing("kind")}
    if ticket.agent_id is None and (kind in FORMAL_KINDS or ticket.kind in FORMAL_KINDS):
        values["decision_id"] = None
        wake(session, "route")
    said = {
        "from": ticket.kind,
        "to": kind,
        "received_at": ticket.received_at.isoformat(),
    }
    new = versions.change(session, principal, ticket_id, EventType.KIND_SET, expected=version, values=values, data=said)
    if becomes_formal:
        receipt.owe_formal(session, ticket_id)
    return new
