"""What the bus counts. Labels are streams, consumers and outcomes: never a subject, never an interview."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

_SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300)


class BusMetrics:
    """The bus's metrics in one registry; one object a process."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.connected = Gauge("viva_bus_connected", "1 while the NATS connection stands", registry=registry)
        self.reconnects = Counter("viva_bus_reconnects", "Times the NATS connection came back", registry=registry)
        self.published = Counter(
            "viva_bus_published", "Messages published, by how it went", ["stream", "outcome"], registry=registry
        )
        self.publish_seconds = Histogram(
            "viva_bus_publish_seconds", "Publish to PubAck", ["stream"], buckets=_SECONDS, registry=registry
        )
        self.live_dropped = Counter(
            "viva_bus_live_dropped", "Live messages dropped for a slow or unknowing reader", registry=registry
        )
        self.handled = Counter(
            "viva_bus_handled",
            "Deliveries, by how they ended: done, retried, dead, expired, released",
            ["stream", "consumer", "outcome"],
            registry=registry,
        )
        self.handle_seconds = Histogram(
            "viva_bus_handle_seconds",
            "Run time of the handler",
            ["stream", "consumer"],
            buckets=_SECONDS,
            registry=registry,
        )
        self.redelivered = Counter(
            "viva_bus_redelivered", "Deliveries that were not the first", ["stream", "consumer"], registry=registry
        )
        self.in_progress = Gauge(
            "viva_bus_in_progress", "Handlers running now", ["stream", "consumer"], registry=registry
        )
        self.silent_pulls = Counter(
            "viva_bus_silent_pulls",
            "Pulls to which the server said nothing, not even a heartbeat",
            ["stream", "consumer"],
            registry=registry,
        )
