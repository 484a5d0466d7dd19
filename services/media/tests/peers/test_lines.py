"""Lossy and late packets, and microphones that are muted, overdriven or too far away."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import numpy as np
import pytest
from viva.event.v1 import events_pb2 as events
from viva.media.v1 import media_pb2 as pb
from viva_media.voice_peer import Line, VoicePeer
from viva_testkit.bus import eventually
from viva_testkit.studio import Inside


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


@pytest.mark.parametrize(
    ("spoil", "fault"),
    [
        (lambda pcm: np.zeros_like(np.tile(pcm, 2)), pb.LINE_FAULT_SILENT),
        (lambda pcm: (pcm.astype(np.int32) * 40).clip(-32768, 32767).astype(np.int16), pb.LINE_FAULT_CLIPPING),
        (lambda pcm: (pcm // 60).astype(np.int16), pb.LINE_FAULT_TOO_QUIET),
    ],
    ids=["muted", "clipped", "too quiet"],
)
async def test_a_bad_microphone_is_told_of_while_there_is_time_to_mend_it_and_in_the_summary(
    studio: Inside, peers: Callable[..., VoicePeer], recordings: list, spoil: Callable[[Any], Any], fault: int
) -> None:
    peer, turn = peers(), uuid4()
    await studio.call(peer)
    await studio.answer(turn, "LISTENING")
    speaking = asyncio.create_task(peer.say(spoil(recordings[0].pcm)))
    await eventually(lambda: any(fault in level.faults for level in studio.told(pb.LineLevel)), within=60)
    await speaking
    await studio.answer(turn, "DONE")
    await eventually(lambda: bool(studio.said(events.LineQualityMeasured)), within=60)
    (measured,) = studio.said(events.LineQualityMeasured)
    lasted = {
        pb.LINE_FAULT_SILENT: measured.quality.level_dbfs == -100,
        pb.LINE_FAULT_CLIPPING: measured.quality.clipped.ToTimedelta() >= timedelta(seconds=1),
        pb.LINE_FAULT_TOO_QUIET: measured.quality.too_quiet.ToTimedelta() >= timedelta(seconds=1),
    }
    assert lasted[fault], measured
