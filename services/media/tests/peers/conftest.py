"""Media services in the process of the test: peers over real WebRTC, gRPC and NATS."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import CollectorRegistry
from viva.media.v1 import media_pb2_grpc
from viva_core.clock import SystemClock
from viva_core.grpc import Registration
from viva_media.adapters.herald import Herald
from viva_media.adapters.moonshine import Moonshine
from viva_media.adapters.peer import PeerSettings
from viva_media.adapters.silero import Silero
from viva_media.adapters.spools import Spools
from viva_media.application.answer import Hearing
from viva_media.application.playback import Playback
from viva_media.application.rooms import House, Rooms
from viva_media.domain.ports import SpeechToText
from viva_media.domain.turn_server import IceServer
from viva_media.grpc_api import MediaApi
from viva_media.metrics import MediaMetrics
from viva_testkit.bus import BusFactory
from viva_testkit.grpc import serving
from viva_testkit.studio import MEDIA_SERVICE, TOKEN_KEY, Inside, Studios


@pytest.fixture
async def studio_of(buses: BusFactory, silero: Silero, moonshine: Moonshine, tmp_path: Path) -> AsyncIterator[Studios]:
    """Builds a media service; arguments change its rules, engines and peers."""
    async with AsyncExitStack() as stack:

        async def build(
            *,
            engines: tuple[SpeechToText, ...] = (moonshine,),
            house: dict[str, Any] | None = None,
            grant: Any = None,
            **peers: Any,
        ) -> Inside:
            more = {} if grant is None else {"grant": grant}
            probe = await buses.connect("media")
            clock = SystemClock()
            rooms = Rooms(
                House(token_key=TOKEN_KEY, **({"tick": 0.2} | (house or {}))),
                herald=lambda tenant, interview: Herald(probe.bus, clock, tenant, interview),
                hearing=Hearing(engines, silero.listener, clock),
                spools=Spools(tmp_path / "spool", bytes(32), limit=8 << 20),
                peers=PeerSettings(**({"frame_every": 0.5} | peers)),
                clock=clock,
                metrics=MediaMetrics(CollectorRegistry()),
            )
            await rooms.start()
            looking_after = asyncio.create_task(rooms.run())
            servers = (IceServer(("stun:stun.example:3478",)),)
            api = MediaApi(rooms, Playback(None), lambda _: servers)
            served = await stack.enter_async_context(
                serving([Registration(media_pb2_grpc.add_MediaServiceServicer_to_server, api, MEDIA_SERVICE)])
            )

            async def stop() -> None:
                looking_after.cancel()
                await asyncio.gather(looking_after, return_exceptions=True)
                await rooms.stop(0.0)

            stack.push_async_callback(stop)
            studio = Inside(
                media_pb2_grpc.MediaServiceStub(served.channel), **more, rooms=rooms, spool=tmp_path / "spool"
            )
            await stack.enter_async_context(studio.listening(await buses.connect("gateway")))
            return studio

        yield build


@pytest.fixture
async def studio(studio_of: Studios) -> Inside:
    """A media service in English, hiring mode."""
    return await studio_of()
