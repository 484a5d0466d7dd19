"""Lists of candidates: a board that follows what happens, and a table to compare by."""

from collections.abc import Awaitable
from typing import Any
from uuid import UUID

import psycopg
import pytest
from viva.common.v1 import types_pb2 as common
from viva.evaluation.v1 import evaluation_pb2 as evaluation
from viva.session.v1 import interview_pb2
from viva.session.v1 import session_pb2 as pb
from viva_core.errors import Denied, Invalid, NotFound
from viva_core.grpc import acting_as
from viva_core.ids import uuid7
from viva_testkit import steps
from viva_testkit.bus import eventually
from viva_testkit.session import Service
from viva_testkit.workers import score_by_first_words

NAMES = ("Minsu Kim", "Jiwoo Lee", "Ara Park")


def reviewer(service: Service, number: int, *roles: str) -> common.Actor:
    """Somebody who may decide, with an account of their own."""
    actor = service.staff(*(roles or ("reviewer",)))
    actor.subject_id, actor.display_name = str(UUID(int=number)), f"Reviewer {number}"
    return actor


async def listed(service: Service, actor: common.Actor, **wanted: Any) -> pb.ListCandidatesResponse:
    with acting_as(actor):
        answer: pb.ListCandidatesResponse = await service.stub.ListCandidates(pb.ListCandidatesRequest(**wanted))
    return answer


async def reported(service: Service, position_id: str, name: str) -> str:
    """An interview of the position, held and reported."""
    interview_id, token = await steps.invited(service.stub, service.staff(), position_id, name)
    await held(service, interview_id, token)
    return interview_id


async def held(service: Service, interview_id: str, token: str) -> None:
    """The invited candidate comes, answers all and is reported on."""
    staff = service.staff()
    candidate = await steps.entered(service.stub, token)
    await steps.consented(service.stub, candidate)
    await steps.started(service.stub, candidate)
    while not (await steps.seen(service.stub, candidate, interview_id)).progress.asking_finished:
        turn = await steps.open_turn(service.stub, candidate)
        await steps.submit(service.stub, candidate, turn.turn_id, steps.ANSWER)
    with acting_as(candidate):
        await service.stub.CompleteInterview(pb.CompleteInterviewRequest(interview_id=interview_id))

    async def done() -> bool:
        seen = await steps.seen(service.stub, staff, interview_id)
        return bool(seen.state == interview_pb2.INTERVIEW_STATE_REPORTED)

    await eventually(done)


@pytest.fixture
async def position(service: Service) -> str:
    """A position with two questions, one a competency."""
    return await steps.published_position(service.stub, service.staff(), max_questions=2)


async def test_candidates_are_compared_by_competency_with_spread_and_coverage(service: Service, position: str) -> None:
    given = iter((2, 5, 3))
    by_interview: dict[str, int] = {}

    def score(request: evaluation.EvaluateRequest) -> evaluation.AnswerEvaluation:
        """The same for each criterion of an interview, but the first, which is left open."""
        made = score_by_first_words(request)
        if request.interview_id not in by_interview:
            by_interview[request.interview_id] = next(given)
        points = by_interview[request.interview_id]
        for one in made.scores:
            one.score = points
        made.scores[0].ClearField("score")
        made.scores[0].unscored_reason = evaluation.UNSCORED_REASON_NOT_ADDRESSED
        return made

    service.workers.score = score
    await service.workers.start()
    ids = {name: await reported(service, position, name) for name in NAMES}
    _, waiting = await steps.invited(service.stub, service.staff(), position, "Young Choi")
    assert waiting

    page = await listed(service, service.staff(), position_id=position)
    assert page.total == 4
    competency = page.candidates[-1].competencies[0]
    assert (competency.lowest, competency.highest, competency.deviation) == (2, 2, 0)
    assert 0 < competency.total.scored_weight < 100
    assert (competency.answers, competency.weight) == (1, 60)

    best = await listed(
        service,
        service.staff(),
        position_id=position,
        order=pb.CANDIDATE_ORDER_COMPETENCY,
        competency_id=competency.competency_id,
        descending=True,
    )
    assert [row.candidate.name for row in best.candidates] == ["Jiwoo Lee", "Ara Park", "Minsu Kim", "Young Choi"]
    assert [round(row.total.score) for row in best.candidates[:3]] == [5, 3, 2]
    assert not best.candidates[3].HasField("total")
    worst = await listed(service, service.staff(), position_id=position, order=pb.CANDIDATE_ORDER_SCORE)
    assert [row.candidate.name for row in worst.candidates] == ["Minsu Kim", "Ara Park", "Jiwoo Lee", "Young Choi"]
    found = await listed(service, service.staff(), search="jiwoo@")
    assert [row.interview_id for row in found.candidates] == [ids["Jiwoo Lee"]]
    assert not (await listed(service, service.staff(), search="%")).candidates
    invited = await listed(service, service.staff(), states=[interview_pb2.INTERVIEW_STATE_INVITED])
    assert [row.candidate.name for row in invited.candidates] == ["Young Choi"]


