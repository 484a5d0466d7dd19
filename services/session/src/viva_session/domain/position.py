"""What a recruiter asks for. A position is a draft until it is published; then neither it nor its rubrics change."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from uuid import UUID

from viva_core.errors import Invalid, Violation

from viva_session.domain.bank import Language
from viva_session.domain.rubric import FULL_WEIGHT, Rubric


class Mode(StrEnum):
    """What interviews of a position are for."""

    PRACTICE = "practice"
    HIRING = "hiring"


class PublishState(StrEnum):
    """Where a rubric or a position is in its life."""

    DRAFT = "draft"
    PUBLISHED = "published"
    ARCHIVED = "archived"


@dataclass(frozen=True)
class CompetencySpec:
    """A competency with its share in percent. `rubric_version` 0: the newest published one at publish."""

    competency_id: str
    title: str
    description: str
    weight: int
    rubric_id: UUID
    rubric_version: int


@dataclass(frozen=True)
class PositionSpec:
    """What a recruiter writes. `max_questions` 0: no limit but time."""

    title: str
    job_description: str
    language: Language
    mode: Mode
    duration: timedelta
    patience: timedelta
    accommodations: str
    competencies: tuple[CompetencySpec, ...]
    min_confidence: float
    max_questions: int


@dataclass(frozen=True)
class PlannedCompetency:
    """A competency as an interview uses it: its rubric is frozen."""

    competency_id: str
    title: str
    description: str
    weight: int
    rubric: Rubric


@dataclass(frozen=True)
class Plan:
    """A published position, as each of its interviews carries it."""

    title: str
    job_description: str
    language: Language
    mode: Mode
    duration: timedelta
    patience: timedelta
    accommodations: str
    competencies: tuple[PlannedCompetency, ...]
    min_confidence: float
    max_questions: int

    def competency(self, competency_id: str) -> PlannedCompetency:
        """The competency of that id; it must be one of the plan's."""
        return next(c for c in self.competencies if c.competency_id == competency_id)


def check_draft(spec: PositionSpec) -> None:
    """Raise Invalid unless no competency is there twice and no more are asked for than may be asked."""
    _raise_if(list(_draft_faults(spec.competencies)))


def publish(spec: PositionSpec, rubrics: Mapping[tuple[UUID, int], Rubric]) -> Plan:
    """The plan of a position whose rubrics are published; raises Invalid that names every fault.

    Args:
        spec: the draft.
        rubrics: published versions by (id, version); version 0 names the newest.
    """
    faults = list(_draft_faults(spec.competencies))
    total = sum(competency.weight for competency in spec.competencies)
    if total != FULL_WEIGHT:
        faults.append(Violation("competencies", f"the weights sum to {total}; they must sum to {FULL_WEIGHT}"))
    if 0 < spec.max_questions < len(spec.competencies):
        faults.append(Violation("max_questions", f"{len(spec.competencies)} competencies need as many questions"))
    planned = []
    for index, wanted in enumerate(spec.competencies):
        rubric = rubrics.get((wanted.rubric_id, wanted.rubric_version))
        if rubric is None:
            faults.append(Violation(f"competencies[{index}].rubric_id", "publish this rubric first"))
            continue
        planned.append(PlannedCompetency(wanted.competency_id, wanted.title, wanted.description, wanted.weight, rubric))
    _raise_if(faults)
    return Plan(
        title=spec.title,
        job_description=spec.job_description,
        language=spec.language,
        mode=spec.mode,
        duration=spec.duration,
        patience=spec.patience,
        accommodations=spec.accommodations,
        competencies=tuple(planned),
        min_confidence=spec.min_confidence,
        max_questions=spec.max_questions,
    )


def _draft_faults(competencies: Sequence[CompetencySpec]) -> Iterator[Violation]:
    seen: set[str] = set()
    for index, competency in enumerate(competencies):
        if competency.competency_id in seen:
            field = f"competencies[{index}].competency.competency_id"
            yield Violation(field, f"{competency.competency_id} is there twice")
        seen.add(competency.competency_id)


def _raise_if(faults: list[Violation]) -> None:
    if faults:
        raise Invalid("the position is not complete: " + "; ".join(f.description for f in faults), faults)
