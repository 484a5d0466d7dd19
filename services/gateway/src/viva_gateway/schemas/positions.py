"""Rubrics, positions and the question bank."""

from datetime import datetime
from typing import Annotated

from pydantic import ConfigDict, Field, JsonValue

from viva_gateway.schemas.base import WHOLE, In, Language, Mode, Name, Out, PublishState, Slug, Text, Uuid, Whole

_Band = Annotated[int, Field(ge=1, le=5), WHOLE]
_Percent = Annotated[int, Field(ge=1, le=100), WHOLE]
_LongText = Annotated[Text, Field(max_length=2000)]


class BandAnchor(In):
    """What one score looks like."""

    band: _Band = Field(description="The score, 1 (weak) to 5 (outstanding)")
    description: Annotated[Text, Field(min_length=1, max_length=1000)]


class Criterion(In):
    """One thing that an answer is scored on."""

    criterion_id: Slug
    title: Name
    description: _LongText = ""
    weight: _Percent = Field(description="Percent; the weights of a rubric sum to 100 when it is published")
    anchors: list[BandAnchor] = Field(min_length=5, max_length=5, description="Each of the five bands, once")


_CRITERIA_EXAMPLE: list[JsonValue] = [
    {
        "criterion_id": "reasoning",
        "title": "Reasoning",
        "description": "Why this and not another way",
        "weight": 100,
        "anchors": [
            {"band": band, "description": text}
            for band, text in enumerate(
                ["Gives no reason", "Gives a vague reason", "Gives a reason", "Weighs two ways", "Weighs, measures"], 1
            )
        ],
    }
]


class RubricDraft(In):
    """A new rubric."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"title": "Debugging", "language": "en", "criteria": _CRITERIA_EXAMPLE}]}
    )

    title: Name
    language: Language
    criteria: list[Criterion] = Field(min_length=1, max_length=12)


class RubricChange(In):
    """What a rubric is to say from now on."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"title": "Debugging", "criteria": _CRITERIA_EXAMPLE}]})

    title: Name
    criteria: list[Criterion] = Field(min_length=1, max_length=12)


class BandAnchorOut(Out):
    """What one score looks like."""

    band: int
    description: str


class CriterionOut(Out):
    """One thing that an answer is scored on."""

    criterion_id: str
    title: str
    description: str
    weight: int
    anchors: list[BandAnchorOut]


class RubricOut(Out):
    """A version of a rubric, as scores refer to it."""

    rubric_id: str
    version: int
    sha256: str
    criteria: list[CriterionOut]


class RubricVersion(Out):
    """A version of a rubric and where it is in its life."""

    rubric: RubricOut
    title: str
    state: PublishState | None
    language: Language | None
    created_at: datetime | None
    published_at: datetime | None = Field(description="Null for a draft")


class Competency(In):
    """What a question probes."""

    competency_id: Slug = Field(description="A name of the question bank gives bank questions")
    title: Name
    description: _LongText = ""


class CompetencyOut(Out):
    """What a question probes."""

    competency_id: str
    title: str
    description: str


class PositionCompetency(In):
    """A competency that a position asks for."""

    competency: Competency
    weight: _Percent = Field(description="Percent of the overall score; they sum to 100 when it is published")
    rubric_id: Annotated[Uuid, Field(strict=False)]
    rubric_version: Whole = Field(default=0, ge=0, le=100_000, description="0: the newest published one at publishing")


class PositionCompetencyOut(Out):
    """A competency that a position asks for."""

    competency: CompetencyOut | None
    weight: int
    rubric_id: str
    rubric_version: int


class PositionSpec(In):
    """What a recruiter may write of a position."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "title": "Backend engineer",
                    "job_description": "You build and run our payment services in Python and PostgreSQL.",
                    "language": "en",
                    "mode": "hiring",
                    "duration_seconds": 1800,
                    "patience_seconds": 5,
                    "competencies": [
                        {
                            "competency": {"competency_id": "system_design", "title": "System design"},
                            "weight": 100,
                            "rubric_id": "01890a5d-ac96-774b-bcce-b302099a8057",
                        }
                    ],
                }
            ]
        }
    )

    title: Name
    job_description: Annotated[Text, Field(min_length=1, max_length=20_000)]
    language: Language
    mode: Mode = Field(description="Fixed when the position is published")
    duration_seconds: float = Field(ge=300, le=14_400, description="5 minutes to 4 hours")
    patience_seconds: float = Field(
        default=5, ge=1, le=30, description="How long a silence may be before a spoken answer is taken as done"
    )
    accommodations: Annotated[Text, Field(max_length=4000)] = ""
    competencies: list[PositionCompetency] = Field(min_length=1, max_length=12)
    min_confidence: float = Field(
        default=0.6, ge=0, le=1, description="Below this speech-to-text confidence an answer is left unscored"
    )
    max_questions: Whole = Field(default=0, ge=0, le=40, description="Follow-ups included; 0 for no limit but time")


class PositionSpecOut(Out):
    """What a position says."""

    title: str
    job_description: str
    language: Language | None
    mode: Mode | None
    duration_seconds: float | None
    patience_seconds: float | None
    accommodations: str
    competencies: list[PositionCompetencyOut]
    min_confidence: float
    max_questions: int


class Position(Out):
    """A position."""

    position_id: str
    revision: int
    state: PublishState | None
    spec: PositionSpecOut | None
    created_at: datetime | None
    published_at: datetime | None = Field(description="Null for a draft")


class BankCompetency(Out):
    """A competency of the curated question bank, with criteria to start a rubric from."""

    competency: CompetencyOut | None
    criteria: list[CriterionOut]
    questions: int


class BankCompetencies(Out):
    """The curated question bank."""

    items: list[BankCompetency]
