"""From a frame on the bus to the event, on a real nats-server with the rights that vision has."""

import asyncio
import base64
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from viva.common.v1 import types_pb2 as common
from viva.event.v1 import events_pb2 as events
from viva.vision.v1 import vision_pb2 as pb
from viva_core.bus import Worker, message_types, subjects
from viva_core.bus.apply import apply
from viva_core.bus.permissions import nats_config
from viva_core.bus.topology import VISION, Role
from viva_core.clock import SystemClock
from viva_core.errors import Denied
from viva_testkit import faces
from viva_testkit.bus import BusFactory, BusProbe, eventually
from viva_testkit.nats import NatsServer
from viva_vision.adapters.ledger import BusLedger
from viva_vision.adapters.timeline import BusTimeline
from viva_vision.domain.gate import Standing
from viva_vision.looker import Looker
from viva_vision.metrics import VisionMetrics
from viva_vision.ports import Ledger
from viva_vision.vision import Vision
from viva_vision.worker import FrameWorker, Overtaken

TENANT, INTERVIEW = UUID(int=0xA), UUID(int=0xB)
SEEN = subjects.event_subject(TENANT, INTERVIEW, "expressions-seen")
FRAME = subjects.frame_subject(TENANT, INTERVIEW)
PASSWORDS = {role: f"{role}-secret" for role in Role}
Frames = Callable[..., pb.AnalyzeFrameRequest]
Consents = Callable[..., events.ConsentRecorded]


@pytest.fixture
def guarded(tmp_path: Path) -> Iterator[NatsServer]:
    """A nats-server that holds each role to its rights."""
    server = NatsServer(tmp_path / "nats", config=nats_config(PASSWORDS))
    server.start()
    yield server
    server.stop()


@dataclass
class World:
    """The buses of a test: vision's own, and those of who speaks to it."""

    vision: BusProbe
    media: BusProbe
    session: BusProbe
    admin: BusProbe
    metrics: VisionMetrics

    async def show(self, frame: pb.AnalyzeFrameRequest, interview: UUID = INTERVIEW) -> None:
        await self.media.bus.publish(subjects.frame_subject(TENANT, interview), frame, event_id=uuid4())

    async def say(self, consent: events.ConsentRecorded) -> None:
        subject = subjects.event_subject(TENANT, consent.interview_id, "consent-recorded")
        await self.session.bus.publish(subject, consent)

    def frames(self, outcome: str) -> float:
        return self.vision.metric("viva_vision_frames_total", edge="bus", outcome=outcome)

    async def until(self, outcome: str, count: int = 1) -> None:
        await eventually(lambda: self.frames(outcome) == count, within=60)

    async def stored(self, subject: str = SEEN, stream: str = "VIVA_EVENT_V1") -> int:
        info = await self.admin.bus.api.request(f"STREAM.INFO.{stream}", {"subjects_filter": subject})
        return sum((info["state"].get("subjects") or {}).values())

    async def seen(self) -> events.ExpressionsSeen:
        answer: Any = await self.admin.bus.api.request("STREAM.MSG.GET.VIVA_EVENT_V1", {"last_by_subj": SEEN})
        return events.ExpressionsSeen.FromString(base64.b64decode(answer["message"]["data"]))


@pytest.fixture
async def world(guarded: NatsServer) -> AsyncIterator[World]:
    factory = BusFactory(guarded.url)
    made = {role: await factory.connect(role, password=PASSWORDS[role]) for role in Role}
    await apply(made[Role.ADMIN].bus.api)
    vision = made[Role.VISION]
    metrics = VisionMetrics(vision.registry)
    yield World(vision, made[Role.MEDIA], made[Role.SESSION], made[Role.ADMIN], metrics)
    await factory.close()


@asynccontextmanager
async def working(world: World, looker: Looker, ledger: Ledger | None = None, stale: float = 30) -> AsyncIterator[None]:
    bus = world.vision.bus
    vision = Vision(ledger or BusLedger(bus), looker, BusTimeline(bus))
    handler = FrameWorker(bus, vision, world.metrics, SystemClock(), stale=timedelta(seconds=stale))
    types = message_types(pb.AnalyzeFrameRequest)
    worker = Worker(
        bus, VISION, handler.handle, message_types=types, health=world.vision.health, expires=0.6, heartbeat=0.2
    )
    running = asyncio.create_task(worker.run())
    try:
        yield
    finally:
        await worker.stop(grace=5)
        await running


