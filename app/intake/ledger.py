"""The ledger: for every account, what was ever seen against what it became. Nothing is dropped in silence.

`seen` is counted when items are journalled, apart from the items themselves; the states are counted from the items. The
two must be equal at any moment, for every account: a difference is an alarm. So is what the other side holds and we do not
know (`compare`).
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from app import log
from app.vocabulary import RawState

# One statement, so that both counts are of the same moment whatever the isolation.
_READ = text("""
    SELECT a.id, a.name, a.kind, a.active, coalesce(s.seen, 0) AS seen, coalesce(s.repeated, 0) AS repeated,
        coalesce(s.unauthentic, 0) AS unauthentic, s.behind, coalesce(s.problem, '') AS problem,
        coalesce(s.inventory, '{}') AS inventory, c.state, coalesce(c.number, 0) AS number, c.oldest
    FROM account a
    LEFT JOIN account_state s ON s.account_id = a.id
    LEFT JOIN (
        SELECT account_id, state, count(*) AS number,
            CASE WHEN state = 'new' THEN extract(epoch FROM now() - min(received_at)) END AS oldest
        FROM raw_item GROUP BY account_id, state) c ON c.account_id = a.id
    ORDER BY a.id
""")


@dataclass(frozen=True, slots=True)
class Account:
    """One account's line. `oldest_new` is how many seconds the longest waiting item has waited; `inventory` is what
    the last comparison found (see `compare`), empty when there was none.
    """

    account_id: int
    name: str
    kind: str
    active: bool
    seen: int
    repeated: int
    unauthentic: int
    behind: int | None
    problem: str
    counts: Mapping[RawState, int]
    oldest_new: float
    inventory: Mapping[str, Any]

    @property
    def accounted(self) -> int:
        """The sum of all states, *new* and *set aside* included."""
        return sum(self.counts.values())

    @property
    def difference(self) -> int:
        """What was seen and is nowhere (positive), or is there and was never seen (negative). Anything but 0 alarms."""
        return self.seen - self.accounted

    @property
    def gap(self) -> int:
        """How many items the other side held that we do not know, at the last comparison."""
        return int(self.inventory.get("unknown", 0))

    @property
    def alarm(self) -> bool:
        """Whether somebody must look."""
        return self.difference != 0 or self.gap > 0


def read(session: Session) -> Sequence[Account]:
    """The ledger of every account, by id."""
    counts: dict[int, dict[RawState, int]] = defaultdict(dict)
    oldest: dict[int, float] = {}
    rows = {}
    for row in session.execute(_READ):
        rows[row.id] = row
        if row.state is not None:
            counts[row.id][RawState(row.state)] = row.number
        if row.oldest is not None:
            oldest[row.id] = float(row.oldest)
    return [
        Account(
            *(row.id, row.name, row.kind, row.active, row.seen, row.repeated, row.unauthentic, row.behind, row.problem),
            counts={state: counts[row.id].get(state, 0) for state in RawState},
            oldest_new=oldest.get(row.id, 0.0),
            inventory=row.inventory,
        )
        for row in rows.values()
    ]


def alarms(session: Session) -> Sequence[Account]:
    """The accounts that somebody must look at, each logged once."""
    found = [account for account in read(session) if account.alarm]
    for account in found:
        log.trouble("ledger.alarm", account=account.account_id, difference=account.difference, gap=account.gap)
    return found
