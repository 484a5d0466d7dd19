"""What of the model's verdicts counts. Nothing is believed that the answer does not hold; totals are computed here,
never by a model."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from viva_evaluator.domain.context import Criterion
from viva_evaluator.domain.evidence import Evidence, Quote
from viva_evaluator.domain.rules import Unscored
from viva_evaluator.domain.verdict import Verdict


@dataclass(frozen=True)
class CriterionScore:
    """A score from 1 to 5 with its quotes, or the reason why there is none; never both, never neither."""

    criterion_id: str
    weight: int
    score: int | None
    unscored: Unscored | None
    quotes: tuple[Quote, ...] = ()
    rationale: str = ""
    repaired: bool = False


@dataclass(frozen=True)
class Total:
    """`score`: weighted mean, 1.0 to 5.0, None when nothing was scored; `scored_weight`: percent that was."""

    score: float | None
    scored_weight: float


@dataclass(frozen=True)
class Judged:
    """One score for each criterion that was asked for, in that order; and how many quotes were no evidence."""

    scores: tuple[CriterionScore, ...]
    refused_quotes: int = 0


def weighted_total(scores: Iterable[CriterionScore]) -> Total:
    """The weighted mean of what was scored, sum(w*x)/sum(w); what was not counts in the weight only."""
    listed = list(scores)
    scored = [(each.weight, each.score) for each in listed if each.score is not None]
    weight = sum(each for each, _ in scored)
    if not weight:
        return Total(None, 0.0)
    everything = sum(each.weight for each in listed)
    return Total(sum(w * score for w, score in scored) / weight, 100.0 * weight / everything)


def all_unscored(criteria: Iterable[Criterion], reason: Unscored) -> tuple[CriterionScore, ...]:
    """Every criterion left open, for one reason."""
    return tuple(_unscored(criterion, reason) for criterion in criteria)


def judge(verdicts: Mapping[str, Verdict], criteria: Sequence[Criterion], evidence: Evidence) -> Judged:
    """Hold the verdicts against the answer.

    A missing verdict is MODEL_INVALID; a null is NOT_ADDRESSED; a score none of whose quotes stands in the answer is
    NO_EVIDENCE.
    """
    judged = [_judged(verdicts.get(criterion.criterion_id), criterion, evidence) for criterion in criteria]
    return Judged(tuple(score for score, _ in judged), sum(refused for _, refused in judged))


def needs_repair(score: CriterionScore) -> bool:
    """Whether a second try may help: the model said something, but not what counts."""
    return score.unscored in (Unscored.NO_EVIDENCE, Unscored.MODEL_INVALID)


def repaired(first: CriterionScore, second: CriterionScore) -> CriterionScore:
    """What counts after two tries. A model that made up its evidence has had its chance: that it now says nothing, or
    rubbish, does not turn NO_EVIDENCE into a word on the candidate (NOT_ADDRESSED)."""
    if second.score is not None:
        return replace(second, repaired=True)
    if second.unscored is Unscored.MODEL_INVALID:
        return first
    if first.unscored is Unscored.NO_EVIDENCE and second.unscored is Unscored.NOT_ADDRESSED:
        return first
    return second


def _unscored(criterion: Criterion, reason: Unscored) -> CriterionScore:
    return CriterionScore(criterion.criterion_id, criterion.weight, None, reason)


def _judged(verdict: Verdict | None, criterion: Criterion, evidence: Evidence) -> tuple[CriterionScore, int]:
    """The score, and how many of its quotes were refused."""
    if verdict is None:
        return _unscored(criterion, Unscored.MODEL_INVALID), 0
    if verdict.score is None:
        return _unscored(criterion, Unscored.NOT_ADDRESSED), 0
    good = [quote for quote in verdict.quotes if evidence.find(quote)]
    refused = len(verdict.quotes) - len(good)
    if not good:
        return _unscored(criterion, Unscored.NO_EVIDENCE), refused
    quotes = evidence.find_all(good)
    return CriterionScore(
        criterion.criterion_id, criterion.weight, verdict.score, None, quotes, verdict.rationale
    ), refused
