"""`SpeechToText` on the embedded model: English only, nothing leaves the machine.

The guards, each for a way in which the bare model fails:

- it is given one utterance at a time, cut at silences (the caller's work), and silence before the voice is trimmed;
- a clip on which it loops (the same words again and again) is cut in two at its quietest place and each half is heard
  by itself; what still loops is ended where the loop begins, with little confidence;
- Korean and anything else that it does not speak is refused: it would invent English.

It hears nothing before it is given the whole utterance. So that its time is not added to the silence that ends one, it
begins when the voice pauses; if the voice goes on, what it wrote is a guess like the others.

Word times are shares of the voiced part of an utterance, see `domain.transcript.spread`.
"""

import asyncio
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import numpy as np
from viva_core.errors import Permanent, Refused, Transient

from viva_media.adapters.moonshine_model import MoonshineModel, Written
from viva_media.domain.audio import RATE, Chunk, Pcm, Span, samples
from viva_media.domain.ports import Final, Partial, SpeechModel
from viva_media.domain.transcript import Word, loop_at, settle, spread, text_of

_FRAME = samples(0.02)
_MARGIN = samples(0.1)  # kept around the voice when silence is trimmed
_PARTIAL_EVERY = samples(1.0)
_DOUBT = 0.2  # the confidence of words in front of a loop
_HALF = samples(1.5)  # a clip is not cut into anything shorter


class Moonshine:
    """One model and one thread for all interviews of the process; utterances wait for their turn."""

    def __init__(self, model: MoonshineModel) -> None:
        self._model = model
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="moonshine")
        self._waiting = 0
        self.model = SpeechModel("moonshine-tiny-en", "moonshine-onnx", ("en",), model.sha256)

    async def open(self, language: str) -> "MoonshineTranscription":
        """Begin to listen. Raises Refused for what is not English."""
        if language not in self.model.languages:
            raise Refused(
                "the embedded speech engine understands English only: type the answers, or configure Deepgram "
                "(VIVA_SPEECH_ENGINE=deepgram)",
                reason="LANGUAGE_NOT_SPOKEN",
            )
        return MoonshineTranscription(self)

    @property
    def busy(self) -> bool:
        """Whether utterances wait: then partials are left out, finals never."""
        return self._waiting > 0

    @property
    def crowded(self) -> bool:
        """Whether one is under way and another waits: then no final is begun before its utterance is over."""
        return self._waiting > 1

    async def words(self, pcm: Pcm, span: Span) -> tuple[Word, ...]:
        """The words of one utterance, guarded."""
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, self.transcribe, pcm, span)
        except RuntimeError as error:
            raise Transient("the speech engine is stopping", reason="ENGINE_AWAY") from error
        finally:
            self._waiting -= 1

    async def aclose(self) -> None:
        """Let the utterance under way end, and stop."""
        await asyncio.to_thread(self._pool.shutdown, cancel_futures=True)

    def transcribe(self, pcm: Pcm, span: Span) -> tuple[Word, ...]:
        """The words of one utterance, guarded. Computes: `words` does it in the engine's own thread."""
        voice = voiced_part(pcm)
        if voice.length == 0:
            return ()
        return self._heard(pcm[voice.start : voice.end], span.start + voice.start)

    def _heard(self, pcm: Pcm, start: int) -> tuple[Word, ...]:
        span = Span(start, start + len(pcm))
        written = self._model.transcribe(pcm)
        loop = loop_at([word.text for word in written])
        if loop is None:
            return _placed(written, span)
        if len(pcm) >= 2 * _HALF:
            cut = quietest(pcm, _HALF, len(pcm) - _HALF)
            return settle((*self._heard(pcm[:cut], start), *self._heard(pcm[cut:], start + cut)), span)
        doubtful = [Written(word.text, min(word.confidence, _DOUBT)) for word in written[:loop]]
        return _placed(doubtful, span)


