"""What is measured of calls, on both ends. Labels are names of the contract, never an id."""

from typing import Literal

from prometheus_client import CollectorRegistry, Counter, Histogram

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 120)
Side = Literal["server", "client"]


def split_method(method: str) -> tuple[str, str]:
    """("viva.session.v1.SessionService", "GetInterview") of "/viva.session.v1.SessionService/GetInterview"."""
    service, _, name = method.lstrip("/").partition("/")
    return service, name


class GrpcMetrics:
    """Counters and latencies of one process; build it once."""

    def __init__(self, registry: CollectorRegistry) -> None:
        labels = ["side", "service", "method", "code"]
        self._handled = Counter("viva_grpc_calls_total", "Calls that ended", labels, registry=registry)
        self._seconds = Histogram(
            "viva_grpc_call_seconds", "Start to end of a call", labels[:3], buckets=_SECONDS, registry=registry
        )

    def handled(self, side: Side, method: str, code: str, seconds: float) -> None:
        """Count one call."""
        service, name = split_method(method)
        self._handled.labels(side, service, name, code).inc()
        self._seconds.labels(side, service, name).observe(seconds)
