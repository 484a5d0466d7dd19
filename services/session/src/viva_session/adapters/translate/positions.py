"""Rubrics and positions."""

from datetime import datetime
from uuid import UUID

from viva.common.v1 import types_pb2 as common
from viva.session.v1 import position_pb2 as pb
from viva_core import wellknown

from viva_session.adapters.translate import values
from viva_session.domain.bank import BankCompetency
from viva_session.domain.position import CompetencySpec, PositionSpec, PublishState

_STATES = {
    PublishState.DRAFT: pb.PUBLISH_STATE_DRAFT,
    PublishState.PUBLISHED: pb.PUBLISH_STATE_PUBLISHED,
    PublishState.ARCHIVED: pb.PUBLISH_STATE_ARCHIVED,
}
_OF_STATE = {value: state for state, value in _STATES.items()}


def state_value(state: PublishState) -> "pb.PublishState.ValueType":
    """Where something is in its life."""
    return _STATES[state]


def state_of(value: "pb.PublishState.ValueType") -> PublishState | None:
    """Where something is in its life; None when unspecified."""
    return _OF_STATE.get(value)


def spec_of(message: pb.PositionSpec) -> PositionSpec:
    """What a recruiter wrote."""
    return PositionSpec(
        title=message.title,
        job_description=message.job_description,
        language=values.language_of(message.language),
        mode=values.mode_of(message.mode),
        duration=message.duration.ToTimedelta(),
        patience=message.patience.ToTimedelta(),
        accommodations=message.accommodations,
        competencies=tuple(
            CompetencySpec(
                competency_id=wanted.competency.competency_id,
                title=wanted.competency.title,
                description=wanted.competency.description,
                weight=wanted.weight,
                rubric_id=UUID(wanted.rubric_id),
                rubric_version=wanted.rubric_version,
            )
            for wanted in message.competencies
        ),
        min_confidence=message.min_confidence,
        max_questions=message.max_questions,
    )


def spec_message(spec: PositionSpec) -> pb.PositionSpec:
    """What a recruiter wrote."""
    return pb.PositionSpec(
        title=spec.title,
        job_description=spec.job_description,
        language=values.language_value(spec.language),
        mode=values.mode_value(spec.mode),
        duration=wellknown.duration(spec.duration),
        patience=wellknown.duration(spec.patience),
        accommodations=spec.accommodations,
        competencies=[
            pb.PositionCompetency(
                competency=common.Competency(
                    competency_id=wanted.competency_id, title=wanted.title, description=wanted.description
                ),
                weight=wanted.weight,
                rubric_id=str(wanted.rubric_id),
                rubric_version=wanted.rubric_version,
            )
            for wanted in spec.competencies
        ],
        min_confidence=spec.min_confidence,
        max_questions=spec.max_questions,
    )


def position_message(
    position_id: UUID,
    revision: int,
    state: PublishState,
    spec: PositionSpec,
    created_at: datetime,
    published_at: datetime | None,
) -> pb.Position:
    """A position."""
    return pb.Position(
        position_id=str(position_id),
        revision=revision,
        state=state_value(state),
        spec=spec_message(spec),
        created_at=wellknown.stamp(created_at),
        published_at=None if published_at is None else wellknown.stamp(published_at),
    )


def bank_message(competency: BankCompetency) -> pb.BankCompetency:
    """A competency of the question bank with its ready rubric."""
    return pb.BankCompetency(
        competency=common.Competency(
            competency_id=competency.competency_id, title=competency.title, description=competency.description
        ),
        criteria=[
            common.Criterion(
                criterion_id=criterion.criterion_id,
                title=criterion.title,
                description=criterion.description,
                weight=criterion.weight,
                anchors=[
                    common.BandAnchor(band=band, description=text)
                    for band, text in enumerate(criterion.anchors, start=1)
                ],
            )
            for criterion in competency.criteria
        ],
        questions=len(competency.questions),
    )
