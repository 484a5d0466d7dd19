"""What the model saw, read back over a real channel from a real nats-server that holds vision to its rights."""

import base64
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from viva.common.v1 import types_pb2 as common
from viva.event.v1 import events_pb2 as events
from viva.vision.v1 import vision_pb2 as pb
from viva.vision.v1 import vision_pb2_grpc
from viva_core import wellknown
from viva_core.bus import subjects
from viva_core.bus.apply import apply
from viva_core.bus.permissions import nats_config
from viva_core.bus.topology import Role
from viva_core.errors import Denied, Invalid, Refused, Transient
from viva_core.grpc import Registration, acting_as
from viva_core.validation import check
from viva_testkit.bus import BusFactory, BusProbe
from viva_testkit.grpc import candidate, serving, staff
from viva_testkit.nats import NatsServer
from viva_vision.adapters.ledger import BusLedger
from viva_vision.adapters.timeline import BusTimeline
from viva_vision.grpc_api import VisionApi
from viva_vision.looker import Looker
from viva_vision.metrics import VisionMetrics
from viva_vision.ports import TimelinePage
from viva_vision.vision import Vision

TENANT, INTERVIEW = UUID(int=0xA), UUID(int=0xB)
PASSWORDS = {role: f"{role}-secret" for role in Role}
BEGAN = datetime(2026, 11, 25, 9, tzinfo=UTC)
Consents = Callable[..., events.ConsentRecorded]


