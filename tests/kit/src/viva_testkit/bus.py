"""A bus for tests, and waiting for something to become true."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from opentelemetry.trace import NoOpTracer
from prometheus_client import CollectorRegistry
from pydantic import SecretStr
from viva_core.bus import Bus
from viva_core.clock import Clock
from viva_core.health import Health
from viva_core.settings import NatsSettings


@dataclass
class BusProbe:
    """A connected bus with what it reports to."""

    bus: Bus
    health: Health
    registry: CollectorRegistry

    def ok(self, part: str) -> bool:
        """Whether a part of the process says that it works."""
        state = self.health.parts.get(part)
        return state is not None and state.ok

    async def handled(self, stream: str, consumer: str) -> None:
        """Return when the consumer has handled all that was published. For a bus that may ask of it: admin."""

        async def done() -> bool:
            info = await self.bus.api.request(f"CONSUMER.INFO.{stream}.{consumer}")
            return bool(info["num_pending"] == 0 and info["num_ack_pending"] == 0)

        await eventually(done)

    def metric(self, name: str, **labels: str) -> float:
        """A metric's value now; 0 when it was never touched."""
        return self.registry.get_sample_value(name, labels) or 0.0


@dataclass
class BusFactory:
    """Connects buses to one server and closes them all at the end."""

    url: str
    _probes: list[BusProbe] = field(default_factory=list)

    async def connect(
        self,
        role: str = "session",
        *,
        password: str | None = None,
        clock: Clock | None = None,
        ack_timeout: float = 5.0,
    ) -> BusProbe:
        """A bus that speaks as `role`; as that NATS user when a password is given."""
        health, registry = Health(), CollectorRegistry()
        secret = SecretStr(password) if password is not None else None
        settings = NatsSettings(nats_url=self.url, nats_user=role if secret else None, nats_password=secret)
        bus = await Bus.connect(
            settings,
            source=role,
            health=health,
            registry=registry,
            clock=clock,
            # Not the process's: a service that ran here before has set one up, and would put its traces into messages.
            tracer=NoOpTracer(),
            ack_timeout=ack_timeout,
        )
        probe = BusProbe(bus, health, registry)
        self._probes.append(probe)
        return probe

    async def close(self) -> None:
        """Close what was connected."""
        for probe in self._probes:
            await probe.bus.close()


async def eventually(condition: Callable[[], bool | Awaitable[bool]], *, within: float = 15.0) -> None:
    """Return as soon as the condition holds; raises AssertionError when it does not within so many seconds."""
    limit = time.monotonic() + within
    while True:
        outcome = condition()
        if outcome if isinstance(outcome, bool) else await outcome:
            return
        assert time.monotonic() < limit, f"did not come true within {within} s"
        await asyncio.sleep(0.01)
