"""`TextModel` by llama.cpp in this process.

One slot: llama.cpp answers one prompt at a time, on a thread of its own, so the event loop (health, heartbeats,
streams) never waits for it. Callers queue for the slot; a short queue, because on a CPU a long one only makes everybody
late.

The deadline is kept by the event loop: when it strikes, or when the reader leaves, the engine is told to abort, which
it does within milliseconds, in the middle of a long prompt too.
"""

import asyncio
import time
from collections.abc import AsyncGenerator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Literal

from viva_core.cores import usable_cores
from viva_core.errors import Expired
from viva_core.models.grammar import gbnf
from viva_core.models.llama_engine import Aborted, Engine
from viva_core.models.port import (
    Completion,
    Delta,
    Message,
    ModelBusy,
    ModelInfo,
    ModelUnavailable,
    PromptTooLong,
    Schema,
    Usage,
)

RETRY_AFTER = timedelta(seconds=5)


class LlamaCpp:
    """A GGUF file, loaded in the background from construction on; `check` says when it is ready.

    Args:
        path: the GGUF file.
        info: which model it is; `context_tokens` is lowered to what was reserved.
        threads: CPU threads; 0 takes every core we may use.
        context: tokens of context to reserve.
        chat_template: Jinja, for a file that carries none.
        queue: how many calls may wait for the slot before `ModelBusy`.
    """

    def __init__(
        self,
        path: Path,
        info: ModelInfo,
        *,
        threads: int = 0,
        context: int = 8192,
        chat_template: str | None = None,
        queue: int = 8,
    ) -> None:
        self.info = replace(info, context_tokens=min(context, info.context_tokens))
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="llama.cpp")
        self._loading = self._thread.submit(
            Engine,
            path,
            threads=threads or usable_cores(),
            context=self.info.context_tokens,
            chat_template=chat_template,
        )
        self._slot = asyncio.Semaphore(1)
        self._queue = queue
        self._waiting = 0
        self._job: _Job | None = None
        self._closed = False

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
        """See `TextModel.stream`."""
        started = time.monotonic()
        grammar = gbnf(schema) if schema is not None else None
        engine = await self._engine_and_slot(deadline)
        engine.rearm()
        job = self._job = _Job(engine, messages, grammar, max_tokens, seed, temperature, started)
        loop = asyncio.get_running_loop()
        loop.run_in_executor(self._thread, job.run).add_done_callback(lambda _: self._free(job))
        timer = loop.call_later(max(0.0, deadline - time.monotonic()), job.expire)
        try:
            while True:
                item = await job.items.get()
                if isinstance(item, Exception):
                    raise item
                yield item
                if isinstance(item, Completion):
                    return
        finally:
            timer.cancel()
            job.stop()

    async def check(self) -> None:
        """Raise ModelUnavailable while the file is being read, if it could not be, and after `aclose`."""
        if self._closed:
            raise ModelUnavailable("The model is closed.")
        if not self._loading.done():
            raise ModelUnavailable(f"{self.info.id} is being loaded.", retry_after=RETRY_AFTER)
        if error := self._loading.exception():
            raise error

    async def loaded(self) -> None:
        """Return once the file is read; raise ModelUnavailable if it cannot be."""
        await asyncio.shield(asyncio.wrap_future(self._loading))

    async def idle(self) -> None:
        """Return once no call holds the slot."""
        async with self._slot:
            pass

    async def aclose(self) -> None:
        """Abort what runs and free the memory."""
        if self._closed:
            return
        self._closed = True
        if self._job is not None:
            self._job.fail(ModelUnavailable("The model is shutting down."))
        with suppress(ModelUnavailable):
            engine = await asyncio.wrap_future(self._loading)
            await asyncio.get_running_loop().run_in_executor(self._thread, engine.close)
        self._thread.shutdown(wait=False)

    async def _engine_and_slot(self, deadline: float) -> Engine:
        """Wait until the model is loaded and the slot is ours, at most until the deadline."""
        if self._closed:
            raise ModelUnavailable("The model is closed.")
        if self._waiting >= self._queue:
            raise ModelBusy(f"{self._waiting} calls wait for {self.info.id} already.", retry_after=RETRY_AFTER)
        self._waiting += 1
        try:
            async with asyncio.timeout(max(0.0, deadline - time.monotonic())):
                engine = await asyncio.shield(asyncio.wrap_future(self._loading))
                await self._slot.acquire()
        except TimeoutError:
            raise Expired(f"{self.info.id} had no free slot before the deadline.") from None
        finally:
            self._waiting -= 1
        if self._closed:
            self._slot.release()
            raise ModelUnavailable("The model is closed.")
        return engine

    def _free(self, job: "_Job") -> None:
        job.done = True
        self._job = None
        self._slot.release()


class _Job:
    """One call on the engine's thread; what it says comes out of `items` on the loop's side."""

    def __init__(
        self,
        engine: Engine,
        messages: Sequence[Message],
        grammar: str | None,
        max_tokens: int,
        seed: int,
        temperature: float,
        started: float,
    ) -> None:
        self.items: asyncio.Queue[Delta | Completion | Exception] = asyncio.Queue()
        self.done = False
        self._stopped = False
        self._said_all = False
        self._loop = asyncio.get_running_loop()
        self._engine = engine
        self._messages = messages
        self._grammar = grammar
        self._max_tokens = max_tokens
        self._seed = seed
        self._temperature = temperature
        self._started = started

    def expire(self) -> None:
        """The deadline has come (on the loop)."""
        self.fail(Expired("The model was too slow: the deadline came first."))

    def fail(self, error: Exception) -> None:
        """End the stream with `error` (on the loop)."""
        self.items.put_nowait(error)
        self.stop()

    def stop(self) -> None:
        """Abort, unless it has ended and the engine may be another's by now (on the loop)."""
        if not (self.done or self._said_all):
            self._stopped = True
            self._engine.abort()

    def run(self) -> None:
        """The call (on the engine's thread)."""
        try:
            self._answer()
        except Aborted:
            pass  # whoever stopped it has said why
        except Exception as error:  # it belongs to the reader of the stream
            self._say(error)

    def _answer(self) -> None:
        prompt = self._engine.prompt(self._messages)
        if len(prompt) + self._max_tokens > self._engine.context:
            raise PromptTooLong(
                f"The prompt has {len(prompt)} tokens; with {self._max_tokens} for the answer it does not fit into the "
                f"{self._engine.context} tokens of context."
            )
        cached = self._engine.read(prompt)
        written: list[str] = []
        first: float | None = None
        tokens = self._engine.write(
            grammar=self._grammar,
            max_tokens=self._max_tokens,
            seed=self._seed,
            temperature=self._temperature,
            stopped=lambda: self._stopped,
        )
        finish: Literal["stop", "length"] = "stop"
        for text in tokens:
            first = first if first is not None else time.monotonic() - self._started
            written.append(text)
            if text:
                self._say(Delta(text))
        if len(written) >= self._max_tokens:
            finish = "length"
        seconds = time.monotonic() - self._started
        usage = Usage(len(prompt), cached, len(written))
        self._say(Completion("".join(written), finish, usage, first if first is not None else seconds, seconds))

    def _say(self, item: Delta | Completion | Exception) -> None:
        self._said_all = not isinstance(item, Delta)
        try:
            self._loop.call_soon_threadsafe(self.items.put_nowait, item)
        except RuntimeError:  # the loop is closed: nobody listens any more
            raise Aborted from None
