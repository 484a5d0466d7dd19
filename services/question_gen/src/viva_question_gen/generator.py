"""Makes one question: asks the model, shows what it writes, checks it, tries once more, falls back on the bank.

Used by the gRPC edge and by the bus worker alike; neither knows of models, neither does this module know of them.
"""

import time
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass
from enum import StrEnum

from viva_core.errors import Expired, Permanent, Transient
from viva_core.models.messages import Cost
from viva_core.models.port import Completion, Delta, ModelInfo, TextModel, Usage
from viva_core.models.prompts import PromptFile, PromptLibrary

from viva_question_gen.domain.checks import Check, failed_checks
from viva_question_gen.domain.context import AskContext
from viva_question_gen.domain.draft import Draft
from viva_question_gen.domain.grounding import Grounding, find_grounding
from viva_question_gen.domain.prompt import build_messages

_MAX_TOKENS = {"en": 96, "ko": 144}
_TEMPERATURES = (0.3, 0.8)


class Fallback(StrEnum):
    """Why the bank was used; the names are those of viva.question.v1.BankReason."""

    SELF_CHECK_FAILED = "SELF_CHECK_FAILED"
    TIMEOUT = "TIMEOUT"
    MODEL_UNAVAILABLE = "MODEL_UNAVAILABLE"


@dataclass(frozen=True)
class Piece:
    """What the candidate may see: all of this try so far, and what was added last."""

    attempt: int
    sequence: int
    text: str
    delta: str


@dataclass(frozen=True)
class FailedAttempt:
    """A try that did not pass, and why."""

    attempt: int
    checks: tuple[Check, ...]


@dataclass(frozen=True)
class Made:
    """The question that will be asked, by the model or, with a reason, from the bank."""

    text: str
    fallback: Fallback | None
    failed: tuple[FailedAttempt, ...]
    grounding: Grounding | None
    model: ModelInfo | None
    prompt: PromptFile
    cost: Cost | None


class Generator:
    """Holds the model and the prompts. `tries` is 2 by design: a third would cost the candidate more than the bank's
    question does."""

    def __init__(
        self,
        model: TextModel,
        prompts: PromptLibrary,
        *,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._model = model
        self._prompts = prompts
        self._monotonic = monotonic

    async def generate(self, context: AskContext, deadline: float) -> AsyncGenerator[Piece | Made, None]:
        """Yield pieces as they are written, then the question; `deadline` is in monotonic seconds.

        Never raises for what a model does wrong: the bank's question, with its reason, is always there.
        """
        prompt = self._prompts.get(context.language)
        failed: tuple[FailedAttempt, ...] = ()
        meter = _Meter(self._monotonic)
        for attempt, temperature in enumerate(_TEMPERATURES, start=1):
            messages = build_messages(prompt, context, failed[-1].checks if failed else ())
            draft = Draft()
            try:
                stream = self._model.stream(
                    messages,
                    max_tokens=_MAX_TOKENS[context.language],
                    seed=context.seed + attempt,
                    temperature=temperature,
                    deadline=deadline,
                )
                shown, sequence = "", 0
                async with aclosing(stream):
                    async for item in stream:
                        if isinstance(item, Completion):
                            meter.complete(item)
                            break
                        meter.token(item)
                        draft = draft.plus(item.text)
                        if len(draft.shown) > len(shown):
                            sequence += 1
                            yield Piece(attempt, sequence, draft.shown, draft.shown[len(shown) :])
                            shown = draft.shown
                        if draft.finished:
                            break  # what a small model adds after its question is never worth the wait
            except Expired:
                yield self._bank(context, prompt, Fallback.TIMEOUT, failed, meter)
                return
            except (Transient, Permanent):
                yield self._bank(context, prompt, Fallback.MODEL_UNAVAILABLE, failed, meter)
                return
            text = draft.text()
            faults = failed_checks(text, context)
            if not faults:
                grounding = find_grounding(text, context)
                yield Made(text, None, failed, grounding, self._model.info, prompt, meter.cost())
                return
            failed = (*failed, FailedAttempt(attempt, faults))
        yield self._bank(context, prompt, Fallback.SELF_CHECK_FAILED, failed, meter)

    def _bank(
        self,
        context: AskContext,
        prompt: PromptFile,
        reason: Fallback,
        failed: tuple[FailedAttempt, ...],
        meter: "_Meter",
    ) -> Made:
        reached = reason is Fallback.SELF_CHECK_FAILED or meter.spoke
        model = self._model.info if reached else None
        return Made(context.fallback.text, reason, failed, None, model, prompt, meter.cost())


class _Meter:
    """Adds up what the tries cost. A stream that is cut at the question's end brings no usage: its tokens are counted
    as they come."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._started = monotonic()
        self._first: float | None = None
        self._prompt = self._cached = self._completion = self._open = 0

    @property
    def spoke(self) -> bool:
        """Whether the model wrote anything at all."""
        return self._first is not None

    def token(self, item: Delta) -> None:
        if self._first is None:
            self._first = self._monotonic()
        self._open += bool(item.text)

    def complete(self, item: Completion) -> None:
        self._prompt += item.usage.prompt_tokens
        self._cached += item.usage.cached_prompt_tokens
        self._completion += item.usage.completion_tokens
        self._open = 0

    def cost(self) -> Cost | None:
        """Everything so far; None when no model was reached."""
        if self._first is None:
            return None
        usage = Usage(self._prompt, self._cached, self._completion + self._open)
        return Cost(usage, self._first - self._started, self._monotonic() - self._started)
