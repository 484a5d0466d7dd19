"""The evaluator's own prompt, rubric and schema: our llama.cpp adapter beside llama.cpp itself, what the prompt's
prefix saves, and a schema beside "please answer in JSON".

Each round asks every side the same, one after the other on the same cores. On the default model when it is pulled,
else on the small one.
"""

import asyncio
import time
import uuid
from contextlib import aclosing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from viva_core.models import Completion, Delta, Message, complete
from viva_core.models.catalogue import catalogue
from viva_core.models.download import pull, state
from viva_core.models.grammar import gbnf
from viva_core.models.llama_cpp import LlamaCpp
from viva_core.models.settings import default_folder
from viva_evaluator.adapters.prompts import load_prompts
from viva_evaluator.domain.context import AnswerContext, Criterion, Rubric
from viva_evaluator.domain.prompt import judging
from viva_evaluator.domain.verdict import most_tokens, read_verdicts, schema
from viva_session.domain.bank import load_bank

from tests.bench.evaluation_peers import PlainWay, RawLlama
from tests.bench.rows import Row, p50, row

_THREADS = 2
_CONTEXT = 4096
_TOKENS = 64  # generated a round on each side
_SHARE = 0.97
_DEADLINE = 300.0
_QUESTION = "Tell me about something slow that you made fast. What did you find, and what did you decide?"
_ANSWERS = (
    "I sampled wait events for a day and read the plans. A covering index and PgBouncer in transaction mode took the "
    "p99 from 820 to 190 milliseconds; the price was four per cent slower writes, which we agreed to.",
    "I moved the settlement to partitions by month, because the nightly batch took four hours. I measured each step on "
    "a copy; it takes eighteen minutes now, and we can drop old months without a lock.",
    "Our search page was slow, so we bought a larger server, and then it was all right for a while. I think the "
    "database had been the problem. Somebody else looked after it later.",
)


@dataclass
class Figures:
    """What was measured, by side."""

    rates: dict[str, list[float]] = field(default_factory=dict)
    seconds: dict[str, list[float]] = field(default_factory=dict)
    invalid: dict[str, int] = field(default_factory=dict)
    calls: dict[str, float] = field(default_factory=dict)

    def rate(self, side: str, value: float) -> None:
        self.rates.setdefault(side, []).append(value)

    def took(self, side: str, seconds: float, valid: bool) -> None:
        self.seconds.setdefault(side, []).append(seconds)
        self.invalid[side] = self.invalid.get(side, 0) + (not valid)


def run(*, quick: bool = False) -> list[Row]:
    """Tokens a second, the prefix, and the time to a usable answer."""
    model = catalogue().get("qwen2.5-coder-1.5b-instruct")
    if quick or state(model, default_folder(), thorough=False) != "good":
        model = catalogue().get("smollm2-135m-instruct")
    path = pull(model, default_folder())
    figures = Figures()
    cached, cold = asyncio.run(_measure(path, model.info(), figures, 1 if quick else 3))
    rate = {side: p50(values) for side, values in figures.rates.items()}
    seconds = {side: p50(values) for side, values in figures.seconds.items()}
    api, loop, plain = "llama-cpp-python", "llama.cpp's C functions", "LangChain JsonOutputParser + retry"
    first = "the second answer on a rubric: "
    without = "an unrelated prompt came between"
    return [
        _rate_row(f"{model.id}, no grammar", rate["ours"], rate["api"], api),
        _rate_row(f"{model.id}, no grammar, beside C", rate["ours"], rate["loop"], loop),
        _rate_row(
            f"{model.id}, the schema's grammar", rate["ours, grammar"], rate["api, grammar"], f"{api}, same GBNF"
        ),
        row(
            "the schema's grammar beside no grammar", "tok/s", rate["ours, grammar"], peer=rate["loop"], peer_name=loop
        ),
        row(
            f"{first}prompt tokens read",
            "tokens",
            cached.usage.prompt_tokens - cached.usage.cached_prompt_tokens,
            cached.usage.prompt_tokens / 2,
            peer=cold.usage.prompt_tokens - cold.usage.cached_prompt_tokens,
            peer_name=without,
        ),
        row(f"{first}first token", "s", cached.first_token_seconds, peer=cold.first_token_seconds, peer_name=without),
        row(
            "an evaluation in valid JSON",
            "s",
            seconds["ours"],
            seconds["plain"] / 2,
            peer=seconds["plain"],
            peer_name=plain,
        ),
        row(
            "an evaluation in valid JSON, beside no cache",
            "s",
            seconds["ours"],
            seconds["plain, no cache"] / 2,
            peer=seconds["plain, no cache"],
            peer_name=f"{plain}, no prefix cache",
        ),
        row(
            f"answers without valid JSON, of {len(figures.seconds['ours'])}",
            "",
            figures.invalid["ours"],
            0,
            peer=figures.invalid["plain"],
            peer_name=f"after 3 tries, {figures.calls['plain']:.1f} calls each",
        ),
    ]


