"""What follows by itself: the next question, the evaluator's turn, the report."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from viva_session.domain import planner
from viva_session.domain.bank import Bank
from viva_session.domain.changes import nothing, with_turn, without_unasked
from viva_session.domain.consent import Purpose
from viva_session.domain.evaluation import Evaluation, Unscored, unscored, verified
from viva_session.domain.interview import Interview, Outcome, State
from viva_session.domain.outcome import (
    AnswerScored,
    AnswerSubmitted,
    AskQuestion,
    InterviewCompleted,
    QuestionRequested,
    ReportReady,
    ScoreAnswer,
    Timer,
    TimerKind,
    TranscriptRevised,
)
from viva_session.domain.turn import (
    AnswerState,
    ClosedBy,
    Fallback,
    Modality,
    Question,
    QuestionState,
    Revision,
    Turn,
    with_late,
)

NewId = Callable[[], UUID]


@dataclass(frozen=True)
class Patience:
    """How long is waited for whom, set by the platform team."""

    question: timedelta = timedelta(seconds=20)
    """For question_gen, before the bank's question is asked."""
    evaluation: timedelta = timedelta(seconds=120)
    """For the evaluator, before an answer is left unscored."""
    speech: timedelta = timedelta(seconds=120)
    """For the first words of a spoken answer that was closed before any came, before it counts as empty."""
    review: timedelta = timedelta(minutes=15)
    """For the candidate to read the transcript after the last answer."""


