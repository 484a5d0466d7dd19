"""A bus for tests: settings, a health that remembers, and waiting for something to become true."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from prometheus_client import CollectorRegistry
from pydantic import SecretStr
from viva_core.bus import Bus
from viva_core.clock import Clock


class RecordingHealth:
    """Remembers what each part said last."""

    def __init__(self) -> None:
        self.parts: dict[str, tuple[bool, str]] = {}

    def set(self, part: str, ok: bool, why: str = "") -> None:
        """`part` works, or does not because of `why`."""
        self.parts[part] = (ok, why)

    def ok(self, part: str) -> bool:
        """Whether the part works, as it said last."""
        return self.parts.get(part, (False, ""))[0]


@dataclass(frozen=True)
class BusSettings:
    """How to reach a test's nats-server."""

    nats_url: str
    nats_user: str | None = None
    nats_password: SecretStr | None = None


@dataclass
class BusProbe:
    """A connected bus with what it reports to."""

    bus: Bus
    health: RecordingHealth
    registry: CollectorRegistry

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
        health, registry = RecordingHealth(), CollectorRegistry()
        secret = SecretStr(password) if password is not None else None
        settings = BusSettings(self.url, role if secret else None, secret)
        bus = await Bus.connect(
            settings, source=role, health=health, registry=registry, clock=clock, ack_timeout=ack_timeout
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
