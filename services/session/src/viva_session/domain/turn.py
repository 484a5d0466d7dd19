"""A question and its answer."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from viva_session.domain.evaluation import Evaluation, HumanScore, ModelRef, PromptRef, Usage
from viva_session.domain.line import Line


class Intent(StrEnum):
    """Why a question is asked."""

    MAIN = "MAIN"
    FOLLOW_UP = "FOLLOW_UP"


class FollowUp(StrEnum):
    """What a follow-up digs for; the names are those of viva.question.v1.FollowUpReason."""

    THIN = "THIN"
    NO_EXAMPLE = "NO_EXAMPLE"
    NO_RESULT = "NO_RESULT"
    DEEPEN = "DEEPEN"


class QuestionState(StrEnum):
    """Where a question is in its life."""

    REQUESTED = "requested"
    STREAMING = "streaming"
    ASKED = "asked"


class AnswerState(StrEnum):
    """Where an answer is in its life."""

    CLOSED = "closed"
    """Not open yet: the question is not there."""
    OPEN = "open"
    SUBMITTED = "submitted"
    EVALUATED = "evaluated"
    UNSCORED = "unscored"


class Modality(StrEnum):
    """How an answer was given."""

    TEXT = "text"
    VOICE = "voice"


class ClosedBy(StrEnum):
    """Why an answer was closed."""

    CANDIDATE = "candidate"
    SILENCE = "silence"
    TIME = "time"


class Source(StrEnum):
    """Where a question came from."""

    MODEL = "MODEL"
    BANK = "BANK"


class BankReason(StrEnum):
    """Why the bank was used; the names are those of viva.question.v1.BankReason."""

    SELF_CHECK_FAILED = "SELF_CHECK_FAILED"
    TIMEOUT = "TIMEOUT"
    MODEL_UNAVAILABLE = "MODEL_UNAVAILABLE"


@dataclass(frozen=True)
class Fallback:
    """The bank's question for a turn, chosen when the turn was planned."""

    question_id: str
    text: str


@dataclass(frozen=True)
class Grounding:
    """What a question builds on."""

    excerpt_id: str
    turn_number: int
    text: str


@dataclass(frozen=True)
class FailedAttempt:
    """A try of the model that did not pass the self-check."""

    attempt: int
    checks: tuple[str, ...]


@dataclass(frozen=True)
class Origin:
    """How a question came about."""

    source: Source
    bank_reason: BankReason | None = None
    bank_question_id: str = ""
    failed_attempts: tuple[FailedAttempt, ...] = ()
    grounding: Grounding | None = None
    model: ModelRef | None = None
    prompt: PromptRef | None = None
    usage: Usage | None = None


@dataclass(frozen=True)
class Question:
    """The question of a turn; its text is empty until it is asked."""

    state: QuestionState
    request_id: UUID
    requested_at: datetime
    text: str = ""
    origin: Origin | None = None
    asked_at: datetime | None = None


@dataclass(frozen=True)
class Revision:
    """A text of an answer; the first is what was said or typed. `heard`: by the speech engine, not by hand; `added`: by
    hand, and at its end what was spoken before it was sent and its hand had not seen."""

    text: str
    created_at: datetime
    heard: bool = False
    added: bool = False


@dataclass(frozen=True)
class SpokenWord:
    """A word that was heard: seconds from the start of the answer, and how sure the engine was, 0.0 to 1.0."""

    text: str
    start: float
    end: float
    confidence: float


@dataclass(frozen=True)
class Utterance:
    """A passage between two silences, as it was written down. `start` orders it among the others of its answer."""

    utterance_id: UUID
    words: tuple[SpokenWord, ...]
    model: ModelRef

    @property
    def start(self) -> float:
        """Seconds from the start of the answer."""
        return self.words[0].start if self.words else 0.0

    @property
    def text(self) -> str:
        """What was heard."""
        return " ".join(word.text for word in self.words)


def in_order(passages: Iterable[Utterance]) -> list[Utterance]:
    """As they were spoken, in whatever order they were written down."""
    return sorted(passages, key=lambda one: one.start)


def with_late(text: str, late: Iterable[Utterance], now: datetime) -> Revision:
    """A typed text, and at its end what its hand had not seen."""
    heard = " ".join(passage.text for passage in in_order(late) if passage.text)
    return Revision(f"{text.rstrip()} {heard}".strip(), now, added=True)


@dataclass(frozen=True)
class Gap:
    """Speech that could not be written down: seconds from the start of the answer, and why."""

    start: float
    end: float
    reason: str


