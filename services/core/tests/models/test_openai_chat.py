"""What OpenAIChat makes of what a real vLLM answered (0.32.0 on CPU; chat_stream_aborted and chat_stream_cached: 0.22.0
on a GPU), and of its bad days."""

import asyncio
import json
import time
from contextlib import aclosing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from viva_core.errors import Invalid, Transient
from viva_core.models import (
    Delta,
    Message,
    ModelBusy,
    ModelUnavailable,
    PromptTooLong,
    Usage,
    complete,
)
from viva_core.models.openai_chat import OpenAIChat
from viva_core.models.openai_wire import retry_after
from viva_testkit.models import SCRIPTED
from viva_testkit.vllm import Play, recording

RECORDINGS = Path(__file__).parent / "recordings"
CHAT = (
    Message("system", "You are an interviewer. Ask one short interview question."),
    Message("user", "Position: backend engineer (Python, 3 years). Ask about databases."),
)


def recorded(name: str) -> Play:
    return recording(RECORDINGS / f"{name}.json")


def soon(seconds: float = 120.0) -> float:
    return time.monotonic() + seconds


def events(*chunks: Any) -> Play:
    body = b"".join(b"data: " + json.dumps(chunk, ensure_ascii=False).encode() + b"\n\n" for chunk in chunks)
    headers = {"content-type": "text/event-stream; charset=utf-8", "transfer-encoding": "chunked"}
    return Play(200, headers, body + b"data: [DONE]\n\n")


async def test_the_recorded_stream_word_for_word(vllm: Any) -> None:
    model = await vllm.play(recorded("chat_stream"))
    completion = await complete(model, CHAT, max_tokens=40, seed=7, deadline=soon())
    assert completion.text.startswith("I'm a 3-year veteran")
    assert completion.finish_reason == "length"
    assert completion.usage == Usage(41, 0, 40)


async def test_asks_as_the_recording_was_asked(vllm: Any) -> None:
    model = await vllm.play(recorded("chat_stream"))
    await complete(model, CHAT, max_tokens=40, seed=7, deadline=soon())
    (request,) = vllm.server.requests
    asked = json.loads((RECORDINGS / "chat_stream.json").read_text())["request"]
    assert request.path == asked["path"]
    assert request.headers["authorization"] == asked["headers"]["Authorization"]
    assert request.body == asked["body"]


async def test_a_schema_goes_into_response_format(vllm: Any) -> None:
    asked = json.loads((RECORDINGS / "json_schema_stream.json").read_text())["request"]["body"]["response_format"]
    model = await vllm.play(recorded("json_schema_stream"))
    schema = asked["json_schema"]["schema"]
    await complete(model, CHAT, schema=schema, max_tokens=120, deadline=soon())
    sent = vllm.server.requests[0].body["response_format"]
    assert sent["type"] == "json_schema"
    assert sent["json_schema"]["schema"] == schema
    assert sent["json_schema"]["strict"] is True


async def test_a_whole_answer_of_a_proxy_that_does_not_stream(vllm: Any) -> None:
    model = await vllm.play(recorded("json_schema_truncated"))
    completion = await complete(model, CHAT, max_tokens=6, deadline=soon())
    assert (completion.text, completion.finish_reason) == ('{\n  "quest', "length")


@pytest.mark.parametrize(
    ("name", "error", "reason"),
    [
        ("err_context_overflow", PromptTooLong, "PROMPT_TOO_LONG"),
        ("err_max_tokens_too_large", PromptTooLong, "PROMPT_TOO_LONG"),
        ("err_bad_schema", Invalid, "SCHEMA_NOT_SUPPORTED"),
        ("err_bad_json_body", Invalid, "MODEL_REQUEST_REFUSED"),
        ("err_no_auth", ModelUnavailable, "MODEL_KEY_REFUSED"),
        ("err_unknown_model", ModelUnavailable, "MODEL_UNKNOWN"),
    ],
)
async def test_recorded_refusals(vllm: Any, name: str, error: type[Exception], reason: str) -> None:
    model = await vllm.play(recorded(name))
    with pytest.raises(error) as caught:
        await complete(model, CHAT, max_tokens=5, deadline=soon())
    assert caught.value.reason == reason  # type: ignore[attr-defined] # every VivaError has one


@pytest.mark.parametrize(("status", "error"), [(429, ModelBusy), (503, ModelUnavailable)])
async def test_retry_after_is_handed_on(vllm: Any, status: int, error: type[Transient]) -> None:
    model = await vllm.play(Play(status, {"retry-after": "7"}, b'{"error":{"message":"overloaded"}}'))
    with pytest.raises(error) as caught:
        await complete(model, CHAT, max_tokens=5, deadline=soon())
    assert caught.value.retry_after == timedelta(seconds=7)


def test_retry_after_as_a_date_and_as_rubbish() -> None:
    later = retry_after(format_datetime(datetime.now(UTC) + timedelta(seconds=60), usegmt=True))
    assert later is not None
    assert timedelta(seconds=50) < later <= timedelta(seconds=60)
    assert retry_after("soon") is None
    assert retry_after(None) is None
    assert retry_after("-3") == timedelta(0)


