"""One open answer, told everything by hand: what it says of turns, gaps and words, and what it leaves in its spool."""

import asyncio
import resource
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from structlog.testing import capture_logs
from viva_media.adapters.spool import Belonging
from viva_media.adapters.spools import Spools
from viva_media.application.answer import Answer, Hearing
from viva_media.domain.activity import Phase
from viva_media.domain.audio import RATE, Chunk, Pcm, Span, samples, silence
from viva_media.domain.ports import Final, SpeechModel
from viva_media.domain.quality import loudness
from viva_media.domain.transcript import Word
from viva_testkit.bus import eventually
from viva_testkit.clock import FakeClock

PACKET = RATE // 50
ENGLISH = SpeechModel("scripted", "scripted", ("en",))


@dataclass
class Heralded:
    """In the place of the bus: what was said about the answer, in order."""

    said: list[Any] = field(default_factory=list)

    async def final(self, turn_id: str, span: Span, words: Sequence[Word], model: SpeechModel) -> None:
        self.said.append(("final", span))

    async def gap(self, turn_id: str, span: Span, reason: str) -> None:
        self.said.append(("gap", span, reason))

    async def quality(self, opening: str, turn_id: str, quality: Any) -> None:
        self.said.append(("quality", opening))

    def quality_soon(self, opening: str, turn_id: str, quality: Any) -> None:
        self.said.append(("quality soon", opening))

    def turn_ended(self, turn_id: str, at: int, silence: float) -> None:
        self.said.append(("turn ended", at))

    async def partial(self, turn_id: str, sequence: int, start: int, text: str) -> None:
        """Live only."""

    async def speech_started(self, turn_id: str, start: int, *, barged_in: bool) -> None:
        self.said.append(("speech", start))

    def of(self, kind: str) -> list[Any]:
        """What was said of one kind."""
        return [each for each in self.said if each[0] == kind]


class Loudly:
    """In the place of Silero: what is loud is voice."""

    async def probabilities(self, windows: Sequence[Pcm]) -> list[float]:
        return [0.9 if loudness(window) > -40 else 0.0 for window in windows]

    def reset(self) -> None:
        """Nothing is kept."""


class Engine:
    """In the place of an engine: a word an utterance, once it is `ready`."""

    model = ENGLISH

    def __init__(self) -> None:
        self.ready = asyncio.Event()
        self.ready.set()

    async def open(self, language: str) -> "Stream":
        return Stream(self.ready)

    async def aclose(self) -> None:
        """Holds nothing."""


class Stream:
    """One of its transcriptions."""

    def __init__(self, ready: asyncio.Event) -> None:
        self._ready = ready
        self._start: int | None = None
        self._spans: asyncio.Queue[Span] = asyncio.Queue()

    async def feed(self, chunk: Chunk) -> None:
        self._start = chunk.start if self._start is None else self._start

    async def paused(self, end: int) -> None:
        """Waits for the end."""

    async def end_utterance(self, end: int) -> None:
        assert self._start is not None
        self._spans.put_nowait(Span(self._start, end))
        self._start = None

    async def results(self) -> AsyncIterator[Final]:
        while True:
            span = await self._spans.get()
            await self._ready.wait()
            yield Final(span, (Word("word", span.start / RATE, span.end / RATE, 0.9),))

    async def aclose(self) -> None:
        """Nothing is kept."""


@dataclass
class Desk:
    """An answer and its neighbours."""

    spools: Spools
    exits: AsyncExitStack
    herald: Heralded = field(default_factory=Heralded)
    engine: Engine = field(default_factory=Engine)
    clock: FakeClock = field(default_factory=FakeClock)
    states: list[tuple[str, str]] = field(default_factory=list)
    late: float = 600.0
    voice: Callable[[], Loudly] = Loudly

    def opened(self, patience: float = 1.5) -> Answer:
        """A new answer, with a peer that speaks from its start on."""
        opened_at = self.clock.now().timestamp()
        belonging = Belonging("tenant", "interview", "turn", "en", "hiring", patience, opened_at)
        return self.started(self.spools.create(belonging))

    def started(self, spool: Any) -> Answer:
        """An answer on a spool."""
        herald: Any = self.herald
        answer = Answer(spool, herald, Hearing((self.engine,), self.voice, self.clock, late=self.late), self._writing)
        answer.start()
        self.exits.push_async_callback(answer.aclose)
        return answer

    def _writing(self, answer: Answer) -> None:
        self.states.append((answer.writing.value, answer.writing_reason))


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    """A desk whose spool has room."""
    async with AsyncExitStack() as exits:
        yield Desk(Spools(tmp_path / "spool", bytes(32), limit=8 << 20), exits)


def voice(seconds: float) -> Pcm:
    """Something loud."""
    return np.random.default_rng(1).integers(-9000, 9000, samples(seconds)).astype(np.int16)


