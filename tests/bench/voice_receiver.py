"""`python -m tests.bench.voice_receiver ours|aiortc`: the receiving end of candidates with microphone and camera.

Reads a line of JSON for each thing asked and answers with one: `{"offer": sdp}` → `{"answer": sdp}`, `{"usage": 1}` →
CPU seconds, PSS in megabytes and pictures so far. `ours` is media's peer as practice mode with consent has it: sound
at 16 kHz, VP8 key frames only, a JPEG every 2 s. `aiortc` is aiortc as it comes, decoding everything and keeping
nothing (MediaBlackhole).
"""

import asyncio
import json
import sys
import time
from typing import Any

import psutil
import uvloop
from aiortc import RTCPeerConnection, RTCRtpReceiver, RTCSessionDescription
from aiortc.contrib.media import MediaBlackhole
from viva_media.adapters.peer import Peer, PeerSettings
from viva_media.adapters.reception import VIDEO
from viva_media.domain.audio import Pcm

from tests.bench.stack import pss


class Ours:
    """media's peers."""

    def __init__(self) -> None:
        self.pictures = 0
        self._peers: list[Peer] = []

    async def answer(self, offer: str) -> str:
        """One more candidate."""
        self._peers.append(
            Peer(
                PeerSettings(),
                video=True,
                on_sound=self._hear,
                on_hole=self._miss,
                on_frame=self._see,
                on_state=lambda _peer, _state: None,
            )
        )
        return await self._peers[-1].answer(offer)

    async def _hear(self, pcm: Pcm) -> None:
        """What comes after is measured elsewhere."""

    async def _miss(self, length: int) -> None:
        """Nothing is lost here."""

    async def _see(self, jpeg: bytes) -> None:
        self.pictures += 1


class Bare:
    """aiortc's own."""

    def __init__(self) -> None:
        self.pictures = 0
        self._held: list[Any] = []

    async def answer(self, offer: str) -> str:
        """One more candidate."""
        connection, sink = RTCPeerConnection(), MediaBlackhole()
        self._held += [connection, sink]

        @connection.on("track")
        def on_track(track: Any) -> None:
            sink.addTrack(track)

        await connection.setRemoteDescription(RTCSessionDescription(offer, "offer"))
        for transceiver in connection.getTransceivers():
            if transceiver.kind == "video":  # the codec that media takes
                known = RTCRtpReceiver.getCapabilities("video")
                assert known is not None
                transceiver.setCodecPreferences([c for c in known.codecs if c.mimeType == VIDEO])
        await connection.setLocalDescription(await connection.createAnswer())
        await sink.start()
        return str(connection.localDescription.sdp)


async def main(side: Ours | Bare) -> None:
    """Answer until the input ends."""
    process = psutil.Process()
    while line := await asyncio.to_thread(sys.stdin.readline):
        asked = json.loads(line)
        if "offer" in asked:
            told: dict[str, Any] = {"answer": await side.answer(asked["offer"])}
        else:
            told = {"cpu": time.process_time(), "pss": pss(process), "pictures": side.pictures}
        sys.stdout.write(json.dumps(told) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    if sys.argv[1] == "ours":
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:  # as `python -m viva_media` does
            runner.run(main(Ours()))
    else:
        asyncio.run(main(Bare()))
