"""How a raw item ends: one conditional update, in the transaction of what became of it, with the routes of its messages."""

import traceback
from collections.abc import Sequence

from pydantic_core import to_json
from sqlalchemy import ARRAY, BigInteger, Text, bindparam, text
from sqlalchemy.orm import Session

from app.intake.again import Again
from app.intake.outcome import Outcome, weightiest
from app.vocabulary import RawState

_LONGEST_TRACE = 20_000

_SETTLE = text("""
    WITH settled AS (
        UPDATE raw_item SET state = :state, reason = :reason, error = :error, outcomes = CAST(:outcomes AS jsonb),
            handled_at = now(), not_before = NULL
        WHERE id = :id AND state = 'new'
        RETURNING id, account_id
    ), routed AS (
        INSERT INTO message_route (message_id, raw_item_id, account_id)
        SELECT m, s.id, s.account_id FROM settled s, unnest(:message_ids) m
        ON CONFLICT DO NOTHING
    )
    SELECT id FROM settled
""").bindparams(
    *(bindparam(name, type_=Text) for name in ("state", "reason", "error", "outcomes")),
    bindparam("message_ids", type_=ARRAY(BigInteger)),
)


class Gone(Again):
    """Another worker settled the item while this one was at it: its transaction counts, ours must not."""


def settle(session: Session, item_id: int, outcomes: Sequence[Outcome]) -> None:
    """The item became this. Raises `Gone`, and then everything else in the transaction must be undone."""
    whole = weightiest(outcomes)
    _settle(session, item_id, whole.state, whole.reason, "", outcomes)


def set_aside(session: Session, item_id: int, reason: str, error: BaseException | None = None) -> None:
    """The item cannot be admitted; `reason` is a code or the channel's sentence, the trace is kept for who repairs it."""
    trace = "".join(traceback.format_exception(error)) if error is not None else ""
    clean = trace.replace("\x00", "\N{REPLACEMENT CHARACTER}").encode("utf-8", "replace").decode()
    _settle(session, item_id, RawState.SET_ASIDE, reason, clean[-_LONGEST_TRACE:], ())


def _settle(
    session: Session, item_id: int, state: RawState, reason: str, error: str, outcomes: Sequence[Outcome]
) -> None:
    values = {
        "id": item_id,
        "state": state.value,
        "reason": reason,
        "error": error,
        "outcomes": to_json([o.as_json() for o in outcomes]).decode(),
        "message_ids": [o.message_id for o in outcomes if o.arrived],
    }
    if session.execute(_SETTLE, values).scalar_one_or_none() is None:
        raise Gone
