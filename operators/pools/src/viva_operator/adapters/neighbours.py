"""The bus and the session service live on the main thread's loop, a term on its own: a question crosses over here."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Generic, TypeVar

from viva_core.bus import Bus
from viva_core.clock import Clock

from viva_operator.adapters.lag import Lags
from viva_operator.ports import Lag

T = TypeVar("T")


class Across(Generic[T]):
    """Asks on another loop, and waits on the one that calls."""

    def __init__(self, loop: asyncio.AbstractEventLoop, ask: Callable[[], Awaitable[T]]) -> None:
        self._loop = loop
        self._ask = ask

    async def read(self) -> T:
        """The answer."""

        async def asked() -> T:
            return await self._ask()

        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(asked(), self._loop))


class BusLags:
    """The lag, over a bus that may not be there yet."""

    def __init__(self, connect: Callable[[], Awaitable[Bus]], clock: Clock) -> None:
        self._connect = connect
        self._clock = clock
        self._bus: Bus | None = None

    async def run(self) -> None:
        """Connect, however long it takes, and return when the bus turned us away for good."""
        self._bus = await self._connect()
        await self._bus.watch()

    async def stop(self, _: float) -> None:
        """Leave the bus."""
        if self._bus is not None:
            await self._bus.close()

    async def read(self) -> Mapping[str, Lag] | None:
        """By role; None when it is not known."""
        return None if self._bus is None else await Lags(self._bus.api, self._clock).read()
