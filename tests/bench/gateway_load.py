"""The load on a gateway: opens the sockets, keeps to a schedule of requests, and counts what the sockets were told.

`python -m tests.bench.gateway_load PLAN`: says that it is ready with all sockets open; ends by itself and reports.
"""

import asyncio
import contextlib
import json
import sys
import time
import uuid
from collections import defaultdict
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from viva.question.v1 import question_pb2 as question
from viva_core.bus import Bus
from viva_core.bus.subjects import live_subject
from viva_core.health import Health
from viva_core.settings import NatsSettings, ServiceSettings, load
from viva_core.telemetry.metrics import new_registry
from viva_testkit.bus import eventually
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from tests.bench import processes
from tests.bench.http1 import Client, Reply

RATE = 50
_WRITE_EVERY = 5  # one request in five changes an interview
_LIVE_RATE = 25
_OPENING = 16  # sockets opened at once
_SETTLE_SECONDS = 20.0
_CALM_SECONDS = 0.05
_CALM_ANSWERS = 25
_PURPOSES = ("record", "transcribe", "ai_scoring")


class _Settings(NatsSettings, ServiceSettings):
    """Where the bus is."""


class Sockets:
    """All open sockets and what they were told: changes by sequence, and everything else by a key."""

    def __init__(self) -> None:
        self.changes: dict[int, list[tuple[int, float]]] = defaultdict(list)
        self.others: dict[int, list[str]] = defaultdict(list)
        self.begins: dict[int, int] = {}
        self.sockets: list[ClientConnection] = []
        self._readers: list[asyncio.Task[None]] = []

    async def open(self, urls: list[str], headers: dict[str, str]) -> None:
        """Open one for each address."""
        gate = asyncio.Semaphore(_OPENING)

        async def one(url: str) -> ClientConnection:
            async with gate:
                return await connect(url, additional_headers=headers, compression=None, ping_interval=None)

        self.sockets = await asyncio.gather(*map(one, urls))
        self._readers = [asyncio.create_task(self._read(*each)) for each in enumerate(self.sockets)]

    async def _read(self, number: int, socket: ClientConnection) -> None:
        try:
            while True:
                text = await socket.recv()
                at = time.monotonic()
                if not isinstance(text, str) or text.startswith("e"):
                    self.others[number].append(str(text))
                    continue
                message = json.loads(text)
                if message["type"] == "hello":
                    self.begins[number] = message["data"]["resume_from"]
                elif message["id"] is not None:
                    self.changes[number].append((message["id"], at))
                elif message["type"] == "question_delta":
                    self.others[number].append(message["data"]["turn_id"])
        except ConnectionClosed:
            pass

    @property
    def open_now(self) -> int:
        """How many still stand."""
        return sum(not reader.done() for reader in self._readers)

    async def close(self) -> None:
        """Close all of them."""
        await asyncio.gather(*(socket.close() for socket in self.sockets))
        await asyncio.gather(*self._readers)


async def on_schedule(rate: float, seconds: float, act: Callable[[int, float], Coroutine[Any, Any, None]]) -> None:
    """Call `act(number, due)` so often, whether or not the ones before have ended."""
    running: set[asyncio.Task[None]] = set()
    begin = time.monotonic()
    for number in range(int(rate * seconds)):
        due = begin + number / rate
        await asyncio.sleep(max(0.0, due - time.monotonic()))
        running.add(asyncio.create_task(act(number, due)))
    await asyncio.gather(*running)


async def settled(condition: Callable[[], bool]) -> None:
    """Return when it holds, or after the time in which it should: what is missing then is counted as lost."""
    with contextlib.suppress(AssertionError):
        await eventually(condition, within=_SETTLE_SECONDS)


async def calm(client: Client, path: str, headers: dict[str, str]) -> None:
    """Return when the server has done with what opening the sockets gave it to do, or after a time limit: when it
    answers so many requests in a row at once."""
    limit, quick = time.monotonic() + _SETTLE_SECONDS, 0
    while quick < _CALM_ANSWERS and time.monotonic() < limit:
        begin = time.monotonic()
        await client.request("GET", path, headers)
        quick = quick + 1 if time.monotonic() - begin < _CALM_SECONDS else 0


