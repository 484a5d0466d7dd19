"""What of a model's text a candidate gets to see while it is being written."""

import itertools

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from viva_question_gen.domain.draft import Draft


def written(pieces: list[str]) -> tuple[list[str], Draft]:
    draft, shown = Draft(), []
    for piece in pieces:
        draft = draft.plus(piece)
        shown.append(draft.shown)
    return shown, draft


@pytest.mark.parametrize(
    ("raw", "question"),
    [
        ("How did you test it under load?", "How did you test it under load?"),
        ('"How did you test it under load?"', "How did you test it under load?"),
        ("Question: How did you test it under load?", "How did you test it under load?"),
        ("**Question 3:** How did you test it under load?", "How did you test it under load?"),
        ("How did you test it under load? This shows depth.", "How did you test it under load?"),
        ("How did you test it under load? And who helped?", "How did you test it under load?"),
        ("질문: 부하 시험은 어떻게 하셨나요?", "부하 시험은 어떻게 하셨나요?"),
        ("“부하 시험은 어떻게 진행하셨나요?”", "부하 시험은 어떻게 진행하셨나요?"),
        ("Tell me about it.", "Tell me about it."),
        ("Quality matters here: how do you keep it?", "Quality matters here: how do you keep it?"),
    ],
)
def test_what_surrounds_a_question_is_taken_off(raw: str, question: str) -> None:
    _, draft = written(list(raw))
    assert draft.text() == question


@given(st.lists(st.text(alphabet="Question: 질문\"'?.\n12abc ", min_size=1, max_size=6), max_size=30))
@example([".question **\n", "\n"])
@example(["question 3**", "\n\n", "."])
def test_what_is_shown_only_grows(pieces: list[str]) -> None:
    shown, _ = written(pieces)
    assert all(later.startswith(earlier) for earlier, later in itertools.pairwise(shown))


def test_a_label_is_never_shown() -> None:
    shown, _ = written(["Ques", "tion", ":", " Wh", "y did it fail in May?"])
    assert shown == ["", "", "", "Wh", "Why did it fail in May?"]


def test_a_finished_question_stays_as_it_is() -> None:
    draft = Draft("How did you test it under load?")
    assert draft.finished
    assert draft.plus(" Thank you?").shown == draft.shown
