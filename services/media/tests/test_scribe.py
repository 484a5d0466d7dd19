"""Whatever the engine does, every utterance ends as words or as a gap."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import numpy as np
import pytest
from viva_media.adapters.deepgram import Deepgram
from viva_media.adapters.moonshine import Moonshine
from viva_media.application.scribe import Persistence, Scribe
from viva_media.domain.audio import RATE, Pcm, Span, silence
from viva_media.domain.peer import Writing
from viva_media.domain.ports import SpeechModel, SpeechToText
from viva_media.domain.transcript import Word, text_of
from viva_testkit.bus import eventually
from viva_testkit.deepgram import DeepgramServer

QUICK = Persistence(first_delay=0.05, longest_delay=0.2)


@dataclass
class Notebook:
    """What the scribe told."""

    words: list[Word] = field(default_factory=list)
    finals: list[Span] = field(default_factory=list)
    gaps: list[tuple[Span, str]] = field(default_factory=list)
    states: list[tuple[Writing, str]] = field(default_factory=list)
    engines: list[str] = field(default_factory=list)
    partials: int = 0

    async def partial(self, start: int, text: str) -> None:
        self.partials += 1

    async def final(self, span: Span, words: Sequence[Word], model: SpeechModel) -> None:
        self.finals.append(span)
        self.words += words
        self.engines.append(model.engine)

    async def gap(self, span: Span, reason: str) -> None:
        self.gaps.append((span, reason))

    async def nothing(self, span: Span) -> None:
        self.finals.append(span)

    async def written(self, state: Writing, reason: str) -> None:
        self.states.append((state, reason))


class Tape:
    """Utterances on one time line."""

    def __init__(self, sounds: Sequence[Pcm]) -> None:
        pause = silence(RATE)
        self.spans: list[Span] = []
        place, parts = 0, []
        for sound in sounds:
            self.spans.append(Span(place, place + len(sound)))
            parts += [sound, pause]
            place += len(sound) + RATE
        self.pcm = np.concatenate(parts)

    def read(self, start: int, end: int) -> Pcm:
        """The sound between two places."""
        return self.pcm[start:end]


@asynccontextmanager
async def scribbling(
    tape: Tape, notebook: Notebook, *engines: SpeechToText, persistence: Persistence = QUICK
) -> AsyncIterator[Scribe]:
    """A scribe at work."""
    scribe = Scribe(engines, "en", tape.read, notebook, persistence=persistence)
    task = asyncio.create_task(scribe.run())
    try:
        yield scribe
        scribe.finish()
        async with asyncio.timeout(60):
            await task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def utter(scribe: Scribe, *spans: Span) -> None:
    """As the voice activity tells it."""
    for span in spans:
        scribe.began(span.start)
        scribe.heard(span.end)
        scribe.ended(span)


@pytest.fixture
def tape(recordings: list) -> Tape:
    """Three sentences."""
    return Tape([recordings[each].pcm for each in (4, 1, 3)])


@pytest.fixture
def said(recordings: list) -> str:
    """What is on the tape."""
    return " ".join(recordings[each].text for each in (4, 1, 3))


def deepgram(server: DeepgramServer, **changes: float) -> Deepgram:
    """The engine, quick to lose patience."""
    return Deepgram(server.key, url=server.url, answer_timeout=changes.get("answer_timeout", 30.0), keep_alive=0.2)


async def test_utterances_become_words_in_order(
    deepgram_server: DeepgramServer, tape: Tape, said: str, wer: Callable[[str, str], float]
) -> None:
    notebook = Notebook()
    async with scribbling(tape, notebook, deepgram(deepgram_server)) as scribe:
        utter(scribe, *tape.spans)
    assert notebook.finals == tape.spans
    assert wer(said, text_of(notebook.words)) < 0.12
    assert notebook.states == [(Writing.LIVE, "")]


async def test_an_engine_that_hangs_up_in_mid_sentence_loses_no_word(
    deepgram_server: DeepgramServer, tape: Tape, said: str, wer: Callable[[str, str], float]
) -> None:
    deepgram_server.moods.hang_up_after = 4.5
    notebook = Notebook()
    async with scribbling(tape, notebook, deepgram(deepgram_server)) as scribe:
        utter(scribe, *tape.spans)
    assert notebook.finals == tape.spans
    assert wer(said, text_of(notebook.words)) < 0.12
    assert deepgram_server.streams == 2


async def test_what_is_said_while_the_engine_is_away_is_written_down_late(
    deepgram_server: DeepgramServer, tape: Tape, said: str, wer: Callable[[str, str], float]
) -> None:
    await deepgram_server.stop()
    notebook = Notebook()
    async with scribbling(tape, notebook, deepgram(deepgram_server)) as scribe:
        utter(scribe, *tape.spans)
        await eventually(lambda: notebook.states.count((Writing.DELAYED, "ENGINE_AWAY")) >= 4)
        assert notebook.finals == []
        await deepgram_server.start()
    assert notebook.finals == tape.spans
    assert wer(said, text_of(notebook.words)) < 0.12
    assert notebook.gaps == []


@pytest.mark.parametrize(("status", "reason"), [(401, "ENGINE_KEY_REFUSED"), (402, "ENGINE_NO_CREDIT")])
async def test_without_a_fallback_a_refused_key_asks_for_text_and_keeps_the_sound(
    deepgram_server: DeepgramServer, tape: Tape, status: int, reason: str
) -> None:
    deepgram_server.moods.refuse = status
    notebook = Notebook()
    async with scribbling(tape, notebook, deepgram(deepgram_server)) as scribe:
        utter(scribe, *tape.spans)
        await eventually(lambda: (Writing.TEXT_ONLY, reason) in notebook.states)
        assert notebook.gaps == []
        deepgram_server.moods.refuse = 0  # somebody paid
    assert notebook.finals == tape.spans


async def test_the_fallback_takes_over_what_the_engine_refuses(
    deepgram_server: DeepgramServer, moonshine: Moonshine, tape: Tape, said: str, wer: Callable[[str, str], float]
) -> None:
    deepgram_server.moods.refuse = 401
    notebook = Notebook()
    async with scribbling(tape, notebook, deepgram(deepgram_server), moonshine) as scribe:
        utter(scribe, *tape.spans)
    assert notebook.engines == ["moonshine-onnx"] * 3
    assert wer(said, text_of(notebook.words)) < 0.12


async def test_an_engine_that_stays_away_is_replaced(
    deepgram_server: DeepgramServer, moonshine: Moonshine, tape: Tape
) -> None:
    await deepgram_server.stop()
    notebook = Notebook()
    async with scribbling(tape, notebook, deepgram(deepgram_server), moonshine) as scribe:
        utter(scribe, *tape.spans)
    assert notebook.finals == tape.spans
    assert set(notebook.engines) == {"moonshine-onnx"}


async def test_a_deaf_engine_is_found_out_and_no_word_is_lost(
    deepgram_server: DeepgramServer, moonshine: Moonshine, tape: Tape, said: str, wer: Callable[[str, str], float]
) -> None:
    deepgram_server.moods.deaf = True
    notebook = Notebook()
    async with scribbling(tape, notebook, deepgram(deepgram_server), moonshine) as scribe:
        utter(scribe, *tape.spans)
    assert notebook.gaps == []
    assert set(notebook.engines) == {"moonshine-onnx"}
    assert wer(said, text_of(notebook.words)) < 0.12


async def test_a_deaf_engine_without_a_fallback_leaves_gaps_and_asks_for_text(
    deepgram_server: DeepgramServer, tape: Tape
) -> None:
    deepgram_server.moods.deaf = True
    notebook = Notebook()
    async with scribbling(tape, notebook, deepgram(deepgram_server)) as scribe:
        utter(scribe, *tape.spans)
    assert notebook.gaps == [(span, "NO_WORDS") for span in tape.spans]
    assert (Writing.TEXT_ONLY, "SPEECH_WITHOUT_WORDS") in notebook.states


async def test_a_mute_engine_costs_a_gap_and_not_the_answer(deepgram_server: DeepgramServer, tape: Tape) -> None:
    deepgram_server.moods.mute = True
    notebook = Notebook()
    engine = deepgram(deepgram_server, answer_timeout=4.0)
    few = Persistence(first_delay=0.05, tries_an_utterance=2)
    async with scribbling(tape, notebook, engine, persistence=few) as scribe:
        utter(scribe, tape.spans[0])
        await eventually(lambda: bool(notebook.gaps))
        deepgram_server.moods.mute = False
        utter(scribe, *tape.spans[1:])
    assert notebook.gaps == [(tape.spans[0], "ENGINE_SILENT")]
    assert notebook.finals == tape.spans[1:]


async def test_a_cough_is_neither_words_nor_a_gap(moonshine: Moonshine) -> None:
    cough = (np.random.default_rng(1).normal(0, 500, RATE)).astype(np.int16)
    tape, notebook = Tape([cough]), Notebook()
    async with scribbling(tape, notebook, moonshine) as scribe:
        utter(scribe, *tape.spans)
    assert notebook.gaps == []


async def test_an_utterance_that_was_cut_and_went_silent_ends(moonshine: Moonshine, tape: Tape) -> None:
    notebook = Notebook()
    first = tape.spans[0]
    async with scribbling(tape, notebook, moonshine) as scribe:
        scribe.began(first.start)
        scribe.heard(first.end)
        scribe.ended(first)
        scribe.began(first.end)
        scribe.ended(Span(first.end, first.end))
        utter(scribe, tape.spans[1])
    assert [span for span in notebook.finals if span.length] == tape.spans[:2]


async def test_a_language_that_nobody_speaks_leaves_gaps_at_the_end(moonshine: Moonshine, tape: Tape) -> None:
    notebook = Notebook()
    scribe = Scribe([moonshine], "ko", tape.read, notebook, persistence=QUICK)
    task = asyncio.create_task(scribe.run())
    utter(scribe, *tape.spans)
    await eventually(lambda: (Writing.TEXT_ONLY, "LANGUAGE_NOT_SPOKEN") in notebook.states)
    scribe.finish()
    async with asyncio.timeout(5):
        await task
    assert [reason for _, reason in notebook.gaps] == ["LANGUAGE_NOT_SPOKEN"] * 3
