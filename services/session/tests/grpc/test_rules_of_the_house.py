"""What people run into: other people's data, two tabs, links used twice, faulty rows, withdrawn consent."""

from uuid import uuid4

import psycopg
import pytest
from viva.common.v1 import types_pb2 as common
from viva.evaluation.v1 import evaluation_pb2 as evaluation
from viva.session.v1 import interview_pb2, position_pb2
from viva.session.v1 import session_pb2 as pb
from viva_core.errors import Conflict, Denied, Invalid, NotFound, Refused, Unauthenticated
from viva_core.grpc import acting_as
from viva_core.ids import uuid7
from viva_testkit import steps
from viva_testkit.bus import eventually
from viva_testkit.session import Service
from viva_testkit.workers import score_by_first_words


async def test_nobody_gets_in_without_acting_for_somebody(service: Service) -> None:
    with pytest.raises(Unauthenticated):
        await service.stub.ListPositions(pb.ListPositionsRequest())


async def test_another_tenants_data_does_not_exist(service: Service) -> None:
    candidate = await steps.in_progress(service.stub, service.staff())
    stranger = service.staff()
    stranger.tenant_id = str(uuid7())
    other_candidate = common.Actor()
    other_candidate.CopyFrom(candidate)
    other_candidate.interview_id = str(uuid7())
    for actor in (stranger, other_candidate):
        with acting_as(actor), pytest.raises(NotFound) as foreign:
            await service.stub.GetInterview(pb.GetInterviewRequest(interview_id=candidate.interview_id))
        with acting_as(actor), pytest.raises(NotFound) as missing:
            await service.stub.GetInterview(pb.GetInterviewRequest(interview_id=str(uuid7())))
        assert foreign.value.message == missing.value.message


async def test_a_candidate_may_not_do_what_staff_do(service: Service) -> None:
    candidate = await steps.in_progress(service.stub, service.staff())
    with acting_as(candidate):
        with pytest.raises((Denied, NotFound)):
            await service.stub.ListInterviews(pb.ListInterviewsRequest())
        with pytest.raises(Denied):
            await service.stub.GetReport(
                pb.GetReportRequest(interview_id=candidate.interview_id, view=interview_pb2.REPORT_VIEW_RECRUITER)
            )
        with pytest.raises(Denied):
            await service.stub.ListEvaluations(pb.ListEvaluationsRequest(interview_id=candidate.interview_id))


async def test_staff_may_not_answer_for_a_candidate(service: Service) -> None:
    await service.workers.start()
    candidate = await steps.in_progress(service.stub, service.staff())
    turn = await steps.open_turn(service.stub, candidate)
    with acting_as(service.staff()), pytest.raises(Denied):
        await service.stub.SubmitAnswer(
            pb.SubmitAnswerRequest(
                interview_id=candidate.interview_id,
                turn_id=turn.turn_id,
                text="x",
                modality=common.ANSWER_MODALITY_TEXT,
            )
        )


async def test_a_link_opens_once(service: Service) -> None:
    staff = service.staff()
    position_id = await steps.published_position(service.stub, staff)
    interview_id, token = await steps.invited(service.stub, staff, position_id)
    await steps.entered(service.stub, token)
    with pytest.raises(Refused) as twice:
        await steps.entered(service.stub, token)
    assert twice.value.reason == "LINK_USED"
    with pytest.raises(NotFound):
        await steps.entered(service.stub, "x" * 40)
    with acting_as(staff):
        again = await service.stub.ReissueInvitation(
            pb.ReissueInvitationRequest(interview_id=interview_id, valid_for=steps.span(days=1))
        )
    assert (await steps.entered(service.stub, again.invitation.token)).interview_id == interview_id


async def test_an_attempt_whose_answer_got_lost_is_made_again_by_its_device_alone(service: Service) -> None:
    staff = service.staff()
    position_id = await steps.published_position(service.stub, staff)
    interview_id, token = await steps.invited(service.stub, staff, position_id)
    mine, of_another = str(uuid4()), str(uuid4())
    first = await steps.entered(service.stub, token, mine)
    assert await steps.entered(service.stub, token, mine) == first
    for elsewhere in (of_another, ""):
        with pytest.raises(Refused) as used:
            await steps.entered(service.stub, token, elsewhere)
        assert used.value.reason == "LINK_USED"
    with acting_as(staff):
        await service.stub.RevokeInvitation(pb.RevokeInvitationRequest(interview_id=interview_id))
    with pytest.raises(Refused) as withdrawn:
        await steps.entered(service.stub, token, mine)
    assert withdrawn.value.reason == "LINK_REVOKED"


