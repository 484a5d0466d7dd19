"""How often somebody may ask, by the library `limits`, counted in this process.

With several gateways behind one address each counts for itself, so the limits are per process; they guard against
floods and guessing, and are no quota.
"""

import heapq
import time
from collections.abc import Callable
from datetime import timedelta

from limits import RateLimitItem, parse
from limits.aio.storage import Storage
from limits.aio.strategies import FixedWindowRateLimiter
from viva_core.errors import Invalid, RateLimited, Violation

_SWEEP = 64


class CounterStorage(Storage):
    """Counters in memory. The library's own starts a task a request that walks all counters; this one walks only what
    has run out, a few a request."""

    STORAGE_SCHEME = ["viva-counters"]  # noqa: RUF012 - the library's own declaration

    def __init__(self, now: Callable[[], float] = time.time) -> None:
        super().__init__()
        self._now = now
        self._counters: dict[str, tuple[int, float]] = {}
        self._order: list[tuple[float, str]] = []

    @property
    def base_exceptions(self) -> type[Exception]:
        """What this storage may raise."""
        return ValueError

    async def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        """Count; the window begins at the first."""
        self._sweep()
        count, until = self._counters.get(key, (0, 0.0))
        if until <= self._now():
            count, until = 0, self._now() + expiry
            heapq.heappush(self._order, (until, key))
        self._counters[key] = (count + amount, until)
        return count + amount

    def _sweep(self) -> None:
        for _ in range(_SWEEP):
            if not self._order or self._order[0][0] > self._now():
                return
            _, key = heapq.heappop(self._order)
            if key in self._counters and self._counters[key][1] <= self._now():
                del self._counters[key]

    async def get(self, key: str) -> int:
        """The count of the window that runs."""
        count, until = self._counters.get(key, (0, 0.0))
        return count if until > self._now() else 0

    async def get_expiry(self, key: str) -> float:
        """When the window ends."""
        return self._counters.get(key, (0, self._now()))[1]

    async def check(self) -> bool:
        """Memory is always there."""
        return True

    async def reset(self) -> int | None:
        """Forget everything."""
        count = len(self._counters)
        self._counters.clear()
        self._order.clear()
        return count

    async def clear(self, key: str) -> None:
        """Forget one counter."""
        self._counters.pop(key, None)


def limit(text: str) -> RateLimitItem:
    """A limit like "10/minute"; raises Invalid."""
    try:
        return parse(text)
    except ValueError:
        raise Invalid(
            "a rate limit is written like 10/minute", [Violation("rate", "want a form like 10/minute")]
        ) from None


class RateLimits:
    """Counts, and refuses with the time to wait."""

    def __init__(self, storage: CounterStorage | None = None) -> None:
        self._storage = storage or CounterStorage()
        self._strategy = FixedWindowRateLimiter(self._storage)

    async def hit(self, item: RateLimitItem, *who: str) -> None:
        """Count one request; raises RateLimited with the seconds until the window ends."""
        if not await self._strategy.hit(item, *who):
            stats = await self._strategy.get_window_stats(item, *who)
            wait = timedelta(seconds=max(1.0, stats.reset_time - time.time()))
            raise RateLimited(f"too many requests: at most {item}", retry_after=wait)

    async def forget(self, item: RateLimitItem, *who: str) -> None:
        """Begin anew, after a sign-in that was right."""
        await self._strategy.clear(item, *who)
