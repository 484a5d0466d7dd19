"""What persons say beside the model: a score that it left open, a candidate's request and its answer."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from viva_core.errors import Conflict, Invalid, NotFound, Refused, Violation

from viva_session.domain.changes import nothing, with_turn
from viva_session.domain.consent import Purpose, holds
from viva_session.domain.evaluation import HumanScore
from viva_session.domain.interview import REPORTABLE, Interview, Outcome, State
from viva_session.domain.outcome import CandidateRequested, ReportReady
from viva_session.domain.request import MOST, CandidateRequest
from viva_session.domain.turn import Modality


def score_by_hand(interview: Interview, turn_id: UUID, score: HumanScore) -> Outcome:
    """A person scores what the model left open, once the report is there; it makes a new version of the report. A
    criterion that the model has scored is Refused: a person decides on the candidate, not on the model's number."""
    if interview.state not in REPORTABLE:
        raise Refused(
            f"answers are scored by hand once the report is there: the interview is {interview.state}",
            reason="NO_REPORT",
        )
    turn = interview.turn(turn_id)
    scores = () if turn.evaluation is None else turn.evaluation.scores
    known = next((one for one in scores if one.criterion_id == score.criterion_id), None)
    if known is None:
        raise Invalid(
            "this answer is not scored on such a criterion",
            [Violation("criterion_id", "want one of the rubric that the answer is scored on")],
        )
    if known.score is not None:
        raise Refused(
            "the model has scored this criterion: say in your decision why you see it otherwise", reason="SCORED"
        )
    if score.answer_revision != turn.answer.revision:
        raise Conflict("the transcript has changed meanwhile: read it again", reason="STALE_REVISION")
    scored = replace(turn, human_scores=(*turn.human_scores, score))
    version = interview.report_version + 1
    changed = replace(with_turn(interview, scored), report_version=version)
    return Outcome(changed, (ReportReady(version),))


def check_recorded(interview: Interview, turn_id: UUID) -> None:
    """Raise NotFound unless there may be a recording of this answer: spoken, and with a consent that holds now."""
    turn = interview.turn(turn_id)
    if turn.answer.modality is not Modality.VOICE or not holds(interview.consents, Purpose.RECORD):
        raise NotFound("nothing of this answer was recorded", reason="NOT_RECORDED")


def submit_request(interview: Interview, request: CandidateRequest) -> Outcome:
    """The candidate asks for something, whatever state the interview is in. The same again, while it is open, changes
    nothing. Raises Refused for too many."""
    if interview.state is State.ERASED:
        raise Refused("the interview is erased", reason="INTERVIEW_ENDED")
    same = (one for one in interview.requests if (one.kind, one.text) == (request.kind, request.text))
    if any(one.open for one in same):
        return nothing(interview)
    if len(interview.requests) >= MOST:
        raise Refused(f"there are {MOST} requests already: wait for an answer", reason="TOO_MANY_REQUESTS")
    changed = replace(interview, requests=(*interview.requests, request))
    return Outcome(changed, (CandidateRequested(request.request_id, request.kind),))


def resolve_request(interview: Interview, request_id: UUID, who: str, answer: str, now: datetime) -> Outcome:
    """A person says what becomes of a request. The same answer twice changes nothing, another one is a Conflict."""
    found = next((one for one in interview.requests if one.request_id == request_id), None)
    if found is None or interview.state is State.ERASED:
        raise NotFound("this interview has no such request")
    if not found.open:
        if found.answer == answer:
            return nothing(interview)
        raise Conflict("this request was answered already: load it again", reason="RESOLVED")
    resolved = replace(found, resolved_at=now, resolved_by=who, answer=answer)
    requests = tuple(resolved if one is found else one for one in interview.requests)
    return Outcome(replace(interview, requests=requests))