@contextmanager
def full_disk(room: int) -> Iterator[None]:
    """The system lets no file of this process grow beyond so many bytes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    with capture_logs():  # a log may be a file as well
        resource.setrlimit(resource.RLIMIT_FSIZE, (room, hard))
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


async def speak(answer: Answer, *sounds: Pcm) -> None:
    """Packet by packet, as a peer hands it over."""
    for sound in sounds:
        for at in range(0, len(sound), PACKET):
            await answer.hear(sound[at : at + PACKET])


async def test_a_hole_is_no_silence_of_the_candidate_and_a_long_one_in_mid_word_is_a_gap(desk: Desk) -> None:
    answer = desk.opened(patience=1.5)
    await speak(answer, voice(1.0))
    await answer.miss(samples(1.8))
    await speak(answer, voice(1.0), silence(samples(1.0)))
    assert desk.herald.of("turn ended") == []
    (gap,) = desk.herald.of("gap")
    assert gap[2] == "PEER_LOST"
    assert abs(gap[1].length - samples(1.8)) < samples(0.1)
    await speak(answer, silence(samples(0.8)))
    await eventually(lambda: len(desk.herald.of("turn ended")) == 1)
    await eventually(lambda: len(desk.herald.of("final")) == 2)
    first, second = (each[1] for each in desk.herald.of("final"))
    assert first.end <= gap[1].end <= second.start
    assert abs(second.start - samples(2.8)) < samples(0.2)


async def test_patience_does_not_run_while_packets_are_lost_one_by_one(desk: Desk) -> None:
    answer = desk.opened(patience=1.0)
    await speak(answer, voice(1.0))
    for _ in range(9):  # 0.9 s of silence, and twice as much that nobody heard
        await speak(answer, silence(samples(0.1)))
        await answer.miss(samples(0.2))
    assert desk.herald.of("turn ended") == []
    assert desk.herald.of("gap") == []
    await speak(answer, silence(samples(0.4)))
    await eventually(lambda: len(desk.herald.of("turn ended")) == 1)


async def test_words_after_lost_packets_keep_their_times(desk: Desk) -> None:
    answer = desk.opened()
    await speak(answer, silence(samples(1.0)))
    for _ in range(10):
        await speak(answer, silence(samples(0.3)))
        await answer.miss(samples(0.03))
    await speak(answer, voice(1.0), silence(samples(1.0)))
    await eventually(lambda: bool(desk.herald.of("final")))
    (final,) = desk.herald.of("final")
    assert abs(final[1].start - samples(4.3 - 0.3)) < samples(0.1)


async def test_what_is_lost_while_nobody_is_connected_is_the_clocks(desk: Desk) -> None:
    answer = desk.opened(patience=1.0)
    await speak(answer, voice(1.0))
    await answer.away()
    await answer.miss(samples(3.0))
    desk.clock.advance(timedelta(seconds=9))
    await speak(answer, voice(1.0), silence(samples(0.8)))
    await answer.enter(Phase.DONE)
    await eventually(answer.settled.is_set)
    assert desk.herald.of("turn ended") == []
    _, second = (each[1] for each in desk.herald.of("final"))
    assert abs(second.start - samples(9.0)) < samples(0.4)


async def test_the_end_of_a_turn_is_said_after_its_words_however_slow_the_engine(desk: Desk) -> None:
    desk.engine.ready.clear()
    answer = desk.opened(patience=1.0)
    await speak(answer, voice(1.0), silence(samples(1.5)))
    assert desk.herald.of("final") == desk.herald.of("turn ended") == []
    desk.engine.ready.set()
    await eventually(lambda: bool(desk.herald.of("turn ended")))
    assert [each[0] for each in desk.herald.said] == ["speech", "final", "turn ended"]
    await speak(answer, silence(samples(1.5)))
    assert len(desk.herald.of("turn ended")) == 1


async def test_who_goes_on_while_the_engine_is_slow_was_not_done(desk: Desk) -> None:
    desk.engine.ready.clear()
    answer = desk.opened(patience=1.0)
    await speak(answer, voice(1.0), silence(samples(1.5)), voice(1.0))
    desk.engine.ready.set()
    await eventually(lambda: bool(desk.herald.of("final")))
    assert desk.herald.of("turn ended") == []
    await speak(answer, silence(samples(1.5)))
    await eventually(lambda: len(desk.herald.of("turn ended")) == 1)
    assert [each[0] for each in desk.herald.said][-1] == "turn ended"


async def test_who_asks_for_time_to_think_while_the_engine_is_slow_is_not_done(desk: Desk) -> None:
    desk.engine.ready.clear()
    answer = desk.opened(patience=1.0)
    await speak(answer, voice(1.0), silence(samples(1.5)))
    await answer.enter(Phase.THINKING)
    desk.engine.ready.set()
    await eventually(lambda: bool(desk.herald.of("final")))
    assert desk.herald.of("turn ended") == []


@pytest.mark.parametrize("length", [1.0, 7.0, 14.0])
async def test_what_is_final_is_not_written_down_again_after_a_crash(desk: Desk, length: float) -> None:
    answer = desk.opened()
    await speak(answer, voice(length), silence(samples(0.7)))
    await eventually(lambda: answer.ledger.settled and bool(desk.herald.of("final")))
    told = len(desk.herald.of("final"))
    await answer.aclose()
    (path,) = desk.spools.left()
    again = desk.started(desk.spools.open(path))
    await again.recover()
    await again.enter(Phase.DONE)
    await eventually(again.settled.is_set)
    assert len(desk.herald.of("final")) == told


async def test_a_full_disk_stops_nobody_and_what_does_not_fit_is_a_gap_that_the_page_is_told_of(desk: Desk) -> None:
    answer = desk.opened()
    room = max(path.stat().st_size for path in desk.spools.left()) + 40_000
    desk.engine.ready.clear()
    with full_disk(room):
        for _ in range(12):  # 72 s, and a minute fits into memory
            await speak(answer, voice(5.0), silence(samples(1.0)))
        assert desk.states == [("text_only", "SPOOL_FULL")]
        assert [reason for _, _, reason in desk.herald.of("gap")] == ["SPOOL_FULL"] * len(desk.herald.of("gap"))
        gaps = len(desk.herald.of("gap"))
        assert 0 < gaps < 6
        desk.engine.ready.set()
        await eventually(lambda: len(desk.herald.of("final")) == 12 - gaps)
        await speak(answer, voice(1.0), silence(samples(1.0)))
        await eventually(lambda: len(desk.herald.of("final")) == 13 - gaps)
    assert desk.states == [("text_only", "SPOOL_FULL"), ("live", "")]
    await answer.enter(Phase.DONE)
    await eventually(answer.settled.is_set)


async def test_what_was_under_way_at_a_crash_is_written_down_and_no_more_than_that(desk: Desk) -> None:
    answer = desk.opened()
    await speak(answer, voice(1.0), silence(samples(0.8)), voice(1.0))
    await eventually(lambda: bool(desk.herald.of("final")))
    await answer.aclose()
    (path,) = desk.spools.left()
    again = desk.started(desk.spools.open(path))
    await again.recover()
    await again.enter(Phase.DONE)
    await eventually(again.settled.is_set)
    first, second = (each[1] for each in desk.herald.of("final"))
    assert first.end <= second.start
    assert abs(second.end - samples(2.8)) < samples(0.2)


async def test_what_no_engine_writes_down_in_time_is_a_gap_with_its_time_and_no_silence(desk: Desk) -> None:
    desk.late = 0.2
    desk.engine.ready.clear()
    answer = desk.opened()
    await speak(answer, silence(samples(1.0)), voice(1.0), silence(samples(1.0)))
    await answer.enter(Phase.DONE)
    await eventually(answer.settled.is_set)
    (gap,) = desk.herald.of("gap")
    assert gap[2] == "TOO_LATE"
    assert gap[1].start <= samples(1.0) < samples(2.0) <= gap[1].end
    assert desk.herald.of("final") == []
    assert desk.spools.left() == []


async def test_an_answer_in_which_nobody_spoke_says_that_no_word_of_it_is_owed(desk: Desk) -> None:
    answer = desk.opened()
    await speak(answer, silence(samples(1.0)))
    answer.said_done = True
    await answer.enter(Phase.DONE)
    await eventually(lambda: bool(desk.herald.said))
    assert [kind for kind, _ in desk.herald.said] == ["quality soon"]
    assert answer.settled.is_set(), "nothing waits for the bus"


async def test_an_answer_that_no_sound_came_for_says_so_too(desk: Desk) -> None:
    answer = desk.opened()
    answer.said_done = True
    await answer.enter(Phase.DONE)
    await eventually(lambda: bool(desk.herald.said))
    assert [kind for kind, _ in desk.herald.said] == ["quality soon"]


async def test_an_answer_that_was_left_before_a_word_says_nothing_of_what_is_still_to_come(desk: Desk) -> None:
    answer = desk.opened()
    await speak(answer, silence(samples(1.0)))
    await answer.enter(Phase.DONE)
    await eventually(answer.settled.is_set)
    assert desk.herald.said == []


async def test_who_comes_back_to_an_answer_has_a_line_of_their_own(desk: Desk) -> None:
    for _ in range(2):
        answer = desk.opened()
        await speak(answer, silence(samples(1.0)), voice(1.0), silence(samples(1.0)))
        await answer.enter(Phase.DONE)
        await eventually(answer.settled.is_set)
        desk.clock.advance(timedelta(minutes=3))
    first, second = desk.herald.of("quality")
    assert first != second


async def test_done_holds_although_who_said_it_waited_no_longer(desk: Desk) -> None:
    looked = asyncio.Event()

    class Slow(Loudly):
        async def probabilities(self, windows: Sequence[Pcm]) -> list[float]:
            await looked.wait()
            return await super().probabilities(windows)

    desk.voice = Slow
    answer = desk.opened()
    await speak(answer, voice(0.03))  # less than a window
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await answer.enter(Phase.DONE)
    looked.set()
    await eventually(answer.settled.is_set)