@dataclass(frozen=True)
class Answer:
    """The answer of a turn. `draft` is what was typed and kept but not sent; `heard` is in the order in which it came,
    and a passage that comes anew takes its own place, so that how many somebody has seen tells which."""

    state: AnswerState = AnswerState.CLOSED
    revisions: tuple[Revision, ...] = ()
    modality: Modality | None = None
    closed_by: ClosedBy | None = None
    draft: str = ""
    draft_revision: int = 0
    draft_seen: int | None = None
    """How many of `heard`, as they came, the page had that the draft is of; None: it did not say."""
    submitted_at: datetime | None = None
    confidence: float | None = None
    remark: str = ""
    heard: tuple[Utterance, ...] = ()
    gaps: tuple[Gap, ...] = ()
    line: Line | None = None
    """Measured over the whole answer: once it is there, media owes nothing of it."""

    @property
    def words(self) -> tuple[SpokenWord, ...]:
        """What was heard, in the order in which it was spoken, in whatever order it was written down."""
        return tuple(word for passage in in_order(self.heard) for word in passage.words)

    @property
    def passages(self) -> tuple[range, ...]:
        """Of each passage, in the order in which they came: which of `words` are its own."""
        places, first = {}, 0
        for passage in in_order(self.heard):
            places[passage.utterance_id] = range(first, first := first + len(passage.words))
        return tuple(places[passage.utterance_id] for passage in self.heard)

    @property
    def spoken(self) -> str:
        """What was heard, as a text."""
        return " ".join(word.text for word in self.words)

    @property
    def spoken_confidence(self) -> float | None:
        """How sure the engine was of its words on average; None when nothing was heard."""
        words = self.words
        return sum(word.confidence for word in words) / len(words) if words else None

    @property
    def typed_so_far(self) -> bool:
        """Whether a hand was at it, be it that it struck everything out that was heard."""
        return bool(self.draft.strip()) or bool(self.draft_seen)

    @property
    def by_ear(self) -> bool:
        """Whether the text that counts is the engine's."""
        return bool(self.revisions) and self.revisions[-1].heard

    @property
    def takes_late_words(self) -> bool:
        """Whether it was typed and nobody has corrected it since: of what is heard late it holds nothing, and whoever
        typed it could not know."""
        typed = bool(self.revisions) and not self.by_ear
        return typed and (len(self.revisions) == 1 or self.revisions[-1].added)

    @property
    def owed(self) -> bool:
        """Whether it was given by voice and not a word of it is there: media may be writing it down still."""
        waits = self.state is AnswerState.SUBMITTED and self.modality is Modality.VOICE
        return waits and self.by_ear and not self.text.strip() and self.line is None

    @property
    def spoken_line(self) -> Line | None:
        """The line, if it says something of this answer. None does of what was typed, whatever clicked meanwhile; and a
        silent one says nothing of words that a media process heard before the one which measured it took over."""
        spoken = bool(self.heard or self.gaps)
        typed = self.modality is Modality.TEXT and not spoken
        silent = self.line is not None and self.line.silent and (spoken or self.modality is Modality.TEXT)
        return None if typed or silent else self.line

    @property
    def text(self) -> str:
        """The text that counts: the newest revision."""
        return self.revisions[-1].text if self.revisions else ""

    @property
    def original(self) -> str:
        """What was said or typed."""
        return self.revisions[0].text if self.revisions else ""

    @property
    def revision(self) -> int:
        """The number of the newest revision; 0 before the first."""
        return len(self.revisions)

    @property
    def given(self) -> bool:
        """Whether it was closed."""
        return self.state in (AnswerState.SUBMITTED, AnswerState.EVALUATED, AnswerState.UNSCORED)


@dataclass(frozen=True)
class Turn:
    """One question with its answer and scores."""

    turn_id: UUID
    number: int
    competency_id: str
    intent: Intent
    follow_up: FollowUp | None
    fallback: Fallback
    question: Question
    answer: Answer = field(default_factory=Answer)
    evaluation: Evaluation | None = None
    human_scores: tuple[HumanScore, ...] = ()

    def human_scores_of(self, criterion_id: str) -> tuple[HumanScore, ...]:
        """What persons gave the answer as it stands, oldest first."""
        return tuple(
            score
            for score in self.human_scores
            if score.criterion_id == criterion_id and score.answer_revision == self.answer.revision
        )

    @property
    def asked(self) -> bool:
        """Whether the candidate has seen the question."""
        return self.question.state is QuestionState.ASKED

    @property
    def settled(self) -> bool:
        """Whether nothing is to come any more: never asked, or evaluated, or unscored."""
        return not self.asked or self.answer.state in (AnswerState.EVALUATED, AnswerState.UNSCORED)