async def test_candidates_of_whom_too_little_was_scored_are_left_out(service: Service, position: str) -> None:
    first_competency = set[str]()

    def score(request: evaluation.EvaluateRequest) -> evaluation.AnswerEvaluation:
        """All of the first interview; of the second only one competency."""
        made = score_by_first_words(request)
        if request.interview_id == half and (first_competency or first_competency.add(request.turn_id)):
            for one in made.scores:
                one.ClearField("score")
                one.unscored_reason = evaluation.UNSCORED_REASON_NOT_ADDRESSED
        return made

    half = ""
    service.workers.score = score
    await service.workers.start()
    whole = await reported(service, position, "Minsu Kim")
    staff = service.staff()
    half, token = await steps.invited(service.stub, staff, position, "Jiwoo Lee")
    await held(service, half, token)
    await steps.invited(service.stub, staff, position, "Young Choi")
    coverage = {row.interview_id: row.coverage.weight_scored for row in (await listed(service, staff)).candidates}
    assert coverage[whole] == 100
    percent = int(coverage[half])
    assert 0 < percent < 100

    async def covered(at_least: int) -> set[str]:
        page = await listed(service, staff, position_id=position, min_weight_scored=at_least)
        assert page.total == len(page.candidates)
        return {row.interview_id for row in page.candidates}

    assert len(await covered(0)) == 3
    assert await covered(percent) == {whole, half}
    assert await covered(percent + 1) == {whole}
    assert await covered(100) == {whole}
    with pytest.raises(Invalid) as refused:
        await covered(101)
    assert [violation.field for violation in refused.value.violations] == ["min_weight_scored"]


async def test_pages_hold_everybody_once(service: Service, position: str) -> None:
    for number in range(5):
        await steps.invited(service.stub, service.staff(), position, f"Name{number} Kim")
    names, token = [], ""
    while True:
        page = await listed(
            service, service.staff(), page_size=2, page_token=token, order=pb.CANDIDATE_ORDER_NAME, position_id=position
        )
        names += [row.candidate.name for row in page.candidates]
        token = page.next_page_token
        if not token:
            break
    assert names == [f"Name{number} Kim" for number in range(5)]
    with pytest.raises(Invalid) as refused:
        await listed(service, service.staff(), order=pb.CANDIDATE_ORDER_COMPETENCY)
    assert [violation.field for violation in refused.value.violations] == ["competency_id"]


async def test_another_tenants_position_is_not_there_and_its_candidates_are_not_listed(
    service: Service, position: str
) -> None:
    await steps.invited(service.stub, service.staff(), position)
    stranger = service.staff()
    stranger.tenant_id = str(uuid7())
    assert (await listed(service, stranger)).total == 0
    with pytest.raises(NotFound):
        await listed(service, stranger, position_id=position)
    with acting_as(stranger), pytest.raises(NotFound):
        await service.stub.WatchCandidates(pb.WatchCandidatesRequest(position_id=position), timeout=10).read()


async def test_a_board_is_told_what_changed_since_its_list_and_what_changes(service: Service, position: str) -> None:
    staff = service.staff()
    interview_id, token = await steps.invited(service.stub, staff, position)
    page = await listed(service, staff)
    candidate = await steps.entered(service.stub, token)
    await steps.consented(service.stub, candidate)  # after the list, before the watch
    with acting_as(staff):
        stream = service.stub.WatchCandidates(pb.WatchCandidatesRequest(cursor=page.cursor), timeout=60)
        states = []
        first = await stream.read()
        states += [row.state for row in first.candidates]
        await steps.started(service.stub, candidate)
        while interview_pb2.INTERVIEW_STATE_IN_PROGRESS not in states:
            answer = await stream.read()
            states += [row.state for row in answer.candidates]
            assert {row.interview_id for row in answer.candidates} == {interview_id}
        stream.cancel()
    assert interview_pb2.INTERVIEW_STATE_CONSENTED in states
    assert page.candidates[0].state == interview_pb2.INTERVIEW_STATE_INVITED


