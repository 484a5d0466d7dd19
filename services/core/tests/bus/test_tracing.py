"""A trace goes from the publisher to the handler, and no message's content goes into it."""

import asyncio
from collections.abc import Callable
from uuid import UUID

from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode
from prometheus_client import CollectorRegistry
from viva.event.v1 import events_pb2
from viva_core.bus import Bus, Delivery, Worker
from viva_core.bus.codec import MessageTypes
from viva_core.bus.subjects import command_subject
from viva_core.bus.topology import EVALUATOR
from viva_core.errors import Permanent
from viva_core.health import Health
from viva_core.settings import NatsSettings
from viva_testkit.bus import BusFactory, eventually

Make = Callable[[UUID], events_pb2.InterviewReady]


async def test_the_handler_goes_on_in_the_publishers_trace(
    buses: BusFactory, types: MessageTypes, ready: Make, tenant: UUID, interview: UUID
) -> None:
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    tracer = provider.get_tracer("test")
    health = Health()
    bus = await Bus.connect(
        NatsSettings(nats_url=buses.url), source="evaluator", health=health, registry=CollectorRegistry(), tracer=tracer
    )
    seen: list[trace.SpanContext] = []
    done = asyncio.Event()

    async def handler(delivery: Delivery) -> None:
        seen.append(trace.get_current_span().get_span_context())
        done.set()
        raise Permanent("what the candidate said")

    worker = Worker(bus, EVALUATOR, handler, message_types=types, health=health, expires=0.6, heartbeat=0.2)
    task = asyncio.create_task(worker.run())
    with tracer.start_as_current_span("request") as request:
        await bus.publish(command_subject("evaluator", tenant, interview), ready(interview))
    await asyncio.wait_for(done.wait(), 10)
    await eventually(lambda: len(exporter.get_finished_spans()) == 3)
    await worker.stop(5)
    await task
    await bus.close()
    published, asked, handled = exporter.get_finished_spans()
    assert (published.kind, handled.kind) == (SpanKind.PRODUCER, SpanKind.CONSUMER)
    assert (published.name, handled.name) == ("publish VIVA_COMMAND_V1", "process evaluator")
    assert asked.name == "request"
    assert published.parent == request.get_span_context()
    assert handled.parent is not None
    assert handled.context is not None
    assert published.context is not None
    assert handled.parent.span_id == published.context.span_id
    assert seen == [handled.context]
    assert handled.status.status_code is StatusCode.ERROR
    assert "candidate" not in handled.to_json()
    provider.shutdown()
