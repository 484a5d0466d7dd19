"""The speech engine and the bus are away while somebody speaks: nothing that was said is lost."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from viva.event.v1 import events_pb2 as events
from viva.media.v1 import media_pb2 as pb
from viva_core.bus import subjects
from viva_core.bus.topology import EVENTS
from viva_media.adapters.deepgram import Deepgram
from viva_media.voice_peer import VoicePeer
from viva_testkit.bus import BusFactory, BusProbe, eventually
from viva_testkit.deepgram import DeepgramServer
from viva_testkit.grpc import TENANT
from viva_testkit.nats import NatsServer
from viva_testkit.studio import Inside, Studios


async def lasts(outage: float, since: float) -> None:
    """Let an outage last so many seconds: its length is what is tested, and there is nothing to wait for meanwhile."""
    await asyncio.sleep(max(0.0, outage - (asyncio.get_running_loop().time() - since)))


def lasting(seconds: float) -> Any:
    """An outage of a moment, and one as long as they get."""
    return pytest.mark.parametrize(
        "outage", [0.0, pytest.param(seconds, marks=[pytest.mark.slow, pytest.mark.timeout(600)])]
    )


@lasting(60.0)
async def test_deepgram_is_down_while_the_candidate_speaks_and_every_word_comes_late(
    studio_of: Studios,
    peers: Callable[..., VoicePeer],
    recordings: list,
    deepgram_server: DeepgramServer,
    wer: Callable[[str, str], float],
    outage: float,
) -> None:
    engine = Deepgram(deepgram_server.key, url=deepgram_server.url)
    studio, peer, turn = await studio_of(engines=(engine,)), peers(), uuid4()
    await deepgram_server.stop()
    since = asyncio.get_running_loop().time()
    await studio.call(peer)
    await studio.answer(turn, "LISTENING")
    await peer.say(recordings[4].pcm)
    await eventually(lambda: "ENGINE_AWAY" in [each.transcription_reason for each in studio.told(pb.PeerStatus)])
    await lasts(outage, since)
    await peer.say(recordings[3].pcm)
    assert studio.said(events.TranscriptFinal) == studio.said(events.UtteranceEnded) == []
    await deepgram_server.start()
    said = f"{recordings[4].text} {recordings[3].text}"
    await eventually(lambda: wer(said, studio.text(turn)) < 0.15, within=120)
    done = await studio.answer(turn, "DONE")
    assert (done.gaps, done.transcription) == (0, pb.TRANSCRIPTION_STATE_LIVE)
    assert {each.model.engine for each in studio.said(events.TranscriptFinal)} == {"deepgram"}
    starts = sorted(each.words[0].start.ToTimedelta() for each in studio.said(events.TranscriptFinal))
    assert starts[-1] - starts[0] >= timedelta(seconds=outage / 2), "each word has the time at which it was spoken"


@lasting(30.0)
async def test_nothing_is_lost_while_the_bus_is_away(
    studio: Inside,
    peers: Callable[..., VoicePeer],
    recordings: list,
    nats_server: NatsServer,
    buses: BusFactory,
    wer: Callable[[str, str], float],
    outage: float,
) -> None:
    peer, turn = peers(), uuid4()
    await studio.call(peer)
    await studio.answer(turn, "LISTENING")
    nats_server.kill()
    since = asyncio.get_running_loop().time()
    await peer.say(recordings[4].pcm)
    await lasts(outage, since)
    await peer.say(recordings[3].pcm)
    done = await studio.answer(turn, "DONE", within=3)
    assert done.pending.ToTimedelta() > timedelta(0)
    nats_server.start()

    async def all_told() -> bool:
        done = await studio.answer(turn, "DONE")
        return done.gaps == 0 and done.pending.ToTimedelta() == timedelta(0)

    await eventually(all_told, within=120)
    # Whoever listens may be back a moment later than who speaks: what counts is what the stream keeps.
    studio.events[:] = await kept(await buses.connect("gateway"), studio)
    assert wer(f"{recordings[4].text} {recordings[3].text}", studio.text(turn)) < 0.15


async def kept(probe: BusProbe, studio: Inside) -> list[events.TranscriptFinal]:
    """The finals of the interview that the stream holds."""
    subject = subjects.event_subject(TENANT, studio.interview, subjects.event_name(events.TranscriptFinal.DESCRIPTOR))
    page = await probe.bus.history.page(EVENTS.name, subject, after=0, most=100)
    return [events.TranscriptFinal.FromString(message.payload) for message in page.messages]
