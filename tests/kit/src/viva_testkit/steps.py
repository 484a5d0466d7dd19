"""What people do, step by step, over gRPC: for tests that start further down the road."""

from datetime import timedelta
from typing import Any

from google.protobuf.duration_pb2 import Duration
from viva.common.v1 import types_pb2 as common
from viva.session.v1 import interview_pb2, position_pb2
from viva.session.v1 import session_pb2 as pb
from viva_core import wellknown
from viva_core.grpc import acting_as

from viva_testkit.bus import eventually


def span(**parts: float) -> Duration:
    """A duration."""
    return wellknown.duration(timedelta(**parts))


ANSWER = (
    "When I joined Hanbit in 2021 I led the migration of the payment ledger to partitioned tables. I wrote the plan, "
    "measured each step and rolled it out behind a flag. As a result the nightly batch fell from 40 minutes to 6."
)


async def published_position(
    stub: Any, actor: common.Actor, *, language: "common.Language.ValueType" = common.LANGUAGE_EN, **changes: Any
) -> str:
    """A position with two competencies of the bank, published."""
    with acting_as(actor):
        bank = (await stub.ListBankCompetencies(pb.ListBankCompetenciesRequest(language=language))).competencies
        chosen, weights = bank[:2], (60, 40)
        competencies = []
        for competency, weight in zip(chosen, weights, strict=True):
            made = await stub.CreateRubric(
                pb.CreateRubricRequest(
                    title=competency.competency.title, language=language, criteria=competency.criteria
                )
            )
            rubric_id = made.rubric.rubric.rubric_id
            await stub.PublishRubric(pb.PublishRubricRequest(rubric_id=rubric_id))
            competencies.append(
                position_pb2.PositionCompetency(competency=competency.competency, weight=weight, rubric_id=rubric_id)
            )
        spec = position_pb2.PositionSpec(
            title="Backend engineer",
            job_description="Payments in Python.",
            language=language,
            mode=common.INTERVIEW_MODE_HIRING,
            duration=span(minutes=30),
            patience=span(seconds=3),
            competencies=competencies,
            max_questions=3,
        )
        for name, value in changes.items():
            field = getattr(spec, name)
            if isinstance(field, Duration):
                field.CopyFrom(value)
            else:
                setattr(spec, name, value)
        position = (await stub.CreatePosition(pb.CreatePositionRequest(spec=spec))).position
        request = pb.PublishPositionRequest(position_id=position.position_id, expected_revision=position.revision)
        await stub.PublishPosition(request)
    return str(position.position_id)


async def invited(stub: Any, actor: common.Actor, position_id: str, name: str = "Minsu Kim") -> tuple[str, str]:
    """An invitation: (interview id, token)."""
    with acting_as(actor):
        email = f"{name.split()[0].lower()}@example.com"
        created = await stub.CreateInvitations(
            pb.CreateInvitationsRequest(
                position_id=position_id,
                invitations=[pb.NewInvitation(candidate=interview_pb2.Candidate(name=name, email=email))],
                valid_for=span(days=7),
            )
        )
    return created.invitations[0].interview_id, created.invitations[0].token


async def entered(stub: Any, token: str, attempt_id: str = "") -> common.Actor:
    """The candidate behind a link."""
    redeemed = await stub.RedeemInvitation(pb.RedeemInvitationRequest(token=token, attempt_id=attempt_id))
    actor: common.Actor = redeemed.actor
    return actor


async def consented(stub: Any, candidate: common.Actor, *, scoring: bool = True) -> None:
    """Yes to keeping answers; no to recording; scoring as asked."""
    answers = {
        common.CONSENT_PURPOSE_RECORD: False,
        common.CONSENT_PURPOSE_TRANSCRIBE: True,
        common.CONSENT_PURPOSE_AI_SCORING: scoring,
    }
    with acting_as(candidate):
        await stub.RecordConsent(
            pb.RecordConsentRequest(
                interview_id=candidate.interview_id,
                consents=[
                    common.Consent(purpose=purpose, granted=granted, text_version="2026-11")
                    for purpose, granted in answers.items()
                ],
            )
        )


async def started(stub: Any, candidate: common.Actor) -> interview_pb2.Interview:
    """Ready and started."""
    with acting_as(candidate):
        await stub.MarkReady(pb.MarkReadyRequest(interview_id=candidate.interview_id))
        answer = await stub.StartInterview(pb.StartInterviewRequest(interview_id=candidate.interview_id))
    interview: interview_pb2.Interview = answer.interview
    return interview


async def seen(stub: Any, actor: common.Actor, interview_id: str) -> interview_pb2.Interview:
    """The interview as the actor sees it."""
    with acting_as(actor):
        answer = await stub.GetInterview(pb.GetInterviewRequest(interview_id=interview_id))
    interview: interview_pb2.Interview = answer.interview
    return interview


async def submit(stub: Any, candidate: common.Actor, turn_id: str, text: str) -> interview_pb2.Interview:
    """An answer, typed."""
    with acting_as(candidate):
        answer = await stub.SubmitAnswer(
            pb.SubmitAnswerRequest(
                interview_id=candidate.interview_id,
                turn_id=turn_id,
                text=text,
                modality=common.ANSWER_MODALITY_TEXT,
            )
        )
    interview: interview_pb2.Interview = answer.interview
    return interview


async def in_progress(stub: Any, staff: common.Actor, **changes: Any) -> common.Actor:
    """The candidate of an interview that has begun; `changes` are fields of its position."""
    _, token = await invited(stub, staff, await published_position(stub, staff, **changes))
    candidate = await entered(stub, token)
    await consented(stub, candidate)
    await started(stub, candidate)
    return candidate


async def open_turn(stub: Any, candidate: common.Actor) -> interview_pb2.Turn:
    """The turn that waits for its answer; waits until there is one."""
    found: list[interview_pb2.Turn] = []

    async def there() -> bool:
        interview = await seen(stub, candidate, candidate.interview_id)
        found[:] = [turn for turn in interview.turns if turn.answer.state == interview_pb2.ANSWER_STATE_OPEN]
        return bool(found)

    await eventually(there)
    return found[0]


async def record_consented(stub: Any, candidate: common.Actor, *, granted: bool) -> None:
    """Yes or no to being recorded: a change of the interview that leads to no other."""
    await _said(stub, candidate, common.CONSENT_PURPOSE_RECORD, granted)


async def scoring_consented(stub: Any, candidate: common.Actor, *, granted: bool) -> None:
    """Yes or no to a scoring by AI."""
    await _said(stub, candidate, common.CONSENT_PURPOSE_AI_SCORING, granted)


async def _said(stub: Any, candidate: common.Actor, purpose: "common.ConsentPurpose.ValueType", granted: bool) -> None:
    consent = common.Consent(purpose=purpose, granted=granted, text_version="2026-11")
    with acting_as(candidate):
        await stub.RecordConsent(pb.RecordConsentRequest(interview_id=candidate.interview_id, consents=[consent]))