async def test_a_change_that_commits_late_is_not_missed(service: Service, position: str, database_url: str) -> None:
    """A transaction that began before the look and commits after it has an older number than the cursor might skip."""
    staff = service.staff()
    interview_id, _ = await steps.invited(service.stub, staff, position)
    async with await psycopg.AsyncConnection.connect(database_url) as slow:
        await slow.execute(
            "UPDATE interviews SET changed_tx = pg_current_xact_id()::text::bigint, state = 'expired' "
            "WHERE interview_id = %s",
            (interview_id,),
        )
        other, _ = await steps.invited(service.stub, staff, position, "Jiwoo Lee")  # a later number, committed before
        page = await listed(service, staff)
        assert {row.interview_id for row in page.candidates} == {interview_id, other}
        await slow.commit()
    with acting_as(staff):
        stream = service.stub.WatchCandidates(pb.WatchCandidatesRequest(cursor=page.cursor), timeout=60)
        told = {row.interview_id: row.state for row in (await stream.read()).candidates}
        stream.cancel()
    assert told[interview_id] == interview_pb2.INTERVIEW_STATE_EXPIRED


async def test_interviews_from_before_there_were_rows_are_listed(
    service: Service, position: str, database_url: str
) -> None:
    await steps.invited(service.stub, service.staff(), position)
    async with await psycopg.AsyncConnection.connect(database_url, autocommit=True) as admin:
        await admin.execute("UPDATE interviews SET overview = NULL")
    page = await listed(service, service.staff())
    assert [row.position_title for row in page.candidates] == ["Backend engineer"]


async def test_a_second_reviewer_is_blind_until_both_have_written(service: Service, position: str) -> None:
    await service.workers.start()
    interview_id = await reported(service, position, "Minsu Kim")
    first, second = reviewer(service, 1), reviewer(service, 2, "recruiter", "reviewer", "admin")
    recruiter = reviewer(service, 3, "recruiter")

    async def write(actor: common.Actor, decision: "common.ReviewDecision.ValueType") -> None:
        request = pb.SubmitReviewRequest(
            interview_id=interview_id, decision=decision, reason=f"A reason of {actor.display_name}.", report_version=1
        )
        with acting_as(actor):
            await service.stub.SubmitReview(request)

    async def told(actor: common.Actor) -> list[tuple[int, str, bool]]:
        """What each way of reading tells of the decisions: all must tell the same."""
        with acting_as(actor):
            reviews = (await service.stub.ListReviews(pb.ListReviewsRequest(interview_id=interview_id))).reviews
            wanted = pb.GetReportRequest(interview_id=interview_id, view=interview_pb2.REPORT_VIEW_RECRUITER)
            assert list((await service.stub.GetReport(wanted)).report.reviews) == list(reviews)
            stream = service.stub.WatchInterview(pb.WatchInterviewRequest(interview_id=interview_id), timeout=30)
            watched = []
            async for change in stream:
                if change.HasField("review_submitted"):
                    watched.append(change.review_submitted.decision)
                if change.HasField("interview"):
                    break
        assert watched == [review.decision for review in reviews]
        row = (await listed(service, actor)).candidates[0]
        assert (row.decision, row.sealed) == (reviews[-1].decision, reviews[-1].sealed)
        filtered = await listed(service, actor, decision=common.REVIEW_DECISION_DECLINE)
        assert bool(filtered.candidates) == (reviews[-1].decision == common.REVIEW_DECISION_DECLINE)
        return [(review.decision, review.reason, review.sealed) for review in reviews]

    await write(first, common.REVIEW_DECISION_DECLINE)
    decline = (common.REVIEW_DECISION_DECLINE, "A reason of Reviewer 1.", False)
    assert await told(second) == [(common.REVIEW_DECISION_UNSPECIFIED, "", True)]
    assert await told(first) == [decline]
    assert await told(recruiter) == [decline]

    await write(second, common.REVIEW_DECISION_ADVANCE)
    both = [decline, (common.REVIEW_DECISION_ADVANCE, "A reason of Reviewer 2.", False)]
    for reader in (first, second, recruiter, reviewer(service, 4)):
        assert await told(reader) == both
    assert (await listed(service, first)).candidates[0].disagreement


