"""Streams into a folder and back, by nats-server's own snapshots: messages, sequences, and how far each consumer got.

A stream is `<folder>/<STREAM>/backup.json` and `stream.tar.s2`, as `nats stream backup` writes them, so that either
tool reads the other's. Streams in memory are left out: what they hold must never touch a disk.

A backup holds what candidates said. The files are the owner's alone, and an erasure does not reach into them.
"""

import asyncio
import json
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import nats.errors
from nats.aio.client import Client
from nats.aio.msg import Msg

from viva_core.bus import faults
from viva_core.bus.jetstream import JetStreamApi
from viva_core.bus.topology import STREAMS, StreamSpec
from viva_core.errors import Invalid, Permanent, Refused

_CHUNK = 128 * 1024
_ABOUT, _DATA = "backup.json", "stream.tar.s2"


@dataclass(frozen=True)
class Kept:
    """A stream that was written or restored; `messages` as its state says, `size` in bytes of the snapshot."""

    stream: str
    messages: int
    size: int


class StreamBackups:
    """Over a connected client with the rights of the role admin."""

    def __init__(self, client: Client, *, timeout: float = 60.0) -> None:
        """`timeout`: seconds without a word from the server after which it is held to be gone."""
        self._client = client
        self._timeout = timeout
        self._api = JetStreamApi(client, timeout=timeout)

    async def backup(self, folder: Path, streams: Iterable[StreamSpec] = STREAMS) -> list[Kept]:
        """Write every stream that lies on a disk. Raises Invalid where the folder holds a backup, NotFound for a
        stream that is not there, Transient when the server goes away; a stream is written whole or not at all."""
        chosen = [stream for stream in streams if stream.storage != "memory"]
        # Queues first: a worker publishes what came of a command before it acknowledges the command. What is missing
        # in the queue is then in the log, and what is in both takes effect once.
        chosen.sort(key=lambda stream: stream.retention != "workqueue")
        for stream in chosen:
            if (folder / stream.name).exists():
                raise Invalid(f"{folder / stream.name} is there already: give a folder that holds no backup")
        return [await self._write(stream.name, folder) for stream in chosen]

    async def restore(self, folder: Path) -> list[Kept]:
        """Bring back every stream of a folder. A stream on the server that holds no message is replaced; raises
        Refused, before anything is touched, where one does, and Invalid where the folder holds no backup."""
        found = await asyncio.to_thread(_backed_up, folder)
        if not found:
            raise Invalid(f"{folder} holds no backup: give the folder that `viva streams backup` wrote")
        full = [path.name for path in found if await self._messages(path.name)]
        if full:
            raise Refused(
                f"{', '.join(full)} on the server hold messages, and nothing was changed: restore into an empty "
                "server, or delete those streams first",
                reason="STREAM_NOT_EMPTY",
            )
        return [await self._read(path) for path in found]

    async def _messages(self, stream: str) -> int:
        info = await self._api.find(f"STREAM.INFO.{stream}")
        return int(info["state"]["messages"]) if info is not None else 0

    async def _write(self, stream: str, folder: Path) -> Kept:
        there = folder / f".{stream}.part"
        there.mkdir(mode=0o700, parents=True, exist_ok=True)
        inbox = self._client.new_inbox()
        chunks = await self._client.subscribe(inbox)
        try:
            body = {"deliver_subject": inbox, "chunk_size": _CHUNK}
            about = await self._api.request(f"STREAM.SNAPSHOT.{stream}", body)
            size = 0
            with _private(there / _DATA) as file:
                while True:
                    chunk = await self._next(chunks)
                    if not chunk.data:
                        break
                    size += await asyncio.to_thread(file.write, chunk.data)
                    if chunk.reply:  # the server sends on when it hears that this one has arrived; not after the last
                        await chunk.respond(b"")
        finally:
            await chunks.unsubscribe()
        status = (chunk.headers or {}).get("Status", "204")
        if status != "204":
            raise Permanent(f"nats-server broke the snapshot of {stream} off: {chunk.headers}")
        kept = {"config": about["config"], "state": about["state"]}
        with _private(there / _ABOUT) as file:
            await asyncio.to_thread(file.write, json.dumps(kept, indent=2).encode())
        there.rename(folder / stream)
        return Kept(stream, about["state"]["messages"], size)

    async def _read(self, there: Path) -> Kept:
        about: dict[str, Any] = json.loads((there / _ABOUT).read_text(encoding="utf-8"))
        name = about["config"]["name"]
        if await self._api.find(f"STREAM.INFO.{name}") is not None:
            await self._api.request(f"STREAM.DELETE.{name}")
        answer = await self._api.request(f"STREAM.RESTORE.{name}", about)
        subject, size = answer["deliver_subject"], 0
        with (there / _DATA).open("rb") as file:
            while chunk := await asyncio.to_thread(file.read, _CHUNK):
                self._accepted(await self._ask(subject, chunk))
                size += len(chunk)
        self._accepted(await self._ask(subject, b""))
        return Kept(name, await self._messages(name), size)

    async def _next(self, chunks: Any) -> Msg:
        try:
            chunk: Msg = await chunks.next_msg(timeout=self._timeout)
        except (nats.errors.Error, OSError, TimeoutError) as error:
            raise faults.translate(error) from error
        return chunk

    async def _ask(self, subject: str, payload: bytes) -> bytes:
        try:
            return (await self._client.request(subject, payload, timeout=self._timeout)).data
        except (nats.errors.Error, OSError, TimeoutError) as error:
            raise faults.translate(error) from error

    def _accepted(self, answer: bytes) -> None:
        """A chunk is answered with nothing, the end with what became of it."""
        refusal = json.loads(answer).get("error") if answer.startswith(b"{") else None
        if refusal is not None:
            raise faults.from_api(refusal.get("code"), refusal.get("err_code"), refusal.get("description"))


def _backed_up(folder: Path) -> list[Path]:
    return sorted(path.parent for path in folder.glob(f"*/{_ABOUT}"))


def _private(path: Path) -> BinaryIO:
    """A new file that nobody else may read."""
    return open(path, "wb", opener=lambda name, flags: os.open(name, flags, 0o600))
