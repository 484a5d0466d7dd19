"""Builds everything, once."""

import asyncio
import hashlib
import os
from collections.abc import Callable
from datetime import timedelta

from viva.event.v1 import events_pb2 as events
from viva.media.v1 import media_pb2_grpc
from viva_core.bus import Bus, Worker, message_types
from viva_core.bus.topology import MEDIA, Role
from viva_core.clock import Clock
from viva_core.errors import Invalid
from viva_core.grpc import GrpcMetrics, Registration, create_server
from viva_core.runtime import Environment, Part, environment
from viva_core.telemetry.logs import get_logger

from viva_media.adapters.deepgram import Deepgram
from viva_media.adapters.herald import Herald
from viva_media.adapters.ledger import BusConsents
from viva_media.adapters.moonshine import Moonshine
from viva_media.adapters.moonshine_model import MoonshineModel
from viva_media.adapters.peer import PeerSettings
from viva_media.adapters.silero import Silero
from viva_media.adapters.spools import Spools
from viva_media.application.answer import Hearing
from viva_media.application.playback import Playback
from viva_media.application.recorder import Archive
from viva_media.application.rooms import House, Rooms
from viva_media.domain.ports import SpeechToText
from viva_media.domain.turn_server import IceServer, credentials
from viva_media.grpc_api import MediaApi
from viva_media.metrics import MediaMetrics
from viva_media.settings import Settings
from viva_media.store import look_at, recordings
from viva_media.worker import MediaWorker

_log = get_logger("viva.media")


async def bootstrap(settings: Settings) -> tuple[Environment, list[Part]]:
    """Everything that runs, in the order it starts."""
    env = environment("media", settings)
    engines = await asyncio.to_thread(speech_engines, settings)
    silero = await asyncio.to_thread(Silero)
    bus = await Bus.connect(
        settings, source=Role.MEDIA.value, health=env.health, registry=env.registry, clock=env.clock
    )
    ice_servers = _ice_servers(settings, env.clock)

    def herald(tenant: str, interview: str) -> Herald:
        return Herald(bus, env.clock, tenant, interview)

    metrics, consents, kept = MediaMetrics(env.registry), BusConsents(bus), recordings(settings)
    rooms = Rooms(
        House(
            token_key=settings.media_token_key.get_secret_value().encode(),
            most_peers=settings.most_peers,
            lingers=settings.peer_lingers,
        ),
        herald=herald,
        hearing=Hearing(engines, silero.listener, env.clock, late=settings.late_limit),
        spools=spools(settings, metrics),
        peers=PeerSettings(
            ice_servers=(lambda: ice_servers("media")) if settings.turn_relay else tuple,
            frame_every=settings.frame_every,
        ),
        clock=env.clock,
        metrics=metrics,
        archive=Archive(kept, consents, metrics) if kept is not None else None,
    )
    worker = Worker(
        bus,
        MEDIA,
        MediaWorker(rooms, consents, herald).handle,
        message_types=message_types(events.ConsentRecorded, events.InterviewErased),
        health=env.health,
    )
    server = create_server(
        [
            Registration(
                media_pb2_grpc.add_MediaServiceServicer_to_server,
                MediaApi(rooms, Playback(kept), ice_servers),
                "viva.media.v1.MediaService",
            )
        ],
        settings=settings,
        metrics=GrpcMetrics(env.registry),
        tracer=env.tracing.tracer("viva.grpc"),
    )

    async def close_engines(_: float) -> None:
        await asyncio.gather(*(engine.aclose() for engine in engines))

    return env, [
        Part("bus", stop=lambda _: bus.close(), run=bus.watch),
        Part("speech engines", stop=close_engines),
        Part("recordings", lambda: look_at(kept)),
        Part("gRPC", server.start, server.stop),
        Part("rooms", rooms.start, rooms.stop, rooms.run),
        Part("worker", stop=worker.stop, run=worker.run),
    ]


def speech_engines(settings: Settings) -> tuple[SpeechToText, ...]:
    """The engines in order of preference. Loads models: call it from a thread. Raises Invalid."""
    if settings.speech_engine == "moonshine":
        return (Moonshine(MoonshineModel()),)
    if settings.deepgram_key is None:
        raise Invalid("VIVA_SPEECH_ENGINE=deepgram needs a key: set VIVA_DEEPGRAM_KEY_FILE")
    deepgram = Deepgram(
        settings.deepgram_key.get_secret_value(),
        url=settings.deepgram_url,
        model=settings.deepgram_model,
        languages=tuple(language.strip() for language in settings.deepgram_languages.split(",") if language.strip()),
    )
    return (deepgram, Moonshine(MoonshineModel())) if settings.speech_fallback else (deepgram,)


def spools(settings: Settings, metrics: MediaMetrics) -> Spools:
    """The folder of sound that waits, under the key that is set, else under one that ends with this process."""
    if settings.spool_key is not None:
        key = hashlib.sha256(settings.spool_key.get_secret_value().encode()).digest()
    else:
        _log.warning("VIVA_SPOOL_KEY is not set: speech that waits for an engine will not survive a restart")
        key = os.urandom(32)
    return Spools(
        settings.spool_folder, key, limit=settings.spool_limit_mib << 20, on_fault=metrics.spool_unwritable.inc
    )


def _ice_servers(settings: Settings, clock: Clock) -> Callable[[str], tuple[IceServer, ...]]:
    stun, turn = (
        tuple(url.strip() for url in urls.split(",") if url.strip())
        for urls in (
            settings.stun_urls,
            settings.turn_urls,
        )
    )
    if turn and settings.turn_secret is None:
        raise Invalid("VIVA_TURN_URLS needs the TURN server's secret: set VIVA_TURN_SECRET_FILE")

    def servers(name: str) -> tuple[IceServer, ...]:
        made = [IceServer(stun)] if stun else []
        if turn and settings.turn_secret is not None:
            until = clock.now() + timedelta(seconds=settings.turn_lifetime)
            made.append(IceServer(turn, *credentials(settings.turn_secret.get_secret_value(), name, until)))
        return tuple(made)

    return servers
