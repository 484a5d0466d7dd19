"""One bench an adapter: each can put its model into the situations that the behaviour suite asks about."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Protocol

import pytest
from viva_core.models import Message, ModelBusy, ModelUnavailable, TextModel
from viva_core.models.catalogue import catalogue
from viva_core.models.llama_cpp import LlamaCpp
from viva_core.models.openai_chat import OpenAIChat
from viva_testkit.models import SCRIPTED, Hang, ScriptedModel
from viva_testkit.vllm import Play, VllmServer, recording

RECORDINGS = Path(__file__).parent / "recordings"
CHAT = (
    Message("system", "You are an interviewer. Ask one short interview question."),
    Message("user", "Position: backend engineer (Python, 3 years). Ask about databases."),
)


class Bench(Protocol):
    """What the behaviour suite needs of an adapter's surroundings."""

    async def answering(self) -> TextModel:
        """Says some free text, a few times over."""

    async def schema(self) -> TextModel:
        """Answers a call with QUESTION as schema."""

    async def limited(self) -> TextModel:
        """Has a context of 2,048 tokens."""

    async def cut_by_length(self) -> TextModel:
        """Answers a call with QUESTION and so few tokens that the JSON is cut."""

    async def silent(self) -> TextModel:
        """Does not come to its first token for a long while; the call after that is answered."""

    async def freed(self) -> None:
        """Return once the engine works no more on a call that was left."""

    async def busy(self) -> TextModel:
        """Takes no more calls."""

    async def away(self) -> TextModel:
        """Cannot serve."""

    def long_prompt(self) -> tuple[Message, ...]:
        """What to ask `silent`."""


class ScriptedBench:
    """ScriptedModel."""

    def __init__(self, stack: AsyncExitStack) -> None:
        self._model = ScriptedModel()

    def _play(self, *scripts: object, **more: object) -> ScriptedModel:
        self._model = ScriptedModel(scripts, info=replace(SCRIPTED, context_tokens=2048), **more)  # type: ignore[arg-type]
        return self._model

    async def answering(self) -> TextModel:
        return self._play("What did you learn from your last outage?", repeat=True)

    async def schema(self) -> TextModel:
        return self._play('{"question": "Why an index?", "competency": "technical"}')

    async def limited(self) -> TextModel:
        return self._play("never said")

    async def cut_by_length(self) -> TextModel:
        return self._play('{"question": "Why did you choose a B-tree there?", "competency": "technical"}')

    async def silent(self) -> TextModel:
        return self._play(Hang(), "Here I am.")

    async def freed(self) -> None:
        assert self._model.active == 0

    async def busy(self) -> TextModel:
        return self._play(ModelBusy("busy", retry_after=timedelta(seconds=7)))

    async def away(self) -> TextModel:
        error = ModelUnavailable("away", retry_after=timedelta(seconds=7))
        return self._play(error, unavailable=error)

    def long_prompt(self) -> tuple[Message, ...]:
        return CHAT


class VllmBench:
    """OpenAIChat before a server that replays what vLLM 0.32.0 answered."""

    def __init__(self, stack: AsyncExitStack) -> None:
        self._stack = stack
        self.server = VllmServer()

    async def play(self, *plays: Play) -> OpenAIChat:
        self.server = VllmServer(*plays, models=recording(RECORDINGS / "models.json"))
        await self.server.start()
        self._stack.push_async_callback(self.server.stop)
        info = catalogue().get("qwen2.5-7b-instruct").info()
        model = OpenAIChat(self.server.url, "question-gen", info, api_key="test-key")
        self._stack.push_async_callback(model.aclose)
        return model

    async def answering(self) -> TextModel:
        return await self.play(*[recording(RECORDINGS / "chat_stream.json")] * 3)

    async def schema(self) -> TextModel:
        return await self.play(recording(RECORDINGS / "json_schema_stream.json"))

    async def limited(self) -> TextModel:
        return await self.play(recording(RECORDINGS / "err_stream_context_overflow.json"))

    async def cut_by_length(self) -> TextModel:
        return await self.play(recording(RECORDINGS / "json_schema_truncated.json"))

    async def silent(self) -> TextModel:
        answer = recording(RECORDINGS / "chat_stream.json")
        return await self.play(answer.slow(asyncio.Event()), answer)

    async def freed(self) -> None:
        await self.server.left.wait()

    async def busy(self) -> TextModel:
        return await self.play(Play(429, {"retry-after": "7", "content-type": "application/json"}, b"{}"))

    async def away(self) -> TextModel:
        model = await self.play(Play(503, {"retry-after": "7"}))
        self.server.models = Play(503)
        return model

    def long_prompt(self) -> tuple[Message, ...]:
        return CHAT


class LlamaBench:
    """LlamaCpp with the small real model."""

    def __init__(self, stack: AsyncExitStack, path: Path) -> None:
        self._stack = stack
        self._path = path
        self._model: LlamaCpp | None = None

    async def load(self, path: Path | None = None, **more: int) -> LlamaCpp:
        info = catalogue().get("smollm2-135m-instruct").info()
        model = self._model = LlamaCpp(path or self._path, info, **{"context": 2048, "threads": 1, **more})
        self._stack.push_async_callback(model.aclose)
        return model

    async def answering(self) -> TextModel:
        return await self.load()

    async def schema(self) -> TextModel:
        return await self.load()

    async def limited(self) -> TextModel:
        return await self.load()

    async def cut_by_length(self) -> TextModel:
        return await self.load()

    async def silent(self) -> TextModel:
        model = await self.load(context=8192)
        await model.loaded()
        return model

    async def freed(self) -> None:
        assert self._model is not None
        await self._model.idle()

    async def busy(self) -> TextModel:
        return await self.load(queue=0)

    async def away(self) -> TextModel:
        return await self.load(Path("/nowhere/model.gguf"))

    def long_prompt(self) -> tuple[Message, ...]:
        return (Message("user", "word " * 7000),)


@pytest.fixture
async def exits() -> AsyncIterator[AsyncExitStack]:
    async with AsyncExitStack() as exits:
        yield exits


@pytest.fixture
def vllm(exits: AsyncExitStack) -> VllmBench:
    return VllmBench(exits)


@pytest.fixture
def llama(exits: AsyncExitStack, small_model_path: Path) -> LlamaBench:
    return LlamaBench(exits, small_model_path)


@pytest.fixture(params=["scripted", "vllm", pytest.param("llama", marks=pytest.mark.model)])
def bench(request: pytest.FixtureRequest, exits: AsyncExitStack) -> Bench:
    make: dict[str, Callable[[], Bench]] = {
        "scripted": lambda: ScriptedBench(exits),
        "vllm": lambda: request.getfixturevalue("vllm"),
        "llama": lambda: request.getfixturevalue("llama"),
    }
    return make[request.param]()
