"""The one behaviour suite that holds every `SpeechToText` to its contract: Moonshine for real, Deepgram on loopback."""

import asyncio
from collections.abc import AsyncIterator, Callable

import numpy as np
import pytest
from viva_core.errors import Refused
from viva_media.adapters.deepgram import Deepgram
from viva_media.adapters.moonshine import Moonshine
from viva_media.domain.audio import RATE, Chunk, Pcm, Span, samples, seconds, silence
from viva_media.domain.ports import Final, Partial, SpeechToText, Transcription
from viva_media.domain.transcript import text_of
from viva_testkit.deepgram import DeepgramServer

CHUNK = samples(0.1)


@pytest.fixture(params=["moonshine", "deepgram"])
async def engine(
    request: pytest.FixtureRequest, moonshine: Moonshine, deepgram_server: DeepgramServer
) -> AsyncIterator[SpeechToText]:
    """Each engine in turn."""
    if request.param == "moonshine":
        yield moonshine
        return
    deepgram = Deepgram(
        deepgram_server.key, url=deepgram_server.url, languages=("en",), keep_alive=0.2, answer_timeout=60
    )
    yield deepgram
    await deepgram.aclose()


@pytest.fixture
async def stream(engine: SpeechToText) -> AsyncIterator[Transcription]:
    """A stream in English."""
    stream = await engine.open("en")
    yield stream
    await stream.aclose()


async def speak(stream: Transcription, pcm: Pcm, start: int) -> Span:
    """Feed an utterance and end it."""
    for at in range(0, len(pcm), CHUNK):
        await stream.feed(Chunk(start + at, pcm[at : at + CHUNK]))
    await stream.end_utterance(start + len(pcm))
    return Span(start, start + len(pcm))


async def finals(stream: Transcription, count: int) -> list[Final]:
    """The next finals."""
    found: list[Final] = []
    async with asyncio.timeout(30):
        async for result in stream.results():
            if isinstance(result, Final):
                found.append(result)
                if len(found) == count:
                    break
    return found


async def test_speech_becomes_the_words_that_were_said(
    stream: Transcription, recordings: list, wer: Callable[[str, str], float]
) -> None:
    said = [recordings[0], recordings[3]]
    spans = [await speak(stream, said[0].pcm, 0), await speak(stream, said[1].pcm, 20 * RATE)]
    heard = await finals(stream, 2)
    assert [final.span for final in heard] == spans
    for recording, final in zip(said, heard, strict=True):
        assert wer(recording.text, text_of(final.words)) < 0.1


async def test_words_lie_within_their_utterance_in_order_and_with_confidence(
    stream: Transcription, recordings: list
) -> None:
    span = await speak(stream, recordings[4].pcm, 7 * RATE)
    (final,) = await finals(stream, 1)
    assert final.words
    for word in final.words:
        assert seconds(span.start) <= word.start <= word.end <= seconds(span.end)
        assert 0.0 < word.confidence <= 1.0
    assert [word.start for word in final.words] == sorted(word.start for word in final.words)


async def test_each_utterance_is_answered_once_and_silence_without_words(
    stream: Transcription, recordings: list
) -> None:
    await speak(stream, recordings[4].pcm, 0)
    await speak(stream, silence(RATE), 10 * RATE)
    await speak(stream, recordings[1].pcm, 12 * RATE)
    heard = await finals(stream, 3)
    assert [bool(final.words) for final in heard] == [True, False, True]


async def test_long_speech_is_guessed_before_it_is_final(stream: Transcription, recordings: list) -> None:
    pcm, results, partial = recordings[0].pcm, stream.results(), None
    for at in range(0, len(pcm), CHUNK):
        await stream.feed(Chunk(at, pcm[at : at + CHUNK]))
    async with asyncio.timeout(20):
        partial = await anext(results)
    assert isinstance(partial, Partial)
    assert partial.start == 0
    assert partial.text


async def test_noise_is_not_made_into_a_sentence(stream: Transcription) -> None:
    noise = (np.random.default_rng(7).normal(0, 30, RATE * 2)).astype(np.int16)
    await speak(stream, noise, 0)
    (final,) = await finals(stream, 1)
    assert len(final.words) <= 2


async def test_results_end_when_the_stream_is_closed(engine: SpeechToText) -> None:
    stream = await engine.open("en")
    await stream.aclose()
    async with asyncio.timeout(5):
        assert [result async for result in stream.results()] == []


async def test_a_language_that_is_not_spoken_is_refused_with_the_way_out(engine: SpeechToText) -> None:
    with pytest.raises(Refused) as raised:
        await engine.open("ko")
    assert raised.value.reason == "LANGUAGE_NOT_SPOKEN"
    assert "type the answers" in raised.value.message


async def test_two_interviews_do_not_hear_each_other(
    engine: SpeechToText, recordings: list, wer: Callable[[str, str], float]
) -> None:
    streams = [await engine.open("en"), await engine.open("en")]
    said = [recordings[3], recordings[4]]
    await asyncio.gather(*(speak(stream, each.pcm, 0) for stream, each in zip(streams, said, strict=True)))
    for stream, recording in zip(streams, said, strict=True):
        (final,) = await finals(stream, 1)
        assert wer(recording.text, text_of(final.words)) < 0.1
        await stream.aclose()
