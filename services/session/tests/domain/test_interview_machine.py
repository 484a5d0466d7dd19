"""No sequence of commands, redeliveries and late events breaks an interview."""

import contextlib
from datetime import UTC, datetime, timedelta
from uuid import UUID

import hypothesis.strategies as st
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from viva_core.errors import Conflict, Refused
from viva_session.domain.bank import load_bank
from viva_session.domain.consent import Consent, Purpose
from viva_session.domain.evaluation import CriterionScore, Evaluation, ModelRef, Quote
from viva_session.domain.flow import Flow, Patience
from viva_session.domain.hearing import Hearing
from viva_session.domain.interview import ENDED, Candidate, Interview, Outcome, State
from viva_session.domain.line import Line
from viva_session.domain.outcome import AskQuestion, ScoreAnswer, Timer, TimerKind
from viva_session.domain.position import Plan, PlannedCompetency
from viva_session.domain.review import Decision, Review
from viva_session.domain.rubric import Criterion, Rubric
from viva_session.domain.rules import Rules
from viva_session.domain.turn import (
    AnswerState,
    Gap,
    Modality,
    Origin,
    QuestionState,
    Source,
    SpokenWord,
    Turn,
    Utterance,
)
from viva_testkit.plans import plan_of

BANK = load_bank()
START = datetime(2026, 1, 5, 9, tzinfo=UTC)
ORDER = [
    State.INVITED,
    State.CONSENTED,
    State.READY,
    State.IN_PROGRESS,
    State.COMPLETED,
    State.REPORTED,
    State.DECIDED,
]
ANSWERS = [
    "",
    "I don't know.",
    "Short.",
    "When I joined in 2021 I led the migration of the ledger to partitioned tables, measured every step, rolled it out "
    "behind a flag and as a result the nightly batch fell from 40 minutes to 6 while nobody noticed.",
]

SPOKEN = ["I led the migration", "and the batch fell to 6 minutes", "uh"]

NEWEST_MOSTLY = st.sampled_from([0, 0, 0, 0, 1, 2, 7])
"""Counted from the newest: most of what comes is new, some of it is late."""


def plan() -> Plan:
    rubrics = [
        Rubric(UUID(int=n), 1, tuple(Criterion(f"c{k}", f"C{k}", "", 50, ("a",) * 5) for k in (1, 2))) for n in (1, 2)
    ]
    competencies = tuple(
        PlannedCompetency(name, name.title(), "", weight, rubric)
        for name, weight, rubric in zip(("system_design", "ownership"), (60, 40), rubrics, strict=True)
    )
    return plan_of(*competencies, duration=timedelta(minutes=20), max_questions=6)


def utterance(turn: Turn, at: int, words: str) -> Utterance:
    """The passage that begins ten seconds after the one before."""
    spoken = tuple(SpokenWord(word, 10.0 * at + n, 10.0 * at + n + 0.5, 0.9) for n, word in enumerate(words.split()))
    return Utterance(UUID(int=turn.turn_id.int * 10 + at), spoken, ModelRef("moonshine", "onnx", "", False))


def evaluation_of(turn: Turn, revision: int, *, quoted: bool) -> Evaluation:
    text = turn.answer.revisions[revision - 1].text[:20]
    quote = Quote(text, 0, len(text)) if quoted and text.strip() else Quote("never said", 0, 10)
    scores = tuple(CriterionScore(f"c{k}", 50, 4, None, (quote,), "because") for k in (1, 2))
    return Evaluation(revision, scores, UUID(int=1), 1, "0" * 64)


def fire(rules: Rules, hearing: Hearing, interview: Interview, timer: Timer, now: datetime) -> Outcome:
    """What a timer leads to."""
    turn_id = timer.turn_id or UUID(int=0)
    match timer.kind:
        case TimerKind.INVITATION_EXPIRES:
            return rules.expire(interview, now)
        case TimerKind.QUESTION_OVERDUE:
            return rules.question_overdue(interview, turn_id, now)
        case TimerKind.EVALUATION_OVERDUE:
            return rules.evaluation_overdue(interview, turn_id, timer.revision, now)
        case TimerKind.SPEECH_OVERDUE:
            return hearing.speech_overdue(interview, turn_id, timer.revision, now)
        case TimerKind.TIME_UP:
            return rules.time_up(interview, now)
        case TimerKind.REVIEW_OVER:
            return rules.review_over(interview, now)


