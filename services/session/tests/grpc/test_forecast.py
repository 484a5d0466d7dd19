"""What the platform is told of the interviews to come, on a real PostgreSQL."""

from datetime import UTC, datetime, timedelta
from typing import Any

from viva.common.v1 import types_pb2 as common
from viva.session.v1 import interview_pb2
from viva.session.v1 import session_pb2 as pb
from viva_core import wellknown
from viva_core.grpc import acting_as
from viva_testkit import steps
from viva_testkit.session import Service

NOBODY = "00000000-0000-0000-0000-000000000000"


async def planned(service: Service, position_id: str, **offset: float) -> None:
    """An interview planned for some time from now."""
    at = datetime.now(UTC) + timedelta(**offset)
    candidate = interview_pb2.Candidate(name="Jiwoo Lee", email="jiwoo@example.com")
    request = pb.CreateInvitationsRequest(
        position_id=position_id,
        invitations=[pb.NewInvitation(candidate=candidate, scheduled_at=wellknown.stamp(at))],
        valid_for=steps.span(days=7),
    )
    with acting_as(service.staff()):
        await service.stub.CreateInvitations(request)


async def forecast(service: Service) -> dict[str, pb.RoleForecast]:
    """As the operator asks: for no tenant in particular."""
    operator = common.Actor(kind=common.ACTOR_KIND_SERVICE, tenant_id=NOBODY, subject_id="operator")
    request = pb.GetForecastRequest(horizon=steps.span(hours=2), bucket=steps.span(minutes=10))
    with acting_as(operator):
        answer = await service.stub.GetForecast(request)
    return {role.role: role for role in answer.roles}


def figures(role: pb.RoleForecast) -> tuple[int, int, list[int]]:
    return role.live, role.waiting, [bucket.interviews for bucket in role.buckets]


async def entered(service: Service, position_id: str) -> Any:
    _, token = await steps.invited(service.stub, service.staff(), position_id)
    candidate = await steps.entered(service.stub, token)
    await steps.consented(service.stub, candidate)
    return candidate


async def test_an_empty_house_forecasts_nothing_for_every_role(service: Service) -> None:
    roles = await forecast(service)
    assert sorted(roles) == ["evaluator", "media", "question-gen", "vision"]
    assert all(figures(role) == (0, 0, []) for role in roles.values())


async def test_live_waiting_and_planned_interviews_are_counted(service: Service) -> None:
    position_id = await steps.published_position(service.stub, service.staff())
    await steps.started(service.stub, await entered(service, position_id))
    await entered(service, position_id)
    await steps.invited(service.stub, service.staff(), position_id)  # at any time: nobody can plan for it
    await planned(service, position_id, minutes=-5)  # late, and still expected
    await planned(service, position_id, minutes=-60)  # missed
    await planned(service, position_id, minutes=5)
    await planned(service, position_id, minutes=45)
    await planned(service, position_id, hours=3)  # beyond the horizon
    roles = await forecast(service)
    assert figures(roles["question-gen"]) == (1, 1, [2, 1])
    assert figures(roles["evaluator"]) == (1, 1, [2, 1])
    assert figures(roles["media"]) == (1, 1, [2, 1])
    assert figures(roles["vision"]) == (0, 0, [])  # this position is for hiring: nobody looks at a face
    first, second = roles["media"].buckets
    apart = second.starts_at.ToDatetime() - first.starts_at.ToDatetime()
    assert apart == timedelta(minutes=40)


async def test_practice_interviews_need_vision_too(service: Service) -> None:
    position_id = await steps.published_position(service.stub, service.staff(), mode=common.INTERVIEW_MODE_PRACTICE)
    await planned(service, position_id, minutes=30)
    roles = await forecast(service)
    assert figures(roles["vision"]) == figures(roles["media"]) == (0, 0, [1])


async def test_an_interview_that_waits_for_its_report_needs_the_evaluator_alone(service: Service) -> None:
    await service.workers.start(score=False)
    position_id = await steps.published_position(service.stub, service.staff())
    candidate = await entered(service, position_id)
    await steps.started(service.stub, candidate)
    turn = await steps.open_turn(service.stub, candidate)
    await steps.submit(service.stub, candidate, turn.turn_id, steps.ANSWER)
    with acting_as(candidate):
        await service.stub.CompleteInterview(pb.CompleteInterviewRequest(interview_id=candidate.interview_id))
    roles = await forecast(service)
    assert figures(roles["evaluator"]) == (1, 0, [])
    assert figures(roles["question-gen"]) == (0, 0, [])
