"""What became of a raw item, part by part. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from app.vocabulary import RawState

WEIGHT = (
    RawState.TICKETED,
    RawState.JOINED,
    RawState.APPLIED,
    RawState.SIGNAL,
    RawState.DUPLICATE,
    RawState.IGNORED,
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """One part's end. `what` names the part (`reaction`, `delivery_report`, …), `reason` is a code.

    `arrived` tells that the message itself came by this item, first or again: a route that the desk shows.
    """

    state: RawState
    what: str
    reason: str = ""
    ticket_id: int | None = None
    message_id: int | None = None
    arrived: bool = False

    def as_json(self) -> dict[str, Any]:
        """For `raw_item.outcomes`: only what is there."""
        shown = {"ticket": self.ticket_id, "message": self.message_id, "reason": self.reason or None}
        return {"state": self.state.value, "what": self.what} | {k: v for k, v in shown.items() if v is not None}


NOTHING = Outcome(RawState.IGNORED, "nothing", "nothing_for_us")


def weightiest(outcomes: Sequence[Outcome]) -> Outcome:
    """The outcome that the whole item counts as in the ledger; an item without parts is ignored with a reason."""
    return min(outcomes, key=lambda o: WEIGHT.index(o.state), default=NOTHING)
