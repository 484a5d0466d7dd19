"""Who may enter, with which offers, and how many at once."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from viva.common.v1 import types_pb2 as common
from viva.media.v1 import media_pb2 as pb
from viva_core.errors import Denied, Exhausted, Invalid, RateLimited, Refused, Transient
from viva_core.grpc import acting_as
from viva_core.media_grant import seal
from viva_media.adapters.peer import Peer
from viva_media.application import room
from viva_media.domain.peer import PeerState
from viva_media.voice_peer import VoicePeer
from viva_testkit.bus import eventually
from viva_testkit.grpc import candidate, staff
from viva_testkit.studio import Inside, Studios

EN = common.LANGUAGE_EN


async def test_taking_back_the_consent_to_be_written_down_destroys_the_sound(
    studio: Inside, peers: Callable[..., VoicePeer], recordings: list
) -> None:
    peer, turn = peers(), uuid4()
    await studio.call(peer)
    await studio.answer(turn, "LISTENING")
    await peer.say(recordings[0].pcm[:32_000])
    with pytest.raises(Refused):
        await studio.answer(turn, "LISTENING", token=studio.token(transcribe=False))
    assert list((studio.spool).iterdir()) == []
    await eventually(lambda: peer.state == "closed")


async def test_without_consent_to_be_written_down_nobody_enters(
    studio: Inside, peers: Callable[..., VoicePeer]
) -> None:
    with pytest.raises(Refused) as raised:
        await studio.open(await peers().offer(), token=studio.token(transcribe=False))
    assert raised.value.reason == "CONSENT_MISSING"


async def test_korean_is_refused_with_the_way_out(studio: Inside, peers: Callable[..., VoicePeer]) -> None:
    with pytest.raises(Refused) as raised:
        await studio.open(await peers().offer(), language=common.LANGUAGE_KO)
    assert raised.value.reason == "LANGUAGE_NOT_SPOKEN"
    assert "type the answers" in raised.value.message


async def test_foreign_expired_and_made_up_tokens_are_denied(studio: Inside, peers: Callable[..., VoicePeer]) -> None:
    sdp = await peers().offer()
    for token, reason in (
        ("", "TOKEN_INVALID"),
        ("made.up", "TOKEN_INVALID"),
        (seal(studio.grant, b"another key of somebody"), "TOKEN_INVALID"),
        (studio.token(interview_id=uuid4()), "TOKEN_FOREIGN"),
        (studio.token(tenant_id=uuid4()), "TOKEN_FOREIGN"),
        (studio.token(expires_at=datetime.now(UTC)), "TOKEN_EXPIRED"),
    ):
        with pytest.raises(Denied) as raised:
            await studio.open(sdp, token=token)
        assert raised.value.reason == reason


async def test_a_candidate_touches_no_other_interview(studio: Inside, peers: Callable[..., VoicePeer]) -> None:
    request = pb.OpenPeerRequest(
        interview_id=str(studio.interview), sdp_offer=await peers().offer(), language=EN, token=studio.token()
    )
    with acting_as(candidate(uuid4())), pytest.raises(Denied):
        await studio.stub.OpenPeer(request, timeout=5)
    with acting_as(staff(tenant=uuid4())), pytest.raises(Denied):
        await studio.stub.OpenPeer(request, timeout=5)
    with acting_as(candidate(uuid4())), pytest.raises(Denied):
        await studio.stub.GetPeer(
            pb.GetPeerRequest(interview_id=str(studio.interview), peer_id=str(uuid4())), timeout=5
        )


async def test_offers_that_no_browser_makes_are_invalid(studio_of: Studios, peers: Callable[..., VoicePeer]) -> None:
    studio = await studio_of(house={"offers_at_once": 100})
    good = await peers().offer()
    candidates = "a=candidate:1 1 udp 1 192.0.2.9 9 typ host\r\n" * 10_000
    for sdp in (
        "v=0\r\n" + "a=x\r\n" * 200_000,
        good + candidates,
        "hello",
        good.replace("m=audio", "m=application"),
        good.replace("opus/48000/2", "opus/banana"),
        good.replace("a=setup:actpass\r\n", ""),
        good[: len(good) // 2],
    ):
        with pytest.raises(Invalid):
            await studio.open(sdp)


async def test_a_flood_of_offers_is_held_off(studio: Inside) -> None:
    for _ in range(6):
        with pytest.raises(Invalid):
            await studio.open("v=0\r\n")
    with pytest.raises(RateLimited) as raised:
        await studio.open("v=0\r\n")
    assert raised.value.retry_after is not None


async def test_a_full_house_says_so(studio_of: Studios, peers: Callable[..., VoicePeer]) -> None:
    studio = await studio_of(house={"most_peers": 0})
    with pytest.raises(Exhausted):
        await studio.open(await peers().offer())


async def test_an_offer_that_fails_half_way_leaves_no_peer_behind(
    studio: Inside, peers: Callable[..., VoicePeer], monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[Peer] = []

    class Noted(Peer):
        def __init__(self, *arguments: Any, **named: Any) -> None:
            super().__init__(*arguments, **named)
            made.append(self)

    async def fails(_: Any) -> None:
        raise Transient("the one before cannot be taken leave of")

    await studio.call(peers())
    assert studio.rooms is not None
    with monkeypatch.context() as patched:
        patched.setattr(room, "Peer", Noted)
        patched.setattr(studio.rooms.get(str(studio.grant.tenant_id), studio.interview), "_leave", fails)
        with pytest.raises(Transient):
            await studio.open(await peers().offer())
    assert [each.state for each in made] == [PeerState.CLOSED]


async def test_a_house_is_full_for_offers_at_once_and_for_who_left_and_comes_back(
    studio_of: Studios, peers: Callable[..., VoicePeer]
) -> None:
    studio, others = await studio_of(house={"most_peers": 1}), [uuid4() for _ in range(3)]

    async def offer(interview: Any) -> Any:
        token = studio.token(interview_id=interview)
        return await studio.open(await peers().offer(), interview_id=str(interview), token=token)

    outcomes = await asyncio.gather(*map(offer, others), return_exceptions=True)
    assert [type(each) for each in outcomes].count(Exhausted) == 2
    (inside,) = (other for other, each in zip(others, outcomes, strict=True) if not isinstance(each, Exhausted))
    again = await offer(inside)  # whoever is on the line may offer again
    with acting_as(candidate(inside)):
        request = pb.ClosePeerRequest(interview_id=str(inside), peer_id=again.peer_id)
        await studio.stub.ClosePeer(request, timeout=5)
    await offer(next(each for each in others if each != inside))
    with pytest.raises(Exhausted):
        await offer(inside)
