"""The gRPC edge: translate, call, translate. It stores nothing and says nothing on the bus."""

import base64
import binascii
import time

import grpc
from viva.common.v1 import types_pb2 as common
from viva.vision.v1 import vision_pb2 as pb
from viva.vision.v1 import vision_pb2_grpc
from viva_core.errors import Denied, Invalid, Refused, Violation, VivaError
from viva_core.grpc import current_actor
from viva_core.health import Health
from viva_core.models.messages import model_message

from viva_vision.adapters.ledger import mode_of
from viva_vision.metrics import VisionMetrics
from viva_vision.translate import faces_message, qualities_message
from viva_vision.vision import Vision

_PAGE = 500


class VisionApi(vision_pb2_grpc.VisionServiceServicer):
    """Serves viva.vision.v1.VisionService."""

    def __init__(self, vision: Vision, metrics: VisionMetrics, health: Health) -> None:
        self._vision = vision
        self._metrics = metrics
        self._health = health

    async def AnalyzeFrame(
        self,
        request: pb.AnalyzeFrameRequest,
        context: "grpc.aio.ServicerContext[pb.AnalyzeFrameRequest, pb.AnalyzeFrameResponse]",
    ) -> pb.AnalyzeFrameResponse:
        """Analyse one frame."""
        _check_actor(request.interview_id, request.tenant_id)
        started = time.monotonic()
        try:
            seen, _ = await self._vision.analyse(
                request.tenant_id, request.interview_id, mode_of(request.mode), request.jpeg
            )
        except Refused:
            self._metrics.frame("grpc", "refused")
            raise
        except Invalid:
            self._metrics.frame("grpc", "bad")
            raise
        except VivaError:
            self._metrics.frame("grpc", "failed")
            raise
        self._metrics.frame("grpc", "seen")
        self._metrics.seen(seen, time.monotonic() - started)
        return pb.AnalyzeFrameResponse(
            faces=faces_message(seen),
            model=model_message(self._vision.info) if seen.reading is not None else None,
            quality=qualities_message(seen),
        )

    async def GetTimeline(
        self,
        request: pb.GetTimelineRequest,
        context: "grpc.aio.ServicerContext[pb.GetTimelineRequest, pb.GetTimelineResponse]",
    ) -> pb.GetTimelineResponse:
        """A page of what the model saw."""
        tenant = current_actor().tenant_id
        _check_actor(request.interview_id, tenant)
        page = await self._vision.look_back(
            tenant, request.interview_id, after=_place_of(request.page_token), most=request.page_size or _PAGE
        )
        return pb.GetTimelineResponse(points=page.points, next_page_token=_token_of(page.after))

    async def GetModel(
        self, request: pb.GetModelRequest, context: "grpc.aio.ServicerContext[pb.GetModelRequest, pb.GetModelResponse]"
    ) -> pb.GetModelResponse:
        """Which model looks, and whether it can serve now."""
        state = self._health.parts.get("model")
        ready = state is not None and state.ok
        why = "" if ready else (state.why if state is not None else "") or "warming up"
        return pb.GetModelResponse(model=model_message(self._vision.info), ready=ready, detail=why)


def _check_actor(interview_id: str, tenant_id: str) -> None:
    """What a face shows is for the candidate alone: not for staff, whatever their role."""
    actor = current_actor()
    if actor.tenant_id != tenant_id:
        raise Denied("this interview is another tenant's")
    if actor.kind == common.ACTOR_KIND_STAFF:
        raise Denied("what a face shows is for the candidate alone")
    if actor.kind == common.ACTOR_KIND_CANDIDATE and actor.interview_id != interview_id:
        raise Denied("this interview is another candidate's")


def _token_of(place: int | None) -> str:
    return "" if place is None else base64.urlsafe_b64encode(str(place).encode()).decode()


def _place_of(token: str) -> int:
    """Raises Invalid."""
    if not token:
        return 0
    try:
        place = int(base64.urlsafe_b64decode(token.encode()).decode())
    except (binascii.Error, ValueError):
        place = -1
    if not 0 <= place < 2**63:
        raise Invalid(
            "page_token is none of ours", [Violation("page_token", "give the next_page_token of an answer, or nothing")]
        )
    return place
