"""`python -m tests.bench.voice_engine PORT`: a Deepgram on loopback that answers at once, until SIGTERM.

Its words say nothing; it looks for sound that was dropped before it came here, which is exact silence (the senders'
pauses are faint noise), and reports how many seconds it took in and how many of them were dropped.
"""

import asyncio
import signal
import sys

import numpy as np
from viva_testkit.deepgram import RATE, DeepgramServer, Heard

from tests.bench import processes

_HOLE = RATE // 100  # samples: a lost packet is twice as long, less what resampling smears


class Ears:
    """Counts holes in the sound of utterances."""

    def __init__(self) -> None:
        self.dropped = 0

    def transcribe(self, sound: bytes) -> list[Heard]:
        """One word, as long as the sound."""
        pcm = np.frombuffer(sound, dtype=np.int16)
        self.dropped += dropped(pcm)
        return [("word", 0.0, len(pcm) / RATE, 0.99)]


def dropped(pcm: "np.ndarray[tuple[int], np.dtype[np.int16]]") -> int:
    """Samples in runs of exact silence that no microphone makes."""
    edges = np.diff(np.concatenate(([0], (pcm == 0).astype(np.int8), [0])))
    lengths = np.flatnonzero(edges == -1) - np.flatnonzero(edges == 1)
    return int(lengths[lengths >= _HOLE].sum())


async def main(port: int) -> None:
    """Serve until told to stop."""
    ears, stop = Ears(), asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    server = DeepgramServer(ears.transcribe, port=port)
    async with server:
        processes.say_ready()
        await stop.wait()
    processes.report({"seconds": server.sound, "dropped_seconds": ears.dropped / RATE})


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
