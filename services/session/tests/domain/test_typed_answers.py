"""What was spoken of an answer that ends as text, whenever it is written down."""

import pytest
from viva_session.domain.turn import AnswerState, Modality
from viva_testkit.spoken import WORDS, Spoken


def typed(spoken: Spoken, text: str, seen: int | None = None) -> None:
    """`seen`: passages that the page had."""
    turn_id, now = spoken.turn.turn_id, spoken.now
    spoken.take(spoken.rules.submit_answer(spoken.interview, turn_id, text, Modality.TEXT, now, passages_seen=seen))


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


def test_what_came_between_the_last_look_and_the_sending_is_added_and_scored_once(spoken: Spoken) -> None:
    spoken.hear()
    spoken.hear("and the batch fell to six minutes", at=20)
    typed(spoken, f"{WORDS}. One more thing.", seen=1)
    whole = f"{WORDS}. One more thing. and the batch fell to six minutes"
    assert [revision.text for revision in spoken.answer.revisions] == [f"{WORDS}. One more thing.", whole]
    assert (spoken.answer.modality, spoken.answer.by_ear) == (Modality.TEXT, False)
    assert [request.revision for request in spoken.to_score] == [2]
    spoken.hear("in two weeks", at=40)  # later still
    assert spoken.answer.text == f"{whole} in two weeks"
    typed(spoken, f"{WORDS}. One more thing.", seen=1)  # sent twice
    assert spoken.answer.text == f"{whole} in two weeks"


def test_what_was_spoken_before_what_the_page_had_is_known_by_when_it_came(spoken: Spoken) -> None:
    spoken.hear("in two weeks", at=40)
    spoken.hear("and the batch fell to six minutes", at=20)
    spoken.hear(at=0)
    typed(spoken, "In two weeks.", seen=1)
    assert spoken.answer.text == f"In two weeks. {WORDS} and the batch fell to six minutes"


def test_a_passage_that_reads_differently_since_the_last_look_is_no_new_one(spoken: Spoken) -> None:
    spoken.hear()
    spoken.hear("and the batch fell to six minutes", at=20)
    spoken.hear("I lead the migration of the ledger")
    typed(spoken, f"{WORDS}.", seen=1)
    assert spoken.answer.text == f"{WORDS}. and the batch fell to six minutes"


@pytest.mark.parametrize("seen", [None, 2, 7])
def test_nothing_is_added_of_what_the_page_had_or_when_it_does_not_say(spoken: Spoken, seen: int | None) -> None:
    spoken.hear()
    spoken.hear("and the batch fell to six minutes", at=20)
    typed(spoken, "One more thing.", seen=seen)
    assert [revision.text for revision in spoken.answer.revisions] == ["One more thing."]
    assert [request.revision for request in spoken.to_score] == [1]


def test_an_answer_that_was_struck_out_holds_what_came_after_that(spoken: Spoken) -> None:
    spoken.hear()
    spoken.hear("and the batch fell to six minutes", at=20)
    typed(spoken, "", seen=1)
    assert spoken.answer.text == "and the batch fell to six minutes"
    assert not spoken.answer.by_ear


def test_what_is_heard_of_a_spoken_answer_is_in_it_once_whatever_the_page_had(spoken: Spoken) -> None:
    spoken.hear()
    turn_id, now = spoken.turn.turn_id, spoken.now
    spoken.take(spoken.rules.submit_answer(spoken.interview, turn_id, "", Modality.VOICE, now, passages_seen=0))
    assert [revision.text for revision in spoken.answer.revisions] == [WORDS]


def test_where_the_words_of_each_passage_are_is_told_in_the_order_in_which_they_came(spoken: Spoken) -> None:
    spoken.hear("in two weeks", at=40)
    spoken.hear(at=0)
    spoken.hear("in three weeks", at=40)
    words = [word.text for word in spoken.answer.words]
    assert [" ".join(words[place.start : place.stop]) for place in spoken.answer.passages] == ["in three weeks", WORDS]


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