async def test_a_link_that_was_opened_without_an_attempt_stays_used(service: Service) -> None:
    staff = service.staff()
    position_id = await steps.published_position(service.stub, staff)
    _, token = await steps.invited(service.stub, staff, position_id)
    await steps.entered(service.stub, token)
    with pytest.raises(Refused) as used:
        await steps.entered(service.stub, token, str(uuid4()))
    assert used.value.reason == "LINK_USED"


async def test_a_withdrawn_link_says_so(service: Service) -> None:
    staff = service.staff()
    position_id = await steps.published_position(service.stub, staff)
    interview_id, token = await steps.invited(service.stub, staff, position_id)
    with acting_as(staff):
        revoked = await service.stub.RevokeInvitation(pb.RevokeInvitationRequest(interview_id=interview_id))
    assert revoked.interview.state == interview_pb2.INTERVIEW_STATE_EXPIRED
    with pytest.raises(Refused) as caught:
        await steps.entered(service.stub, token)
    assert caught.value.reason == "LINK_REVOKED"


async def test_two_tabs_that_answer_one_question(service: Service) -> None:
    await service.workers.start()
    candidate = await steps.in_progress(service.stub, service.staff())
    turn = await steps.open_turn(service.stub, candidate)
    await steps.submit(service.stub, candidate, turn.turn_id, "from the first tab")
    again = await steps.submit(service.stub, candidate, turn.turn_id, "from the first tab")
    assert again.turns[0].answer.text == "from the first tab"
    with pytest.raises(Conflict) as caught:
        await steps.submit(service.stub, candidate, turn.turn_id, "from the second tab")
    assert caught.value.reason == "ANSWER_SUBMITTED"
    assert "first tab" not in caught.value.message
    kept = await steps.seen(service.stub, candidate, candidate.interview_id)
    assert [t.answer.text for t in kept.turns if t.number == 1] == ["from the first tab"]


async def test_what_is_typed_is_kept_and_an_older_draft_is_dropped(service: Service) -> None:
    await service.workers.start()
    candidate = await steps.in_progress(service.stub, service.staff())
    turn = await steps.open_turn(service.stub, candidate)
    with acting_as(candidate):
        for revision, text in ((2, "newer"), (1, "older")):
            kept = await service.stub.SaveDraft(
                pb.SaveDraftRequest(
                    interview_id=candidate.interview_id, turn_id=turn.turn_id, text=text, draft_revision=revision
                )
            )
        assert kept.draft_revision == 2
        done = await service.stub.CompleteInterview(pb.CompleteInterviewRequest(interview_id=candidate.interview_id))
    assert done.interview.turns[0].answer.text == "newer"


async def test_a_transcript_is_corrected_and_the_original_stays(service: Service) -> None:
    await service.workers.start()
    candidate = await steps.in_progress(service.stub, service.staff())
    turn = await steps.open_turn(service.stub, candidate)
    await steps.submit(service.stub, candidate, turn.turn_id, "I led teh migration of the ledger.")
    change = pb.ReviseTranscriptRequest(
        interview_id=candidate.interview_id,
        turn_id=turn.turn_id,
        text="I led the migration of the ledger.",
        expected_revision=1,
        remark="a typo",
    )
    with acting_as(candidate):
        revised = (await service.stub.ReviseTranscript(change)).interview.turns[0].answer
        await service.stub.ReviseTranscript(change)  # the same, sent twice
        change.text = "Something else."
        with pytest.raises(Conflict):
            await service.stub.ReviseTranscript(change)
    assert [r.text for r in revised.revisions] == [
        "I led teh migration of the ledger.",
        "I led the migration of the ledger.",
    ]
    await eventually(lambda: [r.answer_revision for r in service.workers.scored if r.turn_id == turn.turn_id] == [1, 2])


