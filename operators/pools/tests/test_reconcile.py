"""The loop goes on whatever one turn brings, says when a turn ended, and leaves a trace of each."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from prometheus_client import CollectorRegistry
from viva_core.errors import Transient
from viva_operator.apply import Applied
from viva_operator.metrics import OperatorMetrics
from viva_operator.ports import Jump, Observation, Plan, Ref
from viva_operator.reconcile import Reconciler
from viva_operator.resources import DEPLOYMENTS, NODES, PODS
from viva_operator.watching import matters
from viva_testkit.bus import eventually
from viva_testkit.clock import FakeClock

from operators.pools.tests.manifests import node, pod, world

REF = Ref(DEPLOYMENTS, "viva", "a")


class Around:
    """What is around the loop: a cluster that is seen, a planner, and a cluster that is written to."""

    def __init__(self) -> None:
        self.beats = 0
        self.fault: Exception | None = None
        self.refused: dict[Ref, str] = {}
        self.seen: list[Mapping[Ref, str]] = []
        self.empty = False
        self.asked = 0
        self.planned: list[Observation] = []

    async def observe(self, refused: Mapping[Ref, str]) -> Observation:
        self.seen.append(refused)
        if self.fault is not None:
            raise self.fault
        return world()

    async def nothing(self) -> bool:
        return self.empty

    async def permitted(self) -> None:
        self.asked += 1

    def plan(self, observation: Observation, now: datetime) -> Plan:
        self.planned.append(observation)
        return Plan()

    async def apply(self, plan: Plan, now: datetime) -> Applied:
        return Applied(changed=1, unchanged=2, refused=self.refused)

    def beat(self) -> None:
        self.beats += 1


@pytest.fixture
def around() -> Around:
    return Around()


@pytest.fixture
def spans() -> InMemorySpanExporter:
    return InMemorySpanExporter()


@pytest.fixture
async def loop(around: Around, spans: InMemorySpanExporter) -> AsyncIterator[Callable[..., Reconciler]]:
    """Runs it."""
    tasks: list[asyncio.Task[None]] = []

    def start(*, listed: bool = True, interval: float = 0.01, clock: FakeClock | None = None) -> Reconciler:
        provider = TracerProvider()
        provider.add_span_processor(SimpleSpanProcessor(spans))
        it: Any = around
        metrics = OperatorMetrics(CollectorRegistry())
        tracer = provider.get_tracer("test")
        made = Reconciler(
            it, around.plan, it, metrics, clock or FakeClock(), tracer, around.beat, interval=interval, rest=0.0
        )
        ready = asyncio.Event()
        if listed:
            ready.set()
        tasks.append(asyncio.create_task(made.run(ready)))
        return made

    yield start
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def test_a_turn_leaves_a_trace_of_its_three_steps(
    around: Around, loop: Callable[..., Reconciler], spans: InMemorySpanExporter
) -> None:
    loop(interval=3600.0)
    await eventually(lambda: around.beats == 1)
    names = [span.name for span in spans.get_finished_spans()]
    assert names == ["reconcile observe", "reconcile plan", "reconcile apply", "reconcile"]
    whole = spans.get_finished_spans()[-1]
    assert whole.attributes is not None
    assert (whole.attributes["viva.changed"], whole.attributes["viva.unchanged"]) == (1, 2)


@pytest.mark.parametrize("fault", [Transient("the API server did not answer"), KeyError("nobody foresaw that")])
async def test_a_turn_that_fails_is_no_end_and_no_heartbeat(
    around: Around, loop: Callable[..., Reconciler], fault: Exception
) -> None:
    around.fault = fault
    loop()
    await eventually(lambda: len(around.seen) >= 3)
    assert around.beats == 0
    around.fault = None
    await eventually(lambda: around.beats >= 1)


async def test_what_was_refused_is_in_the_next_picture_at_once(around: Around, loop: Callable[..., Reconciler]) -> None:
    around.refused = {REF: "helm owns it"}
    loop(interval=3600.0)
    await eventually(lambda: len(around.seen) == 2)
    assert around.seen == [{}, {REF: "helm owns it"}]


async def test_a_change_wakes_it(around: Around, loop: Callable[..., Reconciler]) -> None:
    made = loop(interval=3600.0)
    await eventually(lambda: around.beats == 1)
    made.touch()
    await eventually(lambda: around.beats == 2)


async def test_a_clock_that_jumped_is_in_the_picture(around: Around, loop: Callable[..., Reconciler]) -> None:
    clock = FakeClock()
    made = loop(interval=3600.0, clock=clock)
    await eventually(lambda: around.beats == 1)
    clock.jump(timedelta(hours=1))
    made.touch()
    await eventually(lambda: around.beats == 2)
    assert [each.jumped for each in around.planned] == [None, Jump(clock.now(), timedelta(hours=1))]


async def test_nothing_is_planned_on_half_a_picture(around: Around, loop: Callable[..., Reconciler]) -> None:
    loop(listed=False)
    await eventually(lambda: around.asked >= 2)  # which right may be missing
    assert (around.seen, around.beats) == ([], 0)
    around.empty = True
    await eventually(lambda: around.beats >= 1)  # nobody wants anything: that is well
    assert around.seen == []


def test_a_node_that_only_says_that_it_lives_wakes_nobody() -> None:
    before, after = node(), node()
    after["status"]["conditions"][0]["lastHeartbeatTime"] = "2026-11-25T09:00:00Z"
    assert matters(NODES, before) == matters(NODES, after)
    after["status"]["conditions"][0]["status"] = "Unknown"
    assert matters(NODES, before) != matters(NODES, after)
    assert matters(NODES, node(of="other")) != matters(NODES, before)
    assert matters(PODS, pod("a", {})) is None
