"""OpenTelemetry traces over OTLP when an endpoint is set; otherwise nothing is exported, but trace ids still travel."""

import threading

from opentelemetry import trace
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

PROPAGATOR = TraceContextTextMapPropagator()
"""W3C trace context: `traceparent`, `tracestate`."""


class Tracing:
    """Owns the process's tracer provider; `shutdown` sends what is left."""

    def __init__(self, service: str, endpoint: str | None) -> None:
        self._provider = TracerProvider(
            resource=Resource.create({"service.name": f"viva-{service}"}), shutdown_on_exit=False
        )
        if endpoint is not None:
            # Imported here: it takes a third of a second that a process without a collector need not spend.
            from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
            from opentelemetry.sdk.trace.export import BatchSpanProcessor

            self._provider.add_span_processor(
                BatchSpanProcessor(OTLPSpanExporter(endpoint=endpoint, insecure=endpoint.startswith("http://")))
            )

    def tracer(self, name: str) -> trace.Tracer:
        """A tracer of this provider."""
        return self._provider.get_tracer(name)

    def install(self) -> None:
        """Make it the process's own, for libraries that ask OpenTelemetry for one. Only once a process."""
        trace.set_tracer_provider(self._provider)

    def shutdown(self, within: float = 2.0) -> None:
        """Send what is left, for at most `within` seconds: a collector that is away must not hold up the end."""
        sending = threading.Thread(target=self._provider.shutdown, name="last spans", daemon=True)
        sending.start()
        sending.join(within)
