"""The gRPC edge: translate, call, translate.

Two things let a caller in: the actor, who must be of the interview's tenant (a candidate: of the interview itself), and
the sealed grant, which says what the consent ledger held a moment ago.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from uuid import UUID

import grpc
from google.protobuf.duration_pb2 import Duration
from viva.common.v1 import types_pb2 as common
from viva.media.v1 import media_pb2 as pb
from viva.media.v1 import media_pb2_grpc
from viva_core import wellknown
from viva_core.errors import Denied, NotFound
from viva_core.grpc import current_actor

from viva_media.adapters.herald import peer_state_value, quality_message, writing_value
from viva_media.application.answer import Answer
from viva_media.application.playback import Playback
from viva_media.application.rooms import Rooms
from viva_media.domain.activity import Phase
from viva_media.domain.offer import offers_video
from viva_media.domain.peer import Writing
from viva_media.domain.turn_server import IceServer

_LANGUAGES = {common.LANGUAGE_EN: "en", common.LANGUAGE_KO: "ko"}
_PHASES = {pb.AnswerPhase.Value(f"ANSWER_PHASE_{phase.name}"): phase for phase in Phase}
_MARGIN = 0.3  # seconds left of the caller's time for the way back
_AT_MOST = 30.0  # seconds that DONE waits, whatever the caller allows
_PIECE = 1 << 16  # bytes of a recording in one message


class MediaApi(media_pb2_grpc.MediaServiceServicer):
    """Serves viva.media.v1.MediaService. `ice_servers` makes the page's servers, with credentials for one interview."""

    def __init__(self, rooms: Rooms, playback: Playback, ice_servers: Callable[[str], tuple[IceServer, ...]]) -> None:
        self._rooms = rooms
        self._playback = playback
        self._ice_servers = ice_servers

    async def OpenPeer(
        self, request: pb.OpenPeerRequest, context: "grpc.aio.ServicerContext[pb.OpenPeerRequest, pb.OpenPeerResponse]"
    ) -> pb.OpenPeerResponse:
        """Answer an offer."""
        tenant = _tenant_of(request.interview_id)
        interview = UUID(request.interview_id)
        opened = await self._rooms.open(
            self._rooms.grant(request.token, tenant, interview),
            request.sdp_offer,
            _LANGUAGES[request.language],
            UUID(request.peer_id) if request.peer_id else None,
            offers_video=request.offers_video or offers_video(request.sdp_offer),
        )
        return pb.OpenPeerResponse(
            peer_id=str(opened.peer_id),
            sdp_answer=opened.sdp,
            ice_servers=self._servers_for(request.interview_id),
        )

    async def ListIceServers(
        self,
        request: pb.ListIceServersRequest,
        context: "grpc.aio.ServicerContext[pb.ListIceServersRequest, pb.ListIceServersResponse]",
    ) -> pb.ListIceServersResponse:
        """What a page needs before it offers."""
        _tenant_of(request.interview_id)
        return pb.ListIceServersResponse(ice_servers=self._servers_for(request.interview_id))

    def _servers_for(self, interview_id: str) -> list[pb.IceServer]:
        return [
            pb.IceServer(urls=server.urls, username=server.username, credential=server.credential)
            for server in self._ice_servers(interview_id)
        ]

    async def ClosePeer(
        self,
        request: pb.ClosePeerRequest,
        context: "grpc.aio.ServicerContext[pb.ClosePeerRequest, pb.ClosePeerResponse]",
    ) -> pb.ClosePeerResponse:
        """Hang up."""
        await self._rooms.close(_tenant_of(request.interview_id), UUID(request.interview_id), UUID(request.peer_id))
        return pb.ClosePeerResponse()

    async def GetPeer(
        self, request: pb.GetPeerRequest, context: "grpc.aio.ServicerContext[pb.GetPeerRequest, pb.GetPeerResponse]"
    ) -> pb.GetPeerResponse:
        """How a peer is."""
        room = self._rooms.get(_tenant_of(request.interview_id), UUID(request.interview_id))
        if room.peer_id is None:  # it is there for what a process before this one left in the spool
            raise NotFound("nobody is on the line for this interview", reason="PEER_NOT_FOUND")
        if str(room.peer_id) != request.peer_id:
            return pb.GetPeerResponse(state=pb.PEER_STATE_CLOSED)
        return pb.GetPeerResponse(
            state=peer_state_value(room.state), quality=quality_message(room.quality), since=wellknown.stamp(room.since)
        )

    async def SetAnswer(
        self,
        request: pb.SetAnswerRequest,
        context: "grpc.aio.ServicerContext[pb.SetAnswerRequest, pb.SetAnswerResponse]",
    ) -> pb.SetAnswerResponse:
        """Open an answer or change its phase."""
        tenant = _tenant_of(request.interview_id)
        interview = UUID(request.interview_id)
        patience = wellknown.seconds_of(request.patience) if request.HasField("patience") else None
        grant = self._rooms.grant(request.token, tenant, interview) if request.token else None
        phase = _PHASES[request.phase]
        _, answer = await self._rooms.set_answer(tenant, interview, request.turn_id, phase, patience, grant)
        if answer is None:
            return pb.SetAnswerResponse(pending=Duration(), transcription=writing_value(Writing.LIVE))
        if phase is Phase.DONE:
            left = context.time_remaining()
            with suppress(TimeoutError):
                async with asyncio.timeout(min(_AT_MOST, max((left or _AT_MOST) - _MARGIN, 0.0))):
                    await answer.settled.wait()
        return _answered(answer)

    async def EraseInterview(
        self,
        request: pb.EraseInterviewRequest,
        context: "grpc.aio.ServicerContext[pb.EraseInterviewRequest, pb.EraseInterviewResponse]",
    ) -> pb.EraseInterviewResponse:
        """Destroy all sound of an interview."""
        actor = current_actor()
        if actor.kind != common.ACTOR_KIND_SERVICE and not (
            actor.kind == common.ACTOR_KIND_STAFF and "admin" in actor.roles
        ):
            raise Denied("only an administrator erases an interview's sound", reason="ROLE_MISSING")
        erased = await self._rooms.erase(actor.tenant_id, UUID(request.interview_id))
        return pb.EraseInterviewResponse(objects=erased.objects, spooled_answers=erased.spooled)

    async def GetRecording(
        self,
        request: pb.GetRecordingRequest,
        context: "grpc.aio.ServicerContext[pb.GetRecordingRequest, pb.GetRecordingResponse]",
    ) -> AsyncIterator[pb.GetRecordingResponse]:
        """The sound of an answer, in pieces. The session service has said before that this person may hear it."""
        actor = current_actor()
        if actor.kind != common.ACTOR_KIND_STAFF:
            raise Denied("a recording is for the people who decide", reason="ROLE_MISSING")
        webm = await self._playback.answer(actor.tenant_id, request.interview_id, request.turn_id)
        for start in range(0, len(webm), _PIECE):
            yield pb.GetRecordingResponse(webm=webm[start : start + _PIECE])


def _answered(answer: Answer) -> pb.SetAnswerResponse:
    pending = Duration()
    pending.FromNanoseconds(round(answer.pending * 1e9))
    return pb.SetAnswerResponse(
        pending=pending,
        transcription=writing_value(answer.writing),
        finals=len(answer.ledger.finals),
        gaps=len(answer.ledger.gaps),
    )


def _tenant_of(interview_id: str) -> str:
    """The tenant of who acts. Raises Denied for a candidate of another interview."""
    actor = current_actor()
    if actor.kind == common.ACTOR_KIND_CANDIDATE and actor.interview_id != interview_id:
        raise Denied("this interview is somebody else's", reason="INTERVIEW_FOREIGN")
    return actor.tenant_id
