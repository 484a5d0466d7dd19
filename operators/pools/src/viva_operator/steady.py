"""Notices that the wall clock jumped, beside the monotonic one, which cannot.

What the operator remembers are wall clock times, so that the next leader can go on with them. After a jump ahead every
wait looks over and every planned interview late; so nothing shrinks until a while has passed by the new clock, and the
waits begin anew.
"""

from datetime import timedelta

from viva_core.clock import Clock
from viva_core.telemetry.logs import get_logger

from viva_operator.ports import Jump

_log = get_logger("viva.operator.clock")


class Steady:
    """Compares both clocks each time it is asked."""

    def __init__(self, clock: Clock, *, tolerance: timedelta = timedelta(seconds=30)) -> None:
        self._clock = clock
        self._tolerance = tolerance
        self._wall, self._monotonic = clock.now(), clock.monotonic()
        self._last: Jump | None = None

    def look(self) -> Jump | None:
        """The last jump since this was made. What is within the tolerance is a clock that is being set right."""
        wall, monotonic = self._clock.now(), self._clock.monotonic()
        by = (wall - self._wall) - timedelta(seconds=monotonic - self._monotonic)
        self._wall, self._monotonic = wall, monotonic
        if abs(by) > self._tolerance:
            self._last = Jump(wall, by)
            _log.warning("the wall clock jumped", seconds=by.total_seconds())
        return self._last
