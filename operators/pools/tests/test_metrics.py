"""What the metrics show of a plan, and how often a cold start is counted."""

from prometheus_client import CollectorRegistry
from viva_operator.metrics import OperatorMetrics
from viva_operator.ports import Figures


def test_a_cold_start_is_counted_when_the_interview_meets_it_and_once() -> None:
    registry = CollectorRegistry()
    metrics = OperatorMetrics(registry)

    def cold() -> float:
        return registry.get_sample_value("viva_operator_cold_starts_total", {"role": "evaluator"}) or 0.0

    for live, counted in ((0, 0), (2, 2), (2, 2), (3, 3), (0, 3), (1, 4)):
        metrics.show(Figures(cold={"evaluator": live}))
        assert cold() == counted


def test_a_pool_that_went_is_shown_no_more() -> None:
    registry = CollectorRegistry()
    metrics = OperatorMetrics(registry)
    metrics.show(Figures(devices={("gpu", "free"): 3}, cost={"gpu": 2.5}, replicas={("evaluator", "ready"): 1}))
    assert registry.get_sample_value("viva_operator_devices", {"pool": "gpu", "state": "free"}) == 3
    assert registry.get_sample_value("viva_operator_cost_per_hour", {"pool": "gpu"}) == 2.5
    metrics.show(Figures())
    assert registry.get_sample_value("viva_operator_devices", {"pool": "gpu", "state": "free"}) is None


def test_a_replica_that_leads_no_more_leaves_the_figures_to_the_next_one() -> None:
    registry = CollectorRegistry()
    metrics = OperatorMetrics(registry)
    figures = Figures(
        devices={("gpu", "free"): 3},
        conditions={("evaluator", "Degraded", "SignalUnknown"): 1},
        cold={"evaluator": 1},
    )

    def shown() -> tuple[float | None, float | None]:
        ill = {"role": "evaluator", "condition": "Degraded", "reason": "SignalUnknown"}
        return (
            registry.get_sample_value("viva_operator_devices", {"pool": "gpu", "state": "free"}),
            registry.get_sample_value("viva_operator_worker_conditions", ill),
        )

    metrics.led(True)
    metrics.show(figures)
    assert shown() == (3, 1)
    metrics.led(False)
    metrics.show(figures)  # a reconcile of the term that ended was still under way
    assert shown() == (None, None)
    metrics.led(True)
    metrics.show(figures)
    assert shown() == (3, 1)


def test_every_role_has_a_number_of_cold_starts_before_the_first_one() -> None:
    registry = CollectorRegistry()
    OperatorMetrics(registry)
    for role in ("question-gen", "evaluator", "vision", "media"):
        assert registry.get_sample_value("viva_operator_cold_starts_total", {"role": role}) == 0
