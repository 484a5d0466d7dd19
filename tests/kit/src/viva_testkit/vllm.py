"""A vLLM server made of recordings: what a real one answered, byte for byte, over a loopback socket.

A recording is a JSON file with `request` and `response`. `VllmServer` plays the prepared answers in order, and can do
with a recording what happens on bad days: wait before the first byte, cut the connection after some events.
"""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Play:
    """One answer. `gate`: wait for it before the first byte. `cut_after`: drop the connection after so many events.
    `last`: the connection's last; a request that comes on it afterwards is lost."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    gate: asyncio.Event | None = None
    cut_after: int | None = None
    last: bool = False

    def slow(self, gate: asyncio.Event) -> "Play":
        """The same, but nothing is sent before `gate` is set."""
        return replace(self, gate=gate)

    def cut(self, after: int) -> "Play":
        """The same, but the connection is lost after so many server-sent events."""
        return replace(self, cut_after=after)

    def ends_connection(self) -> "Play":
        """The same, but the server closes the connection while the next request is on its way, as vLLM does after a
        refusal."""
        return replace(self, last=True)


def recording(path: Path) -> Play:
    """The response of a recording."""
    response = json.loads(path.read_text(encoding="utf-8"))["response"]
    return Play(response["status"], response["headers"], response["body"].encode())


@dataclass(frozen=True)
class Request:
    """What the client sent."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: Any


class VllmServer:
    """Plays `plays` in order, one a request; `/v1/models` is answered by `models` whenever it is asked.

    `requests` holds what came in; `left` is set when a client leaves before its answer is complete.
    """

    def __init__(self, *plays: Play, models: Play | None = None) -> None:
        self.plays = list(plays)
        self.models = models
        self.requests: list[Request] = []
        self.left = asyncio.Event()
        self._server: asyncio.Server | None = None
        self._serving: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        """The base URL, `/v1` included."""
        assert self._server is not None
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/v1"

    async def start(self) -> None:
        """Listen on a free loopback port."""
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)

    async def stop(self) -> None:
        """Stop listening and drop every connection."""
        if self._server is not None:
            self._server.close()
        for task in self._serving:
            task.cancel()
        await asyncio.gather(*self._serving, return_exceptions=True)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(self._serve(reader, writer))
        self._serving.add(task)
        task.add_done_callback(self._serving.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while (request := await _read_request(reader)) is not None:
                self.requests.append(request)
                asked_models = request.path == "/v1/models" and self.models is not None
                play = self.models if asked_models and self.models else self.plays.pop(0)
                if not await self._answer(play, reader, writer):
                    return
                if play.last:
                    await reader.read(1)
                    writer.transport.abort()
                    return
        except (ConnectionError, asyncio.IncompleteReadError):
            self.left.set()
        finally:
            writer.close()

    async def _answer(self, play: Play, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Play it; False if the connection is not to be used again."""
        if play.gate is not None and not await self._still_there(play.gate, reader):
            return False
        headers = dict(play.headers)
        streamed = headers.get("transfer-encoding") == "chunked"
        if not streamed:
            headers["content-length"] = str(len(play.body))  # a recording's own may count a path that was blotted out
        head = [f"HTTP/1.1 {play.status} Recorded", *(f"{name}: {value}" for name, value in headers.items())]
        writer.write("\r\n".join([*head, "", ""]).encode())
        if not streamed:
            writer.write(play.body)
            await writer.drain()
            return True
        for number, event in enumerate(play.body.split(b"\n\n")[:-1]):
            if number == play.cut_after:
                writer.transport.abort()
                return False
            data = event + b"\n\n"
            writer.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
            await writer.drain()
        writer.write(b"0\r\n\r\n")
        await writer.drain()
        return True

    async def _still_there(self, gate: asyncio.Event, reader: asyncio.StreamReader) -> bool:
        """Wait for the gate; False if the client leaves first."""
        opened = asyncio.ensure_future(gate.wait())
        gone = asyncio.ensure_future(reader.read(1))
        await asyncio.wait({opened, gone}, return_when=asyncio.FIRST_COMPLETED)
        if gone.done():
            self.left.set()
        for task in (opened, gone):
            task.cancel()
        return not gone.done()


async def _read_request(reader: asyncio.StreamReader) -> Request | None:
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    except asyncio.IncompleteReadError:
        return None  # the client closed an idle connection
    line, *lines = head.rstrip().split("\r\n")
    method, path, _ = line.split(" ")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    raw = await reader.readexactly(int(headers.get("content-length", "0")))
    return Request(method, path, headers, json.loads(raw) if raw else None)