def run_out(rules: Rules, hearing: Hearing, interview: Interview, timers: list[Timer], now: datetime) -> Interview:
    """Let every timer fire, in time's order, until none is left."""
    waiting = list(timers)
    while waiting:
        waiting.sort(key=lambda timer: timer.due_at)
        timer = waiting.pop(0)
        now = max(now, timer.due_at)
        outcome = fire(rules, hearing, interview, timer, now)
        interview = outcome.interview
        waiting += outcome.timers
    return interview


class InterviewMachine(RuleBasedStateMachine):
    """Drives one interview with everything that people, workers and clocks can do, in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.now = START
        self.ids = 1000
        flow = Flow(BANK, Patience(), self.new_id)
        self.rules, self.hearing = Rules(flow), Hearing(flow)
        self.visited: list[State] = []
        self.originals: dict[UUID, str] = {}
        self.asked: list[AskQuestion] = []
        self.to_score: list[ScoreAnswer] = []
        self.timers: list[Timer] = []
        self.interview: Interview

    def new_id(self) -> UUID:
        self.ids += 1
        return UUID(int=self.ids)

    def take(self, outcome: Outcome) -> None:
        """Go on with an outcome, and hold it against what must always be true of one."""
        before = getattr(self, "interview", None)
        if not outcome.changed:
            assert outcome.interview == before
            assert outcome.events == outcome.requests == outcome.timers == ()
        if before is not None and before.state in ENDED:
            assert outcome.interview.state in (before.state, State.ERASED)
        self.interview = outcome.interview
        self.asked += [r for r in outcome.requests if isinstance(r, AskQuestion)]
        self.to_score += [r for r in outcome.requests if isinstance(r, ScoreAnswer)]
        self.timers += outcome.timers
        if not self.visited or self.visited[-1] is not self.interview.state:
            self.visited.append(self.interview.state)

    @initialize(begun=st.sampled_from([True, True, True, False]), scoring=st.sampled_from([True, True, True, False]))
    def invite(self, begun: bool, scoring: bool) -> None:
        """Most runs start where it gets interesting: with the interview begun."""
        expires_at = self.now + timedelta(days=2)
        self.take(
            self.rules.invite(
                interview_id=UUID(int=1),
                tenant_id=UUID(int=2),
                position_id=UUID(int=3),
                plan=plan(),
                candidate=Candidate("Kim", "kim@example.com"),
                now=self.now,
                expires_at=expires_at,
            )
        )
        if begun:
            self.consent(transcribe=True, scoring=scoring, whole=True)
            self.ready_and_start()

    @rule(minutes=st.integers(0, 3))
    def time_passes(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @rule(transcribe=st.booleans(), scoring=st.booleans(), whole=st.booleans())
    def consent(self, transcribe: bool, scoring: bool, whole: bool) -> None:
        # Withdrawing the consent to keep answers ends an interview that runs; that is rare in life, and here.
        transcribe = transcribe or self.interview.state is State.IN_PROGRESS
        rows = [Consent(Purpose.TRANSCRIBE, transcribe, "1", self.now)]
        if whole:
            rows += [
                Consent(Purpose.RECORD, False, "1", self.now),
                Consent(Purpose.AI_SCORING, scoring, "1", self.now),
            ]
        try:
            self.take(self.rules.record_consent(self.interview, rows, self.now))
        except Refused:
            assert self.interview.state in ENDED

    @rule()
    def ready_and_start(self) -> None:
        try:
            self.take(self.rules.mark_ready(self.interview))
            self.take(self.rules.start(self.interview, self.now))
        except Refused:
            assert self.interview.state not in (State.CONSENTED, State.READY)

    @precondition(lambda self: self.asked)
    @rule(which=NEWEST_MOSTLY, started=st.booleans())
    def question_comes(self, which: int, started: bool) -> None:
        """Any question that was ever asked for, now or again."""
        request = self.asked[-1 - which % len(self.asked)]
        if started:
            self.take(self.rules.question_started(self.interview, request.turn_id, request.request_id))
        text = f"What about {request.turn_id}?"
        self.take(
            self.rules.question_generated(
                self.interview, request.turn_id, request.request_id, text, Origin(Source.MODEL), self.now
            )
        )

    @precondition(lambda self: self.interview.turns)
    @rule(which=NEWEST_MOSTLY, text=st.sampled_from(ANSWERS))
    def answer(self, which: int, text: str) -> None:
        """Any turn, from any tab."""
        turn = self.interview.turns[-1 - which % len(self.interview.turns)]
        try:
            self.take(self.rules.submit_answer(self.interview, turn.turn_id, text, Modality.TEXT, self.now))
        except Conflict:
            assert turn.answer.given
            assert turn.answer.original != text
        except Refused:
            assert turn.answer.state is not AnswerState.OPEN or self.interview.state is not State.IN_PROGRESS

    @precondition(lambda self: self.interview.turns)
    @rule(which=NEWEST_MOSTLY, at=st.integers(0, 4), words=st.sampled_from(SPOKEN))
    def passage_is_heard(self, which: int, at: int, words: str) -> None:
        """Any passage of any answer, in any order, now or again; heard anew after a crash it may read differently."""
        turn = self.interview.turns[-1 - which % len(self.interview.turns)]
        before = turn.answer
        self.take(self.hearing.heard(self.interview, turn.turn_id, utterance(turn, at, words), self.now))
        after = self.interview.turn(turn.turn_id).answer
        if before.given and not before.by_ear:
            assert after.text.startswith(before.text.rstrip()), "the hand counts"
            if not before.takes_late_words:
                assert (after.text, after.state) == (before.text, before.state), "the last word is the hand's"
        if self.interview.state in (State.DECIDED, State.ABANDONED):
            assert (after.text, after.state) == (before.text, before.state), "kept beside what was decided on"
        elif after.given and after.by_ear and after.heard != before.heard:
            assert after.text == after.spoken
        elif after.given and before.takes_late_words and len(after.heard) > len(before.heard):
            assert after.text.endswith(words), "nothing spoken vanishes from an answer that ends as text"

    @precondition(lambda self: self.interview.turns)
    @rule(which=NEWEST_MOSTLY, at=st.integers(0, 4))
    def passage_is_missed(self, which: int, at: int) -> None:
        turn = self.interview.turns[-1 - which % len(self.interview.turns)]
        self.take(self.hearing.missed(self.interview, turn.turn_id, Gap(10.0 * at, 10.0 * at + 2, "ENGINE_AWAY")))

    @precondition(lambda self: self.interview.turns)
    @rule(which=NEWEST_MOSTLY, loss=st.sampled_from([0.0, 0.1]))
    def line_is_measured(self, which: int, loss: float) -> None:
        turn = self.interview.turns[-1 - which % len(self.interview.turns)]
        self.take(self.hearing.line_measured(self.interview, turn.turn_id, Line(loss, 5.0, 40.0, 0.0, -25.0), self.now))

    @precondition(lambda self: self.interview.turns)
    @rule(which=NEWEST_MOSTLY, silent=st.booleans())
    def speaker_stops(self, which: int, silent: bool) -> None:
        """By a silence, or by saying so."""
        turn = self.interview.turns[-1 - which % len(self.interview.turns)]
        if silent:
            self.take(self.hearing.fell_silent(self.interview, turn.turn_id, self.now))
            return
        with contextlib.suppress(Refused, Conflict):
            self.take(self.rules.submit_answer(self.interview, turn.turn_id, "", Modality.VOICE, self.now))

    @precondition(lambda self: self.interview.turns)
    @rule(
        which=NEWEST_MOSTLY,
        revision=st.integers(1, 4),
        text=st.sampled_from(ANSWERS),
        seen=st.one_of(st.none(), st.integers(0, 3)),
    )
    def draft(self, which: int, revision: int, text: str, seen: int | None) -> None:
        turn = self.interview.turns[-1 - which % len(self.interview.turns)]
        try:
            self.take(self.rules.save_draft(self.interview, turn.turn_id, text, revision, passages_seen=seen))
        except Refused:
            assert turn.answer.state is not AnswerState.OPEN or self.interview.state is not State.IN_PROGRESS

    @precondition(lambda self: self.interview.turns)
    @rule(which=NEWEST_MOSTLY, expected=st.integers(1, 3))
    def revise(self, which: int, expected: int) -> None:
        turn = self.interview.turns[-1 - which % len(self.interview.turns)]
        with contextlib.suppress(Refused, Conflict):
            self.take(
                self.rules.revise_transcript(self.interview, turn.turn_id, "Corrected by me.", expected, "", self.now)
            )

    @precondition(lambda self: self.to_score)
    @rule(which=NEWEST_MOSTLY, quoted=st.booleans())
    def score_comes(self, which: int, quoted: bool) -> None:
        """Any score that was ever asked for, now or again."""
        request = self.to_score[-1 - which % len(self.to_score)]
        turn = next((t for t in self.interview.turns if t.turn_id == request.turn_id), None)
        if turn is None:
            return  # erased
        scored = evaluation_of(turn, request.revision, quoted=quoted)
        self.take(self.rules.answer_evaluated(self.interview, turn.turn_id, scored, self.now))

    @precondition(lambda self: self.timers)
    @rule(which=st.integers(0, 50))
    def timer_fires(self, which: int) -> None:
        """Any timer that was ever set, at or after its time, more than once."""
        timer = self.timers[which % len(self.timers)]
        if timer.due_at - self.now > timedelta(minutes=which):
            return  # most that is far away is left for later, or nothing else would ever happen
        self.now = max(self.now, timer.due_at)
        self.take(fire(self.rules, self.hearing, self.interview, timer, self.now))

    @rule(really=st.integers(0, 4))
    def complete(self, really: int) -> None:
        if really:
            return
        try:
            self.take(self.rules.complete(self.interview, self.now))
        except Refused:
            assert self.interview.state in (*ENDED, State.INVITED, State.CONSENTED, State.READY)

    @rule(version=st.integers(1, 2))
    def review(self, version: int) -> None:
        review = Review(self.new_id(), "r", "Kim", Decision.ADVANCE, "a good reason", version, self.now)
        try:
            self.take(self.rules.review(self.interview, review))
        except Refused:
            reported = self.interview.state in (State.REPORTED, State.DECIDED)
            assert not reported or not self.interview.settled, "nobody decides while late words are scored"
        except Conflict:
            assert version != self.interview.report_version

    @rule(really=st.integers(0, 60))
    def erase(self, really: int) -> None:
        if really == 0:
            self.take(self.rules.erase(self.interview, self.new_id()))

    @invariant()
    def at_most_one_question_is_under_way(self) -> None:
        waiting = [
            turn
            for turn in self.interview.turns
            if turn.answer.state is AnswerState.OPEN or turn.question.state is not QuestionState.ASKED
        ]
        assert len(waiting) <= 1

    @invariant()
    def no_answer_is_ever_lost(self) -> None:
        for turn in self.interview.turns:
            if turn.answer.given:
                assert self.originals.setdefault(turn.turn_id, turn.answer.original) == turn.answer.original
        if self.interview.state is not State.ERASED:
            assert self.originals.keys() <= {turn.turn_id for turn in self.interview.turns}

    @invariant()
    def states_come_in_order_and_once(self) -> None:
        path = [state for state in self.visited if state in ORDER]
        begun = [state for state in path if ORDER.index(state) >= ORDER.index(State.IN_PROGRESS)]
        assert begun == sorted(set(begun), key=ORDER.index)

    @invariant()
    def scores_rest_on_words_that_were_said(self) -> None:
        for turn in self.interview.turns:
            for score in turn.evaluation.scores if turn.evaluation is not None else ():
                assert (score.score is None) == (score.unscored is not None)
                if score.score is not None:
                    assert any(quote.stands_in(turn.answer.text) for quote in score.quotes)

    @invariant()
    def a_report_means_that_everything_was_settled(self) -> None:
        """Words that come after it are scored beside it; a decision waits for them."""
        if self.interview.state in (State.REPORTED, State.DECIDED):
            assert self.interview.report_version >= 1
        if self.interview.state is State.DECIDED:
            assert self.interview.settled

    @invariant()
    def a_topic_has_at_most_two_follow_ups(self) -> None:
        in_a_row = 0
        for turn in self.interview.turns:
            in_a_row = in_a_row + 1 if turn.follow_up is not None else 0
            assert in_a_row <= 2

    def teardown(self) -> None:
        """Whatever happened: when nobody does anything any more, the clocks bring it to an end."""
        begun = (State.IN_PROGRESS, State.COMPLETED, State.REPORTED)
        if getattr(self, "interview", None) is not None and self.interview.state in begun:
            end = run_out(self.rules, self.hearing, self.interview, self.timers, self.now)
            assert end.state in (State.REPORTED, State.ABANDONED)
            assert all(turn.settled for turn in end.turns)


InterviewMachine.TestCase.settings = settings(max_examples=200, stateful_step_count=50, deadline=None)
test_interview_machine = InterviewMachine.TestCase
test_interview_machine.__name__ = "TestInterviewMachine"
