"""Where a peer lays the sound out that comes to it: by its packets, and by the clock after an outage."""

import asyncio
from typing import Any

import numpy as np
from aiortc.mediastreams import MediaStreamError
from viva_media.adapters.peer import Peer, PeerSettings
from viva_media.adapters.reception import CLOCK, Sound
from viva_media.domain.audio import RATE, Pcm
from viva_media.domain.peer import PeerState
from viva_testkit.bus import eventually

TENTH = RATE // 10


class Track:
    """In the place of aiortc's: gives what is put into it."""

    kind = "audio"

    def __init__(self) -> None:
        self._sounds: asyncio.Queue[Sound | None] = asyncio.Queue()

    def put(self, start: float) -> None:
        """100 ms of sound at so many seconds of the packets' time."""
        self._sounds.put_nowait(Sound(round(start * CLOCK), np.ones(TENTH, dtype=np.int16)))

    async def recv(self) -> Sound:
        """The next."""
        sound = await self._sounds.get()
        if sound is None:
            raise MediaStreamError
        return sound

    def end(self) -> None:
        """No more comes."""
        self._sounds.put_nowait(None)


class Ears:
    """What a peer told: lengths of sound, and of holes as negative ones."""

    def __init__(self, quiet_after: float = 60.0) -> None:
        self.told: list[int] = []
        self.states: list[PeerState] = []
        self.peer = Peer(
            PeerSettings(quiet_after=quiet_after),
            video=False,
            on_sound=self._sound,
            on_hole=self._hole,
            on_frame=self._frame,
            on_state=lambda _, state: self.states.append(state),
        )

    async def _sound(self, pcm: Pcm) -> None:
        self.told.append(len(pcm))

    async def _hole(self, length: int) -> None:
        self.told.append(-length)

    async def _frame(self, _: bytes) -> None:
        raise AssertionError("nobody sends pictures")


async def heard(ears: Ears, track: Any) -> list[int]:
    """What the peer told of the whole track."""
    track.end()
    await ears.peer._listen(track)
    await ears.peer.close()
    return ears.told


async def test_what_is_lost_on_the_way_is_a_hole_of_its_length() -> None:
    ears, track = Ears(), Track()
    for at in (0.0, 0.1, 0.5, 0.6):
        track.put(at)
    assert await heard(ears, track) == [TENTH, TENTH, -3 * TENTH, TENTH, TENTH]


async def test_timestamps_that_jump_where_no_time_went_by_make_no_long_hole() -> None:
    ears, track = Ears(), Track()
    for at in (0.0, 500.0, 500.1):
        track.put(at)
    assert await heard(ears, track) == [TENTH, -2 * RATE, TENTH, TENTH]


async def test_after_an_outage_there_is_no_hole_because_the_clock_says_where_sound_goes_on() -> None:
    ears, track = Ears(), Track()
    track.put(0.0)
    listening = asyncio.create_task(ears.peer._listen(track))
    await eventually(lambda: bool(ears.told))
    ears.peer._set(PeerState.DISCONNECTED)
    for at in (0.1, 4.0, 4.2):  # the first was in the jitter buffer all the time
        track.put(at)
    track.end()
    await listening
    await ears.peer.close()
    assert ears.told == [TENTH, TENTH, TENTH, -TENTH, TENTH]
    assert ears.states[-3:] == [PeerState.DISCONNECTED, PeerState.CONNECTED, PeerState.CLOSED]
