"""The port through which Viva speaks to a language model, whichever engine runs it.

Invariants that every adapter keeps, held by one behaviour suite over all of them:

- a stream is any number of `Delta`s, then exactly one `Completion`, whose `text` is the deltas joined;
- the deadline holds from the call on, waiting for a free slot and reading the prompt included: past it the stream
  raises `Expired`;
- closing the stream (`aclose`, or cancelling the task that reads it) frees the engine's slot at once. `async for` alone
  does not close what it leaves early: read through `contextlib.aclosing`, or by `complete`;
- with a `schema`, a completion that ended by itself is one JSON text of that schema; `finish_reason` "length" says that
  it was cut, and then it is no JSON.
"""

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from viva_core.errors import Exhausted, Invalid, Transient

Engine = Literal["vllm", "llama.cpp", "onnx", "deepface"]

Schema = Mapping[str, Any]
"""A JSON Schema; the order of `properties` is the order in which the model writes them."""


@dataclass(frozen=True)
class Message:
    """One message of a chat. Its content is text only: nothing in it can pass for the marks of the chat template."""

    role: Literal["system", "user", "assistant"]
    content: str


@dataclass(frozen=True)
class Delta:
    """What the model said since the last delta; never empty, never half a character."""

    text: str


@dataclass(frozen=True)
class Usage:
    """Tokens. `cached_prompt_tokens` of the prompt were in the engine's cache already; 0 where it does not tell."""

    prompt_tokens: int
    cached_prompt_tokens: int
    completion_tokens: int


@dataclass(frozen=True)
class Completion:
    """The end of a stream. Both durations count from the call, so they include the wait for a free slot."""

    text: str
    finish_reason: Literal["stop", "length"]
    usage: Usage
    first_token_seconds: float
    seconds: float


@dataclass(frozen=True)
class ModelInfo:
    """What is known of a model before it says a word. `judge`: its scores may be shown without the word *demo*."""

    id: str
    engine: Engine
    sha256: str | None
    judge: bool
    context_tokens: int
    languages: tuple[str, ...]
    licence: str


class PromptTooLong(Invalid):
    """The prompt and the answer asked for do not fit into the model's context."""

    reason = "PROMPT_TOO_LONG"


class ModelBusy(Exhausted):
    """Every slot of the engine is taken, and so is the queue before it."""

    reason = "MODEL_BUSY"


class ModelUnavailable(Transient):
    """The engine is away, still loading, refuses us, or was lost in the middle of an answer."""

    reason = "MODEL_UNAVAILABLE"


class TextModel(Protocol):
    """A chat model that streams."""

    @property
    def info(self) -> ModelInfo:
        """Which model this is."""

    def stream(
        self,
        messages: Sequence[Message],
        *,
        schema: Schema | None = None,
        max_tokens: int,
        seed: int = 0,
        temperature: float = 0.0,
        deadline: float,
    ) -> AsyncGenerator[Delta | Completion, None]:
        """Answer `messages`.

        Args:
            messages: the chat, oldest first. What does not change from call to call comes first, so that the engine can
                keep it in its cache.
            schema: constrain the answer to JSON of this schema.
            max_tokens: the answer is cut here, with `finish_reason` "length".
            seed: the same seed, messages and engine give the same answer (as far as the engine's arithmetic repeats).
            temperature: 0 takes the likeliest token each time.
            deadline: `time.monotonic()` seconds.

        Raises:
            PromptTooLong: the context cannot hold the prompt and `max_tokens`.
            Invalid: the engine cannot constrain to this schema.
            ModelBusy: too many wait already.
            ModelUnavailable: the engine cannot answer now, or was lost in mid-answer.
            Expired: the deadline passed first.
        """

    async def check(self) -> None:
        """Return if the engine can serve this model now; raise `Transient` if it cannot."""

    async def aclose(self) -> None:
        """Give back what the engine holds. Streams still open end with `ModelUnavailable`."""


async def complete(
    model: TextModel,
    messages: Sequence[Message],
    *,
    schema: Schema | None = None,
    max_tokens: int,
    seed: int = 0,
    temperature: float = 0.0,
    deadline: float,
) -> Completion:
    """Read a stream to its end and return the `Completion`; arguments and errors are those of `TextModel.stream`."""
    stream = model.stream(
        messages, schema=schema, max_tokens=max_tokens, seed=seed, temperature=temperature, deadline=deadline
    )
    async with aclosing(stream) as items:
        async for item in items:
            if isinstance(item, Completion):
                return item
    raise ModelUnavailable("The model's answer broke off.", reason="MODEL_STREAM_CUT")