async def test_an_event_that_comes_three_times_counts_once(service: Service) -> None:
    await service.workers.start(score=False)
    candidate = await steps.in_progress(service.stub, service.staff())
    turn = await steps.open_turn(service.stub, candidate)
    await steps.submit(service.stub, candidate, turn.turn_id, steps.ANSWER)
    await service.workers.start(ask=False)
    await eventually(lambda: len(service.workers.scored) >= 1)
    request = service.workers.scored[0]
    for _ in range(2):  # the same result under other message ids: not even the stream's own check sees it
        await service.workers.say_evaluation(request, service.workers.score(request), event_id=uuid7())

    async def scores_told() -> list[int]:
        with acting_as(service.staff()):
            stream = service.stub.WatchInterview(
                pb.WatchInterviewRequest(interview_id=candidate.interview_id), timeout=30
            )
            told = []
            async for change in stream:
                if change.HasField("answer_scored"):
                    told.append(change.sequence)
                if change.HasField("interview"):
                    break
        return told

    async def one() -> bool:
        return len(await scores_told()) == 1

    await eventually(one)


async def test_a_quote_that_is_not_in_the_answer_leaves_it_unscored(service: Service) -> None:
    def invented(request: evaluation.EvaluateRequest) -> evaluation.AnswerEvaluation:
        scored = score_by_first_words(request)
        for score in scored.scores:
            score.quotes[0].text = "I never said this"
            score.quotes[0].span.end = len("I never said this")
        return scored

    service.workers.score = invented
    await service.workers.start()
    candidate = await steps.in_progress(service.stub, service.staff())
    turn = await steps.open_turn(service.stub, candidate)
    await steps.submit(service.stub, candidate, turn.turn_id, steps.ANSWER)

    async def unscored() -> bool:
        seen = await steps.seen(service.stub, service.staff(), candidate.interview_id)
        return bool(seen.turns[0].answer.state == interview_pb2.ANSWER_STATE_UNSCORED)

    await eventually(unscored)
    seen = await steps.seen(service.stub, service.staff(), candidate.interview_id)
    assert {s.unscored_reason for s in seen.turns[0].evaluation.scores} == {evaluation.UNSCORED_REASON_NO_EVIDENCE}


async def test_without_consent_to_scoring_no_model_is_asked(service: Service) -> None:
    await service.workers.start()
    staff = service.staff()
    position_id = await steps.published_position(service.stub, staff)
    _, token = await steps.invited(service.stub, staff, position_id)
    candidate = await steps.entered(service.stub, token)
    await steps.consented(service.stub, candidate, scoring=False)
    await steps.started(service.stub, candidate)
    turn = await steps.open_turn(service.stub, candidate)
    await steps.submit(service.stub, candidate, turn.turn_id, steps.ANSWER)
    seen = await steps.seen(service.stub, staff, candidate.interview_id)
    assert {s.unscored_reason for s in seen.turns[0].evaluation.scores} == {evaluation.UNSCORED_REASON_NO_CONSENT}
    assert service.workers.scored == []


async def test_a_rubric_that_sums_to_99_is_not_published(service: Service) -> None:
    with acting_as(service.staff()):
        bank = await service.stub.ListBankCompetencies(pb.ListBankCompetenciesRequest(language=common.LANGUAGE_EN))
        criteria = list(bank.competencies[0].criteria)
        criteria[0].weight -= 1
        made = await service.stub.CreateRubric(
            pb.CreateRubricRequest(title="Nearly", language=common.LANGUAGE_EN, criteria=criteria)
        )
        with pytest.raises(Invalid, match="sum to 99") as caught:
            await service.stub.PublishRubric(pb.PublishRubricRequest(rubric_id=made.rubric.rubric.rubric_id))
    assert caught.value.violations[0].field == "criteria"


async def test_a_published_position_does_not_change(service: Service) -> None:
    staff = service.staff()
    position_id = await steps.published_position(service.stub, staff)
    with acting_as(staff):
        position: position_pb2.Position = (
            await service.stub.GetPosition(pb.GetPositionRequest(position_id=position_id))
        ).position
        with pytest.raises(Refused):
            await service.stub.UpdatePosition(
                pb.UpdatePositionRequest(
                    position_id=position_id, spec=position.spec, expected_revision=position.revision
                )
            )


