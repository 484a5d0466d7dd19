"""A relay process, as the session service runs one. `python -m tests.bench.outbox_relay NATS_URL`: until SIGTERM. The
database is in BENCH_DSN.
"""

import asyncio
import os
import signal
import sys

from viva_core.bus import Bus
from viva_core.db import Relay
from viva_core.health import Health
from viva_core.settings import NatsSettings
from viva_core.telemetry.metrics import new_registry
from viva_testkit.bus import eventually

from tests.bench import processes


async def main(url: str) -> None:
    """Relay until SIGTERM."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    registry, health = new_registry(), Health()
    bus = await Bus.connect(NatsSettings(nats_url=url), source="session", health=health, registry=registry)
    relay = Relay(os.environ["BENCH_DSN"], bus, health=health, registry=registry)
    running = asyncio.create_task(relay.run())
    await eventually(lambda: "outbox.relay" in health.parts and health.parts["outbox.relay"].ok)
    processes.say_ready()
    await stop.wait()
    await relay.stop(5)
    await running
    await bus.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
