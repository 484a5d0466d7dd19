"""One WebRTC peer (aiortc): Opus in, 16 kHz mono out; in practice mode a picture now and then.

Sound is laid out by the packets' timestamps: what was lost on the way is told as a hole of its length, so that words
keep their times and nobody takes it for silence. A peer that sends nothing for some seconds is DISCONNECTED, which it
may recover from, and then the clock says where its sound belongs; LOST is for good.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from aiortc import RTCConfiguration, RTCIceServer, RTCPeerConnection, RTCRtpReceiver, RTCSessionDescription
from aiortc.exceptions import InternalError, InvalidAccessError, InvalidStateError
from aiortc.mediastreams import MediaStreamError
from viva_core.errors import Invalid, Transient
from viva_core.telemetry.logs import get_logger

from viva_media.adapters import frames, reception
from viva_media.adapters.round_trip import round_trip
from viva_media.domain.audio import RATE, Pcm
from viva_media.domain.offer import asking_for, without_mdns
from viva_media.domain.peer import PeerState
from viva_media.domain.quality import Network
from viva_media.domain.turn_server import IceServer

_log = get_logger("viva.media.peer")
_MOST_LOST = 2.0
"""Seconds that a hole has at most, unless nothing came for longer: timestamps may jump, time does not."""
_PACKET_MS = 40
"""Half as many packets as browsers send by themselves, and 20 ms later: a packet costs more than what is in it."""


@dataclass(frozen=True)
class PeerSettings:
    """How peers are held. Times in seconds. `ice_servers` are for our own side, made anew for each peer because
    their credentials run out."""

    ice_servers: Callable[[], tuple[IceServer, ...]] = tuple
    answer_within: float = 10.0
    quiet_after: float = 3.0
    frame_every: float = 2.0
    frame_side: int = 640


class Peer:
    """Answers one offer and receives until it is closed."""

    def __init__(
        self,
        settings: PeerSettings,
        *,
        video: bool,
        on_sound: Callable[[Pcm], Awaitable[None]],
        on_hole: Callable[[int], Awaitable[None]],
        on_frame: Callable[[bytes], Awaitable[None]],
        on_state: Callable[["Peer", PeerState], None],
    ) -> None:
        """`on_hole`: so many samples were lost on the way."""
        self.state = PeerState.CONNECTING
        self._settings = settings
        self._video = video
        self._on_sound = on_sound
        self._on_hole = on_hole
        self._on_frame = on_frame
        self._on_state = on_state
        servers = [
            RTCIceServer(urls=list(s.urls), username=s.username or None, credential=s.credential or None)
            for s in settings.ice_servers()
        ]
        self._connection = RTCPeerConnection(RTCConfiguration(iceServers=servers))
        self._heard_at = 0.0
        self._expected: int | None = None
        self._broken_at: int | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._connection.on("track", self._on_track)
        self._connection.on("connectionstatechange", self._on_connection)

    async def answer(self, offer: str) -> str:
        """The answer to an SDP offer that was checked. Raises Invalid when no peer can come of it."""
        connection = self._connection
        try:
            async with asyncio.timeout(self._settings.answer_within):
                await connection.setRemoteDescription(RTCSessionDescription(without_mdns(offer), "offer"))
                for transceiver in connection.getTransceivers():
                    reception.take_over(transceiver.receiver)
                    wanted = transceiver.kind == "audio" or (transceiver.kind == "video" and self._video)
                    transceiver.direction = "recvonly" if wanted else "inactive"
                    if wanted:
                        known = RTCRtpReceiver.getCapabilities(transceiver.kind)
                        assert known is not None
                        codec = reception.OPUS if transceiver.kind == "audio" else reception.VIDEO
                        transceiver.setCodecPreferences([c for c in known.codecs if c.mimeType == codec])
                await connection.setLocalDescription(await connection.createAnswer())
        except TimeoutError as error:
            raise Transient("the peer could not be set up in time", reason="PEER_TIMEOUT") from error
        except (
            ValueError,
            KeyError,
            IndexError,
            TypeError,
            AttributeError,
            AssertionError,
            InternalError,
            InvalidAccessError,
            InvalidStateError,
        ) as error:
            raise Invalid("the SDP offer cannot be answered", reason="SDP_MALFORMED") from error
        return asking_for(str(connection.localDescription.sdp), packet_ms=_PACKET_MS)

    async def network(self) -> Network:
        """What was received and lost so far."""
        received = lost = 0
        jitter = 0.0
        for receiver in (t.receiver for t in self._connection.getTransceivers() if t.kind == "audio"):
            for stats in (await receiver.getStats()).values():
                if stats.type == "inbound-rtp":
                    received += stats.packetsReceived
                    lost += max(stats.packetsLost, 0)
                    jitter = max(jitter, stats.jitter / 48.0)
        return Network(received, lost, jitter, await round_trip(self._connection) * 1000)

    async def close(self) -> None:
        """Hang up."""
        self._set(PeerState.CLOSED)
        tasks, current = [*self._tasks], asyncio.current_task()
        for task in tasks:
            if task is not current:
                task.cancel()
        await asyncio.gather(*(task for task in tasks if task is not current), return_exceptions=True)
        await self._connection.close()

    def _set(self, state: PeerState) -> None:
        if self.state not in (state, PeerState.CLOSED):
            self.state = state
            if state is PeerState.DISCONNECTED:
                self._broken_at = self._expected
            self._on_state(self, state)

    def _on_connection(self) -> None:
        match self._connection.connectionState:
            case "connected":
                self._heard_at = asyncio.get_running_loop().time()
                self._set(PeerState.CONNECTED)
            case "failed" | "closed":
                self._set(PeerState.CLOSED)

    def _on_track(self, track: Any) -> None:
        if track.kind == "audio":
            self._run(self._listen_or_hang_up(track))
            self._run(self._notice_quiet())
        elif self._video:
            self._run(self._watch(track))
            self._run(self._ask_for_pictures())

    def _run(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _listen_or_hang_up(self, track: Any) -> None:
        """A peer that cannot be listened to any more must not look as if it were."""
        try:
            await self._listen(track)
        except Exception:  # whatever it is, the page is told LOST and may call again
            _log.exception("a peer cannot be listened to any more")
            self._set(PeerState.CLOSED)

    async def _listen(self, track: Any) -> None:
        loop = asyncio.get_running_loop()
        with suppress(MediaStreamError):
            while True:
                sound: reception.Sound = await track.recv()
                before, self._heard_at = self._heard_at, loop.time()
                self._set(PeerState.CONNECTED)
                if hole := self._hole(sound, self._heard_at - before):
                    await self._on_hole(round(hole * RATE))
                self._expected = sound.end
                await self._on_sound(sound.pcm)

    def _hole(self, sound: reception.Sound, waited: float) -> float:
        """Seconds that are missing before this sound. Those of an outage are none: where its sound goes on, the clock
        knows. What was received just before it may be handed over after it began."""
        if self._expected is None or sound.start <= self._expected:
            return 0.0
        if self._broken_at is not None and self._expected - self._broken_at < reception.CLOCK / 2:
            self._broken_at = None
            return 0.0
        return min((sound.start - self._expected) / reception.CLOCK, max(_MOST_LOST, waited))

    async def _notice_quiet(self) -> None:
        """While nothing comes, the peer is not connected."""
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(self._settings.quiet_after / 2)
            if self.state is PeerState.CONNECTED and loop.time() - self._heard_at > self._settings.quiet_after:
                self._set(PeerState.DISCONNECTED)

    async def _watch(self, track: Any) -> None:
        loop = asyncio.get_running_loop()
        due = 0.0
        with suppress(MediaStreamError):
            while True:
                frame = await track.recv()
                if loop.time() >= due:
                    due = loop.time() + self._settings.frame_every * 0.75  # key frames come when they come
                    await self._on_frame(
                        await asyncio.to_thread(frames.jpeg, frame, longest_side=self._settings.frame_side)
                    )

    async def _ask_for_pictures(self) -> None:
        """Ask every sender of pictures for a key frame, again and again: a new one appears when the page's changes."""
        while True:
            for receiver in self._receivers("video"):
                for source in receiver.getSynchronizationSources():
                    with suppress(ConnectionError):
                        await receiver._send_rtcp_pli(source.source)
            await asyncio.sleep(self._settings.frame_every)

    def _receivers(self, kind: str) -> Sequence[Any]:
        return [t.receiver for t in self._connection.getTransceivers() if t.kind == kind]
