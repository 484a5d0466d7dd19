"""The worker loop: pull one message a slot, run the handler, settle the message.

However a delivery ends, the message is settled exactly once: acknowledged, given back with a delay, or dead-lettered
and then terminated. A worker that dies settles nothing, and the server gives the message to another one after
`ack_wait`; a worker that lives says `in_progress` three times in that span.
"""

import asyncio
import random
from collections.abc import Callable

from nats.errors import Error as NatsError

from viva_core.bus.codec import MessageTypes
from viva_core.bus.connection import Bus
from viva_core.bus.delivery import Handler
from viva_core.bus.pull import Puller, SilentPull
from viva_core.bus.settlement import Settlement
from viva_core.bus.topology import ConsumerSpec
from viva_core.errors import NotFound, VivaError
from viva_core.health import Health
from viva_core.telemetry.logs import get_logger

_log = get_logger("viva.bus.worker")


class Worker:
    """Runs one handler over one durable consumer until it is stopped.

    Args:
        bus: a connected bus.
        consumer: from the topology; it must have been applied.
        handler: see `viva_core.bus.delivery.Handler`.
        message_types: what the handler reads; anything else becomes a dead letter.
        slots: how many messages are handled at once.
        health: told about the part "worker.<consumer>".
        expires: seconds a pull waits on the server; also how long an idle worker takes to stop, at most.
        heartbeat: seconds between the server's signs of life during a pull.
        silent_limit: how many pulls in a row may go unanswered before the worker binds anew and is not ready.
        chance: random numbers in [0, 1) for the jitter of retries.
    """

    def __init__(
        self,
        bus: Bus,
        consumer: ConsumerSpec,
        handler: Handler,
        *,
        message_types: MessageTypes,
        health: Health,
        slots: int = 1,
        expires: float = 2.0,
        heartbeat: float = 0.5,
        silent_limit: int = 3,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._bus = bus
        self._consumer = consumer
        self._health = health
        self._silent_limit = silent_limit
        self._silent = 0
        self._stopping = False
        self._bound = asyncio.Event()
        self._unbound = asyncio.Event()
        self._unbound.set()
        self._ended = asyncio.Event()
        self._ended.set()  # until it runs
        self._part = f"worker.{consumer.durable}"
        self._settlement = Settlement(bus, consumer, handler, message_types, chance)
        self._pullers = [
            Puller(bus.client, consumer, expires=expires, heartbeat=heartbeat, late=self._settlement.release)
            for _ in range(slots)
        ]
        self._silences = bus.metrics.silent_pulls.labels(consumer.stream, consumer.durable)

    async def run(self) -> None:
        """Handle messages until `stop`. Raises only on a fault of the worker itself."""
        self._ended.clear()
        self._health.set(self._part, False, "starting")
        unlisten = self._bus.listen(self._connection_changed)
        binder = asyncio.create_task(self._keep_bound())
        try:
            async with asyncio.TaskGroup() as slots:
                for puller in self._pullers:
                    slots.create_task(self._slot(puller))
        finally:
            unlisten()
            binder.cancel()
            await asyncio.gather(binder, return_exceptions=True)
            for puller in self._pullers:
                await puller.close()
            self._health.set(self._part, False, "stopped")
            self._ended.set()

    async def stop(self, grace: float) -> None:
        """Pull no more; finish what is being handled within `grace` seconds, or give it back; return when `run` has
        ended.
        """
        self._stopping = True
        self._health.set(self._part, False, "stopping")
        self._bound.set()  # wakes the slots that wait for the server
        try:
            async with asyncio.timeout(grace):
                await self._ended.wait()
        except TimeoutError:
            self._settlement.abandon()
            await self._ended.wait()

    async def _slot(self, puller: Puller) -> None:
        while not self._stopping:
            await self._bound.wait()
            if self._stopping:
                return
            try:
                message = await puller.next()
            except SilentPull:
                self._fell_silent()
                continue
            self._silent = 0
            if message is None:
                continue
            if self._stopping:
                await self._settlement.release(message)
            else:
                await self._settlement.settle(message)

    def _fell_silent(self) -> None:
        self._silences.inc()
        self._silent += 1
        if self._silent >= self._silent_limit or not self._bus.connected:
            self._unbind("the message bus does not answer")

    def _unbind(self, why: str) -> None:
        if not self._stopping:
            self._bound.clear()
            self._unbound.set()
            self._health.set(self._part, False, why)

    def _connection_changed(self, connected: bool) -> None:
        if not connected:
            self._unbind("not connected to the message bus")
            for puller in self._pullers:
                puller.interrupt()

    async def _keep_bound(self) -> None:
        """Bind whenever unbound, for as long as it takes."""
        pause = 0.1
        while True:
            await self._unbound.wait()
            why = await self._bind()
            if why is None:
                pause = 0.1
                self._silent = 0
                self._unbound.clear()
                self._bound.set()
                if not self._stopping:
                    self._health.set(self._part, True)
                _log.info("a worker is bound", consumer=self._consumer.durable, stream=self._consumer.stream)
            else:
                self._health.set(self._part, False, why)
                await asyncio.sleep(pause)
                pause = min(2 * pause, 5.0)

    async def _bind(self) -> str | None:
        """Open fresh inboxes on a consumer that is there; returns why it could not."""
        stream, durable = self._consumer.stream, self._consumer.durable
        if not self._bus.connected:
            return "not connected to the message bus"
        try:
            await self._bus.api.request(f"CONSUMER.INFO.{stream}.{durable}")
            for puller in self._pullers:
                await puller.open()
        except NotFound:
            return f"the consumer {durable} of {stream} is not there: apply the streams"
        except VivaError as error:
            return error.message
        except (NatsError, OSError):
            return "not connected to the message bus"
        return None