async def test_a_frame_becomes_an_event(world: World, looker: Looker, frame: Frames, consent: Consents) -> None:
    await world.say(consent(True))
    live = subjects.live_subject(TENANT, INTERVIEW, "expressions")
    listening = world.admin.bus.subscribe_live(live, message_types(events.ExpressionsSeen))
    asked = frame()
    async with listening as messages, working(world, looker):
        await world.show(asked)
        await world.until("seen")
        said = (await anext(messages)).message
    event = await world.seen()
    assert said == event
    assert (event.turn_id, event.faces, list(event.quality)) == (asked.turn_id, 1, [])
    assert event.captured_at == asked.captured_at
    assert event.model.id == "fer-mini-xception"
    assert len(event.face.expressions) == 7
    best = max(event.face.expressions, key=lambda each: each.probability)
    assert best.expression == pb.EXPRESSION_HAPPY
    assert 0 < event.face.x < event.face.x + event.face.width < 1


async def test_a_frame_without_a_face_is_told_too(
    world: World, looker: Looker, frame: Frames, consent: Consents
) -> None:
    await world.say(consent(True))
    async with working(world, looker):
        await world.show(frame(jpeg=faces.jpeg(faces.empty_room()), turn_id=""))
        await world.until("seen")
    event = await world.seen()
    assert (event.faces, list(event.quality)) == (0, [pb.FRAME_QUALITY_NO_FACE])
    assert not event.HasField("face")
    assert not event.HasField("model")
    assert event.turn_id == ""


async def test_the_newest_frame_wins_and_the_overtaken_are_counted(
    world: World, looker: Looker, frame: Frames, consent: Consents
) -> None:
    await world.say(consent(True))
    overtaken = [
        Overtaken(world.vision.bus, world.metrics, lambda taken=taken: taken.pop()) for taken in ([1, 0], [0, 0])
    ]
    for each in overtaken:
        await each.look()
    shown = [frame(age=age) for age in (3, 2, 1)]
    for each in shown:
        await world.show(each)
    async with working(world, looker):
        await world.until("seen")
    # Of two processes one took the frame: the sum of what both count is what went past them.
    for each in overtaken:
        await each.look()
    assert await world.stored() == 1
    assert (await world.seen()).captured_at == shown[-1].captured_at
    assert world.vision.metric("viva_vision_frames_overtaken_total") == 2


async def test_every_frame_that_was_seen_stays_in_the_timeline(
    world: World, looker: Looker, frame: Frames, consent: Consents
) -> None:
    await world.say(consent(True))
    async with working(world, looker):
        for count in (1, 2, 3):
            await world.show(frame())
            await world.until("seen", count)
    assert await world.stored() == 3


async def test_a_stale_frame_is_dropped_and_counted(
    world: World, looker: Looker, frame: Frames, consent: Consents
) -> None:
    await world.say(consent(True))
    async with working(world, looker, stale=2):
        await world.show(frame(age=3))
        await world.until("stale")
    assert await world.stored() == 0


@pytest.mark.parametrize(
    ("claimed", "ledger"),
    [
        (common.INTERVIEW_MODE_PRACTICE, None),
        (common.INTERVIEW_MODE_PRACTICE, (False, common.INTERVIEW_MODE_PRACTICE)),
        (common.INTERVIEW_MODE_PRACTICE, (True, common.INTERVIEW_MODE_HIRING)),
        (common.INTERVIEW_MODE_PRACTICE, (True, common.INTERVIEW_MODE_UNSPECIFIED)),
        (common.INTERVIEW_MODE_HIRING, (True, common.INTERVIEW_MODE_PRACTICE)),
        (common.INTERVIEW_MODE_HIRING, (True, common.INTERVIEW_MODE_HIRING)),
        (common.INTERVIEW_MODE_HIRING, None),
    ],
    ids=["no ledger", "no consent", "hiring", "a session of before", "a lie", "both hiring", "hiring, no ledger"],
)
async def test_what_may_not_be_looked_at_is_not(
    world: World,
    looker: Looker,
    frame: Frames,
    consent: Consents,
    claimed: int,
    ledger: tuple[bool, int] | None,
) -> None:
    if ledger is not None:
        await world.say(consent(*ledger))
    async with working(world, looker):
        await world.show(frame(mode=claimed))
        await world.until("refused")
    assert await world.stored() == 0
    assert world.vision.metric("viva_vision_seconds_count") == 0


