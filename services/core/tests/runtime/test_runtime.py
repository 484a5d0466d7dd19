"""The life of a service: parts in order, signals, and parts that die."""

import asyncio
import os
import signal

import pytest
from opentelemetry import trace
from viva_core.clock import SystemClock
from viva_core.health import Health, HealthServer
from viva_core.runtime import Environment, Part, run
from viva_core.settings import ServiceSettings
from viva_core.telemetry.metrics import new_registry
from viva_core.telemetry.tracing import Tracing


@pytest.fixture
def env() -> Environment:
    settings = ServiceSettings(metrics_port=-1, health_port=-1, grace=2)
    return Environment("test", settings, Health(), new_registry(), Tracing("test", None), SystemClock())


class Story:
    """What happened, in order."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def part(self, name: str, *, fails: bool = False) -> Part:
        async def start() -> None:
            self.told.append(f"start {name}")
            if fails:
                raise OSError("no")

        async def stop(_: float) -> None:
            self.told.append(f"stop {name}")

        return Part(name, start, stop)


async def test_parts_start_in_order_and_stop_in_reverse(env: Environment) -> None:
    story, stop = Story(), asyncio.Event()
    stop_later = asyncio.get_running_loop().call_later(0.05, stop.set)
    assert await run(env, [story.part("a"), story.part("b")], stop=stop) == 0
    stop_later.cancel()
    assert story.told == ["start a", "start b", "stop b", "stop a"]


async def test_sigterm_ends_it_in_good_order(env: Environment) -> None:
    story = Story()

    async def term() -> None:
        os.kill(os.getpid(), signal.SIGTERM)

    assert await run(env, [story.part("a"), Part("signal", term)]) == 0
    assert story.told == ["start a", "stop a"]
    assert not env.health.ready


async def test_a_part_that_does_not_start_ends_the_service(env: Environment) -> None:
    story = Story()
    assert await run(env, [story.part("a"), story.part("b", fails=True), story.part("c")]) == 1
    assert story.told == ["start a", "start b", "stop b", "stop a"]


@pytest.mark.parametrize("raises", [True, False])
async def test_a_loop_that_ends_on_its_own_ends_the_service(env: Environment, raises: bool) -> None:
    story = Story()

    async def loop() -> None:
        await asyncio.sleep(0)
        if raises:
            raise RuntimeError("lost")

    assert await run(env, [story.part("a"), Part("worker", run=loop)]) == 1
    assert story.told == ["start a", "stop a"]


async def test_a_signal_during_a_slow_start_ends_it(env: Environment) -> None:
    story, stop = Story(), asyncio.Event()

    async def never() -> None:
        stop.set()
        await asyncio.Event().wait()

    assert await run(env, [story.part("a"), Part("slow", never), story.part("c")], stop=stop) == 0
    assert story.told == ["start a", "stop a"]


async def test_a_part_that_fails_to_stop_does_not_keep_the_others_from_it(env: Environment) -> None:
    story, stop = Story(), asyncio.Event()

    async def refuses(_: float) -> None:
        raise RuntimeError("will not")

    asyncio.get_running_loop().call_later(0.05, stop.set)
    assert await run(env, [story.part("a"), Part("stubborn", stop=refuses)], stop=stop) == 0
    assert story.told == ["start a", "stop a"]


async def test_a_part_that_hangs_at_the_end_is_left_behind_when_the_grace_is_over() -> None:
    settings = ServiceSettings(metrics_port=-1, health_port=-1, grace=0.1)
    env = Environment("test", settings, Health(), new_registry(), Tracing("test", None), SystemClock())
    story, stop = Story(), asyncio.Event()

    async def hangs(_: float) -> None:
        await asyncio.Event().wait()

    asyncio.get_running_loop().call_later(0.05, stop.set)
    async with asyncio.timeout(5):
        assert await run(env, [story.part("a"), Part("stubborn", stop=hangs)], stop=stop) == 0
    assert story.told == ["start a", "stop a"]


async def test_a_loop_that_dies_while_another_part_starts_ends_the_service(env: Environment) -> None:
    story, cancelled = Story(), asyncio.Event()

    async def never() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()

    async def dies() -> None:
        raise RuntimeError("lost")

    assert await run(env, [story.part("a"), Part("worker", run=dies), Part("slow", never)]) == 1
    assert story.told == ["start a", "stop a"]
    assert cancelled.is_set()


async def test_a_monitoring_port_in_use_ends_the_service() -> None:
    taken = HealthServer(Health(), host="127.0.0.1", port=0)
    taken.start()
    settings = ServiceSettings(metrics_port=-1, health_port=taken.port)
    env = Environment("test", settings, Health(), new_registry(), Tracing("test", None), SystemClock())
    story = Story()
    assert await run(env, [story.part("a")]) == 1
    assert story.told == []
    await taken.stop()


def test_trace_ids_travel_without_an_endpoint() -> None:
    tracing = Tracing("test", None)
    with tracing.tracer("t").start_as_current_span("s"):
        assert trace.get_current_span().get_span_context().is_valid
    tracing.shutdown()
