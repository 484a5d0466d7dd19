"""Runs a service: its parts start in order, and stop in the reverse order when SIGTERM comes.

A part is something with a life: a server, a worker, a relay, a connection. `run` ends

- with 0 after a signal, when every part has stopped within the grace;
- with 1 when a part dies on its own or does not start: whoever supervises (Kubernetes, `viva up`) starts a new process.

A second signal ends the process at once, whatever its parts and threads are doing.
"""

import asyncio
import contextlib
import gc
import os
import signal
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from prometheus_client import CollectorRegistry

from viva_core.clock import Clock, SystemClock
from viva_core.health import Health, HealthServer
from viva_core.settings import ServiceSettings
from viva_core.telemetry import logs
from viva_core.telemetry.logs import get_logger
from viva_core.telemetry.metrics import MetricsServer, new_registry
from viva_core.telemetry.tracing import Tracing

_log = get_logger("viva.runtime")
_SIGNALS = (signal.SIGTERM, signal.SIGINT)
_LAST_WORDS = 2.0  # seconds beyond the grace in which a part may still give back what it holds


async def _nothing() -> None:
    """A part that needs no start or no stop."""


async def _stop_nothing(_: float) -> None:
    """A part that needs no stop."""


@dataclass(frozen=True)
class Part:
    """One part of a service.

    Args:
        name: for logs.
        start: returns once it works.
        stop: takes the seconds that are left of the grace.
        run: for parts that loop: runs until `stop`; when it returns or raises before that, the service ends.
    """

    name: str
    start: Callable[[], Awaitable[None]] = _nothing
    stop: Callable[[float], Awaitable[None]] = _stop_nothing
    run: Callable[[], Awaitable[None]] | None = None


@dataclass(frozen=True)
class Environment:
    """What every part of a process shares; built once, by `environment`."""

    name: str
    settings: ServiceSettings
    health: Health
    registry: CollectorRegistry
    tracing: Tracing
    clock: Clock


def environment(name: str, settings: ServiceSettings) -> Environment:
    """Configure logging and tracing for this process and make its registry and health. Call it once, from bootstrap."""
    logs.configure(name, level=settings.log_level, fmt=settings.log_format)
    tracing = Tracing(name, settings.otlp_endpoint)
    tracing.install()
    return Environment(name, settings, Health(), new_registry(), tracing, SystemClock())


class PartDied(Exception):
    """A part ended although nobody had asked it to."""


async def run(env: Environment, parts: Sequence[Part], *, stop: asyncio.Event | None = None) -> int:
    """Run the parts until a signal comes (or `stop` is set) and return the exit code."""
    stopping = stop or asyncio.Event()
    loop = asyncio.get_running_loop()
    signals: list[signal.Signals] = []

    def on_signal(number: signal.Signals) -> None:
        if signals:
            _log.warning("a second signal: ending at once", signal=number.name)
            os._exit(128 + number)  # a thread that computes would hold up any gentler end
        signals.append(number)
        stopping.set()

    for number in _SIGNALS:
        loop.add_signal_handler(number, on_signal, number)
    try:
        return await _Supervision(env, stopping).run([*_monitoring(env), *parts])
    finally:
        # On the loop's own thread it would leave a second signal unheard.
        await asyncio.to_thread(env.tracing.shutdown)
        for number in _SIGNALS:
            loop.remove_signal_handler(number)


def _monitoring(env: Environment) -> list[Part]:
    """Metrics and health: first to start and last to stop, so that they tell of all the others."""
    settings = env.settings
    parts: list[Part] = []
    if settings.metrics_port >= 0:
        metrics = MetricsServer(env.registry, host=settings.monitoring_host, port=settings.metrics_port)
        parts.append(Part("metrics", _sync(metrics.start), lambda _: asyncio.to_thread(metrics.stop)))
    if settings.health_port >= 0:
        health = HealthServer(env.health, host=settings.monitoring_host, port=settings.health_port)
        parts.append(Part("health", _sync(health.start), lambda _: health.stop()))
    return parts


def _sync(start: Callable[[], None]) -> Callable[[], Awaitable[None]]:
    async def started() -> None:
        start()

    return started


def _settle_memory() -> None:
    """Take what is there at the start out of the garbage collector's sight: modules, schemas, classes, half a million
    objects that stay for good. A full collection would look at each of them and hold up every request meanwhile."""
    gc.collect()
    gc.freeze()


class _Supervision:
    """One run of the parts."""

    def __init__(self, env: Environment, stopping: asyncio.Event) -> None:
        self._env = env
        self._stopping = stopping
        self._started: list[Part] = []
        self._loops: dict[asyncio.Task[None], Part] = {}

    async def run(self, parts: Sequence[Part]) -> int:
        code = 0
        self._env.health.set("runtime", False, "starting")
        try:
            for part in parts:
                if not await self._start(part):
                    break
            if not self._stopping.is_set():
                _settle_memory()
                self._env.health.set("runtime", True)
                _log.info("ready")
                await self._wait()
        except Exception:
            _log.exception("the service cannot go on")
            code = 1
        self._env.health.set("runtime", False, "stopping")
        await self._stop_all()
        _log.info("stopped", exit_code=code)
        return code

    async def _start(self, part: Part) -> bool:
        """Start one part; False when a signal came meanwhile."""
        starting = asyncio.ensure_future(part.start())
        signalled = asyncio.create_task(self._stopping.wait())
        self._started.append(part)  # from here on it may hold something that stop gives back
        try:
            await asyncio.wait({starting, signalled, *self._loops}, return_when=asyncio.FIRST_COMPLETED)
            self._raise_if_died()
            if not starting.done():
                return False
            await starting
        finally:
            signalled.cancel()
            starting.cancel()  # no effect on one that is done
            with contextlib.suppress(Exception, asyncio.CancelledError):
                await starting
        if part.run is not None:
            self._loops[asyncio.ensure_future(_as_coroutine(part.run))] = part
        return True

    async def _wait(self) -> None:
        signalled = asyncio.create_task(self._stopping.wait())
        try:
            await asyncio.wait({signalled, *self._loops}, return_when=asyncio.FIRST_COMPLETED)
            if not self._stopping.is_set():
                self._raise_if_died()
        finally:
            signalled.cancel()

    def _raise_if_died(self) -> None:
        for task, part in self._loops.items():
            if task.done():
                cause = None if task.cancelled() else task.exception()
                raise PartDied(f"{part.name} ended on its own") from cause

    async def _stop_all(self) -> None:
        """Last started, first stopped; together within the grace."""
        loop = asyncio.get_running_loop()
        limit = loop.time() + self._env.settings.grace
        for part in reversed(self._started):
            left = max(limit - loop.time(), 0.5)
            try:
                async with asyncio.timeout(left + _LAST_WORDS):
                    await part.stop(left)
            except Exception:
                _log.exception("a part did not stop in good order", part=part.name)
        for task in self._loops:
            task.cancel()
        await asyncio.gather(*self._loops, return_exceptions=True)


async def _as_coroutine(run: Callable[[], Awaitable[None]]) -> None:
    await run()
