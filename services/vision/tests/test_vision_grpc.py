"""The gRPC edge, over a real channel, with the ledger on a real nats-server."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from uuid import UUID

import numpy as np
import pytest
from viva.common.v1 import types_pb2 as common
from viva.event.v1 import events_pb2 as events
from viva.vision.v1 import vision_pb2 as pb
from viva.vision.v1 import vision_pb2_grpc
from viva_core.bus import subjects
from viva_core.errors import Denied, Invalid, Refused, Transient
from viva_core.grpc import Registration, acting_as
from viva_core.validation import check
from viva_testkit import faces
from viva_testkit.bus import BusFactory, BusProbe
from viva_testkit.grpc import candidate, serving, staff
from viva_testkit.nats import NatsServer
from viva_vision.adapters.ledger import BusLedger
from viva_vision.adapters.timeline import BusTimeline
from viva_vision.bootstrap import warm_up
from viva_vision.grpc_api import VisionApi
from viva_vision.looker import Looker
from viva_vision.metrics import VisionMetrics
from viva_vision.vision import Vision

TENANT, INTERVIEW = UUID(int=0xA), UUID(int=0xB)
Frames = Callable[..., pb.AnalyzeFrameRequest]
Consents = Callable[..., events.ConsentRecorded]


@dataclass(frozen=True)
class Service:
    stub: "vision_pb2_grpc.VisionServiceAsyncStub"
    bus: BusProbe
    looker: Looker

    async def say(self, consent: events.ConsentRecorded) -> None:
        await self.bus.bus.publish(subjects.event_subject(TENANT, INTERVIEW, "consent-recorded"), consent)


@pytest.fixture
async def service(buses: BusFactory, looker: Looker) -> AsyncIterator[Service]:
    """The service, asked by the candidate."""
    probe = await buses.connect("vision")
    vision = Vision(BusLedger(probe.bus), looker, BusTimeline(probe.bus))
    api = VisionApi(vision, VisionMetrics(probe.registry), probe.health)
    add = vision_pb2_grpc.add_VisionServiceServicer_to_server
    async with serving([Registration(add, api, "viva.vision.v1.VisionService")]) as served:
        with acting_as(candidate(INTERVIEW)):
            yield Service(vision_pb2_grpc.VisionServiceStub(served.channel), probe, looker)


async def test_a_frame_is_analysed(service: Service, frame: Frames, consent: Consents) -> None:
    await service.say(consent(True))
    answer = await service.stub.AnalyzeFrame(frame())
    check(answer)
    assert len(answer.faces) == 1
    assert len(answer.faces[0].expressions) == 7
    assert sum(each.probability for each in answer.faces[0].expressions) == pytest.approx(1)
    assert answer.model.engine == "onnx"
    assert len(answer.model.sha256) == 64
    assert not answer.model.judge
    assert not answer.quality


async def test_of_two_faces_only_the_nearer_is_read(service: Service, frame: Frames, consent: Consents) -> None:
    await service.say(consent(True))
    answer = await service.stub.AnalyzeFrame(frame(jpeg=faces.jpeg(faces.two_portraits())))
    assert [len(face.expressions) for face in answer.faces] == [7, 0]
    assert list(answer.quality) == [pb.FRAME_QUALITY_SEVERAL_FACES]


@pytest.mark.parametrize("content", [b"", b"x", b"not a picture at all"])
async def test_hiring_mode_is_refused_whatever_is_asked(
    service: Service, frame: Frames, consent: Consents, content: bytes
) -> None:
    await service.say(consent(True))
    asked = frame(mode=common.INTERVIEW_MODE_HIRING, **({"jpeg": content} if content else {}))
    with pytest.raises(Refused) as refusal:
        await service.stub.AnalyzeFrame(asked)
    assert refusal.value.reason == "HIRING_MODE"


async def test_a_hiring_interview_that_says_practice_is_refused(
    service: Service, frame: Frames, consent: Consents
) -> None:
    await service.say(consent(True, common.INTERVIEW_MODE_HIRING))
    with pytest.raises(Refused) as refusal:
        await service.stub.AnalyzeFrame(frame())
    assert refusal.value.reason == "HIRING_MODE"


async def test_without_consent_and_after_a_revocation_it_is_refused(
    service: Service, frame: Frames, consent: Consents
) -> None:
    for granted in (None, False, True, False):
        if granted is not None:
            await service.say(consent(granted))
        if granted:
            assert (await service.stub.AnalyzeFrame(frame())).faces
            continue
        with pytest.raises(Refused) as refusal:
            await service.stub.AnalyzeFrame(frame())
        assert refusal.value.reason == "NO_CONSENT"


async def test_a_purged_log_holds_no_consent(service: Service, frame: Frames, consent: Consents) -> None:
    await service.say(consent(True))
    await service.bus.bus.api.purge("VIVA_EVENT_V1", f"viva.v1.event.{TENANT}.{INTERVIEW}.*")
    with pytest.raises(Refused):
        await service.stub.AnalyzeFrame(frame())


async def test_who_cannot_ask_the_ledger_does_not_look(
    service: Service, frame: Frames, consent: Consents, nats_server: NatsServer
) -> None:
    await service.say(consent(True))
    nats_server.kill()
    with pytest.raises(Transient):
        await service.stub.AnalyzeFrame(frame())
    with pytest.raises(Refused):  # this needs no ledger
        await service.stub.AnalyzeFrame(frame(mode=common.INTERVIEW_MODE_HIRING))


@pytest.mark.parametrize(
    "content",
    [
        b"not a picture",
        faces.jpeg(np.zeros((1, 1, 3), np.uint8)),
        faces.jpeg(np.zeros((5_000, 10_000, 3), np.uint8), quality=1),
        faces.jpeg(faces.empty_room())[:-400],
        b"\xff\xd8\xff" + bytes(600_000) + b"\xff\xd9",
        b"",
    ],
    ids=["no picture", "1 x 1", "50 megapixels", "cut short", "600 kB", "empty"],
)
async def test_a_bad_frame_names_its_field(service: Service, frame: Frames, consent: Consents, content: bytes) -> None:
    await service.say(consent(True))
    with pytest.raises(Invalid) as refusal:
        await service.stub.AnalyzeFrame(frame(jpeg=content))
    assert refusal.value.violations[0].field == "jpeg"
    assert (await service.stub.AnalyzeFrame(frame())).faces  # and it goes on


@pytest.mark.parametrize(
    "actor",
    [
        staff(),
        staff("admin"),
        candidate(UUID(int=0xF)),
        candidate(INTERVIEW, tenant=UUID(int=0xD)),
        staff(tenant=UUID(int=0xD)),
    ],
    ids=["recruiter", "admin", "another candidate", "another tenant's candidate", "another tenant's staff"],
)
async def test_what_a_face_shows_is_for_the_candidate_alone(
    service: Service, frame: Frames, consent: Consents, actor: common.Actor
) -> None:
    await service.say(consent(True))
    with acting_as(actor), pytest.raises(Denied):
        await service.stub.AnalyzeFrame(frame())


async def test_the_model_and_its_readiness_are_told(service: Service) -> None:
    answer = await service.stub.GetModel(pb.GetModelRequest())
    assert (answer.model.id, answer.ready, answer.detail) == ("fer-mini-xception", False, "warming up")
    await warm_up(service.looker, service.bus.health)
    answer = await service.stub.GetModel(pb.GetModelRequest())
    assert (answer.ready, answer.detail) == (True, "")
