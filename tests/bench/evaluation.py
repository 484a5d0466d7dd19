"""Our llama.cpp adapter beside raw llama.cpp, and a schema beside "please answer in JSON".

A short prompt of the same kind as the evaluator's, on the default model when it is pulled, else on the small one.
"""

import asyncio
import ctypes
import json
import time
from pathlib import Path
from typing import Any

from viva_core.models import Completion, Message, complete
from viva_core.models.catalogue import catalogue
from viva_core.models.download import pull, state
from viva_core.models.llama_cpp import LlamaCpp
from viva_core.models.settings import default_folder

from tests.bench.rows import Row, p50, row

_RUNS = 5
_THREADS = 2
_CRITERIA = ("understanding", "reasoned_choice")
_SYSTEM = (
    "You score one answer of a job interview on two criteria, understanding and reasoned_choice, from 1 (weak) to 5 "
    "(outstanding), each with a quote copied from the answer and one sentence of reason."
)
_ANSWERS = (
    "I sampled wait events for a day and read the plans. A covering index and PgBouncer in transaction mode took the "
    "p99 from 820 to 190 milliseconds; the price was four per cent slower writes, which we agreed to.",
    "I moved the settlement to partitions by month, because the nightly batch took four hours. I measured each step on "
    "a copy; it takes eighteen minutes now, and we can drop old months without a lock.",
)
SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        name: {
            "type": "object",
            "properties": {
                "score": {"enum": [1, 2, 3, 4, 5]},
                "quote": {"type": "string", "maxLength": 120},
                "reason": {"type": "string", "maxLength": 120},
            },
            "required": ["score", "quote", "reason"],
        }
        for name in _CRITERIA
    },
    "required": list(_CRITERIA),
}
_PLAIN = (
    _SYSTEM + ' Reply with JSON only, like {"understanding": {"score": 3, "quote": "…", "reason": "…"}, '
    '"reasoned_choice": {"score": 3, "quote": "…", "reason": "…"}}. No other text.'
)


def run() -> list[Row]:
    """Tokens a second, the prefix, and the time to a usable answer."""
    model = catalogue().get("qwen2.5-coder-1.5b-instruct")
    if state(model, default_folder(), thorough=False) != "good":
        model = catalogue().get("smollm2-135m-instruct")
    path = pull(model, default_folder())
    ours, cached, prompt, schema_seconds, plain_seconds, invalid = asyncio.run(_ours(path, model.info()))
    raw = _raw(path)
    return [
        row(f"generation, {model.id}", "tok/s", ours, 0.97 * raw, at="least", peer=raw, peer_name="raw llama.cpp"),
        row(
            "prompt tokens read for the second answer",
            "tokens",
            prompt - cached,
            prompt / 2,
            at="most",
            peer=prompt,
            peer_name="without prefix cache",
        ),
        row(
            "an evaluation in valid JSON",
            "s",
            schema_seconds,
            plain_seconds / 2,
            at="most",
            peer=plain_seconds,
            peer_name="free text + parse + retry",
        ),
        row("invalid JSON among ours", "answers", invalid, 0, at="most"),
    ]


async def _ours(path: Path, info: Any) -> tuple[float, int, int, float, float, int]:
    model = LlamaCpp(path, info, threads=_THREADS, context=2048)
    await model.loaded()
    try:
        rates, schema_seconds, invalid, second = [], [], 0, None
        for number in range(_RUNS):
            free = await _ask(model, [("user", "Write about databases.")], None, 96)
            rates.append(free.usage.completion_tokens / (free.seconds - free.first_token_seconds))
            for answer in _ANSWERS:
                done = await _ask(model, [("system", _SYSTEM), ("user", f"<<<{answer}>>>")], SCHEMA, 220)
                schema_seconds.append(done.seconds)
                invalid += not _valid(done.text)
                if number == 0:
                    second = done
        plain = [await _plain(model, answer) for answer in _ANSWERS for _ in range(2)]
    finally:
        await model.aclose()
    assert second is not None
    return (
        p50(rates),
        second.usage.cached_prompt_tokens,
        second.usage.prompt_tokens,
        p50(schema_seconds),
        p50(plain),
        invalid,
    )


async def _ask(model: LlamaCpp, messages: list[tuple[Any, str]], schema: Any, limit: int, seed: int = 0) -> Completion:
    return await complete(
        model,
        [Message(role, content) for role, content in messages],
        schema=schema,
        max_tokens=limit,
        seed=seed,
        temperature=0.0 if seed == 0 else 0.7,
        deadline=time.monotonic() + 120,
    )


async def _plain(model: LlamaCpp, answer: str) -> float:
    """What a chain with LangChain's JsonOutputParser and a retry does; seconds until it parses, three tries at most."""
    from langchain_core.exceptions import OutputParserException
    from langchain_core.output_parsers import JsonOutputParser

    parser = JsonOutputParser()
    started = time.monotonic()
    for attempt in range(3):
        done = await _ask(model, [("system", _PLAIN), ("user", f"<<<{answer}>>>")], None, 220, seed=attempt)
        try:
            if _shape(parser.parse(done.text)):
                break
        except OutputParserException:
            continue
    return time.monotonic() - started


def _valid(text: str) -> bool:
    try:
        return _shape(json.loads(text))
    except ValueError:
        return False


def _shape(found: Any) -> bool:
    return isinstance(found, dict) and all(
        isinstance(found.get(name), dict) and found[name].get("score") in (1, 2, 3, 4, 5) for name in _CRITERIA
    )


def _raw(path: Path) -> float:
    """llama.cpp's own C loop: decode, take the likeliest token, again; tokens a second."""
    import llama_cpp
    from llama_cpp import Llama

    llama = Llama(str(path), n_ctx=2048, n_threads=_THREADS, n_threads_batch=_THREADS, verbose=False)
    sampler = llama_cpp.llama_sampler_init_greedy()
    rates = []
    for _ in range(_RUNS):
        llama.reset()
        tokens = llama.tokenize(b"Write about databases.")
        llama.eval(tokens)
        token = llama_cpp.llama_sampler_sample(sampler, llama._ctx.ctx, -1)
        started, count = time.perf_counter(), 0
        for _ in range(95):
            batch = llama_cpp.llama_batch_get_one((ctypes.c_int32 * 1)(token), 1)
            llama_cpp.llama_decode(llama._ctx.ctx, batch)
            token = llama_cpp.llama_sampler_sample(sampler, llama._ctx.ctx, -1)
            count += 1
        rates.append(count / (time.perf_counter() - started))
    llama_cpp.llama_sampler_free(sampler)
    llama.close()
    return p50(rates)
