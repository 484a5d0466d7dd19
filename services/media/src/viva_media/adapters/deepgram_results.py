"""Deepgram's messages, turned into one Final an utterance.

Its clock counts the sound it was sent; ours counts the answer's. The two differ by what was left out between
utterances, so each utterance remembers both of its starts, and a word goes to the utterance in whose stretch of the
stream it lies.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from viva_core.errors import Exhausted, Permanent, Transient, VivaError

from viva_media.domain.audio import Chunk, Span, samples, seconds
from viva_media.domain.ports import Final, Partial
from viva_media.domain.transcript import Word, settle

_SLACK = samples(0.3)  # finals this close to the end cover an utterance


@dataclass(eq=False)
class _Utterance:
    start: int
    stream_start: int
    end: int | None = None
    stream_end: int | None = None
    words: list[Word] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    covered: int = 0

    @property
    def shift(self) -> float:
        """From seconds of the stream to seconds of the answer."""
        return seconds(self.start - self.stream_start)


class Stream:
    """The utterances of one stream that are not answered yet."""

    def __init__(self) -> None:
        self._sent = 0
        self._open: _Utterance | None = None
        self._waiting: deque[_Utterance] = deque()

    def fed(self, chunk: Chunk) -> None:
        """Sound is about to be sent."""
        if self._open is None:
            self._open = _Utterance(chunk.start, self._sent)
            self._waiting.append(self._open)
        self._sent += len(chunk.pcm)

    def ended(self, end: int) -> object | None:
        """The utterance under way is complete; None when there is none. The object is for `owes`."""
        utterance, self._open = self._open, None
        if utterance is not None:
            utterance.end = end
            utterance.stream_end = self._sent
        return utterance

    def owes(self, utterance: object) -> bool:
        """Whether an utterance that was ended is not answered yet."""
        return utterance in self._waiting

    def take(self, message: Any) -> Iterator[Partial | Final]:
        """What a Results message gives."""
        said = message.channel.alternatives[0] if message.channel.alternatives else None
        start, end = samples(message.start), samples(message.start + message.duration)
        utterance = self._utterance_at((start + end) // 2)
        if utterance is not None and said is not None:
            if message.is_final:
                self._keep(said.words)
                utterance.covered = max(utterance.covered, end)
                if said.transcript:
                    utterance.said.append(said.transcript)
            text = " ".join([*utterance.said, *([] if message.is_final else [said.transcript])]).strip()
            if text:
                yield Partial(utterance.start, text)
        if message.from_finalize and (done := self._answered(by=end)) is not None:
            yield done

    def _keep(self, words: Any) -> None:
        for word in words:
            utterance = self._utterance_at(samples((word.start + word.end) / 2))
            if utterance is not None:
                text = word.punctuated_word or word.word
                shift = utterance.shift
                utterance.words.append(Word(text, word.start + shift, word.end + shift, word.confidence))

    def _utterance_at(self, place: int) -> _Utterance | None:
        found = None
        for utterance in self._waiting:
            if found is None or utterance.stream_start <= place:
                found = utterance
        return found

    def _answered(self, *, by: int) -> Final | None:
        """The oldest utterance, if it was ended and the engine's last words reach its end. An answer that comes late,
        for an utterance that was answered already, does not reach the next one's end."""
        first = self._waiting[0] if self._waiting else None
        if first is None or first.end is None or first.stream_end is None or by < first.stream_end - _SLACK:
            return None
        self._waiting.popleft()
        span = Span(first.start, first.end)
        return Final(span, settle(first.words, span))

    def covered_one(self) -> object | None:
        """The oldest utterance, if it was ended and all of it was final before: then nothing may be left to answer."""
        first = self._waiting[0] if self._waiting else None
        if first is None or first.stream_end is None or not first.words:
            return None
        return first if first.covered >= first.stream_end - _SLACK else None

    def covered(self, utterance: object) -> Final | None:
        """The words of `covered_one`, if it is not answered by now."""
        first = self.covered_one()
        if first is not utterance or not isinstance(first, _Utterance):
            return None
        return self._answered(by=first.covered)


def refusal(status: int | None) -> VivaError:
    """What an HTTP status at the handshake means."""
    match status:
        case 401 | 403:
            return Permanent("the speech engine refuses our key (VIVA_DEEPGRAM_KEY)", reason="ENGINE_KEY_REFUSED")
        case 402:
            return Permanent("the speech engine's account has no credit", reason="ENGINE_NO_CREDIT")
        case 429:
            return Exhausted("the speech engine is busy", reason="ENGINE_BUSY", retry_after=timedelta(seconds=2))
        case int() if 400 <= status < 500:
            return Permanent("the speech engine refuses the request", reason="ENGINE_REFUSED")
        case _:
            return Transient("the speech engine is out of order", reason="ENGINE_AWAY")
