"""What may happen to an interview: commands give a changed interview and say what follows from it.

    invited → consented → ready → in_progress → completed → reported → decided
    invited, consented, ready → expired      in_progress → abandoned      any → erased

Invariants, held by property tests:

- a state is never reached twice, and an ended interview changes no more, but for what was said in it and is written
  down late, and for its erasure;
- at most one question is under way or open for an answer at any time;
- a text that was taken is never lost: the first revision of an answer never changes;
- what comes twice, late or out of order changes nothing and raises nothing; what cannot be is Refused.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from viva_core.errors import Conflict, Refused

from viva_session.domain import consent as ledger
from viva_session.domain.changes import find, nothing, refuse_ended, refuse_unless, with_turn, without_unasked
from viva_session.domain.consent import Consent, Purpose
from viva_session.domain.evaluation import Evaluation, Unscored, unscored
from viva_session.domain.flow import Flow
from viva_session.domain.interview import BEFORE_START, REPORTABLE, Candidate, Interview, Outcome, State
from viva_session.domain.outcome import (
    ConsentRecorded,
    InterviewAbandoned,
    InterviewCreated,
    InterviewErased,
    InterviewExpired,
    InterviewReady,
    InterviewStarted,
    QuestionAsked,
    QuestionStarted,
    ReviewSubmitted,
    Timer,
    TimerKind,
)
from viva_session.domain.position import Plan
from viva_session.domain.resume import Resume
from viva_session.domain.review import Review
from viva_session.domain.turn import (
    AnswerState,
    BankReason,
    ClosedBy,
    Modality,
    Origin,
    QuestionState,
    Revision,
    Source,
)


class Rules:
    """The commands."""

    def __init__(self, flow: Flow) -> None:
        self._flow = flow

    # Before the start

    def invite(
        self,
        *,
        interview_id: UUID,
        tenant_id: UUID,
        position_id: UUID,
        plan: Plan,
        candidate: Candidate,
        now: datetime,
        expires_at: datetime,
        scheduled_at: datetime | None = None,
        extra_time_percent: int = 0,
    ) -> Outcome:
        """A new interview."""
        interview = Interview(
            interview_id=interview_id,
            tenant_id=tenant_id,
            position_id=position_id,
            plan=plan,
            candidate=candidate,
            created_at=now,
            invitation_expires_at=expires_at,
            scheduled_at=scheduled_at,
            extra_time_percent=extra_time_percent,
        )
        return Outcome(interview, (InterviewCreated(expires_at),), (), (_invitation_timer(expires_at),))

    def extend_invitation(self, interview: Interview, expires_at: datetime) -> Outcome:
        """A new link was made. An expired interview that never started may be opened again by it."""
        if interview.state not in (*BEFORE_START, State.IN_PROGRESS):
            raise Refused(f"the interview is {interview.state}: invite the candidate anew", reason="INTERVIEW_ENDED")
        return Outcome(replace(interview, invitation_expires_at=expires_at), timers=(_invitation_timer(expires_at),))

    def record_consent(self, interview: Interview, consents: Sequence[Consent], now: datetime) -> Outcome:
        """Yes or no to purposes, at any time before the erasure. What was said last already, of the same words, is no
        second row: it was sent again because its answer got lost. Raises Invalid, Refused."""
        refuse_ended(interview)
        ledger.check_applies(consents, interview.plan.mode)
        consents = ledger.news(interview.consents, consents)
        if not consents:
            return nothing(interview)
        changed = replace(interview, consents=interview.consents + tuple(consents))
        # What was seen of a face goes at once: a timer, because the streams are not in this transaction.
        gone = (Timer(TimerKind.EXPRESSIONS_REVOKED, now),) if interview.may_be_seen and not changed.may_be_seen else ()
        outcome = Outcome(changed, tuple(ConsentRecorded(consent) for consent in consents), timers=gone)
        if changed.state is State.INVITED and ledger.is_complete(changed.consents, changed.plan.mode):
            return replace(outcome, interview=replace(changed, state=State.CONSENTED))
        if not changed.may(Purpose.TRANSCRIBE):
            if changed.state in (State.CONSENTED, State.READY):
                return replace(outcome, interview=replace(changed, state=State.INVITED))
            if changed.state is State.IN_PROGRESS:
                return outcome.then(self._flow.complete(changed, now))
        return outcome

    def attach_resume(self, interview: Interview, resume: Resume) -> Outcome:
        """The résumé, until the interview starts."""
        if interview.state not in BEFORE_START:
            raise Refused("the interview has started: its questions are made from what was there", reason="STARTED")
        return Outcome(replace(interview, resume=resume))

    def mark_ready(self, interview: Interview) -> Outcome:
        """The candidate is ready."""
        if interview.state in (State.READY, State.IN_PROGRESS):
            return nothing(interview)
        if interview.state is State.INVITED:
            raise Refused(
                "answer every consent first; if your answers may not be kept, ask for an interview with a person",
                reason="CONSENT_MISSING",
            )
        refuse_unless(interview, State.CONSENTED)
        return Outcome(replace(interview, state=State.READY), (InterviewReady(),))

    def start(self, interview: Interview, now: datetime) -> Outcome:
        """Start the clock and ask the first question."""
        if interview.state is State.IN_PROGRESS:
            return nothing(interview)
        refuse_unless(interview, State.READY)
        ends_at = now + interview.full_time
        started = replace(interview, state=State.IN_PROGRESS, started_at=now, ends_at=ends_at)
        timers = (Timer(TimerKind.TIME_UP, ends_at),)
        return Outcome(started, (InterviewStarted(ends_at),), (), timers).then(self._flow.ask_next(started, now))

    def expire(self, interview: Interview, now: datetime, *, revoked: bool = False) -> Outcome:
        """The link ran out, or was withdrawn, before the start."""
        due = revoked or now >= interview.invitation_expires_at
        if interview.state not in BEFORE_START or not due:
            return nothing(interview)
        return Outcome(replace(interview, state=State.EXPIRED), (InterviewExpired(),))

    # Questions

    def question_started(self, interview: Interview, turn_id: UUID, request_id: UUID) -> Outcome:
        """question_gen has written the first piece."""
        turn = find(interview, turn_id, request_id)
        if turn is None or turn.question.state is not QuestionState.REQUESTED:
            return nothing(interview)
        question = replace(turn.question, state=QuestionState.STREAMING)
        changed = with_turn(interview, replace(turn, question=question))
        return Outcome(changed, (QuestionStarted(turn_id, request_id),))

    def question_generated(
        self, interview: Interview, turn_id: UUID, request_id: UUID, text: str, origin: Origin, now: datetime
    ) -> Outcome:
        """question_gen has a question. Too late, or for another request: nothing happens."""
        turn = find(interview, turn_id, request_id)
        if turn is None or turn.asked:
            return nothing(interview)
        question = replace(turn.question, state=QuestionState.ASKED, text=text, origin=origin, asked_at=now)
        asked = replace(turn, question=question, answer=replace(turn.answer, state=AnswerState.OPEN))
        return Outcome(with_turn(interview, asked), (QuestionAsked(turn_id, text, origin),))

    def question_overdue(self, interview: Interview, turn_id: UUID, now: datetime) -> Outcome:
        """question_gen was silent for too long: the bank's question is asked, and says so."""
        turn = next((turn for turn in interview.turns if turn.turn_id == turn_id), None)
        if turn is None:
            return nothing(interview)
        origin = Origin(Source.BANK, BankReason.TIMEOUT, turn.fallback.question_id)
        return self.question_generated(interview, turn_id, turn.question.request_id, turn.fallback.text, origin, now)

    # Answers

    def save_draft(
        self, interview: Interview, turn_id: UUID, text: str, revision: int, *, passages_seen: int | None = None
    ) -> Outcome:
        """Keep what is typed so far; an older draft than what is kept is dropped. `passages_seen` as in `Flow.close`,
        for the case that the time closes the answer before its hand does."""
        refuse_unless(interview, State.IN_PROGRESS)
        turn = interview.turn(turn_id)
        if turn.answer.given:
            raise Refused("this answer was sent already: correct its transcript instead", reason="ANSWER_SUBMITTED")
        if turn.answer.state is not AnswerState.OPEN:
            raise Refused("this question was not asked yet", reason="QUESTION_NOT_ASKED")
        if revision <= turn.answer.draft_revision:
            return nothing(interview)
        answer = replace(turn.answer, draft=text, draft_revision=revision, draft_seen=passages_seen)
        return Outcome(with_turn(interview, replace(turn, answer=answer)))

    def submit_answer(
        self,
        interview: Interview,
        turn_id: UUID,
        text: str,
        modality: Modality,
        now: datetime,
        *,
        closed_by: ClosedBy = ClosedBy.CANDIDATE,
        passages_seen: int | None = None,
    ) -> Outcome:
        """Close an answer and go on. The same text again is no change; another text is a Conflict. A spoken answer is
        what was heard; it is closed once. `passages_seen` as in `Flow.close`."""
        turn = interview.turn(turn_id)
        if turn.answer.given:
            both_spoken = modality is Modality.VOICE is turn.answer.modality
            if both_spoken or (modality is Modality.TEXT and turn.answer.original == text):
                return nothing(interview)
            raise Conflict(
                "this question was answered already, perhaps in another tab; the first answer was kept: "
                "correct its transcript if it is not what you meant",
                reason="ANSWER_SUBMITTED",
            )
        refuse_unless(interview, State.IN_PROGRESS)
        if turn.answer.state is not AnswerState.OPEN:
            raise Refused("this question was not asked yet", reason="QUESTION_NOT_ASKED")
        closed = self._flow.close(interview, turn, text, modality, now, closed_by, passages_seen)
        return closed.then(self._flow.ask_next(closed.interview, now))

    def revise_transcript(
        self, interview: Interview, turn_id: UUID, text: str, expected_revision: int, remark: str, now: datetime
    ) -> Outcome:
        """Correct an answer until the report is there; the original stays and the answer is scored anew."""
        if interview.state not in (State.IN_PROGRESS, State.COMPLETED):
            raise Refused("transcripts can be corrected until the report is made", reason="TRANSCRIPT_FROZEN")
        turn = interview.turn(turn_id)
        if not turn.answer.given:
            raise Refused("this answer was not sent yet", reason="ANSWER_OPEN")
        if turn.answer.revision != expected_revision:
            if turn.answer.revision == expected_revision + 1 and turn.answer.text == text:
                return nothing(interview)  # the same correction, sent twice
            raise Conflict(
                f"the transcript is at revision {turn.answer.revision} by now: load it again", reason="STALE_REVISION"
            )
        remarked = replace(turn, answer=replace(turn.answer, remark=remark or turn.answer.remark))
        if text == turn.answer.text:  # nothing to score anew
            return Outcome(with_turn(interview, remarked)) if remarked != turn else nothing(interview)
        # No confidence: the words are the candidate's own now.
        return self._flow.revise(interview, remarked, Revision(text, now), None, now)

    def answer_evaluated(self, interview: Interview, turn_id: UUID, evaluation: Evaluation, now: datetime) -> Outcome:
        """The evaluator has scored. For another revision, or when scores are there already, nothing happens; but a late
        result takes the place of a time-out until a person has decided."""
        turn = next((turn for turn in interview.turns if turn.turn_id == turn_id), None)
        if turn is None or turn.answer.revision != evaluation.answer_revision:
            return nothing(interview)
        if interview.state not in (State.IN_PROGRESS, State.COMPLETED, State.REPORTED):
            return nothing(interview)
        waited_for = turn.answer.state is AnswerState.SUBMITTED
        late = turn.evaluation is not None and turn.evaluation.timed_out and not evaluation.timed_out
        if not waited_for and not late:
            return nothing(interview)
        if not interview.may(Purpose.AI_SCORING):  # taken back while the model read
            evaluation = unscored(interview.competency_of(turn).rubric, turn.answer.revision, Unscored.NO_CONSENT)
        scored = self._flow.score(interview, turn, evaluation)
        return scored.then(self._flow.report(scored.interview))

    def evaluation_overdue(self, interview: Interview, turn_id: UUID, revision: int, now: datetime) -> Outcome:
        """The evaluator was silent for too long: unscored, with that reason."""
        turn = next((turn for turn in interview.turns if turn.turn_id == turn_id), None)
        if turn is None or turn.answer.state is not AnswerState.SUBMITTED or turn.answer.revision != revision:
            return nothing(interview)
        rubric = interview.competency_of(turn).rubric
        return self.answer_evaluated(interview, turn_id, unscored(rubric, revision, Unscored.TIMEOUT), now)

    # The end

    def complete(self, interview: Interview, now: datetime) -> Outcome:
        """The candidate is done. What was typed and not sent becomes the answer."""
        if interview.state in (State.COMPLETED, State.REPORTED, State.DECIDED):
            return nothing(interview)
        refuse_unless(interview, State.IN_PROGRESS)
        return self._flow.complete(interview, now)

    def time_up(self, interview: Interview, now: datetime) -> Outcome:
        """The interview's time is over. Nothing answered: it was left; else the transcript may still be read."""
        if interview.state is not State.IN_PROGRESS or interview.ends_at is None or now < interview.ends_at:
            return nothing(interview)
        if interview.asking_finished:
            return nothing(interview)  # the candidate reads the transcript already
        closed = self._flow.close_open(interview, now, ClosedBy.TIME)
        if not any(t.answer.owed or (t.answer.given and t.answer.text.strip()) for t in closed.interview.turns):
            abandoned = replace(without_unasked(closed.interview), state=State.ABANDONED, completed_at=now)
            return Outcome(abandoned, (*closed.events, InterviewAbandoned()), closed.requests, closed.timers)
        finished = replace(without_unasked(closed.interview), asking_finished=True)
        return closed.then(Outcome(finished, timers=(self._flow.review_timer(now),)))

    def review_over(self, interview: Interview, now: datetime) -> Outcome:
        """Nobody said done after the last question: the interview is completed as it is."""
        if interview.state is not State.IN_PROGRESS or not interview.asking_finished:
            return nothing(interview)
        return self._flow.complete(interview, now)

    def review(self, interview: Interview, review: Review) -> Outcome:
        """A person decides."""
        if interview.state not in REPORTABLE:
            raise Refused(f"there is no report to decide on: the interview is {interview.state}", reason="NO_REPORT")
        if review.report_version != interview.report_version:
            raise Conflict(
                f"the report is at version {interview.report_version} by now: read it again", reason="STALE_REPORT"
            )
        if not interview.settled:
            raise Refused(
                "words that came late are being scored: read the report again in a moment", reason="REPORT_PENDING"
            )
        changed = replace(interview, state=State.DECIDED, reviews=(*interview.reviews, review))
        return Outcome(changed, (ReviewSubmitted(review.decision, review.reviewer_id),))

    def erase(self, interview: Interview, receipt_id: UUID) -> Outcome:
        """Take everything out that a person said, wrote or is. What remains: ids, times, the plan, the consents."""
        if interview.state is State.ERASED:
            return nothing(interview)
        erased = replace(
            interview,
            state=State.ERASED,
            candidate=None,
            resume=None,
            turns=(),
            reviews=tuple(replace(review, reason="") for review in interview.reviews),
            requests=tuple(replace(request, text="", answer="") for request in interview.requests),
        )
        return Outcome(erased, (InterviewErased(receipt_id),))


def _invitation_timer(expires_at: datetime) -> Timer:
    return Timer(TimerKind.INVITATION_EXPIRES, expires_at)
