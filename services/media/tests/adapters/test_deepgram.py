"""What goes wrong on the way to Deepgram, and what becomes of it."""

import asyncio
from collections.abc import Callable

import pytest
from viva_core.errors import Exhausted, Permanent, Transient, VivaError
from viva_media.adapters.deepgram import Deepgram
from viva_media.domain.audio import Chunk, samples
from viva_media.domain.ports import Final, Transcription
from viva_media.domain.transcript import text_of
from viva_testkit.bus import eventually
from viva_testkit.deepgram import DeepgramServer

CHUNK = samples(0.1)


def engine(server: DeepgramServer, **changes: object) -> Deepgram:
    """The engine against the loopback server; quick to lose patience."""
    return Deepgram(server.key, **({"url": server.url, "keep_alive": 0.2, "answer_timeout": 30.0} | changes))  # type: ignore[arg-type]


async def speak(stream: Transcription, pcm, start: int = 0) -> None:  # type: ignore[no-untyped-def]
    """Feed an utterance and end it."""
    for at in range(0, len(pcm), CHUNK):
        await stream.feed(Chunk(start + at, pcm[at : at + CHUNK]))
    await stream.end_utterance(start + len(pcm))


async def final(stream: Transcription) -> Final:
    """The next final."""
    async with asyncio.timeout(20):
        async for result in stream.results():
            if isinstance(result, Final):
                return result
    raise AssertionError("the results ended")


@pytest.mark.parametrize(
    ("status", "kind", "reason"),
    [
        (401, Permanent, "ENGINE_KEY_REFUSED"),
        (402, Permanent, "ENGINE_NO_CREDIT"),
        (400, Permanent, "ENGINE_REFUSED"),
        (429, Exhausted, "ENGINE_BUSY"),
        (503, Transient, "ENGINE_AWAY"),
    ],
)
async def test_a_refused_handshake_says_what_it_means(
    deepgram_server: DeepgramServer, status: int, kind: type[VivaError], reason: str
) -> None:
    deepgram_server.moods.refuse = status
    with pytest.raises(kind) as raised:
        await engine(deepgram_server).open("en")
    assert raised.value.reason == reason
    assert raised.value.__cause__ is None
    assert deepgram_server.key not in str(raised.value)


async def test_the_wrong_key_is_refused(deepgram_server: DeepgramServer) -> None:
    with pytest.raises(Permanent) as raised:
        await Deepgram("another", url=deepgram_server.url).open("en")
    assert raised.value.reason == "ENGINE_KEY_REFUSED"


async def test_nobody_there_is_transient(deepgram_server: DeepgramServer) -> None:
    await deepgram_server.stop()
    with pytest.raises(Transient) as raised:
        await engine(deepgram_server).open("en")
    assert raised.value.reason == "ENGINE_AWAY"


async def test_what_is_asked_for_is_in_the_query(deepgram_server: DeepgramServer) -> None:
    stream = await engine(deepgram_server, model="nova-2-general").open("ko")
    await stream.aclose()
    (query,) = deepgram_server.queries
    assert query["model"] == "nova-2-general"
    assert query["language"] == "ko"
    assert (query["encoding"], query["sample_rate"], query["channels"]) == ("linear16", "16000", "1")
    assert query["interim_results"] == "true"


async def test_silence_keeps_the_line_open(deepgram_server: DeepgramServer, recordings: list) -> None:
    deepgram_server.moods.idle_limit = 2.0
    stream = await engine(deepgram_server).open("en")
    await eventually(lambda: deepgram_server.keep_alives >= 15)  # longer than the idle limit
    await speak(stream, recordings[4].pcm)
    assert (await final(stream)).words
    await stream.aclose()
    assert deepgram_server.streams == 1


async def test_without_keep_alive_the_line_is_closed_with_1011(deepgram_server: DeepgramServer) -> None:
    deepgram_server.moods.idle_limit = 0.2
    stream = await engine(deepgram_server, keep_alive=30).open("en")
    with pytest.raises(Transient) as raised:
        await final(stream)
    assert raised.value.reason == "ENGINE_HUNG_UP"
    await stream.aclose()


async def test_words_out_of_order_come_in_order(
    deepgram_server: DeepgramServer, recordings: list, wer: Callable[[str, str], float]
) -> None:
    deepgram_server.moods.shuffled = True
    stream = await engine(deepgram_server).open("en")
    await speak(stream, recordings[3].pcm)
    assert wer(recordings[3].text, text_of((await final(stream)).words)) < 0.1
    await stream.aclose()


async def test_an_error_message_fails_the_stream(deepgram_server: DeepgramServer, recordings: list) -> None:
    deepgram_server.moods.error_after = 1.0
    stream = await engine(deepgram_server).open("en")
    await speak(stream, recordings[4].pcm)
    with pytest.raises(Transient) as raised:
        await final(stream)
    assert raised.value.reason == "ENGINE_ERROR"
    await stream.aclose()


async def test_an_engine_that_takes_sound_and_says_nothing_is_noticed(
    deepgram_server: DeepgramServer, recordings: list
) -> None:
    deepgram_server.moods.mute = True
    stream = await engine(deepgram_server, answer_timeout=0.3).open("en")
    await speak(stream, recordings[4].pcm)
    with pytest.raises(Transient) as raised:
        await final(stream)
    assert raised.value.reason == "ENGINE_SILENT"
    await stream.aclose()


async def test_finals_that_come_by_themselves_are_enough(deepgram_server: DeepgramServer, recordings: list) -> None:
    deepgram_server.moods.forgets_finalize = True
    stream = await engine(deepgram_server).open("en")
    await speak(stream, recordings[4].pcm)
    assert (await final(stream)).words
    await speak(stream, recordings[3].pcm, 16_000 * 20)
    second = await final(stream)
    assert second.span.start == 16_000 * 20
    assert second.words[0].start >= 20.0
    await stream.aclose()
