"""A clock that a test moves."""

from datetime import UTC, datetime, timedelta


class MovingClock:
    """Begins now, and stands still until it is moved."""

    def __init__(self) -> None:
        self.moment = datetime.now(UTC).replace(microsecond=0)

    def __call__(self) -> datetime:
        return self.moment

    def move(self, **by: float) -> None:
        """Later by so much (`minutes=3`)."""
        self.moment += timedelta(**by)
