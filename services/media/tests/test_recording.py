"""Recording over real WebRTC, gRPC and NATS: only with the consent, and gone when it is taken back."""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from prometheus_client import CollectorRegistry
from viva.common.v1 import types_pb2 as common
from viva.event.v1 import events_pb2 as events
from viva.media.v1 import media_pb2 as pb
from viva.media.v1 import media_pb2_grpc
from viva_core import wellknown
from viva_core.bus import Worker, message_types, subjects
from viva_core.bus.topology import MEDIA
from viva_core.clock import SystemClock
from viva_core.errors import Denied, NotFound, Transient
from viva_core.grpc import Registration, acting_as
from viva_media.adapters import opus
from viva_media.adapters.herald import Herald
from viva_media.adapters.ledger import BusConsents
from viva_media.adapters.moonshine import Moonshine
from viva_media.adapters.objects_folder import FolderObjects
from viva_media.adapters.objects_s3 import S3Objects
from viva_media.adapters.peer import PeerSettings
from viva_media.adapters.recordings import Recordings
from viva_media.adapters.silero import Silero
from viva_media.adapters.spools import Spools
from viva_media.application.answer import Hearing
from viva_media.application.playback import Playback
from viva_media.application.recorder import Archive
from viva_media.application.rooms import House, Rooms
from viva_media.domain.audio import RATE
from viva_media.domain.recording import Objects
from viva_media.grpc_api import MediaApi
from viva_media.metrics import MediaMetrics
from viva_media.voice_peer import Line, VoicePeer
from viva_media.worker import MediaWorker
from viva_testkit.bus import BusFactory, BusProbe, eventually
from viva_testkit.grpc import TENANT, candidate, serving, staff
from viva_testkit.s3 import S3Server
from viva_testkit.studio import MEDIA_SERVICE, TOKEN_KEY, Studio, hiring

TRANSCRIBE, RECORD = common.CONSENT_PURPOSE_TRANSCRIBE, common.CONSENT_PURPOSE_RECORD
EXPRESSIONS = common.CONSENT_PURPOSE_EXPRESSIONS


class Store(FolderObjects):
    """A folder that can be away."""

    away = False

    async def delete(self, name: str) -> bool:
        if self.away:
            raise Transient("the store is away", reason="OBJECTS_AWAY")
        return await super().delete(name)


@dataclass
class Recorded(Studio):
    """A studio that records, and the session's voice."""

    folder: Path = Path()
    store: Recordings | None = None
    session: BusProbe | None = None
    registry: CollectorRegistry = field(default_factory=CollectorRegistry)

    async def consent(self, *purposes: Any) -> None:
        """The ledger as the session says it."""
        assert self.session is not None
        one = events.ConsentRecorded(
            tenant_id=str(TENANT),
            interview_id=str(self.interview),
            occurred_at=wellknown.stamp(datetime.now(UTC)),
            consent=common.Consent(
                purpose=RECORD,
                granted=RECORD in purposes,
                text_version="2026-11",
                recorded_at=wellknown.stamp(datetime.now(UTC)),
            ),
            mode=common.INTERVIEW_MODE_HIRING,
            in_force=purposes,
        )
        await self.session.bus.publish(subjects.event_subject(TENANT, self.interview, "consent-recorded"), one)

    async def erased(self) -> None:
        """What the session says once the rows are gone."""
        assert self.session is not None
        event = events.InterviewErased(
            tenant_id=str(TENANT),
            interview_id=str(self.interview),
            occurred_at=wellknown.stamp(datetime.now(UTC)),
            receipt_id=str(uuid4()),
        )
        await self.session.bus.publish(subjects.event_subject(TENANT, self.interview, "interview-erased"), event)

    def files(self) -> list[Path]:
        """What lies in the store."""
        # os.walk passes over a folder that goes meanwhile.
        return [Path(folder) / name for folder, _, names in os.walk(self.folder) for name in names]

    def counted(self, how: str) -> float:
        """How many segments ended so."""
        return self.registry.get_sample_value("viva_media_recorded_segments_total", {"how": how}) or 0.0

    async def speak(self, peer: VoicePeer, pcm: Any) -> str:
        """One whole answer; its turn."""
        turn = uuid4()
        await self.call(peer)
        await self.answer(turn, "LISTENING")
        await peer.say(pcm)
        await self.answer(turn, "DONE")
        return str(turn)


