"""What could not be admitted: looked at by people, released to be tried again, or discarded with a reason."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import insert, select, text
from sqlalchemy.orm import Session

from app.errors import Conflict, Fault, Forbidden, Invalid, NotFound
from app.identity.principal import Principal
from app.intake import clean
from app.intake.journal import TOPIC
from app.models import Account, Audit, RawItem
from app.storage.queue import wake
from app.vocabulary import RawState, Role

LONGEST_REASON = 500

_WAITS = text("raw_item.state = 'set_aside'")  # literally, so that the partial index is used
_RELEASE = text("""
    UPDATE raw_item SET state = 'new', tries = 0, not_before = NULL, handled_at = NULL
    WHERE id = :id AND state = 'set_aside' RETURNING account_id
""")
_DISCARD = text("""
    UPDATE raw_item SET state = 'ignored', reason = :reason, handled_at = now()
    WHERE id = :id AND state = 'set_aside' RETURNING account_id
""")


class Aside(NamedTuple):
    """One item that was set aside. `reason` is a code or the channel's own sentence; `size` is in bytes."""

    id: int
    account_id: int
    account: str
    key: str
    media_type: str
    size: int
    reason: str
    tries: int
    received_at: datetime
    handled_at: datetime | None


_COLUMNS = (
    RawItem.id,
    RawItem.account_id,
    Account.name,
    RawItem.key,
    RawItem.media_type,
    RawItem.size,
    RawItem.reason,
    RawItem.tries,
    RawItem.received_at,
    RawItem.handled_at,
)


def waiting(session: Session, principal: Principal, *, before: int | None = None, limit: int = 50) -> Sequence[Aside]:
    """What is set aside, newest first, `before` an id (a keyset page). Raises `Forbidden`."""
    _may(principal)
    query = select(*_COLUMNS).join(Account, Account.id == RawItem.account_id).where(_WAITS)
    if before is not None:
        query = query.where(RawItem.id < before)
    return [Aside._make(row) for row in session.execute(query.order_by(RawItem.id.desc()).limit(limit))]


def one(session: Session, principal: Principal, raw_item_id: int, *, lock: bool = False) -> Aside:
    """One item that is set aside; with `lock` nobody else releases or discards it meanwhile. Raises as `release`."""
    _may(principal)
    query = select(*_COLUMNS).join(Account, Account.id == RawItem.account_id).where(RawItem.id == raw_item_id, _WAITS)
    found = session.execute(query.with_for_update(of=RawItem) if lock else query).one_or_none()
    if found is None:
        raise _gone(session, raw_item_id)
    return Aside._make(found)


def error(session: Session, principal: Principal, raw_item_id: int) -> str:
    """The whole trace, for who repairs it. Raises `Forbidden` and `NotFound`."""
    _may(principal)
    found = session.scalar(select(RawItem.error).where(RawItem.id == raw_item_id, _WAITS))
    if found is None:
        raise _gone(session, raw_item_id)
    return found


def release(session: Session, principal: Principal, raw_item_id: int) -> None:
    """Parse it again, from the first try. Raises `Forbidden`, `NotFound`, and `Conflict` when somebody was first."""
    _may(principal)
    account_id = session.execute(_RELEASE, {"id": raw_item_id}).scalar_one_or_none()
    if account_id is None:
        raise _gone(session, raw_item_id)
    _record(session, principal, "raw_item.released", raw_item_id, {"account": account_id})
    wake(session, TOPIC)


def discard(session: Session, principal: Principal, raw_item_id: int, reason: str) -> None:
    """Never admit it: it is counted as ignored, with this reason, and its bytes stay. Raises as `release`, and `Invalid`."""
    _may(principal)
    words = clean.text(reason.strip(), LONGEST_REASON)
    if not words:
        fault = Fault("reason", "empty", "say in a few words why nobody needs to see this")
        raise Invalid("reason_missing", "Give a reason: it stands in the ledger.", [fault])
    account_id = session.execute(_DISCARD, {"id": raw_item_id, "reason": words}).scalar_one_or_none()
    if account_id is None:
        raise _gone(session, raw_item_id)
    _record(session, principal, "raw_item.discarded", raw_item_id, {"account": account_id, "reason": words})


def _may(principal: Principal) -> None:
    if principal.role not in (Role.LEAD, Role.ADMIN):
        raise Forbidden("lead_needed", "Ask a team lead or an administrator: what was set aside may be for any team.")


def _gone(session: Session, raw_item_id: int) -> NotFound | Conflict:
    state = session.scalar(select(RawItem.state).where(RawItem.id == raw_item_id))
    if state is None:
        return NotFound("raw_item", "This item does not exist.")
    words = {RawState.NEW: "it was released and waits to be tried again", RawState.IGNORED: "it was discarded"}
    return Conflict("not_set_aside", f"This item is not set aside any more: {words.get(state, 'it was admitted')}.")


def _record(session: Session, principal: Principal, action: str, raw_item_id: int, data: dict[str, Any]) -> None:
    row = {"agent_id": principal.agent_id, "token_id": principal.token_id, "action": action, "data": data}
    session.execute(insert(Audit).values(row | {"object": "raw_item", "object_id": raw_item_id}))
