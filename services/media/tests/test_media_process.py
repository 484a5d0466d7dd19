"""The service as a process: killed in mid-sentence, started again, stopped in good order."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

import pytest
from prometheus_client import CollectorRegistry
from viva.event.v1 import events_pb2 as events
from viva.media.v1 import media_pb2 as pb
from viva.media.v1 import media_pb2_grpc
from viva_core.errors import NotFound
from viva_core.grpc import GrpcMetrics, create_channel
from viva_media.domain.audio import RATE
from viva_media.voice_peer import VoicePeer
from viva_testkit.bus import BusFactory, eventually
from viva_testkit.nats import NatsServer, free_port
from viva_testkit.studio import TOKEN_KEY, Studio


@dataclass
class MediaProcess:
    """`python -m viva_media` on a port that it keeps."""

    folder: Path
    nats_url: str
    port: int = field(default_factory=free_port)
    _process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        """Start it; whoever calls waits for it by calling."""
        environment = os.environ | {
            "VIVA_NATS_URL": self.nats_url,
            "VIVA_GRPC_PORT": str(self.port),
            "VIVA_METRICS_PORT": "-1",
            "VIVA_HEALTH_PORT": "-1",
            "VIVA_MEDIA_TOKEN_KEY": TOKEN_KEY.decode(),
            "VIVA_SPOOL_KEY": "a spool key that outlives the process",
            "VIVA_SPOOL_FOLDER": str(self.folder),
            "VIVA_GRACE": "20",
        }
        self._process = await asyncio.create_subprocess_exec(sys.executable, "-m", "viva_media", env=environment)

    async def end(self, number: signal.Signals) -> int:
        """Send a signal and give the exit code."""
        assert self._process is not None
        if self._process.returncode is None:
            self._process.send_signal(number)
        async with asyncio.timeout(40):
            return await self._process.wait()

    @asynccontextmanager
    async def client(self) -> AsyncIterator["media_pb2_grpc.MediaServiceAsyncStub"]:
        """A stub."""
        channel = create_channel(f"127.0.0.1:{self.port}", metrics=GrpcMetrics(CollectorRegistry()), timeout=20)
        async with asyncio.timeout(40):
            await channel.channel_ready()
        yield media_pb2_grpc.MediaServiceStub(channel)
        await channel.close()


@pytest.fixture
async def media(tmp_path: Path, nats_server: NatsServer, buses: BusFactory) -> AsyncIterator[MediaProcess]:
    """A running service; the topology has been applied."""
    process = MediaProcess(tmp_path / "spool", nats_server.url)
    await process.start()
    yield process
    await process.end(signal.SIGKILL)


async def test_killed_in_mid_sentence_nothing_is_lost_and_at_most_one_utterance_repeated(
    media: MediaProcess,
    buses: BusFactory,
    peers: Callable[..., VoicePeer],
    recordings: list,
    wer: Callable[[str, str], float],
) -> None:
    turn, before, after = uuid4(), peers(), peers()
    first, second, third = recordings[4], recordings[3], recordings[1]
    async with media.client() as stub:
        studio = Studio(stub)
        listening = studio.listening(await buses.connect("gateway"))
        await listening.__aenter__()
        called = await studio.call(before)
        await studio.answer(turn, "LISTENING")
        await before.say(first.pcm)
        await eventually(lambda: bool(studio.said(events.TranscriptFinal)))
        speaking = asyncio.create_task(before.say(second.pcm))
        await eventually(lambda: len(studio.told(pb.SpeechStarted)) == 2)
        half = [each for each in studio.told(pb.TranscriptDelta) if "married" in each.text]
        await eventually(lambda: bool(half) or "married" in " ".join(e.text for e in studio.told(pb.TranscriptDelta)))
        await media.end(signal.SIGKILL)
        speaking.cancel()
    spools = list(media.folder.iterdir())
    assert len(spools) == 1
    assert str(studio.interview) in spools[0].name
    await media.start()
    async with media.client() as stub:
        studio.stub = stub
        with pytest.raises(NotFound):  # and not closed, as if somebody else had taken over
            await studio.get(called)
        await studio.call(after)
        await after.say(third.pcm)
        done = await studio.answer(turn, "DONE")
        assert done.pending.ToTimedelta().total_seconds() == 0
    text = studio.text(turn)
    halves = [" ".join(second.text.split()[:count]) for count in range(3, len(second.text.split()) + 1)]
    assert min(wer(f"{first.text} {half} {third.text}", text) for half in halves) < 0.2  # nothing twice
    assert "married" in text
    assert "young man" in text
    utterances = [each.utterance_id for each in studio.said(events.TranscriptFinal)]
    assert len(utterances) - len(set(utterances)) <= 1
    assert list(media.folder.iterdir()) == []
    await listening.__aexit__(None, None, None)


async def test_sigterm_lets_the_answer_end_and_leaves_with_zero(
    media: MediaProcess,
    buses: BusFactory,
    peers: Callable[..., VoicePeer],
    recordings: list,
    wer: Callable[[str, str], float],
) -> None:
    turn, peer = uuid4(), peers()
    async with media.client() as stub:
        studio = Studio(stub)
        async with studio.listening(await buses.connect("gateway")):
            await studio.call(peer)
            await studio.answer(turn, "LISTENING")
            speaking = asyncio.create_task(peer.say(recordings[4].pcm))
            await eventually(lambda: bool(studio.told(pb.SpeechStarted)))
            ending = asyncio.create_task(media.end(signal.SIGTERM))
            await eventually(lambda: any(each.reason == "DRAINING" for each in studio.told(pb.PeerStatus)))
            await speaking
            await studio.answer(turn, "DONE")
            assert await ending == 0
            await eventually(lambda: wer(recordings[4].text, studio.text(turn)) < 0.1)
            await eventually(lambda: any(each.reason == "DRAINING" for each in studio.said(events.PeerChanged)))


async def test_what_a_dead_process_left_is_written_down_without_the_candidate(
    media: MediaProcess, buses: BusFactory, peers: Callable[..., VoicePeer], recordings: list
) -> None:
    turn, peer = uuid4(), peers()
    async with media.client() as stub:
        studio = Studio(stub)
        listening = studio.listening(await buses.connect("gateway"))
        await listening.__aenter__()
        await studio.call(peer)
        await studio.answer(turn, "LISTENING")
        speaking = asyncio.create_task(peer.say(recordings[0].pcm[: 5 * RATE]))
        await eventually(lambda: "leisure" in " ".join(each.text for each in studio.told(pb.TranscriptDelta)))
        await media.end(signal.SIGKILL)
        speaking.cancel()
    assert studio.said(events.TranscriptFinal) == []
    await media.start()
    await eventually(lambda: "leisure" in studio.text(turn), within=40)
    await listening.__aexit__(None, None, None)
