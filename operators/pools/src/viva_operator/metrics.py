"""What the operator counts. Labels are bounded: pools, roles, reasons and kinds; no name of an object but a pool's."""

import threading
from collections.abc import Mapping
from typing import TypeVar

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from viva_core.bus.topology import WATCHES, Role

from viva_operator.ports import Figures

_Labels = TypeVar("_Labels", bound=tuple[str, ...])
_SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


class OperatorMetrics:
    """The operator's metrics in one registry; one object a process."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.leading = Gauge("viva_operator_leading", "1 while this replica leads", registry=registry)
        self.transitions = Gauge(
            "viva_operator_lease_transitions", "How often the Lease changed hands, as it says itself", registry=registry
        )
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
        self.conditions = Gauge(
            "viva_operator_worker_conditions",
            "Workers of which a condition is not as it should be, once for each reason; role unknown: cannot be read",
            ["role", "condition", "reason"],
            registry=registry,
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
        for consumer in WATCHES[Role.OPERATOR]:  # from 0 on, so that an alert sees the first one
            self.cold_starts.labels(consumer.durable)
        self._cold: dict[str, int] = {}
        self._shown: dict[Gauge, set[tuple[str, ...]]] = {}
        self._deposed = False
        self._lock = threading.Lock()  # leadership comes and goes on another thread than the plans

    def led(self, leading: bool) -> None:
        """Leadership came or went. Who leads no more shows no figures: they are the next leader's to tell."""
        with self._lock:
            self.leading.set(leading)
            self._deposed = not leading
            if self._deposed:
                self._show(Figures())

    def show(self, figures: Figures) -> None:
        """What a plan says; what it does not speak of any more is shown no more. A cold start is counted when the
        interview meets it, once."""
        with self._lock:
            if not self._deposed:
                self._show(figures)

    def _show(self, figures: Figures) -> None:
        self._set(self.devices, figures.devices)
        self._set(self.cost, {(pool,): cost for pool, cost in figures.cost.items()})
        self._set(self.replicas, figures.replicas)
        self._set(self.conditions, figures.conditions)
        for role, count in figures.cold.items():
            self.cold_starts.labels(role).inc(max(0, count - self._cold.get(role, 0)))
        self._cold = dict(figures.cold)

    def _set(self, gauge: Gauge, values: Mapping[_Labels, float]) -> None:
        """Never empty in between: a scrape at that moment would end an alert that waits for its time."""
        for labels, value in values.items():
            gauge.labels(*labels).set(value)
        for gone in self._shown.get(gauge, set()) - values.keys():
            gauge.remove(*gone)
        self._shown[gauge] = set(values)
