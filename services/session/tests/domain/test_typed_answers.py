"""What was spoken of an answer that ends as text, whenever it is written down."""

import pytest
from viva_session.domain.turn import AnswerState, Modality
from viva_testkit.spoken import WORDS, Spoken


def typed(spoken: Spoken, text: str, seen: int | None = None) -> None:
    """`seen`: passages that the page had."""
    turn_id, now = spoken.turn.turn_id, spoken.now
    spoken.take(spoken.rules.submit_answer(spoken.interview, turn_id, text, Modality.TEXT, now, passages_seen=seen))


def draft(spoken: Spoken, text: str, seen: int | None = None, revision: int = 1) -> None:
    """`seen`: passages that the page had when it was typed."""
    turn_id = spoken.turn.turn_id
    spoken.take(spoken.rules.save_draft(spoken.interview, turn_id, text, revision, passages_seen=seen))


def time_up(spoken: Spoken) -> None:
    assert spoken.interview.ends_at is not None
    spoken.take(spoken.rules.time_up(spoken.interview, spoken.interview.ends_at))


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


@pytest.mark.parametrize("complete", [False, True])
def test_a_draft_that_the_time_closes_takes_in_what_its_page_had_not_seen_once(spoken: Spoken, complete: bool) -> None:
    spoken.hear()
    spoken.hear("and the batch fell to six minutes", at=20)
    draft(spoken, f"{WORDS}. One more thing.", seen=1)
    if complete:
        spoken.complete()
    else:
        time_up(spoken)
    whole = f"{WORDS}. One more thing. and the batch fell to six minutes"
    assert [revision.text for revision in spoken.answer.revisions] == [f"{WORDS}. One more thing.", whole]
    assert [request.revision for request in spoken.to_score] == [2]
    spoken.hear("in two weeks", at=40)  # later still
    spoken.hear("and the batch fell to six minutes", at=20)  # told twice
    assert spoken.answer.text == f"{whole} in two weeks"


def test_a_draft_counts_as_it_was_kept_last(spoken: Spoken) -> None:
    spoken.hear()
    draft(spoken, "One more thing.", seen=0)
    draft(spoken, f"One more thing. {WORDS}", seen=1, revision=2)
    draft(spoken, "Overtaken.", seen=0, revision=1)
    time_up(spoken)
    assert [revision.text for revision in spoken.answer.revisions] == [f"One more thing. {WORDS}"]


def test_nothing_is_added_to_a_draft_whose_page_does_not_say_what_it_had(spoken: Spoken) -> None:
    spoken.hear()
    draft(spoken, "One more thing.")
    time_up(spoken)
    assert [revision.text for revision in spoken.answer.revisions] == ["One more thing."]


def test_what_was_struck_out_does_not_come_back_when_the_time_closes_the_answer(spoken: Spoken) -> None:
    spoken.hear()
    draft(spoken, "", seen=1)
    spoken.hear("and the batch fell to six minutes", at=20)
    silence = spoken.hearing.fell_silent(spoken.interview, spoken.turn.turn_id, spoken.now)
    assert silence.interview is spoken.interview
    time_up(spoken)
    assert spoken.answer.text == "and the batch fell to six minutes"
    assert spoken.answer.modality is Modality.TEXT


def test_a_page_on_which_nothing_was_typed_leaves_the_answer_to_the_ear(spoken: Spoken) -> None:
    draft(spoken, "", seen=0)
    spoken.hear()
    time_up(spoken)
    assert (spoken.answer.text, spoken.answer.modality) == (WORDS, Modality.VOICE)
