"""Pictures are taken in practice mode with consent, and reach vision and no disk."""

from collections.abc import Callable
from uuid import uuid4

import pytest
from viva.common.v1 import types_pb2 as common
from viva.event.v1 import events_pb2 as events
from viva.media.v1 import media_pb2 as pb
from viva_core.errors import Refused
from viva_media.voice_peer import VoicePeer
from viva_testkit.bus import eventually
from viva_testkit.studio import Inside


async def test_practice_with_consent_gives_small_frames_to_vision_and_none_to_a_disk(
    studio: Inside, peers: Callable[..., VoicePeer]
) -> None:
    peer = peers(video=True)
    await studio.call(peer, token=studio.token(mode="practice", expressions=True))
    await studio.answer(uuid4(), "LISTENING")
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


async def test_no_picture_is_kept_of_the_check_before_an_answer_nor_of_the_time_between_two(
    studio: Inside, peers: Callable[..., VoicePeer]
) -> None:
    async def seconds_pass(count: int) -> None:
        """While the line is up: it tells its level four times a second."""
        levels = len(studio.told(pb.LineLevel)) + 4 * count
        await eventually(lambda: len(studio.told(pb.LineLevel)) >= levels, within=60)

    peer, turn = peers(video=True), uuid4()
    await studio.call(peer, token=studio.token(mode="practice", expressions=True))
    await seconds_pass(3)
    assert studio.frames == []
    await studio.answer(turn, "LISTENING")
    await eventually(lambda: len(studio.frames) >= 2, within=30)
    await studio.answer(turn, "DONE")
    seen = len(studio.frames)
    await seconds_pass(3)
    assert len(studio.frames) <= seen + 1, "one may have been on its way"
    assert {frame.turn_id for frame in studio.frames} == {str(turn)}


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


async def test_hiring_refuses_pictures(studio: Inside, peers: Callable[..., VoicePeer]) -> None:
    with pytest.raises(Refused) as raised:
        await studio.open(await peers(video=True).offer())
    assert raised.value.reason == "VIDEO_REFUSED"
