"""What question_gen measures. Labels are few and bounded; never an interview's id."""

from prometheus_client import CollectorRegistry, Counter, Histogram

from viva_question_gen.generator import Made

_SECONDS = (0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 60, 120)


class QuestionMetrics:
    """Counts questions by source and reason, failed checks, and how long the model took."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._questions = Counter(
            "viva_questions_total", "Questions made", ["language", "source", "bank_reason"], registry=registry
        )
        self._failed = Counter(
            "viva_question_checks_failed_total",
            "Self-checks that a try failed",
            ["language", "check"],
            registry=registry,
        )
        self._first_token = Histogram(
            "viva_question_first_token_seconds", "Request to first token", buckets=_SECONDS, registry=registry
        )
        self._total = Histogram(
            "viva_question_seconds", "Request to checked question", buckets=_SECONDS, registry=registry
        )

    def made(self, language: str, made: Made) -> None:
        """Count one question."""
        source, reason = ("model", "") if made.fallback is None else ("bank", made.fallback.value)
        self._questions.labels(language, source, reason).inc()
        for failed in made.failed:
            for check in failed.checks:
                self._failed.labels(language, check.value).inc()
        if made.cost is not None:
            self._first_token.observe(made.cost.first_token_seconds)
            self._total.observe(made.cost.seconds)