def seen(number: int, interview: UUID = INTERVIEW) -> events.ExpressionsSeen:
    """The frame of that number: every third shows no face, every fifth too small a one."""
    box = pb.Face(x=0.2, y=0.2, width=0.4, height=0.4, confidence=1.0)
    if number % 5:
        box.expressions.extend(
            pb.ExpressionProbability(expression=each, probability=float(each == pb.EXPRESSION_HAPPY))
            for each in pb.Expression.values()[1:]
        )
    faceless = number % 3 == 0
    return events.ExpressionsSeen(
        tenant_id=str(TENANT),
        interview_id=str(interview),
        occurred_at=wellknown.stamp(BEGAN),
        captured_at=wellknown.stamp(BEGAN + timedelta(seconds=2 * number)),
        turn_id=str(UUID(int=number // 10 + 1)),
        faces=0 if faceless else 1,
        face=None if faceless else box,
        quality=[pb.FRAME_QUALITY_NO_FACE] if faceless else [],
    )


@dataclass(frozen=True)
class Service:
    stub: "vision_pb2_grpc.VisionServiceAsyncStub"
    vision: BusProbe
    session: BusProbe
    server: NatsServer

    async def consents(self, consent: events.ConsentRecorded) -> None:
        subject = subjects.event_subject(TENANT, consent.interview_id, "consent-recorded")
        await self.session.bus.publish(subject, consent)

    async def sees(self, count: int, interview: UUID = INTERVIEW) -> None:
        subject = subjects.event_subject(TENANT, interview, "expressions-seen")
        for number in range(count):
            await self.vision.bus.publish(subject, seen(number, interview), event_id=uuid4())

    async def timeline(self, page_size: int = 0) -> list[pb.TimelinePoint]:
        points, token = [], ""
        while True:
            request = pb.GetTimelineRequest(interview_id=str(INTERVIEW), page_size=page_size, page_token=token)
            page = await self.stub.GetTimeline(request)
            check(page)
            assert len(page.points) <= (page_size or 500)
            points += page.points
            token = page.next_page_token
            if not token:
                return points


@pytest.fixture
async def service(looker: Looker, tmp_path: Path) -> AsyncIterator[Service]:
    """The service with vision's own rights, asked by the candidate."""
    server = NatsServer(tmp_path / "nats", config=nats_config(PASSWORDS))
    server.start()
    factory = BusFactory(server.url)
    await apply((await factory.connect(Role.ADMIN, password=PASSWORDS[Role.ADMIN])).bus.api)
    vision = await factory.connect(Role.VISION, password=PASSWORDS[Role.VISION])
    session = await factory.connect(Role.SESSION, password=PASSWORDS[Role.SESSION])
    api = VisionApi(
        Vision(BusLedger(vision.bus), looker, BusTimeline(vision.bus)), VisionMetrics(vision.registry), vision.health
    )
    add = vision_pb2_grpc.add_VisionServiceServicer_to_server
    async with serving([Registration(add, api, "viva.vision.v1.VisionService")]) as served:
        with acting_as(candidate(INTERVIEW)):
            yield Service(vision_pb2_grpc.VisionServiceStub(served.channel), vision, session, server)
    await factory.close()
    server.stop()


async def test_every_frame_keeps_its_place_also_one_without_a_face(service: Service, consent: Consents) -> None:
    await service.consents(consent(True))
    await service.sees(10)
    points = await service.timeline()
    assert [point.captured_at.ToDatetime(tzinfo=UTC) for point in points] == [
        BEGAN + timedelta(seconds=2 * number) for number in range(10)
    ]
    assert [point.faces for point in points] == [0, 1, 1, 0, 1, 1, 0, 1, 1, 0]
    assert [point.HasField("face") for point in points] == [bool(point.faces) for point in points]
    assert [len(point.face.expressions) for point in points if point.faces] == [7, 7, 7, 0, 7, 7]
    assert list(points[0].quality) == [pb.FRAME_QUALITY_NO_FACE]
    assert points[1].turn_id == str(UUID(int=1))


@pytest.mark.parametrize("page_size", [0, 1000, 7])
async def test_an_hour_comes_whole_whatever_the_page(service: Service, consent: Consents, page_size: int) -> None:
    await service.consents(consent(True))
    frames = 1800 if page_size != 7 else 50
    await service.sees(frames)
    points = await service.timeline(page_size)
    seconds = [point.captured_at.seconds - int(BEGAN.timestamp()) for point in points]
    assert seconds == [2 * number for number in range(frames)]


async def test_of_other_interviews_nothing_is_told(service: Service, consent: Consents) -> None:
    await service.consents(consent(True))
    await service.sees(3, UUID(int=0xD))
    assert await service.timeline() == []


@pytest.mark.parametrize(
    ("ledger", "reason"),
    [
        (None, "NO_CONSENT"),
        ((False,), "NO_CONSENT"),
        ((True, common.INTERVIEW_MODE_HIRING), "HIRING_MODE"),
        ((False, common.INTERVIEW_MODE_HIRING), "HIRING_MODE"),
    ],
)
async def test_what_may_not_be_looked_at_may_not_be_read_back(
    service: Service, consent: Consents, ledger: tuple[Any, ...] | None, reason: str
) -> None:
    await service.sees(2)
    if ledger is not None:
        await service.consents(consent(*ledger))
    with pytest.raises(Refused) as refusal:
        await service.timeline()
    assert refusal.value.reason == reason


async def test_a_consent_that_was_taken_back_closes_it(service: Service, consent: Consents) -> None:
    await service.consents(consent(True))
    await service.sees(2)
    assert len(await service.timeline()) == 2
    await service.consents(consent(False))
    with pytest.raises(Refused):
        await service.timeline()


class Revoking:
    """A timeline that is read just while the candidate takes the consent back."""

    def __init__(self, service: Service, consent: events.ConsentRecorded, *, purged: bool) -> None:
        self._service, self._consent, self._purged = service, consent, purged

    async def page(self, tenant_id: UUID | str, interview_id: UUID | str, *, after: int, most: int) -> TimelinePage:
        await self._service.consents(self._consent)
        if self._purged:
            raise Transient("what was there is gone")
        return await BusTimeline(self._service.vision.bus).page(tenant_id, interview_id, after=after, most=most)


@pytest.mark.parametrize("purged", [False, True])
async def test_a_consent_that_is_taken_back_during_the_read_closes_it(
    service: Service, looker: Looker, consent: Consents, purged: bool
) -> None:
    await service.consents(consent(True))
    await service.sees(2)
    revoking = Revoking(service, consent(False), purged=purged)
    vision = Vision(BusLedger(service.vision.bus), looker, revoking)
    with pytest.raises(Refused):
        await vision.look_back(TENANT, INTERVIEW, after=0, most=10)


@pytest.mark.parametrize(
    "actor",
    [staff(), staff("admin"), candidate(UUID(int=0xF))],
    ids=["recruiter", "admin", "another candidate"],
)
async def test_it_is_for_the_candidate_alone(service: Service, consent: Consents, actor: common.Actor) -> None:
    await service.consents(consent(True))
    await service.sees(1)
    with acting_as(actor), pytest.raises(Denied):
        await service.timeline()


async def test_another_tenant_finds_nothing(service: Service, consent: Consents) -> None:
    await service.consents(consent(True))
    await service.sees(1)
    with acting_as(candidate(INTERVIEW, tenant=UUID(int=0xD))), pytest.raises(Refused):
        await service.timeline()


@pytest.mark.parametrize(
    "token",
    ["!", "bm90IGEgbnVtYmVy", base64.urlsafe_b64encode(b"-1").decode(), base64.urlsafe_b64encode(b"9" * 30).decode()],
)
async def test_a_token_that_is_none_of_ours_is_named(service: Service, consent: Consents, token: str) -> None:
    await service.consents(consent(True))
    with pytest.raises(Invalid) as refusal:
        await service.stub.GetTimeline(pb.GetTimelineRequest(interview_id=str(INTERVIEW), page_token=token))
    assert refusal.value.violations[0].field == "page_token"


async def test_while_the_bus_is_away_nothing_is_told(service: Service, consent: Consents) -> None:
    await service.consents(consent(True))
    service.server.kill()
    with pytest.raises(Transient):
        await service.timeline()


async def test_a_reader_leaves_the_workers_consumers_as_they_are(service: Service) -> None:
    """It makes consumers of its own subject under names of its own; any other is refused."""
    api, own = service.vision.bus.publisher, f"viva.v1.event.{TENANT}.{INTERVIEW}.expressions-seen"
    for call in (
        f"CONSUMER.CREATE.VIVA_EVENT_V1.session.{own}",
        f"CONSUMER.CREATE.VIVA_EVENT_V1.media.{own}",
        f"CONSUMER.CREATE.VIVA_EVENT_V1.mine.viva.v1.event.{TENANT}.{INTERVIEW}.transcript-final",
        "CONSUMER.CREATE.VIVA_EVENT_V1.mine",
        f"CONSUMER.CREATE.VIVA_EVENT_V1.mine.viva.v1.event.{TENANT}.{INTERVIEW}.*",
        "CONSUMER.DURABLE.CREATE.VIVA_EVENT_V1.mine",
    ):
        with pytest.raises(Denied):
            await api.publish(f"$JS.API.{call}", b"{}", {})
