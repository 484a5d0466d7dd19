"""What the model is told. What does not change from answer to answer comes first (rules, then the competency's rubric),
so that an engine which keeps the prompt's prefix reads only the question and the answer anew."""

from collections.abc import Sequence

from viva_core.models.port import Message
from viva_core.models.prompts import PromptFile

from viva_evaluator.domain.context import BANDS, AnswerContext, Criterion


def judging(prompt: PromptFile, context: AnswerContext, answer: str) -> list[Message]:
    """The chat that asks for a verdict on `answer`: the context's, without what addresses the judge."""
    rubric = prompt.fill(
        "rubric",
        competency=context.competency_title,
        description=context.competency_description,
        criteria="\n\n".join(_criterion(prompt, criterion) for criterion in context.rubric.criteria),
    )
    question = prompt.fill(
        "question",
        position_title=context.position_title,
        question=context.question,
        answer=answer.strip(),
        criterion_ids=_ids(context.rubric.criteria),
    )
    return [Message("system", f"{prompt.parts['system']}\n\n{rubric}"), Message("user", question)]


def repairing(prompt: PromptFile, asked: Sequence[Message], said: str, criteria: Sequence[Criterion]) -> list[Message]:
    """The chat goes on: what was quoted for these criteria is not in the answer."""
    return [
        *asked,
        Message("assistant", said),
        Message("user", prompt.fill("repair", criterion_ids=_ids(criteria))),
    ]


def _criterion(prompt: PromptFile, criterion: Criterion) -> str:
    anchors = (
        prompt.fill("anchor", band=str(band), description=anchor)
        for band, anchor in zip(BANDS, criterion.anchors, strict=True)
    )
    return prompt.fill(
        "criterion",
        criterion_id=criterion.criterion_id,
        title=criterion.title,
        description=criterion.description,
        anchors="\n".join(anchors),
    )


def _ids(criteria: Sequence[Criterion]) -> str:
    return ", ".join(criterion.criterion_id for criterion in criteria)
