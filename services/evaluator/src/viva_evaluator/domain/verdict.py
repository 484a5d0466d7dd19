"""What the model is asked to write, and what is taken of what it wrote. Nothing is guessed: what does not have the
form is missing."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from viva_evaluator.domain.context import BANDS, Criterion, Language

_MOST_QUOTES = 1
_QUOTE_CHARACTERS: dict[Language, int] = {"en": 90, "ko": 45}
_REASON_CHARACTERS: dict[Language, int] = {"en": 110, "ko": 60}
_TOKENS_BASE = 24
_TOKENS_A_CRITERION: dict[Language, int] = {"en": 130, "ko": 220}
_RATIONALE_LIMIT = 2_000
_WORTH_CUTTING = 40
_ENDS = ".!?。…"


@dataclass(frozen=True)
class Verdict:
    """One criterion as the model judged it: `score` None says that the answer does not speak to it. Quotes are the
    model's words, not yet searched."""

    score: int | None
    quotes: tuple[str, ...] = ()
    rationale: str = ""


def schema(criteria: Sequence[Criterion], language: Language) -> dict[str, Any]:
    """The JSON Schema of the reply: a property a criterion, in the rubric's order.

    The score comes before its quotes. The other order reads better, but with the small model in service (1.5B, English,
    three competencies) it scored nonsense 2.0 and evasion 2.1 on average where this one scores both 1.0: once it had
    copied a passage, it praised it. A criterion that the answer does not speak to costs a null and nothing more.
    """
    judged = _object(
        {
            "score": {"enum": list(BANDS)},
            "quotes": {
                "type": "array",
                "items": {"type": "string", "minLength": 4, "maxLength": _QUOTE_CHARACTERS[language]},
                "minItems": 1,
                "maxItems": _MOST_QUOTES,
            },
            "reason": {"type": "string", "maxLength": _REASON_CHARACTERS[language]},
        }
    )
    not_addressed = _object({"score": {"type": "null"}})
    return _object({criterion.criterion_id: {"anyOf": [judged, not_addressed]} for criterion in criteria})


def most_tokens(criteria: Sequence[Criterion], language: Language) -> int:
    """Where a reply is cut: what the longest sensible one needs, and no more than a runaway one may cost."""
    return _TOKENS_BASE + _TOKENS_A_CRITERION[language] * len(criteria)


def read_verdicts(text: str, criteria: Sequence[Criterion]) -> dict[str, Verdict] | None:
    """The verdicts by criterion; None when the text is no JSON object. Criteria of no rubric are dropped, those that
    are missing or malformed are left out."""
    try:
        reply = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(reply, dict):
        return None
    verdicts = ((one.criterion_id, _verdict(reply.get(one.criterion_id))) for one in criteria)
    return {criterion_id: verdict for criterion_id, verdict in verdicts if verdict is not None}


def _verdict(value: object) -> Verdict | None:
    if not isinstance(value, Mapping) or "score" not in value:
        return None
    score = value["score"]
    if score is None:
        return Verdict(None)
    if isinstance(score, bool) or not isinstance(score, int) or score not in BANDS:
        return None
    quotes = value.get("quotes", [])
    if not isinstance(quotes, list):
        return None
    reason = value.get("reason", "")
    return Verdict(
        score,
        tuple(quote for quote in quotes if isinstance(quote, str)),
        _sentence(reason) if isinstance(reason, str) else "",
    )


def _sentence(reason: str) -> str:
    """The reason in one line. Where the schema's limit cut it, it ends with its last whole sentence, or with "…"."""
    line = " ".join(reason.split())[:_RATIONALE_LIMIT]
    if not line or line[-1] in _ENDS:
        return line
    end = max(line.rfind(mark + " ") for mark in _ENDS)
    if end > 0:
        return line[: end + 1]
    return line if len(line) < _WORTH_CUTTING else line.rsplit(" ", 1)[0].rstrip(",;:") + " …"


def _object(properties: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": dict(properties),
        "required": list(properties),
        "additionalProperties": False,
    }
