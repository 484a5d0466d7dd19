"""The guards around the embedded model."""

import asyncio
from collections.abc import Callable

import numpy as np
from viva_media.adapters.moonshine import Moonshine, quietest, voiced_part
from viva_media.adapters.moonshine_model import MoonshineModel, Written
from viva_media.adapters.silero import Silero
from viva_media.domain.activity import WINDOW, Activity, Uttered, finish, step
from viva_media.domain.audio import RATE, Chunk, Pcm, Span, samples, silence
from viva_media.domain.ports import Final
from viva_media.domain.transcript import text_of


class Looping:
    """A model that loops on what is longer than it likes, as the real one does on clips cut in mid-sentence."""

    sha256 = ""

    def __init__(self, longest: float) -> None:
        self._longest = longest
        self.lengths: list[float] = []

    def transcribe(self, pcm: Pcm) -> list[Written]:
        """Two words for a short clip, a loop for a long one."""
        self.lengths.append(len(pcm) / RATE)
        if len(pcm) > self._longest * RATE:
            return [Written("well", 0.9), *[Written("and", 0.9), Written("then", 0.9)] * 10]
        return [Written("fine", 0.9), Written("words", 0.9)]


def loud(duration: float) -> Pcm:
    """A tone, loud enough to be voice."""
    return (np.sin(np.arange(samples(duration)) / 5) * 8000).astype(np.int16)


async def test_a_clip_that_loops_is_heard_in_halves() -> None:
    model = Looping(4.0)
    engine = Moonshine(model)  # type: ignore[arg-type]
    words = await engine.words(np.concatenate([loud(3.5), silence(samples(0.4)), loud(3.5)]), Span(0, samples(7.4)))
    assert text_of(words) == "fine words fine words"
    assert len(model.lengths) == 3
    await engine.aclose()


async def test_a_loop_that_stays_is_ended_and_doubted() -> None:
    engine = Moonshine(Looping(0.0))  # type: ignore[arg-type]
    words = await engine.words(loud(2.0), Span(0, samples(2.0)))
    assert text_of(words) == "well and then"
    assert max(word.confidence for word in words) <= 0.2
    await engine.aclose()


async def test_silence_before_the_voice_costs_no_words(
    moonshine: Moonshine, recordings: list, wer: Callable[[str, str], float]
) -> None:
    pcm = np.concatenate([silence(4 * RATE), recordings[4].pcm])
    words = await moonshine.words(pcm, Span(0, len(pcm)))
    assert wer(recordings[4].text, text_of(words)) < 0.15
    assert words[0].start >= 3.8


async def test_partials_never_hold_up_a_closing_stream(moonshine: Moonshine, recordings: list) -> None:
    stream = await moonshine.open("en")
    from viva_media.domain.audio import Chunk

    await stream.feed(Chunk(0, recordings[0].pcm))
    async with asyncio.timeout(5):
        await stream.aclose()


def test_silence_has_no_voiced_part() -> None:
    assert voiced_part(silence(RATE)).length == 0
    assert voiced_part(silence(3)).length == 0
    part = voiced_part(np.concatenate([silence(RATE), loud(1.0), silence(RATE)]))
    assert abs(part.start - (RATE - samples(0.1))) <= samples(0.02)
    assert abs(part.end - (2 * RATE + samples(0.1))) <= samples(0.03)


def test_a_cut_is_made_where_it_is_quietest() -> None:
    pcm = np.concatenate([loud(2.0), silence(samples(0.3)), loud(2.0)])
    assert samples(2.0) <= quietest(pcm, RATE, len(pcm) - RATE) <= samples(2.3)


def test_read_speech_through_voice_activity_and_model_has_few_word_errors(
    silero: Silero, moonshine_model: MoonshineModel, recordings: list, paused: Pcm, wer: Callable[[str, str], float]
) -> None:
    engine = Moonshine(moonshine_model)
    listener, state, spans = silero.listener(), Activity(), []
    for at in range(0, len(paused) - WINDOW + 1, WINDOW):
        state, happened = step(state, listener.probability(paused[at : at + WINDOW]))
        spans += [each.span for each in happened if isinstance(each, Uttered)]
    spans += [each.span for each in finish(state)[1] if isinstance(each, Uttered)]
    heard = " ".join(text_of(engine.transcribe(paused[span.start : span.end], span)) for span in spans)
    assert wer(" ".join(recording.text for recording in recordings), heard) < 0.12


def test_loud_noise_is_no_voice(silero: Silero) -> None:
    listener = silero.listener()
    noise = (np.random.default_rng(3).normal(0, 6000, RATE * 3)).clip(-32768, 32767).astype(np.int16)
    found = [listener.probability(noise[at : at + WINDOW]) for at in range(0, len(noise) - WINDOW, WINDOW)]
    assert sum(probability > 0.5 for probability in found) / len(found) < 0.1


async def test_words_are_begun_when_the_voice_pauses_and_final_when_it_is_over(
    moonshine: Moonshine, recordings: list
) -> None:
    said = recordings[3]
    end = len(said.pcm)
    stream = await moonshine.open("en")
    await stream.feed(Chunk(0, np.concatenate((said.pcm, silence(RATE // 2)))))
    await stream.paused(end)
    await stream.end_utterance(end)
    final = await anext(aiter(stream.results()))
    assert isinstance(final, Final)
    assert final.words == moonshine.transcribe(said.pcm, Span(0, end))
    await stream.aclose()


async def test_what_was_begun_is_no_final_when_the_voice_goes_on(
    moonshine: Moonshine, recordings: list, wer: Callable[[str, str], float]
) -> None:
    first, second = recordings[4], recordings[3]
    pcm = np.concatenate((first.pcm, second.pcm))
    stream = await moonshine.open("en")
    await stream.feed(Chunk(0, first.pcm))
    await stream.paused(len(first.pcm))
    await stream.feed(Chunk(len(first.pcm), second.pcm))
    await stream.end_utterance(len(pcm))
    async for result in stream.results():
        if isinstance(result, Final):
            assert result.span == Span(0, len(pcm))
            assert wer(f"{first.text} {second.text}", text_of(result.words)) < 0.2
            break
    await stream.aclose()
