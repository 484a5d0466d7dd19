"""Notes when each turn's first delta arrived: at a WebSocket of the gateway, and raw over nats-py.

`python -m tests.bench.live_listener URL TENANT RAW_INTERVIEW`: until SIGTERM; reports `{turn: nanoseconds of the
monotonic clock}`.
"""

import asyncio
import json
import os
import signal
import sys
import time

import nats
from nats.aio.msg import Msg
from viva.question.v1 import question_pb2
from viva_core.bus.permissions import inbox_prefix
from viva_core.bus.subjects import live_subject
from viva_core.settings import NatsSettings, ServiceSettings, load
from websockets.asyncio.client import connect

from tests.bench import processes


class _Settings(NatsSettings, ServiceSettings):
    """Where the bus is."""


async def main(url: str, tenant: str, raw_interview: str) -> None:
    """Listen until SIGTERM."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    heard: dict[str, int] = {}

    async def raw(message: Msg) -> None:
        at = time.monotonic_ns()
        heard.setdefault(question_pb2.QuestionDelta.FromString(message.data).turn_id, at)

    settings = load(_Settings)
    assert settings.nats_password is not None
    client = await nats.connect(
        settings.nats_url,
        user=settings.nats_user,
        password=settings.nats_password.get_secret_value(),
        inbox_prefix=inbox_prefix("gateway").encode(),
    )
    await client.subscribe(live_subject(tenant, raw_interview, "question"), cb=raw)
    await client.flush()
    headers = {"Authorization": f"Bearer {os.environ['BENCH_TOKEN']}"}
    async with connect(url, additional_headers=headers, compression=None) as socket:
        assert json.loads(await socket.recv())["type"] == "hello"
        processes.say_ready()
        reading = asyncio.create_task(stop.wait())
        while not stop.is_set():
            receiving = asyncio.create_task(socket.recv())
            await asyncio.wait({receiving, reading}, return_when=asyncio.FIRST_COMPLETED)
            if not receiving.done():
                receiving.cancel()
                break
            at = time.monotonic_ns()
            message = json.loads(receiving.result())
            if message["type"] == "question_delta":
                heard.setdefault(message["data"]["turn_id"], at)
    await client.close()
    processes.report(heard)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:4]))
