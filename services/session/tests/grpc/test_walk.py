"""A whole interview over gRPC, with the workers' events on the real bus."""

from collections.abc import Awaitable, Callable
from uuid import UUID

from viva.common.v1 import types_pb2 as common
from viva.question.v1 import question_pb2 as question
from viva.session.v1 import interview_pb2
from viva.session.v1 import session_pb2 as pb
from viva_core.grpc import acting_as
from viva_testkit import steps
from viva_testkit.bus import eventually
from viva_testkit.session import Service


async def test_an_interview_from_invitation_to_decision(service: Service) -> None:
    stub, staff = service.stub, service.staff()
    await service.workers.start()
    position_id = await steps.published_position(stub, staff)
    interview_id, token = await steps.invited(stub, staff, position_id)
    candidate = await steps.entered(stub, token)
    await steps.consented(stub, candidate)
    interview = await steps.started(stub, candidate)
    assert interview.state == interview_pb2.INTERVIEW_STATE_IN_PROGRESS

    answered = 0
    while True:
        interview = await steps.seen(stub, candidate, interview_id)
        if interview.progress.asking_finished:
            break
        turn = await steps.open_turn(service.stub, candidate)
        assert not turn.HasField("evaluation")
        await steps.submit(stub, candidate, turn.turn_id, f"{steps.ANSWER} That was answer {answered}.")
        answered += 1
    assert answered == 3

    with acting_as(candidate):
        await stub.CompleteInterview(pb.CompleteInterviewRequest(interview_id=interview_id))

    async def reported() -> bool:
        state = (await steps.seen(stub, staff, interview_id)).state
        return bool(state == interview_pb2.INTERVIEW_STATE_REPORTED)

    await eventually(reported)
    with acting_as(staff):
        report = (
            await stub.GetReport(
                pb.GetReportRequest(interview_id=interview_id, view=interview_pb2.REPORT_VIEW_RECRUITER)
            )
        ).report
    assert report.total.score == 4
    assert report.coverage.competencies_answered == 2
    assert not report.demo
    by_turn = {turn.turn_id: turn for turn in report.interview.turns}
    quotes = [
        (entry.turn_id, quote)
        for competency in report.competencies
        for criterion in competency.criteria
        for entry in criterion.turns
        for quote in entry.score.quotes
    ]
    assert quotes
    for turn_id, quote in quotes:
        answer = by_turn[turn_id].answer.text
        assert answer[quote.span.start : quote.span.end] == quote.text

    with acting_as(staff):
        decided = await stub.SubmitReview(
            pb.SubmitReviewRequest(
                interview_id=interview_id,
                decision=common.REVIEW_DECISION_ADVANCE,
                reason="Strong evidence on both competencies.",
                report_version=report.version,
            )
        )
    assert decided.interview.state == interview_pb2.INTERVIEW_STATE_DECIDED
    assert decided.review.reviewer_name == "Kim"

    with acting_as(candidate):
        own = (
            await stub.GetReport(
                pb.GetReportRequest(interview_id=interview_id, view=interview_pb2.REPORT_VIEW_CANDIDATE)
            )
        ).report
    assert not own.total.HasField("score")
    assert not own.reviews
    assert own.strengths


async def test_a_question_that_does_not_come_is_the_banks(launch: Callable[..., Awaitable[Service]]) -> None:
    service = await launch(question_timeout=0.3)
    await service.make_tenant()
    candidate = await steps.in_progress(service.stub, service.staff())
    turn = await steps.open_turn(service.stub, candidate)
    assert turn.question.origin.source == question.QUESTION_SOURCE_BANK
    shown = (await steps.seen(service.stub, service.staff(), candidate.interview_id)).turns[0].question.origin
    assert shown.bank_reason == question.BANK_REASON_TIMEOUT
    assert UUID(turn.turn_id)