class Flow:
    """Carries an interview on. Holds what is the same for all of them: the bank, the patience, where ids come from."""

    def __init__(self, bank: Bank, patience: Patience, new_id: NewId) -> None:
        self._bank = bank
        self._patience = patience
        self._new_id = new_id

    def ask_next(self, interview: Interview, now: datetime) -> Outcome:
        """The next question, or the end of asking."""
        step = planner.next_step(interview.plan, interview.turns, interview.time_left(now))
        if step is None:
            return Outcome(replace(interview, asking_finished=True), timers=(self.review_timer(now),))
        number = len(interview.turns) + 1
        seed = planner.seed_of(interview.interview_id, number)
        fallback: Fallback = planner.fallback_for(self._bank, interview.plan, step, interview.turns, seed)
        turn_id, request_id = self._new_id(), self._new_id()
        turn = Turn(
            turn_id=turn_id,
            number=number,
            competency_id=step.competency_id,
            intent=step.intent,
            follow_up=step.follow_up,
            fallback=fallback,
            question=Question(QuestionState.REQUESTED, request_id, now),
        )
        return Outcome(
            replace(interview, turns=(*interview.turns, turn)),
            (QuestionRequested(turn_id, number, step.competency_id, step.intent, step.follow_up),),
            (AskQuestion(turn_id, request_id),),
            (Timer(TimerKind.QUESTION_OVERDUE, now + self._patience.question, turn_id),),
        )

    def close(
        self,
        interview: Interview,
        turn: Turn,
        text: str,
        modality: Modality,
        now: datetime,
        closed_by: ClosedBy,
        passages_seen: int | None = None,
    ) -> Outcome:
        """Take an answer. A spoken one is what was heard so far, and what is written down later is added then; a text
        that came with it counts where nothing was heard. Nothing typed and nothing heard is nobody's hand either:
        what is heard of it later counts. `passages_seen`: how many passages, as they came, whoever typed the text had
        seen; the rest is added to it. None: all."""
        spoken = modality is Modality.VOICE and bool(turn.answer.heard or not text.strip())
        nothing_yet = not text.strip() and not turn.answer.heard
        answer = replace(
            turn.answer,
            state=AnswerState.SUBMITTED,
            revisions=(Revision(turn.answer.spoken if spoken else text, now, heard=spoken or nothing_yet),),
            modality=modality,
            closed_by=closed_by,
            draft="",
            submitted_at=now,
            confidence=turn.answer.spoken_confidence if spoken else None,
        )
        closed = replace(turn, answer=answer)
        outcome = Outcome(with_turn(interview, closed), (AnswerSubmitted(turn.turn_id, modality, closed_by),))
        unseen = () if answer.by_ear or passages_seen is None else answer.heard[passages_seen:]
        if any(passage.text for passage in unseen):
            # Before anybody is asked to score: nobody is told of a text that is not whole.
            revisions = (*answer.revisions, with_late(text, unseen, now))
            closed = replace(closed, answer=replace(answer, revisions=revisions))
            revised = TranscriptRevised(turn.turn_id, closed.answer.revision)
            outcome = outcome.then(Outcome(with_turn(interview, closed), (revised,)))
        return outcome.then(self.evaluate(outcome.interview, closed, now))

    def revise(
        self, interview: Interview, turn: Turn, revision: Revision, confidence: float | None, now: datetime
    ) -> Outcome:
        """Another text for an answer that was closed: it is scored anew."""
        revisions = (*turn.answer.revisions, revision)
        answer = replace(turn.answer, state=AnswerState.SUBMITTED, revisions=revisions, confidence=confidence)
        revised = replace(turn, answer=answer, evaluation=None)
        outcome = Outcome(with_turn(interview, revised), (TranscriptRevised(turn.turn_id, answer.revision),))
        return outcome.then(self.evaluate(outcome.interview, revised, now))

    def close_open(self, interview: Interview, now: datetime, closed_by: ClosedBy) -> Outcome:
        """Close the open answer, if there is one, with what was typed so far and what its page had not seen
        of the rest, or else with what was heard."""
        turn = interview.open_turn
        if turn is None:
            return nothing(interview)
        answer = turn.answer
        spoken = bool(answer.heard) and not answer.typed_so_far
        modality = Modality.VOICE if spoken else Modality.TEXT
        return self.close(interview, turn, answer.draft, modality, now, closed_by, answer.draft_seen)

    def evaluate(self, interview: Interview, turn: Turn, now: datetime) -> Outcome:
        """Ask the evaluator, or say at once why it is not asked. Of speech that is owed nothing is said yet."""
        if turn.answer.owed and interview.may(Purpose.TRANSCRIBE):
            due = now + self._patience.speech
            return Outcome(
                interview, timers=(Timer(TimerKind.SPEECH_OVERDUE, due, turn.turn_id, turn.answer.revision),)
            )
        return self.judge(interview, turn, now)

    def judge(self, interview: Interview, turn: Turn, now: datetime) -> Outcome:
        """As `evaluate`, of the words that are there."""
        revision = turn.answer.revision
        rubric = interview.competency_of(turn).rubric
        if not interview.may(Purpose.AI_SCORING):
            return self.score(interview, turn, unscored(rubric, revision, Unscored.NO_CONSENT))
        if not turn.answer.text.strip():
            return self.score(interview, turn, unscored(rubric, revision, Unscored.EMPTY_ANSWER))
        due = Timer(TimerKind.EVALUATION_OVERDUE, now + self._patience.evaluation, turn.turn_id, revision)
        return Outcome(interview, (), (ScoreAnswer(turn.turn_id, self._new_id(), revision),), (due,))

    def score(self, interview: Interview, turn: Turn, evaluation: Evaluation) -> Outcome:
        """Take the scores in, as far as answer and rubric bear them out."""
        checked = verified(evaluation, interview.competency_of(turn).rubric, turn.answer.text)
        state = AnswerState.EVALUATED if checked.scored else AnswerState.UNSCORED
        scored = replace(turn, answer=replace(turn.answer, state=state), evaluation=checked)
        return Outcome(with_turn(interview, scored), (AnswerScored(turn.turn_id, checked),))

    def complete(self, interview: Interview, now: datetime) -> Outcome:
        """The end of the interview; what is open is closed."""
        closed = self.close_open(interview, now, ClosedBy.CANDIDATE)
        completed = replace(
            without_unasked(closed.interview), state=State.COMPLETED, completed_at=now, asking_finished=True
        )
        outcome = closed.then(Outcome(completed, (InterviewCompleted(),)))
        return outcome.then(self.report(completed))

    def report(self, interview: Interview) -> Outcome:
        """The report, once nothing is to come any more. Of one that is out, another version: nobody may decide on what
        was read before; it is told of once what came late is scored."""
        if interview.state not in (State.COMPLETED, State.REPORTED):
            return nothing(interview)
        if interview.state is State.COMPLETED and not interview.settled:
            return nothing(interview)
        version = interview.report_version + 1
        reported = replace(interview, state=State.REPORTED, report_version=version)
        return Outcome(reported, (ReportReady(version),) if interview.settled else ())

    def review_timer(self, now: datetime) -> Timer:
        """When reading the transcript is over."""
        return Timer(TimerKind.REVIEW_OVER, now + self._patience.review)