async def test_what_the_model_left_open_is_scored_by_a_named_person_beside_it(service: Service, position: str) -> None:
    def open_ended(request: evaluation.EvaluateRequest) -> evaluation.AnswerEvaluation:
        made = score_by_first_words(request)
        made.scores[0].ClearField("score")
        made.scores[0].unscored_reason = evaluation.UNSCORED_REASON_NO_EVIDENCE
        return made

    service.workers.score = open_ended
    await service.workers.start()
    interview_id = await reported(service, position, "Minsu Kim")
    person = reviewer(service, 1)
    turn = (await steps.seen(service.stub, person, interview_id)).turns[0]
    open_one, scored_one = (score.criterion_id for score in turn.evaluation.scores[:2])

    def by_hand(criterion: str) -> Awaitable[pb.ScoreByHandResponse]:
        answered: Awaitable[pb.ScoreByHandResponse] = service.stub.ScoreByHand(
            pb.ScoreByHandRequest(
                interview_id=interview_id,
                turn_id=turn.turn_id,
                criterion_id=criterion,
                score=2,
                reason="Names the plan, but no alternative.",
            )
        )
        return answered

    async def report(view: "interview_pb2.ReportView.ValueType") -> interview_pb2.Report:
        with acting_as(person):
            answer = await service.stub.GetReport(pb.GetReportRequest(interview_id=interview_id, view=view))
        made: interview_pb2.Report = answer.report
        return made

    before = await report(interview_pb2.REPORT_VIEW_RECRUITER)
    with acting_as(person):
        with pytest.raises(Exception, match="the model has scored") as over:
            await by_hand(scored_one)
        assert getattr(over.value, "reason", "") == "SCORED"
        with pytest.raises(Invalid):
            await by_hand("no_such_criterion")
        given = (await by_hand(open_one)).score
    assert (given.reviewer_name, given.score) == ("Reviewer 1", 2)
    with acting_as(service.staff("recruiter")), pytest.raises(Denied):
        await by_hand(open_one)

    after = await report(interview_pb2.REPORT_VIEW_RECRUITER)
    assert after.version == before.version + 1
    criterion = after.competencies[0].criteria[0]
    assert criterion.human
    assert criterion.score == 2
    assert not criterion.turns[0].score.HasField("score")  # the model's stays what it was
    assert criterion.turns[0].score.unscored_reason == evaluation.UNSCORED_REASON_NO_EVIDENCE
    assert criterion.turns[0].human_scores[0].reason == "Names the plan, but no alternative."
    assert after.coverage.criteria_human == 1
    assert after.coverage.criteria_unscored == before.coverage.criteria_unscored - 1
    own = (await report(interview_pb2.REPORT_VIEW_CANDIDATE)).competencies[0].criteria[0].turns[0].human_scores[0]
    assert (own.score, own.reviewer_name, own.reviewer_id, own.reason) == (2, "", "", "")
    with acting_as(service.staff("admin")):
        audit = await service.stub.ListAudit(pb.ListAuditRequest(interview_id=interview_id))
    assert [entry.actor_name for entry in audit.entries if entry.action == "score.write"] == ["Reviewer 1"]


async def test_a_candidate_asks_for_a_person_and_reads_the_answer(service: Service, position: str) -> None:
    staff = service.staff()
    interview_id, token = await steps.invited(service.stub, staff, position)
    candidate = await steps.entered(service.stub, token)
    asking = pb.SubmitCandidateRequestRequest(
        interview_id=interview_id, kind=interview_pb2.REQUEST_KIND_ACCOMMODATION, text="I stutter: may I write?"
    )
    with acting_as(candidate):
        await service.stub.SubmitCandidateRequest(asking)
        again = (await service.stub.SubmitCandidateRequest(asking)).interview
    assert len(again.requests) == 1
    assert (await listed(service, staff)).candidates[0].open_requests == 1

    answering = pb.ResolveCandidateRequestRequest(
        interview_id=interview_id, request_id=again.requests[0].request_id, answer="Of course: choose 'type instead'."
    )
    with acting_as(staff):
        seen = (await service.stub.ResolveCandidateRequest(answering)).interview.requests[0]
    assert (seen.text, seen.resolved_by) == ("I stutter: may I write?", "Kim")
    shown = (await steps.seen(service.stub, candidate, interview_id)).requests[0]
    assert (shown.answer, shown.resolved_by) == (answering.answer, "")
    assert (await listed(service, staff)).candidates[0].open_requests == 0
    with acting_as(staff):
        await service.stub.EraseInterview(pb.EraseInterviewRequest(interview_id=interview_id))
    erased = (await steps.seen(service.stub, staff, interview_id)).requests[0]
    assert (erased.text, erased.answer) == ("", "")


async def test_a_remark_alone_changes_no_text_and_scores_nothing_anew(service: Service, position: str) -> None:
    await service.workers.start()
    candidate = await steps.in_progress(service.stub, service.staff())
    turn = await steps.open_turn(service.stub, candidate)
    await steps.submit(service.stub, candidate, turn.turn_id, steps.ANSWER)
    remark = pb.ReviseTranscriptRequest(
        interview_id=candidate.interview_id,
        turn_id=turn.turn_id,
        text=steps.ANSWER,
        expected_revision=1,
        remark="I meant the nightly batch, not the hourly one.",
    )
    with acting_as(candidate):
        answer = (await service.stub.ReviseTranscript(remark)).interview.turns[0].answer
    assert answer.remark == remark.remark
    assert len(answer.revisions) == 1
    seen = await steps.seen(service.stub, service.staff(), candidate.interview_id)
    assert seen.turns[0].answer.remark == remark.remark
    assert [request.answer_revision for request in service.workers.scored if request.turn_id == turn.turn_id] in (
        [1],
        [],
    )
