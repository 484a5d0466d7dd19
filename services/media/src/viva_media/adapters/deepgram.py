"""`SpeechToText` on Deepgram's streaming API, by its SDK.

What the SDK leaves to its user is done here: keep-alive (Deepgram hangs up after 10 s without sound), a Finalize at
each utterance's end and the wait for its answer, its stream clock mapped to places of the answer, statuses told apart.
It does not reconnect: a failed stream raises, and whoever holds the sound opens another and feeds again what is owed.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from contextlib import AsyncExitStack, suppress
from functools import cache, partial
from typing import Any

import deepgram.listen.v1.client
import websockets.exceptions
from deepgram import AsyncDeepgramClient, DeepgramClientEnvironment
from deepgram.core.api_error import ApiError
from deepgram.listen.v1.socket_client import AsyncV1SocketClient
from viva_core.errors import Permanent, Refused, Transient, VivaError

from viva_media.adapters.deepgram_results import Stream, refusal
from viva_media.domain.audio import RATE, Chunk
from viva_media.domain.ports import Final, Partial, SpeechModel

_COVERED_AFTER = 0.4  # seconds: by then a Finalize that has something to answer is answered
_BAD_SOUND = 1008  # the close code for sound that it cannot decode


class Deepgram:
    """One account; each interview has a stream of its own."""

    def __init__(
        self,
        api_key: str,
        *,
        url: str = "wss://api.deepgram.com",
        model: str = "nova-2",
        languages: tuple[str, ...] = ("en", "ko"),
        connect_timeout: float = 5.0,
        answer_timeout: float = 4.0,
        keep_alive: float = 4.0,
    ) -> None:
        """Times in seconds. `answer_timeout`: from an utterance's end to its words; then the stream is given up."""
        _do_not_compress()
        http = url.replace("ws", "http", 1)
        self._client = AsyncDeepgramClient(
            api_key=api_key,
            environment=DeepgramClientEnvironment(base=http, production=url, agent=url, agent_rest=http),
        )
        self._connect_timeout = connect_timeout
        self._answer_timeout = answer_timeout
        self._keep_alive = keep_alive
        self.model = SpeechModel(model, "deepgram", languages)

    async def open(self, language: str) -> "DeepgramTranscription":
        """Connect. Raises Refused, Transient or Permanent."""
        if language not in self.model.languages:
            raise Refused(
                f"{self.model.id} is not set up for this language: type the answers, or name a model that speaks it "
                "(VIVA_DEEPGRAM_MODEL, VIVA_DEEPGRAM_LANGUAGES)",
                reason="LANGUAGE_NOT_SPOKEN",
            )
        stack = AsyncExitStack()
        try:
            async with asyncio.timeout(self._connect_timeout):
                socket = await stack.enter_async_context(
                    self._client.listen.v1.connect(
                        model=self.model.id,
                        language=language,
                        encoding="linear16",
                        sample_rate=RATE,
                        channels=1,
                        interim_results="true",
                        punctuate="true",
                        smart_format="true",
                        endpointing="300",
                        utterance_end_ms="1000",
                        vad_events="true",
                    )
                )
        except ApiError as error:  # it carries the key in its headers: neither chained nor logged
            raise refusal(error.status_code) from None
        except (OSError, TimeoutError, websockets.exceptions.WebSocketException) as error:
            raise Transient("the speech engine cannot be reached", reason="ENGINE_AWAY") from error
        return DeepgramTranscription(socket, stack, keep_alive=self._keep_alive, answer_timeout=self._answer_timeout)

    async def aclose(self) -> None:
        """Nothing is held between streams."""


