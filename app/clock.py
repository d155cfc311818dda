"""The only place that asks what time it is (a test looks for `datetime.now` elsewhere).

Leases, undo windows and everything that two machines must agree on use the *database's* clock; this one is for what is
shown, signed or compared with a peer's stamp.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from time import monotonic as _monotonic

Clock = Callable[[], datetime]


def now() -> datetime:
    """The present moment, in UTC, with its offset."""
    return datetime.now(UTC)


def monotonic() -> float:
    """Seconds from an arbitrary start that never go back: for deadlines within one process."""
    return _monotonic()
