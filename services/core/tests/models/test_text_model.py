"""What every TextModel keeps, whichever engine runs it."""

import asyncio
import json
import time
from contextlib import aclosing
from datetime import timedelta
from typing import Any

import pytest
from viva_core.errors import Expired, Transient
from viva_core.models import Completion, Delta, Message, ModelBusy, ModelUnavailable, PromptTooLong, TextModel, complete

CHAT = (
    Message("system", "You are an interviewer. Ask one short interview question."),
    Message("user", "Position: backend engineer (Python, 3 years). Ask about databases."),
)
QUESTION = {
    "type": "object",
    "properties": {
        "question": {"type": "string", "maxLength": 120},
        "competency": {"type": "string", "enum": ["technical", "communication"]},
    },
    "required": ["question", "competency"],
    "additionalProperties": False,
}


def soon(seconds: float = 240.0) -> float:
    return time.monotonic() + seconds


async def read(model: TextModel, **more: Any) -> list[Delta | Completion]:
    stream = model.stream(CHAT, **{"max_tokens": 40, "deadline": soon(), **more})
    async with aclosing(stream) as items:
        return [item async for item in items]


async def test_streams_deltas_and_ends_with_their_sum(bench: Any) -> None:
    *deltas, last = await read(await bench.answering())
    assert isinstance(last, Completion)
    assert len(deltas) > 3
    assert all(isinstance(delta, Delta) and delta.text for delta in deltas)
    assert last.text == "".join(delta.text for delta in deltas if isinstance(delta, Delta))
    assert last.usage.prompt_tokens > 10
    assert 0 < last.usage.completion_tokens <= 40
    assert 0 <= last.first_token_seconds <= last.seconds


async def test_a_schema_gives_json_in_the_order_of_the_schema(bench: Any) -> None:
    completion = await complete(await bench.schema(), CHAT, schema=QUESTION, max_tokens=120, deadline=soon())
    assert completion.finish_reason == "stop"
    answer = json.loads(completion.text)
    assert list(answer) == ["question", "competency"]
    assert answer["competency"] in ("technical", "communication")


async def test_refuses_a_prompt_that_does_not_fit(bench: Any) -> None:
    with pytest.raises(PromptTooLong):
        await complete(await bench.limited(), (Message("user", "word " * 2100),), max_tokens=40, deadline=soon())


async def test_an_answer_cut_by_max_tokens_says_so(bench: Any) -> None:
    completion = await complete(await bench.cut_by_length(), CHAT, schema=QUESTION, max_tokens=4, deadline=soon())
    assert completion.finish_reason == "length"
    with pytest.raises(json.JSONDecodeError):
        json.loads(completion.text)


async def test_a_slow_first_token_expires_at_the_deadline_and_frees_the_slot(bench: Any) -> None:
    model = await bench.silent()
    started = time.monotonic()
    with pytest.raises(Expired):
        await complete(model, bench.long_prompt(), max_tokens=40, deadline=started + 0.2)
    assert 0.15 < time.monotonic() - started < 5.0
    await bench.freed()
    assert (await complete(model, CHAT, max_tokens=40, deadline=soon())).text


async def test_a_deadline_in_the_past_expires_at_once(bench: Any) -> None:
    with pytest.raises(Expired):
        await complete(await bench.silent(), CHAT, max_tokens=40, deadline=soon(-1))


async def test_cancelling_the_reader_frees_the_slot(bench: Any) -> None:
    model = await bench.silent()
    reader = asyncio.ensure_future(complete(model, bench.long_prompt(), max_tokens=40, deadline=soon()))
    done, _ = await asyncio.wait({reader}, timeout=0.2)
    assert not done
    reader.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reader
    await bench.freed()
    assert (await complete(model, CHAT, max_tokens=40, deadline=soon())).text


async def test_leaving_in_mid_stream_frees_the_slot(bench: Any) -> None:
    model = await bench.answering()
    async with aclosing(model.stream(CHAT, max_tokens=40, deadline=soon())) as items:
        async for item in items:
            assert isinstance(item, Delta)
            break
    assert (await complete(model, CHAT, max_tokens=40, deadline=soon())).text


async def test_a_full_engine_is_busy_and_says_when_to_come_back(bench: Any) -> None:
    with pytest.raises(ModelBusy) as caught:
        await read(await bench.busy())
    assert caught.value.retry_after is not None
    assert caught.value.retry_after >= timedelta(seconds=5)


async def test_an_engine_that_is_away_is_unavailable(bench: Any) -> None:
    model = await bench.away()
    with pytest.raises(ModelUnavailable):
        await read(model)
    with pytest.raises(Transient):
        await model.check()


async def test_the_same_seed_gives_the_same_answer(bench: Any) -> None:
    model = await bench.answering()
    first = await complete(model, CHAT, max_tokens=40, seed=7, temperature=0.8, deadline=soon())
    again = await complete(model, CHAT, max_tokens=40, seed=7, temperature=0.8, deadline=soon())
    assert first.text == again.text
