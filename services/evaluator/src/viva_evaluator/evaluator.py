"""Scores one answer: rules first, then the model, whose words are held against the answer; what did not hold is asked
for once more.

Used by the gRPC edge and by the bus worker alike; neither knows of models, neither does this module know of them.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from viva_core.errors import Expired, Permanent
from viva_core.models.messages import Cost
from viva_core.models.port import Completion, Message, ModelInfo, TextModel, Usage, complete
from viva_core.models.prompts import PromptFile, PromptLibrary

from viva_evaluator.domain import injection
from viva_evaluator.domain.context import AnswerContext, Criterion
from viva_evaluator.domain.evidence import Evidence
from viva_evaluator.domain.prompt import judging, repairing
from viva_evaluator.domain.rules import Unscored, unscored_by_rule
from viva_evaluator.domain.scoring import (
    CriterionScore,
    Judged,
    Total,
    all_unscored,
    judge,
    needs_repair,
    repaired,
    weighted_total,
)
from viva_evaluator.domain.verdict import most_tokens, read_verdicts, schema

_SECOND_TEMPERATURE = 0.3
"""The first try takes the likeliest tokens, so that a replay repeats it; a second one like it would change nothing."""


@dataclass(frozen=True)
class Evaluation:
    """All scores of one answer, and how they came about. Without `model`, none was asked. `repairs` counts criteria
    asked for twice, `passages` those that address the judge."""

    scores: tuple[CriterionScore, ...]
    model: ModelInfo | None = None
    prompt: PromptFile | None = None
    cost: Cost | None = None
    repairs: int = 0
    refused_quotes: int = 0
    passages: int = 0

    @property
    def total(self) -> Total:
        """The weighted mean of what was scored."""
        return weighted_total(self.scores)


class Evaluator:
    """Holds the model and the prompts. `prompt_version` 0 is the newest."""

    def __init__(
        self,
        model: TextModel,
        prompts: PromptLibrary,
        *,
        prompt_version: int = 0,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._model = model
        self._prompts = prompts
        self._version = prompt_version
        self._monotonic = monotonic

    async def evaluate(self, context: AnswerContext, deadline: float) -> Evaluation:
        """The scores; `deadline` is in monotonic seconds, and what was not judged by then is unscored.

        Raises:
            Transient: the model is away or busy; later it may not be.
            NotFound: there is no such version of the prompt.
        """
        prompt = self._prompts.get(context.language, self._version)
        passages = injection.passages(context.answer)
        reason = unscored_by_rule(context, injection.without(context.answer, passages))
        if reason is not None:
            return Evaluation(all_unscored(context.rubric.criteria, reason), passages=len(passages))
        shown = injection.without(context.answer, passages, prompt.fill("left_out"))
        evidence = Evidence(context.answer, excluded=passages, words=context.words)
        trial = _Trial(self._model, context, prompt, evidence, deadline, self._monotonic)
        return await trial.run(shown, len(passages))


class _Trial:
    """The one or two tries for one answer."""

    def __init__(
        self,
        model: TextModel,
        context: AnswerContext,
        prompt: PromptFile,
        evidence: Evidence,
        deadline: float,
        monotonic: Callable[[], float],
    ) -> None:
        self._model = model
        self._context = context
        self._prompt = prompt
        self._evidence = evidence
        self._deadline = deadline
        self._monotonic = monotonic
        self._started = monotonic()
        self._completions: list[Completion] = []

    async def run(self, shown: str, passages: int) -> Evaluation:
        criteria = self._context.rubric.criteria
        asked = judging(self._prompt, self._context, shown)
        said, judged = await self._ask(asked, criteria, 0.0)
        scores = {score.criterion_id: score for score in judged.scores}
        refused = judged.refused_quotes
        again = [criterion for criterion in criteria if needs_repair(scores[criterion.criterion_id])]
        if again:
            # Where nothing usable was said there is nothing to go into: the same is asked anew.
            messages = repairing(self._prompt, asked, said, again) if said else asked
            _, judged = await self._ask(messages, again, _SECOND_TEMPERATURE)
            refused += judged.refused_quotes
            scores |= {each.criterion_id: repaired(scores[each.criterion_id], each) for each in judged.scores}
        return Evaluation(
            scores=tuple(scores[criterion.criterion_id] for criterion in criteria),
            model=self._model.info,
            prompt=self._prompt,
            cost=self._cost(),
            repairs=len(again),
            refused_quotes=refused,
            passages=passages,
        )

    async def _ask(
        self, messages: Sequence[Message], criteria: Sequence[Criterion], temperature: float
    ) -> tuple[str, Judged]:
        """One try: what the model said and what of it counts. A model that is late or refuses scores nothing."""
        try:
            completion = await complete(
                self._model,
                messages,
                schema=schema(criteria, self._context.language),
                max_tokens=most_tokens(criteria, self._context.language),
                seed=1,
                temperature=temperature,
                deadline=self._deadline,
            )
        except Expired:
            return "", Judged(all_unscored(criteria, Unscored.TIMEOUT))
        except Permanent:
            return "", Judged(all_unscored(criteria, Unscored.MODEL_UNAVAILABLE))
        self._completions.append(completion)
        verdicts = read_verdicts(completion.text, criteria) if completion.finish_reason == "stop" else None
        if verdicts is None:
            return "", Judged(all_unscored(criteria, Unscored.MODEL_INVALID))
        return completion.text, judge(verdicts, criteria, self._evidence)

    def _cost(self) -> Cost | None:
        """None when no try came to its end."""
        if not self._completions:
            return None
        usages = [completion.usage for completion in self._completions]
        usage = Usage(
            sum(usage.prompt_tokens for usage in usages),
            sum(usage.cached_prompt_tokens for usage in usages),
            sum(usage.completion_tokens for usage in usages),
        )
        return Cost(usage, self._completions[0].first_token_seconds, self._monotonic() - self._started)
