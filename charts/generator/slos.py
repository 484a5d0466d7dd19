"""Service level objectives, and the burn-rate alert of each.

An alert fires when the error budget of 30 days burns so fast that it would be spent in two days (14.4 times, over an
hour) or in five (6 times, over six hours), and still does (5 and 30 minutes): "The Site Reliability Workbook", chapter
5, "Multiwindow, Multi-Burn-Rate Alerts".
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

_WINDOWS = ((14.4, "1h", "5m"), (6.0, "6h", "30m"))


@dataclass(frozen=True)
class Slo:
    """One objective. `bad` and `total` are PromQL with `WINDOW` in place of the range."""

    alert: str
    objective: float
    bad: str
    total: str
    summary: str

    @property
    def expression(self) -> str:
        """The PromQL of the alert."""
        return " or ".join(
            f"({self._burns(factor, long)} and {self._burns(factor, short)})" for factor, long, short in _WINDOWS
        )

    def _burns(self, factor: float, window: str) -> str:
        ratio = f"{self.bad} / {self.total}".replace("WINDOW", window)
        return f"{ratio} > {factor * (1 - self.objective):.6g}"


SLOS = (
    Slo(
        alert="VivaRequestsFail",
        objective=0.999,
        bad='sum(rate(viva_http_requests_total{status=~"5.."}[WINDOW]))',
        total="sum(rate(viva_http_requests_total[WINDOW]))",
        summary="Requests at the gateway end in errors of Viva's own; 99.9 % should not.",
    ),
    Slo(
        alert="VivaQuestionsSlow",
        objective=0.95,
        bad="(sum(rate(viva_question_seconds_count[WINDOW]))"
        ' - sum(rate(viva_question_seconds_bucket{le="15.0"}[WINDOW])))',
        total="sum(rate(viva_question_seconds_count[WINDOW]))",
        summary="Candidates wait more than 15 seconds for a question; 95 % should not.",
    ),
    Slo(
        alert="VivaQuestionsFromBank",
        objective=0.95,
        bad='sum(rate(viva_questions_total{source="bank"}[WINDOW]))',
        total="sum(rate(viva_questions_total[WINDOW]))",
        summary="Questions come from the bank in place of the model; 95 % should be the model's.",
    ),
)


def alerts() -> Iterator[tuple[str, dict[str, Any]]]:
    """The name and the rule of each objective's alert."""
    for slo in SLOS:
        yield (
            slo.alert,
            {
                "alert": slo.alert,
                "expr": slo.expression,
                "for": "2m",
                "labels": {"severity": "critical"},
                "annotations": {"summary": slo.summary, "runbook": f"docs/runbooks/{slo.alert}.md"},
            },
        )
