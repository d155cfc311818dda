"""What a ballot became: whether its vote counts, and the tickets of its written answers."""

from dataclasses import dataclass

from sqlalchemy import BigInteger, bindparam, text
from sqlalchemy.orm import Session

from app.vocabulary import RawState

_BECAME = text("""
    SELECT r.state, r.outcomes, t.id AS ticket_id, m.contact_id
    FROM raw_item r
    LEFT JOIN LATERAL jsonb_array_elements(r.outcomes) o ON true
    LEFT JOIN ticket t ON t.id = CAST(o ->> 'ticket' AS bigint)
    LEFT JOIN message m ON m.id = CAST(o ->> 'message' AS bigint)
    WHERE r.id = :id ORDER BY t.id
""").bindparams(bindparam("id", type_=BigInteger))


@dataclass(frozen=True, slots=True)
class Became:
    """`settled`: it was taken up. `apart`: why the vote is counted apart, empty when it counts. (ticket, contact) each."""

    settled: bool = False
    apart: str = ""
    tickets: tuple[tuple[int, int | None], ...] = ()


def became(session: Session, raw_item_id: int) -> Became:
    """What became of a stored ballot until now."""
    rows = session.execute(_BECAME, {"id": raw_item_id}).all()
    if not rows or rows[0].state == RawState.NEW:
        return Became()
    vote: dict[str, str] = next((outcome for outcome in rows[0].outcomes if outcome.get("what") == "vote"), {})
    apart = vote.get("reason", "") if vote.get("state") == RawState.APPLIED else ""
    tickets = tuple((row.ticket_id, row.contact_id) for row in rows if row.ticket_id is not None)
    return Became(True, apart, tickets)