class MoonshineTranscription:
    """One stream of utterances."""

    def __init__(self, engine: Moonshine) -> None:
        self._engine = engine
        self._chunks: list[Chunk] = []
        self._fed = 0
        self._partial_at = 0
        self._partial: asyncio.Task[None] | None = None
        self._early: tuple[int, asyncio.Task[tuple[Word, ...]]] | None = None
        self._results: asyncio.Queue[Partial | Final | None] = asyncio.Queue()
        self._closed = False

    async def feed(self, chunk: Chunk) -> None:
        """More of the utterance under way."""
        self._need_open()
        self._chunks.append(chunk)
        self._fed += len(chunk.pcm)
        due = self._fed - self._partial_at >= _PARTIAL_EVERY
        if due and not self._engine.busy and (self._partial is None or self._partial.done()):
            self._partial_at = self._fed
            self._partial = asyncio.create_task(self._guess(tuple(self._chunks)))

    async def paused(self, end: int) -> None:
        """Begin on what will be final if the voice does not go on."""
        self._need_open()
        if not self._chunks or self._engine.crowded:
            return
        await self._drop_early()
        span = Span(self._chunks[0].start, end)
        pcm = _joined(tuple(self._chunks))[: span.length]
        self._partial_at = self._fed
        self._early = end, asyncio.create_task(self._engine.words(pcm, span))

    async def end_utterance(self, end: int) -> None:
        """The utterance is complete."""
        self._need_open()
        if not self._chunks:
            return
        chunks, self._chunks, self._fed, self._partial_at = tuple(self._chunks), [], 0, 0
        await self._drop_partial()
        span = Span(chunks[0].start, end)
        if self._early is not None and self._early[0] == end:
            (_, writing), self._early = self._early, None
            words = await writing
        else:
            await self._drop_early()
            words = await self._engine.words(_joined(chunks)[: span.length], span)
        self._results.put_nowait(Final(span, words))

    async def results(self) -> AsyncIterator[Partial | Final]:
        """Partials and finals until `aclose`."""
        while (result := await self._results.get()) is not None:
            yield result

    async def aclose(self) -> None:
        """Stop."""
        self._closed = True
        await self._drop_partial()
        await self._drop_early()
        self._results.put_nowait(None)

    async def _guess(self, chunks: tuple[Chunk, ...]) -> None:
        pcm = _joined(chunks)
        with suppress(Transient):
            words = await self._engine.words(pcm, Span(chunks[0].start, chunks[0].start + len(pcm)))
            if words:
                self._results.put_nowait(Partial(chunks[0].start, text_of(words)))

    async def _drop_partial(self) -> None:
        task, self._partial = self._partial, None
        if task is not None:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def _drop_early(self) -> None:
        """The voice went on: what was begun is no final. Done already, it is a guess."""
        early, self._early = self._early, None
        if early is None:
            return
        _, task = early
        if task.done() and not task.cancelled() and task.exception() is None:
            if task.result() and self._chunks:
                self._results.put_nowait(Partial(self._chunks[0].start, text_of(task.result())))
            return
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    def _need_open(self) -> None:
        if self._closed:
            raise Permanent("this transcription is closed", reason="TRANSCRIPTION_CLOSED")


def voiced_part(pcm: Pcm) -> Span:
    """What lies between the first and the last frame that is louder than the clip's quiet parts, with a margin. Empty
    when nothing is louder than -60 dBFS."""
    frames = len(pcm) // _FRAME
    if frames == 0:
        return Span(0, 0)
    power = np.square(pcm[: frames * _FRAME].astype(np.float64)).reshape(frames, _FRAME).mean(axis=1)
    loudest = float(power.max())
    if loudest < 32_768.0**2 * 1e-6:
        return Span(0, 0)
    loud = np.flatnonzero(power > max(loudest * 1e-4, 1.0))  # 40 dB under the loudest frame
    start = max(int(loud[0]) * _FRAME - _MARGIN, 0)
    return Span(start, min((int(loud[-1]) + 1) * _FRAME + _MARGIN, len(pcm)))


def quietest(pcm: Pcm, start: int, end: int) -> int:
    """The middle of the quietest 200 ms between two places."""
    width = RATE // 5
    energy = np.square(pcm[start:end].astype(np.float64))
    if len(energy) <= width:
        return (start + end) // 2
    sums = np.cumsum(np.concatenate(([0.0], energy)))
    return start + int(np.argmin(sums[width:] - sums[:-width])) + width // 2


def _placed(written: list[Written], span: Span) -> tuple[Word, ...]:
    return spread([word.text for word in written], [word.confidence for word in written], span)


def _joined(chunks: tuple[Chunk, ...]) -> Pcm:
    joined: Pcm = np.concatenate([chunk.pcm for chunk in chunks])
    return joined
