"""What is measured at the edge. Labels are route templates, never paths."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

_SECONDS = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


class HttpMetrics:
    """Requests and sockets of one process; build it once."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.requests = Counter(
            "viva_http_requests_total", "Requests answered", ["method", "route", "status"], registry=registry
        )
        self.seconds = Histogram(
            "viva_http_request_seconds", "Start to end of a request", ["route"], buckets=_SECONDS, registry=registry
        )
        self.sockets = Gauge("viva_live_sockets", "WebSockets open now", registry=registry)
        self.watched = Gauge("viva_live_interviews", "Interviews with a live subscription", registry=registry)
        self.sent = Counter("viva_live_messages_total", "Messages sent to WebSockets", ["type"], registry=registry)
        self.closed = Counter("viva_live_closed_total", "WebSockets closed by us", ["reason"], registry=registry)
        self.relay_seconds = Histogram(
            "viva_live_relay_seconds",
            "From the live message's birth to the socket (clocks of both processes)",
            buckets=(0.0005, 0.001, 0.0025, 0.005, 0.01, 0.015, 0.025, 0.05, 0.1, 0.5, 1),
            registry=registry,
        )
