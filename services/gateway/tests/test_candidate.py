"""The candidate's own interview over REST."""

from typing import Any
from uuid import UUID

import pytest
from viva.common.v1 import types_pb2 as common
from viva.session.v1 import interview_pb2
from viva.session.v1 import session_pb2 as api
from viva_core.errors import Conflict, NotFound, Refused
from viva_gateway.domain.principal import Role

TURN = str(UUID("0190b6a0-0000-7000-8000-0000000000f1"))


async def test_a_link_is_exchanged_for_a_cookie_and_the_actor_goes_on(gateway: Any) -> None:
    client = await gateway.candidate()
    assert "viva_candidate" in client.cookies
    answered = await client.get("/candidate/interview")
    assert answered.status_code == 200
    assert answered.json()["state"] == "in_progress"
    redeemed, asked = gateway.neighbour.called("RedeemInvitation")[0], gateway.neighbour.called("GetInterview")[-1]
    assert redeemed.actor is None
    assert asked.actor.kind == common.ACTOR_KIND_CANDIDATE
    assert asked.actor.interview_id == str(gateway.interview_id) == asked.request.interview_id
    assert answered.headers["x-correlation-id"] == asked.correlation_id


async def test_the_attempt_of_a_device_goes_on_to_the_session_service(gateway: Any) -> None:
    await gateway.candidate()
    attempt = "0190b6a0-0000-4000-8000-0000000000a1"
    again = await gateway.http.post("/candidate/session", json={"token": "t" * 32, "attempt_id": attempt})
    assert again.status_code == 200
    assert "viva_candidate" in again.cookies
    asked = [call.request.attempt_id for call in gateway.neighbour.called("RedeemInvitation")]
    assert asked == ["", attempt]
    faulty = await gateway.http.post("/candidate/session", json={"token": "t" * 32, "attempt_id": "mine"})
    assert faulty.status_code == 422
    assert [error["field"] for error in faulty.json()["errors"]] == ["attempt_id"]


async def test_a_used_link_says_so(gateway: Any) -> None:
    gateway.neighbour.answers["RedeemInvitation"] = Refused("this link was used already", reason="INVITATION_USED")
    answered = await gateway.http.post("/candidate/session", json={"token": "t" * 32})
    assert answered.status_code == 409
    assert answered.headers["content-type"] == "application/problem+json"
    assert answered.json()["reason"] == "INVITATION_USED"
    assert answered.json()["type"] == "urn:viva:problem:refused"


async def test_a_new_link_ends_the_session_of_the_old_one(gateway: Any) -> None:
    first = await gateway.candidate()
    await gateway.candidate()
    assert (await first.get("/candidate/interview")).status_code == 401


async def test_consents_and_answers_reach_the_session_service(gateway: Any) -> None:
    client = await gateway.candidate()
    gateway.neighbour.answers["RecordConsent"] = api.RecordConsentResponse(interview=interview_pb2.Interview())
    gateway.neighbour.answers["SubmitAnswer"] = api.SubmitAnswerResponse(interview=interview_pb2.Interview())
    consent = {"purpose": "ai_scoring", "granted": True, "text_version": "2026-11"}
    assert (await client.post("/candidate/interview/consents", json={"consents": [consent]})).status_code == 200
    answered = await client.post(
        f"/candidate/interview/turns/{TURN}/answer", json={"text": "저는 프로파일러로 찾았습니다."}
    )
    assert answered.status_code == 200
    said = gateway.neighbour.called("RecordConsent")[0].request
    assert said.consents[0].purpose == common.CONSENT_PURPOSE_AI_SCORING
    sent = gateway.neighbour.called("SubmitAnswer")[0].request
    assert (sent.turn_id, sent.text) == (TURN, "저는 프로파일러로 찾았습니다.")
    assert sent.modality == common.ANSWER_MODALITY_TEXT
    assert not sent.HasField("passages_seen")


@pytest.mark.parametrize("seen", [0, 3])
async def test_an_answer_says_which_passages_were_seen_when_it_was_sent(gateway: Any, seen: int) -> None:
    client = await gateway.candidate()
    told = interview_pb2.Interview()
    passage = interview_pb2.HeardPassage(first_word=0, words=2)
    told.turns.add(turn_id=TURN).answer.passages.append(passage)
    gateway.neighbour.answers["SubmitAnswer"] = api.SubmitAnswerResponse(interview=told)
    body = {"text": "Typed.", "passages_seen": seen}
    answered = await client.post(f"/candidate/interview/turns/{TURN}/answer", json=body)
    sent = gateway.neighbour.called("SubmitAnswer")[0].request
    assert (sent.HasField("passages_seen"), sent.passages_seen) == (True, seen)
    assert answered.json()["turns"][0]["answer"]["passages"] == [{"first_word": 0, "words": 2}]


