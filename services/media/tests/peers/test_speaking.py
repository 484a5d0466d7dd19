"""What is said to a peer becomes words on the bus: all of it, in order, with its times."""

from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import numpy as np
import pytest
from viva.event.v1 import events_pb2 as events
from viva.media.v1 import media_pb2 as pb
from viva_media.voice_peer import VoicePeer
from viva_testkit.bus import eventually
from viva_testkit.studio import Inside


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


async def test_the_answer_of_the_turn_before_is_written_down_late(
    studio: Inside, peers: Callable[..., VoicePeer], recordings: list, wer: Callable[[str, str], float]
) -> None:
    peer, one, two = peers(), uuid4(), uuid4()
    await studio.call(peer)
    await studio.answer(one, "LISTENING")
    await peer.say(recordings[4].pcm)
    await studio.answer(two, "LISTENING")
    await eventually(lambda: wer(recordings[4].text, studio.text(one)) < 0.1)
