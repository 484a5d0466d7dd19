"""What was spoken of an answer that ends as text, whenever it is written down."""

import pytest
from viva_session.domain.turn import AnswerState, Modality
from viva_testkit.spoken import WORDS, Spoken


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
