"""A server on loopback that speaks Deepgram's /v1/listen as a client sees it: messages, statuses, close codes, moods.

What it "understands" is the caller's: a function from sound to words. The messages have the fields that the service's
own reference gives them: Results with channel, alternatives and metadata; SpeechStarted; UtteranceEnd; Metadata; Error.
"""

import asyncio
import http
import json
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

RATE = 16_000
Heard = tuple[str, float, float, float]
"""Word, start and end in seconds of the sound that was given, confidence."""


@dataclass
class Moods:
    """What goes wrong now; change it at any time."""

    refuse: int = 0
    """Answer the handshake with this status."""
    deaf: bool = False
    """Hear speech and send Results without words."""
    mute: bool = False
    """Take sound and say nothing at all."""
    shuffled: bool = False
    """Send the words of a result out of order."""
    hang_up_after: float = 0.0
    """Close with 1011 after so many seconds of sound in one stream; once."""
    error_after: float = 0.0
    """Send an Error message after so many seconds of sound; once."""
    forgets_finalize: bool = False
    """Send finals by itself and never answer a Finalize with `from_finalize`."""
    idle_limit: float = 10.0
    """Close with 1011 after so many seconds without sound or keep-alive."""


@dataclass
class DeepgramServer:
    """Start it with `async with`; `url` is what a client connects to."""

    transcribe: Callable[[bytes], Sequence[Heard]]
    key: str = "loopback-key"
    moods: Moods = field(default_factory=Moods)
    queries: list[dict[str, str]] = field(default_factory=list)
    keep_alives: int = 0
    streams: int = 0
    sound: float = 0.0
    """Seconds of sound taken in all."""
    url: str = ""
    port: int = 0
    """Where to listen; 0: where the system chooses."""
    _server: Server | None = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def start(self) -> None:
        """Listen; after `stop`, on the same port."""
        self._server = await serve(self._serve, "127.0.0.1", self.port, process_request=self._admit)
        self.port = next(iter(self._server.sockets)).getsockname()[1]
        self.url = f"ws://127.0.0.1:{self.port}"

    async def stop(self) -> None:
        """Hang up on everybody and refuse connections."""
        if self._server is not None:
            self._server.close(close_connections=True)
            await self._server.wait_closed()
            self._server = None

    def _admit(self, connection: ServerConnection, request: Request) -> Response | None:
        if urlsplit(request.path).path != "/v1/listen":
            return connection.respond(http.HTTPStatus.NOT_FOUND, "no such path\n")
        status = self.moods.refuse or (0 if request.headers.get("Authorization") == f"Token {self.key}" else 401)
        if status:
            return connection.respond(http.HTTPStatus(status), json.dumps({"err_code": "REFUSED"}))
        return None

    async def _serve(self, connection: ServerConnection) -> None:
        assert connection.request is not None
        query = parse_qs(urlsplit(connection.request.path).query)
        self.queries.append({name: values[0] for name, values in query.items()})
        self.streams += 1
        with suppress(ConnectionClosed):
            await _Stream(self, connection).run()


class _Stream:
    """One client's stream."""

    def __init__(self, server: DeepgramServer, connection: ServerConnection) -> None:
        self._server = server
        self._connection = connection
        self._sound = bytearray()
        self._final = 0  # bytes that are final
        self._told = 0  # bytes of the last interim
        self._id = str(uuid4())

    async def run(self) -> None:
        while True:
            try:
                async with asyncio.timeout(self._server.moods.idle_limit):
                    message = await self._connection.recv()
            except TimeoutError:
                await self._connection.close(1011, "NET-0001")
                return
            if isinstance(message, bytes):
                await self._hear(message)
                continue
            kind = json.loads(message)["type"]
            if kind == "KeepAlive":
                self._server.keep_alives += 1
            elif kind == "Finalize":
                await self._finalize()
            elif kind == "CloseStream":
                await self._send({"type": "Metadata", "request_id": self._id, "duration": self._seconds, "channels": 1})
                await self._connection.close(1000)
                return

    @property
    def _seconds(self) -> float:
        return len(self._sound) / 2 / RATE

    async def _hear(self, sound: bytes) -> None:
        moods = self._server.moods
        if not self._sound:
            await self._send({"type": "SpeechStarted", "channel": [0, 1], "timestamp": 0.0})
        self._sound += sound
        self._server.sound += len(sound) / 2 / RATE
        if moods.hang_up_after and self._seconds >= moods.hang_up_after:
            moods.hang_up_after = 0.0
            await self._connection.close(1011, "NET-0000")
            return
        if moods.error_after and self._seconds >= moods.error_after:
            moods.error_after = 0.0
            await self._send({"type": "Error", "description": "internal", "message": "internal", "variant": "INTERNAL"})
        if len(self._sound) - self._told >= 2 * RATE:
            self._told = len(self._sound)
            await self._results(final=False)

    async def _finalize(self) -> None:
        if self._server.moods.forgets_finalize:
            await self._results(final=True)
        else:
            await self._results(final=True, from_finalize=True)
        await self._send({"type": "UtteranceEnd", "channel": [0, 1], "last_word_end": self._seconds})

    async def _results(self, *, final: bool, from_finalize: bool = False) -> None:
        moods = self._server.moods
        if moods.mute:
            return
        start = self._final / 2 / RATE
        sound = bytes(self._sound[self._final :])
        said = [] if moods.deaf or not sound else await asyncio.to_thread(self._server.transcribe, sound)
        words = [
            {
                "word": word.strip(".,!?").lower(),
                "punctuated_word": word,
                "start": start + first,
                "end": start + last,
                "confidence": confidence,
            }
            for word, first, last, confidence in said
        ]
        if final:
            self._final += len(sound)
        confidence = sum(word[3] for word in said) / len(said) if said else 0.0
        await self._send(
            {
                "type": "Results",
                "channel_index": [0, 1],
                "duration": len(sound) / 2 / RATE,
                "start": start,
                "is_final": final,
                "speech_final": final,
                "from_finalize": from_finalize,
                "channel": {
                    "alternatives": [
                        {
                            "transcript": " ".join(word for word, *_ in said),
                            "confidence": confidence,
                            "words": words[::-1] if moods.shuffled else words,
                        }
                    ]
                },
                "metadata": {
                    "request_id": self._id,
                    "model_info": {"name": "2-general-nova", "version": "2024-01-18.26916", "arch": "nova-2"},
                    "model_uuid": str(uuid4()),
                },
            }
        )

    async def _send(self, message: dict[str, Any]) -> None:
        if not self._server.moods.mute:
            await self._connection.send(json.dumps(message))
