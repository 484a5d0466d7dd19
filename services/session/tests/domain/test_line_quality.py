"""How good the line of an answer was: what it says of the answer, and when it says nothing."""

from dataclasses import replace

from viva_session.domain.evaluation import Unscored
from viva_session.domain.interview import State
from viva_session.domain.line import LineFault
from viva_session.domain.turn import Modality
from viva_testkit.spoken import BAD, GOOD, SILENT, WORDS, Spoken


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