Studios = Callable[..., Awaitable[Recorded]]


@pytest.fixture
async def studio_of(buses: BusFactory, silero: Silero, moonshine: Moonshine, tmp_path: Path) -> AsyncIterator[Studios]:
    """Builds a media service that records with the grant's and the ledger's consent."""
    async with AsyncExitStack() as stack:

        async def build(*, record: bool = True, objects: Objects | None = None) -> Recorded:
            probe, clock, registry = await buses.connect("media"), SystemClock(), CollectorRegistry()
            metrics, consents = MediaMetrics(registry), BusConsents(probe.bus)

            def herald(tenant: str, interview: str) -> Herald:
                return Herald(probe.bus, clock, tenant, interview)

            store = Recordings(objects or FolderObjects(tmp_path / "objects"), bytes(range(32)))
            rooms = Rooms(
                House(token_key=TOKEN_KEY, tick=0.2),
                herald=herald,
                hearing=Hearing((moonshine,), silero.listener, clock),
                spools=Spools(tmp_path / "spool", bytes(32), limit=8 << 20),
                peers=PeerSettings(),
                clock=clock,
                metrics=metrics,
                archive=Archive(store, consents, metrics),
            )
            worker = Worker(
                probe.bus,
                MEDIA,
                MediaWorker(rooms, consents, herald).handle,
                message_types=message_types(events.ConsentRecorded, events.InterviewErased),
                health=probe.health,
                expires=0.6,
                heartbeat=0.2,
            )
            working = asyncio.create_task(worker.run())
            api = Registration(
                media_pb2_grpc.add_MediaServiceServicer_to_server,
                MediaApi(rooms, Playback(store), lambda _: ()),
                MEDIA_SERVICE,
            )
            served = await stack.enter_async_context(serving([api]))

            async def stop() -> None:
                await worker.stop(5)
                await working
                await rooms.stop(0.0)

            stack.push_async_callback(stop)
            studio = Recorded(
                media_pb2_grpc.MediaServiceStub(served.channel),
                grant=replace(hiring(uuid4()), record=record),
                folder=tmp_path / "objects",
                store=store,
                session=await buses.connect("session"),
                registry=registry,
            )
            await stack.enter_async_context(studio.listening(await buses.connect("gateway")))
            return studio

        yield build


async def test_with_the_consent_an_answer_is_recorded_whole(
    studio_of: Studios, peers: Callable[..., VoicePeer], recordings: list[Any]
) -> None:
    studio = await studio_of()
    assert studio.store is not None
    await studio.consent(TRANSCRIBE, RECORD)
    turn = await studio.speak(peers(), recordings[0].pcm)
    await eventually(lambda: studio.counted("kept") >= 1)
    segments = await studio.store.segments(str(TENANT), str(studio.interview))
    assert {segment.turn_id for segment in segments} == {turn}
    assert sum(segment.length for segment in segments) >= len(recordings[0].pcm) - RATE // 4
    ogg = await studio.store.read(str(TENANT), str(studio.interview), segments[0])
    assert ogg is not None
    assert abs(len(opus.decode(ogg)) - segments[0].length) < RATE // 25


async def heard(studio: Recorded, actor: common.Actor, turn: str) -> bytes:
    """The recording of an answer, as this person gets it."""
    request = pb.GetRecordingRequest(interview_id=str(studio.interview), turn_id=turn)
    with acting_as(actor):
        return b"".join([piece.webm async for piece in studio.stub.GetRecording(request, timeout=10)])


