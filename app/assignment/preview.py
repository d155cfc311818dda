"""What other rules would have done to the tickets of late, before they are put in force.

The stored facts of recent decisions are decided again under the rules to be tried. A decision stores the presence and the
load of its own team only, so where another team would have got the ticket, who of that team is not foretold.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from app.assignment.replay import again, stored
from app.identity import mandates
from app.identity.principal import Principal
from app.models import Decision, Ticket
from app.routing.decision import ENGINE_VERSION
from app.routing.parse import parse_policy
from app.routing.roster import Roster

SAMPLES = 20
_PLACE = ("theme", "team", "priority", "kind", "tags")


@dataclass(frozen=True, slots=True)
class Difference:
    """One ticket that would have gone another way: theme, team, priority, kind and tags; and the agent in the same team."""

    decision_id: int
    ticket_id: int
    before: Mapping[str, Any]
    after: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Preview:
    """`looked_at` decisions, of which `different` would come out otherwise; `samples` are the newest of those."""

    looked_at: int
    different: int
    samples: Sequence[Difference]


def preview(session: Session, principal: Principal, rules: Sequence[Any], *, limit: int = 500) -> Preview:
    """Try rules on the newest `limit` decisions of this engine's version that the asker may see.

    Raises `Invalid` with everything that is wrong with the rules.
    """
    policy = parse_policy({"version": 1, "rules": list(rules)})
    rosters: dict[int, Roster] = {}
    rows = session.execute(_newest(principal, limit)).all()
    found = [_difference(row, again(session, row, rosters, {row.policy_id: policy})) for row in rows]
    different = [one for one in found if one is not None]
    return Preview(len(rows), len(different), different[:SAMPLES])


def _newest(principal: Principal, limit: int) -> Any:
    return (
        select(*Decision.__table__.columns)
        .join(Ticket, Ticket.id == Decision.ticket_id)
        .where(Decision.engine_version == ENGINE_VERSION, mandates.visible(principal))
        .order_by(Decision.id.desc())
        .limit(limit)
    )


def _difference(row: Row[Any], now: Mapping[str, Any]) -> Difference | None:
    then = stored(row)
    names = (*_PLACE, "agent") if now["team"] == then["team"] else _PLACE
    before, after = {name: then[name] for name in names}, {name: now[name] for name in names}
    return Difference(row.id, row.ticket_id, before, after) if before != after else None
