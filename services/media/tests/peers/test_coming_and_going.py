"""Peers that are taken over, cut off, back again or handed to another pod: the answer goes on."""

import asyncio
from collections.abc import Callable
from uuid import uuid4

import numpy as np
import pytest
from viva.event.v1 import events_pb2 as events
from viva.media.v1 import media_pb2 as pb
from viva_core.errors import Conflict, NotFound, Transient
from viva_core.grpc import acting_as
from viva_media.voice_peer import Line, VoicePeer
from viva_testkit.bus import eventually
from viva_testkit.grpc import candidate
from viva_testkit.studio import Inside, Studios


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
