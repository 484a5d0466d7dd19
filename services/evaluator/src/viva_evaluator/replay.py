"""Scores finished answers again, with another model, prompt or rubric, and tells what comes out otherwise. What was
scored before is read and never written."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

from viva_core.errors import Expired
from viva_core.models.port import TextModel
from viva_core.models.prompts import PromptLibrary

from viva_evaluator.domain.context import AnswerContext, Rubric
from viva_evaluator.domain.rules import Unscored
from viva_evaluator.domain.scoring import CriterionScore
from viva_evaluator.evaluator import Evaluation, Evaluator


@dataclass(frozen=True)
class Difference:
    """One criterion that came out otherwise; None for unscored, or not in that rubric."""

    criterion_id: str
    before: int | None
    after: int | None


@dataclass(frozen=True)
class Scored:
    """An answer as it was asked about, and the scores that came of it."""

    context: AnswerContext
    scores: Mapping[str, int | None]


@dataclass(frozen=True)
class Replayed:
    """An answer scored again. `context` bears the rubric that was used."""

    context: AnswerContext
    evaluation: Evaluation
    differences: tuple[Difference, ...]


class Replay:
    """`open_other` opens a model of the catalogue by its id, which may take seconds; it is closed after the replay."""

    def __init__(self, model: TextModel, prompts: PromptLibrary, open_other: Callable[[str], TextModel]) -> None:
        self._model = model
        self._prompts = prompts
        self._open_other = open_other
        self._one_at_a_time = asyncio.Lock()  # each may hold a whole model in memory beside the one in service

    async def run(
        self, answers: Sequence[Scored], *, model_id: str, prompt_version: int, rubric: Rubric | None, deadline: float
    ) -> list[Replayed]:
        """All answers again, in order; `model_id` "", `prompt_version` 0 and `rubric` None stand for what is in use.

        Raises:
            NotFound: there is no such model or prompt, or its file is not there.
            Transient: the model is away or busy.
            Expired: the deadline (monotonic seconds) passed; half a replay would show differences that are none.
        """
        for language in {answer.context.language for answer in answers}:
            self._prompts.get(language, prompt_version)  # before a model is opened for nothing
        async with self._one_at_a_time, self._opened(model_id) as model:
            evaluator = Evaluator(model, self._prompts, prompt_version=prompt_version)
            return [await self._again(evaluator, answer, rubric, deadline) for answer in answers]

    @staticmethod
    async def _again(evaluator: Evaluator, answer: Scored, rubric: Rubric | None, deadline: float) -> Replayed:
        context = answer.context if rubric is None else replace(answer.context, rubric=rubric)
        evaluation = await evaluator.evaluate(context, deadline)
        if any(score.unscored is Unscored.TIMEOUT for score in evaluation.scores):
            raise Expired("The answers could not all be scored again in time.")
        return Replayed(context, evaluation, differences(answer.scores, evaluation.scores))

    @asynccontextmanager
    async def _opened(self, model_id: str) -> AsyncIterator[TextModel]:
        if model_id in ("", self._model.info.id):
            yield self._model
            return
        model = await asyncio.to_thread(self._open_other, model_id)
        try:
            yield model
        finally:
            await model.aclose()


def differences(before: Mapping[str, int | None], after: Sequence[CriterionScore]) -> tuple[Difference, ...]:
    """What changed, in the order of the new rubric, then what only the old one had."""
    new = {score.criterion_id: score.score for score in after}
    both = [*new, *(criterion_id for criterion_id in before if criterion_id not in new)]
    return tuple(
        Difference(criterion_id, before.get(criterion_id), new.get(criterion_id))
        for criterion_id in both
        if before.get(criterion_id) != new.get(criterion_id)
    )
