"""What a command leads to, besides the changed interview: what happened, what must be asked, when to look again."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from viva_session.domain.consent import Consent
from viva_session.domain.evaluation import Evaluation
from viva_session.domain.line import Line
from viva_session.domain.request import RequestKind
from viva_session.domain.review import Decision
from viva_session.domain.turn import ClosedBy, FollowUp, Gap, Intent, Modality, Origin, Utterance


@dataclass(frozen=True)
class InterviewCreated:
    """A candidate was invited."""

    expires_at: datetime


@dataclass(frozen=True)
class ConsentRecorded:
    """The candidate said yes or no to a purpose."""

    consent: Consent


@dataclass(frozen=True)
class InterviewReady:
    """The candidate is ready to start."""


@dataclass(frozen=True)
class InterviewStarted:
    """The clock runs."""

    ends_at: datetime


@dataclass(frozen=True)
class QuestionRequested:
    """A question was asked for."""

    turn_id: UUID
    turn_number: int
    competency_id: str
    intent: Intent
    follow_up: FollowUp | None


@dataclass(frozen=True)
class QuestionStarted:
    """The first piece of a question was written."""

    turn_id: UUID
    request_id: UUID


@dataclass(frozen=True)
class QuestionAsked:
    """A question was put to the candidate."""

    turn_id: UUID
    text: str
    origin: Origin


@dataclass(frozen=True)
class AnswerSubmitted:
    """An answer was closed."""

    turn_id: UUID
    modality: Modality
    closed_by: ClosedBy


@dataclass(frozen=True)
class TranscriptFinal:
    """A passage of a spoken answer was written down."""

    turn_id: UUID
    utterance: Utterance


@dataclass(frozen=True)
class TranscriptGap:
    """Something was spoken that could not be written down."""

    turn_id: UUID
    gap: Gap


@dataclass(frozen=True)
class LineQualityMeasured:
    """The line of a spoken answer was measured."""

    turn_id: UUID
    line: Line


@dataclass(frozen=True)
class TranscriptRevised:
    """The candidate corrected a transcript."""

    turn_id: UUID
    revision: int


@dataclass(frozen=True)
class AnswerScored:
    """The scores of an answer were taken in."""

    turn_id: UUID
    evaluation: Evaluation


@dataclass(frozen=True)
class InterviewCompleted:
    """The candidate is done, or the time was up."""


@dataclass(frozen=True)
class ReportReady:
    """The report was made."""

    version: int


@dataclass(frozen=True)
class ReviewSubmitted:
    """A person decided."""

    decision: Decision
    reviewer_id: str


@dataclass(frozen=True)
class CandidateRequested:
    """The candidate asks for a person, or for an accommodation."""

    request_id: UUID
    kind: RequestKind


@dataclass(frozen=True)
class InterviewExpired:
    """The link ran out before the start."""


@dataclass(frozen=True)
class InterviewAbandoned:
    """It was started and left without an answer."""


@dataclass(frozen=True)
class InterviewErased:
    """All personal data is gone."""

    receipt_id: UUID


Event = (
    InterviewCreated
    | ConsentRecorded
    | InterviewReady
    | InterviewStarted
    | QuestionRequested
    | QuestionStarted
    | QuestionAsked
    | AnswerSubmitted
    | TranscriptFinal
    | TranscriptGap
    | LineQualityMeasured
    | TranscriptRevised
    | AnswerScored
    | InterviewCompleted
    | ReportReady
    | ReviewSubmitted
    | CandidateRequested
    | InterviewExpired
    | InterviewAbandoned
    | InterviewErased
)


@dataclass(frozen=True)
class AskQuestion:
    """Put a command for question_gen on the bus."""

    turn_id: UUID
    request_id: UUID


@dataclass(frozen=True)
class ScoreAnswer:
    """Put a command for the evaluator on the bus."""

    turn_id: UUID
    request_id: UUID
    revision: int


Request = AskQuestion | ScoreAnswer


class TimerKind(StrEnum):
    """Why to look again."""

    INVITATION_EXPIRES = "invitation_expires"
    QUESTION_OVERDUE = "question_overdue"
    EVALUATION_OVERDUE = "evaluation_overdue"
    SPEECH_OVERDUE = "speech_overdue"
    TIME_UP = "time_up"
    REVIEW_OVER = "review_over"
    ERASURE_SWEEP = "erasure_sweep"
    EXPRESSIONS_REVOKED = "expressions_revoked"


@dataclass(frozen=True)
class Timer:
    """Look again at `due_at`; `turn_id` and `revision` say at what. Setting one again moves it."""

    kind: TimerKind
    due_at: datetime
    turn_id: UUID | None = None
    revision: int = 0
