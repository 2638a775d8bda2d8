"""A clock that stands where a test puts it."""

from datetime import UTC, datetime, timedelta


class FrozenClock:
    """A clock that only moves when told to."""

    def __init__(self, start: datetime | None = None) -> None:
        self.current = start or datetime(2026, 11, 20, 10, 0, tzinfo=UTC)

    def now(self) -> datetime:
        """Return the chosen time."""
        return self.current

    def advance(self, **duration: float) -> datetime:
        """Move forward by a timedelta's keywords; return the new time."""
        self.current += timedelta(**duration)
        return self.current