async def test_a_recording_is_heard_by_the_employers_people_alone(
    studio_of: Studios, peers: Callable[..., VoicePeer], recordings: list[Any]
) -> None:
    studio = await studio_of()
    await studio.consent(TRANSCRIBE, RECORD)
    turn = await studio.speak(peers(), recordings[0].pcm)
    await eventually(lambda: studio.counted("kept") >= 1)
    sound = opus.decode(await heard(studio, staff(), turn))
    assert abs(len(sound) - len(recordings[0].pcm)) < RATE
    with pytest.raises(NotFound, match="no recording"):
        await heard(studio, staff(), str(uuid4()))
    with pytest.raises(NotFound, match="no recording"):
        await heard(studio, staff(tenant=uuid4()), turn)
    with pytest.raises(Denied):
        await heard(studio, candidate(studio.interview), turn)
    await studio.consent(TRANSCRIBE)
    await eventually(lambda: studio.files() == [])
    with pytest.raises(NotFound, match="no recording"):
        await heard(studio, staff(), turn)


async def test_packets_that_are_lost_do_not_cut_a_recording_to_pieces(
    studio_of: Studios, peers: Callable[..., VoicePeer], recordings: list[Any]
) -> None:
    studio = await studio_of()
    assert studio.store is not None
    await studio.consent(TRANSCRIBE, RECORD)
    await studio.speak(peers(line=Line(loss=0.1, seed=3)), recordings[0].pcm)
    await eventually(lambda: studio.counted("kept") >= 1)
    segments = await studio.store.segments(str(TENANT), str(studio.interview))
    assert len(segments) <= 2
    assert sum(segment.length for segment in segments) >= len(recordings[0].pcm) - RATE


@pytest.mark.parametrize(("granted", "in_force"), [(False, (TRANSCRIBE, RECORD)), (True, (TRANSCRIBE,))])
async def test_without_the_consent_no_file_is_written(
    studio_of: Studios,
    peers: Callable[..., VoicePeer],
    recordings: list[Any],
    granted: bool,
    in_force: tuple[Any, ...],
) -> None:
    studio = await studio_of(record=granted)
    await studio.consent(*in_force)
    await studio.speak(peers(), recordings[4].pcm)
    await eventually(lambda: bool(studio.said(events.TranscriptFinal)))
    if granted:
        await eventually(lambda: studio.counted("refused") >= 1)
    assert studio.files() == []
    assert studio.counted("kept") == 0


async def test_a_revocation_destroys_what_was_recorded_without_a_page(
    studio_of: Studios, peers: Callable[..., VoicePeer], recordings: list[Any]
) -> None:
    studio = await studio_of()
    await studio.consent(TRANSCRIBE, RECORD)
    await studio.speak(peers(), recordings[4].pcm)
    await eventually(lambda: studio.counted("kept") >= 1)
    await studio.consent(TRANSCRIBE)
    await eventually(lambda: studio.files() == [])


async def test_a_session_that_erases_takes_the_sound_with_it(
    studio_of: Studios, peers: Callable[..., VoicePeer], recordings: list[Any]
) -> None:
    studio = await studio_of()
    await studio.consent(TRANSCRIBE, RECORD)
    await studio.speak(peers(), recordings[4].pcm)
    await eventually(lambda: studio.counted("kept") >= 1)
    there = len(studio.files())
    await studio.erased()
    await eventually(lambda: studio.files() == [])
    await eventually(lambda: bool(studio.said(events.MediaErased)))
    assert studio.said(events.MediaErased)[0].objects == there


async def test_an_administrator_erases_and_is_told_how_much(
    studio_of: Studios, peers: Callable[..., VoicePeer], recordings: list[Any]
) -> None:
    studio = await studio_of()
    await studio.consent(TRANSCRIBE, RECORD)
    await studio.speak(peers(), recordings[4].pcm)
    await eventually(lambda: studio.counted("kept") >= 1)
    request = pb.EraseInterviewRequest(interview_id=str(studio.interview))
    for actor in (candidate(studio.interview), staff("recruiter")):
        with acting_as(actor), pytest.raises(Denied):
            await studio.stub.EraseInterview(request, timeout=5)
    with acting_as(staff("admin", tenant=uuid4())):  # another tenant's: there is nothing of it
        assert (await studio.stub.EraseInterview(request, timeout=5)).objects == 0
    there = len(studio.files())
    with acting_as(staff("admin")):
        assert (await studio.stub.EraseInterview(request, timeout=5)).objects == there >= 3
        assert (await studio.stub.EraseInterview(request, timeout=5)).objects == 0
    assert studio.files() == []