async def test_a_connection_cut_in_mid_stream_is_transient(vllm: Any) -> None:
    model = await vllm.play(recorded("chat_stream").cut(after=9))
    async with aclosing(model.stream(CHAT, max_tokens=40, deadline=soon())) as items:
        assert isinstance(await anext(items), Delta)
        with pytest.raises(ModelUnavailable) as caught:
            _ = [item async for item in items]
    assert caught.value.reason == "MODEL_STREAM_CUT"


async def test_a_stream_that_ends_politely_without_done_is_cut_too(vllm: Any) -> None:
    play = recorded("chat_stream")
    model = await vllm.play(replace(play, body=play.body.removesuffix(b"data: [DONE]\n\n")))
    with pytest.raises(ModelUnavailable, match="broke off"):
        await complete(model, CHAT, max_tokens=40, deadline=soon())


async def test_an_error_in_mid_stream(vllm: Any) -> None:
    broken = events({"choices": [{"delta": {"content": "W"}}]}, {"error": {"message": "dead", "code": 500}})
    with pytest.raises(ModelUnavailable):
        await complete(await vllm.play(broken), CHAT, max_tokens=40, deadline=soon())


@pytest.mark.parametrize("rubbish", [b"data: {nonsense\n\n", b"data: 7\n\n", b'data: {"choices": [7]}\n\n'])
async def test_rubbish_is_transient(vllm: Any, rubbish: bytes) -> None:
    model = await vllm.play(replace(recorded("chat_stream"), body=rubbish))
    with pytest.raises(ModelUnavailable) as caught:
        await complete(model, CHAT, max_tokens=40, deadline=soon())
    assert caught.value.reason == "MODEL_GARBLED"


async def test_line_separators_inside_a_text_are_text(vllm: Any) -> None:
    text = "one\u2028two\x85세 줄"
    play = events({"choices": [{"delta": {"content": text}, "finish_reason": "stop"}]})
    assert (await complete(await vllm.play(play), CHAT, max_tokens=40, deadline=soon())).text == text


async def test_cached_prompt_tokens_are_told(vllm: Any) -> None:
    model = await vllm.play(recorded("chat_stream_cached"))
    assert (await complete(model, CHAT, max_tokens=4, deadline=soon())).usage == Usage(1279, 1264, 4)


async def test_an_answer_that_the_server_breaks_off_as_it_ends_is_cut(vllm: Any) -> None:
    model = await vllm.play(recorded("chat_stream_aborted"))
    with pytest.raises(ModelUnavailable) as caught:
        await complete(model, CHAT, max_tokens=1900, deadline=soon())
    assert caught.value.reason == "MODEL_STREAM_CUT"


async def test_a_connection_that_a_refusal_closed_costs_no_answer(vllm: Any) -> None:
    model = await vllm.play(recorded("err_context_overflow").ends_connection(), recorded("chat_stream"))
    with pytest.raises(PromptTooLong):
        await complete(model, CHAT, max_tokens=40, deadline=soon())
    assert (await complete(model, CHAT, max_tokens=40, deadline=soon())).text.startswith("I'm a 3-year veteran")


async def test_a_connection_closed_after_a_check_does_not_fail_the_next(vllm: Any) -> None:
    model = await vllm.play()
    vllm.server.models = recorded("models").ends_connection()
    await model.check()
    await model.check()


async def test_nobody_listening_is_unavailable_at_once() -> None:
    model = OpenAIChat("http://127.0.0.1:9/v1", "question-gen", SCRIPTED)
    started = time.monotonic()
    with pytest.raises(ModelUnavailable, match="cannot be reached"):
        await complete(model, CHAT, max_tokens=4, deadline=soon())
    with pytest.raises(ModelUnavailable):
        await model.check()
    assert time.monotonic() - started < 1
    await model.aclose()


async def test_check_finds_the_model_and_learns_its_context(vllm: Any) -> None:
    model = await vllm.play()
    await model.check()
    assert model.info.context_tokens == 2048


async def test_check_names_what_is_served_instead(vllm: Any) -> None:
    await vllm.play()
    model = OpenAIChat(vllm.server.url, "llama", SCRIPTED)
    with pytest.raises(ModelUnavailable, match="question-gen"):
        await model.check()
    await model.aclose()


async def test_closing_ends_open_streams(vllm: Any) -> None:
    model = await vllm.play(recorded("chat_stream").slow(asyncio.Event()))
    reader = asyncio.ensure_future(complete(model, CHAT, max_tokens=4, deadline=soon()))
    await asyncio.wait({reader}, timeout=0.1)
    await model.aclose()
    with pytest.raises(ModelUnavailable):
        await reader
    with pytest.raises(ModelUnavailable):
        await complete(model, CHAT, max_tokens=4, deadline=soon())
