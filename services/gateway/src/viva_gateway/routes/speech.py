"""The candidate's voice: what a page needs to be heard. The sound itself goes from the page to media, not through here.

What a peer may do is sealed into a grant for each call, from the interview as it stands at that moment: media asks
nobody, and a consent that was taken back is not in the next grant.
"""

from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from fastapi import Response
from viva.common.v1 import types_pb2 as common
from viva.media.v1 import media_pb2 as media
from viva.session.v1 import interview_pb2
from viva.session.v1 import session_pb2 as api
from viva_core import wellknown
from viva_core.errors import Refused
from viva_core.media_grant import MediaGrant, seal

from viva_gateway.domain.principal import Principal
from viva_gateway.edge.documents import Id
from viva_gateway.edge.gateway import Caller, Gateway, Via
from viva_gateway.edge.guard import guarded_router
from viva_gateway.schemas.speech import IceServers, Peer, PeerOffer, PeerOpened, Speech, SpeechPhase

if TYPE_CHECKING:  # the names of the type stubs alone
    from viva.media.v1.media_pb2_grpc import MediaServiceAsyncStub

router = guarded_router("candidate")
_OWN = "/candidate/interview"
_GRANT_LASTS = timedelta(minutes=2)
_SPEAKABLE = frozenset(
    {
        interview_pb2.INTERVIEW_STATE_CONSENTED,
        interview_pb2.INTERVIEW_STATE_READY,
        interview_pb2.INTERVIEW_STATE_IN_PROGRESS,
    }
)
"""From the check of the microphone to the last answer."""


@router.get(f"{_OWN}/ice-servers")
async def list_ice_servers(caller: Caller, gateway: Via) -> IceServers:
    """The servers to make an offer with; their credentials run out in some hours."""
    request = media.ListIceServersRequest(interview_id=_own(caller))
    return IceServers.of(await _media(gateway).ListIceServers(request))


@router.post(f"{_OWN}/peer")
async def open_peer(body: PeerOffer, caller: Caller, gateway: Via) -> PeerOpened:
    """Offer a connection; the answer ends that of another tab. After a network change, offer anew with `peer_id`."""
    stub = _media(gateway)
    interview = await _interview(caller, gateway)
    if interview.state not in _SPEAKABLE:
        raise Refused("the microphone opens once you have consented, until the interview is over", reason="NOT_OPEN")
    request = body.to_message(media.OpenPeerRequest)
    request.interview_id, request.language = interview.interview_id, interview.language
    request.token = _grant(interview, caller, gateway)
    return PeerOpened.of(await stub.OpenPeer(request))


@router.get(f"{_OWN}/peer/{{peer_id}}")
async def get_peer(peer_id: Id, caller: Caller, gateway: Via) -> Peer:
    """How the connection is."""
    request = media.GetPeerRequest(interview_id=_own(caller), peer_id=str(peer_id))
    return Peer.of(await _media(gateway).GetPeer(request))


@router.delete(f"{_OWN}/peer/{{peer_id}}", status_code=204)
async def close_peer(peer_id: Id, caller: Caller, gateway: Via) -> Response:
    """Hang up; twice is no error."""
    await _media(gateway).ClosePeer(media.ClosePeerRequest(interview_id=_own(caller), peer_id=str(peer_id)))
    return Response(status_code=204)


@router.post(f"{_OWN}/turns/{{turn_id}}/speech")
async def set_speech(turn_id: Id, body: SpeechPhase, caller: Caller, gateway: Via) -> Speech:
    """Say what the candidate is doing about the open answer. `done` before the answer is submitted."""
    stub = _media(gateway)
    request = body.to_message(media.SetAnswerRequest)
    interview = await _interview(caller, gateway)
    request.interview_id, request.turn_id = interview.interview_id, str(turn_id)
    request.token = _grant(interview, caller, gateway)
    return Speech.of(await stub.SetAnswer(request))


def _media(gateway: Gateway) -> "MediaServiceAsyncStub":
    if gateway.services.media is None:
        raise Refused("this Viva listens to nobody: type the answers", reason="TEXT_ONLY")
    return gateway.services.media


def _own(caller: Principal) -> str:
    assert caller.interview_id is not None
    return str(caller.interview_id)


async def _interview(caller: Principal, gateway: Gateway) -> interview_pb2.Interview:
    request = api.GetInterviewRequest(interview_id=_own(caller))
    return (await gateway.services.session.GetInterview(request)).interview


def _grant(interview: interview_pb2.Interview, caller: Principal, gateway: Gateway) -> str:
    key = gateway.settings.media_token_key
    assert key is not None  # the bootstrap demands it beside media's address
    given = {consent.purpose for consent in interview.consents if consent.granted}
    grant = MediaGrant(
        tenant_id=caller.tenant_id,
        interview_id=UUID(interview.interview_id),
        mode="practice" if interview.mode == common.INTERVIEW_MODE_PRACTICE else "hiring",
        transcribe=common.CONSENT_PURPOSE_TRANSCRIBE in given,
        record=common.CONSENT_PURPOSE_RECORD in given,
        expressions=common.CONSENT_PURPOSE_EXPRESSIONS in given,
        patience=wellknown.seconds_of(interview.patience),
        expires_at=gateway.clock.now() + _GRANT_LASTS,
    )
    return seal(grant, key.get_secret_value().encode())
