"""One open answer: sound comes in, utterances go to the scribe, and what is settled leaves the spool.

The answer outlives the peers that feed it: while none is connected its clock goes on, and a new peer's sound is placed
where it was spoken. It ends when it was told `Phase.DONE` and nothing is owed.
"""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

import numpy as np
from viva_core.clock import Clock
from viva_core.errors import Exhausted, Permanent
from viva_core.telemetry.logs import get_logger

from viva_media.adapters.herald import Herald
from viva_media.adapters.spool import Spool
from viva_media.application.scribe import Persistence, Scribe
from viva_media.domain import activity
from viva_media.domain.activity import WINDOW, Activity, Happening, Phase, SpeechBegan, TurnEnded, Uttered
from viva_media.domain.audio import Chunk, Pcm, Span, samples, seconds, silence
from viva_media.domain.ledger import Ledger
from viva_media.domain.peer import Writing
from viva_media.domain.ports import SpeechModel, SpeechToText, VoiceActivity
from viva_media.domain.quality import AUDIBLE, Meter, loudness
from viva_media.domain.transcript import Word

_log = get_logger("viva.media.answer")
_BLOCK = 3 * WINDOW
"""What is spooled and looked at together: 96 ms."""
_IN_MID_WORD = samples(0.3)
"""Who is cut off so soon after voice had more to say, as far as anybody knows."""
_ON_THE_WAY = samples(0.25)
"""So much sound may be in the network, in the jitter buffer and in the decoder."""
_LONG_HOLE = samples(0.5)
"""Sound that was lost for longer may have held a word: an utterance does not go on behind it."""
_KEEP = samples(1.0)
"""Silence kept before the present, for the pre-roll of an utterance that may begin."""


@dataclass(frozen=True)
class Hearing:
    """What every answer of the service shares. Times in seconds."""

    engines: tuple[SpeechToText, ...]
    voice: Callable[[], VoiceActivity]
    clock: Clock
    persistence: Persistence = field(default_factory=Persistence)
    late: float = 600.0
    """So long after its end an answer may still be written down; then what is owed becomes gaps."""


