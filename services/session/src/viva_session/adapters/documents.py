"""Aggregates as JSON documents, and back: pydantic reads the domain's own dataclasses, so there is no second model."""

from dataclasses import replace
from typing import Any

from pydantic import TypeAdapter

from viva_session.domain.interview import Candidate, Interview
from viva_session.domain.overview import Overview
from viva_session.domain.position import Plan, PositionSpec
from viva_session.domain.resume import Resume
from viva_session.domain.rubric import Criterion
from viva_session.domain.turn import Turn

Json = dict[str, Any]

_CRITERIA: TypeAdapter[tuple[Criterion, ...]] = TypeAdapter(tuple[Criterion, ...])
_SPEC = TypeAdapter(PositionSpec)
_PLAN = TypeAdapter(Plan)
_TURN = TypeAdapter(Turn)
_RESUME = TypeAdapter(Resume)
_INTERVIEW = TypeAdapter(Interview)
_OVERVIEW = TypeAdapter(Overview)


def dump_criteria(criteria: tuple[Criterion, ...]) -> list[Json]:
    """Criteria as JSON."""
    dumped: list[Json] = _CRITERIA.dump_python(criteria, mode="json")
    return dumped


def load_criteria(document: list[Json]) -> tuple[Criterion, ...]:
    """Criteria of a row."""
    return _CRITERIA.validate_python(document)


def dump_spec(spec: PositionSpec) -> Json:
    """A position's draft as JSON."""
    dumped: Json = _SPEC.dump_python(spec, mode="json")
    return dumped


def load_spec(document: Json) -> PositionSpec:
    """A position's draft of a row."""
    return _SPEC.validate_python(document)


def dump_plan(plan: Plan) -> Json:
    """A published plan as JSON."""
    dumped: Json = _PLAN.dump_python(plan, mode="json")
    return dumped


def load_plan(document: Json) -> Plan:
    """The plan of a row."""
    return _PLAN.validate_python(document)


def dump_turn(turn: Turn) -> Json:
    """A turn as JSON."""
    dumped: Json = _TURN.dump_python(turn, mode="json")
    return dumped


def dump_resume(resume: Resume) -> Json:
    """A résumé as JSON."""
    dumped: Json = _RESUME.dump_python(resume, mode="json")
    return dumped


def dump_interview(interview: Interview) -> Json:
    """The aggregate without what stands in columns and rows of its own."""
    bare = replace(interview, candidate=None, resume=None, turns=())
    document: Json = _INTERVIEW.dump_python(bare, mode="json", exclude={"plan", "candidate", "resume", "turns"})
    return document


def dump_overview(overview: Overview) -> Json:
    """A row of a list as JSON."""
    dumped: Json = _OVERVIEW.dump_python(overview, mode="json")
    return dumped


def load_overview(document: Json) -> Overview:
    """A row of a list."""
    return _OVERVIEW.validate_python(document)


def load_interview(
    document: Json, plan: Json, candidate: Candidate | None, resume: Json | None, turns: list[Json]
) -> Interview:
    """The aggregate, put together again."""
    return _INTERVIEW.validate_python(
        {**document, "plan": plan, "candidate": candidate, "resume": resume, "turns": turns}
    )
