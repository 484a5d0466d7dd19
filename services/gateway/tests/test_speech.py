"""The candidate's microphone over REST: what is sealed for media, and who is let through."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from google.protobuf.duration_pb2 import Duration
from viva.common.v1 import types_pb2 as common
from viva.media.v1 import media_pb2 as media
from viva.session.v1 import interview_pb2
from viva.session.v1 import session_pb2 as api
from viva_core.errors import Denied, Exhausted, Invalid, RateLimited, Refused
from viva_core.media_grant import MediaGrant, unseal
from viva_gateway.domain.principal import Role

OWN = "/candidate/interview"
KEY = b"m" * 43
PEER = "0190b6a0-0000-7000-8000-0000000000e1"
TURN = "0190b6a0-0000-7000-8000-0000000000f1"
SDP = "v=0\r\n"
SPEAKING = (
    interview_pb2.INTERVIEW_STATE_CONSENTED,
    interview_pb2.INTERVIEW_STATE_READY,
    interview_pb2.INTERVIEW_STATE_IN_PROGRESS,
)


def stands(gateway: Any, given: tuple[int, ...] = (), taken_back: tuple[int, ...] = (), **changes: Any) -> None:
    """What the session service says of the interview."""
    interview = interview_pb2.Interview(
        interview_id=str(gateway.interview_id),
        state=interview_pb2.INTERVIEW_STATE_IN_PROGRESS,
        mode=common.INTERVIEW_MODE_HIRING,
        language=common.LANGUAGE_KO,
        consents=[
            common.Consent(purpose=purpose, granted=granted, text_version="2026-11")  # type: ignore[arg-type]  # an int is a value of the enum
            for purposes, granted in ((given, True), (taken_back, False))
            for purpose in purposes
        ],
        patience=Duration(seconds=2, nanos=500_000_000),
    )
    for name, value in changes.items():
        setattr(interview, name, value)
    gateway.neighbour.answers["GetInterview"] = api.GetInterviewResponse(interview=interview)


def answers(gateway: Any) -> None:
    """Media takes an offer."""
    gateway.neighbour.answers["OpenPeer"] = media.OpenPeerResponse(
        peer_id=PEER,
        sdp_answer="v=0 answer",
        ice_servers=[media.IceServer(urls=["turn:192.0.2.1:3478"], username="1:x", credential="c")],
    )


def granted(gateway: Any, method: str) -> MediaGrant:
    """What was sealed for the last call."""
    return unseal(gateway.neighbour.called(method)[-1].request.token, KEY, gateway.clock.now())


async def test_an_offer_reaches_media_with_what_the_ledger_holds(gateway: Any) -> None:
    client = await gateway.candidate()
    answers(gateway)
    stands(
        gateway,
        given=(common.CONSENT_PURPOSE_TRANSCRIBE, common.CONSENT_PURPOSE_EXPRESSIONS),
        taken_back=(common.CONSENT_PURPOSE_RECORD,),
    )
    answered = await client.post(f"{OWN}/peer", json={"sdp_offer": SDP, "offers_video": True, "peer_id": PEER})
    assert answered.status_code == 200, answered.text
    assert answered.json() == {
        "peer_id": PEER,
        "sdp_answer": "v=0 answer",
        "ice_servers": [{"urls": ["turn:192.0.2.1:3478"], "username": "1:x", "credential": "c"}],
    }
    call = gateway.neighbour.called("OpenPeer")[0]
    assert call.actor.kind == common.ACTOR_KIND_CANDIDATE
    sent = call.request
    assert (sent.interview_id, sent.sdp_offer, sent.peer_id) == (str(gateway.interview_id), SDP, PEER)
    assert (sent.language, sent.offers_video) == (common.LANGUAGE_KO, True)
    grant = granted(gateway, "OpenPeer")
    assert (grant.tenant_id, grant.interview_id) == (gateway.tenant, gateway.interview_id)
    assert (grant.transcribe, grant.record, grant.expressions) == (True, False, True)
    assert (grant.mode, grant.sees, grant.patience) == ("hiring", False, 2.5)


async def test_a_grant_runs_out_within_minutes(gateway: Any) -> None:
    client = await gateway.candidate()
    answers(gateway)
    stands(gateway)
    await client.post(f"{OWN}/peer", json={"sdp_offer": SDP})
    token = gateway.neighbour.called("OpenPeer")[0].request.token
    with pytest.raises(Denied):
        unseal(token, KEY, gateway.clock.now() + timedelta(minutes=5))


async def test_practice_with_consent_sees(gateway: Any) -> None:
    client = await gateway.candidate()
    answers(gateway)
    stands(gateway, given=(common.CONSENT_PURPOSE_EXPRESSIONS,), mode=common.INTERVIEW_MODE_PRACTICE)
    await client.post(f"{OWN}/peer", json={"sdp_offer": SDP})
    assert granted(gateway, "OpenPeer").sees


@pytest.mark.parametrize("state", interview_pb2.InterviewState.values())
async def test_the_microphone_is_open_from_consent_to_the_last_answer(gateway: Any, state: int) -> None:
    client = await gateway.candidate()
    answers(gateway)
    stands(gateway, state=state)
    answered = await client.post(f"{OWN}/peer", json={"sdp_offer": SDP})
    if state in SPEAKING:
        assert answered.status_code == 200
    else:
        assert (answered.status_code, answered.json()["reason"]) == (409, "NOT_OPEN")
        assert gateway.neighbour.called("OpenPeer") == []


@pytest.mark.parametrize(
    ("error", "status", "reason"),
    [
        (Refused("no pictures", reason="VIDEO_REFUSED"), 409, "VIDEO_REFUSED"),
        (Denied("another's", reason="TOKEN_FOREIGN"), 403, "TOKEN_FOREIGN"),
        (Invalid("no SDP", reason="SDP_MALFORMED"), 422, "SDP_MALFORMED"),
        (RateLimited("too many offers", retry_after=timedelta(seconds=2)), 429, "RATE_LIMITED"),
        (Exhausted("no more interviews", retry_after=timedelta(seconds=2)), 503, "RESOURCE_EXHAUSTED"),
    ],
)
async def test_what_media_refuses_is_said_as_it_is(gateway: Any, error: Exception, status: int, reason: str) -> None:
    client = await gateway.candidate()
    stands(gateway)
    gateway.neighbour.answers["OpenPeer"] = error
    answered = await client.post(f"{OWN}/peer", json={"sdp_offer": SDP})
    assert (answered.status_code, answered.json()["reason"]) == (status, reason)
    assert ("retry-after" in answered.headers) == (status in (429, 503))


@pytest.mark.parametrize(
    "body", [{}, {"sdp_offer": ""}, {"sdp_offer": "x" * 100_001}, {"sdp_offer": "x", "token": "t"}]
)
async def test_a_malformed_offer_names_its_field(gateway: Any, body: dict[str, Any]) -> None:
    client = await gateway.candidate()
    stands(gateway)
    answered = await client.post(f"{OWN}/peer", json=body)
    assert answered.status_code == 422
    assert answered.json()["errors"][0]["field"] in ("sdp_offer", "token")


@pytest.mark.parametrize("phase", ["question", "listening", "thinking", "done"])
async def test_a_phase_reaches_media(gateway: Any, phase: str) -> None:
    client = await gateway.candidate()
    stands(gateway, given=(common.CONSENT_PURPOSE_TRANSCRIBE,))
    gateway.neighbour.answers["SetAnswer"] = media.SetAnswerResponse(
        pending=Duration(nanos=250_000_000),
        transcription=media.TRANSCRIPTION_STATE_DELAYED,
        finals=2,
        gaps=1,
    )
    answered = await client.post(f"{OWN}/turns/{TURN}/speech", json={"phase": phase})
    assert answered.json() == {"pending_seconds": 0.25, "transcription": "delayed", "finals": 2, "gaps": 1}
    sent = gateway.neighbour.called("SetAnswer")[0].request
    assert sent.turn_id == TURN
    assert media.AnswerPhase.Name(sent.phase) == f"ANSWER_PHASE_{phase.upper()}"
    assert granted(gateway, "SetAnswer").transcribe


async def test_a_peer_is_looked_at_and_closed(gateway: Any) -> None:
    client = await gateway.candidate()
    gateway.neighbour.answers["GetPeer"] = media.GetPeerResponse(
        state=media.PEER_STATE_CONNECTED, quality=media.LineQuality(loss=0.01, jitter_ms=4, level_dbfs=-20)
    )
    gateway.neighbour.answers["ClosePeer"] = media.ClosePeerResponse()
    gateway.neighbour.answers["ListIceServers"] = media.ListIceServersResponse()
    seen = (await client.get(f"{OWN}/peer/{PEER}")).json()
    assert (seen["state"], seen["quality"]["loss"]) == ("connected", 0.01)
    assert (await client.delete(f"{OWN}/peer/{PEER}")).status_code == 204
    assert (await client.get(f"{OWN}/ice-servers")).json() == {"ice_servers": []}
    for method in ("GetPeer", "ClosePeer", "ListIceServers"):
        assert gateway.neighbour.called(method)[0].request.interview_id == str(gateway.interview_id)


async def test_staff_and_strangers_are_not_heard(gateway: Any) -> None:
    staff = await gateway.signed_in(Role.ADMIN)
    stranger = gateway.client(**{"X-Viva-CSRF": "1"})
    for client, status in ((staff, 403), (stranger, 401)):
        assert (await client.post(f"{OWN}/peer", json={"sdp_offer": SDP})).status_code == status
        assert (await client.get(f"{OWN}/peer/{uuid4()}")).status_code == status
        assert (await client.get(f"{OWN}/ice-servers")).status_code == status


async def test_without_media_the_way_out_is_said(settings: Any, neighbour: Any, clock: Any, run_gateway: Any) -> None:
    async with run_gateway(settings(media_target=None), neighbour, clock) as gateway:
        client = await gateway.candidate()
        answered = await client.post(f"{OWN}/peer", json={"sdp_offer": SDP})
        assert (answered.status_code, answered.json()["reason"]) == (409, "TEXT_ONLY")
        assert "type" in answered.json()["detail"]


async def test_media_needs_the_key_of_its_grants(settings: Any, neighbour: Any, clock: Any, run_gateway: Any) -> None:
    with pytest.raises(Invalid, match="VIVA_MEDIA_TOKEN_KEY_FILE"):
        async with run_gateway(settings(media_token_key=None), neighbour, clock):
            pass


async def test_an_interview_is_nobody_elses(gateway: Any) -> None:
    """The interview comes from the session's cookie: there is no field in which another could be named."""
    client = await gateway.candidate()
    stands(gateway)
    answers(gateway)
    body = {"sdp_offer": SDP, "interview_id": str(UUID(int=1))}
    assert (await client.post(f"{OWN}/peer", json=body)).status_code == 422
