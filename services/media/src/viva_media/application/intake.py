"""Sound on its way into an answer: packed into blocks, kept, and looked at for voice; every sample has its place.

Nothing here waits for its turn: whoever takes sound in or changes the phase sees to it that nobody else does meanwhile.
"""

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from viva_media.domain import activity
from viva_media.domain.activity import WINDOW, Activity, Happening, Phase
from viva_media.domain.audio import Chunk, Pcm, Span, samples
from viva_media.domain.ports import VoiceActivity
from viva_media.domain.quality import AUDIBLE, Meter, loudness_of_each

_IN_MID_WORD = samples(0.3)
"""Who is cut off so soon after voice had more to say, as far as anybody knows."""


class Listener(Protocol):
    """Who is told of the sound."""

    async def keep(self, chunk: Chunk) -> None:
        """A block, before it is looked at."""

    def heard(self, until: int, pause: Span | None) -> None:
        """A window was looked at; `pause`: the utterance under way, unless the voice goes on."""

    async def happened(self, happenings: Sequence[Happening]) -> None:
        """What the voice did; with nothing, that time went on."""


class Intake:
    """Of one answer. `at` is the place of the next window to look at, `end` the place that all sound reaches to."""

    def __init__(self, voice: VoiceActivity, patience: float, listener: Listener) -> None:
        self.at = 0
        self.meter = Meter()
        self._voice = voice
        self._listener = listener
        self._activity = Activity(patience=patience)
        self._buffer: list[Pcm] = []
        self._buffered = 0
        self._holes: list[Span] = []

    @property
    def end(self) -> int:
        """The place that all sound until now reaches to."""
        return self.at + self._buffered

    @property
    def phase(self) -> Phase:
        """What the candidate is doing."""
        return self._activity.phase

    @property
    def speaking(self) -> bool:
        """Whether an utterance is under way."""
        return self._activity.speaking

    @property
    def in_mid_word(self) -> bool:
        """Whether who is cut off now had more to say."""
        return self._activity.speaking and self.at - self._activity.voiced_until < _IN_MID_WORD

    @property
    def under_way(self) -> int:
        """Samples of the utterance under way."""
        return max(self.at - self._activity.start, 0) if self._activity.start is not None else 0

    @property
    def floor(self) -> int:
        """No utterance begins before this place."""
        return self._activity.floor

    async def take(self, pcm: Pcm, *, lost: bool = False) -> None:
        """More sound. `lost`: silence in the place of what did not arrive."""
        if lost:
            self._holes.append(Span(self.end, self.end + len(pcm)))
        self._buffer.append(pcm)
        self._buffered += len(pcm)
        if self._buffered >= WINDOW:  # all that is there, together: what follows costs by the block
            sound = np.concatenate(self._buffer)
            whole = len(sound) // WINDOW * WINDOW
            self._buffer, self._buffered = [sound[whole:]], len(sound) - whole
            await self._block(sound[:whole])

    async def flush(self) -> None:
        """Take in what does not fill a block."""
        if self._buffered:
            sound = np.concatenate(self._buffer)
            self._buffer, self._buffered = [], 0
            short = -len(sound) % WINDOW
            await self._block(np.concatenate((sound, np.zeros(short, dtype=np.int16))))

    async def look(self, pcm: Pcm) -> None:
        """Look for voice in sound that is kept already."""
        windows = [pcm[at : at + WINDOW] for at in range(0, len(pcm) - WINDOW + 1, WINDOW)]
        loud = loudness_of_each(pcm, WINDOW)
        # The model is most of what an answer costs, and need not be asked about silence.
        audible = [window for window, dbfs in zip(windows, loud, strict=True) if dbfs >= AUDIBLE]
        told = iter(await self._voice.probabilities(audible) if audible else ())
        for window, dbfs in zip(windows, loud, strict=True):
            await self._look(window, dbfs, next(told) if dbfs >= AUDIBLE else 0.0)
        await self._listener.happened(())

    def enter(self, phase: Phase, patience: float | None) -> list[Happening]:
        """Change the phase."""
        self._activity, happened = activity.enter(self._activity, phase, patience)
        return happened

    def finish(self) -> list[Happening]:
        """End the utterance under way."""
        self._activity, happened = activity.finish(self._activity)
        return happened

    def skip(self, place: int) -> list[Happening]:
        """Go on at a later place."""
        self._activity, happened = activity.skip(self._activity, place)
        self._jump(place)
        return happened

    def resume(self, place: int, settled_until: int) -> None:
        """Begin at the place from which another process left sound, of which a part became words."""
        self._jump(place)
        self._activity = activity.settled(self._activity, settled_until)

    def _jump(self, place: int) -> None:
        self.at = place
        self._voice.reset()
        if self._activity.at < place:
            self._activity, _ = activity.skip(self._activity, place)

    async def _block(self, pcm: Pcm) -> None:
        await self._listener.keep(Chunk(self.at, pcm))
        await self.look(pcm)

    async def _look(self, window: Pcm, dbfs: float, probability: float) -> None:
        self.meter.window(window, speech=probability >= self._activity.tuning.begins, dbfs=dbfs)
        self._activity, happened = activity.step(self._activity, probability, missing=self._missing(self.at + WINDOW))
        self.at += WINDOW
        self._listener.heard(self.at, self._activity.pause)
        if happened:
            await self._listener.happened(happened)

    def _missing(self, until: int) -> int:
        """How much of the window before `until` lies in holes; those before it are forgotten."""
        missing = sum(max(min(hole.end, until) - max(hole.start, self.at), 0) for hole in self._holes)
        self._holes = [hole for hole in self._holes if hole.end > until]
        return missing
