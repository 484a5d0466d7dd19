"""A clock that stands still until a test moves it."""

from datetime import UTC, datetime, timedelta


class FakeClock:
    """Starts at a fixed instant; `advance` moves the wall clock and the monotonic clock together."""

    def __init__(self, start: datetime = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)) -> None:
        self._now = start
        self._monotonic = 1_000.0

    def now(self) -> datetime:
        """The wall clock, UTC."""
        return self._now

    def monotonic(self) -> float:
        """Seconds, monotonic."""
        return self._monotonic

    def advance(self, step: timedelta) -> None:
        """Move both clocks by `step`."""
        self._now += step
        self._monotonic += step.total_seconds()

    def jump(self, step: timedelta) -> None:
        """Set the wall clock ahead, or back, by `step`; the monotonic clock stands still."""
        self._now += step
