"""Interviews, as staff and candidates see them."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import ConfigDict, Field, StringConstraints

from viva_gateway.schemas.base import WHOLE, Email, In, Language, Mode, Name, Out, Text, Uuid, Whole
from viva_gateway.schemas.positions import CompetencyOut
from viva_gateway.schemas.scores import (
    AnswerEvaluation,
    FollowUpReason,
    GeneratedQuestion,
    HumanScore,
    QuestionIntent,
)
from viva_gateway.schemas.speech import LineFault, LineQuality

InterviewState = Literal[
    "invited",
    "consented",
    "ready",
    "in_progress",
    "completed",
    "reported",
    "decided",
    "expired",
    "abandoned",
    "erased",
]
QuestionState = Literal["requested", "streaming", "asked"]
AnswerState = Literal["open", "submitted", "evaluated", "unscored"]
Modality = Literal["text", "voice"]
ClosedBy = Literal["candidate", "silence", "time"]
RequestKind = Literal["human_review", "accommodation"]
Purpose = Literal["record", "transcribe", "ai_scoring", "expressions"]


class Candidate(In):
    """Whom to invite."""

    name: Name
    email: Email


class CandidateOut(Out):
    """Who is interviewed; empty after erasure."""

    name: str
    email: str


class ResumeExcerpt(Out):
    """A passage of the résumé."""

    excerpt_id: str
    section: str
    text: str


class Resume(Out):
    """The résumé as Viva reads it."""

    file_name: str
    media_type: str
    pages: int
    excerpts: list[ResumeExcerpt]
    uploaded_at: datetime | None


class Question(Out):
    """The question of a turn."""

    state: QuestionState | None
    text: str
    origin: GeneratedQuestion | None
    requested_at: datetime | None
    asked_at: datetime | None


class AnswerRevision(Out):
    """One revision of a transcript."""

    revision: int
    text: str
    created_at: datetime | None


class SpokenWord(Out):
    """A word as it was heard; seconds from the start of the answer."""

    text: str
    start_seconds: float | None
    end_seconds: float | None
    confidence: float


class HeardPassage(Out):
    """A passage between two silences: a stretch of the words of its answer."""

    first_word: int = Field(description="The place of its first word in `words`, from 0")
    words: int = Field(description="How many words it has")


class SpokenGap(Out):
    """Speech that could not be written down; seconds from the start of the answer."""

    start_seconds: float | None
    end_seconds: float | None
    reason: str


class Answer(Out):
    """The answer of a turn."""

    state: AnswerState | None
    text: str
    revisions: list[AnswerRevision]
    modality: Modality | None
    closed_by: ClosedBy | None
    draft: str
    draft_revision: int
    submitted_at: datetime | None
    confidence: float | None
    remark: str
    words: list[SpokenWord] = Field(description="What was heard, while it is spoken too")
    passages: list[HeardPassage] = Field(
        description="Whose the words are, in the order in which they came: not always that in which they were spoken"
    )
    gaps: list[SpokenGap]
    line: LineQuality | None = Field(description="How good the line was; null while it is spoken, and for text")
    line_faults: list[LineFault] = Field(description="What was wrong with the line; empty for a good one")


class Turn(Out):
    """A question and its answer."""

    turn_id: str
    number: int
    competency: CompetencyOut | None
    intent: QuestionIntent | None
    follow_up_reason: FollowUpReason | None
    question: Question | None
    answer: Answer | None
    evaluation: AnswerEvaluation | None = Field(description="Never shown to candidates during the interview")
    human_scores: list[HumanScore] = Field(description="Scores by persons, oldest first; not for candidates")


class Progress(Out):
    """How far an interview is; never a score."""

    topics_planned: int
    topics_begun: int
    asking_finished: bool
    time_left_seconds: float | None


class ConsentOut(Out):
    """What was said to a purpose."""

    purpose: Purpose | None
    granted: bool
    text_version: str
    recorded_at: datetime | None


class CandidateRequest(Out):
    """Something that a candidate asks of the employer, and what became of it."""

    request_id: str
    kind: RequestKind | None
    text: str
    created_at: datetime | None
    resolved_at: datetime | None = Field(description="Null while it is open")
    resolved_by: str = Field(description="A name; empty for candidates")
    answer: str


class Interview(Out):
    """An interview."""

    interview_id: str
    position_id: str
    position_title: str
    tenant_name: str
    state: InterviewState | None
    mode: Mode | None
    language: Language | None
    candidate: CandidateOut | None
    turns: list[Turn]
    consents: list[ConsentOut]
    progress: Progress | None
    resume: Resume | None
    sequence: int = Field(description="Of its newest change: what `last_event_id` of the live socket counts")
    scheduled_at: datetime | None
    created_at: datetime | None
    started_at: datetime | None
    ends_at: datetime | None
    completed_at: datetime | None
    invitation_expires_at: datetime | None
    patience_seconds: float | None
    accommodations: str
    extra_time_percent: int
    requests: list[CandidateRequest] = Field(description="What the candidate has asked of the employer")
    min_confidence: float = Field(
        description="Below this speech-to-text confidence an answer is left unscored until it is corrected"
    )


class ConsentIn(In):
    """Yes or no to one purpose."""

    purpose: Purpose
    granted: bool
    text_version: Annotated[Text, Field(min_length=1, max_length=40, description="Of the text that was shown")]


class Consents(In):
    """Yes or no to purposes."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "consents": [
                        {"purpose": "transcribe", "granted": True, "text_version": "2026-11"},
                        {"purpose": "ai_scoring", "granted": True, "text_version": "2026-11"},
                    ]
                }
            ]
        }
    )

    consents: list[ConsentIn] = Field(min_length=1, max_length=4)