class Requests:
    """Sends requests, and keeps how long each took from the moment it was due."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self.milliseconds: list[float] = []
        self.failed = 0

    async def send(
        self, due: float, method: str, path: str, headers: dict[str, str], body: bytes = b""
    ) -> Reply | None:
        """The answer; None when there was none or it is no success."""
        try:
            reply = await self._client.request(method, path, headers, body)
        except (OSError, asyncio.IncompleteReadError):
            self.failed += 1
            return None
        self.milliseconds.append((time.monotonic() - due) * 1000)
        if reply.status >= 300:
            sys.stderr.write(f"{method} {path}: {reply.status} {reply.body[:300]!r}\n")
            self.failed += 1
            return None
        return reply


async def viva(plan: dict[str, Any]) -> dict[str, Any]:
    """The load on Viva's gateway."""
    candidates, tenant = plan["candidates"], plan["tenant"]
    staff = {"Authorization": plan["authorization"]}
    ids = [candidate["interview_id"] for candidate in candidates]
    sockets = Sockets()
    base = plan["base"].replace("http", "ws", 1) + "/api/v1/interviews/"
    await sockets.open([f"{base}{ids[n % len(ids)]}/live" for n in range(plan["sockets"])], staff)
    await settled(lambda: len(sockets.begins) == plan["sockets"])
    bus = await Bus.connect(load(_Settings), source="question-gen", health=Health(), registry=new_registry())
    client = Client(plan["base"])
    requests = Requests(client)
    written: dict[tuple[str, int], float] = {}
    said: list[tuple[int, str]] = []
    await calm(client, f"/api/v1/interviews/{ids[0]}", staff)
    processes.say_ready()

    async def request(number: int, due: float) -> None:
        which = number % len(candidates)
        if number % _WRITE_EVERY:
            path = "/api/v1/interviews?limit=20" if number % 10 == 1 else f"/api/v1/interviews/{ids[which]}"
            await requests.send(due, "GET", path, staff)
            return
        consents = [
            {"purpose": purpose, "granted": number % 2 == 0, "text_version": str(number)} for purpose in _PURPOSES
        ]
        headers = {
            "Cookie": candidates[which]["Cookie"],
            "X-Viva-CSRF": "1",
            "Idempotency-Key": str(uuid.uuid4()),
            "Content-Type": "application/json",
        }
        body = json.dumps({"consents": consents}).encode()
        reply = await requests.send(due, "POST", "/api/v1/candidate/interview/consents", headers, body)
        if reply is not None:
            written[ids[which], json.loads(reply.body)["sequence"]] = due

    async def delta(number: int, _: float) -> None:
        which, turn = number % len(ids), str(uuid.uuid4())
        said.append((which, turn))
        message = question.QuestionDelta(turn_id=turn, attempt=1, sequence=1, text="What did you", delta="What did you")
        await bus.publish_live(live_subject(tenant, ids[which], "question"), message)

    seconds = plan["seconds"]
    await asyncio.gather(on_schedule(RATE, seconds, request), on_schedule(_LIVE_RATE, seconds, delta))

    ends = {}
    for interview_id in ids:
        reply = await client.request("GET", f"/api/v1/interviews/{interview_id}", staff)
        ends[interview_id] = json.loads(reply.body)["sequence"]
    of = {number: ids[number % len(ids)] for number in range(plan["sockets"])}

    def missing() -> int:
        return sum(
            len(set(range(sockets.begins[number] + 1, ends[of[number]] + 1)) - {id_ for id_, _ in changes})
            for number, changes in ((number, sockets.changes[number]) for number in of)
        )

    await settled(lambda: not missing())
    told = {number: [id_ for id_, _ in sockets.changes[number]] for number in of}
    live = [(number, turn) for which, turn in said for number in range(which, plan["sockets"], len(ids))]
    found = {
        "milliseconds": requests.milliseconds,
        "failed": requests.failed,
        "open": sockets.open_now,
        "expected": sum(ends[of[number]] - sockets.begins[number] for number in of),
        "lost": missing(),
        "disordered": sum(ids_ != sorted(set(ids_)) for ids_ in told.values()),
        "live_expected": len(live),
        "live_lost": sum(turn not in sockets.others[number] for number, turn in live),
        "change_ms": [
            (at - written[of[number], id_]) * 1000
            for number in of
            for id_, at in sockets.changes[number]
            if (of[number], id_) in written
        ],
    }
    await sockets.close()
    await client.close()
    await bus.close()
    return found


async def bare(plan: dict[str, Any]) -> dict[str, Any]:
    """The same load on the bare one: as many sockets, requests and messages."""
    sockets = Sockets()
    await sockets.open([plan["base"].replace("http", "ws", 1) + "/ws"] * plan["sockets"], {})
    client = Client(plan["base"])
    requests = Requests(client)
    await calm(client, "/ping", {})
    processes.say_ready()

    async def request(_: int, due: float) -> None:
        await requests.send(due, "GET", "/ping", {})

    async def speak(number: int, _: float) -> None:
        await sockets.sockets[number % plan["sockets"]].send(f"echo {number}")

    seconds, per_interview = plan["seconds"], 2
    rate = per_interview * (RATE / _WRITE_EVERY + _LIVE_RATE)
    await asyncio.gather(on_schedule(RATE, seconds, request), on_schedule(rate, seconds, speak))
    expected = int(rate * seconds)
    await settled(lambda: sum(map(len, sockets.others.values())) >= expected)
    found = {
        "milliseconds": requests.milliseconds,
        "failed": requests.failed,
        "open": sockets.open_now,
        "expected": expected,
        "lost": expected - sum(map(len, sockets.others.values())),
    }
    await sockets.close()
    await client.close()
    return found


if __name__ == "__main__":
    chosen = json.loads(Path(sys.argv[1]).read_text())
    processes.report(asyncio.run((viva if chosen["kind"] == "viva" else bare)(chosen)))
