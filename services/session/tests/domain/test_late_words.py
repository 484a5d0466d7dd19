"""The engine was away: words and gaps come late, in each state that an interview can be in by then."""

from dataclasses import replace
from uuid import UUID

import pytest
from viva_core.errors import Conflict, Refused
from viva_session.domain.consent import Consent, Purpose
from viva_session.domain.evaluation import Unscored
from viva_session.domain.interview import State
from viva_session.domain.outcome import TimerKind
from viva_session.domain.turn import AnswerState
from viva_testkit.spoken import GAP, START, WORDS, Spoken


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
