"""What a call leaves behind: spans at a real OTLP receiver, trace ids without one, correlation ids in the logs."""

import asyncio
import io
import json
import logging
from collections.abc import AsyncIterator, Iterator

import grpc
import pytest
import structlog
from opentelemetry import trace
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2 as otlp
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2_grpc as otlp_grpc
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status
from viva.question.v1 import question_pb2 as pb
from viva_core.errors import NotFound, Permanent
from viva_core.grpc import acting_as
from viva_core.telemetry import logs
from viva_core.telemetry.tracing import Tracing
from viva_testkit.grpc import QUESTION_SERVICE, Questions, question_request, serving, staff

TRACEPARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
ANSWER = "I argued with Minsu"


class Collector(otlp_grpc.TraceServiceServicer):
    """Keeps what it is sent."""

    def __init__(self) -> None:
        self.target = ""
        self.received: list[otlp.ExportTraceServiceRequest] = []

    async def Export(self, request: otlp.ExportTraceServiceRequest, context: object) -> otlp.ExportTraceServiceResponse:
        self.received.append(request)
        return otlp.ExportTraceServiceResponse()

    @property
    def spans(self) -> list[Span]:
        return [
            s for r in self.received for resource in r.resource_spans for sc in resource.scope_spans for s in sc.spans
        ]


@pytest.fixture
async def collector() -> AsyncIterator[Collector]:
    made = Collector()
    server = grpc.aio.server()
    otlp_grpc.add_TraceServiceServicer_to_server(made, server)
    made.target = f"http://127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
    await server.start()
    yield made
    await server.stop(0)


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """What is logged, as JSON lines; the process's logging is put back afterwards."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    stream = io.StringIO()
    logs.configure("test", stream=stream)
    yield stream
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


async def flushed(tracing: Tracing) -> None:
    """Send the spans from a thread: the receiver runs on this loop."""
    await asyncio.to_thread(tracing.shutdown, 5)


async def test_a_call_is_two_spans_of_one_trace(collector: Collector) -> None:
    tracing = Tracing("test", collector.target)
    async with serving([Questions().registration], tracer=tracing.tracer("viva.grpc")) as served:
        with acting_as(staff()):
            await served.questions.GetModel(pb.GetModelRequest())
            async for _ in served.questions.Generate(question_request()):
                pass
    await flushed(tracing)
    for method in ("GetModel", "Generate"):
        spans = {span.kind: span for span in collector.spans if span.name == f"{QUESTION_SERVICE}/{method}"}
        client, server = spans[Span.SPAN_KIND_CLIENT], spans[Span.SPAN_KIND_SERVER]
        assert server.trace_id == client.trace_id
        assert server.parent_span_id == client.span_id
        assert {a.key: a.value.int_value for a in server.attributes}["rpc.grpc.status_code"] == 0
    resource = {a.key: a.value.string_value for a in collector.received[0].resource_spans[0].resource.attributes}
    assert resource["service.name"] == "viva-test"


@pytest.mark.parametrize(
    ("error", "fault"), [(ValueError(ANSWER), True), (NotFound("none"), False)], ids=["ours", "the caller's"]
)
async def test_a_span_marks_faults_and_quotes_nobody(collector: Collector, error: Exception, fault: bool) -> None:
    def act() -> None:
        raise error

    tracing = Tracing("test", collector.target)
    async with serving([Questions(act).registration], tracer=tracing.tracer("viva.grpc")) as served:
        with acting_as(staff()), pytest.raises(Permanent):
            await served.questions.GetModel(pb.GetModelRequest())
    await flushed(tracing)
    assert len(collector.spans) == 2
    assert {span.status.code == Status.STATUS_CODE_ERROR for span in collector.spans} == {fault}
    assert "Minsu" not in str(collector.received)
    assert "Kim" not in str(collector.received)


async def test_a_trace_passes_through_where_nothing_is_exported() -> None:
    seen: list[str] = []
    tracer = Tracing("test", None).tracer("viva.grpc")
    api = Questions(lambda: seen.append(f"{trace.get_current_span().get_span_context().trace_id:032x}"))
    async with serving([api.registration], tracer=tracer) as served, grpc.aio.insecure_channel(served.target) as bare:
        call = bare.unary_unary(
            f"/{QUESTION_SERVICE}/GetModel", pb.GetModelRequest.SerializeToString, pb.GetModelResponse.FromString
        )
        metadata = (("viva-actor-bin", staff().SerializeToString()), ("traceparent", TRACEPARENT))
        await call(pb.GetModelRequest(), timeout=5, metadata=metadata)
    assert seen == ["4bf92f3577b34da6a3ce929d0e0e4736"]


async def test_what_is_logged_in_a_call_carries_its_correlation_id(log: io.StringIO) -> None:
    def act() -> None:
        logs.get_logger("t").info("ours")
        logging.getLogger("some.library").warning("theirs")

    async with serving([Questions(act).registration]) as served:
        with acting_as(staff(), correlation_id="c-4"):
            await served.questions.GetModel(pb.GetModelRequest())
            async for _ in served.questions.Generate(question_request()):
                pass
    logs.get_logger("t").info("after")
    told = [(line["event"], line.get("correlation_id")) for line in map(json.loads, log.getvalue().splitlines())]
    assert [each for each in told if each[0] in ("ours", "theirs")] == [("ours", "c-4"), ("theirs", "c-4")] * 2
    assert told[-1] == ("after", None)


@pytest.mark.parametrize("forged", ["x" * 65, "a b", "<script>"])
async def test_a_correlation_id_that_is_none_is_replaced(forged: str) -> None:
    api = Questions()
    async with serving([api.registration]) as served, grpc.aio.insecure_channel(served.target) as bare:
        call = bare.unary_unary(
            f"/{QUESTION_SERVICE}/GetModel", pb.GetModelRequest.SerializeToString, pb.GetModelResponse.FromString
        )
        metadata = (("viva-actor-bin", staff().SerializeToString()), ("viva-correlation-id", forged))
        await call(pb.GetModelRequest(), timeout=5, metadata=metadata)
    assert api.calls[0] is not None
    assert api.calls[0].correlation_id != forged
