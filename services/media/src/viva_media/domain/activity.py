"""When somebody speaks, when an utterance ends, and when the candidate is done: a pure state machine.

`step` takes the speech probability of one short window and answers with the next state and what happened. Three
different silences are kept apart:

- a short one (`Tuning.utterance_silence`) ends an *utterance*: a piece that an engine can write down by itself;
- the position's *patience* (1 to 2.5 s; longer while thinking) ends the *turn*: the page is told, the session decides;
- `done` ends the answer whatever the silence.

Invariants, which the property tests hold: utterances are in order and do not overlap; every stretch of voice of at
least `Tuning.onset` lies within one; none is longer than `Tuning.longest`; a turn never ends while there is voice, nor
before the patience is over.
"""

from dataclasses import dataclass, replace
from enum import StrEnum

from viva_media.domain.audio import Span, samples, seconds

WINDOW = 512
"""Samples of one window: 32 ms, as the voice activity model takes it."""


class Phase(StrEnum):
    """What the candidate is doing about the open answer."""

    QUESTION = "question"
    LISTENING = "listening"
    THINKING = "thinking"
    DONE = "done"


@dataclass(frozen=True)
class Tuning:
    """Durations in samples, probabilities 0 to 1."""

    begins: float = 0.5
    """A window with at least this probability is voice."""
    goes_on: float = 0.35
    """Within an utterance a window counts as voice from here on: voices fade before they end."""
    onset: int = samples(0.096)
    """So much voice in a row begins an utterance; less is a click."""
    pre_roll: int = samples(0.3)
    """What is taken from before the first voiced window: the model notices soft consonants late."""
    post_roll: int = samples(0.2)
    """What is taken from after the last voiced window."""
    utterance_silence: int = samples(0.5)
    longest: int = samples(12)
    """An utterance is cut here at the latest, where the voice was weakest: engines loop on long ones."""
    thinking: float = 4.0
    """So many times the patience while the candidate asked for time to think."""


@dataclass(frozen=True)
class SpeechBegan:
    """Somebody speaks. `barged_in`: while the question was still read out."""

    start: int
    barged_in: bool


@dataclass(frozen=True)
class Uttered:
    """An utterance is complete. `cut`: the voice goes on, and so does the next utterance, from where this one ends.
    What follows a cut may turn out to be empty: then the span is."""

    span: Span
    cut: bool


@dataclass(frozen=True)
class TurnEnded:
    """The silence outlasted the patience. Said once; speaking again makes it sayable again."""

    at: int
    silence: float


Happening = SpeechBegan | Uttered | TurnEnded


@dataclass(frozen=True)
class Activity:
    """The state between two windows."""

    tuning: Tuning = Tuning()
    phase: Phase = Phase.LISTENING
    patience: float = 1.5
    at: int = 0
    """The place of the next window."""
    floor: int = 0
    """No utterance starts before this place: the end of the one before."""
    run: int = 0
    """Voice in a row, outside an utterance."""
    start: int | None = None
    """Where the utterance under way started."""
    voiced_until: int = 0
    """The end of the last voice; patience counts from here."""
    weakest: tuple[float, int] | None = None
    """The least voice in the second half of the utterance under way, and the end of that window."""
    spoken: bool = False
    """There was an utterance since the turn ended last."""

    @property
    def speaking(self) -> bool:
        """Whether an utterance is under way."""
        return self.start is not None

    @property
    def pause(self) -> Span | None:
        """The utterance under way, if no more voice follows: known as soon as the silence has filled the post-roll,
        well before `utterance_silence` says that it is over."""
        if self.start is None or self.voiced_until <= self.start:
            return None
        end = self.voiced_until + self.tuning.post_roll
        return Span(self.start, end) if self.at >= end else None

    @property
    def limit(self) -> int:
        """The silence, in samples, that ends the turn in this phase."""
        factor = self.tuning.thinking if self.phase is Phase.THINKING else 1.0
        return samples(self.patience * factor)


Step = tuple[Activity, list[Happening]]


def step(state: Activity, probability: float, length: int = WINDOW, *, missing: int = 0) -> Step:
    """Take in one window of `length` samples. `missing` of them were lost on the way: that is no silence of the
    candidate, and no patience runs meanwhile."""
    end = state.at + length
    if missing:
        state = replace(state, voiced_until=state.voiced_until + missing)
    if state.start is None:
        return _outside(state, probability >= state.tuning.begins, length, end)
    return _inside(state, state.start, probability, end)


def _outside(state: Activity, voiced: bool, length: int, end: int) -> Step:
    if not voiced:
        return _patience(replace(state, at=end, run=0), [])
    run = state.run + length
    if run < state.tuning.onset:
        return replace(state, at=end, run=run), []
    start = max(end - run - state.tuning.pre_roll, state.floor, 0)
    began = replace(state, at=end, run=0, start=start, voiced_until=end, weakest=None, spoken=True)
    return began, [SpeechBegan(start, state.phase is Phase.QUESTION)]


def _inside(state: Activity, start: int, probability: float, end: int) -> Step:
    tuning = state.tuning
    weakest = state.weakest
    if end - start > tuning.longest // 2 and (weakest is None or probability <= weakest[0]):
        weakest = (probability, end)
    if probability >= tuning.goes_on:
        state = replace(state, at=end, voiced_until=end, weakest=weakest)
    else:
        state = replace(state, at=end, weakest=weakest)
        if end - state.voiced_until >= tuning.utterance_silence:
            closed, span = _closed(state, start, min(state.voiced_until + tuning.post_roll, end))
            return _patience(closed, [Uttered(span, cut=False)])
    if end - start + WINDOW > tuning.longest:
        place = weakest[1] if weakest is not None else end
        return replace(state, start=place, floor=place, weakest=None), [Uttered(Span(start, place), cut=True)]
    return _patience(state, [])


def _closed(state: Activity, start: int, end: int) -> tuple[Activity, Span]:
    end = max(end, start)  # after a cut no voice may have followed
    return replace(state, start=None, floor=end, weakest=None, run=0), Span(start, end)


def _patience(state: Activity, happened: list[Happening]) -> Step:
    waits = state.spoken and not state.speaking and state.phase in (Phase.LISTENING, Phase.THINKING)
    silent = state.at - state.voiced_until
    if waits and silent >= state.limit:
        return replace(state, spoken=False), [*happened, TurnEnded(state.at, seconds(silent))]
    return state, happened


def enter(state: Activity, phase: Phase, patience: float | None = None) -> Step:
    """Change the phase. Asking for time to think starts the patience anew; DONE ends the utterance under way."""
    happened: list[Happening] = []
    if phase is Phase.DONE:
        state, happened = finish(state)
    elif phase is not state.phase:
        state = replace(state, voiced_until=max(state.voiced_until, state.at))
    return replace(state, phase=phase, patience=state.patience if patience is None else patience), happened


def finish(state: Activity) -> Step:
    """End the utterance under way: no more sound comes."""
    if state.start is None:
        return replace(state, run=0), []
    closed, span = _closed(state, state.start, min(state.voiced_until + state.tuning.post_roll, state.at))
    return closed, [Uttered(span, cut=False)]


def skip(state: Activity, to: int) -> Step:
    """Nothing was heard up to the place `to` because nobody was connected: that is no silence of the candidate."""
    state, happened = finish(state)
    return replace(state, at=to, floor=max(state.floor, to), voiced_until=max(state.voiced_until, to)), happened


def settled(state: Activity, until: int) -> Activity:
    """What was before the place `until` is written down already: no utterance starts there again."""
    return replace(state, floor=max(state.floor, until))
