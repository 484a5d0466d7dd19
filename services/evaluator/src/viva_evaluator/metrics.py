"""What the evaluator measures. Labels are few and bounded; never an interview's id."""

from prometheus_client import CollectorRegistry, Counter, Histogram

from viva_evaluator.evaluator import Evaluation

_SECONDS = (0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 60, 120, 300)


class EvaluationMetrics:
    """Counts answers by outcome, what was left unscored and why, second tries, refused quotes, tokens and time."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._evaluations = Counter(
            "viva_evaluations_total", "Answers evaluated", ["language", "outcome"], registry=registry
        )
        self._unscored = Counter("viva_unscored_total", "Criteria left without a score", ["reason"], registry=registry)
        self._repairs = Counter(
            "viva_evaluation_repairs_total", "Criteria asked for a second time", ["language"], registry=registry
        )
        self._refused = Counter(
            "viva_evaluation_quotes_refused_total", "Quotes that were no evidence", registry=registry
        )
        self._addressed = Counter(
            "viva_evaluation_addressed_total",
            "Answers with passages that address the judge",
            ["language"],
            registry=registry,
        )
        self._tokens = Counter(
            "viva_evaluation_tokens_total", "Tokens; cached ones are of the prompt", ["kind"], registry=registry
        )
        self._first_token = Histogram(
            "viva_evaluation_first_token_seconds", "Request to first token", buckets=_SECONDS, registry=registry
        )
        self._seconds = Histogram("viva_evaluation_seconds", "Request to scores", buckets=_SECONDS, registry=registry)

    def evaluated(self, language: str, evaluation: Evaluation) -> None:
        """Count one answer."""
        self._evaluations.labels(language, _outcome(evaluation)).inc()
        for score in evaluation.scores:
            if score.unscored is not None:
                self._unscored.labels(score.unscored.value).inc()
        self._repairs.labels(language).inc(evaluation.repairs)
        self._refused.inc(evaluation.refused_quotes)
        if evaluation.passages:
            self._addressed.labels(language).inc()
        if evaluation.cost is not None:
            usage = evaluation.cost.usage
            self._tokens.labels("prompt").inc(usage.prompt_tokens)
            self._tokens.labels("cached").inc(usage.cached_prompt_tokens)
            self._tokens.labels("completion").inc(usage.completion_tokens)
            self._first_token.observe(evaluation.cost.first_token_seconds)
            self._seconds.observe(evaluation.cost.seconds)


def _outcome(evaluation: Evaluation) -> str:
    scored = sum(score.score is not None for score in evaluation.scores)
    if not scored:
        return "unscored"
    return "scored" if scored == len(evaluation.scores) else "partly"
