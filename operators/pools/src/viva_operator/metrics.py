"""What the operator counts. Labels are bounded: pools, roles, reasons and kinds; no name of an object but a pool's."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from viva_operator.ports import Figures

_SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


class OperatorMetrics:
    """The operator's metrics in one registry; one object a process."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.leading = Gauge("viva_operator_leading", "1 while this replica leads", registry=registry)
        self.reconcile_seconds = Histogram(
            "viva_operator_reconcile_seconds",
            "One reconcile by its step: observe, plan, apply",
            ["step"],
            buckets=_SECONDS,
            registry=registry,
        )
        self.reconciled = Gauge(
            "viva_operator_last_reconcile_timestamp_seconds", "When the last reconcile ended", registry=registry
        )
        self.errors = Counter(
            "viva_operator_errors",
            "What went wrong: forbidden, conflict, throttled, away, invalid …",
            ["kind"],
            registry=registry,
        )
        self.requests = Counter(
            "viva_operator_requests",
            "Requests to the API server beside watches",
            ["verb", "resource", "code"],
            registry=registry,
        )
        self.decisions = Counter("viva_operator_decisions", "Decisions by reason", ["reason"], registry=registry)
        self.devices = Gauge(
            "viva_operator_devices",
            "Devices of a pool: total, used, free, and fragmented (free, and too scattered for a pod)",
            ["pool", "state"],
            registry=registry,
        )
        self.cost = Gauge(
            "viva_operator_cost_per_hour", "Of what runs, by the pools' prices", ["pool"], registry=registry
        )
        self.replicas = Gauge(
            "viva_operator_replicas", "Of workers: desired, ready, draining", ["role", "state"], registry=registry
        )
        self.cold_starts = Counter(
            "viva_operator_cold_starts",
            "Live interviews met while no worker of the role was ready",
            ["role"],
            registry=registry,
        )
        self.capability = Gauge(
            "viva_operator_capability",
            "1 where the cluster serves it: keda, karpenter, dra",
            ["name"],
            registry=registry,
        )
        self._cold: dict[str, int] = {}

    def show(self, figures: Figures) -> None:
        """What a plan says; what it does not speak of any more is shown no more. A cold start is counted when the
        interview meets it, once."""
        self.devices.clear()
        self.cost.clear()
        self.replicas.clear()
        for (pool, state), count in figures.devices.items():
            self.devices.labels(pool, state).set(count)
        for pool, cost in figures.cost.items():
            self.cost.labels(pool).set(cost)
        for (role, state), count in figures.replicas.items():
            self.replicas.labels(role, state).set(count)
        for role, count in figures.cold.items():
            self.cold_starts.labels(role).inc(max(0, count - self._cold.get(role, 0)))
        self._cold = dict(figures.cold)
