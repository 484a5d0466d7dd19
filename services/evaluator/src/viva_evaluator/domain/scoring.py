"""The form in which a model must answer, and what of its answer counts. Nothing is believed that the rubric does not
know or the answer does not hold; totals are computed here, never by a model."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from viva_evaluator.domain.context import BANDS, Criterion, Language
from viva_evaluator.domain.evidence import MOST_QUOTES, Evidence, Quote
from viva_evaluator.domain.rules import Unscored

_QUOTE_CHARACTERS = 160
_REASON_CHARACTERS = 160
_QUOTES = 2
_TOKENS_PER_CRITERION: dict[Language, int] = {"en": 110, "ko": 170}
_MOST_RATIONALE = 400


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


def answer_schema(criteria: Sequence[Criterion]) -> dict[str, Any]:
    """JSON Schema of the model's answer: an object with a member for each criterion, in the rubric's order.

    The reason comes after the score: with the reason first, small models no longer tell good from thin answers.
    """
    quotes = {
        "type": "array",
        "items": {"type": "string", "minLength": 1, "maxLength": _QUOTE_CHARACTERS},
        "minItems": 1,
        "maxItems": _QUOTES,
    }
    reason = {"type": "string", "maxLength": _REASON_CHARACTERS}
    scored = _object({"quotes": quotes, "score": {"enum": list(BANDS)}, "reason": reason})
    silent = _object({"score": {"const": None}})
    return _object({criterion.criterion_id: {"anyOf": [scored, silent]} for criterion in criteria})


def token_limit(language: Language, criteria: int) -> int:
    """Tokens that the answer may take; more than it needs, so that only a model that runs on is cut."""
    return 24 + criteria * _TOKENS_PER_CRITERION[language]


def judge(said: str, criteria: Sequence[Criterion], evidence: Evidence) -> Judged:
    """Read the model's JSON.

    Criteria that were not asked for are dropped; one that is missing or out of form is MODEL_INVALID; a null is
    NOT_ADDRESSED; a score none of whose quotes stands in the answer is NO_EVIDENCE.
    """
    members = _members(said)
    judged = [_judged(members.get(criterion.criterion_id), criterion, evidence) for criterion in criteria]
    return Judged(tuple(score for score, _ in judged), sum(refused for _, refused in judged))


def needs_repair(score: CriterionScore) -> bool:
    """Whether a second try may help: the model said something, but not what counts."""
    return score.unscored in (Unscored.NO_EVIDENCE, Unscored.MODEL_INVALID)


def repaired(first: CriterionScore, second: CriterionScore) -> CriterionScore:
    """What counts after two tries. Rubbish on the second try does not wipe out why the first one did not count."""
    if second.score is not None:
        return replace(second, repaired=True)
    return first if second.unscored is Unscored.MODEL_INVALID else second


def _unscored(criterion: Criterion, reason: Unscored) -> CriterionScore:
    return CriterionScore(criterion.criterion_id, criterion.weight, None, reason)


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


def _members(said: str) -> dict[str, Any]:
    try:
        read = json.loads(said)
    except (ValueError, RecursionError):
        return {}
    return read if isinstance(read, dict) else {}


def _judged(member: Any, criterion: Criterion, evidence: Evidence) -> tuple[CriterionScore, int]:
    """The score, and how many of its quotes were refused."""
    if not isinstance(member, dict) or "score" not in member:
        return _unscored(criterion, Unscored.MODEL_INVALID), 0
    score, quotes, reason = member["score"], member.get("quotes", []), member.get("reason", "")
    if score is None:
        return _unscored(criterion, Unscored.NOT_ADDRESSED), 0
    if type(score) is not int or score not in BANDS or not _is_texts(quotes) or not isinstance(reason, str):
        return _unscored(criterion, Unscored.MODEL_INVALID), 0
    good = [whole for whole in map(_uncut, quotes[:MOST_QUOTES]) if evidence.find(whole)]
    refused = len(quotes) - len(good)
    if not good:
        return _unscored(criterion, Unscored.NO_EVIDENCE), refused
    rationale = " ".join(reason.split())[:_MOST_RATIONALE]
    found = evidence.find_all(good)
    return CriterionScore(criterion.criterion_id, criterion.weight, score, None, found, rationale), refused


def _is_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) for each in value)


def _uncut(quote: str) -> str:
    """A quote that the schema's limit cut off, without the word it was cut in."""
    return quote if len(quote) < _QUOTE_CHARACTERS else quote.rpartition(" ")[0] or quote
