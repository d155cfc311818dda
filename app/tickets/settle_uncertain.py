"""Decide about an answer of which nobody can tell whether it went out: an employee looked, and says."""

from typing import Literal

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app.errors import Conflict, Invalid
from app.identity import mandates
from app.identity.principal import Principal
from app.models import Delivery
from app.storage.queue import wake
from app.tickets import held, standing, versions
from app.tickets.gone_out import gone_out
from app.tickets.tables import DELIVERY
from app.vocabulary import DeliveryState, EventType

Choice = Literal["sent", "again"]
_COLUMNS = [DELIVERY.c[name] for name in ("ticket_id", "message_id", "account_id", "action", "payload", "sent_at")]
_TOOK_AWAY = select(DELIVERY.c.payload.has_key(standing.GONE))


def settle_uncertain(session: Session, principal: Principal, delivery_id: int, choice: Choice) -> int:
    """`sent`: it did go out, leave it. `again`: it did not, send it now, with the same key. Returns the ticket's version.

    A correction that took away what stood there stands under a name that only its channel can tell: when somebody saw it, the
    channel is asked to look for it, which it does before it says anything anew.

    Two employees who decide at once: the first counts, the second hears so (`Conflict` "settled").
    """
    if choice not in ("sent", "again"):
        raise Invalid("choice", "Say `sent` when you found it at the other side, or `again` to send it once more.")
    ticket_id = session.scalar(select(Delivery.ticket_id).where(Delivery.id == delivery_id))
    if ticket_id is None:
        raise mandates.unknown()
    mandates.must_answer(session, principal, held.to_read(session, principal, ticket_id))
    uncertain = update(DELIVERY).where(DELIVERY.c.id == delivery_id, DELIVERY.c.state == DeliveryState.UNCERTAIN)
    stands = choice == "sent" and not session.scalar(_TOOK_AWAY.where(DELIVERY.c.id == delivery_id))
    if stands:
        settled = uncertain.values(state=DeliveryState.SENT, sent_at=func.coalesce(DELIVERY.c.begun_at, func.now()))
    else:
        # One try is remembered: a channel then looks what of it stands there already.
        fresh = {
            "lease_until": None, "claimed_by": "", "begun_at": None, "not_before": func.now(),
            "tries": func.least(DELIVERY.c.tries, 1),
        }  # fmt: skip
        settled = uncertain.values(state=DeliveryState.WAITING, **fresh)
        wake(session, "delivery")
    row = session.execute(settled.returning(*_COLUMNS)).one_or_none()
    if row is None:
        raise Conflict("settled", "This is not uncertain any more: a colleague decided, or the other side answered.")
    if stands:
        gone_out(session, row, row.sent_at)
    said = {"delivery_id": delivery_id, "choice": choice}
    return versions.change(
        session, principal, ticket_id, EventType.DELIVERY_SETTLED, message_id=row.message_id, data=said
    )