@pytest.mark.parametrize("seen", [-1, 100_001, 1.5, "two"])
async def test_a_number_of_passages_that_is_none_is_refused_by_name(gateway: Any, seen: Any) -> None:
    client = await gateway.candidate()
    body = {"text": "Typed.", "passages_seen": seen}
    refused = await client.post(f"/candidate/interview/turns/{TURN}/answer", json=body)
    assert refused.status_code == 422
    assert [error["field"] for error in refused.json()["errors"]] == ["passages_seen"]
    assert not gateway.neighbour.called("SubmitAnswer")


async def test_another_answer_to_a_closed_turn_is_a_conflict(gateway: Any) -> None:
    client = await gateway.candidate()
    gateway.neighbour.answers["SubmitAnswer"] = Conflict("this turn was answered in another tab", reason="ANSWERED")
    answered = await client.post(f"/candidate/interview/turns/{TURN}/answer", json={"text": "b"})
    assert answered.status_code == 409
    assert answered.json()["reason"] == "ANSWERED"


async def test_the_same_key_gives_the_same_answer_once(gateway: Any) -> None:
    client = await gateway.candidate()
    gateway.neighbour.answers["SubmitAnswer"] = api.SubmitAnswerResponse(interview=interview_pb2.Interview())
    path, key = f"/candidate/interview/turns/{TURN}/answer", {"Idempotency-Key": "a-1"}
    first = await client.post(path, json={"text": "one"}, headers=key)
    second = await client.post(path, json={"text": "one"}, headers=key)
    other = await client.post(path, json={"text": "two"}, headers=key)
    assert (first.status_code, second.status_code, other.status_code) == (200, 200, 422)
    assert first.content == second.content
    assert second.headers["idempotency-replayed"] == "true"
    assert other.json()["reason"] == "IDEMPOTENCY_KEY_REUSED"
    assert len(gateway.neighbour.called("SubmitAnswer")) == 1


async def test_a_failed_request_may_be_made_again_under_its_key(gateway: Any) -> None:
    client = await gateway.candidate()
    path, key = f"/candidate/interview/turns/{TURN}/answer", {"Idempotency-Key": "a-1"}
    gateway.neighbour.answers["SubmitAnswer"] = NotFound("no such turn")
    assert (await client.post(path, json={"text": "one"}, headers=key)).status_code == 404
    gateway.neighbour.answers["SubmitAnswer"] = api.SubmitAnswerResponse(interview=interview_pb2.Interview())
    assert (await client.post(path, json={"text": "one"}, headers=key)).status_code == 200


async def test_a_resume_is_read_up_to_its_limit_and_no_further(gateway: Any) -> None:
    client = await gateway.candidate()
    gateway.neighbour.answers["UploadResume"] = api.UploadResumeResponse(
        resume=interview_pb2.Resume(file_name="cv.pdf", media_type="application/pdf", pages=2)
    )
    good = await client.post("/candidate/interview/resume", files={"file": ("../../cv.pdf", b"%PDF-1.7")})
    large = await client.post("/candidate/interview/resume", files={"file": ("cv.pdf", b"x" * (5 * 2**20 + 1))})
    larger = await client.post("/candidate/interview/resume", files={"file": ("cv.pdf", b"x" * (7 * 2**20))})
    empty = await client.post("/candidate/interview/resume", files={"file": ("cv.pdf", b"")})
    assert [good.status_code, large.status_code, larger.status_code, empty.status_code] == [200, 413, 413, 422]
    sent = gateway.neighbour.called("UploadResume")
    assert [call.request.file_name for call in sent] == ["cv.pdf"]


async def test_a_stale_transcript_is_not_overwritten(gateway: Any) -> None:
    client = await gateway.candidate()
    path = f"/candidate/interview/turns/{TURN}/transcript"
    turn = interview_pb2.Turn(turn_id=TURN, number=1)
    turn.answer.revisions.add(revision=1, text="one")
    turn.answer.text = "one"
    found = interview_pb2.Interview(turns=[turn])
    gateway.neighbour.answers["GetInterview"] = api.GetInterviewResponse(interview=found)
    read = await client.get(path)
    assert (read.status_code, read.headers["etag"]) == (200, '"1"')
    without = await client.put(path, json={"text": "two"})
    gateway.neighbour.answers["ReviseTranscript"] = Conflict("it has changed", reason="STALE_REVISION")
    stale = await client.put(path, json={"text": "two"}, headers={"If-Match": read.headers["etag"]})
    assert (without.status_code, stale.status_code) == (428, 412)
    assert gateway.neighbour.called("ReviseTranscript")[0].request.expected_revision == 1


async def test_staff_may_not_act_as_the_candidate_nor_candidates_as_staff(gateway: Any) -> None:
    staff, candidate = await gateway.signed_in(Role.ADMIN), await gateway.candidate()
    assert (await staff.get("/candidate/interview")).status_code == 403
    assert (await candidate.get("/interviews")).status_code == 401
    assert (await gateway.http.get("/candidate/interview")).status_code == 401
