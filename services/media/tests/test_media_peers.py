"""Peers over real WebRTC, gRPC and NATS: who may enter, what is heard, and what is said about it on the bus."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
import pytest
from prometheus_client import CollectorRegistry
from viva.common.v1 import types_pb2 as common
from viva.event.v1 import events_pb2 as events
from viva.media.v1 import media_pb2 as pb
from viva.media.v1 import media_pb2_grpc
from viva_core.clock import SystemClock
from viva_core.errors import Conflict, Denied, Exhausted, Invalid, NotFound, RateLimited, Refused, Transient
from viva_core.grpc import Registration, acting_as
from viva_core.media_grant import seal
from viva_media.adapters.deepgram import Deepgram
from viva_media.adapters.herald import Herald
from viva_media.adapters.moonshine import Moonshine
from viva_media.adapters.peer import Peer, PeerSettings
from viva_media.adapters.silero import Silero
from viva_media.adapters.spools import Spools
from viva_media.application import room
from viva_media.application.answer import Hearing
from viva_media.application.rooms import House, Rooms
from viva_media.domain.peer import PeerState
from viva_media.domain.ports import SpeechToText
from viva_media.domain.turn_server import IceServer
from viva_media.grpc_api import MediaApi
from viva_media.metrics import MediaMetrics
from viva_media.voice_peer import Line, VoicePeer
from viva_testkit.bus import BusFactory, eventually
from viva_testkit.deepgram import DeepgramServer
from viva_testkit.grpc import candidate, serving, staff
from viva_testkit.studio import MEDIA_SERVICE, TOKEN_KEY, Studio

EN = common.LANGUAGE_EN


@dataclass
class Inside(Studio):
    """A studio whose service runs in this process."""

    rooms: Rooms | None = None
    spool: Path = Path()


Studios = Callable[..., Awaitable[Inside]]


@pytest.fixture
async def studio_of(buses: BusFactory, silero: Silero, moonshine: Moonshine, tmp_path: Path) -> AsyncIterator[Studios]:
    """Builds a media service; arguments change its rules, engines and peers."""
    async with AsyncExitStack() as stack:

        async def build(
            *,
            engines: tuple[SpeechToText, ...] = (moonshine,),
            house: dict[str, Any] | None = None,
            grant: Any = None,
            **peers: Any,
        ) -> Inside:
            more = {} if grant is None else {"grant": grant}
            probe = await buses.connect("media")
            clock = SystemClock()
            rooms = Rooms(
                House(token_key=TOKEN_KEY, **({"tick": 0.2} | (house or {}))),
                herald=lambda tenant, interview: Herald(probe.bus, clock, tenant, interview),
                hearing=Hearing(engines, silero.listener, clock),
                spools=Spools(tmp_path / "spool", bytes(32), limit=8 << 20),
                peers=PeerSettings(**({"frame_every": 0.5} | peers)),
                clock=clock,
                metrics=MediaMetrics(CollectorRegistry()),
            )
            await rooms.start()
            looking_after = asyncio.create_task(rooms.run())
            servers = (IceServer(("stun:stun.example:3478",)),)
            api = MediaApi(rooms, lambda _: servers)
            served = await stack.enter_async_context(
                serving([Registration(media_pb2_grpc.add_MediaServiceServicer_to_server, api, MEDIA_SERVICE)])
            )

            async def stop() -> None:
                looking_after.cancel()
                await asyncio.gather(looking_after, return_exceptions=True)
                await rooms.stop(0.0)

            stack.push_async_callback(stop)
            studio = Inside(
                media_pb2_grpc.MediaServiceStub(served.channel), **more, rooms=rooms, spool=tmp_path / "spool"
            )
            await stack.enter_async_context(studio.listening(await buses.connect("gateway")))
            return studio

        yield build


@pytest.fixture
async def studio(studio_of: Studios) -> Inside:
    """A media service in English, hiring mode."""
    return await studio_of()


async def test_a_spoken_answer_becomes_words_with_times_on_the_bus(
    studio: Inside, peers: Callable[..., VoicePeer], recordings: list, wer: Callable[[str, str], float]
) -> None:
    peer, turn = peers(), uuid4()
    peer_id = await studio.call(peer)
    await studio.answer(turn, "LISTENING")
    await peer.say(recordings[0].pcm)
    await eventually(lambda: bool(studio.said(events.UtteranceEnded)))
    done = await studio.answer(turn, "DONE")

    assert done.pending.ToTimedelta() == timedelta(0)
    assert (done.finals, done.gaps) == (1, 0)
    await eventually(lambda: bool(studio.said(events.LineQualityMeasured)))
    (final,) = studio.said(events.TranscriptFinal)
    assert wer(recordings[0].text, studio.text(turn)) < 0.1
    assert final.model.id == "moonshine-tiny-en"
    assert final.model.engine == "moonshine-onnx"
    assert len(final.model.sha256) == 64
    starts = [word.start.ToTimedelta().total_seconds() for word in final.words]
    assert starts == sorted(starts)
    assert all(0 < word.confidence <= 1 for word in final.words)
    (ended,) = studio.said(events.UtteranceEnded)
    assert ended.silence.ToTimedelta() >= timedelta(seconds=1)
    partials = [each for each in studio.told(pb.TranscriptDelta) if each.utterance_id == final.utterance_id]
    assert partials
    assert any(level.speaking for level in studio.told(pb.LineLevel))
    (quality,) = studio.said(events.LineQualityMeasured)
    assert -50 < quality.quality.level_dbfs < 0
    states = [(each.peer_id, each.state) for each in studio.said(events.PeerChanged)]
    assert (peer_id, pb.PEER_STATE_CONNECTED) in states
    assert (await studio.get(peer_id)).quality.round_trip_ms > 0


async def test_what_was_said_is_on_no_disk_once_it_is_final(
    studio: Inside, peers: Callable[..., VoicePeer], recordings: list
) -> None:
    peer, turn = peers(), uuid4()
    await studio.call(peer)
    await studio.answer(turn, "LISTENING")
    await peer.say(recordings[4].pcm)
    assert len(list((studio.spool).iterdir())) == 1
    await studio.answer(turn, "DONE")
    assert list((studio.spool).iterdir()) == []


async def test_speaking_while_the_question_is_read_out_barges_in(
    studio: Inside, peers: Callable[..., VoicePeer], recordings: list
) -> None:
    peer, turn = peers(), uuid4()
    await studio.call(peer)
    await studio.answer(turn, "QUESTION")
    await peer.say(recordings[4].pcm)
    await eventually(lambda: any(each.barged_in for each in studio.told(pb.SpeechStarted)))
    assert studio.said(events.UtteranceEnded) == []


async def test_a_second_tab_takes_over_and_the_first_is_told(
    studio: Inside, peers: Callable[..., VoicePeer], recordings: list, wer: Callable[[str, str], float]
) -> None:
    turn, first, second = uuid4(), peers(), peers()
    first_id = await studio.call(first)
    await studio.answer(turn, "LISTENING")
    await first.say(recordings[4].pcm)
    await eventually(lambda: bool(studio.said(events.TranscriptFinal)))
    second_id = await studio.call(second)
    assert first_id != second_id
    await eventually(lambda: (first_id, "TAKEN_OVER") in [(e.peer_id, e.reason) for e in studio.told(pb.PeerStatus)])
    await eventually(
        lambda: (first_id, "TAKEN_OVER") in [(e.peer_id, e.reason) for e in studio.said(events.PeerChanged)]
    )
    assert (await studio.get(first_id)).state == pb.PEER_STATE_CLOSED
    await second.say(recordings[3].pcm)
    done = await studio.answer(turn, "DONE")
    assert done.gaps == 0
    assert wer(f"{recordings[4].text} {recordings[3].text}", studio.text(turn)) < 0.15


async def test_a_new_offer_after_a_network_change_goes_on_with_peer_and_answer(
    studio: Inside, peers: Callable[..., VoicePeer], recordings: list, wer: Callable[[str, str], float]
) -> None:
    turn, before, after = uuid4(), peers(), peers()
    peer_id = await studio.call(before)
    await studio.answer(turn, "LISTENING")
    await before.say(recordings[4].pcm)
    await eventually(lambda: bool(studio.said(events.TranscriptFinal)))
    assert await studio.call(after, peer_id=peer_id) == peer_id
    await after.say(recordings[3].pcm)
    await studio.answer(turn, "DONE")
    assert not any(each.reason == "TAKEN_OVER" for each in studio.said(events.PeerChanged))
    assert wer(f"{recordings[4].text} {recordings[3].text}", studio.text(turn)) < 0.15


async def test_speech_that_a_lost_peer_cut_off_is_a_gap_with_its_time(
    studio: Inside, peers: Callable[..., VoicePeer], recordings: list
) -> None:
    turn, before, after = uuid4(), peers(), peers()
    peer_id = await studio.call(before)
    await studio.answer(turn, "LISTENING")
    await before.say(recordings[0].pcm[: 3 * 16_000])
    await eventually(lambda: bool(studio.told(pb.SpeechStarted)))
    await before.close()
    await studio.call(after, peer_id=peer_id)
    await after.say(recordings[4].pcm)
    await studio.answer(turn, "DONE")
    (gap,) = studio.said(events.TranscriptGap)
    assert gap.reason == "PEER_LOST"
    assert gap.start.ToTimedelta() < gap.end.ToTimedelta()
    first, second = sorted(studio.said(events.TranscriptFinal), key=lambda each: each.words[0].start.ToTimedelta())
    assert first.words[-1].end.ToTimedelta() <= gap.end.ToTimedelta() <= second.words[-1].start.ToTimedelta()


async def test_a_peer_that_goes_quiet_is_disconnected_and_then_back(
    studio_of: Studios, peers: Callable[..., VoicePeer]
) -> None:
    studio, peer = await studio_of(quiet_after=0.4), peers(line=Line())
    peer_id = await studio.call(peer)
    sender = peer._connection.getSenders()[0]
    send = sender.transport._send_rtp

    async def nothing(_: bytes) -> None:
        """A cut."""

    await eventually(lambda: bool(studio.told(pb.LineLevel)))
    sender.transport._send_rtp = nothing
    await eventually(lambda: any(e.state == pb.PEER_STATE_DISCONNECTED for e in studio.said(events.PeerChanged)))
    sender.transport._send_rtp = send

    async def back() -> bool:
        return (await studio.get(peer_id)).state == pb.PEER_STATE_CONNECTED

    await eventually(back)


async def test_an_outage_in_mid_speech_ends_no_turn_and_shifts_no_word(
    studio_of: Studios, peers: Callable[..., VoicePeer], recordings: list
) -> None:
    studio, peer, turn = await studio_of(quiet_after=0.5), peers(line=Line()), uuid4()
    await studio.call(peer)
    await studio.answer(turn, "LISTENING", patience=1.5)
    sender = peer._connection.getSenders()[0]
    send = sender.transport._send_rtp

    async def nothing(_: bytes) -> None:
        """A cut."""

    clock = asyncio.get_running_loop().time
    begun = clock()
    await peer.say(recordings[4].pcm[: int(2.5 * 16_000)])
    sender.transport._send_rtp = nothing
    await peer.say(np.zeros(4 * 16_000, dtype=np.int16))
    sender.transport._send_rtp = send
    apart = clock() - begun
    await peer.say(recordings[3].pcm)
    assert studio.said(events.UtteranceEnded) == []
    await studio.answer(turn, "DONE")
    await eventually(lambda: len(studio.said(events.TranscriptFinal)) >= 2)
    assert any(each.state == pb.PEER_STATE_DISCONNECTED for each in studio.said(events.PeerChanged))
    starts = sorted(each.words[0].start.ToTimedelta().total_seconds() for each in studio.said(events.TranscriptFinal))
    assert abs(starts[-1] - starts[0] - apart) < 1.5
    assert studio.said(events.UtteranceEnded) == []


async def test_a_lossy_line_is_told_of(studio: Inside, peers: Callable[..., VoicePeer], recordings: list) -> None:
    peer, turn = peers(line=Line(loss=0.15, seed=3)), uuid4()
    await studio.call(peer)
    await studio.answer(turn, "LISTENING")
    await peer.say(recordings[0].pcm)
    await eventually(lambda: any(pb.LINE_FAULT_LOSS in level.faults for level in studio.told(pb.LineLevel)))
    await studio.answer(turn, "DONE")
    await eventually(lambda: bool(studio.said(events.LineQualityMeasured)))
    assert studio.said(events.LineQualityMeasured)[0].quality.loss > 0.05


async def test_packets_that_come_late_and_out_of_order_cost_no_words(
    studio: Inside, peers: Callable[..., VoicePeer], recordings: list, wer: Callable[[str, str], float]
) -> None:
    peer, turn = peers(line=Line(jitter=0.2, seed=3)), uuid4()
    await studio.call(peer)
    await studio.answer(turn, "LISTENING")
    await peer.say(recordings[3].pcm)
    await eventually(lambda: bool(studio.said(events.TranscriptFinal)), within=30)
    await studio.answer(turn, "DONE")
    assert wer(recordings[3].text, studio.text(turn)) < 0.25
    await eventually(lambda: bool(studio.said(events.LineQualityMeasured)))
    assert studio.said(events.LineQualityMeasured)[0].quality.jitter_ms > 20


async def test_practice_with_consent_gives_small_frames_to_vision_and_none_to_a_disk(
    studio: Inside, peers: Callable[..., VoicePeer]
) -> None:
    peer = peers(video=True)
    await studio.call(peer, token=studio.token(mode="practice", expressions=True))
    await eventually(lambda: len(studio.frames) >= 2, within=20)
    assert peer.camera is not None
    peer.camera.size = (320, 240)  # as Chromium does in mid-call
    seen = len(studio.frames)
    await eventually(lambda: len(studio.frames) >= seen + 2, within=20)
    for frame in studio.frames:
        assert frame.jpeg.startswith(b"\xff\xd8")
        assert frame.jpeg.endswith(b"\xff\xd9")
        assert frame.mode == common.INTERVIEW_MODE_PRACTICE
        assert len(frame.jpeg) < 100_000
    assert [
        path for path in studio.spool.parent.rglob("*") if path.is_file() and path.read_bytes()[:2] == b"\xff\xd8"
    ] == []


async def test_a_camera_that_is_unplugged_ends_the_pictures_and_not_the_call(
    studio: Inside, peers: Callable[..., VoicePeer], recordings: list, wer: Callable[[str, str], float]
) -> None:
    peer, turn = peers(video=True), uuid4()
    peer_id = await studio.call(peer, token=studio.token(mode="practice", expressions=True))
    await studio.answer(turn, "LISTENING")
    await eventually(lambda: bool(studio.frames), within=30)
    assert peer.camera is not None
    peer.camera.stop()
    await peer.say(recordings[3].pcm)
    await eventually(lambda: bool(studio.said(events.TranscriptFinal)), within=30)
    assert (await studio.get(peer_id)).state == pb.PEER_STATE_CONNECTED
    await studio.answer(turn, "DONE")
    assert wer(recordings[3].text, studio.text(turn)) < 0.15


async def test_two_voices_at_once_are_written_down_once_and_in_order(
    studio: Inside, peers: Callable[..., VoicePeer], recordings: list
) -> None:
    """Nobody can say whose words they are: they are an answer like another, with its times, or a gap."""
    peer, turn = peers(), uuid4()
    one, two = recordings[1].pcm, recordings[3].pcm
    length = min(len(one), len(two))
    both = (one[:length] // 2 + two[:length] // 2).astype(np.int16)
    await studio.call(peer)
    await studio.answer(turn, "LISTENING")
    await peer.say(np.concatenate((both, np.zeros(16_000, dtype=np.int16))))
    done = await studio.answer(turn, "DONE")
    assert done.finals + done.gaps >= 1
    assert done.pending.ToTimedelta() == timedelta(0)
    await eventually(lambda: len(studio.said(events.TranscriptFinal)) == done.finals)
    words = [word for each in studio.said(events.TranscriptFinal) for word in each.words]
    starts = [word.start.ToTimedelta() for word in words]
    assert starts == sorted(starts)
    assert all(0 < word.confidence <= 1 for word in words)


async def test_without_consent_no_picture_is_even_received(studio: Inside, peers: Callable[..., VoicePeer]) -> None:
    peer = peers(video=True)
    opened = await studio.open(await peer.offer(), token=studio.token(mode="practice"))
    video = opened.sdp_answer.split("m=video")[1]
    assert "a=inactive" in video
    assert "a=recvonly" not in video
    await peer.accept(opened.sdp_answer)
    await peer.connected()
    await eventually(lambda: bool(studio.told(pb.LineLevel)))
    assert studio.frames == []


async def test_a_consent_that_is_taken_back_ends_the_pictures(studio: Inside, peers: Callable[..., VoicePeer]) -> None:
    peer, turn = peers(video=True), uuid4()
    seeing = studio.token(mode="practice", expressions=True)
    await studio.call(peer, token=seeing)
    await studio.answer(turn, "LISTENING")
    await eventually(lambda: bool(studio.frames), within=20)
    await studio.answer(turn, "LISTENING", token=studio.token(mode="practice"))
    await eventually(lambda: any(e.reason == "CONSENT_REVOKED" for e in studio.said(events.PeerChanged)))


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


async def test_hiring_refuses_pictures(studio: Inside, peers: Callable[..., VoicePeer]) -> None:
    with pytest.raises(Refused) as raised:
        await studio.open(await peers(video=True).offer())
    assert raised.value.reason == "VIDEO_REFUSED"


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


async def test_closing_is_no_error_twice_and_ends_the_peer(studio: Inside, peers: Callable[..., VoicePeer]) -> None:
    peer = peers()
    peer_id = await studio.call(peer)
    request = pb.ClosePeerRequest(interview_id=str(studio.interview), peer_id=peer_id)
    with acting_as(candidate(studio.interview)):
        await studio.stub.ClosePeer(request, timeout=5)
        await studio.stub.ClosePeer(request, timeout=5)
    assert (await studio.get(peer_id)).state == pb.PEER_STATE_CLOSED
    await eventually(lambda: any(e.reason == "CLOSED_BY_PAGE" for e in studio.said(events.PeerChanged)))


async def test_nobody_on_the_line_is_not_found_and_a_closed_answer_stays_closed(
    studio: Inside, peers: Callable[..., VoicePeer]
) -> None:
    with pytest.raises(NotFound):
        await studio.answer(uuid4(), "LISTENING")
    await studio.call(peers())
    turn = uuid4()
    await studio.answer(turn, "LISTENING")
    done = await studio.answer(turn, "DONE")
    assert (done.finals, done.gaps) == (0, 0)
    assert (await studio.answer(turn, "DONE")).finals == 0
    with pytest.raises(Conflict) as raised:
        await studio.answer(turn, "LISTENING")
    assert raised.value.reason == "ANSWER_CLOSED"


async def test_draining_tells_the_page_lets_the_answer_end_and_takes_nobody_new(
    studio: Inside, peers: Callable[..., VoicePeer], recordings: list, wer: Callable[[str, str], float]
) -> None:
    peer, turn = peers(), uuid4()
    await studio.call(peer)
    await studio.answer(turn, "LISTENING")
    speaking = asyncio.create_task(peer.say(recordings[4].pcm))
    await eventually(lambda: bool(studio.told(pb.SpeechStarted)))
    assert studio.rooms is not None
    draining = asyncio.create_task(studio.rooms.stop(30.0))
    await eventually(lambda: any(each.reason == "DRAINING" for each in studio.told(pb.PeerStatus)))
    with pytest.raises(Transient) as raised:
        await studio.open(await peers().offer())
    assert raised.value.reason == "DRAINING"
    await speaking
    await studio.answer(turn, "DONE")
    async with asyncio.timeout(15):
        await draining
    assert wer(recordings[4].text, studio.text(turn)) < 0.1


async def test_a_pod_that_ends_in_mid_answer_hands_the_answer_to_the_next(
    studio_of: Studios, peers: Callable[..., VoicePeer], recordings: list, wer: Callable[[str, str], float]
) -> None:
    first = await studio_of()
    peer, turn = peers(), uuid4()
    await first.call(peer)
    await first.answer(turn, "LISTENING")
    await peer.say(recordings[4].pcm)
    await eventually(lambda: first.told(pb.LineLevel)[-1].level_dbfs < -60)  # the last word has arrived
    assert first.rooms is not None
    await first.rooms.stop(0.0)  # no grace at all

    second = await studio_of(grant=first.grant)  # the same spool folder
    after = peers()
    await second.call(after)
    await after.say(recordings[3].pcm)
    done = await second.answer(turn, "DONE")
    assert done.gaps == 0
    await eventually(lambda: wer(f"{recordings[4].text} {recordings[3].text}", first.text(turn)) < 0.15)


async def test_deepgram_is_down_while_the_candidate_speaks_and_every_word_comes_late(
    studio_of: Studios,
    peers: Callable[..., VoicePeer],
    recordings: list,
    deepgram_server: DeepgramServer,
    wer: Callable[[str, str], float],
) -> None:
    engine = Deepgram(deepgram_server.key, url=deepgram_server.url)
    studio, peer, turn = await studio_of(engines=(engine,)), peers(), uuid4()
    await deepgram_server.stop()
    await studio.call(peer)
    await studio.answer(turn, "LISTENING")
    await peer.say(recordings[4].pcm)
    await eventually(lambda: "ENGINE_AWAY" in [each.transcription_reason for each in studio.told(pb.PeerStatus)])
    assert studio.said(events.TranscriptFinal) == []
    await deepgram_server.start()
    done = await studio.answer(turn, "DONE")
    assert (done.gaps, done.transcription) == (0, pb.TRANSCRIPTION_STATE_LIVE)
    assert wer(recordings[4].text, studio.text(turn)) < 0.1
    assert {each.model.engine for each in studio.said(events.TranscriptFinal)} == {"deepgram"}


async def test_a_long_answer_without_a_pause_loses_no_words(
    studio: Inside, peers: Callable[..., VoicePeer], recordings: list, wer: Callable[[str, str], float]
) -> None:
    peer, turn = peers(), uuid4()
    await studio.call(peer)
    await studio.answer(turn, "LISTENING")
    await peer.say(np.concatenate([each.pcm[3200:-3200] for each in recordings]))
    done = await studio.answer(turn, "DONE")
    assert done.gaps == 0
    assert wer(" ".join(each.text for each in recordings), studio.text(turn)) < 0.15


@pytest.mark.parametrize("number", [1, 3])
async def test_done_in_the_same_moment_as_the_last_word_cuts_nothing_off(
    studio: Inside, peers: Callable[..., VoicePeer], recordings: list, number: int
) -> None:
    peer, turn, said = peers(), uuid4(), recordings[number]
    loud = np.flatnonzero(np.abs(said.pcm) > 500)
    await studio.call(peer)
    await studio.answer(turn, "LISTENING")
    await peer.say(said.pcm[: int(loud[-1]) + 1])  # no silence at its end
    await studio.answer(turn, "DONE")
    await eventually(lambda: bool(studio.said(events.TranscriptFinal)))
    assert studio.text(turn).lower().strip(" .,!?").endswith(said.text.lower().split()[-1])


@pytest.mark.parametrize(
    ("spoil", "fault"),
    [
        (lambda pcm: np.zeros_like(np.tile(pcm, 2)), pb.LINE_FAULT_SILENT),
        (lambda pcm: (pcm.astype(np.int32) * 40).clip(-32768, 32767).astype(np.int16), pb.LINE_FAULT_CLIPPING),
        (lambda pcm: (pcm // 60).astype(np.int16), pb.LINE_FAULT_TOO_QUIET),
    ],
    ids=["muted", "clipped", "too quiet"],
)
async def test_a_bad_microphone_is_told_of_while_there_is_time_to_mend_it(
    studio: Inside, peers: Callable[..., VoicePeer], recordings: list, spoil: Callable[[Any], Any], fault: int
) -> None:
    peer = peers()
    await studio.call(peer)
    await studio.answer(uuid4(), "LISTENING")
    speaking = asyncio.create_task(peer.say(spoil(recordings[0].pcm)))
    await eventually(lambda: any(fault in level.faults for level in studio.told(pb.LineLevel)), within=25)
    await speaking


async def test_a_microphone_of_eight_kilohertz_is_understood(
    studio: Inside, peers: Callable[..., VoicePeer], recordings: list, wer: Callable[[str, str], float]
) -> None:
    peer, turn, pcm = peers(), uuid4(), recordings[3].pcm
    narrow = (pcm[: len(pcm) // 2 * 2].reshape(-1, 2).mean(axis=1)).astype(np.int16).repeat(2)
    await studio.call(peer)
    await studio.answer(turn, "LISTENING")
    await peer.say(narrow)
    await studio.answer(turn, "DONE")
    assert wer(recordings[3].text, studio.text(turn)) < 0.25


async def test_nothing_is_lost_while_the_bus_is_away(
    studio: Inside,
    peers: Callable[..., VoicePeer],
    recordings: list,
    nats_server: Any,
    wer: Callable[[str, str], float],
) -> None:
    peer, turn = peers(), uuid4()
    await studio.call(peer)
    await studio.answer(turn, "LISTENING")
    nats_server.kill()
    await peer.say(recordings[4].pcm)
    done = await studio.answer(turn, "DONE", within=3)
    assert done.pending.ToTimedelta() > timedelta(0)
    nats_server.start()
    done = await studio.answer(turn, "DONE")
    assert (done.finals, done.pending.ToTimedelta()) == (1, timedelta(0))
    await eventually(lambda: wer(recordings[4].text, studio.text(turn)) < 0.1)


async def test_the_answer_of_the_turn_before_is_written_down_late(
    studio: Inside, peers: Callable[..., VoicePeer], recordings: list, wer: Callable[[str, str], float]
) -> None:
    peer, one, two = peers(), uuid4(), uuid4()
    await studio.call(peer)
    await studio.answer(one, "LISTENING")
    await peer.say(recordings[4].pcm)
    await studio.answer(two, "LISTENING")
    await eventually(lambda: wer(recordings[4].text, studio.text(one)) < 0.1)
