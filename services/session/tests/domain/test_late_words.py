"""The engine was away: words and gaps come late, in each state that an interview can be in by then."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from viva_core.errors import Conflict, Refused
from viva_session.domain.bank import load_bank
from viva_session.domain.consent import Consent, Purpose, purposes_of
from viva_session.domain.evaluation import CriterionScore, Evaluation, ModelRef, Quote, Unscored
from viva_session.domain.flow import Flow, Patience
from viva_session.domain.hearing import Hearing
from viva_session.domain.interview import Candidate, Interview, Outcome, State
from viva_session.domain.line import Line, LineFault
from viva_session.domain.outcome import AskQuestion, ReportReady, ScoreAnswer, Timer, TimerKind
from viva_session.domain.review import Decision, Review
from viva_session.domain.rules import Rules
from viva_session.domain.turn import Answer, AnswerState, Gap, Modality, Origin, Source, SpokenWord, Turn, Utterance
from viva_testkit.plans import plan_of, planned

START = datetime(2026, 1, 5, 9, tzinfo=UTC)
BANK = load_bank()
WORDS = "I led the migration of the ledger"
GOOD = Line(loss=0.001, jitter_ms=4.0, round_trip_ms=30.0, clipping=0.0, level_dbfs=-24.0)
BAD = Line(loss=0.08, jitter_ms=70.0, round_trip_ms=300.0, clipping=0.01, level_dbfs=-52.0)
SILENT = replace(GOOD, level_dbfs=-100.0)
GAP = Gap(7.0, 9.0, "ENGINE_AWAY")


def counted() -> Callable[[], UUID]:
    def ids() -> Iterator[UUID]:
        number = 0
        while True:
            number += 1
            yield UUID(int=number)

    made = ids()
    return lambda: next(made)


@dataclass
class Spoken:
    """An interview of one question, and what its commands led to since it was asked."""

    interview: Interview
    flow: Flow
    now: datetime = START
    asked: list[AskQuestion] = field(default_factory=list)
    to_score: list[ScoreAnswer] = field(default_factory=list)
    timers: list[Timer] = field(default_factory=list)
    reports: list[int] = field(default_factory=list)

    @property
    def rules(self) -> Rules:
        return Rules(self.flow)

    @property
    def hearing(self) -> Hearing:
        return Hearing(self.flow)

    @property
    def turn(self) -> Turn:
        return self.interview.turns[0]

    @property
    def answer(self) -> Answer:
        return self.turn.answer

    def take(self, outcome: Outcome) -> None:
        self.interview = outcome.interview
        self.asked += [one for one in outcome.requests if isinstance(one, AskQuestion)]
        self.to_score += [one for one in outcome.requests if isinstance(one, ScoreAnswer)]
        self.timers += outcome.timers
        self.reports += [event.version for event in outcome.events if isinstance(event, ReportReady)]

    def done(self, modality: Modality = Modality.VOICE) -> None:
        self.take(self.rules.submit_answer(self.interview, self.turn.turn_id, "", modality, self.now))

    def complete(self) -> None:
        self.take(self.rules.complete(self.interview, self.now))

    def hear(self, text: str = WORDS, at: float = 0.0) -> None:
        spoken = tuple(SpokenWord(word, at + n, at + n + 0.5, 0.9) for n, word in enumerate(text.split()))
        passage = Utterance(UUID(int=int(at) + 1), spoken, ModelRef("moonshine", "onnx", "", False))
        self.take(self.hearing.heard(self.interview, self.turn.turn_id, passage, self.now))

    def miss(self) -> None:
        self.take(self.hearing.missed(self.interview, self.turn.turn_id, GAP))

    def measure(self, line: Line) -> None:
        self.take(self.hearing.line_measured(self.interview, self.turn.turn_id, line, self.now))

    def score(self) -> None:
        request = self.to_score[-1]
        text = self.answer.text[:10]
        score = CriterionScore("c0", 100, 4, None, (Quote(text, 0, len(text)),), "because")
        evaluation = Evaluation(request.revision, (score,), UUID(int=1), 1, "0" * 64)
        self.take(self.rules.answer_evaluated(self.interview, request.turn_id, evaluation, self.now))

    def fire(self, kind: TimerKind) -> None:
        timer = next(timer for timer in reversed(self.timers) if timer.kind is kind)
        self.now = max(self.now, timer.due_at)
        assert timer.turn_id is not None
        self.take(self.hearing.speech_overdue(self.interview, timer.turn_id, timer.revision, self.now))

    def decide(self, version: int) -> None:
        review = Review(UUID(int=9), "r", "Kim", Decision.ADVANCE, "a good reason", version, self.now)
        self.take(self.rules.review(self.interview, review))


@pytest.fixture
def spoken() -> Spoken:
    """A question was put, and the candidate speaks."""
    flow = Flow(BANK, Patience(), counted())
    rules = Rules(flow)
    plan = plan_of(planned(0, 100), max_questions=1)
    interview = rules.invite(
        interview_id=UUID(int=101),
        tenant_id=UUID(int=102),
        position_id=UUID(int=103),
        plan=plan,
        candidate=Candidate("Minsu Kim", "minsu@example.com"),
        now=START,
        expires_at=START + timedelta(days=1),
    ).interview
    yes = [Consent(purpose, True, "1", START) for purpose in purposes_of(plan.mode)]
    interview = rules.mark_ready(rules.record_consent(interview, yes, START).interview).interview
    held = Spoken(interview, flow)
    held.take(rules.start(interview, START))
    [request] = held.asked
    held.take(
        rules.question_generated(
            held.interview, request.turn_id, request.request_id, "What did you do?", Origin(Source.MODEL), START
        )
    )
    held.timers.clear()
    return held


def test_no_report_is_made_while_the_words_of_a_spoken_answer_are_owed(spoken: Spoken) -> None:
    spoken.done()
    spoken.complete()
    assert spoken.interview.state is State.COMPLETED
    assert spoken.answer.state is AnswerState.SUBMITTED
    spoken.hear()
    assert spoken.interview.state is State.COMPLETED
    spoken.score()
    assert spoken.interview.state is State.REPORTED
    assert spoken.answer.text == WORDS
    assert spoken.reports == [1]


def test_the_wait_for_words_has_an_end(spoken: Spoken) -> None:
    spoken.done()
    spoken.complete()
    spoken.fire(TimerKind.SPEECH_OVERDUE)
    assert spoken.interview.state is State.REPORTED
    assert spoken.turn.evaluation is not None
    assert {score.unscored for score in spoken.turn.evaluation.scores} == {Unscored.EMPTY_ANSWER}


def test_media_that_owes_nothing_ends_the_wait_for_words(spoken: Spoken) -> None:
    spoken.done()
    spoken.complete()
    spoken.measure(GOOD)
    assert spoken.interview.state is State.REPORTED
    assert spoken.answer.line == GOOD
    assert spoken.turn.evaluation is not None
    assert {score.unscored for score in spoken.turn.evaluation.scores} == {Unscored.EMPTY_ANSWER}


def test_the_line_of_an_answer_is_in_the_report_also_when_it_comes_late(spoken: Spoken) -> None:
    spoken.hear()
    spoken.done()
    spoken.complete()
    spoken.score()
    spoken.measure(BAD)
    assert spoken.answer.line == BAD
    assert spoken.reports == [1, 2]
    spoken.measure(BAD)  # told twice
    assert spoken.reports == [1, 2]


def test_media_that_heard_nobody_ends_the_wait_at_once_and_the_report_says_so(spoken: Spoken) -> None:
    spoken.done()
    spoken.complete()
    spoken.measure(SILENT)
    assert spoken.interview.state is State.REPORTED
    assert spoken.answer.spoken_line == SILENT


def test_a_microphone_that_nobody_spoke_into_is_no_fault_of_a_typed_answer(spoken: Spoken) -> None:
    spoken.take(spoken.rules.submit_answer(spoken.interview, spoken.turn.turn_id, WORDS, Modality.TEXT, spoken.now))
    spoken.complete()
    spoken.score()
    spoken.measure(SILENT)
    assert spoken.answer.spoken_line is None
    assert spoken.reports == [1]


def test_a_click_of_the_keys_makes_no_line_of_a_typed_answer(spoken: Spoken) -> None:
    spoken.measure(BAD)
    spoken.take(spoken.rules.submit_answer(spoken.interview, spoken.turn.turn_id, WORDS, Modality.TEXT, spoken.now))
    assert spoken.answer.spoken_line is None


def test_a_line_measured_before_the_answer_was_typed_is_no_fault_of_it_either(spoken: Spoken) -> None:
    spoken.measure(SILENT)
    spoken.take(spoken.rules.submit_answer(spoken.interview, spoken.turn.turn_id, WORDS, Modality.TEXT, spoken.now))
    assert spoken.answer.spoken_line is None


def test_a_process_that_took_over_after_the_last_word_does_not_make_the_answer_silent(spoken: Spoken) -> None:
    spoken.hear()
    spoken.done()
    spoken.complete()
    spoken.score()
    spoken.measure(SILENT)
    assert spoken.answer.spoken_line is None
    assert spoken.reports == [1]


def test_the_line_changes_no_decision(spoken: Spoken) -> None:
    spoken.hear()
    spoken.done()
    spoken.complete()
    spoken.score()
    spoken.decide(1)
    spoken.measure(BAD)
    assert spoken.answer.line == BAD
    assert (spoken.interview.state, spoken.interview.report_version) == (State.DECIDED, 1)


def test_a_bad_line_says_what_was_wrong_with_it() -> None:
    assert GOOD.faults == ()
    assert BAD.faults == (LineFault.TOO_QUIET, LineFault.CLIPPING, LineFault.LOSS, LineFault.JITTER)
    assert replace(GOOD, level_dbfs=-100.0).faults == (LineFault.SILENT,)


def test_a_sentence_that_was_too_quiet_is_a_fault_though_the_rest_was_loud() -> None:
    assert replace(GOOD, too_quiet=4.0).faults == ()
    assert replace(GOOD, too_quiet=6.0).faults == (LineFault.TOO_QUIET,)


def test_the_end_of_the_wait_means_nothing_once_words_came(spoken: Spoken) -> None:
    spoken.done()
    spoken.hear()
    spoken.fire(TimerKind.SPEECH_OVERDUE)
    assert spoken.answer.state is AnswerState.SUBMITTED
    assert spoken.turn.evaluation is None


def test_words_that_come_when_the_report_is_out_make_another_version_of_it(spoken: Spoken) -> None:
    spoken.done()
    spoken.complete()
    spoken.fire(TimerKind.SPEECH_OVERDUE)
    spoken.hear()
    assert spoken.interview.state is State.REPORTED
    assert spoken.answer.text == WORDS
    assert spoken.reports == [1], "told of only once the words are scored"
    spoken.score()
    assert spoken.answer.state is AnswerState.EVALUATED
    assert spoken.reports == [1, spoken.interview.report_version]


def test_the_rest_of_an_answer_makes_another_version_too(spoken: Spoken) -> None:
    spoken.hear()
    spoken.done()
    spoken.complete()
    spoken.score()
    assert spoken.interview.report_version == 1
    spoken.hear("and the batch fell to six minutes", at=20)
    spoken.score()
    assert spoken.answer.text == f"{WORDS} and the batch fell to six minutes"
    assert spoken.reports[-1] == spoken.interview.report_version > 1


def test_nobody_decides_on_words_that_are_not_scored_yet(spoken: Spoken) -> None:
    spoken.done()
    spoken.complete()
    spoken.fire(TimerKind.SPEECH_OVERDUE)
    spoken.hear()
    with pytest.raises(Conflict, match="read it again"):
        spoken.decide(1)
    with pytest.raises(Refused, match="being scored"):
        spoken.decide(spoken.interview.report_version)
    spoken.score()
    spoken.decide(spoken.interview.report_version)
    assert spoken.interview.state is State.DECIDED


def test_without_consent_to_scoring_late_words_are_in_the_report_all_the_same(spoken: Spoken) -> None:
    no = Consent(Purpose.AI_SCORING, False, "1", START)
    spoken.take(spoken.rules.record_consent(spoken.interview, [no], START))
    spoken.done()
    spoken.complete()
    spoken.fire(TimerKind.SPEECH_OVERDUE)
    spoken.hear()
    assert spoken.answer.text == WORDS
    assert spoken.reports == [1, 2]
    assert not spoken.to_score


def test_without_consent_to_scoring_the_report_comes_with_the_words(spoken: Spoken) -> None:
    no = Consent(Purpose.AI_SCORING, False, "1", START)
    spoken.take(spoken.rules.record_consent(spoken.interview, [no], START))
    spoken.done()
    spoken.complete()
    assert spoken.interview.state is State.COMPLETED
    spoken.hear()
    assert spoken.interview.state is State.REPORTED


def test_a_gap_that_is_told_of_late_is_in_another_version_of_the_report(spoken: Spoken) -> None:
    spoken.hear()
    spoken.done()
    spoken.complete()
    spoken.score()
    spoken.miss()
    assert spoken.answer.gaps == (GAP,)
    assert spoken.reports == [1, 2]
    spoken.miss()  # told twice
    assert spoken.reports == [1, 2]


def test_what_comes_after_a_decision_is_kept_beside_it(spoken: Spoken) -> None:
    spoken.hear()
    spoken.done()
    spoken.complete()
    spoken.score()
    spoken.decide(1)
    before = spoken.interview
    spoken.hear("and the batch fell to six minutes", at=20)
    spoken.miss()
    assert spoken.answer.spoken.endswith("six minutes")
    assert spoken.answer.gaps == (GAP,)
    assert spoken.answer.text == WORDS
    assert spoken.turn.evaluation == before.turns[0].evaluation
    assert (spoken.interview.state, spoken.interview.report_version) == (State.DECIDED, 1)


def typed(spoken: Spoken, text: str) -> None:
    spoken.take(spoken.rules.submit_answer(spoken.interview, spoken.turn.turn_id, text, Modality.TEXT, spoken.now))


def test_what_was_spoken_before_a_typed_answer_and_comes_late_is_added_to_it_and_scored(spoken: Spoken) -> None:
    spoken.hear()
    typed(spoken, f"{WORDS}. One more thing.")
    spoken.complete()
    spoken.score()
    spoken.hear("and the batch fell to six minutes", at=20)
    spoken.hear("in two weeks", at=40)
    whole = f"{WORDS}. One more thing. and the batch fell to six minutes in two weeks"
    assert spoken.answer.text == whole
    assert spoken.answer.original == f"{WORDS}. One more thing."
    assert spoken.answer.modality is Modality.TEXT
    spoken.score()
    assert spoken.answer.state is AnswerState.EVALUATED
    assert spoken.reports[-1] == spoken.interview.report_version > 1
    spoken.hear("in two weeks", at=40)  # told twice
    assert spoken.answer.text == whole


def test_a_passage_that_was_read_before_is_not_added_again_when_it_reads_differently(spoken: Spoken) -> None:
    spoken.hear()
    typed(spoken, f"{WORDS}. One more thing.")
    spoken.hear("I lead the migration of the ledger")
    assert spoken.answer.text == f"{WORDS}. One more thing."
    assert spoken.answer.spoken == "I lead the migration of the ledger"


def test_what_comes_after_a_correction_by_hand_is_kept_beside_it(spoken: Spoken) -> None:
    typed(spoken, "One more thing.")
    spoken.hear()
    turn = spoken.turn
    corrected = spoken.rules.revise_transcript(spoken.interview, turn.turn_id, "Mine.", 2, "", spoken.now)
    spoken.take(corrected)
    spoken.hear("and the batch fell to six minutes", at=20)
    assert [revision.text for revision in spoken.answer.revisions] == [
        "One more thing.",
        f"One more thing. {WORDS}",
        "Mine.",
    ]
    assert spoken.answer.spoken.endswith("six minutes")


@pytest.mark.parametrize("closed_by_typing_nothing", [True, False])
def test_who_was_cut_off_with_nothing_on_the_page_is_still_heard(
    spoken: Spoken, closed_by_typing_nothing: bool
) -> None:
    if closed_by_typing_nothing:
        spoken.done(Modality.TEXT)
    spoken.complete()
    spoken.hear()
    spoken.score()
    assert spoken.answer.text == WORDS
    assert spoken.answer.modality is Modality.VOICE
    assert spoken.answer.state is AnswerState.EVALUATED


def test_an_interview_whose_only_answer_is_owed_was_not_left(spoken: Spoken) -> None:
    spoken.done()
    assert spoken.interview.ends_at is not None
    unfinished = Spoken(replace(spoken.interview, asking_finished=False), spoken.flow)
    unfinished.take(unfinished.rules.time_up(unfinished.interview, spoken.interview.ends_at))
    assert unfinished.interview.state is State.IN_PROGRESS


def test_what_was_said_in_an_interview_that_was_left_is_kept(spoken: Spoken) -> None:
    assert spoken.interview.ends_at is not None
    spoken.take(spoken.rules.time_up(spoken.interview, spoken.interview.ends_at))
    assert spoken.interview.state is State.ABANDONED
    spoken.hear()
    assert spoken.answer.spoken == WORDS
    assert spoken.interview.state is State.ABANDONED


def test_nothing_is_kept_of_who_was_erased_or_took_the_consent_back(spoken: Spoken) -> None:
    spoken.done()
    spoken.complete()
    no = Consent(Purpose.TRANSCRIBE, False, "1", START)
    spoken.take(spoken.rules.record_consent(spoken.interview, [no], START))
    spoken.hear()
    assert spoken.answer.spoken == ""
    turn_id = spoken.turn.turn_id
    spoken.take(spoken.rules.erase(spoken.interview, UUID(int=1)))
    outcome = spoken.hearing.missed(spoken.interview, turn_id, GAP)
    assert not outcome.changed


def test_a_score_that_comes_after_the_consent_was_taken_back_is_none(spoken: Spoken) -> None:
    spoken.hear()
    spoken.done()
    consent = Consent(Purpose.AI_SCORING, granted=False, text_version="2026-11", recorded_at=spoken.now)
    spoken.take(spoken.rules.record_consent(spoken.interview, (consent,), spoken.now))
    spoken.score()
    assert spoken.turn.evaluation is not None
    assert {score.unscored for score in spoken.turn.evaluation.scores} == {Unscored.NO_CONSENT}