async def test_300_are_invited_together_or_not_at_all(service: Service) -> None:
    staff = service.staff()
    position_id = await steps.published_position(service.stub, staff)
    rows = [
        pb.NewInvitation(candidate=interview_pb2.Candidate(name=f"Person {n}", email=f"p{n}@example.com"))
        for n in range(300)
    ]
    faulty = [*rows, pb.NewInvitation(candidate=interview_pb2.Candidate(name="Again", email="P7@example.com"))]
    with acting_as(staff):
        with pytest.raises(Invalid) as caught:
            await service.stub.CreateInvitations(
                pb.CreateInvitationsRequest(position_id=position_id, invitations=faulty, valid_for=steps.span(days=1))
            )
        assert caught.value.violations[0].field == "invitations[300].candidate.email"
        empty = await service.stub.ListInterviews(pb.ListInterviewsRequest(position_id=position_id))
        assert not empty.interviews
        made = await service.stub.CreateInvitations(
            pb.CreateInvitationsRequest(position_id=position_id, invitations=rows, valid_for=steps.span(days=1)),
            timeout=60,
        )
        assert len({link.token for link in made.invitations}) == 300
        seen, token = 0, ""
        while True:
            page = await service.stub.ListInterviews(
                pb.ListInterviewsRequest(position_id=position_id, page_size=120, page_token=token)
            )
            seen += len(page.interviews)
            token = page.next_page_token
            if not token:
                break
        assert seen == 300


async def test_an_erasure_leaves_no_word_and_gives_a_receipt(service: Service, database_url: str) -> None:
    await service.workers.start()
    candidate = await steps.in_progress(service.stub, service.staff())
    turn = await steps.open_turn(service.stub, candidate)
    words = "the unmistakable sentence of this candidate"
    await steps.submit(service.stub, candidate, turn.turn_id, f"I said {words}.")

    async def scored() -> bool:
        now = await steps.seen(service.stub, service.staff(), candidate.interview_id)
        return now.turns[0].HasField("evaluation")

    # Nothing is under way any more that the second call could find on a stream.
    await steps.open_turn(service.stub, candidate)
    await eventually(scored)
    request = pb.EraseInterviewRequest(interview_id=candidate.interview_id)
    with acting_as(candidate):
        receipt = (await service.stub.EraseInterview(request)).receipt
        again = (await service.stub.EraseInterview(request)).receipt
    assert receipt == again
    assert {"postgresql", "jetstream"} == {store.store for store in receipt.stores}
    with psycopg.connect(database_url) as connection:
        names = [row[0] for row in connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")]
        for name in names:
            rows = connection.execute(f'SELECT t::text FROM "{name}" t').fetchall()  # type: ignore[call-overload]
            text = " ".join(row[0] for row in rows)
            assert words not in text, name
            assert words.encode().hex() not in text, name
            assert "Minsu Kim" not in text, name
            assert "minsu@example.com" not in text, name
    seen = await steps.seen(service.stub, service.staff(), candidate.interview_id)
    assert seen.state == interview_pb2.INTERVIEW_STATE_ERASED
    # A result that comes late finds nothing to change.
    await service.workers.say_evaluation(
        service.workers.scored[0], service.workers.score(service.workers.scored[0]), event_id=uuid7()
    )
    late = await steps.seen(service.stub, service.staff(), candidate.interview_id)
    assert not late.turns


async def test_a_watcher_is_told_what_it_missed_and_then_what_happens(service: Service) -> None:
    await service.workers.start()
    candidate = await steps.in_progress(service.stub, service.staff())
    turn = await steps.open_turn(service.stub, candidate)
    with acting_as(candidate):
        seen: list[int] = []
        stream = service.stub.WatchInterview(
            pb.WatchInterviewRequest(interview_id=candidate.interview_id, after_sequence=2), timeout=20
        )
        submitted = False
        async for change in stream:
            seen.append(change.sequence)
            assert not change.HasField("answer_scored")
            if change.HasField("question_asked") and not submitted:
                submitted = True
                await steps.submit(service.stub, candidate, turn.turn_id, steps.ANSWER)
            if change.HasField("answer_submitted"):
                break
    assert seen[0] == 3
    assert seen == sorted(set(seen))
