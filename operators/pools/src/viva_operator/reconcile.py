"""The loop: observe, plan, apply; again when something changed, and at the latest after a while. Level-triggered: what
happened in between does not matter, only what is."""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace

from opentelemetry.trace import Tracer
from viva_core.clock import Clock
from viva_core.errors import VivaError
from viva_core.telemetry.logs import get_logger

from viva_operator.apply import Applier
from viva_operator.metrics import OperatorMetrics
from viva_operator.observe import Observer
from viva_operator.ports import Planner, Ref
from viva_operator.steady import Steady

_log = get_logger("viva.operator.reconcile")


class Reconciler:
    """Runs while this replica leads. `touch` wakes it."""

    def __init__(
        self,
        observer: Observer,
        planner: Planner,
        applier: Applier,
        metrics: OperatorMetrics,
        clock: Clock,
        tracer: Tracer,
        beat: Callable[[], None],
        *,
        interval: float = 10.0,
        rest: float = 1.0,
    ) -> None:
        """Build it.

        Args:
            beat: called whenever a reconcile ended.
            interval: seconds after which it looks again unasked.
            rest: seconds in which changes are gathered.
        """
        self._observer = observer
        self._planner = planner
        self._applier = applier
        self._metrics = metrics
        self._clock = clock
        self._steady = Steady(clock)
        self._tracer = tracer
        self._beat = beat
        self._interval = interval
        self._rest = rest
        self._touched = asyncio.Event()
        self._refused: Mapping[Ref, str] = {}

    def touch(self) -> None:
        """Something changed."""
        self._touched.set()

    async def run(self, ready: asyncio.Event) -> None:
        """Reconcile until cancelled, from when all that is watched has been listed."""
        # Where there is no object at all, nothing is ever said to be listed; then there is nothing to do either.
        with suppress(TimeoutError):
            async with asyncio.timeout(self._interval):
                await ready.wait()
        while True:
            self._touched.clear()
            await self._once(listed=ready.is_set())
            # Not wait_for: until Python 3.12 it can swallow a cancellation.
            with suppress(TimeoutError):
                async with asyncio.timeout(self._interval):
                    await self._touched.wait()
            await asyncio.sleep(self._rest)

    async def _once(self, *, listed: bool) -> None:
        try:
            if listed:
                await self.reconcile()
            elif await self._observer.nothing():
                self._ended()
            else:
                await self._observer.permitted()
        except VivaError as error:
            _log.warning("a reconcile did not end: the next one tries again", reason=error.reason)
        except Exception as error:  # an object that nobody foresaw must not stop the others' next look
            self._metrics.errors.labels("other").inc()
            _log.exception("a reconcile fell over", reason=type(error).__name__)

    async def reconcile(self) -> None:
        """Once. Raises as observing and applying do."""
        with self._tracer.start_as_current_span("reconcile") as span:
            with self._step("observe"):
                observation = await self._observer.observe(self._refused)
            observation = replace(observation, jumped=self._steady.look())
            now = self._clock.now()
            with self._step("plan"):
                plan = await asyncio.to_thread(self._planner, observation, now)
            with self._step("apply"):
                applied = await self._applier.apply(plan, now)
            self._metrics.show(plan.figures)
            span.set_attribute("viva.changed", applied.changed)
            span.set_attribute("viva.unchanged", applied.unchanged)
        if applied.refused.keys() != self._refused.keys():
            self.touch()  # the next plan says it on the object
        self._refused = applied.refused
        self._ended()
        _log.info("reconciled", changes=applied.changed, attempts=applied.changed + applied.unchanged)

    def _ended(self) -> None:
        self._metrics.reconciled.set(self._clock.now().timestamp())
        self._beat()

    @contextmanager
    def _step(self, name: str) -> Iterator[None]:
        begin = self._clock.monotonic()
        with self._tracer.start_as_current_span(f"reconcile {name}"):
            yield
        self._metrics.reconcile_seconds.labels(name).observe(self._clock.monotonic() - begin)