class DeepgramTranscription:
    """One stream."""

    def __init__(
        self, socket: AsyncV1SocketClient, stack: AsyncExitStack, *, keep_alive: float, answer_timeout: float
    ) -> None:
        self._socket = socket
        self._stack = stack
        self._keep_alive = keep_alive
        self._answer_timeout = answer_timeout
        self._stream = Stream()
        self._results: asyncio.Queue[Partial | Final | VivaError | None] = asyncio.Queue()
        self._heard_from_us = asyncio.Event()
        self._closing = False
        self._tasks = [asyncio.create_task(self._read()), asyncio.create_task(self._tend())]

    async def feed(self, chunk: Chunk) -> None:
        """More of the utterance under way."""
        self._stream.fed(chunk)
        self._heard_from_us.set()
        await self._send(self._socket.send_media(chunk.pcm.tobytes()))

    async def paused(self, end: int) -> None:
        """Nothing to do: it writes while it hears."""

    async def end_utterance(self, end: int) -> None:
        """Ask for the words of what was fed."""
        utterance = self._stream.ended(end)
        if utterance is None:
            return
        self._heard_from_us.set()
        await self._send(self._socket.send_finalize())
        self._check_covered()
        asyncio.get_running_loop().call_later(self._answer_timeout, self._overdue, utterance)

    async def results(self) -> AsyncIterator[Partial | Final]:
        """Partials and finals until `aclose`, or until the stream fails."""
        while (result := await self._results.get()) is not None:
            if isinstance(result, VivaError):
                raise result
            yield result

    async def aclose(self) -> None:
        """Say goodbye and hang up."""
        if self._closing:
            return
        self._closing = True
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        with suppress(OSError, TimeoutError, websockets.exceptions.WebSocketException):
            async with asyncio.timeout(1.0):
                await self._socket.send_close_stream()
        with suppress(OSError, TimeoutError, websockets.exceptions.WebSocketException):
            async with asyncio.timeout(2.0):
                await self._stack.aclose()
        self._results.put_nowait(None)

    async def _send(self, sending: Awaitable[None]) -> None:
        try:
            await sending
        except (OSError, websockets.exceptions.WebSocketException) as error:
            raise _broken(error) from error

    async def _read(self) -> None:
        try:
            async for message in self._socket:
                self._take(message)
            failure: VivaError = Transient("the speech engine hung up", reason="ENGINE_HUNG_UP")
        except VivaError as error:
            failure = error
        except (OSError, ValueError, websockets.exceptions.WebSocketException) as error:
            failure = _broken(error)
        if not self._closing:
            self._results.put_nowait(failure)

    def _take(self, message: object) -> None:
        match getattr(message, "type", None):
            case "Results":
                for result in self._stream.take(message):
                    self._results.put_nowait(result)
                self._check_covered()
            case "Error":
                raise Transient("the speech engine reported an error", reason="ENGINE_ERROR")
            case _:  # SpeechStarted, UtteranceEnd, Metadata: our own voice activity decides
                pass

    async def _tend(self) -> None:
        """Keep the line open through silence."""
        while True:
            self._heard_from_us.clear()
            try:
                async with asyncio.timeout(self._keep_alive):
                    await self._heard_from_us.wait()
            except TimeoutError:
                with suppress(Transient, Permanent):  # the reader tells of a broken line
                    await self._send(self._socket.send_keep_alive())

    def _check_covered(self) -> None:
        utterance = self._stream.covered_one()
        if utterance is not None:
            asyncio.get_running_loop().call_later(_COVERED_AFTER, self._covered, utterance)

    def _covered(self, utterance: object) -> None:
        if not self._closing and (final := self._stream.covered(utterance)) is not None:
            self._results.put_nowait(final)

    def _overdue(self, utterance: object) -> None:
        if not self._closing and self._stream.owes(utterance):
            silent = Transient("the speech engine took sound and gave no answer", reason="ENGINE_SILENT")
            self._results.put_nowait(silent)


@cache
def _do_not_compress() -> None:
    """Sound gets no smaller, and trying is a tenth of what an utterance costs us. The SDK has no setting for it."""
    module: Any = deepgram.listen.v1.client
    module.websockets_client_connect = partial(module.websockets_client_connect, compression=None)


def _broken(error: Exception) -> VivaError:
    if isinstance(error, websockets.exceptions.ConnectionClosed):
        if error.rcvd is not None and error.rcvd.code == _BAD_SOUND:
            return Permanent("the speech engine cannot read the sound", reason="ENGINE_REFUSED")
        return Transient("the speech engine hung up", reason="ENGINE_HUNG_UP")
    return Transient("the line to the speech engine broke", reason="ENGINE_AWAY")