class RequestIn(In):
    """What a candidate asks of the employer."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"kind": "human_review", "text": "Please let a person look at my answers."}]}
    )

    kind: RequestKind
    text: Annotated[Text, Field(max_length=4000)] = ""


class RequestAnswer(In):
    """What becomes of a candidate's request; the candidate reads it."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"answer": "A person will read all of it this week."}]})

    answer: Annotated[Text, Field(min_length=1, max_length=4000), StringConstraints(pattern=r"\S")]


_Passages = Annotated[int, Field(ge=0, le=100_000), WHOLE]


class Draft(In):
    """What is typed so far."""

    text: Annotated[Text, Field(max_length=20_000)]
    draft_revision: Whole = Field(
        ge=1, le=2**31 - 1, description="Counts up; an older one than what is kept is dropped"
    )
    passages_seen: Annotated[
        _Passages | None,
        Field(
            description="How many of the answer's `passages` are in the text or were struck out of it, from the first "
            "that came: what came since is added when the time closes the answer. Null: all",
        ),
    ] = None


class DraftKept(Out):
    """Which draft is kept."""

    draft_revision: int


class AnswerIn(In):
    """An answer."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"text": "I found it with a profiler."}]})

    text: Annotated[Text, Field(max_length=20_000, description="Empty for none, and for a spoken answer")]
    modality: Modality = "text"
    passages_seen: Annotated[
        _Passages | None,
        Field(
            description="How many of the answer's `passages` whoever sends a text had before them, from the first that "
            "came; those that came since are added to it. Null: all",
        ),
    ] = None


class TranscriptRevision(In):
    """A corrected transcript."""

    text: Annotated[Text, Field(max_length=20_000)]
    remark: Annotated[Text, Field(max_length=4000)] = ""


class Transcript(Out):
    """The transcript of one answer; `ETag` is its revision."""

    turn_id: str
    revision: int
    text: str
    remark: str
    revisions: list[AnswerRevision]


class CandidateLink(In):
    """The token of an invitation link."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"token": "q8Zy0P3mWnX5rT7uB1cD4eF6gH9jK2lM"}]})

    token: Annotated[Text, Field(min_length=20, max_length=200)]
    attempt_id: Annotated[
        Uuid | None,
        Field(
            strict=False,
            description="a random UUID that the device keeps until it is in: the same attempt may be made again when "
            "its answer got lost. Without one the link opens once, whatever becomes of the answer",
        ),
    ] = None