class Answer:
    """Build it, `start` it, `hear` it, `enter` phases, and wait for `settled`."""

    def __init__(
        self,
        spool: Spool,
        herald: Herald,
        hearing: Hearing,
        on_writing: Callable[["Answer"], None] = lambda _: None,
    ) -> None:
        self.belonging = spool.belonging
        self.turn_id = spool.belonging.turn_id
        self.meter = Meter()
        self.ledger = Ledger()
        self.settled = asyncio.Event()
        """Set once the answer is done and nothing of it is owed."""
        self._spool = spool
        self._herald = herald
        self._hearing = hearing
        self._on_writing = on_writing
        self._voice = hearing.voice()
        self._activity = Activity(patience=spool.belonging.patience)
        self._buffer: list[Pcm] = []
        self._buffered = 0
        self._at = 0
        self._sequence = 0
        self._holes: list[Span] = []
        self._away_since: int | None = 0
        self._lost_word = False
        self._turn_end: TurnEnded | None = None
        self._writing = self._told = (Writing.LIVE, "")
        self._full = False
        engines = [engine for engine in hearing.engines if self.belonging.language in engine.model.languages]
        self._scribe = Scribe(
            engines or list(hearing.engines),
            self.belonging.language,
            spool.read,
            self,
            persistence=hearing.persistence,
        )
        self._arrived = asyncio.Event()
        self._listening = asyncio.Lock()  # sound is taken in piece by piece, and no phase changes in mid-piece
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def phase(self) -> Phase:
        """What the candidate is doing."""
        return self._activity.phase

    @property
    def writing(self) -> Writing:
        """How speech is written down."""
        return self._told[0]

    @property
    def writing_reason(self) -> str:
        """Why it is not written down as it is spoken; empty when it is."""
        return self._told[1]

    @property
    def end(self) -> int:
        """The place that all sound until now reaches to."""
        return self._at + self._buffered

    @property
    def speaking(self) -> bool:
        """Whether an utterance is under way."""
        return self._activity.speaking

    @property
    def _in_mid_word(self) -> bool:
        return self._activity.speaking and self._at - self._activity.voiced_until < _IN_MID_WORD

    @property
    def pending(self) -> float:
        """Seconds of speech that are not final yet."""
        under_way = self._at - self._activity.start if self._activity.start is not None else 0
        return seconds(self.ledger.pending + max(under_way, 0))

    def start(self) -> None:
        """Begin to write."""
        self._run(self._write())

    async def recover(self) -> None:
        """Go through the sound that a crashed process left, then wait for more or for `Phase.DONE`."""
        chunks = list(self._spool.chunks())
        if chunks:
            self._jump(chunks[0].start)
            self._activity = activity.settled(self._activity, self._spool.settled_until)
            self._away_since = None
            for chunk in chunks:
                if chunk.start > self._at:
                    await self._happened(self._skip(chunk.start))
                await self._listen(chunk.pcm)
            await self.away()

    async def hear(self, pcm: Pcm) -> None:
        """More sound from the peer, in order."""
        if self.phase is Phase.DONE:
            return
        if self._away_since is not None:
            await self._back()
        await asyncio.shield(self._run(self._take_in(pcm)))  # what has arrived is taken in, even if the peer goes now

    async def miss(self, length: int) -> None:
        """So many samples were lost on the way: time goes on, and it is no silence of the candidate. A long loss in
        mid-word becomes a gap."""
        if self.phase is Phase.DONE or self._away_since is not None:
            return
        if length < _LONG_HOLE:
            await asyncio.shield(self._run(self._take_in(silence(length), lost=True)))
        else:
            await asyncio.shield(self._run(self._pass_over(length)))

    async def _pass_over(self, length: int) -> None:
        async with self._listening:
            place = self.end + length
            await self._flush()
            left, in_mid_word = self._at, self._in_mid_word
            await self._happened(self._skip(max(place, left)))
        if in_mid_word and place > left:
            await self.gap(Span(left, place), "PEER_LOST")

    async def last_word(self) -> None:
        """Who says "done" in mid-voice has a word on the way to us: wait for it, if a peer is there to bring it."""
        if not self.speaking or self._away_since is not None:
            return
        until = self.end + _ON_THE_WAY
        with suppress(TimeoutError):
            async with asyncio.timeout(2 * seconds(_ON_THE_WAY)):
                while self.end < until:
                    self._arrived.clear()
                    await self._arrived.wait()

    async def _take_in(self, pcm: Pcm, *, lost: bool = False) -> None:
        async with self._listening:
            if lost:
                self._holes.append(Span(self.end, self.end + len(pcm)))
            self._buffer.append(pcm)
            self._buffered += len(pcm)
            self._arrived.set()
            while self._buffered >= _BLOCK:
                sound = np.concatenate(self._buffer)
                self._buffer, self._buffered = [sound[_BLOCK:]], len(sound) - _BLOCK
                await self._block(sound[:_BLOCK])

    async def away(self) -> None:
        """The peer is gone: end the utterance under way; the clock goes on."""
        async with self._listening:
            if self._away_since is not None:
                return
            await self._flush()
            self._lost_word = self._in_mid_word
            self._away_since = self._at
            self._activity, happened = activity.finish(self._activity)
            await self._happened(happened)

    async def enter(self, phase: Phase, patience: float | None = None) -> None:
        """Change the phase; DONE ends the answer."""
        async with self._listening:
            if self.phase is Phase.DONE:
                return
            if phase is Phase.DONE:
                await self._flush()
            if phase is not self.phase:
                self._turn_end = None  # the candidate said more than a silence does
            self._activity, happened = activity.enter(self._activity, phase, patience)
            await self._happened(happened)
        if phase is Phase.DONE:
            self._scribe.finish()
            self._run(self._limit())

    async def aclose(self) -> None:
        """Stop; what is owed stays in the spool for another process."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if not self.settled.is_set():
            self._spool.close()

    # What the scribe tells.

    async def partial(self, start: int, text: str) -> None:
        """A guess goes to the page."""
        self._sequence += 1
        await self._herald.partial(self.turn_id, self._sequence, start, text)

    async def final(self, span: Span, words: Sequence[Word], model: SpeechModel) -> None:
        """Words go to the interview; their sound may go."""
        with suppress(Permanent):  # told in the log: a message that no try will make fit
            await self._herald.final(self.turn_id, span, words, model)
        self.ledger = self.ledger.final(span)
        self._settle()
        self._say_turn_end()

    async def gap(self, span: Span, reason: str) -> None:
        """A gap goes to the interview."""
        with suppress(Permanent):
            await self._herald.gap(self.turn_id, span, reason)
        self.ledger = self.ledger.lost(span, reason)
        self._settle()
        self._say_turn_end()

    async def nothing(self, span: Span) -> None:
        """A cough: no words, and no gap either."""
        self.ledger = self.ledger.final(span)
        self._settle()
        self._say_turn_end()

    async def written(self, state: Writing, reason: str) -> None:
        """How speech is written down changed."""
        self._writing = (state, reason)
        self._tell_writing()

    def _tell_writing(self) -> None:
        writing = (Writing.TEXT_ONLY, "SPOOL_FULL") if self._full else self._writing
        if writing != self._told:
            self._told = writing
            self._on_writing(self)

    # Sound.

    async def _block(self, pcm: Pcm) -> None:
        try:
            self._spool.append(Chunk(self._at, pcm))
        except Exhausted:
            self._full = True
            self._tell_writing()
            await self._scribe.give_up("SPOOL_FULL", most=1)
            with suppress(Exhausted):
                self._spool.append(Chunk(self._at, pcm))
        await self._listen(pcm)

    async def _listen(self, pcm: Pcm) -> None:
        windows = [pcm[at : at + WINDOW] for at in range(0, len(pcm) - WINDOW + 1, WINDOW)]
        # The model is most of what an answer costs, and need not be asked about silence.
        audible = [window for window in windows if loudness(window) >= AUDIBLE]
        told = iter(await self._voice.probabilities(audible) if audible else ())
        heard = {id(window) for window in audible}
        for window in windows:
            await self._look(window, next(told) if id(window) in heard else 0.0)

    async def _look(self, window: Pcm, probability: float) -> None:
        self.meter.window(window, speech=probability >= self._activity.tuning.begins)
        self._activity, happened = activity.step(self._activity, probability, missing=self._missing(self._at + WINDOW))
        self._at += WINDOW
        self._scribe.heard(self._at)
        if (pause := self._activity.pause) is not None:
            self._scribe.paused(pause)
        await self._happened(happened)

    def _missing(self, until: int) -> int:
        """How much of the window before `until` lies in holes; those before it are forgotten."""
        missing = sum(max(min(hole.end, until) - max(hole.start, self._at), 0) for hole in self._holes)
        self._holes = [hole for hole in self._holes if hole.end > until]
        return missing

    async def _flush(self) -> None:
        """Take in what does not fill a block."""
        if self._buffered:
            sound = np.concatenate(self._buffer)
            self._buffer, self._buffered = [], 0
            short = -len(sound) % WINDOW
            await self._block(np.concatenate((sound, np.zeros(short, dtype=np.int16))))

    async def _back(self) -> None:
        """A peer is there again: go on where the clock is."""
        assert self._away_since is not None
        left, self._away_since = self._away_since, None
        now = samples(max(self._hearing.clock.now().timestamp() - self.belonging.opened_at, 0.0))
        place = max(now, self._at)
        if self._lost_word and place > left:
            self._lost_word = False
            await self.gap(Span(left, place), "PEER_LOST")
        await self._happened(self._skip(place))

    def _skip(self, place: int) -> list[Happening]:
        self._activity, happened = activity.skip(self._activity, place)
        self._jump(place)
        return happened

    def _jump(self, place: int) -> None:
        self._at = place
        self._voice.reset()
        if self._activity.at < place:
            self._activity, _ = activity.skip(self._activity, place)

    async def _happened(self, happened: Sequence[Happening]) -> None:
        for each in happened:
            match each:
                case SpeechBegan(start, barged_in):
                    self._turn_end = None  # the candidate was not done
                    self.ledger = self.ledger.began(start)
                    self._scribe.began(start)
                    await self._herald.speech_started(self.turn_id, start, barged_in=barged_in)
                case Uttered(span, cut):
                    self.ledger = self.ledger.uttered(span)
                    self._scribe.ended(span)
                    if cut:
                        self.ledger = self.ledger.began(span.end)
                        self._scribe.began(span.end)
                case TurnEnded():
                    self._turn_end = each
        self._say_turn_end()
        self._settle(only_silence=True)

    def _say_turn_end(self) -> None:
        """After the words before it: whoever hears that the candidate is done must know what was said."""
        if self._turn_end is not None and self.ledger.settled:
            self._herald.turn_ended(self.turn_id, self._turn_end.at, self._turn_end.silence)
            self._turn_end = None

    def _settle(self, *, only_silence: bool = False) -> None:
        """Let go of sound that is not needed any more; of mere silence only now and then."""
        if self._full and not self.ledger.owed:
            self._full = False
            self._tell_writing()
        until = self.ledger.needed_from(max(self._at - _KEEP, self._activity.floor))
        if only_silence and until - self._spool.settled_until < 5 * _KEEP:
            return
        self._spool.settle(until)

    # The end.

    async def _write(self) -> None:
        await self._scribe.run()
        with suppress(Permanent):  # also of an answer without a word: it says that none is owed
            await self._herald.quality(self.turn_id, self.meter.quality)
        self._spool.delete()
        self.settled.set()

    async def _limit(self) -> None:
        try:
            async with asyncio.timeout(self._hearing.late):
                await self.settled.wait()
        except TimeoutError:
            _log.warning("an answer was not written down in time")
            await self._scribe.give_up("TOO_LATE")

    def _run(self, work: Coroutine[None, None, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (fault := task.exception()) is not None:
            _log.error("an answer cannot go on; its sound stays in the spool", exc_info=fault)
