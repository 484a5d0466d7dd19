"""A language model for tests that says what its script says, and the small real one.

`ScriptedModel` keeps the promises of `viva_core.models.port` (the behaviour suite of viva_core runs over it too). It
plays one script a call, in order:

- `"text"` or `Say("text")`: streamed in pieces of a word; cut at `max_tokens` pieces, as an engine does;
- an exception or `Fail(error, after="said so far")`;
- `Hang(after="…")`: falls silent until the deadline, the cancellation or `gate`;
- `Babble("la ")`: never ends by itself;
- a function of the `Call` that returns one of these: for models that obey what they read.
"""

import asyncio
import re
import time
from collections.abc import AsyncGenerator, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import pytest
from viva_core.errors import Expired
from viva_core.models.catalogue import catalogue
from viva_core.models.download import pull
from viva_core.models.port import Completion, Delta, Message, ModelInfo, PromptTooLong, Schema, Usage
from viva_core.models.settings import default_folder

SCRIPTED = ModelInfo(
    id="scripted",
    engine="llama.cpp",
    sha256=None,
    judge=True,
    context_tokens=4096,
    languages=("en", "ko"),
    licence="Apache-2.0",
)
"""The default `ModelInfo`; use `dataclasses.replace` for another."""


@dataclass(frozen=True)
class Call:
    """What a test's subject asked of the model."""

    messages: tuple[Message, ...]
    schema: Schema | None
    max_tokens: int
    seed: int
    temperature: float
    deadline: float

    @property
    def prompt(self) -> str:
        """All contents, a blank line between them."""
        return "\n\n".join(message.content for message in self.messages)


@dataclass(frozen=True)
class Say:
    """Say `text`, in `pieces` if given. With a `gate`, wait for it before the first piece."""

    text: str
    pieces: tuple[str, ...] | None = None
    finish_reason: Literal["stop", "length"] = "stop"
    gate: asyncio.Event | None = None


@dataclass(frozen=True)
class Fail:
    """Say `after`, then raise `error`."""

    error: Exception
    after: str = ""


@dataclass(frozen=True)
class Hang:
    """Say `after`, then nothing, until the deadline or until `gate` is set (then end)."""

    after: str = ""
    gate: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass(frozen=True)
class Babble:
    """Say `piece` again and again, up to `max_tokens`."""

    piece: str = "word "


Script = str | Exception | Say | Fail | Hang | Babble
Play = Script | Callable[[Call], Script]


def words(text: str) -> tuple[str, ...]:
    """`text` in pieces of a word with the space after it; joined they give `text`."""
    return tuple(re.findall(r"\s*\S+\s?|\s+", text))


class ScriptedModel:
    """Plays one script a call and records the calls.

    Args:
        scripts: one a call. A call beyond the last is a mistake of the test and raises AssertionError, unless `repeat`.
        info: which model to pass for.
        repeat: play the last script for every further call.
        unavailable: what `check` raises, if anything.
    """

    def __init__(
        self,
        scripts: Iterable[Play] = (),
        *,
        info: ModelInfo = SCRIPTED,
        repeat: bool = False,
        unavailable: Exception | None = None,
    ) -> None:
        self.info = info
        self.scripts: list[Play] = list(scripts)
        self.calls: list[Call] = []
        self.active = 0
        self.closed = False
        self.unavailable = unavailable
        self._repeat = repeat

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
        """Play the next script."""
        call = Call(tuple(messages), schema, max_tokens, seed, temperature, deadline)
        self.calls.append(call)
        prompt_tokens = len(words(call.prompt))
        if prompt_tokens + max_tokens > self.info.context_tokens:
            raise PromptTooLong(f"{prompt_tokens} + {max_tokens} tokens exceed {self.info.context_tokens}.")
        script = self._next(call)
        started = time.monotonic()
        first: float | None = None
        said: list[str] = []
        self.active += 1
        try:
            if isinstance(script, Say) and script.gate is not None:
                await self._wait(script.gate, deadline)
            for piece in self._pieces(script, max_tokens):
                await asyncio.sleep(0)
                if time.monotonic() >= deadline:
                    raise Expired("The model's time is up.")
                first = first if first is not None else time.monotonic() - started
                said.append(piece)
                yield Delta(piece)
            if isinstance(script, Fail):
                raise script.error
            if isinstance(script, Hang):
                await self._wait(script.gate, deadline)
            text = "".join(said)
            seconds = time.monotonic() - started
            finish = self._finish_reason(script, text)
            usage = Usage(prompt_tokens, 0, len(said))
            yield Completion(text, finish, usage, first if first is not None else seconds, seconds)
        finally:
            self.active -= 1

    async def check(self) -> None:
        """Raise what the test gave as `unavailable`."""
        if self.unavailable is not None:
            raise self.unavailable

    async def aclose(self) -> None:
        """Remember that it was closed."""
        self.closed = True

    def _next(self, call: Call) -> Say | Fail | Hang | Babble:
        assert self.scripts, "the model was called more often than it has scripts"
        play = self.scripts[0] if self._repeat and len(self.scripts) == 1 else self.scripts.pop(0)
        script = play if isinstance(play, str | Exception | Say | Fail | Hang | Babble) else play(call)
        if isinstance(script, str):
            return Say(script)
        return Fail(script) if isinstance(script, Exception) else script

    @staticmethod
    def _pieces(script: Say | Fail | Hang | Babble, max_tokens: int) -> Sequence[str]:
        match script:
            case Say():
                return (script.pieces if script.pieces is not None else words(script.text))[:max_tokens]
            case Babble():
                return (script.piece,) * max_tokens
            case Fail() | Hang():
                return words(script.after)

    @staticmethod
    def _finish_reason(script: Say | Fail | Hang | Babble, text: str) -> Literal["stop", "length"]:
        match script:
            case Say():
                return script.finish_reason if text == script.text else "length"
            case Babble():
                return "length"
            case Fail() | Hang():
                return "stop"

    @staticmethod
    async def _wait(gate: asyncio.Event, deadline: float) -> None:
        try:
            async with asyncio.timeout(max(0.0, deadline - time.monotonic())):
                await gate.wait()
        except TimeoutError:
            raise Expired("The model's time is up.") from None


@pytest.fixture(scope="session")
def small_model_path() -> Path:
    """SmolLM2-135M-Instruct (98 MB, English): fetched once into the user's cache, checked each session.

    Mark the tests that use it `@pytest.mark.model`.
    """
    return pull(catalogue().get("smollm2-135m-instruct"), default_folder())
