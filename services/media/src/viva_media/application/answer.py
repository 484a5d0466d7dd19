"""One open answer: sound comes in, utterances go to the scribe, and what is settled leaves the spool.

The answer outlives the peers that feed it: while none is connected its clock goes on, and a new peer's sound is placed
where it was spoken. It ends when it was told `Phase.DONE` and nothing is owed.
"""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from viva_core.clock import Clock
from viva_core.errors import Exhausted, Permanent
from viva_core.telemetry.logs import get_logger

from viva_media.adapters.herald import Herald
from viva_media.adapters.spool import Spool
from viva_media.application.intake import Intake
from viva_media.application.publisher import Publisher
from viva_media.application.scribe import Persistence, Scribe
from viva_media.domain.activity import Happening, Phase, SpeechBegan, TurnEnded, Uttered
from viva_media.domain.audio import Chunk, Pcm, Span, samples, seconds, silence
from viva_media.domain.ledger import Ledger
from viva_media.domain.peer import Writing
from viva_media.domain.ports import SpeechToText, VoiceActivity
from viva_media.domain.quality import Meter

_log = get_logger("viva.media.answer")
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
        self.settled = asyncio.Event()
        """Set once the answer is done and nothing of it is owed."""
        self.said_done = False
        """Whether the candidate ended it. Of one that was left, somebody may still speak the first word elsewhere."""
        self._spool = spool
        self._herald = herald
        self._hearing = hearing
        self._intake = Intake(hearing.voice(), spool.belonging.patience, self)
        self._publisher = Publisher(spool, herald, self._horizon, lambda: on_writing(self))
        self._away_since: int | None = 0
        self._lost_word = False
        engines = [engine for engine in hearing.engines if self.belonging.language in engine.model.languages]
        self._scribe = Scribe(
            engines or list(hearing.engines),
            self.belonging.language,
            spool.read,
            self._publisher,
            persistence=hearing.persistence,
        )
        self._arrived = asyncio.Event()
        self._listening = asyncio.Lock()  # sound is taken in piece by piece, and no phase changes in mid-piece
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def meter(self) -> Meter:
        """The line of the answer."""
        return self._intake.meter

    @property
    def ledger(self) -> Ledger:
        """What is final, lost and owed."""
        return self._publisher.ledger

    @property
    def phase(self) -> Phase:
        """What the candidate is doing."""
        return self._intake.phase

    @property
    def writing(self) -> Writing:
        """How speech is written down."""
        return self._publisher.writing[0]

    @property
    def writing_reason(self) -> str:
        """Why it is not written down as it is spoken; empty when it is."""
        return self._publisher.writing[1]

    @property
    def end(self) -> int:
        """The place that all sound until now reaches to."""
        return self._intake.end

    @property
    def speaking(self) -> bool:
        """Whether an utterance is under way."""
        return self._intake.speaking

    @property
    def pending(self) -> float:
        """Seconds of speech that are not final yet."""
        return seconds(self.ledger.pending + self._intake.under_way)

    def start(self) -> None:
        """Begin to write."""
        self._run(self._write())

    async def recover(self) -> None:
        """Go through the sound that a crashed process left, then wait for more or for `Phase.DONE`."""
        chunks = list(self._spool.chunks())
        if chunks:
            self._intake.resume(chunks[0].start, self._spool.settled_until)
            self._away_since = None
            for chunk in chunks:
                if chunk.start > self._intake.at:
                    await self.happened(self._intake.skip(chunk.start))
                await self._intake.look(chunk.pcm)
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

    async def away(self) -> None:
        """The peer is gone: end the utterance under way; the clock goes on."""
        async with self._listening:
            if self._away_since is not None:
                return
            await self._intake.flush()
            self._lost_word = self._intake.in_mid_word
            self._away_since = self._intake.at
            await self.happened(self._intake.finish())

    async def enter(self, phase: Phase, patience: float | None = None) -> None:
        """Change the phase; DONE ends the answer. A caller who does not wait for it cuts nothing off."""
        await asyncio.shield(self._run(self._enter(phase, patience)))

    async def _enter(self, phase: Phase, patience: float | None) -> None:
        async with self._listening:
            if self.phase is Phase.DONE:
                return
            if phase is Phase.DONE:
                await self._intake.flush()
            if phase is not self.phase:
                self._publisher.forget_turn_end()  # the candidate said more than a silence does
            await self.happened(self._intake.enter(phase, patience))
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

    # What the intake tells.

    async def keep(self, chunk: Chunk) -> None:
        """Sound goes into the spool; where that is full, the oldest utterance that is owed becomes a gap."""
        try:
            self._spool.append(chunk)
        except Exhausted:
            self._publisher.full()
            await self._scribe.give_up("SPOOL_FULL", most=1)
            with suppress(Exhausted):
                self._spool.append(chunk)

    def heard(self, until: int, pause: Span | None) -> None:
        """The scribe may read up to there."""
        self._scribe.heard(until)
        if pause is not None:
            self._scribe.paused(pause)

    async def happened(self, happenings: Sequence[Happening]) -> None:
        """Utterances go to the scribe, and are owed."""
        for each in happenings:
            match each:
                case SpeechBegan(start, barged_in):
                    self._publisher.began(start)
                    self._scribe.began(start)
                    await self._herald.speech_started(self.turn_id, start, barged_in=barged_in)
                case Uttered(span, cut):
                    self._publisher.uttered(span, cut=cut)
                    self._scribe.ended(span)
                    if cut:
                        self._scribe.began(span.end)
                case TurnEnded():
                    self._publisher.turn_ended(each)
        self._publisher.went_on()

    # Sound.

    async def _take_in(self, pcm: Pcm, *, lost: bool = False) -> None:
        async with self._listening:
            self._arrived.set()
            await self._intake.take(pcm, lost=lost)

    async def _pass_over(self, length: int) -> None:
        async with self._listening:
            place = self.end + length
            await self._intake.flush()
            left, in_mid_word = self._intake.at, self._intake.in_mid_word
            await self.happened(self._intake.skip(max(place, left)))
        if in_mid_word and place > left:
            await self._publisher.gap(Span(left, place), "PEER_LOST")

    async def _back(self) -> None:
        """A peer is there again: go on where the clock is."""
        assert self._away_since is not None
        left, self._away_since = self._away_since, None
        now = samples(max(self._hearing.clock.now().timestamp() - self.belonging.opened_at, 0.0))
        place = max(now, self._intake.at)
        if self._lost_word and place > left:
            self._lost_word = False
            await self._publisher.gap(Span(left, place), "PEER_LOST")
        await self.happened(self._intake.skip(place))

    def _horizon(self) -> int:
        return max(self._intake.at - _KEEP, self._intake.floor)

    # The end.

    async def _write(self) -> None:
        await self._scribe.run()
        spoken = bool(self.ledger.finals or self.ledger.gaps)
        if spoken:
            with suppress(Permanent):
                await self._herald.quality(self._line_id, self.turn_id, self.meter.quality)
        self._spool.delete()
        self.settled.set()
        if self.said_done and not spoken:  # says that no word is owed; nothing waits for a bus that is away
            self._herald.quality_soon(self._line_id, self.turn_id, self.meter.quality)

    @property
    def _line_id(self) -> str:
        """Who comes back to a turn that was left opens it anew, and has a line of their own."""
        return f"{self.turn_id}/{self.belonging.opened_at}"

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