async def test_the_consent_of_another_interview_counts_for_nothing(
    world: World, looker: Looker, frame: Frames, consent: Consents
) -> None:
    await world.say(consent(True, interview=UUID(int=0xD)))
    async with working(world, looker):
        await world.show(frame())
        await world.until("refused")


async def test_a_revocation_holds_from_the_next_frame_on(
    world: World, looker: Looker, frame: Frames, consent: Consents
) -> None:
    await world.say(consent(True))
    async with working(world, looker):
        await world.show(frame())
        await world.until("seen")
        await world.say(consent(False))
        await world.show(frame())
        await world.until("refused")
        await world.say(consent(True))
        await world.show(frame())
        await world.until("seen", 2)
    assert await world.stored() == 2


class _Revoking:
    """A ledger whose candidate revokes right after it was asked for the n-th time."""

    def __init__(self, world: World, consent: Consents, after: int) -> None:
        self._world, self._consent, self._after = world, consent, after
        self._ledger = BusLedger(world.vision.bus)

    async def standing(self, tenant_id: UUID | str, interview_id: UUID | str) -> Standing | None:
        standing = await self._ledger.standing(tenant_id, interview_id)
        self._after -= 1
        if self._after == 0:
            await self._world.say(self._consent(False))
        return standing


@pytest.mark.parametrize("after", [1, 2], ids=["while it is looked at", "between the look and the event"])
async def test_nothing_is_said_after_a_revocation(
    world: World, looker: Looker, frame: Frames, consent: Consents, after: int
) -> None:
    await world.say(consent(True))
    async with working(world, looker, _Revoking(world, consent, after)):
        await world.show(frame())
        await world.until("refused")
    assert await world.stored() == 0


async def test_what_is_no_frame_is_counted_and_never_a_dead_letter(
    world: World, looker: Looker, frame: Frames, consent: Consents
) -> None:
    await world.say(consent(True))
    async with working(world, looker):
        await world.show(frame(jpeg=frame().jpeg[:-100]))
        await world.until("bad")
        await world.show(frame(interview_id=str(UUID(int=0xC))))
        await world.media.bus.publish(subjects.frame_subject(TENANT, UUID(int=0xE)), pb.GetModelRequest())
        dead = {"stream": "VIVA_FRAME_V1", "consumer": "vision", "outcome": "dead"}
        await eventually(lambda: world.vision.metric("viva_bus_handled_total", **dead) == 2, within=60)
    assert await world.stored("viva.v1.dead.>", "VIVA_DEAD_V1") == 0
    assert await world.stored() == 0


async def test_a_face_never_touches_a_disk(
    world: World, looker: Looker, frame: Frames, consent: Consents, tmp_path: Path
) -> None:
    await world.say(consent(True))
    async with working(world, looker):
        await world.show(frame())
        await world.until("seen")
        await world.show(frame(interview_id=str(UUID(int=0xC))))
        await world.show(frame(mode=common.INTERVIEW_MODE_HIRING))
        await world.until("refused")
    assert files_with(tmp_path, b"viva.event.v1.ConsentRecorded")  # what does lie there is found
    assert not files_with(tmp_path, frame().jpeg[2000:2032])


def files_with(folder: Path, piece: bytes) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and piece in path.read_bytes()]


async def test_vision_reads_of_the_log_only_what_was_consented_to(world: World, consent: Consents) -> None:
    await world.say(consent(True))
    api = world.vision.bus.api
    ledger = subjects.event_subject(TENANT, INTERVIEW, "consent-recorded")
    assert await api.newest("VIVA_EVENT_V1", ledger) is not None
    assert await api.newest("VIVA_EVENT_V1", subjects.event_subject(TENANT, UUID(int=1), "consent-recorded")) is None
    # nats-server answers a forbidden request with silence.
    for forbidden in ("transcript-final", "answer-submitted", "expressions-seen"):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.3):
                await api.newest("VIVA_EVENT_V1", subjects.event_subject(TENANT, INTERVIEW, forbidden))
    with pytest.raises(Denied):
        await world.vision.bus.publish(ledger, consent(True))
