"""What the relay counts."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram


class RelayMetrics:
    """The relay's metrics in one registry; one object a process."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.relayed = Counter(
            "viva_outbox_relayed",
            "Rows taken up, by what became of them: sent, resting, expired, refused",
            ["outcome"],
            registry=registry,
        )
        self.lag = Histogram(
            "viva_outbox_lag_seconds",
            "From the row to its PubAck",
            buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1, 5, 30, 300),
            registry=registry,
        )
        self.oldest = Gauge("viva_outbox_oldest_seconds", "Age of the oldest row that waits", registry=registry)
