"""What media needs from engines. One behaviour suite holds every `SpeechToText` to this contract."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from viva_media.domain.audio import Chunk, Pcm, Span
from viva_media.domain.transcript import Word


@dataclass(frozen=True)
class SpeechModel:
    """Which model writes down what is said. `sha256` of its weights, empty when the engine does not tell."""

    id: str
    engine: str
    languages: tuple[str, ...]
    sha256: str = ""


@dataclass(frozen=True)
class Partial:
    """What was understood so far of the utterance that starts at `start`; may still change."""

    start: int
    text: str


@dataclass(frozen=True)
class Final:
    """The words of one utterance, for good; none when nothing was understood."""

    span: Span
    words: tuple[Word, ...]


class Transcription(Protocol):
    """One stream of utterances, one after the other. Each that was ended is answered by exactly one Final, in order."""

    async def feed(self, chunk: Chunk) -> None:
        """More of the utterance under way; the first chunk after an end begins one. Raises Transient or Permanent."""

    async def paused(self, end: int) -> None:
        """The voice fell silent: if it does not go on, the utterance ends at the place `end`, which was fed already. An
        engine that is asked for words at the end only may begin now. May come again for another place."""

    async def end_utterance(self, end: int) -> None:
        """The utterance ends at the place `end`: make it final. Raises Transient or Permanent."""

    def results(self) -> AsyncIterator[Partial | Final]:
        """What is understood. Ends after `aclose`; raises Transient or Permanent when the engine fails, and what was
        fed and not yet answered has to be fed again to another transcription."""

    async def aclose(self) -> None:
        """Stop; what is not final is dropped."""


class SpeechToText(Protocol):
    """A speech engine."""

    @property
    def model(self) -> SpeechModel:
        """What it runs."""

    async def open(self, language: str) -> Transcription:
        """Begin to listen.

        Raises:
            Refused: it does not speak the language; the message says what to do instead.
            Transient: it is away or busy.
            Permanent: it will not serve us (key, credit, request).
        """

    async def aclose(self) -> None:
        """Give back what it holds."""


class VoiceActivity(Protocol):
    """Tells voice from anything else, window by window; keeps a state for one speaker."""

    async def probabilities(self, windows: Sequence[Pcm]) -> list[float]:
        """How likely each of the next windows, WINDOW samples long, holds voice, 0 to 1. One call at a time."""

    def reset(self) -> None:
        """What comes next does not follow what came before."""