def _rate_row(name: str, ours: float, peer: float, peer_name: str) -> Row:
    return row(name, "tok/s", ours, round(_SHARE * peer, 2), at="least", peer=peer, peer_name=peer_name)


async def _measure(path: Path, info: Any, figures: Figures, rounds: int) -> tuple[Completion, Completion]:
    chats = [judging(load_prompts().get("en"), _context(answer), answer) for answer in _ANSWERS]
    criteria = _context("").rubric.criteria
    model = LlamaCpp(path, info, threads=_THREADS, context=_CONTEXT)
    await model.loaded()
    raw = RawLlama(path, threads=_THREADS, context=_CONTEXT)
    try:
        cached, cold = await _prefix(model, chats, criteria)
        for _ in range(rounds):
            await _rates(model, raw, chats[0], criteria, figures)
        limit = most_tokens(criteria, "en")
        ways = {
            "plain": PlainWay(raw, criteria, limit, forget=False),
            "plain, no cache": PlainWay(raw, criteria, limit, forget=True),
        }
        for chat in chats[: 1 if rounds < 3 else None]:
            done = await _ask(model, chat, criteria, limit)
            verdicts = read_verdicts(done.text, criteria)
            figures.took("ours", done.seconds, verdicts is not None and len(verdicts) == len(criteria))
            for name, way in ways.items():
                figures.took(name, *way.seconds(chat))
        figures.calls = {name: way.calls / len(figures.seconds[name]) for name, way in ways.items()}
    finally:
        raw.close()
        await model.aclose()
    return cached, cold


async def _prefix(
    model: LlamaCpp, chats: list[list[Message]], criteria: tuple[Criterion, ...]
) -> tuple[Completion, Completion]:
    """The second answer, after the first; and the same after something else, so that no prefix of it is there."""
    await _ask(model, chats[0], criteria, 1)
    cached = await _ask(model, chats[1], criteria, 1)
    await complete(
        model, [Message("user", "Write about databases.")], max_tokens=1, deadline=time.monotonic() + _DEADLINE
    )
    return cached, await _ask(model, chats[1], criteria, 1)


async def _rates(
    model: LlamaCpp, raw: RawLlama, chat: list[Message], criteria: tuple[Criterion, ...], figures: Figures
) -> None:
    """One round: every side goes on from the same prompt, in turns."""
    wanted = schema(criteria, "en")
    figures.rate("ours", await _our_rate(model, chat, None))
    figures.rate("api", raw.rate(chat, _TOKENS, None))
    figures.rate("ours, grammar", await _our_rate(model, chat, wanted))
    figures.rate("api, grammar", raw.rate(chat, _TOKENS, gbnf(wanted)))
    figures.rate("loop", raw.loop_rate(chat, _TOKENS))


async def _our_rate(model: LlamaCpp, chat: list[Message], wanted: dict[str, Any] | None) -> float:
    """As the peer's: from the first to the last token, taken where the caller gets them."""
    moments = []
    stream = model.stream(
        chat,
        schema=wanted,
        max_tokens=_TOKENS,
        deadline=time.monotonic() + _DEADLINE,
    )
    async with aclosing(stream):
        async for item in stream:
            if isinstance(item, Delta):
                moments.append(time.perf_counter())
    return (len(moments) - 1) / (moments[-1] - moments[0])


async def _ask(model: LlamaCpp, chat: list[Message], criteria: tuple[Criterion, ...], limit: int) -> Completion:
    return await complete(
        model,
        chat,
        schema=schema(criteria, "en"),
        max_tokens=limit,
        seed=1,
        deadline=time.monotonic() + _DEADLINE,
    )


def _context(answer: str) -> AnswerContext:
    """One of the question bank's rubrics, as the evaluator gets it."""
    competency = load_bank().competency("technical_depth", "en")
    criteria = tuple(
        Criterion(each.criterion_id, each.title, each.description, each.weight, each.anchors)
        for each in competency.criteria
    )
    return AnswerContext(
        request_id=uuid.UUID(int=1),
        turn_id=uuid.UUID(int=2),
        answer_revision=1,
        language="en",
        position_title="Backend engineer",
        competency_title=competency.title,
        competency_description=competency.description,
        question=_QUESTION,
        answer=answer,
        rubric=Rubric(uuid.UUID(int=3), 1, "0" * 64, criteria),
    )