async def test_a_store_that_fails_costs_the_recording_and_not_the_answer(
    studio_of: Studios, peers: Callable[..., VoicePeer], recordings: list[Any], tmp_path: Path
) -> None:
    objects = FolderObjects(tmp_path / "objects")
    (tmp_path / "objects" / str(TENANT)).write_bytes(b"in the way")
    studio = await studio_of(objects=objects)
    await studio.consent(TRANSCRIBE, RECORD)
    await studio.speak(peers(), recordings[4].pcm)
    await eventually(lambda: studio.counted("lost") >= 1)
    await eventually(lambda: bool(studio.said(events.TranscriptFinal)))


async def test_a_store_that_is_away_keeps_nobody_from_speaking_and_is_emptied_when_it_is_back(
    studio_of: Studios, peers: Callable[..., VoicePeer], recordings: list[Any], tmp_path: Path
) -> None:
    store = Store(tmp_path / "objects")
    studio = await studio_of(objects=store)
    await studio.consent(TRANSCRIBE, RECORD)
    await studio.speak(peers(), recordings[4].pcm)
    await eventually(lambda: studio.counted("kept") >= 1)
    store.away = True
    unrecorded = studio.token(record=False)
    await studio.call(peers(), token=unrecorded)
    assert studio.files() != []
    await studio.call(peers())
    await studio.answer(uuid4(), "LISTENING", token=unrecorded)
    await studio.consent(TRANSCRIBE)
    store.away = False
    await eventually(lambda: studio.files() == [], within=60)


async def test_taking_back_the_consent_to_expressions_ends_the_pictures_without_a_page(
    studio_of: Studios, peers: Callable[..., VoicePeer]
) -> None:
    studio, peer, turn = await studio_of(), peers(video=True), uuid4()
    await studio.consent(TRANSCRIBE, EXPRESSIONS)
    await studio.call(peer, token=studio.token(mode="practice", expressions=True, record=False))
    await studio.answer(turn, "LISTENING")
    await eventually(lambda: bool(studio.frames), within=30)
    await studio.consent(TRANSCRIBE)
    await eventually(lambda: any(e.reason == "CONSENT_REVOKED" for e in studio.said(events.PeerChanged)))
    await eventually(lambda: peer.state == "closed")
    blind = peers(video=True)
    opened = await studio.open(await blind.offer(), token=studio.token(mode="practice", record=False))
    assert "a=inactive" in opened.sdp_answer.split("m=video")[1]
    await blind.accept(opened.sdp_answer)
    await blind.connected()
    assert (await studio.answer(turn, "LISTENING")).gaps == 0  # the answer is still open


async def test_a_bucket_is_emptied_by_an_erasure_and_its_outage_costs_the_recording_and_not_the_answer(
    studio_of: Studios, peers: Callable[..., VoicePeer], recordings: list[Any], tmp_path: Path
) -> None:
    folder = tmp_path / "s3"
    folder.mkdir()
    server = S3Server("moto", folder)
    server.start()
    try:
        server.bucket("recordings")
        objects = S3Objects("recordings", endpoint=server.url, credentials=server.key)
        studio = await studio_of(objects=objects)
        await studio.consent(TRANSCRIBE, RECORD)
        await studio.speak(peers(), recordings[4].pcm)
        await eventually(lambda: studio.counted("kept") >= 1)
        there = len(server.keys("recordings"))
        await studio.erased()
        await eventually(lambda: bool(studio.said(events.MediaErased)))
        assert studio.said(events.MediaErased)[0].objects == there >= 3
        assert server.keys("recordings") == []
    finally:
        server.stop()
    finals = len(studio.said(events.TranscriptFinal))
    await studio.consent(TRANSCRIBE, RECORD)
    await studio.speak(peers(), recordings[4].pcm)
    await eventually(lambda: studio.counted("lost") >= 1, within=60)
    await eventually(lambda: len(studio.said(events.TranscriptFinal)) > finals, within=60)
