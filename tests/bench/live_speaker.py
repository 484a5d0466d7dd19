"""Says questions as question_gen does, and notes when the engine yielded each one's tokens.

`python -m tests.bench.live_speaker TENANT INTERVIEW RAW_INTERVIEW SAMPLES`: odd samples go the product's way
(generator, delta, bus), even ones as bare bytes over nats-py. Ends by itself; reports `[kind, turn, first token,
token]`, the times in nanoseconds of the monotonic clock. `token` is the one whose arrival made the first delta.
"""

import asyncio
import sys
import time
import uuid
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from contextlib import aclosing
from pathlib import Path
from typing import Any

from viva_core.bus import Bus
from viva_core.bus.subjects import live_subject
from viva_core.health import Health
from viva_core.models import Completion, Delta, Message, ModelInfo, llama_cpp
from viva_core.models.catalogue import catalogue
from viva_core.models.llama_engine import Engine
from viva_core.models.port import Schema
from viva_core.settings import NatsSettings, ServiceSettings, load
from viva_core.telemetry.metrics import new_registry
from viva_question_gen.adapters.prompts import load_prompts
from viva_question_gen.generator import Generator, Made
from viva_question_gen.translate import context_of, delta_message

from tests.bench import processes
from tests.bench.payload import command

_PIECES = 4  # of each question; what follows the first delta is not measured
_THREADS = 1  # half of two cores, as `viva up` gives each of its two models


class _Settings(NatsSettings, ServiceSettings):
    """Where the bus is, and the model's file."""

    model_file: Path


class TimedEngine(Engine):
    """Notes when each token with text in it came out of llama.cpp, on the engine's own thread."""

    stamps: list[int]

    def write(
        self, *, grammar: str | None, max_tokens: int, seed: int, temperature: float, stopped: Callable[[], bool]
    ) -> Iterator[str]:
        """As the engine does."""
        self.stamps.clear()
        for text in super().write(
            grammar=grammar, max_tokens=max_tokens, seed=seed, temperature=temperature, stopped=stopped
        ):
            if text:
                self.stamps.append(time.monotonic_ns())
            yield text


class CountedModel:
    """The adapter, counting the deltas it has handed out."""

    def __init__(self, model: llama_cpp.LlamaCpp) -> None:
        self._model = model
        self.info: ModelInfo = model.info
        self.given = 0

    async def stream(
        self,
        messages: Sequence[Message],
        *,
        schema: Schema | None = None,
        max_tokens: int,
        seed: int = 0,
        temperature: float = 0.0,
        deadline: float,
    ) -> AsyncGenerator[Delta | Completion, None]:
        """As the adapter does."""
        self.given = 0
        stream = self._model.stream(
            messages, schema=schema, max_tokens=max_tokens, seed=seed, temperature=temperature, deadline=deadline
        )
        async with aclosing(stream):
            async for item in stream:
                self.given += isinstance(item, Delta)
                yield item

    async def check(self) -> None:
        """As the adapter does."""
        await self._model.check()

    async def aclose(self) -> None:
        """As the adapter does."""
        await self._model.aclose()


async def main(tenant: str, interview: str, raw_interview: str, samples: int) -> None:
    """Say so many questions each way."""
    settings = load(_Settings)
    stamps: list[int] = []
    TimedEngine.stamps = stamps
    setattr(llama_cpp, "Engine", TimedEngine)  # noqa: B010  # the one place where a token can be seen first
    info = catalogue().get("smollm2-135m-instruct").info()
    adapter = llama_cpp.LlamaCpp(settings.model_file, info, threads=_THREADS)
    await adapter.loaded()
    model = CountedModel(adapter)
    generator = Generator(model, load_prompts())
    bus = await Bus.connect(settings, source="question-gen", health=Health(), registry=new_registry())
    subject, raw_subject = (live_subject(tenant, each, "question") for each in (interview, raw_interview))
    said: list[Any] = []
    processes.say_ready()
    for number in range(2 * samples + 2):
        turn, raw = str(uuid.uuid4()), number % 2 == 0
        request = command()
        request.turn_id, request.seed = turn, number
        pieces = 0
        async with aclosing(generator.generate(context_of(request), time.monotonic() + 60)) as parts:
            async for part in parts:
                if isinstance(part, Made):
                    break
                delta = delta_message(turn, part)
                if raw:
                    await bus.client.publish(raw_subject, delta.SerializeToString())
                else:
                    await bus.publish_live(subject, delta)
                pieces += 1
                if pieces == 1 and number > 1:  # the first of each way warms up
                    said.append(["raw" if raw else "ours", turn, stamps[0], stamps[model.given - 1]])
                if pieces == _PIECES:
                    break
        await adapter.idle()
    await bus.close()
    await model.aclose()
    processes.report(said)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])))
