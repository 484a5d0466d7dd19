"""Every metric that the services and the operator have, from the registries that they would make."""

from functools import cache
from unittest.mock import Mock

from prometheus_client import CollectorRegistry
from viva_core.bus.metrics import BusMetrics
from viva_core.db.metrics import RelayMetrics
from viva_core.grpc.metrics import GrpcMetrics
from viva_core.health import Health
from viva_evaluator.metrics import EvaluationMetrics
from viva_gateway.edge.metrics import HttpMetrics
from viva_media.metrics import MediaMetrics
from viva_operator.metrics import OperatorMetrics
from viva_question_gen.metrics import QuestionMetrics
from viva_session.timers import Timers
from viva_vision.metrics import VisionMetrics

_SUFFIXES = {"counter": ("_total",), "gauge": ("",), "histogram": ("_bucket", "_sum", "_count")}


@cache
def exposed() -> dict[str, frozenset[str]]:
    """The series that Prometheus scrapes, by name, each with its labels."""
    registry = CollectorRegistry(auto_describe=True)
    for family in (
        BusMetrics,
        RelayMetrics,
        GrpcMetrics,
        EvaluationMetrics,
        HttpMetrics,
        MediaMetrics,
        OperatorMetrics,
        QuestionMetrics,
    ):
        family(registry)
    VisionMetrics(registry)
    nobody = Mock()  # neighbours that are never asked anything: only the metrics are looked at
    Timers(nobody, nobody, nobody, nobody, Health(), registry, nobody)
    series = {}
    for collector in list(registry._collector_to_names):
        labels = frozenset(getattr(collector, "_labelnames", ()))
        for metric in collector.describe():
            for suffix in _SUFFIXES[metric.type]:
                series[metric.name + suffix] = labels | ({"le"} if suffix == "_bucket" else set())
    return series
