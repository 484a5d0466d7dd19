"""What a question builds on: the passage of the résumé, or the earlier answer, that it shares its topic with."""

from collections.abc import Iterator
from dataclasses import dataclass

from viva_question_gen.domain.context import AskContext, Intent
from viva_question_gen.domain.text import content_words


@dataclass(frozen=True)
class Grounding:
    """Where the words stand: in a passage of the résumé or in an answer, never both."""

    excerpt_id: str
    turn_number: int
    shared: tuple[str, ...]
    text: str


def _sources(context: AskContext) -> Iterator[tuple[str, int, str]]:
    answers = [("", turn.number, turn.answer) for turn in reversed(context.history) if turn.answer]
    excerpts = [(excerpt.excerpt_id, 0, excerpt.text) for excerpt in context.excerpts]
    yield from answers + excerpts if context.intent is Intent.FOLLOW_UP else excerpts + answers


def find_grounding(question: str, context: AskContext) -> Grounding | None:
    """The source that shares most topic words with the question; words of the job itself do not count.

    Returns None when nothing is shared: the question then builds on the job alone.
    """
    job = content_words(f"{context.position_title} {context.competency_title} {context.competency_description}")
    asked = content_words(question) - job
    best: Grounding | None = None
    for excerpt_id, turn_number, text in _sources(context):
        shared = tuple(sorted(asked & content_words(text)))
        if shared and (best is None or len(shared) > len(best.shared)):
            best = Grounding(excerpt_id, turn_number, shared, _passage(text, shared))
    return best


def _passage(text: str, shared: tuple[str, ...]) -> str:
    """The line of the source that holds most of the shared words, as it stands there."""
    lines = [line.strip() for line in text.replace(". ", ".\n").splitlines() if line.strip()]
    return max(lines, key=lambda line: len(content_words(line) & set(shared)))[:1000]
