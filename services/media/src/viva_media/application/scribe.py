"""Turns the utterances of one answer into words, whatever the engine does.

The sound lies in the spool; the scribe reads it from there, live and late alike. When a stream fails it opens another
and feeds again every utterance that is owed, so nothing depends on when the failure came. It moves on to the next
engine when one refuses for good, keeps failing, or hears speech without finding words in it. An utterance ends as words
or as a gap.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass
from typing import Protocol

from viva_core.errors import Permanent, Refused, Transient, VivaError
from viva_core.telemetry.logs import get_logger

from viva_media.domain.audio import Chunk, Pcm, Span, samples
from viva_media.domain.peer import Writing
from viva_media.domain.ports import Final, Partial, SpeechModel, SpeechToText, Transcription
from viva_media.domain.transcript import Word

_log = get_logger("viva.media.scribe")
_FEED = samples(0.1)
_VOICED = samples(1.5)
"""An utterance of this length without words is no cough: half a second of it is the rolls around the voice."""


@dataclass(frozen=True)
class Persistence:
    """How long a failing engine is tried."""

    first_delay: float = 0.5
    longest_delay: float = 15.0
    tries: int = 3
    """Failures in a row before the next engine takes over."""
    tries_an_utterance: int = 4
    """Streams that broke over one utterance before it becomes a gap."""
    wordless: int = 2
    """Utterances in a row without words before the engine is held to be deaf."""


class Reader(Protocol):
    """Who is told. Each returns once what it was told is safe."""

    async def partial(self, start: int, text: str) -> None: ...
    async def final(self, span: Span, words: Sequence[Word], model: SpeechModel) -> None: ...
    async def gap(self, span: Span, reason: str) -> None: ...
    async def nothing(self, span: Span) -> None: ...
    async def written(self, state: Writing, reason: str) -> None: ...


@dataclass(eq=False)
class _Utterance:
    start: int
    end: int | None = None
    pause: int | None = None
    """Where it ends unless the voice goes on."""
    broke: int = 0

    @property
    def span(self) -> Span:
        assert self.end is not None
        return Span(self.start, self.end)


class Scribe:
    """Feed it with `began`, `heard`, `ended`; `run` does the work and returns after `finish` once nothing is owed."""

    def __init__(
        self,
        engines: Sequence[SpeechToText],
        language: str,
        sound: Callable[[int, int], Pcm],
        reader: Reader,
        *,
        persistence: Persistence | None = None,
    ) -> None:
        """`engines`: in order of preference. `sound`: reads from the spool."""
        self._engines = list(engines)
        self._language = language
        self._sound = sound
        self._reader = reader
        self._persistence = persistence or Persistence()
        self._owed: deque[_Utterance] = deque()
        self._heard = 0
        self._finishing = False
        self._changed = asyncio.Event()
        self._failures = 0
        self._wordless = 0

    def began(self, start: int) -> None:
        """An utterance is under way."""
        self._owed.append(_Utterance(start))
        self._tell()

    def heard(self, until: int) -> None:
        """There is sound up to this place."""
        self._heard = until
        self._tell()

    def paused(self, span: Span) -> None:
        """The utterance under way is this, unless the voice goes on."""
        if self._owed and self._owed[-1].end is None and self._owed[-1].start == span.start:
            self._owed[-1].pause = span.end
            self._tell()

    def ended(self, span: Span) -> None:
        """The utterance under way is complete."""
        if self._owed and self._owed[-1].end is None:
            self._owed[-1].end = span.end
        self._tell()

    def finish(self) -> None:
        """No more utterances come: `run` may return."""
        self._finishing = True
        self._tell()

    async def give_up(self, reason: str, *, most: int | None = None) -> None:
        """Make gaps of what is owed and complete; of the oldest `most` only, if given."""
        given = [utterance for utterance in self._owed if utterance.end is not None][:most]
        for utterance in given:
            self._owed.remove(utterance)
            await self._reader.gap(utterance.span, reason)
        self._tell()

    async def run(self) -> None:
        """Write until finished."""
        while not self._done:
            failure = await self._one_stream()
            if failure is None:
                return
            await self._after(failure)

    @property
    def _done(self) -> bool:
        return self._finishing and not self._owed

    def _tell(self) -> None:
        self._changed.set()

    async def _change(self) -> None:
        await self._changed.wait()
        self._changed.clear()

    async def _one_stream(self) -> VivaError | None:
        """Open a stream and work on it until all is done (None) or it fails."""
        engine = self._engines[0]
        try:
            stream = await engine.open(self._language)
        except VivaError as error:
            return error
        failure: VivaError | None = None
        try:
            await self._reader.written(Writing.LIVE, "")
            async with asyncio.TaskGroup() as group:
                reading = group.create_task(self._read(stream, engine))
                group.create_task(self._write(stream, reading))
        except* VivaError as errors:
            failure = _first(errors)
        finally:
            await stream.aclose()
        return failure

    async def _write(self, stream: Transcription, reading: "asyncio.Task[None]") -> None:
        """Feed each owed utterance, from its start, in order."""
        last: _Utterance | None = None
        while not self._done:
            utterance = self._after_that(last)
            if utterance is None:
                await self._change()
                continue
            last = utterance
            place, told = utterance.start, None
            while True:
                until = utterance.end if utterance.end is not None else max(self._heard, utterance.start)
                if place < until:
                    upto = min(place + _FEED, until)
                    await stream.feed(Chunk(place, self._sound(place, upto)))
                    place = upto
                elif utterance.end is not None:
                    break
                elif utterance.pause != told and utterance.pause is not None and utterance.pause <= place:
                    told = utterance.pause
                    await stream.paused(told)
                else:
                    await self._change()
            if place == utterance.start:  # after a cut, nothing followed
                with suppress(ValueError):
                    self._owed.remove(utterance)
                continue
            assert utterance.end is not None
            await stream.end_utterance(utterance.end)
        reading.cancel()

    def _after_that(self, last: _Utterance | None) -> _Utterance | None:
        """The first owed utterance that starts after `last`."""
        return next((each for each in self._owed if last is None or each.start > last.start), None)

    async def _read(self, stream: Transcription, engine: SpeechToText) -> None:
        async with aclosing(stream.results()) as results:  # type: ignore[type-var]  # ports promise an AsyncIterator
            async for result in results:
                if isinstance(result, Partial):
                    await self._reader.partial(result.start, result.text)
                else:
                    await self._take(result, engine)

    async def _take(self, final: Final, engine: SpeechToText) -> None:
        utterance = next((each for each in self._owed if each.start == final.span.start), None)
        if utterance is None or utterance.end is None:
            return  # given up meanwhile
        self._failures = 0
        if final.words:
            self._wordless = 0
            await self._reader.final(utterance.span, final.words, engine.model)
        elif utterance.span.length < _VOICED:
            await self._reader.nothing(utterance.span)
        else:
            await self._wordless_speech(utterance)
        with suppress(ValueError):
            self._owed.remove(utterance)
        self._tell()
        if self._wordless >= self._persistence.wordless:
            self._wordless = 0
            if len(self._engines) > 1:
                raise Permanent("the engine hears speech and finds no words", reason="SPEECH_WITHOUT_WORDS")
            await self._reader.written(Writing.TEXT_ONLY, "SPEECH_WITHOUT_WORDS")

    async def _wordless_speech(self, utterance: _Utterance) -> None:
        """Somebody spoke and the engine understood nothing: ask the next one, else say so."""
        self._wordless += 1
        _log.warning("speech without words", engine=self._engines[0].model.engine, in_a_row=self._wordless)
        for engine in self._engines[1:2]:
            words = await self._second_opinion(engine, utterance)
            if words:
                await self._reader.final(utterance.span, words, engine.model)
                return
        await self._reader.gap(utterance.span, "NO_WORDS")

    async def _second_opinion(self, engine: SpeechToText, utterance: _Utterance) -> tuple[Word, ...]:
        span = utterance.span
        try:
            stream = await engine.open(self._language)
        except VivaError:
            return ()
        try:
            await stream.feed(Chunk(span.start, self._sound(span.start, span.end)))
            await stream.end_utterance(span.end)
            async for result in stream.results():
                if isinstance(result, Final):
                    return result.words
        except VivaError:
            return ()
        finally:
            await stream.aclose()
        return ()

    async def _after(self, failure: VivaError) -> None:
        """Decide what a failure means, and rest before the next try."""
        self._failures += 1
        deaf = failure.reason == "SPEECH_WITHOUT_WORDS"
        first = self._owed[0] if self._owed else None
        if first is not None and first.end is not None and not deaf and failure.reason == "ENGINE_SILENT":
            first.broke += 1
            if first.broke >= self._persistence.tries_an_utterance:
                await self.give_up(failure.reason, most=1)
        final = isinstance(failure, Permanent)
        _log.warning("the speech engine failed", engine=self._engines[0].model.engine, reason=failure.reason)
        if len(self._engines) > 1 and (final or self._failures >= self._persistence.tries):
            del self._engines[0]
            self._failures = 0
            return
        await self._reader.written(Writing.TEXT_ONLY if final else Writing.DELAYED, failure.reason)
        if isinstance(failure, Refused):  # no try will change it
            while not self._finishing:
                await self._change()
            await self.give_up(failure.reason)
            return
        await asyncio.sleep(self._delay(failure))

    def _delay(self, failure: VivaError) -> float:
        delay = min(self._persistence.first_delay * 2.0 ** min(self._failures - 1, 16), self._persistence.longest_delay)
        if isinstance(failure, Transient) and failure.retry_after is not None:
            delay = max(delay, failure.retry_after.total_seconds())
        return delay


def _first(errors: "BaseExceptionGroup[VivaError]") -> VivaError:
    first: BaseException = errors
    while isinstance(first, BaseExceptionGroup):
        first = first.exceptions[0]
    assert isinstance(first, VivaError)
    return first
